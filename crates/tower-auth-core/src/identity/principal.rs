//! The stable name of a user or a client: issuer and subject.

/// An issuer, a subject that is unique at that issuer, and whether the subject is a client.
///
/// A subject alone does not identify anyone: two issuers may use the same subject for two people
/// (ASVS 10.3.3). The local application is an issuer like any other. [`Principal::local`] uses a
/// placeholder for the application's name, until a layer that knows the name fills it in
/// (`Settings::issuer`).
///
/// A user and an OAuth client are two principals, even if their names are equal. An issuer may
/// assign subjects and client ids independently, so a client could otherwise choose the name of a
/// user (RFC 9068, 5). [`Principal::client`] names a client, and every other constructor a user.
///
/// ```
/// # use tower_auth_core as tower_auth;
/// use tower_auth::Principal;
///
/// let here = Principal::local("alice");
/// let there = Principal::new("https://id.example", "alice");
/// assert!(here != there);
/// assert!(there != Principal::client("https://id.example", "alice"));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    /// The party that vouches for the subject.
    pub issuer: String,
    /// The subject. The issuer never assigns it to another principal.
    pub subject: String,
    /// Whether the subject is an OAuth client that acts for itself, and not a user.
    pub is_client: bool,
}

// `Debug` hides the fields: issuer and subject may identify a person.
crate::opaque_debug!(Principal, "Principal");

impl Principal {
    /// The issuer of an application that has not configured a name.
    pub const LOCAL_ISSUER: &'static str = "local";

    /// Creates the user `subject` of `issuer`.
    pub fn new(issuer: impl Into<String>, subject: impl Into<String>) -> Self {
        Self { issuer: issuer.into(), subject: subject.into(), is_client: false }
    }

    /// Creates the client `client_id` of `issuer`, which acts for itself.
    pub fn client(issuer: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self { is_client: true, ..Self::new(issuer, client_id) }
    }

    /// Creates a user of this application.
    pub fn local(subject: impl Into<String>) -> Self {
        Self::new(Self::LOCAL_ISSUER, subject)
    }
}
