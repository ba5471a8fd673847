//! The cookie that a token is bound to while there is no session.

use cookie::{Cookie, SameSite};

use super::seal::Seal;
use super::sought::Sought;
use crate::context::Context;
use crate::cookie::jar::{Found, removal};
use crate::cookie::names;
use crate::keys::{KeyRing, Purpose};

/// Without `Secure` a browser would drop the prefix.
const PLAIN: &str = "csrf";

pub(super) struct PreSession {
    seal: Seal,
    name: &'static str,
    cookie: Sought,
}

impl PreSession {
    pub(super) fn new(ring: &KeyRing, plain_http: bool) -> Self {
        let name = if plain_http { PLAIN } else { names::CSRF };
        let seal = Seal::new(ring, Purpose::PreSession.in_cookie(name));
        Self { seal, name, cookie: Sought::new(name) }
    }

    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    pub(super) const fn cookie(&self) -> &Sought {
        &self.cookie
    }

    /// What tokens are bound to, if this application made the cookie. Signed, so that nobody fixes
    /// a value of their own choice in somebody's browser.
    pub(super) fn read(&self, value: &[u8]) -> Option<[u8; 16]> {
        self.seal.open(value, &[])
    }

    pub(super) fn make(&self) -> ([u8; 16], Cookie<'static>) {
        let (random, value) = self.seal.make(&[]);
        (random, cookie(self.name(), value))
    }
}

/// `Lax` rather than `Strict`: a link on another site to the form's page would come without a
/// `Strict` cookie, be given a new one, and so break the forms in every other tab. It adds no
/// safety here: the cookie proves nothing without the token.
fn cookie(name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build((name, value))
        .http_only(true)
        .path("/")
        .same_site(SameSite::Lax)
        .secure(name == names::CSRF)
        .build()
}

/// Takes the pre-session cookie from the client, if it came or was about to be sent. A login does:
/// from then on tokens are bound to the session, and none from before holds. Also where the login's
/// own route has no CSRF layer outside: other routes' tokens are bound to the cookie all the same.
pub(crate) fn forget_pre_session(context: &Context) {
    let jar = &context.jar;
    let name = context.csrf().map_or(names::CSRF, |config| config.pre_session.name());
    let came = !matches!(jar.find(name), Found::Absent);
    if came || jar.written(name).is_some() {
        // Refused only after the response's head, where the login itself is refused as well.
        let _ = jar.write_credential(removal(cookie(name, String::new())));
    }
}
