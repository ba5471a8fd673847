//! The issuer of tokens, and the check of the tokens that clients send back.

use std::sync::Arc;

use http::{Extensions, HeaderMap};
use tower_auth_core::rejection::CsrfFault;

use super::binding::{self, Binding};
use super::{Config, TokenError};
use crate::jar::CookieError;
use crate::jar::Jar;
use crate::jar::vary::Vary;
use crate::request::Context;

/// Issues tokens that are bound to the client's session, or to its stand-in.
///
/// ```
/// use http::{Request, Response};
/// use tower_auth::CsrfToken;
/// use tower_auth::csrf::TokenError;
///
/// fn form(request: &Request<()>) -> Result<String, TokenError> {
///     let token = CsrfToken::of(request.extensions()).expect("a CsrfLayer is outside");
///     Ok(format!(r#"<meta name="csrf-token" content="{}">"#, token.issue()?))
/// }
/// ```
#[derive(Clone)]
pub struct CsrfToken {
    context: Arc<Context>,
    config: Arc<Config>,
}

impl CsrfToken {
    /// The issuer of this request; `None` if no [`CsrfLayer`](super::CsrfLayer) is outside.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Option<Self> {
        let context = Context::of(extensions)?;
        let config = context.csrf()?;
        Some(Self { context, config })
    }

    /// Issues a token for the client to send back in the header
    /// [`X-CSRF-Token`](super::CsrfLayerBuilder::header_name): 71 characters, which are letters, digits, `-`
    /// and `_`.
    ///
    /// Each call returns a different token. All of them stay valid until the session's secret
    /// changes, as at a login, or until a session begins. The token takes into account what this
    /// request has done to the session so far, so issue it after the login, or after the first
    /// write to a new session.
    ///
    /// The MAC covers fresh random bytes. Two tokens share only the first bytes, which encode the
    /// format and the key id and are not secret. What a compressed response reveals of one token
    /// (BREACH) therefore says nothing about the next one, and no further mask is needed.
    ///
    /// The response is marked `Cache-Control: no-store` and `Vary: Cookie`. If the client has
    /// neither a session nor a pre-session cookie, the response sets one: `__Host-csrf`, signed,
    /// `HttpOnly`, and deleted when the browser closes. The call neither loads nor stores anything.
    ///
    /// # Errors
    /// The response's head was already sent, or the pre-session cookie does not fit into the
    /// response; see [`TokenError`].
    pub fn issue(&self) -> Result<String, TokenError> {
        let (config, jar) = (&*self.config, &self.context.jar);
        if jar.is_closed() {
            return Err(TokenError::ResponseSent);
        }
        jar.no_store();
        jar.vary(Vary::Cookie);
        let binding = match self.begun().or_else(|| binding::of_response(config, jar)) {
            Some(binding) => binding,
            None => begin(config, jar)?,
        };
        Ok(config.mac.make(&binding.parts()).1)
    }

    /// The session that this response begins, whose cookie is not written yet.
    fn begun(&self) -> Option<Binding<'_>> {
        #[cfg(feature = "session")]
        if let Some(session) = self.context.session(|slot| slot.made()) {
            return session.begun_secret().map(Binding::Secret);
        }
        None
    }
}

/// Creates the pre-session cookie. Two tasks of one request get the same one.
fn begin<'a>(config: &Config, jar: &Jar) -> Result<Binding<'a>, TokenError> {
    let own = &config.pre_session;
    let (random, cookie) = own.make();
    // The cookie itself is always valid; only the time of the call and the remaining size can be
    // wrong.
    let first = jar.write_credential_once(cookie).map_err(|error| match error {
        CookieError::TooMuch { .. } => TokenError::TooMuch,
        _ => TokenError::ResponseSent,
    })?;
    let random = first.and_then(|first| own.read(first.value().as_bytes())).unwrap_or(random);
    Ok(Binding::PreSession(random))
}

/// Checks that the request brought a token that is bound to the client. Reads only the one header:
/// a token in the query would appear in logs and in `Referer`, and the browser would send one in a
/// cookie on its own.
pub(super) fn check(config: &Config, jar: &Jar, headers: &HeaderMap) -> Result<(), CsrfFault> {
    jar.vary(Vary::Cookie);
    let mut lines = headers.get_all(&config.header).iter();
    let token = match (lines.next(), lines.next()) {
        (None, _) => return Err(CsrfFault::MissingToken),
        (Some(_), Some(_)) => return Err(CsrfFault::BadToken),
        (Some(token), None) => token.as_bytes(),
    };
    // Without a binding, or with two, the token belongs to no known session.
    let binding = binding::of_request(config, jar).ok().flatten();
    match binding.and_then(|binding| config.mac.open(token, &binding.parts())) {
        Some(_) => Ok(()),
        None => Err(CsrfFault::BadToken),
    }
}

tower_auth_core::opaque_debug!(CsrfToken, "CsrfToken");
