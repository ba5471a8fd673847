//! The setters that add layers: with their defaults, or through a closure over the layer's own
//! builder.

use super::AuthStackBuilder;
use super::order::{
    Identifies, IsGuarded, TakesBearer, TakesCookies, TakesCsrf, TakesRefresh, TakesSession,
};
use super::pending_layer::Stacked;
use super::state::{Cookies, Guarded, Required, State};
#[cfg(feature = "_bearer")]
use crate::ProtectedResource;
#[cfg(feature = "_bearer")]
use crate::bearer::{self, BearerJwtLayer, BearerJwtLayerBuilder, JwtIssuer, TrustedIssuer};
#[cfg(feature = "refresh")]
use crate::refresh::{self, Refresh, RefreshLayer};
#[cfg(feature = "require")]
use crate::require::{self, RequireLayer};
#[cfg(feature = "session")]
use crate::session::{self, SessionLayer};
#[cfg(feature = "session")]
use crate::store::Store;
use crate::{CookieLayer, CsrfLayer, cookie, csrf};

/// The builder of a bearer layer for several issuers.
#[cfg(feature = "_bearer")]
type AnyBearer<C, R> = BearerJwtLayerBuilder<C, R, Vec<TrustedIssuer>>;

/// Setters that add layers, the outermost first. The closure of a `_with` setter gets the layer's
/// own builder, which already has the shared settings.
impl<S, P, R: Clone> AuthStackBuilder<S, P, R> {
    /// Adds a [`CookieLayer`] with the stack's keys for signed and encrypted cookies. It provides
    /// the [`Cookies`](crate::Cookies) of handlers; the layers inside do not need it for their own
    /// cookies.
    pub fn cookies(self) -> AuthStackBuilder<Cookies, Stacked<P, cookie::CookieLayerBuilder<R>>, R>
    where
        S: TakesCookies,
    {
        self.cookies_with(|builder| builder)
    }

    /// Adds a [`CookieLayer`] with its own settings.
    pub fn cookies_with<R2>(
        self,
        settings: impl FnOnce(cookie::CookieLayerBuilder<R>) -> cookie::CookieLayerBuilder<R2>,
    ) -> AuthStackBuilder<Cookies, Stacked<P, cookie::CookieLayerBuilder<R2>>, R>
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

    /// Adds a [`CsrfLayer`], whose tokens are bound to the session or the refresh token of this
    /// stack.
    ///
    /// Only the cookies of the session, of the refresh token and of access tokens count as
    /// credentials. If the stack has a foreign [`layer`](Self::layer), every cookie counts. If a
    /// cookie of your own authenticates, name it with
    /// [`ambient_cookies`](csrf::CsrfLayerBuilder::ambient_cookies).
    pub fn csrf(self) -> AuthStackBuilder<Guarded, Stacked<P, csrf::CsrfLayerBuilder<R>>, R>
    where
        S: TakesCsrf,
    {
        self.csrf_with(|builder| builder)
    }

    /// Adds a [`CsrfLayer`] with its own settings, or, with
    /// [`headers_only`](csrf::CsrfLayerBuilder::headers_only), a
    /// [`CsrfHeadersLayer`](crate::CsrfHeadersLayer).
    pub fn csrf_with<R2, T>(
        self,
        settings: impl FnOnce(csrf::CsrfLayerBuilder<R>) -> csrf::CsrfLayerBuilder<R2, T>,
    ) -> AuthStackBuilder<Guarded, Stacked<P, csrf::CsrfLayerBuilder<R2, T>>, R>
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

    /// Allows sessions, and access tokens in cookies, without a [`CsrfLayer`]. Other sites can then
    /// make a browser act for its logged-in user, unless a layer or a proxy outside prevents that.
    pub fn insecure_without_csrf(self) -> AuthStackBuilder<Guarded, P, R>
    where
        S: TakesCsrf,
    {
        let mut builder = self.into_state();
        builder.shared.without_csrf = true;
        builder
    }

    /// Adds a [`RefreshLayer`] at `/auth/refresh` and `/auth/revoke`. Handlers need the [`Refresh`]
    /// too, so it is built before the stack. Its issuer, clock and keys must be the stack's.
    #[cfg(feature = "refresh")]
    pub fn refresh(
        self,
        refresh: Refresh,
    ) -> AuthStackBuilder<S::Refreshed, Stacked<P, refresh::RefreshLayerBuilder>, R>
    where
        S: State + TakesRefresh,
    {
        self.refresh_with(refresh, |builder| builder)
    }

    /// Adds a [`RefreshLayer`] with its own paths.
    #[cfg(feature = "refresh")]
    pub fn refresh_with(
        self,
        refresh: Refresh,
        settings: impl FnOnce(refresh::RefreshLayerBuilder) -> refresh::RefreshLayerBuilder,
    ) -> AuthStackBuilder<S::Refreshed, Stacked<P, refresh::RefreshLayerBuilder>, R>
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

