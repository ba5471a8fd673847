//! The builder of a [`SessionLayer`].

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
use crate::session::transport::Transport;
use crate::session::transport::cookie_record::CookieRecord;
use crate::session::transport::cookie_store::CookieStore;
use crate::session::writer_lock::WriterLocks;
use crate::session::{SessionConfigError, SessionLayer};
use crate::store::{AnyStore, Store};

/// Builds a [`SessionLayer`]. [`build`](Self::build) checks all settings together.
#[must_use]
pub struct SessionLayerBuilder<R = refuse::Empty> {
    /// `None` if the client keeps the records.
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

impl SessionLayerBuilder {
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

impl<R> SessionLayerBuilder<R> {
    /// Sets the cookie's name. Default: [`DEFAULT_COOKIE`](crate::session::DEFAULT_COOKIE). Its
    /// prefix `__Host-` makes browsers refuse a cookie of that name that another host sets (ASVS
    /// 3.3.3).
    ///
    /// If several applications share a host, give each its own name. A browser sends cookies to
    /// every port of a host, so a login to one application would replace the other's cookie. A
    /// session is bound to the name of its cookie, and is not valid under any other name.
    ///
    /// ```
    /// use tower_auth::{Clock, KeyRing, MemoryStore, SessionLayer};
    ///
    /// let layer = SessionLayer::builder(MemoryStore::new(Clock::system()), &KeyRing::random())
    ///     .cookie_name("__Host-shop-session")
    ///     .build()?;
    /// # Ok::<_, tower_auth::session::SessionConfigError>(())
    /// ```
    pub fn cookie_name(mut self, name: impl Into<String>) -> Self {
        self.cookie.name = Some(name.into());
        self
    }

    /// Shares the cookie with the sub-domains of `domain`. The cookie's name must then not have the
    /// prefix `__Host-`; the default name is
    /// [`DEFAULT_COOKIE_SHARED`](crate::session::DEFAULT_COOKIE_SHARED).
    ///
    /// If you change this setting or [`cookie_path`](Self::cookie_path), browsers send the old
    /// cookie beside the new one until the next page load or login, which removes the old one.
    pub fn cookie_domain(mut self, domain: impl Into<String>) -> Self {
        self.cookie.domain = Some(domain.into());
        self
    }

    /// Sets the cookie's path. Default: `/`. With any other path, the cookie's name must not have
    /// the prefix `__Host-`; the default name is
    /// [`DEFAULT_COOKIE_SHARED`](crate::session::DEFAULT_COOKIE_SHARED).
    pub fn cookie_path(mut self, path: impl Into<String>) -> Self {
        self.cookie.path = Some(path.into());
        self
    }

    /// Sets whether browsers send the cookie with requests from other sites. Default: `Lax`, with
    /// which browsers send it only with top-level navigations. For a
    /// [partitioned](Self::partitioned) cookie, the default is `SameSite=None`.
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.cookie.same_site = Some(same_site);
        self
    }

    /// Partitions the cookie by the site that embeds the application (CHIPS, `Partitioned`). Off by
    /// default.
    ///
    /// Use it for an application in a frame on other sites, where browsers keep no unpartitioned
    /// cookies. The cookie is then `SameSite=None`, unless [`same_site`](Self::same_site) sets
    /// another value.
    ///
    /// Browsers keep a partitioned and an unpartitioned cookie of one name side by side. Choose
    /// another [`cookie_name`](Self::cookie_name) when you turn this setting on or off. Turn it on
    /// for [`CsrfLayer`](crate::csrf::CsrfLayerBuilder::partitioned) and
    /// [`Refresh`](crate::refresh::RefreshBuilder::partitioned) as well.
    ///
    /// ```
    /// use tower_auth::{Clock, KeyRing, MemoryStore, SessionLayer};
    ///
    /// let layer = SessionLayer::builder(MemoryStore::new(Clock::system()), &KeyRing::random())
    ///     .cookie_name("__Host-widget")
    ///     .partitioned()
    ///     .build()?;
    /// # Ok::<_, tower_auth::session::SessionConfigError>(())
    /// ```
    pub fn partitioned(mut self) -> Self {
        self.cookie.partitioned = true;
        self
    }

