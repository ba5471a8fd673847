//! The cookie that a token is bound to while there is no session.

use cookie::{Cookie, SameSite};

use super::seal::Seal;
use super::sought::Sought;
use crate::context::Context;
use crate::cookie::jar::{Jar, removal};
use crate::cookie::names;
use crate::cookie::presented::{Presented, Values};
use crate::keys::{KeyRing, Purpose};

/// Without `Secure` a browser would drop the prefix.
const PLAIN: &str = "csrf";

pub(crate) struct PreSession {
    seal: Seal,
    name: &'static str,
    cookie: Sought,
}

impl PreSession {
    pub(crate) fn new(ring: &KeyRing, plain_http: bool) -> Self {
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

    /// The cookies of this name that the request brought.
    fn presented(&self, jar: &Jar) -> Presented<[u8; 16]> {
        Presented::among(jar.values(self.name), |value| self.read(value), |random| *random)
    }

    fn forget(&self, context: &Context) {
        let jar = &context.jar;
        let presented = self.presented(jar);
        if !presented.is_own() && jar.written(self.name).is_none() {
            return;
        }
        let template = cookie(self.name, String::new());
        if presented.values() == Some(Values::SeveralOwn)
            && let Some(place) = context.place()
        {
            jar.remove_all_elsewhere(std::slice::from_ref(&template), place);
        }
        // Refused only after the response's head, where the login itself is refused as well.
        let _ = jar.write_credential(removal(template));
    }

    pub(crate) fn make(&self) -> ([u8; 16], Cookie<'static>) {
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

/// Removes the pre-session cookie, if the request brought it or the response was about to set it. A
/// login does so: from then on tokens are bound to the session, and none from before holds. If the
/// login's own route has no CSRF layer outside, other routes' tokens are bound to the cookie all the
/// same: then `known` says what that cookie is.
pub(crate) fn forget_pre_session(context: &Context, known: &PreSession) {
    match context.csrf() {
        Some(config) => config.pre_session.forget(context),
        None => known.forget(context),
    }
}
