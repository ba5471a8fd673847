//! How a refresh token travels in a cookie.

use std::time::Duration;

use cookie::Cookie;
use http::Extensions;
use tower_auth_core::{Events, Rejection, Wiring};

use super::engine::Engine;
use super::{Refresh, Tokens};
use crate::context::Context;
use crate::cookie::CookieError;
use crate::cookie::jar::{max_age, removal};

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
    /// tokens, and [`Rejection::Unreadable`] once the response's head is out.
    pub fn set_cookie(&self, extensions: &Extensions, tokens: &Tokens) -> Result<(), Rejection> {
        let context = context(extensions)?;
        if !self.0.mint.is_same(&tokens.mint) {
            Events::of(extensions).wiring(OTHER_ENGINE);
            return Err(OTHER_ENGINE.into());
        }
        let written = self.0.write_cookie(&context, tokens);
        written.map_err(|_| Rejection::Unreadable)?;
        // Somebody has logged in: CSRF tokens are bound to the family from now on.
        crate::csrf::forget_pre_session(&context, &self.0.csrf.pre_session);
        Ok(())
    }

    /// Takes the cookie from the client: for a logout of your own, beside [`revoke`](Self::revoke)
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

impl Engine {
    pub(super) fn write_cookie(
        &self,
        context: &Context,
        tokens: &Tokens,
    ) -> Result<(), CookieError> {
        let mut cookie: Cookie<'static> = self.template.clone();
        cookie.set_value(tokens.in_cookie().expose().clone());
        // Zero would be a removal.
        cookie.set_max_age(max_age(tokens.lifetime.clamp(Duration::from_nanos(1), LONGEST)));
        context.jar.write_credential(cookie)
    }

    pub(super) fn remove_cookie(&self, context: &Context) -> Result<(), CookieError> {
        context.jar.write_credential(removal(self.template.clone()))
    }
}
