//! JSON that says what the value says.

mod finite;

use serde::Serialize;
use serde::ser::Error as _;

/// Writes a value as JSON, and refuses a number that JSON cannot express.
///
/// `serde_json` writes `null` for a float that is infinite or not a number, wherever it stands in
/// the value: what is read back is then something else.
///
/// # Errors
/// The value cannot be written as JSON, or holds such a float.
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

/// Refuses a value that `text`, the JSON which `serde_json` wrote for it, does not express.
///
/// # Errors
/// The value holds a float that is infinite or not a number.
pub fn check<T: Serialize + ?Sized>(value: &T, text: &str) -> Result<(), serde_json::Error> {
    // Only what was written as null can be such a number, and most values hold none.
    if text.contains("null") && !finite::is_finite(value) {
        return Err(serde_json::Error::custom("a float is infinite or not a number"));
    }
    Ok(())
}
