//! JSON serialization that refuses values which JSON cannot express.

mod finite;

use serde::Serialize;
use serde::ser::Error as _;

/// Serializes a value as JSON, and refuses numbers that JSON cannot express.
///
/// `serde_json` writes `null` for every float that is infinite or not a number. The value that is
/// read back then differs from the value that was written.
///
/// # Errors
/// Fails if the value cannot be written as JSON, or holds such a float.
///
/// ```
/// # use tower_auth_core::json;
/// assert_eq!(json::to_string(&[Some(1.5), None])?, "[1.5,null]");
/// assert!(json::to_string(&[Some(f64::NAN), None]).is_err());
/// # Ok::<_, serde_json::Error>(())
/// ```
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, serde_json::Error> {
    let text = serde_json::to_string(value)?;
    check(value, &text)?;
    Ok(text)
}

/// Refuses a value that `text`, its JSON as written by `serde_json`, does not express.
///
/// # Errors
/// Fails if the value holds a float that is infinite or not a number.
pub fn check<T: Serialize + ?Sized>(value: &T, text: &str) -> Result<(), serde_json::Error> {
    // Such a float is always written as `null`, and the JSON of most values contains no `null`.
    if text.contains("null") && !finite::is_finite(value) {
        return Err(serde_json::Error::custom("a float is infinite or not a number"));
    }
    Ok(())
}
