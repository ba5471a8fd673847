//! The settings that all layers of an application share.

use std::sync::Arc;

use tower_auth_core::{AnyTimer, Clock, Events, Principal, Timer};

#[cfg(test)]
mod tests;

/// The settings that all layers of one application share: its clock, timer, events, issuer and
/// realm, and whether it may use plain HTTP.
///
/// Make one, and give it to the builder of each layer, of each [`Refresh`](crate::Refresh) and
/// [`JwtIssuer`](crate::JwtIssuer), and of the [`AuthStack`](crate::AuthStack) with `.settings(…)`.
/// The layers then read one clock and name the application alike. A clone is cheap and has the same
/// settings.
///
/// Every setting has a default. An application without a `Settings` uses all of them:
///
/// ```
/// use tower_auth::{Clock, KeyRing, MemoryStore, SessionLayer, Settings};
///
/// let store = MemoryStore::new(Clock::system());
/// let layer = SessionLayer::builder(store, &KeyRing::random())
///     .settings(&Settings::new()) // the same as without this line
///     .build()?;
/// # Ok::<_, tower_auth::session::SessionConfigError>(())
/// ```
///
/// A session and an access token of one user are one principal, because both layers share the issuer:
///
/// ```
/// use tower_auth::event::{Event, Events};
/// use tower_auth::{AuthStack, Clock, JwtIssuer, KeyRing, MemoryStore, Settings, TokioTimer};
///
/// let clock = Clock::system();
/// let settings = Settings::new()
///     .issuer("https://me.example")
///     .clock(clock.clone())
///     .timer(TokioTimer)
///     .events(Events::new(|event: &Event<'_>| eprintln!("{event:?}")));
///
/// let issuer = JwtIssuer::builder("https://me.example", "https://api.example")
///     .settings(&settings)
///     .generated_key("2026-11")
///     .build()?;
/// let stack = AuthStack::new(&KeyRing::random())
///     .settings(&settings)
///     .csrf()
///     .session(MemoryStore::new(clock))
///     .bearer_of(&issuer)
///     .build()?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "settings do nothing until a builder takes them"]
pub struct Settings {
    pub(crate) clock: Clock,
    pub(crate) timer: Option<AnyTimer>,
    pub(crate) events: Events,
    pub(crate) issuer: Option<Arc<str>>,
    pub(crate) realm: Option<Arc<str>>,
    pub(crate) plain_http: bool,
}

impl Settings {
    /// Returns the default settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the clock. Default: the system's. Give the stores a clone of it, because a store that
    /// reads another clock expires records that a layer still accepts.
    ///
    /// An [`AuthStack`](crate::AuthStack) is built only if all its layers read clones of one clock.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the timer, such as `TokioTimer` (feature `tokio-timer`). Default: none, because the
    /// crate depends on no runtime. Without a timer, no layer limits anything by time: see
    /// [`Timer`].
    ///
    /// [`SessionLayer`](crate::SessionLayer) and [`Refresh`](crate::Refresh) use it.
    pub fn timer(mut self, timer: impl Timer) -> Self {
        self.timer = Some(AnyTimer::new(timer));
        self
    }

    /// Sets the sink of the layers' [events](crate::event). Default: none. With feature `tracing`,
    /// events also go to the `tracing` crate, with or without a sink.
    pub fn events(mut self, events: Events) -> Self {
        self.events = events;
        self
    }

    /// Sets the name of this application as an issuer of identities. Default: `local`, which
    /// suffices while no token leaves the application.
    ///
    /// [`SessionLayer`](crate::SessionLayer) and [`Refresh`](crate::Refresh) use it, so that a
    /// session and a token of one user are one principal. A [`JwtIssuer`](crate::JwtIssuer) is built
    /// only under this name. Set it before the first user logs in: in sessions from before, the user
    /// is another principal, and refresh tokens from before are refused.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into().into());
        self
    }

    /// Sets the realm in the challenges of a 401. Default: `app`. A layer's own `.realm(…)` takes
    /// precedence.
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = Some(realm.into().into());
        self
    }

    /// Allows plain HTTP. Default: cookies are `Secure`, and their names have the prefix `__Host-`.
    /// With this setting, anyone on the network path can read, replace and forge cookies.
    ///
    /// Not needed for `http://localhost`: browsers keep `Secure` cookies there.
    ///
    /// - [`CookieLayer`](crate::CookieLayer) does not add `Secure`, and accepts `secure(false)`.
    /// - [`CsrfLayer`](crate::CsrfLayer) names its own cookie `csrf`, without `Secure`. `http` fits if
    ///   it compares `Origin` with the request's own host.
    /// - [`SessionLayer`](crate::SessionLayer) names its cookie `session` unless you name it, without
    ///   `Secure`.
    /// - The cookie of [`Refresh`](crate::Refresh) stays `Secure`.
    ///
    /// ```
    /// use tower_auth::{AuthStack, Clock, KeyRing, MemoryStore, Settings};
    ///
    /// let store = MemoryStore::new(Clock::system());
    /// let stack = AuthStack::new(&KeyRing::random())
    ///     .settings(&Settings::new().insecure_allow_plain_http())
    ///     .csrf()
    ///     .session(store)
    ///     .build()?;
    /// # Ok::<_, tower_auth::stack::StackConfigError>(())
    /// ```
    pub fn insecure_allow_plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    /// Returns the clock. For crates that add to the layers, such as `tower-auth-oidc`.
    #[must_use]
    pub fn clock_ref(&self) -> &Clock {
        &self.clock
    }

    /// Returns the timer, if there is one. For crates that add to the layers.
    #[must_use]
    pub fn timer_ref(&self) -> Option<&AnyTimer> {
        self.timer.as_ref()
    }

    /// Returns the destination of events. For crates that add to the layers.
    #[must_use]
    pub fn events_ref(&self) -> &Events {
        &self.events
    }

    /// Returns the application's name.
    pub(crate) fn name(&self) -> &str {
        self.issuer.as_deref().unwrap_or(Principal::LOCAL_ISSUER)
    }

    /// Returns the realm for a layer whose own setter got `own`.
    pub(crate) fn realm_or(&self, own: Option<String>) -> String {
        own.unwrap_or_else(|| self.realm.as_deref().unwrap_or("app").to_owned())
    }
}
