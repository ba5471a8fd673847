//! A type for any store, so that layers have no store parameter.

mod erased;
mod step;
#[cfg(all(test, feature = "full"))]
mod tests;
mod watch;

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use tower_auth_core::store::{
    EndOwnedParams, EndReason, Key, Limits, ListParams, Load, Page, Record, Store, StoreError,
    Version, Write,
};
use tower_auth_core::{AnyTimer, Events, Timer, Timestamp};

use erased::DynStore;
pub(crate) use step::BoxFuture;
use step::Step;
use watch::Watch;

/// The default time limit of a step: about as long as a user waits. A store with a longer patience
/// keeps its own limit.
const STEP: Duration = Duration::from_secs(5);
/// The default time limit of a step on all records of an owner.
const STEP_FOR_ALL: Duration = Duration::from_secs(60);

/// Any [`Store`], as layers hold it. Clones share the same store.
///
/// `AnyStore` is a [`Store`] itself, so an application that chooses its store at run time has one
/// type for it. `AnyStore::new` returns an `AnyStore` unchanged, including its settings.
///
/// ```
/// use std::time::Duration;
///
/// use tower_auth::store::Store as _;
/// use tower_auth::{AnyStore, AuthStack, Clock, KeyRing, MemoryStore};
///
/// let store = AnyStore::new(MemoryStore::new(Clock::system())).step_timeout(Duration::from_secs(2));
/// assert!(store.limits().lists);
/// let stack = AuthStack::new(&KeyRing::random()).csrf().session(store).build()?;
/// # Ok::<_, tower_auth::stack::StackConfigError>(())
/// ```
///
/// # Time limit
///
/// A step that is not answered in time is cancelled, and fails as
/// [`Unavailable`](crate::store::StoreErrorKind::Unavailable). As with a broken connection, the store
/// may have done the step. Layers treat the failure like a dropped future.
///
/// The limit needs a [`Timer`], which a layer provides (`Settings::timer`). **Without a timer there
/// is no limit**: if a store never answers, the request waits until an outer component gives up.
/// The stores of this project have their own timeouts, so the limit is meant for other stores. A
/// step that is answered at its first poll (from memory) needs no timer and starts none.
#[derive(Clone)]
pub struct AnyStore {
    store: Arc<dyn DynStore>,
    watch: Arc<Watch>,
}

impl AnyStore {
    /// Wraps a store and erases its type.
    pub fn new(store: impl Store) -> Self {
        if let Some(same) = (&store as &dyn Any).downcast_ref::<Self>() {
            return same.clone();
        }
        let watch = Watch { layer: None, timer: None, limit: STEP, limit_for_all: STEP_FOR_ALL };
        Self { store: Arc::new(store), watch: Arc::new(watch) }.step_timeout(STEP)
    }

    /// Sets the time limit of a step on one record. Default: 5 seconds.
    ///
    /// `list` and `end_owned`, which may have much to do, get 60 seconds, or this limit if it is
    /// longer.
    ///
    /// The limit is never shorter than the store's own patience ([`Limits::patience`]), since the
    /// store can describe a failure better. `SqliteStore` and `PostgresStore` have their own,
    /// longer patience. With their timeout of 2 seconds it is 48 and 16 seconds, for a step that
    /// must retry each time. To give up sooner, shorten their `timeout`. The limit needs a timer:
    /// see [the type](Self#time-limit).
    #[must_use]
    pub fn step_timeout(mut self, limit: Duration) -> Self {
        let limit = limit.max(self.store.limits().patience);
        let watch = Arc::make_mut(&mut self.watch);
        (watch.limit, watch.limit_for_all) = (limit, limit.max(STEP_FOR_ALL));
        self
    }

    /// Sets the timer for the limit. A layer with its own timer uses that instead.
    #[must_use]
    pub fn timer(mut self, timer: impl Timer) -> Self {
        Arc::make_mut(&mut self.watch).timer = Some(AnyTimer::new(timer));
        self
    }

    /// Returns the same store for use by a layer. The layer's timer, if it has one, limits the
    /// steps, and the layer's sink receives failures.
    pub(crate) fn watched(
        mut self,
        events: &Events,
        timer: Option<&AnyTimer>,
        layer: &'static str,
    ) -> Self {
        let watch = Arc::make_mut(&mut self.watch);
        watch.layer = Some((layer, events.clone()));
        if let Some(timer) = timer {
            watch.timer = Some(timer.clone());
        }
        self
    }
}

/// The steps with owned arguments, whose futures a request can hold beside the store. Within this
/// crate they take precedence over the methods of [`Store`], which call them.
impl AnyStore {
    pub(crate) fn load(&self, key: Key) -> Step<Load> {
        self.store.clone().load(self.watch.clone(), key)
    }

    pub(crate) fn create(&self, key: Key, record: Record) -> Step<Write> {
        self.store.clone().create(self.watch.clone(), key, record)
    }

    pub(crate) fn save(&self, key: Key, expected: Version, record: Record) -> Step<Write> {
        self.store.clone().save(self.watch.clone(), key, expected, record)
    }

    pub(crate) fn touch(&self, key: Key, seen: Timestamp) -> Step<()> {
        self.store.clone().touch(self.watch.clone(), key, seen)
    }

    pub(crate) fn end(&self, key: Key, reason: EndReason, keep: Duration) -> Step<()> {
        self.store.clone().end(self.watch.clone(), key, reason, keep)
    }
}

impl Store for AnyStore {
    /// Returns the store's limits, with this time limit as patience: a caller's own limit must not
    /// be shorter.
    fn limits(&self) -> Limits {
        self.store.limits().patience(self.watch.limit)
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<Write, StoreError> {
        Self::create(self, *key, record.clone()).await
    }

    async fn load(&self, key: &Key) -> Result<Load, StoreError> {
        Self::load(self, *key).await
    }

    fn load_now(&self, key: &Key) -> Option<Load> {
        self.store.load_now(key)
    }

    async fn save(
        &self,
        key: &Key,
        expected: Version,
        record: &Record,
    ) -> Result<Write, StoreError> {
        Self::save(self, *key, expected, record.clone()).await
    }

    async fn touch(&self, key: &Key, seen: Timestamp) -> Result<(), StoreError> {
        Self::touch(self, *key, seen).await
    }

    async fn end(&self, key: &Key, reason: EndReason, keep: Duration) -> Result<(), StoreError> {
        Self::end(self, *key, reason, keep).await
    }

    async fn list(&self, params: ListParams) -> Result<Page, StoreError> {
        self.store.clone().list(self.watch.clone(), params).await
    }

    async fn end_owned(&self, params: EndOwnedParams) -> Result<usize, StoreError> {
        self.store.clone().end_owned(self.watch.clone(), params).await
    }
}

tower_auth_core::opaque_debug!(AnyStore, "AnyStore");