    /// Keeps the cookie after the browser closes, for the absolute timeout. Off by default: session
    /// secrets should not be persistent (NIST SP 800-63B-4, 5.1).
    pub fn persistent(mut self) -> Self {
        self.cookie.persistent = true;
        self
    }

    /// Sets the time after which an unused session ends. Default: 30 minutes.
    ///
    /// The arrival of a request counts as use. With a [timer](Settings::timer), the layer also
    /// extends the session while a long request runs, each time that half of the timeout has
    /// passed. Without a timer, a session ends during a request that takes longer than the timeout.
    /// A later write of that request then fails (401), and a login starts a new session.
    ///
    /// ```
    /// use std::time::Duration;
    /// # use tower_auth::{Clock, KeyRing, MemoryStore, SessionLayer};
    /// # let (keys, store) = (KeyRing::random(), MemoryStore::new(Clock::system()));
    ///
    /// let layer = SessionLayer::builder(store, &keys)
    ///     .idle_timeout(Duration::from_secs(15 * 60))
    ///     .absolute_timeout(Duration::from_secs(12 * 60 * 60))
    ///     .build()?;
    /// # Ok::<_, tower_auth::session::SessionConfigError>(())
    /// ```
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle = timeout;
        self
    }

    /// Sets the time after which a session ends, even if it is in use. Default: 24 hours. The time
    /// starts when the session is created, and starts again when the user authenticates.
    pub fn absolute_timeout(mut self, timeout: Duration) -> Self {
        self.absolute = timeout;
        self
    }

