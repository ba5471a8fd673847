//! The values that a setting compares with a claim.

/// A value that [`require_claim`](super::BearerJwtLayerBuilder::require_claim),
/// [`refuse_claim`](super::BearerJwtLayerBuilder::refuse_claim) and
/// [`access_token_claim`](super::BearerJwtLayerBuilder::access_token_claim) compare with a claim.
///
/// Strings, `bool`s and `i64`s convert into this type.
///
/// ```
/// use tower_auth::bearer::ClaimValue;
///
/// assert_eq!(ClaimValue::from("web"), ClaimValue::Text("web".into()));
/// assert_eq!(ClaimValue::from(true), ClaimValue::Bool(true));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClaimValue {
    /// Any value except null.
    Any,
    /// This string.
    Text(String),
    /// This boolean.
    Bool(bool),
    /// This integer.
    Number(i64),
}

impl From<&str> for ClaimValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for ClaimValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for ClaimValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for ClaimValue {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}
