//! The claims, read in one pass. Claims that trust depends on must have the right type. Claims that
//! are only passed on count as absent if they do not. All others are ignored (JW-25).

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use tower_auth_core::Timestamp;

use super::date::Date;
use super::fault::Fault;
use super::json::{self, Names, Strict, Text};
use super::kind::{self, Says};
use super::rules::{Roles, Rules};
use super::shape::{Any, Shape};
use super::strings::OneOf;

#[derive(Default)]
pub(super) struct Payload<'a> {
    pub(super) issuer: Option<Cow<'a, str>>,
    /// Whether `aud` names one of the layer's audiences; `None` if the claim is absent.
    pub(super) audience: Option<bool>,
    pub(super) sub: Option<Cow<'a, str>>,
    pub(super) exp: Option<Timestamp>,
    pub(super) nbf: Option<Timestamp>,
    pub(super) iat: Option<Timestamp>,
    pub(super) auth_time: Option<Timestamp>,
    pub(super) acr: Option<Cow<'a, str>>,
    pub(super) amr: Vec<Cow<'a, str>>,
    pub(super) scope: Scopes<'a>,
    pub(super) scp: Scopes<'a>,
    /// Whether `scope` is an array, which RFC 9068 does not allow.
    pub(super) scope_is_array: bool,
    pub(super) roles: Vec<Cow<'a, str>>,
    /// Whether the claim that holds the roles is present, with any value.
    pub(super) has_roles: bool,
    pub(super) jti: bool,
    pub(super) client_id: bool,
    /// Whether the token has `cnf`.
    pub(super) bound: bool,
    /// Whether a claim marks an access token.
    pub(super) access: bool,
    /// Whether a claim marks another kind of token, or a security event.
    pub(super) other_kind: bool,
    /// Whether the token has a hash that only ID tokens have.
    pub(super) hashes: bool,
}

/// The scopes of a token, as one string or as an array.
#[derive(Default)]
pub(super) enum Scopes<'a> {
    #[default]
    None,
    Spaced(Cow<'a, str>),
    List(Vec<Cow<'a, str>>),
}

impl<'a> From<Shape<'a>> for Scopes<'a> {
    fn from(shape: Shape<'a>) -> Self {
        match shape {
            Shape::Text(text) => Self::Spaced(text),
            Shape::List(list) => Self::List(list),
            _ => Self::None,
        }
    }
}

impl Scopes<'_> {
    pub(super) fn is_empty(&self) -> bool {
        let is_blank = |text: &Cow<'_, str>| text.bytes().all(|byte| byte == b' ');
        match self {
            Self::None => true,
            Self::Spaced(text) => is_blank(text),
            Self::List(list) => list.iter().all(is_blank),
        }
    }
}

/// Returns `true` if the layer reads the claim for another purpose, so it cannot hold roles.
pub(in crate::bearer) fn has_meaning(name: &str) -> bool {
    const READ: [&str; 20] = [
        "iss",
        "sub",
        "aud",
        "exp",
        "nbf",
        "iat",
        "jti",
        "sid",
        "azp",
        "client_id",
        "scope",
        "scp",
        "acr",
        "amr",
        "auth_time",
        "cnf",
        "at_hash",
        "c_hash",
        "s_hash",
        "events",
    ];
    READ.contains(&name) || kind::claim(name).is_some()
}

impl<'a> Payload<'a> {
    pub(super) fn parse(json: &'a str, rules: &Rules) -> Result<Self, Fault> {
        json::parse(json, Seed(rules)).map_err(|_| Fault::Payload)
    }

    pub(super) fn has_scopes(&self) -> bool {
        !(self.scope.is_empty() && self.scp.is_empty())
    }

    /// Returns `true` if the token has the claims that RFC 9068, 2.2 requires beyond those that
    /// every token must have.
    pub(super) fn keeps_to_rfc_9068(&self) -> bool {
        self.client_id && self.jti && self.iat.is_some() && !self.scope_is_array
    }

    fn note(&mut self, says: Says) {
        self.access |= says == Says::Access;
        self.other_kind |= says == Says::Other;
    }
}

struct Seed<'r>(&'r Rules);

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Payload<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Payload<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Payload<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Payload<'de>, A::Error> {
        let mut found = Payload::default();
        let mut names = Names::new();
        while let Some(name) = members.next_key_seed(Text)? {
            match &*name {
                "iss" => found.issuer = Some(members.next_value_seed(Text)?),
                "aud" => {
                    found.audience = Some(members.next_value_seed(OneOf(&self.0.audiences))?);
                }
                "sub" => found.sub = Some(members.next_value_seed(Text)?),
                "exp" => found.exp = Some(members.next_value_seed(Date)?),
                "nbf" => found.nbf = Some(members.next_value_seed(Date)?),
                "iat" => found.iat = Some(members.next_value_seed(Date)?),
                "auth_time" => found.auth_time = members.next_value_seed(Any::MEMBER)?.moment(),
                "acr" => found.acr = members.next_value_seed(Any::MEMBER)?.text(),
                "amr" => found.amr = members.next_value_seed(Any::MEMBER)?.list(),
                "scope" => {
                    let shape = members.next_value_seed(Any::MEMBER)?;
                    found.scope_is_array = matches!(shape, Shape::List(_) | Shape::Mixed);
                    found.scope = shape.into();
                }
                "scp" => found.scp = members.next_value_seed(Any::MEMBER)?.into(),
                "jti" => {
                    members.next_value_seed(Text)?;
                    found.jti = true;
                }
                "client_id" => {
                    members.next_value_seed(Text)?;
                    found.client_id = true;
                }
                "sid" | "azp" => drop(members.next_value_seed(Text)?),
                "cnf" => {
                    members.next_value_seed(Strict::MEMBER)?;
                    found.bound = true;
                }
                // OpenID Connect Core, 3.1.3.6 and 3.3.2.11; FAPI 1.0, part 2, 5.1.
                "at_hash" | "c_hash" | "s_hash" => {
                    let shape = members.next_value_seed(Any::MEMBER)?;
                    found.hashes |= !matches!(shape, Shape::Null);
                }
                // Security events (RFC 8417, 2.2), such as logout tokens.
                "events" => {
                    let shape = members.next_value_seed(Any::MEMBER)?;
                    found.other_kind |= matches!(shape, Shape::Object);
                }
                roles if roles == self.0.roles.claim => {
                    let Roles { below, names, .. } = &self.0.roles;
                    let shape = members.next_value_seed(Any::at(below, *names))?;
                    found.has_roles = !matches!(shape, Shape::Nowhere);
                    found.roles = shape.list_or_one();
                }
                other => match kind::claim(other) {
                    Some(kind) => found.note(kind.read(&mut members)?),
                    None => members.next_value_seed(Strict::MEMBER)?,
                },
            }
            names.push(name);
        }
        names.unique()?;
        Ok(found)
    }
}
