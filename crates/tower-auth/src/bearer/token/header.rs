//! The token's header. Known members are checked, unknown ones ignored (JW-12).

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::Fault;
use super::json::{self, Names, Strict, Text};

pub(super) struct Header<'a> {
    pub(super) alg: Cow<'a, str>,
    pub(super) kid: Option<Cow<'a, str>>,
    pub(super) typ: Option<Cow<'a, str>>,
}

impl<'a> Header<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Fault> {
        let text = std::str::from_utf8(bytes).map_err(|_| Fault::Header)?;
        let found = json::parse(text, Seed).map_err(|_| Fault::Header)?;
        // The layer supports no extension, so every `crit` names an unsupported one (RFC 7515,
        // 4.1.11). A JWT's payload is always encoded (RFC 7797, 7).
        if found.critical {
            return Err(Fault::Critical);
        }
        let alg = found.alg.ok_or(Fault::Header)?;
        Ok(Self { alg, kid: found.kid, typ: found.typ })
    }
}

#[derive(Default)]
struct Found<'a> {
    alg: Option<Cow<'a, str>>,
    kid: Option<Cow<'a, str>>,
    typ: Option<Cow<'a, str>>,
    critical: bool,
}

struct Seed;

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Found<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Seed {
    type Value = Found<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Found<'de>, A::Error> {
        let mut found = Found::default();
        let mut names = Names::new();
        while let Some(name) = members.next_key_seed(Text)? {
            match &*name {
                "alg" => found.alg = Some(members.next_value_seed(Text)?),
                "kid" => found.kid = Some(members.next_value_seed(Text)?),
                "typ" => found.typ = Some(members.next_value_seed(Text)?),
                "crit" | "b64" => {
                    found.critical = true;
                    members.next_value_seed(Strict::MEMBER)?;
                }
                // This includes `jwk`, `jku`, `x5u` and `x5c`: keys come only from the
                // configuration.
                _ => members.next_value_seed(Strict::MEMBER)?,
            }
            names.push(name);
        }
        names.unique()?;
        Ok(found)
    }
}