    /// Sets the realm in the challenge of a 401. Default: the realm of the
    /// [settings](Self::settings), which is `app` unless it is set.
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = Some(realm.into());
        self
    }

    /// Sets a store that knows the newest version of each session whose record is in cookies. Only
    /// for [`SessionLayer::in_cookie`].
    ///
    /// For each session, the store holds a mark: a record without content ([`RecordKind::Replay`]).
    /// With a replay guard:
    ///
    /// - A logout ends the session, on every node and in every copy of its cookies. [`end_owned`]
    ///   on that store ends the sessions of a user.
    /// - Only the newest version is accepted. As an exception, requests that were under way can
    ///   read the version before it for 10 s. The exception does not apply if a login or
    ///   [`update_identity`](crate::session::Session::update_identity) has renewed the secret since
    ///   that version.
    /// - If two requests write at once, one write succeeds. The other fails with
    ///   [`Rotated`](crate::session::SessionError::Rotated) (409), because the server does not have
    ///   the newest version and cannot apply the change to it.
    ///
    /// The guard costs one store command for each request with a session, and one for each write. A
    /// client that never received the response to a write has an old version, and is logged out.
    /// The builder refuses a store that may evict: a session whose mark was evicted could be
    /// replayed.
    ///
    /// [`RecordKind::Replay`]: crate::store::RecordKind::Replay
    /// [`end_owned`]: crate::store::Store::end_owned
    pub fn replay_guard(mut self, store: impl Store) -> Self {
        self.guard = Some(AnyStore::new(store));
        self
    }

    /// Skips the layer for requests for which `skip` returns `true`, such as requests for static
    /// files. On a skipped request, an extractor of a session or an identity fails as if the layer
    /// were missing (500).
    pub fn skip(mut self, skip: impl Fn(&Parts) -> bool + Send + Sync + 'static) -> Self {
        self.skip = Some(Arc::new(skip));
        self
    }

    /// Makes browsers clear their cache of this origin at a
    /// [`logout`](crate::session::Session::logout), by `Clear-Site-Data: "cache"`. Off by default,
    /// because the header can delay a logout by seconds in the browser.
    ///
    /// This removes pages that were cached in spite of `no-store`, and in some browsers the
    /// back/forward cache. Browsers obey the header over https only. The layer never clears cookies
    /// this way: that would remove the cookies of every application under the registrable domain.
    ///
    /// ```
    /// # use tower_auth::{Clock, KeyRing, MemoryStore, SessionLayer};
    /// # let (keys, store) = (KeyRing::random(), MemoryStore::new(Clock::system()));
    /// let layer = SessionLayer::builder(store, &keys).clear_cache_on_logout().build()?;
    /// # Ok::<_, tower_auth::session::SessionConfigError>(())
    /// ```
    pub fn clear_cache_on_logout(mut self) -> Self {
        self.clear_cache = true;
        self
    }

    /// Leaves the caching of responses that used an identity to the handler.
    ///
    /// Default: if the handler does not set `Cache-Control`, such a response gets `no-store`. Then
    /// no cache keeps it, and the browser does not show it again after a logout; see
    /// [`manual::attacks`](crate::manual::attacks). The setting of the outermost layer of
    /// tower-auth applies.
    pub fn insecure_without_no_store(mut self) -> Self {
        self.allow_caching = true;
        self
    }

    /// Sets the settings that all layers share. A later call replaces an earlier one. Default:
    /// [`Settings::new`].
    pub fn settings(mut self, settings: &Settings) -> Self {
        self.settings = settings.clone();
        self
    }

    /// Sets the format of this layer's refusals, and of those of extractors and [`SessionError`]s
    /// inside it. Default: [`refuse::Empty`].
    ///
    /// [`SessionError`]: crate::session::SessionError
    pub fn refuse_with<R2>(self, refuse: R2) -> SessionLayerBuilder<R2> {
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
        SessionLayerBuilder {
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

    /// Checks the settings and builds the layer.
    ///
    /// # Errors
    /// Returns a [`SessionConfigError`]. Its message names the setter and the fix.
    pub fn build(self) -> Result<SessionLayer<R>, SessionConfigError> {
        let template = self.cookie.template(self.settings.plain_http);
        check(&template).map_err(SessionConfigError::Cookie)?;
        if self.idle.is_zero() {
            return Err(SessionConfigError::ZeroTimeout("idle_timeout"));
        }
        if self.absolute.is_zero() {
            return Err(SessionConfigError::ZeroTimeout("absolute_timeout"));
        }
        if self.idle > self.absolute {
            let (idle, absolute) = (self.idle, self.absolute);
            return Err(SessionConfigError::IdleBeyondAbsolute { idle, absolute });
        }
        if self.cookie.persistent && self.absolute > Duration::from_secs(400 * 24 * 60 * 60) {
            return Err(SessionConfigError::PersistentTooLong);
        }
        if self.settings.name().is_empty() {
            return Err(SessionConfigError::Issuer);
        }
        if let Some(guard) = &self.guard {
            if self.store.is_some() {
                return Err(SessionConfigError::GuardedStore);
            }
            if guard.limits().evicts {
                return Err(SessionConfigError::GuardEvicts);
            }
        }
        self.keys.report(&self.settings.events);
        let (held, guarded) = (self.store.is_none(), self.guard.is_some());
        let clock = self.settings.clock.clone();
        let client = CookieStore::new(clock.clone(), self.guard);
        let store = self.store.unwrap_or_else(|| AnyStore::new(client));
        if store.limits().max_value < 4096 {
            return Err(SessionConfigError::Store);
        }
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
        let realm = self.settings.realm_or(self.realm);
        if !realm.bytes().all(is_plain) {
            return Err(SessionConfigError::Realm);
        }
        let challenge = HeaderValue::try_from(format!("Session realm=\"{realm}\""))
            .map_err(|_| SessionConfigError::Realm)?;
        let mint = Mint::new(&self.keys, template.name());
        let held = held.then(|| CookieRecord::new(&self.keys, template.name(), clock, guarded));
        let persistent = self.cookie.persistent.then_some(self.absolute);
        let config = Config {
            transport: Transport::new(mint, template, persistent, held),
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
            locks: WriterLocks::new(),
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

    /// Returns the name that the cookie will have.
    #[cfg(feature = "stack")]
    pub(crate) fn cookie(&self) -> String {
        self.cookie.template(self.settings.plain_http).name().to_owned()
    }
}

impl<R> fmt::Debug for SessionLayerBuilder<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLayerBuilder").finish_non_exhaustive()
    }
}
