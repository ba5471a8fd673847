//! The cookie that a token is bound to while there is no session.

use cookie::{Cookie, SameSite};
use http::request::Parts;

use super::seal::Seal;
use super::sought::Sought;
use crate::crypto::keys::{KeyRing, Purpose};
use crate::jar::elsewhere::is_host_only;
use crate::jar::names;
use crate::jar::presented::Presented;
use crate::jar::stale::may_remove;
use crate::jar::{Jar, removal};
use crate::request::Context;

pub(crate) struct PreSession {
    seal: Seal,
    cookie: Sought,
    /// Name and attributes; the value is put in.
    template: Cookie<'static>,
    /// Whether the cookie can be in several scopes at once.
    is_scoped: bool,
}

impl PreSession {
    /// The cookie as it is unless a setting says otherwise.
    pub(crate) fn new(ring: &KeyRing, plain_http: bool) -> Self {
        let name = if plain_http { names::CSRF_INSECURE } else { names::CSRF };
        Self::with(ring, name, plain_http, false)
    }

    /// `Lax` rather than `Strict`: a link on another site to the form's page would come without a
    /// `Strict` cookie, be given a new one, and so break the forms in every other tab. It adds no
    /// safety here: the cookie proves nothing without the token. In a frame on another site browsers
    /// send neither.
    pub(super) fn with(ring: &KeyRing, name: &str, plain_http: bool, partitioned: bool) -> Self {
        let mut template = Cookie::build((name.to_owned(), ""))
            .http_only(true)
            .path("/")
            .same_site(SameSite::Lax)
            .secure(!plain_http)
            .build();
        if partitioned {
            template.set_same_site(SameSite::None);
            template.set_partitioned(true);
        }
        let seal = Seal::new(ring, Purpose::PreSession.in_cookie(name));
        Self { seal, cookie: Sought::new(name), template, is_scoped: !is_host_only(name) }
    }

    pub(super) fn name(&self) -> &str {
        self.template.name()
    }

    pub(super) const fn template(&self) -> &Cookie<'static> {
        &self.template
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
        let read = |value| self.read(value);
        jar.present(self.cookie.finder(), read, |random| *random)
    }

    /// Heals a conflict on a top-level navigation, and notes what a login needs to. A cookie that can
    /// lie in one scope only costs nothing here.
    pub(super) fn meet(&self, context: &Context, head: &Parts) {
        if !self.is_scoped {
            return;
        }
        let presented = self.presented(&context.jar);
        if presented.is_only_own() {
            context.note_place(head);
        }
        if matches!(presented, Presented::Conflict(..)) && may_remove(&head.headers) {
            self.remove_elsewhere(context);
        }
    }

    /// Removes the cookie from every other scope, if the request brought it and every value is this
    /// application's. One is enough: it may lie in the scope from before a change of its attributes.
    fn remove_elsewhere(&self, context: &Context) {
        if self.is_scoped && self.presented(&context.jar).is_only_own() {
            context.remove_elsewhere(std::slice::from_ref(&self.template));
        }
    }

    fn forget(&self, context: &Context) {
        let jar = &context.jar;
        if !self.presented(jar).is_own() && jar.written(self.name()).is_none() {
            return;
        }
        self.remove_elsewhere(context);
        // Refused only after the response's head, where the login itself is refused as well.
        let _ = jar.write_credential(removal(self.template.clone()));
    }

    pub(crate) fn make(&self) -> ([u8; 16], Cookie<'static>) {
        let (random, value) = self.seal.make(&[]);
        let mut cookie = self.template.clone();
        cookie.set_value(value);
        (random, cookie)
    }
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
