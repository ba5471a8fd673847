//! The claims, read in one pass; what is read must be of its type, what is not is ignored (JW-25).

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use tower_auth_core::Timestamp;

use super::date::Date;
use super::json::{self, Names, Strict, Text};
use super::strings::{OneOf, Strings};
use super::{Fault, Rules};

#[derive(Default)]
pub(super) struct Payload<'a> {
    /// Whether it is the issuer; `None` where the claim is absent.
    pub(super) issuer: Option<bool>,
    /// Whether it is one of the audiences.
    pub(super) audience: Option<bool>,
    pub(super) sub: Option<Cow<'a, str>>,
    pub(super) exp: Option<Timestamp>,
    pub(super) nbf: Option<Timestamp>,
    pub(super) iat: Option<Timestamp>,
    pub(super) auth_time: Option<Timestamp>,
    pub(super) acr: Option<Cow<'a, str>>,
    pub(super) amr: Vec<Cow<'a, str>>,
    pub(super) scope: Option<Cow<'a, str>>,
    pub(super) scp: Vec<Cow<'a, str>>,
    pub(super) roles: Vec<Cow<'a, str>>,
    pub(super) jti: bool,
    pub(super) client_id: bool,
    /// It has `cnf`.
    pub(super) bound: bool,
    /// It has a claim that only ID tokens or security events have.
    pub(super) other_kind: bool,
    /// It has claims of the application's own.
    pub(super) others: bool,
}

/// The claims that have a meaning of their own; none of them can be the roles'.
pub(in crate::bearer) const READ: [&str; 17] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "client_id",
    "scope",
    "scp",
    "acr",
    "amr",
    "auth_time",
    "cnf",
    "at_hash",
    "c_hash",
    "events",
];

impl<'a> Payload<'a> {
    pub(super) fn parse(json: &'a str, rules: &Rules) -> Result<Self, Fault> {
        json::parse(json, Seed(rules)).map_err(|_| Fault::Payload)
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
                "iss" => {
                    found.issuer = Some(members.next_value_seed(Text)? == self.0.issuer.as_str());
                }
                "aud" => {
                    found.audience = Some(members.next_value_seed(OneOf(&self.0.audiences))?);
                }
                "sub" => found.sub = Some(members.next_value_seed(Text)?),
                "exp" => found.exp = Some(members.next_value_seed(Date)?),
                "nbf" => found.nbf = Some(members.next_value_seed(Date)?),
                "iat" => found.iat = Some(members.next_value_seed(Date)?),
                "auth_time" => found.auth_time = Some(members.next_value_seed(Date)?),
                "acr" => found.acr = Some(members.next_value_seed(Text)?),
                "amr" => found.amr = members.next_value_seed(Strings::Array)?,
                "scope" => found.scope = Some(members.next_value_seed(Text)?),
                "scp" => found.scp = members.next_value_seed(Strings::OrSpaced)?,
                "jti" => {
                    members.next_value_seed(Text)?;
                    found.jti = true;
                }
                "client_id" => {
                    members.next_value_seed(Text)?;
                    found.client_id = true;
                }
                "cnf" => {
                    members.next_value_seed(Strict::MEMBER)?;
                    found.bound = true;
                }
                // OpenID Connect Core, 3.1.3.6 and 3.3.2.11; security events, RFC 8417, 2.2: a
                // logout token is one.
                "at_hash" | "c_hash" | "events" => {
                    members.next_value_seed(Strict::MEMBER)?;
                    found.other_kind = true;
                }
                roles if roles == self.0.roles_claim => {
                    found.roles = members.next_value_seed(Strings::OrOne)?;
                }
                _ => {
                    members.next_value_seed(Strict::MEMBER)?;
                    found.others = true;
                }
            }
            names.push(name);
        }
        names.unique()?;
        Ok(found)
    }
}
