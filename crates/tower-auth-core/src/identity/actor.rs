//! The actors of a delegation.

/// A party that acts for the principal (`act`, RFC 8693, 4.1).
///
/// ```
/// # use tower_auth_core as tower_auth;
/// use tower_auth::Actor;
///
/// let actor = Actor::new("gateway").issuer("https://id.example");
/// assert_eq!((actor.issuer, actor.subject), (Some("https://id.example"), "gateway"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Actor<'a> {
    /// The party that vouches for the subject, if the token names one.
    pub issuer: Option<&'a str>,
    /// The subject. It is unique only together with the issuer.
    pub subject: &'a str,
}

impl<'a> Actor<'a> {
    /// Creates an actor without an issuer of its own.
    #[must_use]
    pub const fn new(subject: &'a str) -> Self {
        Self { issuer: None, subject }
    }

    /// Sets the issuer. An empty one counts as none.
    #[must_use]
    pub const fn issuer(self, issuer: &'a str) -> Self {
        Self { issuer: if issuer.is_empty() { None } else { Some(issuer) }, ..self }
    }
}

// `Debug` hides both fields: either may identify a person.
crate::opaque_debug!(Actor<'_>, "Actor");
