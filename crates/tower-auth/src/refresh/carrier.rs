//! How a refresh token travels in a cookie.

use std::time::Duration;

use cookie::Cookie;
use http::Extensions;
use http::request::Parts;
use tower_auth_core::store::Handle;
use tower_auth_core::{Events, Rejection, Wiring};

use super::engine::Engine;
use super::token::{Carrier, Read, Token};
use super::{Refresh, Tokens};
use crate::jar::CookieError;
use crate::jar::presented::Presented;
use crate::jar::stale::may_remove;
use crate::jar::{max_age, removal};
use crate::request::Context;

/// Browsers keep no cookie for longer.
const LONGEST: Duration = Duration::from_secs(400 * 24 * 60 * 60);

impl Refresh {
    /// Gives the client the refresh token as a cookie: `HttpOnly`, so that no script reads it,
    /// `Secure`, `SameSite=Strict`, for as long as its family can live (ASVS 10.1.1, 3.3.4). The
    /// response is marked `Cache-Control: no-store`, and CSRF tokens from before the login hold no
    /// longer.
    ///
    /// # Errors
    /// [`Rejection::Wiring`] if no layer of this crate is outside, or if another engine issued the
    /// tokens; [`Rejection::TooLarge`] if the cookie does not fit next to the cookies that the
    /// response sets already (8 KiB together); and [`Rejection::Unreadable`] once the response's head
    /// is out. Nothing was changed then.
    pub fn set_cookie(&self, extensions: &Extensions, tokens: &Tokens) -> Result<(), Rejection> {
        let context = context(extensions)?;
        if !self.0.mint.is_same(&tokens.mint) {
            Events::of(extensions).wiring(OTHER_ENGINE);
            return Err(OTHER_ENGINE.into());
        }
        self.0.write_cookie(&context, tokens)?;
        // Somebody has logged in: CSRF tokens are bound to the family from now on.
        crate::csrf::forget_pre_session(&context, &self.0.csrf.pre_session);
        Ok(())
    }

    /// Removes the cookie from the client, if this engine issued it: for a logout of your own, beside [`revoke`](Self::revoke)
    /// or [`revoke_all`](super::Revocations::revoke_all).
    ///
    /// # Errors
    /// As [`set_cookie`](Self::set_cookie).
    pub fn remove_cookie(&self, extensions: &Extensions) -> Result<(), Rejection> {
        let context = context(extensions)?;
        self.0.remove_cookie(&context).map_err(|_| Rejection::Unreadable)
    }
}

const OTHER_ENGINE: Wiring = Wiring {
    layer: "Refresh",
    problem: "the tokens are another engine's, so this one would refuse their cookie: call set_cookie \
              on the Refresh that issued them",
};

fn context(extensions: &Extensions) -> Result<std::sync::Arc<Context>, Rejection> {
    let wiring = Wiring {
        layer: "Refresh",
        problem: "the cookie needs a layer outside that writes it: add a CookieLayer or a \
                  RefreshLayer",
    };
    Context::of(extensions).ok_or_else(|| {
        Events::none().wiring(wiring);
        wiring.into()
    })
}

/// A token of this engine's that came by cookie.
pub(super) struct Arrived<'a> {
    pub(super) value: &'a str,
    family: Handle,
    generation: u64,
}

impl Engine {
    /// The tokens that the request brings under the cookie's name. One of another engine is none of
    /// this one's.
    pub(super) fn arrived<'a>(&'a self, context: &'a Context) -> Presented<Arrived<'a>> {
        let values = context.jar.values(self.template.name()).filter(|value| !value.is_empty());
        let verify = |value| match self.mint.read(value, Carrier::Cookie) {
            Read::Token(Token { family, generation, .. }) => {
                Some(Arrived { value: std::str::from_utf8(value).ok()?, family, generation })
            }
            Read::Elsewhere(_) | Read::Forged => None,
        };
        Presented::among(values, verify, |it| (it.family, it.generation))
    }

    /// Heals a conflict on a top-level navigation, and notes what a login or a logout needs to. A
    /// cookie that can lie in one scope only costs nothing here.
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
    /// engine's. One is enough: it may lie in the scope from before a change of its attributes.
    fn remove_elsewhere(&self, context: &Context) {
        if self.is_scoped && self.arrived(context).is_only_own() {
            context.remove_elsewhere(std::slice::from_ref(&self.template));
        }
    }

    fn cookie(&self, tokens: &Tokens) -> Cookie<'static> {
        let mut cookie = self.template.clone();
        cookie.set_value(tokens.in_cookie().expose().clone());
        // Zero would be a removal.
        cookie.set_max_age(max_age(tokens.lifetime.clamp(Duration::from_nanos(1), LONGEST)));
        cookie
    }

    fn write_cookie(&self, context: &Context, tokens: &Tokens) -> Result<(), CookieError> {
        context.jar.write_credential(self.cookie(tokens))?;
        // Only now: where there is no room for the new cookie, the old one stays.
        self.remove_elsewhere(context);
        Ok(())
    }

    /// Whether the response has room for the successor of this token. Asked before the token is used
    /// up.
    pub(super) fn check_room(
        &self,
        context: &Context,
        token: &Arrived<'_>,
    ) -> Result<(), CookieError> {
        let mut cookie = self.template.clone();
        // All tokens of one carrier are of one length.
        cookie.set_value(token.value.to_owned());
        context.jar.check_room(&cookie)
    }

    /// Gives the client the successor of the token that came, for which there was room.
    pub(super) fn write_successor(
        &self,
        context: &Context,
        tokens: &Tokens,
    ) -> Result<(), CookieError> {
        context.jar.write_settled(self.cookie(tokens))?;
        self.remove_elsewhere(context);
        Ok(())
    }

    /// Removes the cookie, if one of this engine's came or is about to be set.
    pub(super) fn remove_cookie(&self, context: &Context) -> Result<(), CookieError> {
        let is_set = context.jar.written(self.template.name()).is_some();
        if !is_set && !self.arrived(context).is_own() {
            return Ok(());
        }
        self.remove_elsewhere(context);
        context.jar.write_credential(removal(self.template.clone()))
    }
}
