//! One value of the application, as JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tower_auth_core::json;

use crate::session::error::SessionError;

pub(in crate::session) fn decode<T: DeserializeOwned>(
    key: &str,
    raw: &RawValue,
) -> Result<T, SessionError> {
    serde_json::from_str(raw.get()).map_err(|_| SessionError::Decode { key: key.into() })
}

pub(in crate::session) fn encode<T: Serialize + ?Sized>(
    key: &str,
    value: &T,
) -> Result<Box<RawValue>, SessionError> {
    let refused = |_| SessionError::Encode { key: key.into() };
    let raw = serde_json::value::to_raw_value(value).map_err(refused)?;
    json::check(value, raw.get()).map_err(refused)?;
    Ok(raw)
}
