//! The builder of a stack, and its shared settings.

use std::fmt;
use std::marker::PhantomData;

use tower_auth_core::refuse::Empty;
use tower_layer::Layer;

use super::chain::{Built, Chain};
use super::error::StackConfigError;
use super::layer::AuthStack;
use super::order::{HasLayers, TakesSettings, WrappedBy};
use super::pending_layer::{Foreign, Nothing, Stacked};
use super::shared_facts::SharedFacts;
use super::state::Start;
use crate::{KeyRing, Settings};

/// Builds an [`AuthStack`]; see [`AuthStack::new`].
///
/// `State` determines which setters may follow. `Parts` are the layers so far, and `R` is the
/// writer of refusals.
#[must_use = "a builder does nothing until it is built"]
pub struct AuthStackBuilder<State = Start, Parts = Nothing, R = Empty> {
    pub(super) shared: Shared,
    pub(super) parts: Parts,
    pub(super) refuse: R,
    state: PhantomData<State>,
}

impl AuthStack<()> {
    /// Returns the builder of a stack whose layers derive their keys from `keys`. The shared
    /// settings come next, then the layers, the outermost first.
    ///
    /// The ring has no default, because all instances of an application must share its keys and no
    /// other party may know them.
    ///
    /// ```
    /// use tower_auth::{AuthStack, Clock, KeyRing, MemoryStore};
    ///
    /// let keys = KeyRing::random();
    /// let store = MemoryStore::new(Clock::system());
    /// let stack = AuthStack::new(&keys).cookies().csrf().session(store).build()?;
    /// # Ok::<_, tower_auth::stack::StackConfigError>(())
    /// ```
    #[allow(clippy::new_ret_no_self, reason = "only a built stack is a layer")]
    pub fn new(keys: &KeyRing) -> AuthStackBuilder {
        AuthStackBuilder::new(keys)
    }
}

/// The settings that all layers share.
pub(super) struct Shared {
    pub(super) keys: KeyRing,
    pub(super) settings: Settings,
    pub(super) public_origin: Option<String>,
    pub(super) allow_caching: bool,
    /// Whether the user has left out `.csrf` explicitly.
    pub(super) without_csrf: bool,
}

impl Shared {
    /// Passes the shared settings to a session's builder.
    #[cfg(feature = "session")]
    pub(super) fn session(
        &self,
        builder: crate::session::SessionLayerBuilder,
    ) -> crate::session::SessionLayerBuilder {
        let builder = builder.settings(&self.settings);
        if self.allow_caching { builder.insecure_without_no_store() } else { builder }
    }
}

impl AuthStackBuilder {
    fn new(keys: &KeyRing) -> Self {
        let shared = Shared {
            keys: keys.clone(),
            settings: Settings::new(),
            public_origin: None,
            allow_caching: false,
            without_csrf: false,
        };
        Self { shared, parts: Nothing, refuse: Empty, state: PhantomData }
    }
}

/// Settings that all layers share. They precede the first layer. A layer's closure may override
/// them for that layer, except the clock and the issuer.
impl<State, Parts, R> AuthStackBuilder<State, Parts, R> {
    /// Sets the settings that all layers share; a later call replaces an earlier one. Default:
    /// [`Settings::new`].
    ///
    /// A [`Refresh`](crate::Refresh) and a [`JwtIssuer`](crate::JwtIssuer) are built before the
    /// stack. [`build`](Self::build) fails if their clock or their issuer differs from the stack's.
    ///
    /// ```
    /// # use tower_auth::{AuthStack, Clock, KeyRing, MemoryStore};
    /// use tower_auth::{Settings, TokioTimer};
    ///
    /// # let (keys, store) = (KeyRing::random(), MemoryStore::new(Clock::system()));
    /// let settings = Settings::new().issuer("https://me.example").timer(TokioTimer);
    /// let stack = AuthStack::new(&keys).settings(&settings).csrf().session(store).build()?;
    /// # Ok::<_, tower_auth::stack::StackConfigError>(())
    /// ```
    pub fn settings(mut self, settings: &Settings) -> Self
    where
        State: TakesSettings,
    {
        self.shared.settings = settings.clone();
        self
    }

    /// Sets the origin under which browsers know the application, such as `https://app.example`.
    /// Default: the host and port that each request names; see
    /// [`CsrfLayerBuilder::public_origin`](crate::csrf::CsrfLayerBuilder::public_origin). Set the
    /// origin if a proxy rewrites `Host`.
    pub fn public_origin(mut self, origin: impl Into<String>) -> Self
    where
        State: TakesSettings,
    {
        self.shared.public_origin = Some(origin.into());
        self
    }

