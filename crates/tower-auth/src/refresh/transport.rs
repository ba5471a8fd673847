//! Refresh tokens in cookies.

use std::time::Duration;

use cookie::Cookie;
use http::Extensions;
use http::request::Parts;
use tower_auth_core::store::RecordId;
use tower_auth_core::{Events, Misconfigured, Rejection};

use super::engine::Engine;
use super::token::{Read, Token, Transport};
use super::{Refresh, TokenPair};
use crate::jar::CookieError;
use crate::jar::presented::Presented;
use crate::jar::stale::may_remove;
use crate::jar::{max_age, removal};
use crate::request::Context;

/// Browsers do not keep cookies longer.
const LONGEST: Duration = Duration::from_secs(400 * 24 * 60 * 60);

impl Refresh {
    /// Sends the refresh token to the client as a cookie. Call it when a user has just logged in.
    ///
    /// The cookie is `HttpOnly`, so no script reads it, `Secure` and `SameSite=Strict`, and lasts
    /// as long as its family can (ASVS 10.1.1, 3.3.4). The response gets `Cache-Control: no-store`.
    /// CSRF tokens from before the login become invalid.
    ///
    /// # Errors
    /// - [`Rejection::Misconfigured`] if no layer of this crate wraps the handler, or if another engine
    ///   issued the tokens;
    /// - [`Rejection::TooLarge`] if the cookie does not fit next to the cookies that the response
    ///   already sets (8 KiB together);
    /// - [`Rejection::Unreadable`] once the response's head has been sent.
    ///
    /// Nothing changes if the method fails.
    pub fn set_cookie(&self, extensions: &Extensions, tokens: &TokenPair) -> Result<(), Rejection> {
        let context = context(extensions)?;
        if !self.0.mint.is_same(&tokens.mint) {
            Events::of(extensions).misconfigured(OTHER_ENGINE);
            return Err(OTHER_ENGINE.into());
        }
        self.0.write_cookie(&context, tokens)?;
        // A user has logged in, so CSRF tokens are bound to the family from now on.
        crate::csrf::forget_pre_session(&context, &self.0.csrf.pre_session);
        Ok(())
    }

    /// Removes the cookie from the client, if this engine issued it. Use it for a logout of your
    /// own, beside [`revoke`](Self::revoke) or [`revoke_all`](super::Revocations::revoke_all).
    ///
    /// # Errors
    /// Fails as [`set_cookie`](Self::set_cookie) does.
    pub fn remove_cookie(&self, extensions: &Extensions) -> Result<(), Rejection> {
        let context = context(extensions)?;
        self.0.remove_cookie(&context).map_err(|_| Rejection::Unreadable)
    }
}

const OTHER_ENGINE: Misconfigured = Misconfigured {
    layer: "Refresh",
    problem: "another engine issued the tokens, so this engine would refuse their cookie: call \
              set_cookie on the Refresh that issued them",
};

fn context(extensions: &Extensions) -> Result<std::sync::Arc<Context>, Rejection> {
    let misconfigured = Misconfigured {
        layer: "Refresh",
        problem: "the cookie needs an outer layer that writes it: add a CookieLayer or a \
                  RefreshLayer",
    };
    Context::of(extensions).ok_or_else(|| {
        Events::none().misconfigured(misconfigured);
        misconfigured.into()
    })
}

/// A token of this engine that a cookie brought.
pub(super) struct Arrived<'a> {
    pub(super) value: &'a str,
    family: RecordId,
    generation: u64,
}

impl Engine {
    /// Returns this engine's tokens among the cookies of the request. The token of another engine
    /// does not count.
    pub(super) fn arrived<'a>(&'a self, context: &'a Context) -> Presented<Arrived<'a>> {
        let values = context.jar.values(self.template.name()).filter(|value| !value.is_empty());
        let verify = |value| match self.mint.read(value, Transport::Cookie) {
            Read::Token(Token { family, generation, .. }) => {
                Some(Arrived { value: std::str::from_utf8(value).ok()?, family, generation })
            }
            Read::Elsewhere(_) | Read::Forged => None,
        };
        Presented::among(values, verify, |it| (it.family, it.generation))
    }

    /// Resolves a conflict of cookies on a top-level navigation, and records what a login or logout
    /// needs. Does nothing for a cookie that can exist in one scope only.
    pub(super) fn meet(&self, context: &Context, head: &Parts) {
        if !self.is_scoped {
            return;
        }
        let arrived = self.arrived(context);
        if arrived.is_only_own() {
            context.note_place(head);
        }
        if matches!(arrived, Presented::Conflict(..)) && may_remove(&head.headers) {
            self.remove_elsewhere(context);
        }
    }

    /// Removes the cookie from every other scope, if the request brought it and every value is this
    /// engine's. A single value suffices: it may be in the scope from before a change of the
    /// cookie's attributes.
    fn remove_elsewhere(&self, context: &Context) {
        if self.is_scoped && self.arrived(context).is_only_own() {
            context.remove_elsewhere(std::slice::from_ref(&self.template));
        }
    }

    fn cookie(&self, tokens: &TokenPair) -> Cookie<'static> {
        let mut cookie = self.template.clone();
        cookie.set_value(tokens.in_cookie().expose().clone());
        // Zero would remove the cookie.
        cookie.set_max_age(max_age(tokens.lifetime.clamp(Duration::from_nanos(1), LONGEST)));
        cookie
    }

    fn write_cookie(&self, context: &Context, tokens: &TokenPair) -> Result<(), CookieError> {
        context.jar.write_credential(self.cookie(tokens))?;
        // Only after the write: if the new cookie does not fit, the old one stays.
        self.remove_elsewhere(context);
        Ok(())
    }

    /// Checks that the response has room for this token's successor. Called before the token is
    /// consumed.
    pub(super) fn check_room(
        &self,
        context: &Context,
        token: &Arrived<'_>,
    ) -> Result<(), CookieError> {
        let mut cookie = self.template.clone();
        // All tokens of one transport have the same length.
        cookie.set_value(token.value.to_owned());
        context.jar.check_room(&cookie)
    }

    /// Sends the successor of the presented token, for which `check_room` has found room.
    pub(super) fn write_successor(
        &self,
        context: &Context,
        tokens: &TokenPair,
    ) -> Result<(), CookieError> {
        context.jar.write_settled(self.cookie(tokens))?;
        self.remove_elsewhere(context);
        Ok(())
    }

    /// Removes the cookie, if the request brought one of this engine or the response sets one.
    pub(super) fn remove_cookie(&self, context: &Context) -> Result<(), CookieError> {
        let is_set = context.jar.written(self.template.name()).is_some();
        if !is_set && !self.arrived(context).is_own() {
            return Ok(());
        }
        self.remove_elsewhere(context);
        context.jar.write_credential(removal(self.template.clone()))
    }
}
