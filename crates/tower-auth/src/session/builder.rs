//! How a layer is set up.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use cookie::SameSite;
use http::HeaderValue;
use http::request::Parts;
use tower_auth_core::refuse;

use crate::Settings;
use crate::crypto::credential::Mint;
use crate::crypto::keys::{KeyRing, LogIds};
use crate::jar::check::check;
use crate::session::config::{Config, LAYER, Skip};
use crate::session::cookie_settings::CookieSettings;
use crate::session::transport::Carrier;
use crate::session::transport::client_record::Held;
use crate::session::transport::client_store::Client;
use crate::session::writer_lock::Locks;
use crate::session::{ConfigError, SessionLayer};
use crate::store::{AnyStore, Store};

/// Gathers a [`SessionLayer`]'s settings; [`build`](Self::build) checks them together.
#[must_use]
pub struct Builder<R = refuse::Empty> {
    /// `None`: the client keeps the records.
    store: Option<AnyStore>,
    guard: Option<AnyStore>,
    keys: KeyRing,
    cookie: CookieSettings,
    allow_caching: bool,
    clear_cache: bool,
    idle: Duration,
    absolute: Duration,
    realm: Option<String>,
    skip: Option<Arc<Skip>>,
    settings: Settings,
    refuse: R,
}

impl Builder {
    pub(super) fn new(store: Option<AnyStore>, keys: KeyRing) -> Self {
        Self {
            store,
            guard: None,
            keys,
            cookie: CookieSettings::default(),
            allow_caching: false,
            clear_cache: false,
            idle: Duration::from_secs(30 * 60),
            absolute: Duration::from_secs(24 * 60 * 60),
            realm: None,
            skip: None,
            settings: Settings::new(),
            refuse: refuse::Empty,
        }
    }
}

impl<R> Builder<R> {
    /// The cookie's name. Default: [`DEFAULT_COOKIE`](crate::session::DEFAULT_COOKIE), whose prefix makes
    /// browsers refuse a cookie that another host planted (ASVS 3.3.3).
    ///
    /// Give each of several applications on one host a name of its own: a browser sends cookies to
    /// every port of a host, so a login to one application would replace the other's cookie. A
    /// session is bound to its cookie's name, and counts under no other.
    ///
    /// ```
    /// use tower_auth::{Clock, KeyRing, MemoryStore, SessionLayer};
    ///
    /// let layer = SessionLayer::builder(MemoryStore::new(Clock::system()), &KeyRing::random())
    ///     .cookie_name("__Host-shop-session")
    ///     .build()?;
    /// # Ok::<_, tower_auth::session::ConfigError>(())
    /// ```
    pub fn cookie_name(mut self, name: impl Into<String>) -> Self {
        self.cookie.name = Some(name.into());
        self
    }

    /// Shares the cookie with the sub-domains of this domain. The name must not have the prefix
    /// `__Host-` then; it is [`DEFAULT_COOKIE_SHARED`](crate::session::DEFAULT_COOKIE_SHARED) unless you name
    /// it.
    ///
    /// After a change of this setting, or of [`cookie_path`](Self::cookie_path), browsers send the
    /// old cookie beside the new one until the next page or login, which removes it.
    pub fn cookie_domain(mut self, domain: impl Into<String>) -> Self {
        self.cookie.domain = Some(domain.into());
        self
    }

    /// The cookie's path; `/` by default. Another than `/` rules the prefix `__Host-` out.
    pub fn cookie_path(mut self, path: impl Into<String>) -> Self {
        self.cookie.path = Some(path.into());
        self
    }

