//! What goes in and what comes out.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tower_auth_core::Secret;
use tower_auth_core::store::Handle;

use super::AccessToken;
use super::token::{Carrier, Mint, Unsealed};

/// A refresh token as a client presents it, with what came along.
///
/// ```
/// use tower_auth::refresh::Presented;
///
/// let plain = Presented::from("…");
/// let narrower = Presented::new("…").client("app").scope("reports:read");
/// ```
#[derive(Clone, Copy)]
#[must_use]
pub struct Presented<'a> {
    pub(super) token: &'a str,
    pub(super) carrier: Carrier,
    pub(super) client: Option<&'a str>,
    pub(super) scope: Option<&'a str>,
}

impl<'a> Presented<'a> {
    /// The token alone, as [`Tokens::refresh`] gave it: it came in a body. One that came in the
    /// engine's cookie is forged here.
    pub const fn new(token: &'a str) -> Self {
        Self { token, carrier: Carrier::Body, client: None, scope: None }
    }

    /// The value of the cookie that [`Refresh::set_cookie`](super::Refresh::set_cookie) has set: for a
    /// handler of your own that reads it, such as a logout. Any other token is forged here.
    ///
    /// ```
    /// use tower_auth::refresh::{Presented, Refresh, RefreshError};
    /// use tower_auth::Cookies;
    ///
    /// async fn log_out(refresh: &Refresh, cookies: &Cookies) -> Result<(), RefreshError> {
    ///     match cookies.get("__Host-refresh") {
    ///         Some(cookie) => refresh.revoke(Presented::from_cookie(cookie.value())).await,
    ///         None => Ok(()),
    ///     }
    /// }
    /// ```
    pub const fn from_cookie(value: &'a str) -> Self {
        Self { token: value, carrier: Carrier::Cookie, client: None, scope: None }
    }

    /// The client that presents it (`client_id`). Whose family is bound to a client is refused to
    /// any other, and to nobody's.
    pub const fn client(mut self, client: &'a str) -> Self {
        self.client = Some(client);
        self
    }

    /// The scopes that the new access token is to have, parted by spaces; those of the login if
    /// left out. What the family may ask for next time stays as it is.
    pub const fn scope(mut self, scope: &'a str) -> Self {
        self.scope = Some(scope);
        self
    }
}

impl<'a> From<&'a str> for Presented<'a> {
    fn from(token: &'a str) -> Self {
        Self::new(token)
    }
}

/// What a login or a refresh gives. `Debug` shows no token.
#[derive(Clone)]
#[must_use = "the client needs the tokens"]
pub struct Tokens {
    pub(super) access: AccessToken,
    pub(super) token: Unsealed,
    /// Writes the token for the carrier that is asked for.
    pub(super) mint: Arc<Mint>,
    pub(super) in_body: OnceLock<Secret<String>>,
    pub(super) family: Handle,
    pub(super) lifetime: Duration,
    pub(super) scope: Option<String>,
}

impl Tokens {
    /// The access token.
    #[must_use]
    pub const fn access(&self) -> &AccessToken {
        &self.access
    }

    /// The refresh token, 92 characters, for a client that sends it in a body. Give it to scripts only
    /// if there is no cookie. It is another text than the cookie's, and neither counts in the other's
    /// place.
    #[must_use]
    pub fn refresh(&self) -> &Secret<String> {
        self.in_body.get_or_init(|| self.mint.write(&self.token, Carrier::Body))
    }

    /// The refresh token as the engine's cookie carries it.
    pub(super) fn in_cookie(&self) -> Secret<String> {
        self.mint.write(&self.token, Carrier::Cookie)
    }

    /// The family's name: no credential, the same for all refresh tokens of one login.
    #[must_use]
    pub const fn family(&self) -> Handle {
        self.family
    }

    /// After how long the family ends, however much it is used.
    #[must_use]
    pub const fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// The token response of RFC 6749, 5.1, for a client that keeps the refresh token in a cookie
    /// that [`Refresh::set_cookie`](super::Refresh::set_cookie) has set.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.json(false)
    }

    /// The same with the refresh token in it: for clients that are no browsers. Send it with
    /// `Cache-Control: no-store`.
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

impl fmt::Debug for Tokens {
    /// Without the tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("lifetime", &self.lifetime).finish_non_exhaustive()
    }
}

tower_auth_core::opaque_debug!(Presented<'_>, "Presented");
