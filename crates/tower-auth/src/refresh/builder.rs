//! How an engine is set up.

use std::sync::Arc;
use std::time::Duration;

use cookie::{Cookie, SameSite};

use super::client::{Accepts, without_secret};
use super::engine::{Engine, LAYER};
use super::token::Mint;
use super::{AccessTokens, ClientSecret, ConfigError, Refresh};
use crate::crypto::keys::{self, KeyRing, LogIds};
use crate::jar::check::check;
use crate::jar::elsewhere::is_host_only;
use crate::jar::names;
use crate::store::{AnyStore, Store as _};
use crate::{Settings, csrf};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Beyond this the window is no help against lost answers any more, but to thieves.
const LONGEST_WINDOW: Duration = Duration::from_secs(5 * 60);

/// Gathers a [`Refresh`]'s settings; [`build`](Self::build) checks them together.
#[must_use = "a builder does nothing until it is built"]
pub struct Builder {
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

impl Builder {
    pub(super) fn new(store: AnyStore, keys: KeyRing, access: Box<dyn AccessTokens>) -> Self {
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

    /// For how long after a rotation the token that was replaced still gets the same successor; 10
    /// seconds by default, at most five minutes. Two tabs that refresh at once, and an answer that
    /// is lost on the way, then log nobody out.
    ///
    /// Nodes whose clocks differ by up to 5 seconds log no one out either: each counts the window as
    /// 5 seconds longer, so between two such nodes it lasts up to 10 seconds longer. A node whose
    /// clock is further behind the one that rotated emits [`clock_skew`](crate::event); a rotation
    /// that lies further in the future than the window and 5 seconds is not recent there.
    ///
    /// The window has a cost: a thief who replays inside each window of the victim stays unseen
    /// until one of them misses it. Zero is [`strict`](Self::strict).
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// No window: of several that present a token one wins, and the second ends the family. So does
    /// a client that repeats a request whose answer it did not get.
    pub fn strict(self) -> Self {
        self.window(Duration::ZERO)
    }

    /// Ends a family that was not used for so long; 14 days by default.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle = timeout;
        self
    }

    /// Ends a family so long after the login, however much it is used; 90 days by default. The
    /// cookie lives as long, up to the 400 days that browsers keep any.
    pub fn absolute_timeout(mut self, timeout: Duration) -> Self {
        self.absolute = timeout;
        self
    }

    /// The cookie's name; `__Host-refresh` by default, whose prefix makes browsers refuse a cookie
    /// that another host planted (ASVS 3.3.3).
    pub fn cookie_name(mut self, name: impl Into<String>) -> Self {
        self.cookie_name = name.into();
        self
    }

    /// Keeps the cookie apart for each site that embeds the application (CHIPS, `Partitioned`), as
    /// [`SessionLayer`](crate::session::Builder::partitioned) does. The cookie is `SameSite=None`
    /// then, not `Strict`. Off by default.
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
    /// # Ok::<_, tower_auth::refresh::ConfigError>(())
    /// ```
    pub fn partitioned(mut self) -> Self {
        self.partitioned = true;
        self
    }

    /// Names this engine, so that its tokens are no other engine's; none by default.
    ///
    /// A refresh token is bound to the engine that issued it: to the settings'
    /// [issuer](Settings::issuer), to the [issuer](AccessTokens::issuer) and the
    /// [audience](AccessTokens::audience) of its access tokens, and to this name. Two engines on one store and one key ring that mint with closures know no
    /// audience: without names they exchange each other's tokens. A changed name, issuer or audience
    /// ends every token from before, as a changed key ring does.
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
    /// # Ok::<_, tower_auth::refresh::ConfigError>(())
    /// ```
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Accepts the clients that these endpoints may serve, by name and secret. Default: a client is
    /// accepted if it sends no secret (a public client), because nothing here could check one.
    ///
    /// `accepts` is called for each request that names a client: by HTTP Basic or by `client_id` and
    /// `client_secret` in the body, and with an [empty](ClientSecret::is_empty) secret if it sent
    /// none. So return `false` for a confidential client without its secret, or a stolen refresh
    /// token needs none. A client that is not accepted gets `invalid_client`; its token is not
    /// consumed, and the store is not asked. A family that is bound to no client also serves
    /// requests that name none, which `accepts` is not asked about.
    ///
    /// `accepts` runs on the request's thread and must not block. Secrets that were drawn at random
    /// need no slow hash; clients that are kept in a database are best held in memory, or checked in
    /// a handler of your own that calls [`Refresh::refresh`].
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
    /// # Ok::<_, tower_auth::refresh::ConfigError>(())
    /// ```
    pub fn client_secret_with(
        mut self,
        accepts: impl Fn(&str, ClientSecret<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.accepts = Box::new(accepts);
        self
    }

    /// Takes the settings that all layers share; a later call replaces an earlier one. Default:
    /// [`Settings::new`].
    ///
    /// The engine uses their clock, timer, events and issuer. Give an
    /// [`AuthStack`](crate::AuthStack) around it the same.
    pub fn settings(mut self, settings: &Settings) -> Self {
        self.settings = settings.clone();
        self
    }

    /// The engine.
    ///
    /// # Errors
    /// What [`ConfigError`] says; the message names the setter and what to do.
    pub fn build(self) -> Result<Refresh, ConfigError> {
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
        check(&template).map_err(ConfigError::Cookie)?;
        if self.idle.is_zero() {
            return Err(ConfigError::ZeroTimeout("idle_timeout"));
        }
        if self.absolute.is_zero() {
            return Err(ConfigError::ZeroTimeout("absolute_timeout"));
        }
        if self.idle > self.absolute {
            let (idle, absolute) = (self.idle, self.absolute);
            return Err(ConfigError::IdleBeyondAbsolute { idle, absolute });
        }
        if self.window > LONGEST_WINDOW || self.window >= self.idle {
            return Err(ConfigError::Window { window: self.window });
        }
        if self.settings.name().is_empty() {
            return Err(ConfigError::Issuer);
        }
        if self.name.as_deref() == Some("") {
            return Err(ConfigError::Name);
        }
        if self.store.limits().max_value < 4096 {
            return Err(ConfigError::Store);
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

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("refresh::Builder").finish_non_exhaustive()
    }
}
