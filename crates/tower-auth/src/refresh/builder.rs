//! The builder of [`Refresh`].

use std::sync::Arc;
use std::time::Duration;

use cookie::{Cookie, SameSite};

use super::client::{Accepts, without_secret};
use super::engine::{Engine, LAYER};
use super::handle::Refresh;
use super::token::Mint;
use super::{AccessTokens, ClientSecret, RefreshConfigError};
use crate::crypto::keys::{self, KeyRing, LogIds};
use crate::jar::check::check;
use crate::jar::elsewhere::is_host_only;
use crate::jar::names;
use crate::store::{AnyStore, Store};
use crate::{Settings, csrf};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// A longer window hardly helps against lost responses, but helps thieves.
const LONGEST_WINDOW: Duration = Duration::from_secs(5 * 60);

/// Builds a [`Refresh`]; [`build`](Self::build) checks all settings together.
#[must_use = "a builder does nothing until it is built"]
pub struct RefreshBuilder {
    store: AnyStore,
    keys: KeyRing,
    access: Box<dyn AccessTokens>,
    window: Duration,
    idle: Duration,
    absolute: Duration,
    cookie_name: String,
    partitioned: bool,
    name: Option<String>,
    settings: Settings,
    accepts: Accepts,
}

impl Refresh {
    /// Returns a builder for a [`Refresh`]. `keys` must be the key ring of the layers: building a
    /// stack with another ring fails.
    pub fn builder(
        store: impl Store,
        keys: &KeyRing,
        access_tokens: impl AccessTokens,
    ) -> RefreshBuilder {
        RefreshBuilder::new(AnyStore::new(store), keys.clone(), Box::new(access_tokens))
    }
}

impl RefreshBuilder {
    fn new(store: AnyStore, keys: KeyRing, access: Box<dyn AccessTokens>) -> Self {
        Self {
            store,
            keys,
            access,
            window: Duration::from_secs(10),
            idle: 14 * DAY,
            absolute: 90 * DAY,
            cookie_name: names::REFRESH.into(),
            partitioned: false,
            name: None,
            settings: Settings::new(),
            accepts: Box::new(without_secret),
        }
    }

    /// Sets the window: the time after a rotation in which the replaced token still gets the same
    /// successor. 10 seconds by default, at most five minutes.
    ///
    /// The window keeps the user logged in if two tabs refresh at once, or if a response is lost.
    ///
    /// Clocks that differ by up to 5 seconds between nodes do not log the user out either. Each
    /// node extends the window by 5 seconds, so between two such nodes it lasts up to 10 seconds
    /// longer. A node whose clock is further behind the clock of the node that rotated emits
    /// [`clock_skew`](crate::event). A rotation further in the future than the window and 5 seconds
    /// is not recent on that node.
    ///
    /// The window has a cost: a thief who replays a token inside each window of the victim stays
    /// undetected until one of the two misses it. Zero is [`strict`](Self::strict).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tower_auth::refresh::AccessToken;
    /// # use tower_auth::{Clock, Identity, KeyRing, MemoryStore, Refresh};
    /// # let mint = |_: &Identity| Ok(AccessToken { text: "…".into(), expires_in: Duration::ZERO });
    /// let refresh = Refresh::builder(MemoryStore::new(Clock::system()), &KeyRing::random(), mint)
    ///     .window(Duration::from_secs(30))
    ///     .idle_timeout(Duration::from_secs(7 * 24 * 60 * 60))
    ///     .absolute_timeout(Duration::from_secs(30 * 24 * 60 * 60))
    ///     .build()?;
    /// # Ok::<_, tower_auth::refresh::RefreshConfigError>(())
    /// ```
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// Removes the window. If several requests present a token, the first wins and the second ends
    /// the family. A client that repeats a request because it lost the response also ends the
    /// family.
    pub fn strict(self) -> Self {
        self.window(Duration::ZERO)
    }

