//! The errors of building a stack.

use std::fmt;

#[cfg(feature = "_bearer")]
use crate::bearer;
#[cfg(feature = "refresh")]
use crate::refresh;
#[cfg(feature = "require")]
use crate::require;
#[cfg(feature = "session")]
use crate::session;
use crate::{cookie, csrf};

/// The reason why an [`AuthStack`](super::AuthStack) could not be built.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StackConfigError {
    /// A setting of `.cookies`.
    Cookies(cookie::CookieConfigError),
    /// A setting of `.csrf`.
    Csrf(csrf::CsrfConfigError),
    /// A setting of `.refresh`.
    #[cfg(feature = "refresh")]
    Refresh(refresh::RefreshConfigError),
    /// A setting of `.session`.
    #[cfg(feature = "session")]
    Session(session::SessionConfigError),
    /// A setting of `.bearer`.
    #[cfg(feature = "_bearer")]
    Bearer(bearer::BearerConfigError),
    /// A setting of `.require`.
    #[cfg(feature = "require")]
    Require(require::RequireConfigError),
    /// Two layers would prove identities of one application under two issuers: a user's session and
    /// token would be two principals.
    Issuer {
        /// The setter that added the layer with another issuer.
        setter: &'static str,
        /// The issuer of that layer.
        theirs: String,
        /// The issuer of the stack or of its session.
        ours: String,
    },
    /// A layer reads another clock than the stack.
    Clock {
        /// The setter that added the layer.
        setter: &'static str,
    },
    /// A component that was built before the stack has another key ring.
    Keys {
        /// The setter that got the component.
        setter: &'static str,
    },
    /// [`sessions`](super::AuthStack::sessions) was called on a stack without a session.
    #[cfg(feature = "session")]
    NoSession,
    /// CSRF tokens would be bound to a cookie other than the session's.
    BindTo {
        /// The cookie given to `bind_to`.
        bound: String,
        /// The session's cookie.
        cookie: String,
    },
    /// A cookie carries access tokens, and nothing protects it against other sites.
    #[cfg(feature = "_bearer")]
    BearerCookie {
        /// The cookie given to `from_cookie`.
        cookie: String,
    },
    /// The cookie of access tokens is also the cookie of the session or of the refresh token.
    #[cfg(feature = "_bearer")]
    OneCookie {
        /// The cookie given to `from_cookie`.
        cookie: String,
    },
}

impl fmt::Display for StackConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cookies(error) => write!(f, "AuthStack, cookies: {error}"),
            Self::Csrf(error) => write!(f, "AuthStack, csrf: {error}"),
            #[cfg(feature = "refresh")]
            Self::Refresh(error) => write!(f, "AuthStack, refresh: {error}"),
            #[cfg(feature = "session")]
            Self::Session(error) => write!(f, "AuthStack, session: {error}"),
            #[cfg(feature = "_bearer")]
            Self::Bearer(error) => write!(f, "AuthStack, bearer: {error}"),
            #[cfg(feature = "require")]
            Self::Require(error) => write!(f, "AuthStack, require: {error}"),
            Self::Issuer { setter, theirs, ours } => write!(
                f,
                "AuthStack, {setter}: built for the issuer {theirs:?}, but this stack's name is \
                 {ours:?}: give both the same .settings, otherwise a session and a token of one \
                 user are two principals"
            ),
            #[cfg(feature = "session")]
            Self::NoSession => f.write_str("AuthStack, sessions: this stack has no .session"),
            Self::Clock { setter } => write!(
                f,
                "AuthStack, {setter}: its clock is no clone of the stack's: give both the same \
                 .settings, otherwise they disagree on expiry"
            ),
            Self::Keys { setter } => write!(
                f,
                "AuthStack, {setter}: its KeyRing and the stack's differ: build both from the same, \
                 otherwise each treats the other's credentials as forged"
            ),
            Self::BindTo { bound, cookie } => write!(
                f,
                "AuthStack, csrf: bind_to({bound:?}) is not the session's cookie {cookie:?}: leave \
                 it out, the stack sets it"
            ),
            #[cfg(feature = "_bearer")]
            Self::BearerCookie { cookie } => write!(
                f,
                "AuthStack, bearer: from_cookie({cookie:?}) needs .csrf() before .bearer, because \
                 browsers attach the cookie to requests that other sites cause. If a layer or a \
                 proxy in front refuses such requests, call .insecure_without_csrf() instead"
            ),
            #[cfg(feature = "_bearer")]
            Self::OneCookie { cookie } => write!(
                f,
                "AuthStack, bearer: from_cookie({cookie:?}) names the cookie of the session or of \
                 the refresh token: give access tokens a cookie of their own"
            ),
        }
    }
}

/// `Display` contains the layer's own message, so the error has no `source`.
impl std::error::Error for StackConfigError {}

tower_auth_core::debug_as_report!(StackConfigError);