    /// When browsers send the cookie with requests from other sites; `Lax` by default: with
    /// top-level navigations only. A [partitioned](Self::partitioned) cookie is `None` by default.
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.cookie.same_site = Some(same_site);
        self
    }

    /// Keeps the cookie apart for each site that embeds the application (CHIPS, `Partitioned`): for
    /// an application that lives in frames on other sites, where browsers keep no other cookies. The
    /// cookie is `SameSite=None` then, unless [`same_site`](Self::same_site) says otherwise. Off by
    /// default.
    ///
    /// Browsers keep a partitioned and an unpartitioned cookie of one name side by side, so take
    /// another [`cookie_name`](Self::cookie_name) when you turn this on or off. Turn it on for
    /// [`CsrfLayer`](crate::csrf::Builder::partitioned) and
    /// [`Refresh`](crate::refresh::Builder::partitioned) as well.
    ///
    /// ```
    /// use tower_auth::{Clock, KeyRing, MemoryStore, SessionLayer};
    ///
    /// let layer = SessionLayer::builder(MemoryStore::new(Clock::system()), &KeyRing::random())
    ///     .cookie_name("__Host-widget")
    ///     .partitioned()
    ///     .build()?;
    /// # Ok::<_, tower_auth::session::ConfigError>(())
    /// ```
    pub fn partitioned(mut self) -> Self {
        self.cookie.partitioned = true;
        self
    }

    /// Lets the cookie outlive the browser, for as long as the absolute timeout ("remember me").
    /// Off by default: session secrets should not be persistent (NIST SP 800-63B-4, 5.1).
    pub fn persistent(mut self) -> Self {
        self.cookie.persistent = true;
        self
    }

    /// Ends a session that was not used for so long; 30 minutes by default.
    ///
    /// The arrival of a request is a use, however long the request takes. If it takes longer than
    /// this timeout, the session is touched again while it runs, every half of the timeout; that
    /// needs a [timer](Settings::timer). Without one such a request finds its session over when it
    /// writes (401), as does one beyond the absolute timeout in any case.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle = timeout;
        self
    }

    /// Ends a session so long after its login, however much it is used; 24 hours by default.
    pub fn absolute_timeout(mut self, timeout: Duration) -> Self {
        self.absolute = timeout;
        self
    }

    /// The realm that a 401's challenge names. Default: that of the [settings](Self::settings),
    /// `app`.
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = Some(realm.into());
        self
    }

    /// Lets a store say which state of a session that the client keeps is the newest; for
    /// [`SessionLayer::in_cookie`] alone.
    ///
    /// It holds a mark of no content for each session ([`Kind::Replay`]), and with it come back:
    ///
    /// - A logout ends the session, on every node and in every copy of its cookies. A user's
    ///   sessions can be ended by [`end_owned`] on that store.
    /// - Who sends an older state than the newest is nobody; the one just before it can be read for
    ///   10 s, by requests that were under way, unless a login or
    ///   [`update_identity`](crate::session::Session::update_identity) has renewed the secret between the two.
    /// - Of two writes at once one is done, and the other is told so
    ///   ([`Rotated`](crate::session::SessionError::Rotated), 409): its state is not here to apply it again.
    ///
    /// It costs what a store costs: one command for each request with a session, one for each
    /// write. And a client that never got the response to a write has an old state, and is logged
    /// out. A store that may evict is refused: what it forgets could be replayed.
    ///
    /// [`Kind::Replay`]: crate::store::Kind::Replay
    /// [`end_owned`]: crate::store::Store::end_owned
    pub fn replay_guard(mut self, store: impl Store) -> Self {
        self.guard = Some(AnyStore::new(store));
        self
    }

    /// Leaves out the requests for which this is true, such as static files: there the layer is as
    /// if absent, and asking for a session or an identity is a wiring mistake, 500.
    pub fn skip(mut self, skip: impl Fn(&Parts) -> bool + Send + Sync + 'static) -> Self {
        self.skip = Some(Arc::new(skip));
        self
    }

    /// Has the browser clear what it cached of this origin at a
    /// [`logout`](crate::session::Session::logout), by `Clear-Site-Data: "cache"`: for pages that were cached
    /// all the same, and for the back/forward cache, which some browsers clear with it. Off by
    /// default: a logout may then take seconds in the browser. Browsers obey it over https alone.
    ///
    /// Cookies are never cleared so: that would take those of every application of the registrable
    /// domain.
    ///
    /// ```
    /// # use tower_auth::{Clock, KeyRing, MemoryStore, SessionLayer};
    /// # let (keys, store) = (KeyRing::random(), MemoryStore::new(Clock::system()));
    /// let layer = SessionLayer::builder(store, &keys).clear_cache_on_logout().build()?;
    /// # Ok::<_, tower_auth::session::ConfigError>(())
    /// ```
    pub fn clear_cache_on_logout(mut self) -> Self {
        self.clear_cache = true;
        self
    }

    /// Leaves a response that needed an identity to what its handler says of caching. Default: where
    /// the handler says nothing, such a response gets `Cache-Control: no-store`, so that no cache
    /// keeps it and the browser does not show it again after a logout; see
    /// [`manual::attacks`](crate::manual::attacks). The outermost of tower-auth's layers decides.
    pub fn insecure_without_no_store(mut self) -> Self {
        self.allow_caching = true;
        self
    }

    /// Takes the settings that all layers share; a later call replaces an earlier one. Default:
    /// [`Settings::new`].
    pub fn settings(mut self, settings: &Settings) -> Self {
        self.settings = settings.clone();
        self
    }

    /// How this layer's refusals look, and those of extractors and of [`SessionError`]s inside;
    /// [`refuse::Empty`] by default.
    ///
    /// [`SessionError`]: crate::session::SessionError
    pub fn refuse_with<R2>(self, refuse: R2) -> Builder<R2> {
        let Self {
            store,
            guard,
            keys,
            cookie,
            allow_caching,
            clear_cache,
            idle,
            absolute,
            realm,
            skip,
            settings,
            ..
        } = self;
        Builder {
            store,
            guard,
            keys,
            cookie,
            allow_caching,
            clear_cache,
            idle,
            absolute,
            realm,
            skip,
            settings,
            refuse,
        }
    }

    /// The layer.
    ///
    /// # Errors
    /// What [`ConfigError`] says; the message names the setter and what to do.
    pub fn build(self) -> Result<SessionLayer<R>, ConfigError> {
        let template = self.cookie.template(self.settings.plain_http);
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
        if self.cookie.persistent && self.absolute > Duration::from_secs(400 * 24 * 60 * 60) {
            return Err(ConfigError::PersistentTooLong);
        }
        if self.settings.name().is_empty() {
            return Err(ConfigError::Issuer);
        }
        if let Some(guard) = &self.guard {
            if self.store.is_some() {
                return Err(ConfigError::GuardedStore);
            }
            if guard.limits().evicts {
                return Err(ConfigError::GuardEvicts);
            }
        }
        self.keys.report(&self.settings.events);
        let (held, guarded) = (self.store.is_none(), self.guard.is_some());
        let clock = self.settings.clock.clone();
        let client = Client::new(clock.clone(), self.guard);
        let store = self.store.unwrap_or_else(|| AnyStore::new(client));
        if store.limits().max_value < 4096 {
            return Err(ConfigError::Store);
        }
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
        let realm = self.settings.realm_or(self.realm);
        if !realm.bytes().all(is_plain) {
            return Err(ConfigError::Realm);
        }
        let challenge = HeaderValue::try_from(format!("Session realm=\"{realm}\""))
            .map_err(|_| ConfigError::Realm)?;
        let mint = Mint::new(&self.keys, template.name());
        let held = held.then(|| Held::new(&self.keys, template.name(), clock, guarded));
        let persistent = self.cookie.persistent.then_some(self.absolute);
        let config = Config {
            carrier: Carrier::new(mint, template, persistent, held),
            store: store.watched(&self.settings.events, self.settings.timer.as_ref(), LAYER),
            idle: self.idle,
            absolute: self.absolute,
            issuer: self.settings.name().to_owned(),
            clock: self.settings.clock,
            timer: self.settings.timer,
            challenge,
            skip: self.skip,
            allow_caching: self.allow_caching,
            clear_cache: self.clear_cache,
            locks: Locks::new(),
            events: self.settings.events,
            #[cfg(feature = "csrf")]
            pre_session: crate::csrf::PreSession::new(&self.keys, self.settings.plain_http),
            log_ids: LogIds::new(&self.keys),
            has_sessions: AtomicBool::new(false),
        };
        Ok(SessionLayer::from_parts(Arc::new(config), self.refuse))
    }

    #[cfg(feature = "stack")]
    pub(crate) fn shared(&self) -> &Settings {
        &self.settings
    }

    /// The cookie's name, as it will be.
    #[cfg(feature = "stack")]
    pub(crate) fn cookie(&self) -> String {
        self.cookie.template(self.settings.plain_http).name().to_owned()
    }
}

impl<R> fmt::Debug for Builder<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("session::Builder").finish_non_exhaustive()
    }
}
