//! The content of a discovery document.

use super::document::{self, Members, NAMES};
use crate::error::{ProviderError, ProviderErrorKind};
use crate::shown::shown;

/// The addresses that a provider names in its discovery document.
///
/// [`Provider`](crate::Provider) fetches the document and checks that it is the one of the issuer.
/// The addresses are as the document spells them, and are not checked: before this crate itself uses
/// one, it applies the [rules for addresses](crate#addresses).
///
/// ```
/// use tower_auth_oidc::ProviderMetadata;
///
/// let json = r#"{"issuer": "https://id.example", "jwks_uri": "https://id.example/keys",
///     "token_endpoint": "https://id.example/token"}"#;
/// let metadata = ProviderMetadata::from_json(json, "https://id.example")?;
/// assert_eq!(metadata.token_endpoint(), Some("https://id.example/token"));
/// assert!(ProviderMetadata::from_json(json, "https://id.example/").is_err());
/// # Ok::<_, tower_auth_oidc::ProviderError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ProviderMetadata {
    issuer: String,
    members: Members,
}

impl ProviderMetadata {
    /// Reads the document of `issuer`.
    ///
    /// # Errors
    /// Fails if the text is not one JSON object, if a member appears twice, or if an address is not a
    /// string.
    ///
    /// Also fails if the document's `issuer` is not exactly `issuer` (OpenID Connect Discovery 1.0,
    /// 4.3; RFC 8414, 3.3).
    pub fn from_json(json: &str, issuer: &str) -> Result<Self, ProviderError> {
        Self::read(json, issuer, "the discovery document")
    }

    /// The same; `from` names the document in errors.
    pub(super) fn read(json: &str, issuer: &str, from: &str) -> Result<Self, ProviderError> {
        let refused = |problem: String| {
            ProviderError::new(ProviderErrorKind::Document, format!("{from}: {problem}"))
        };
        let mut members = document::read(json).map_err(refused)?;
        match members[0].take() {
            Some(theirs) if theirs == issuer => Ok(Self { issuer: theirs, members }),
            Some(theirs) => Err(refused(format!(
                "the document is that of the issuer {}, not of {}: configure the issuer exactly as \
                 the document spells it, if it is the right one",
                shown(&theirs),
                shown(issuer)
            ))),
            None => Err(refused("the document has no \"issuer\": check the address".into())),
        }
    }

    /// Returns the issuer, exactly as tokens have it in `iss`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    fn member(&self, name: &str) -> Option<&str> {
        let at = NAMES.iter().position(|it| *it == name)?;
        self.members[at].as_deref()
    }
}

macro_rules! addresses {
    ($($name:ident, $text:literal;)+) => {
        impl ProviderMetadata {
            $(
                #[doc = concat!("Returns the address of ", $text, ".")]
                #[must_use]
                pub fn $name(&self) -> Option<&str> {
                    self.member(stringify!($name))
                }
            )+
        }
    };
}

addresses! {
    jwks_uri, "the keys that sign tokens";
    authorization_endpoint, "the page at which users log in";
    token_endpoint, "the endpoint that issues tokens";
    userinfo_endpoint, "the endpoint that returns claims about a user";
    introspection_endpoint, "the endpoint that reports whether a token is active";
    revocation_endpoint, "the endpoint that revokes tokens";
    end_session_endpoint, "the page at which users log out";
    registration_endpoint, "the endpoint that registers clients";
    device_authorization_endpoint, "the endpoint that starts a login on another device";
    pushed_authorization_request_endpoint, "the endpoint that takes authorization requests in advance";
}
