//! The layers, each by its defaults and by a closure over its own builder.

use super::Builder;
use super::order::{
    Identifies, IsGuarded, TakesBearer, TakesCookies, TakesCsrf, TakesRefresh, TakesSession,
};
use super::part::And;
use super::state::{Cookies, Guarded, Required, State};
#[cfg(feature = "_bearer")]
use crate::bearer::{self, BearerJwtLayer, JwtIssuer};
#[cfg(feature = "refresh")]
use crate::refresh::{self, Refresh, RefreshLayer};
#[cfg(feature = "require")]
use crate::require::{self, RequireLayer};
#[cfg(feature = "session")]
use crate::session::{self, SessionLayer};
#[cfg(feature = "session")]
use crate::store::Store;
use crate::{CookieLayer, CsrfLayer, cookie, csrf};

/// The layers, the outermost first. The closure of a `_with` gets the layer's own builder with the
/// shared settings in it.
impl<S, P, R: Clone> Builder<S, P, R> {
    /// A [`CookieLayer`], with keys for signed and encrypted cookies. The layers inside write
    /// their cookies without it too; it is for the [`Cookies`](crate::Cookies) of handlers.
    pub fn cookies(self) -> Builder<Cookies, And<P, cookie::Builder<R>>, R>
    where
        S: TakesCookies,
    {
        self.cookies_with(|builder| builder)
    }

    /// A [`CookieLayer`] with settings of its own.
    pub fn cookies_with<R2>(
        self,
        settings: impl FnOnce(cookie::Builder<R>) -> cookie::Builder<R2>,
    ) -> Builder<Cookies, And<P, cookie::Builder<R2>>, R>
    where
        S: TakesCookies,
    {
        self.and(|shared, refuse| {
            let mut builder = CookieLayer::builder().settings(&shared.settings).refuse_with(refuse);
            if shared.allow_caching {
                builder = builder.insecure_without_no_store();
            }
            settings(builder)
        })
    }

    /// A [`CsrfLayer`], whose tokens are bound to the session or refresh token of this stack. Only
    /// their cookies count as credentials, where no [`layer`](Self::layer) of somebody else's is in
    /// the stack: name a cookie of your own that authenticates with
    /// [`ambient_cookies`](csrf::Builder::ambient_cookies).
    pub fn csrf(self) -> Builder<Guarded, And<P, csrf::Builder<R>>, R>
    where
        S: TakesCsrf,
    {
        self.csrf_with(|builder| builder)
    }

    /// A [`CsrfLayer`] with settings of its own; with
    /// [`headers_only`](csrf::Builder::headers_only) a [`CsrfHeadersLayer`](crate::CsrfHeadersLayer).
    pub fn csrf_with<R2, T>(
        self,
        settings: impl FnOnce(csrf::Builder<R>) -> csrf::Builder<R2, T>,
    ) -> Builder<Guarded, And<P, csrf::Builder<R2, T>>, R>
    where
        S: TakesCsrf,
    {
        self.and(|shared, refuse| {
            let mut builder =
                CsrfLayer::builder(&shared.keys).settings(&shared.settings).refuse_with(refuse);
            if let Some(origin) = &shared.public_origin {
                builder = builder.public_origin(origin);
            }
            if shared.allow_caching {
                builder = builder.insecure_without_no_store();
            }
            settings(builder)
        })
    }

    /// No [`CsrfLayer`], and sessions nevertheless: other sites can make a browser act for whoever
    /// is logged in, unless something in front refuses that.
    pub fn insecure_without_csrf(self) -> Builder<Guarded, P, R>
    where
        S: TakesCsrf,
    {
        self.into_state()
    }

    /// A [`RefreshLayer`] under `/auth/refresh` and `/auth/revoke`. Handlers need the engine too,
    /// which is why it is built before; its issuer, clock and keys must be the stack's.
    #[cfg(feature = "refresh")]
    pub fn refresh(
        self,
        refresh: Refresh,
    ) -> Builder<S::Refreshed, And<P, refresh::LayerBuilder>, R>
    where
        S: State + TakesRefresh,
    {
        self.refresh_with(refresh, |builder| builder)
    }

    /// A [`RefreshLayer`] with paths of its own.
    #[cfg(feature = "refresh")]
    pub fn refresh_with(
        self,
        refresh: Refresh,
        settings: impl FnOnce(refresh::LayerBuilder) -> refresh::LayerBuilder,
    ) -> Builder<S::Refreshed, And<P, refresh::LayerBuilder>, R>
    where
        S: State + TakesRefresh,
    {
        self.and(|shared, _| {
            let builder = RefreshLayer::builder(refresh);
            settings(if shared.allow_caching {
                builder.insecure_without_no_store()
            } else {
                builder
            })
        })
    }

