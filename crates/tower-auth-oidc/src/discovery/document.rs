//! The JSON of a discovery document: no member appears twice, and nothing follows.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserializer as _, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::error::Category;

/// The members of a document that this crate reads, in the order of [`Members`].
pub(super) const NAMES: [&str; 11] = [
    "issuer",
    "jwks_uri",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "introspection_endpoint",
    "revocation_endpoint",
    "end_session_endpoint",
    "registration_endpoint",
    "device_authorization_endpoint",
    "pushed_authorization_request_endpoint",
];

/// The values of the members in [`NAMES`].
pub(super) type Members = [Option<String>; NAMES.len()];

/// Reads the members of a document. The error describes the problem.
pub(super) fn read(text: &str) -> Result<Members, String> {
    match text.trim_start().chars().next() {
        Some('<') => {
            return Err("is HTML or XML, not a discovery document: check the address".into());
        }
        Some('{') | None => {}
        // The JSON reader's own message would repeat the whole text.
        Some(_) => return Err("is not a JSON object: check the address".into()),
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let members = json.deserialize_map(Document).and_then(|members| json.end().map(|()| members));
    members.map_err(|error| {
        let at = format!("line {}, column {}", error.line(), error.column());
        match error.classify() {
            // The text is this file's: an object has no other fault of this kind.
            Category::Data => format!("is not a valid discovery document: {error}"),
            Category::Eof => format!("is truncated ({at})"),
            Category::Syntax | Category::Io => format!("is not valid JSON ({at})"),
        }
    })
}

struct Document;

impl<'de> Visitor<'de> for Document {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Members::default();
        let mut seen = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            match NAMES.iter().position(|it| *it == name) {
                None => drop(map.next_value::<IgnoredAny>()?),
                Some(at) => match map.next_value::<Value>()? {
                    Value::String(value) => members[at] = Some(value),
                    // Some providers write null for what they do not have.
                    Value::Null => {}
                    _ => return Err(A::Error::custom(format!("{:?} is not a string", NAMES[at]))),
                },
            }
            if !seen.insert(name) {
                return Err(A::Error::custom("a member appears twice"));
            }
        }
        Ok(members)
    }
}
