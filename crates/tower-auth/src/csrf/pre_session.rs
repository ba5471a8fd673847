//! The cookie that binds a token while there is no session.

use cookie::{Cookie, SameSite};
use http::request::Parts;

use super::mac::MacKeys;
use super::sought::Sought;
use crate::crypto::keys::{KeyRing, Purpose};
use crate::jar::elsewhere::is_host_only;
use crate::jar::names;
use crate::jar::presented::Presented;
use crate::jar::stale::may_remove;
use crate::jar::{Jar, removal};
use crate::request::Context;

pub(crate) struct PreSession {
    mac: MacKeys,
    cookie: Sought,
    /// The name and the attributes; the value is filled in.
    template: Cookie<'static>,
    /// Whether the browser may hold the cookie in several scopes at once.
    is_scoped: bool,
}

impl PreSession {
    /// Creates the cookie with the default name and attributes.
    pub(crate) fn new(ring: &KeyRing, plain_http: bool) -> Self {
        let name = if plain_http { names::CSRF_INSECURE } else { names::CSRF };
        Self::with(ring, name, plain_http, false)
    }

    /// `SameSite` is `Lax` rather than `Strict`: if another site links to the form's page, the
    /// request would come without a `Strict` cookie and get a new one, which breaks the forms in
    /// every other tab. `Strict` adds no safety, because the cookie proves nothing without the
    /// token. In a frame on another site, browsers send neither.
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
        let mac = MacKeys::new(ring, Purpose::PreSession.in_cookie(name));
        Self { mac, cookie: Sought::new(name), template, is_scoped: !is_host_only(name) }
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

    /// Returns the random bytes that bind tokens, if this application created the cookie. The value
    /// is signed, so an attacker cannot fix a value of their own choice in a user's browser.
    pub(super) fn read(&self, value: &[u8]) -> Option<[u8; 16]> {
        self.mac.open(value, &[])
    }

    /// The values of the cookie that the request brought.
    fn presented(&self, jar: &Jar) -> Presented<[u8; 16]> {
        let read = |value| self.read(value);
        jar.present(self.cookie.finder(), read, |random| *random)
    }

    /// Resolves a conflict on a top-level navigation, and notes the request's place for a later
    /// login. Costs nothing for a cookie that can exist in only one scope.
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

    /// Removes the cookie from every other scope, if the request brought it and this application
    /// created every value. A single value suffices: it may be in the scope that an earlier
    /// configuration used.
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
        // This write fails only after the response's head, when the login itself fails as well.
        let _ = jar.write_credential(removal(self.template.clone()));
    }

    pub(crate) fn make(&self) -> ([u8; 16], Cookie<'static>) {
        let (random, value) = self.mac.make(&[]);
        let mut cookie = self.template.clone();
        cookie.set_value(value);
        (random, cookie)
    }
}

/// Removes the pre-session cookie, if the request brought it or the response was about to set it.
///
/// A login calls this function: from then on tokens are bound to the session, and earlier tokens
/// are invalid. If the login's own route has no CSRF layer outside, tokens of other routes may
/// still be bound to the cookie; `known` then describes that cookie.
pub(crate) fn forget_pre_session(context: &Context, known: &PreSession) {
    match context.csrf() {
        Some(config) => config.pre_session.forget(context),
        None => known.forget(context),
    }
}
