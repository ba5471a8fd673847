//! The handle, and the check of what comes back.

use std::sync::Arc;

use http::{Extensions, HeaderMap};
use tower_auth_core::rejection::CsrfFault;

use super::binding::{self, Binding};
use super::{Config, TokenError};
use crate::jar::CookieError;
use crate::jar::Jar;
use crate::jar::vary::Vary;
use crate::request::Context;

/// Gives tokens that are bound to this client's session, or to what stands in for one.
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
    /// The request's handle; `None` where no [`CsrfLayer`](super::CsrfLayer) is outside.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Option<Self> {
        let context = Context::of(extensions)?;
        let config = context.csrf()?;
        Some(Self { context, config })
    }

    /// A token for the client to send back in the header
    /// [`X-CSRF-Token`](super::Builder::header_name): 71 characters, letters, digits, `-` and `_`.
    ///
    /// Another text each time, all of them good until the session's secret changes, as a login
    /// makes it, or until a session begins where there was none. What this request did to the
    /// session so far counts: issue the token behind the login, or behind the first write to a new
    /// session. The MAC is over fresh random bytes, so that of two tokens only the first bytes are
    /// alike, which name format and key and are no secret: what a compressed response lets one
    /// measure of a token (BREACH) says nothing of the next one, and no other mask is needed.
    ///
    /// The response is marked `Cache-Control: no-store` and `Vary: Cookie`. Where the client has
    /// neither a session nor a pre-session cookie, the response sets one: `__Host-csrf`, signed,
    /// `HttpOnly`, gone with the browser. Nothing is stored or loaded.
    ///
    /// # Errors
    /// The response's head is out.
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
        Ok(config.seal.make(&binding.parts()).1)
    }

    /// The session that this response begins: its cookie is not written yet.
    fn begun(&self) -> Option<Binding<'_>> {
        #[cfg(feature = "session")]
        if let Some(session) = self.context.session(|slot| slot.made()) {
            return session.begun_secret().map(Binding::Secret);
        }
        None
    }
}

/// Gives the client something to bind to; two tasks of one request give it the same.
fn begin<'a>(config: &Config, jar: &Jar) -> Result<Binding<'a>, TokenError> {
    let own = &config.pre_session;
    let (random, cookie) = own.make();
    // The cookie's form is ours and sound; only the moment can be wrong, and the room.
    let first = jar.write_credential_once(cookie).map_err(|error| match error {
        CookieError::TooMuch { .. } => TokenError::TooMuch,
        _ => TokenError::ResponseSent,
    })?;
    let random = first.and_then(|first| own.read(first.value().as_bytes())).unwrap_or(random);
    Ok(Binding::PreSession(random))
}

/// Whether the request brought a token of its own. Read from the one header alone: a token in the
/// query would stand in logs and in `Referer`, and one in a cookie would come by itself.
pub(super) fn check(config: &Config, jar: &Jar, headers: &HeaderMap) -> Result<(), CsrfFault> {
    jar.vary(Vary::Cookie);
    let mut lines = headers.get_all(&config.header).iter();
    let token = match (lines.next(), lines.next()) {
        (None, _) => return Err(CsrfFault::MissingToken),
        (Some(_), Some(_)) => return Err(CsrfFault::BadToken),
        (Some(token), None) => token.as_bytes(),
    };
    // Without a binding, or with two, the token is of no session that is known.
    let binding = binding::of_request(config, jar).ok().flatten();
    match binding.and_then(|binding| config.seal.open(token, &binding.parts())) {
        Some(_) => Ok(()),
        None => Err(CsrfFault::BadToken),
    }
}

tower_auth_core::opaque_debug!(CsrfToken, "CsrfToken");