    /// Leaves the caching of responses that used an identity to the handler.
    ///
    /// Default: if the handler does not set `Cache-Control`, such a response gets `no-store`. Then
    /// no cache keeps it, and the browser does not show it again after a logout; see
    /// [`manual::attacks`](crate::manual::attacks).
    ///
    /// ```
    /// # use tower_auth::{AuthStack, Clock, KeyRing, MemoryStore};
    /// # let (keys, store) = (KeyRing::random(), MemoryStore::new(Clock::system()));
    /// let stack = AuthStack::new(&keys).insecure_without_no_store().csrf().session(store).build()?;
    /// # Ok::<_, tower_auth::stack::StackConfigError>(())
    /// ```
    pub fn insecure_without_no_store(mut self) -> Self
    where
        State: TakesSettings,
    {
        self.shared.allow_caching = true;
        self
    }

    /// Sets the format of all layers' refusals, such as [`Problem`](crate::refuse::Problem) or a
    /// closure. Default: [`Empty`].
    ///
    /// The refresh endpoints always use OAuth's error format. If the stack has a session or a
    /// bearer layer, refusals of extractors use this format too. A
    /// [`RequireLayer`](crate::RequireLayer) around some routes inside the stack then also uses it,
    /// unless that layer has its own `.refuse_with`.
    ///
    /// A closure works with any body that it can create. A closure with an explicit return type
    /// must name the body of the inner service: in axum `Response<axum::body::Body>`, not
    /// `Response<String>`.
    pub fn refuse_with<R2: Clone>(self, refuse: R2) -> AuthStackBuilder<State, Parts, R2>
    where
        State: TakesSettings,
    {
        AuthStackBuilder { shared: self.shared, parts: self.parts, refuse, state: PhantomData }
    }
}

impl<State, Parts, R: Clone> AuthStackBuilder<State, Parts, R> {
    /// Adds a layer of another crate, inside the layers so far. The stack does not know which
    /// cookies that layer reads, so `.csrf` counts every cookie as a credential.
    pub fn layer<L>(self, layer: L) -> AuthStackBuilder<State, Stacked<Parts, Foreign<L>>, R> {
        self.and(|_, _| Foreign(layer))
    }

    /// Checks all settings together and builds the layers.
    ///
    /// # Errors
    /// The first invalid setting, in the order of the layers from the outermost; see
    /// [`StackConfigError`]. The message names the setter and the fix.
    pub fn build(self) -> Result<AuthStack<<Parts::Built as Built>::Layer>, StackConfigError>
    where
        Parts: HasLayers + Chain,
    {
        let mut names = Vec::new();
        self.parts.names(&mut names);
        self.shared.keys.report(&self.shared.settings.events);
        let mut facts = SharedFacts {
            keys: self.shared.keys,
            name: self.shared.settings.issuer.as_deref().map(str::to_owned),
            clock: self.shared.settings.clock,
            session_cookie: None,
            refresh_cookie: None,
            refresh_paths: Vec::new(),
            bearer_cookies: Vec::new(),
            is_guarded: self.shared.without_csrf,
            #[cfg(feature = "session")]
            session: std::cell::OnceCell::new(),
            foreign: false,
        };
        self.parts.contribute(&mut facts);
        let stack = AuthStack::from_parts(self.parts.build(&facts)?.end(), names);
        #[cfg(feature = "session")]
        let stack = stack.with_session(facts.session.into_inner());
        Ok(stack)
    }

    /// Adds a layer inside the layers so far.
    pub(super) fn and<Then, P>(
        self,
        part: impl FnOnce(&Shared, R) -> P,
    ) -> AuthStackBuilder<Then, Stacked<Parts, P>, R> {
        let Self { shared, parts, refuse, .. } = self;
        let part = part(&shared, refuse.clone());
        AuthStackBuilder { shared, parts: Stacked(parts, part), refuse, state: PhantomData }
    }

    pub(super) fn into_state<Then>(self) -> AuthStackBuilder<Then, Parts, R> {
        let Self { shared, parts, refuse, .. } = self;
        AuthStackBuilder { shared, parts, refuse, state: PhantomData }
    }
}

impl<State, Parts, R> fmt::Debug for AuthStackBuilder<State, Parts, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthStackBuilder")
            .field("settings", &self.shared.settings)
            .field("public_origin", &self.shared.public_origin)
            .finish_non_exhaustive()
    }
}

/// A builder is not a layer. This implementation and the next exist only for the compiler's error
/// message.
#[doc(hidden)]
impl<S: WrappedBy<Self>, State, Parts, R> Layer<S> for AuthStackBuilder<State, Parts, R> {
    type Service = S;

    fn layer(&self, _: S) -> S {
        S::never(self)
    }
}

#[doc(hidden)]
impl<State, Parts, R> Clone for AuthStackBuilder<State, Parts, R>
where
    (): WrappedBy<Self>,
{
    fn clone(&self) -> Self {
        <()>::never(self)
    }
}
