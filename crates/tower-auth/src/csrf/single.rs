//! Headers that may occur once.

use http::header::{HeaderMap, HeaderName};

/// Returns the single value of a header. Fails if there are several values, or if the value is not
/// text.
pub(super) fn single(headers: &HeaderMap, name: HeaderName) -> Result<Option<&str>, ()> {
    let mut lines = headers.get_all(name).iter();
    match (lines.next(), lines.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(drop),
        (Some(_), Some(_)) => Err(()),
    }
}
