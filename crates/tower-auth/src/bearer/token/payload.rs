//! The claims, read in one pass. Claims that trust depends on must have the right type. Claims that
//! are only passed on count as absent if they do not. All others are ignored (JW-25).

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use tower_auth_core::Timestamp;

use super::actors::ActorClaim;
use super::claim_rules::ClaimRules;
use super::date::Date;
use super::fault::Fault;
use super::json::{self, Names, Strict, Text};
use super::kind::{self, Says};
use super::rules::Rules;
use super::shape::{Any, Shape};
use super::strings::OneOf;

#[derive(Default)]
pub(super) struct Payload<'a> {
    pub(super) issuer: Option<Cow<'a, str>>,
    /// Whether the claim of the audience names one of the issuer's audiences; `None` if the claim
    /// is absent.
    pub(super) audience: Option<bool>,
    pub(super) sub: Option<Cow<'a, str>>,
    /// The claim that holds the subject in the place of `sub`.
    pub(super) other_subject: Option<Cow<'a, str>>,
    /// `client_id`, or the claim that the settings name.
    pub(super) client_id: Option<Cow<'a, str>>,
    pub(super) azp: Option<Cow<'a, str>>,
    /// The actors of a delegation, with the current one last.
    pub(super) actors: Vec<ActorClaim<'a>>,
    pub(super) exp: Option<Timestamp>,
    pub(super) nbf: Option<Timestamp>,
    pub(super) iat: Option<Timestamp>,
    pub(super) auth_time: Option<Timestamp>,
    pub(super) acr: Option<Cow<'a, str>>,
    pub(super) amr: Vec<Cow<'a, str>>,
    pub(super) scope: Scopes<'a>,
    pub(super) scp: Scopes<'a>,
    /// The scopes at the location that the settings name.
    pub(super) other_scopes: Scopes<'a>,
    /// Whether `scope` is an array, which RFC 9068 does not allow.
    pub(super) scope_is_array: bool,
    pub(super) roles: Vec<Cow<'a, str>>,
    /// Whether the claim that holds the roles is present, with any value.
    pub(super) has_roles: bool,
    pub(super) jti: bool,
    /// Whether the token has `client_id`.
    pub(super) has_client_id: bool,
    /// Whether the token has `cnf`.
    pub(super) bound: bool,
    /// Whether a claim marks an access token.
    pub(super) access: bool,
    /// Whether a claim marks an ID token.
    pub(super) id: bool,
    /// Whether a claim marks another kind of token, or a security event.
    pub(super) other_kind: bool,
    /// Whether the token has the nonce of a login.
    pub(super) has_nonce: bool,
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

