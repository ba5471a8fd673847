//! The input and output of [`Refresh`](super::Refresh).

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tower_auth_core::Secret;
use tower_auth_core::store::RecordId;

use super::AccessToken;
use super::token::{Mint, Transport, Unsealed};

/// A refresh token as a client presents it, with the other parameters of the request.
///
/// ```
/// use tower_auth::refresh::PresentedToken;
///
/// let plain = PresentedToken::from("…");
/// let narrower = PresentedToken::new("…").client("app").scope("reports:read");
/// ```
#[derive(Clone, Copy)]
#[must_use]
pub struct PresentedToken<'a> {
    pub(super) token: &'a str,
    pub(super) transport: Transport,
    pub(super) client: Option<&'a str>,
    pub(super) scope: Option<&'a str>,
}

impl<'a> PresentedToken<'a> {
    /// Wraps a token from a body, as [`TokenPair::refresh`] returned it. The engine treats a cookie's
    /// token as forged here.
    pub const fn new(token: &'a str) -> Self {
        Self { token, transport: Transport::Body, client: None, scope: None }
    }

    /// Wraps the value of the cookie that [`Refresh::set_cookie`](super::Refresh::set_cookie) has
    /// set. Use it in a handler of your own that reads the cookie, such as a logout. The engine
    /// treats every other token as forged here.
    ///
    /// ```
    /// use tower_auth::refresh::{PresentedToken, Refresh, RefreshError};
    /// use tower_auth::Cookies;
    ///
    /// async fn log_out(refresh: &Refresh, cookies: &Cookies) -> Result<(), RefreshError> {
    ///     match cookies.get("__Host-refresh") {
    ///         Some(cookie) => refresh.revoke(PresentedToken::from_cookie(cookie.value())).await,
    ///         None => Ok(()),
    ///     }
    /// }
    /// ```
    pub const fn from_cookie(value: &'a str) -> Self {
        Self { token: value, transport: Transport::Cookie, client: None, scope: None }
    }

    /// Sets the client that presents the token (`client_id`). A token bound to one client is
    /// refused if another client, or none, presents it.
    pub const fn client(mut self, client: &'a str) -> Self {
        self.client = Some(client);
        self
    }

    /// Sets the scopes of the new access token, separated by spaces. The scopes of the login by
    /// default. The scopes that the family may request next time stay the same.
    pub const fn scope(mut self, scope: &'a str) -> Self {
        self.scope = Some(scope);
        self
    }
}

impl<'a> From<&'a str> for PresentedToken<'a> {
    fn from(token: &'a str) -> Self {
        Self::new(token)
    }
}

/// The result of a login or a refresh. `Debug` shows no token.
#[derive(Clone)]
#[must_use = "the client needs the tokens"]
pub struct TokenPair {
    pub(super) access: AccessToken,
    pub(super) token: Unsealed,
    /// Writes the token for a transport on demand.
    pub(super) mint: Arc<Mint>,
    pub(super) in_body: OnceLock<Secret<String>>,
    pub(super) family: RecordId,
    pub(super) lifetime: Duration,
    pub(super) scope: Option<String>,
}

impl TokenPair {
    /// Returns the access token.
    #[must_use]
    pub const fn access(&self) -> &AccessToken {
        &self.access
    }

    /// Returns the refresh token, 92 characters, for a client that sends it in a body. Pass it to
    /// scripts only if there is no cookie. The cookie's token is a different text, and neither is
    /// valid in the other's place.
    #[must_use]
    pub fn refresh(&self) -> &Secret<String> {
        self.in_body.get_or_init(|| self.mint.write(&self.token, Transport::Body))
    }

    /// Returns the refresh token for the engine's cookie.
    pub(super) fn in_cookie(&self) -> Secret<String> {
        self.mint.write(&self.token, Transport::Cookie)
    }

    /// Returns the family's id. It is not a credential, and is the same for all refresh tokens of a
    /// login.
    #[must_use]
    pub const fn family(&self) -> RecordId {
        self.family
    }

    /// Returns the time after which the family ends, even if it is used.
    #[must_use]
    pub const fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Returns the token response of RFC 6749, 5.1, without the refresh token. For a client that
    /// keeps the refresh token in a cookie, set by
    /// [`Refresh::set_cookie`](super::Refresh::set_cookie).
    #[must_use]
    pub fn to_json(&self) -> String {
        self.json(false)
    }

    /// Returns the token response with the refresh token, for clients that are not browsers. Send
    /// it with `Cache-Control: no-store`.
    #[must_use]
    pub fn to_json_with_refresh_token(&self) -> String {
        self.json(true)
    }

    pub(super) fn json(&self, with_refresh_token: bool) -> String {
        let mut document = serde_json::json!({
            "access_token": self.access.text,
            "token_type": "Bearer",
            "expires_in": self.access.expires_in.as_secs(),
        });
        if with_refresh_token {
            document["refresh_token"] = self.refresh().expose().as_str().into();
        }
        if let Some(scope) = &self.scope {
            document["scope"] = scope.as_str().into();
        }
        document.to_string()
    }
}

impl fmt::Debug for TokenPair {
    /// Hides the tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("lifetime", &self.lifetime).finish_non_exhaustive()
    }
}

tower_auth_core::opaque_debug!(PresentedToken<'_>, "Presented");
