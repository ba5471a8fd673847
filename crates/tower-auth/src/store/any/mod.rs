//! Any store behind one type, so that layers have no store parameter.

mod erased;
mod step;
#[cfg(all(test, feature = "full"))]
mod tests;
mod watch;

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use tower_auth_core::store::{
    EndOwnedParams, Key, Limits, ListParams, Load, Page, Reason, Record, Store, StoreError,
    Version, Write,
};
use tower_auth_core::{AnyTimer, Events, Timer, Timestamp};

use erased::DynStore;
pub(crate) use step::BoxFuture;
use step::Step;
use watch::Watch;

/// How long a step may take by default: about as long as a person waits. A store that is more patient
/// by itself gets its own time.
const STEP: Duration = Duration::from_secs(5);
/// The same for a step on all records of an owner.
const STEP_FOR_ALL: Duration = Duration::from_secs(60);

/// Any [`Store`], shared: what layers hold. A clone is the same store.
///
/// It is a [`Store`] itself, so that an application that chooses its store at run time has one type
/// for it. `AnyStore::new` takes an `AnyStore` as it is, settings included.
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
/// # Ok::<_, tower_auth::stack::ConfigError>(())
/// ```
///
/// # Time limit
///
/// A step that is not answered in time is given up, and fails as
/// [`Unavailable`](crate::store::ErrorKind::Unavailable). Whether it was done is not known, as with a
/// connection that breaks: layers treat it as a dropped future.
///
/// The limit needs a [`Timer`], which a layer passes on (`Settings::timer`). **Without a timer there is no
/// limit**: a store that never answers then makes a request wait until something outside gives up.
/// The stores of this project have time-outs of their own, so that the limit is for those of other
/// people. A step that is answered at its first poll (from memory) needs no timer, and costs none.
#[derive(Clone)]
pub struct AnyStore {
    store: Arc<dyn DynStore>,
    watch: Arc<Watch>,
}

impl AnyStore {
    /// Erases the store's type.
    pub fn new(store: impl Store) -> Self {
        if let Some(same) = (&store as &dyn Any).downcast_ref::<Self>() {
            return same.clone();
        }
        let watch = Watch { layer: None, timer: None, limit: STEP, limit_for_all: STEP_FOR_ALL };
        Self { store: Arc::new(store), watch: Arc::new(watch) }.step_timeout(STEP)
    }

    /// How long a step on one record may take; 5 seconds by default. `list` and `end_owned`, which
    /// may have much to do, get 60 seconds, or this if it is longer.
    ///
    /// The limit is never shorter than the store's own patience ([`Limits::patience`]), since the store
    /// knows more of what went wrong. `SqliteStore` and `PostgresStore` have their own, longer patience:
    /// with their time-out of 2 seconds, 48 and 16 seconds for a step that has to try again each time.
    /// To give up sooner, shorten their `timeout`. The limit needs a timer: see
    /// [the type](Self#time-limit).
    #[must_use]
    pub fn step_timeout(mut self, limit: Duration) -> Self {
        let limit = limit.max(self.store.limits().patience);
        let watch = Arc::make_mut(&mut self.watch);
        (watch.limit, watch.limit_for_all) = (limit, limit.max(STEP_FOR_ALL));
        self
    }

    /// The timer for the limit. A layer that has one of its own uses that.
    #[must_use]
    pub fn timer(mut self, timer: impl Timer) -> Self {
        Arc::make_mut(&mut self.watch).timer = Some(AnyTimer::new(timer));
        self
    }

    /// The same store as a layer uses it: the layer's timer limits its steps, if it has one, and the
    /// layer's sink hears of failures.
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

/// The steps with owned arguments: futures that a request can hold beside the store. In this crate
/// they come before those of [`Store`], which end here too.
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

    pub(crate) fn end(&self, key: Key, reason: Reason, keep: Duration) -> Step<()> {
        self.store.clone().end(self.watch.clone(), key, reason, keep)
    }
}

impl Store for AnyStore {
    /// The store's, with the time limit of this one as patience: who waits for it must not be
    /// shorter.
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

    async fn end(&self, key: &Key, reason: Reason, keep: Duration) -> Result<(), StoreError> {
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
