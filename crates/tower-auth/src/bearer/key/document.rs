//! The JSON document that holds keys, and the diagnosis if the text is something else.

use serde_json::Value;
use serde_json::error::Category;

use crate::bearer::token::json;

pub(super) fn parse(text: &str) -> Result<Value, String> {
    if text.starts_with('\u{feff}') {
        return Err("begins with a byte order mark (BOM): save it as UTF-8 without one".into());
    }
    let trimmed = text.trim_start();
    if trimmed.is_empty() {
        return Err("is empty".into());
    }
    if trimmed.starts_with('<') {
        return Err(
            "is HTML or XML, possibly an error page: it was fetched from the wrong address, \
                    or the provider did not answer with its keys"
                .into(),
        );
    }
    if trimmed.starts_with("-----BEGIN") {
        return Err("is PEM: pass it to .key(Key::from_pem(…))".into());
    }
    json::check(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        match error.classify() {
            Category::Data => {
                format!(
                    "has a duplicate member, or nests too deeply (line {line}, column {column})"
                )
            }
            Category::Eof => format!("is truncated (line {line}, column {column})"),
            _ => format!("is not valid JSON (line {line}, column {column})"),
        }
    })?;
    serde_json::from_str(text).map_err(|_| "is not valid JSON".into())
}

/// Returns the keys of a JWK set.
pub(super) fn keys(text: &str) -> Result<Vec<Value>, String> {
    let needed = "a JSON object with an array \"keys\" is required";
    let what = match parse(text)? {
        Value::Object(mut members) => match members.remove("keys") {
            Some(Value::Array(keys)) => return Ok(keys),
            Some(_) => "has \"keys\" that are not an array",
            None if members.contains_key("kty") => {
                return Err("is one key, not a JWK set: pass it to .key(Key::from_jwk(…))".into());
            }
            None if members.contains_key("jwks_uri") => {
                return Err(
                    "is the provider's metadata: fetch the set from its \"jwks_uri\"".into()
                );
            }
            None => "is not a JWK set",
        },
        Value::Array(_) => "is an array, not a JWK set",
        _ => "is not a JWK set",
    };
    Err(format!("{what}: {needed}"))
}