    /// Adds a [`SessionLayer`] with this store.
    #[cfg(feature = "session")]
    pub fn session(
        self,
        store: impl Store,
    ) -> AuthStackBuilder<S::WithSession, Stacked<P, session::SessionLayerBuilder<R>>, R>
    where
        S: State + TakesSession + IsGuarded,
    {
        self.session_with(store, |builder| builder)
    }

    /// Adds a [`SessionLayer`] with its own settings.
    #[cfg(feature = "session")]
    pub fn session_with<R2>(
        self,
        store: impl Store,
        settings: impl FnOnce(session::SessionLayerBuilder<R>) -> session::SessionLayerBuilder<R2>,
    ) -> AuthStackBuilder<S::WithSession, Stacked<P, session::SessionLayerBuilder<R2>>, R>
    where
        S: State + TakesSession + IsGuarded,
    {
        self.and(|shared, refuse| {
            settings(shared.session(SessionLayer::builder(store, &shared.keys)).refuse_with(refuse))
        })
    }

    /// Adds a [`SessionLayer`] without a store: the client keeps the sessions. See the limits at
    /// [`SessionLayer::in_cookie`].
    #[cfg(feature = "session")]
    pub fn session_in_cookie(
        self,
    ) -> AuthStackBuilder<S::WithSession, Stacked<P, session::SessionLayerBuilder<R>>, R>
    where
        S: State + TakesSession + IsGuarded,
    {
        self.session_in_cookie_with(|builder| builder)
    }

    /// Adds a [`SessionLayer`] without a store, with its own settings, such as a
    /// [`replay_guard`](session::SessionLayerBuilder::replay_guard).
    #[cfg(feature = "session")]
    pub fn session_in_cookie_with<R2>(
        self,
        settings: impl FnOnce(session::SessionLayerBuilder<R>) -> session::SessionLayerBuilder<R2>,
    ) -> AuthStackBuilder<S::WithSession, Stacked<P, session::SessionLayerBuilder<R2>>, R>
    where
        S: State + TakesSession + IsGuarded,
    {
        self.and(|shared, refuse| {
            settings(shared.session(SessionLayer::in_cookie(&shared.keys)).refuse_with(refuse))
        })
    }

    /// Adds a [`BearerJwtLayer`] for the tokens of `issuer` for `audience`. The closure must set
    /// the algorithms and the keys.
    ///
    /// Tokens in a cookie ([`from_cookie`](bearer::BearerJwtLayerBuilder::from_cookie)) need
    /// [`csrf`](Self::csrf) before this setter. Without it, [`build`](Self::build) fails.
    ///
    /// ```
    /// use tower_auth::bearer::{Algorithm, Key};
    /// use tower_auth::{AuthStack, KeyRing};
    ///
    /// let stack = AuthStack::new(&KeyRing::random())
    ///     .csrf()
    ///     .bearer("https://id.example", "https://app.example", |bearer| {
    ///         bearer
    ///             .algorithms([Algorithm::HS256])
    ///             .key(Key::from_secret(Algorithm::HS256, [7; 32]))
    ///             .from_cookie("__Host-access")
    ///     })
    ///     .require()
    ///     .build()?;
    /// # Ok::<_, tower_auth::stack::StackConfigError>(())
    /// ```
    #[cfg(feature = "_bearer")]
    pub fn bearer<C, R2>(
        self,
        issuer: impl Into<String>,
        audience: impl Into<String>,
        settings: impl FnOnce(
            bearer::BearerJwtLayerBuilder<bearer::NoClaims, R>,
        ) -> bearer::BearerJwtLayerBuilder<C, R2>,
    ) -> AuthStackBuilder<S::WithBearer, Stacked<P, bearer::BearerJwtLayerBuilder<C, R2>>, R>
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

    /// Adds a [`BearerJwtLayer`] for the tokens of `issuer` for `resource`, whose metadata document
    /// its challenges name; see [`BearerJwtLayer::for_resource`]. The closure must set the keys.
    ///
    /// The document itself belongs outside of the stack: see [`resource`](crate::resource).
    #[cfg(feature = "_bearer")]
    pub fn bearer_for_resource<C, R2>(
        self,
        issuer: impl Into<String>,
        resource: &ProtectedResource,
        settings: impl FnOnce(
            bearer::BearerJwtLayerBuilder<bearer::NoClaims, R>,
        ) -> bearer::BearerJwtLayerBuilder<C, R2>,
    ) -> AuthStackBuilder<S::WithBearer, Stacked<P, bearer::BearerJwtLayerBuilder<C, R2>>, R>
    where
        S: State + TakesBearer,
    {
        self.and(|shared, refuse| {
            let mut builder = BearerJwtLayer::for_resource(issuer, resource)
                .settings(&shared.settings)
                .refuse_with(refuse);
            if shared.allow_caching {
                builder = builder.insecure_without_no_store();
            }
            settings(builder)
        })
    }

