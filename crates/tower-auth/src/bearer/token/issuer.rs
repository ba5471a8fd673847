//! The issuer that a token names, before its signature is verified.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::json::{self, Text};

/// Returns the first `iss` of the claims. A second one refuses the token after its signature.
pub(super) fn peek(payload: &[u8]) -> Option<Cow<'_, str>> {
    let text = std::str::from_utf8(payload).ok()?;
    json::parse(text, Seed).ok().flatten()
}

struct Seed;

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Option<Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Seed {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut issuer = None;
        while let Some(name) = members.next_key_seed(Text)? {
            if name == "iss" && issuer.is_none() {
                issuer = Some(members.next_value_seed(Text)?);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(issuer)
    }
}