    /// Sets the idle timeout: a family ends if it is unused for `timeout`. 14 days by default.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle = timeout;
        self
    }

    /// Sets the absolute timeout: a family ends `timeout` after the login, even if it is used. 90
    /// days by default. The cookie has the same lifetime, up to the 400 days that browsers allow.
    pub fn absolute_timeout(mut self, timeout: Duration) -> Self {
        self.absolute = timeout;
        self
    }

    /// Sets the cookie's name. `__Host-refresh` by default: because of the prefix, browsers refuse
    /// a cookie that another host planted (ASVS 3.3.3).
    pub fn cookie_name(mut self, name: impl Into<String>) -> Self {
        self.cookie_name = name.into();
        self
    }

    /// Separates the cookie by the site that embeds the application (CHIPS, `Partitioned`), as
    /// [`SessionLayer`](crate::session::SessionLayerBuilder::partitioned) does. The cookie is then
    /// `SameSite=None` instead of `Strict`. Off by default.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tower_auth::refresh::AccessToken;
    /// # use tower_auth::{Clock, Identity, KeyRing, MemoryStore, Refresh};
    /// # let mint = |_: &Identity| Ok(AccessToken { text: "…".into(), expires_in: Duration::ZERO });
    /// let refresh = Refresh::builder(MemoryStore::new(Clock::system()), &KeyRing::random(), mint)
    ///     .cookie_name("__Host-widget-refresh")
    ///     .partitioned()
    ///     .build()?;
    /// # Ok::<_, tower_auth::refresh::RefreshConfigError>(())
    /// ```
    pub fn partitioned(mut self) -> Self {
        self.partitioned = true;
        self
    }

    /// Names this engine, so that other engines refuse its tokens. None by default.
    ///
    /// A refresh token is bound to the engine that issued it: to the settings'
    /// [issuer](Settings::issuer), to the [issuer](AccessTokens::issuer) and the
    /// [audience](AccessTokens::audience) of its access tokens, and to this name. Two engines that
    /// share a store and a key ring, and mint with closures, have no audience. Without names, they
    /// exchange each other's tokens.
    ///
    /// A change of name, issuer or audience invalidates all earlier tokens, as a change of the key
    /// ring does.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tower_auth::refresh::{AccessToken, Refresh};
    /// # use tower_auth::{Clock, Identity, KeyRing, MemoryStore};
    /// # let (store, keys) = (MemoryStore::new(Clock::system()), KeyRing::random());
    /// # let for_the_api = |_: &Identity| {
    /// #     Ok(AccessToken { text: String::new(), expires_in: Duration::from_secs(300) })
    /// # };
    /// # let for_admins = for_the_api;
    /// let api = Refresh::builder(store.clone(), &keys, for_the_api).name("api").build()?;
    /// let admin = Refresh::builder(store, &keys, for_admins)
    ///     .name("admin")
    ///     .absolute_timeout(Duration::from_secs(24 * 60 * 60))
    ///     .idle_timeout(Duration::from_secs(60 * 60))
    ///     .build()?;
    /// # Ok::<_, tower_auth::refresh::RefreshConfigError>(())
    /// ```
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the check of clients by name and secret. By default, a client is accepted if it sends
    /// no secret (a public client), because the engine has no secrets to check against.
    ///
    /// `accepts` is called for each request that names a client, by HTTP Basic or by `client_id`
    /// and `client_secret` in the body. If the client sent no secret, the argument is
    /// [empty](ClientSecret::is_empty). Return `false` for a confidential client without its
    /// secret. Otherwise a stolen refresh token works without the secret.
    ///
    /// A client that is not accepted gets `invalid_client`. Its token is not consumed, and the
    /// store is not asked. A family that is bound to no client also serves requests that name none;
    /// `accepts` is not called for those.
    ///
    /// `accepts` runs on the request's thread and must not block. Randomly generated secrets need
    /// no slow hash. If clients are in a database, hold them in memory, or check them in a handler
    /// of your own that calls [`Refresh::refresh`].
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tower_auth::refresh::{AccessToken, Refresh};
    /// # use tower_auth::{Clock, Identity, KeyRing, MemoryStore};
    /// # let mint = |_: &Identity| {
    /// #     Ok(AccessToken { text: String::new(), expires_in: Duration::from_secs(300) })
    /// # };
    /// # let store = MemoryStore::new(Clock::system());
    /// # let backend_secret = "drawn at random";
    /// let refresh = Refresh::builder(store, &KeyRing::random(), mint)
    ///     .client_secret_with(move |client, secret| match client {
    ///         "mobile-app" => secret.is_empty(),
    ///         "backend" => secret.is(backend_secret),
    ///         _ => false,
    ///     })
    ///     .build()?;
    /// # Ok::<_, tower_auth::refresh::RefreshConfigError>(())
    /// ```
    pub fn client_secret_with(
        mut self,
        accepts: impl Fn(&str, ClientSecret<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.accepts = Box::new(accepts);
        self
    }

    /// Sets the settings that all layers share. A later call replaces an earlier one.
    /// [`Settings::new`] by default.
    ///
    /// The engine uses the clock, timer, events and issuer. Give the same settings to an
    /// [`AuthStack`](crate::AuthStack) around it.
    pub fn settings(mut self, settings: &Settings) -> Self {
        self.settings = settings.clone();
        self
    }

    /// Builds the engine.
    ///
    /// # Errors
    /// Returns a [`RefreshConfigError`]. Its message names the setter and the fix.
    pub fn build(self) -> Result<Refresh, RefreshConfigError> {
        let mut template = Cookie::build((self.cookie_name, ""))
            .path("/")
            .secure(true)
            .http_only(true)
            .same_site(SameSite::Strict)
            .build();
        if self.partitioned {
            template.set_same_site(SameSite::None);
            template.set_partitioned(true);
        }
        check(&template).map_err(RefreshConfigError::Cookie)?;
        if self.idle.is_zero() {
            return Err(RefreshConfigError::ZeroTimeout("idle_timeout"));
        }
        if self.absolute.is_zero() {
            return Err(RefreshConfigError::ZeroTimeout("absolute_timeout"));
        }
        if self.idle > self.absolute {
            let (idle, absolute) = (self.idle, self.absolute);
            return Err(RefreshConfigError::IdleBeyondAbsolute { idle, absolute });
        }
        if self.window > LONGEST_WINDOW || self.window >= self.idle {
            return Err(RefreshConfigError::Window { window: self.window });
        }
        if self.settings.name().is_empty() {
            return Err(RefreshConfigError::Issuer);
        }
        if self.name.as_deref() == Some("") {
            return Err(RefreshConfigError::Name);
        }
        if self.store.limits().max_value < 4096 {
            return Err(RefreshConfigError::Store);
        }
        self.keys.report(&self.settings.events);
        let engine = keys::Engine {
            issuer: self.settings.name(),
            tokens_of: self.access.issuer(),
            audience: self.access.audience(),
            name: self.name.as_deref(),
        };
        let mint = Mint::new(&self.keys, engine, template.name());
        let csrf = csrf::Config::new(&self.keys, false);
        let csrf = csrf.with_refresh_cookie(&self.keys, template.name());
        Ok(Refresh::from_engine(Engine {
            store: self.store.watched(&self.settings.events, self.settings.timer.as_ref(), LAYER),
            mint: Arc::new(mint),
            access: self.access,
            window: self.window,
            idle: self.idle,
            absolute: self.absolute,
            issuer: self.settings.name().to_owned(),
            is_scoped: !is_host_only(template.name()),
            template,
            clock: self.settings.clock,
            events: self.settings.events,
            log_ids: LogIds::new(&self.keys),
            accepts: self.accepts,
            csrf,
        }))
    }
}

impl std::fmt::Debug for RefreshBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefreshBuilder").finish_non_exhaustive()
    }
}