    /// Adds a [`BearerJwtLayer`] for the tokens of several issuers.
    ///
    /// ```
    /// use tower_auth::bearer::{Algorithm, Key, TrustedIssuer};
    /// use tower_auth::{AuthStack, KeyRing};
    ///
    /// let stack = AuthStack::new(&KeyRing::random())
    ///     .bearer_any([
    ///         TrustedIssuer::new("https://id.example", "https://api.example")
    ///             .algorithms([Algorithm::HS256])
    ///             .key(Key::from_secret(Algorithm::HS256, [7; 32])),
    ///         TrustedIssuer::new("https://partner.example", "https://api.example")
    ///             .algorithms([Algorithm::HS512])
    ///             .key(Key::from_secret(Algorithm::HS512, [8; 64])),
    ///     ])
    ///     .require()
    ///     .build()?;
    /// # Ok::<_, tower_auth::stack::StackConfigError>(())
    /// ```
    #[cfg(feature = "_bearer")]
    pub fn bearer_any(
        self,
        issuers: impl IntoIterator<Item = TrustedIssuer>,
    ) -> AuthStackBuilder<S::WithBearer, Stacked<P, AnyBearer<bearer::NoClaims, R>>, R>
    where
        S: State + TakesBearer,
    {
        self.bearer_any_with(issuers, |builder| builder)
    }

    /// Adds a [`BearerJwtLayer`] for the tokens of several issuers, with its own settings.
    #[cfg(feature = "_bearer")]
    pub fn bearer_any_with<C, R2>(
        self,
        issuers: impl IntoIterator<Item = TrustedIssuer>,
        settings: impl FnOnce(AnyBearer<bearer::NoClaims, R>) -> AnyBearer<C, R2>,
    ) -> AuthStackBuilder<S::WithBearer, Stacked<P, AnyBearer<C, R2>>, R>
    where
        S: State + TakesBearer,
    {
        self.and(|shared, refuse| {
            let mut builder =
                BearerJwtLayer::any(issuers).settings(&shared.settings).refuse_with(refuse);
            if shared.allow_caching {
                builder = builder.insecure_without_no_store();
            }
            settings(builder)
        })
    }

    /// Adds a [`BearerJwtLayer`] for the tokens that this application's `issuer` creates. The layer
    /// takes the name, the keys and the algorithms from `issuer`, whose name and clock must be the
    /// stack's.
    #[cfg(feature = "_bearer")]
    pub fn bearer_of(
        self,
        issuer: &JwtIssuer,
    ) -> AuthStackBuilder<
        S::WithBearer,
        Stacked<P, bearer::BearerJwtLayerBuilder<bearer::NoClaims, R>>,
        R,
    >
    where
        S: State + TakesBearer,
    {
        self.bearer_of_with(issuer, |builder| builder)
    }

    /// Adds a [`BearerJwtLayer`] for the tokens of this application's `issuer`, with its own
    /// settings.
    #[cfg(feature = "_bearer")]
    pub fn bearer_of_with<C, R2>(
        self,
        issuer: &JwtIssuer,
        settings: impl FnOnce(
            bearer::BearerJwtLayerBuilder<bearer::NoClaims, R>,
        ) -> bearer::BearerJwtLayerBuilder<C, R2>,
    ) -> AuthStackBuilder<S::WithBearer, Stacked<P, bearer::BearerJwtLayerBuilder<C, R2>>, R>
    where
        S: State + TakesBearer,
    {
        self.and(|shared, refuse| {
            let mut builder = issuer.layer().settings(&shared.settings).refuse_with(refuse);
            if shared.allow_caching {
                builder = builder.insecure_without_no_store();
            }
            settings(builder)
        })
    }

    /// Adds a [`RequireLayer`], which requires an identity on every route inside. If only some
    /// routes need an identity, omit it and put a `RequireLayer` around those routes.
    #[cfg(feature = "require")]
    pub fn require(
        self,
    ) -> AuthStackBuilder<Required, Stacked<P, require::RequireLayerBuilder<R>>, R>
    where
        S: Identifies,
    {
        self.require_with(|builder| builder)
    }

    /// Adds a [`RequireLayer`] with further requirements.
    #[cfg(feature = "require")]
    pub fn require_with<R2>(
        self,
        settings: impl FnOnce(require::RequireLayerBuilder<R>) -> require::RequireLayerBuilder<R2>,
    ) -> AuthStackBuilder<Required, Stacked<P, require::RequireLayerBuilder<R2>>, R>
    where
        S: Identifies,
    {
        self.and(|shared, refuse| {
            settings(RequireLayer::builder().settings(&shared.settings).refuse_with(refuse))
        })
    }
}