    /// A [`SessionLayer`].
    #[cfg(feature = "session")]
    pub fn session(
        self,
        store: impl Store,
    ) -> Builder<S::WithSession, And<P, session::Builder<R>>, R>
    where
        S: State + TakesSession + IsGuarded,
    {
        self.session_with(store, |builder| builder)
    }

    /// A [`SessionLayer`] with settings of its own.
    #[cfg(feature = "session")]
    pub fn session_with<R2>(
        self,
        store: impl Store,
        settings: impl FnOnce(session::Builder<R>) -> session::Builder<R2>,
    ) -> Builder<S::WithSession, And<P, session::Builder<R2>>, R>
    where
        S: State + TakesSession + IsGuarded,
    {
        self.and(|shared, refuse| {
            settings(shared.session(SessionLayer::builder(store, &shared.keys)).refuse_with(refuse))
        })
    }

    /// A [`SessionLayer`] without a store: the client keeps the sessions. What it cannot promise stands
    /// at [`SessionLayer::in_cookie`].
    #[cfg(feature = "session")]
    pub fn session_in_cookie(self) -> Builder<S::WithSession, And<P, session::Builder<R>>, R>
    where
        S: State + TakesSession + IsGuarded,
    {
        self.session_in_cookie_with(|builder| builder)
    }

    /// The same with settings of its own, such as a
    /// [`replay_guard`](session::Builder::replay_guard).
    #[cfg(feature = "session")]
    pub fn session_in_cookie_with<R2>(
        self,
        settings: impl FnOnce(session::Builder<R>) -> session::Builder<R2>,
    ) -> Builder<S::WithSession, And<P, session::Builder<R2>>, R>
    where
        S: State + TakesSession + IsGuarded,
    {
        self.and(|shared, refuse| {
            settings(shared.session(SessionLayer::in_cookie(&shared.keys)).refuse_with(refuse))
        })
    }

    /// A [`BearerJwtLayer`] for the tokens of this issuer, for this audience. Algorithms and keys
    /// must be named in the closure.
    #[cfg(feature = "_bearer")]
    pub fn bearer<C, R2>(
        self,
        issuer: impl Into<String>,
        audience: impl Into<String>,
        settings: impl FnOnce(bearer::Builder<bearer::NoClaims, R>) -> bearer::Builder<C, R2>,
    ) -> Builder<S::WithBearer, And<P, bearer::Builder<C, R2>>, R>
    where
        S: State + TakesBearer,
    {
        self.and(|shared, refuse| {
            let mut builder = BearerJwtLayer::builder(issuer, audience)
                .settings(&shared.settings)
                .refuse_with(refuse);
            if shared.allow_caching {
                builder = builder.insecure_without_no_store();
            }
            settings(builder)
        })
    }

    /// A [`BearerJwtLayer`] for the tokens that this application mints itself: the issuer's names,
    /// keys and algorithms. Its name and clock must be the stack's.
    #[cfg(feature = "_bearer")]
    pub fn bearer_of(
        self,
        issuer: &JwtIssuer,
    ) -> Builder<S::WithBearer, And<P, bearer::Builder<bearer::NoClaims, R>>, R>
    where
        S: State + TakesBearer,
    {
        self.bearer_of_with(issuer, |builder| builder)
    }

    /// The same with settings of its own.
    #[cfg(feature = "_bearer")]
    pub fn bearer_of_with<C, R2>(
        self,
        issuer: &JwtIssuer,
        settings: impl FnOnce(bearer::Builder<bearer::NoClaims, R>) -> bearer::Builder<C, R2>,
    ) -> Builder<S::WithBearer, And<P, bearer::Builder<C, R2>>, R>
    where
        S: State + TakesBearer,
    {
        self.and(|shared, refuse| {
            let mut builder = issuer.layer().own().settings(&shared.settings).refuse_with(refuse);
            if shared.allow_caching {
                builder = builder.insecure_without_no_store();
            }
            settings(builder)
        })
    }

    /// A [`RequireLayer`]: an identity, for every route inside. Where only some routes want one,
    /// leave it out and put a `RequireLayer` around those.
    #[cfg(feature = "require")]
    pub fn require(self) -> Builder<Required, And<P, require::Builder<R>>, R>
    where
        S: Identifies,
    {
        self.require_with(|builder| builder)
    }

    /// A [`RequireLayer`] that asks for more.
    #[cfg(feature = "require")]
    pub fn require_with<R2>(
        self,
        settings: impl FnOnce(require::Builder<R>) -> require::Builder<R2>,
    ) -> Builder<Required, And<P, require::Builder<R2>>, R>
    where
        S: Identifies,
    {
        self.and(|shared, refuse| {
            settings(RequireLayer::builder().settings(&shared.settings).refuse_with(refuse))
        })
    }
}