/// Returns `true` if the layer reads the claim for a purpose of its own.
pub(in crate::bearer) fn has_meaning(name: &str) -> bool {
    const READ: [&str; 22] = [
        "act",
        "nonce",
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

    /// Returns the scopes at the location that the settings name.
    pub(super) fn scopes(&self, claims: &ClaimRules) -> &Scopes<'a> {
        match claims.scopes.as_ref().map(|scopes| &*scopes.claim) {
            Some("scope") => &self.scope,
            Some("scp") => &self.scp,
            Some(_) => &self.other_scopes,
            // Some issuers write both, one of them empty.
            None if self.scope.is_empty() => &self.scp,
            None => &self.scope,
        }
    }

    /// Returns `true` if the token has the claims that RFC 9068, 2.2 requires beyond those that
    /// every token must have.
    pub(super) fn keeps_to_rfc_9068(&self) -> bool {
        self.sub.is_some()
            && self.has_client_id
            && self.jti
            && self.iat.is_some()
            && !self.scope_is_array
    }

    /// Returns the client to which the token was issued.
    pub(super) fn client(&self) -> Option<&str> {
        let clients = [&self.client_id, &self.azp];
        clients.into_iter().flatten().map(|it| &**it).find(|it| !it.is_empty())
    }

    /// Returns `true` if `sub` names the client to which the token was issued.
    pub(super) fn is_about_its_client(&self) -> bool {
        let clients = [&self.client_id, &self.azp];
        self.sub.as_ref().is_some_and(|sub| {
            !sub.is_empty() && clients.into_iter().flatten().any(|client| client == sub)
        })
    }

    fn roles(&mut self, shape: Shape<'a>) {
        self.has_roles = !matches!(shape, Shape::Nowhere);
        self.roles = shape.list_or_one();
    }

    fn note(&mut self, says: Says) {
        self.access |= says == Says::Access;
        self.id |= says == Says::Id;
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
        let Self(rules) = self;
        let claims = &rules.claims;
        let mut found = Payload::default();
        let mut names = Names::new();
        while let Some(name) = members.next_key_seed(Text)? {
            match &*name {
                "iss" => found.issuer = Some(members.next_value_seed(Text)?),
                "sub" => found.sub = Some(members.next_value_seed(Text)?),
                "exp" => found.exp = Some(members.next_value_seed(Date)?),
                "nbf" => found.nbf = Some(members.next_value_seed(Date)?),
                "iat" => found.iat = Some(members.next_value_seed(Date)?),
                "auth_time" => found.auth_time = members.next_value_seed(Any::MEMBER)?.moment(),
                "acr" => found.acr = members.next_value_seed(Any::MEMBER)?.text(),
                "amr" => found.amr = members.next_value_seed(Any::MEMBER)?.list(),
                "act" => found.actors = members.next_value_seed(Any::ACTORS)?.actors(),
                "scope" => {
                    let shape = members.next_value_seed(Any::items(&claims.scope_items))?;
                    found.scope_is_array = matches!(shape, Shape::List(_) | Shape::Mixed);
                    found.scope = shape.into();
                }
                "scp" => {
                    found.scp = members.next_value_seed(Any::items(&claims.scope_items))?.into();
                }
                "jti" => {
                    members.next_value_seed(Text)?;
                    found.jti = true;
                }
                "sid" => drop(members.next_value_seed(Text)?),
                client if is_client(client) || claims.names_client(client) => {
                    let value = members.next_value_seed(Text)?;
                    // One claim may name both the client and the audience.
                    if client == claims.audience {
                        found.audience = Some(rules.audiences.iter().any(|it| *it == value));
                    }
                    found.has_client_id |= client == "client_id";
                    if claims.names_client(client) {
                        match client {
                            "azp" => found.azp = Some(value),
                            _ => found.client_id = Some(value),
                        }
                    }
                }
                audience if audience == claims.audience => {
                    found.audience = Some(members.next_value_seed(OneOf(&rules.audiences))?);
                }
                "cnf" => {
                    members.next_value_seed(Strict::MEMBER)?;
                    found.bound = true;
                }
                // OpenID Connect Core, 3.1.3.6 and 3.3.2.11; FAPI 1.0, part 2, 5.1.
                "at_hash" | "c_hash" | "s_hash" => {
                    let shape = members.next_value_seed(Any::MEMBER)?;
                    found.hashes |= !matches!(shape, Shape::Null);
                }
                "nonce" => {
                    let shape = members.next_value_seed(Any::MEMBER)?;
                    found.has_nonce = !matches!(shape, Shape::Null);
                }
                // Security events (RFC 8417, 2.2), such as logout tokens.
                "events" => {
                    let shape = members.next_value_seed(Any::MEMBER)?;
                    found.other_kind |= matches!(shape, Shape::Object);
                }
                both if claims.holds_roles(both) && claims.holds_scopes(both) => {
                    let raw = members.next_value::<&RawValue>()?.get();
                    found.roles(json::parse(raw, Any::list(&claims.roles)).map_err(Error::custom)?);
                    if let Some(scopes) = &claims.scopes {
                        let shape = json::parse(raw, Any::list(scopes)).map_err(Error::custom)?;
                        found.other_scopes = shape.into();
                    }
                }
                roles if claims.holds_roles(roles) => {
                    found.roles(members.next_value_seed(Any::list(&claims.roles))?);
                }
                other => match (&claims.scopes, kind::claim(other)) {
                    (_, Some(kind)) => found.note(kind.read(&mut members)?),
                    (Some(scopes), _) if scopes.claim == other => {
                        found.other_scopes = members.next_value_seed(Any::list(scopes))?.into();
                    }
                    _ if claims.subject.as_deref() == Some(other) => {
                        found.other_subject = Some(members.next_value_seed(Text)?);
                    }
                    _ => members.next_value_seed(Strict::MEMBER)?,
                },
            }
            names.push(name);
        }
        names.unique()?;
        Ok(found)
    }
}

/// Returns `true` for the registered claims that name a client.
fn is_client(claim: &str) -> bool {
    claim == "client_id" || claim == "azp"
}
