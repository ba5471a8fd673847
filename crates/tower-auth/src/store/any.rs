//! Any store behind one type, so that layers have no store parameter.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use tower_auth_core::event::{Event, Kind, in_store_span};
use tower_auth_core::store::{
    Cursor, ErrorKind, Handle, Key, Kinds, Limits, Load, Owner, Page, Reason, Record, Store,
    StoreError, Version, Write,
};
use tower_auth_core::{Events, Timestamp};

/// A future at the edge of I/O, where one box is small beside the round trip.
pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

type Step<T> = BoxFuture<Result<T, StoreError>>;

/// Any [`Store`], shared: what layers hold. A clone is the same store.
///
/// ```
/// use tower_auth::{AnyStore, Clock, MemoryStore};
///
/// let store = AnyStore::new(MemoryStore::new(Clock::system()));
/// assert!(store.limits().lists);
/// ```
#[derive(Clone)]
pub struct AnyStore {
    store: Arc<dyn DynStore>,
    watch: Watch,
}

impl AnyStore {
    /// Erases the store's type.
    pub fn new(store: impl Store) -> Self {
        Self { store: Arc::new(store), watch: Watch { events: Events::none(), layer: "AnyStore" } }
    }

    /// The same store, on whose failures this layer tells that sink.
    pub(crate) fn watched(self, events: &Events, layer: &'static str) -> Self {
        Self { watch: Watch { events: events.clone(), layer }, ..self }
    }

    /// What it promises beyond the contract.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.store.limits()
    }

    /// [`Store::list`].
    ///
    /// # Errors
    /// As the store says.
    pub async fn list(
        &self,
        kinds: Kinds,
        owner: &Owner,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        self.store.clone().list(self.watch.clone(), kinds, *owner, cursor.cloned(), limit).await
    }

    /// [`Store::end_owned`].
    ///
    /// # Errors
    /// As the store says.
    pub async fn end_owned(
        &self,
        kinds: Kinds,
        owner: &Owner,
        except: Option<&Handle>,
        reason: Reason,
        keep: Duration,
    ) -> Result<usize, StoreError> {
        self.store
            .clone()
            .end_owned(self.watch.clone(), kinds, *owner, except.copied(), reason, keep)
            .await
    }

    pub(crate) fn load_now(&self, key: &Key) -> Option<Load> {
        self.store.load_now(key)
    }

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

impl<S: Store> From<S> for AnyStore {
    fn from(store: S) -> Self {
        Self::new(store)
    }
}

/// Who hears of a store's failures.
#[derive(Clone)]
struct Watch {
    events: Events,
    layer: &'static str,
}

impl Watch {
    /// The step lies pinned in the future that is boxed: by value it would lie in each of those that
    /// it is handed to, and what is boxed would be several times as large.
    async fn over<T>(
        self,
        command: &'static str,
        step: Pin<&mut impl Future<Output = Result<T, StoreError>>>,
    ) -> Result<T, StoreError> {
        let result = in_store_span(command, step).await;
        // A record that is too large is its writer's mistake, no failure of the store's.
        if let Err(error) = &result
            && error.kind() != ErrorKind::TooLarge
        {
            let failed = Event::new(Kind::StoreFailed, self.layer);
            self.events.emit(failed.because(error.kind().code()));
        }
        result
    }
}

/// [`Store`] with owned keys and `self` in an `Arc`, so that one box is `Send + 'static`.
trait DynStore: Send + Sync {
    fn limits(&self) -> Limits;
    fn load_now(&self, key: &Key) -> Option<Load>;
    fn load(self: Arc<Self>, watch: Watch, key: Key) -> Step<Load>;
    fn create(self: Arc<Self>, watch: Watch, key: Key, record: Record) -> Step<Write>;
    fn save(
        self: Arc<Self>,
        watch: Watch,
        key: Key,
        expected: Version,
        record: Record,
    ) -> Step<Write>;
    fn touch(self: Arc<Self>, watch: Watch, key: Key, seen: Timestamp) -> Step<()>;
    fn end(self: Arc<Self>, watch: Watch, key: Key, reason: Reason, keep: Duration) -> Step<()>;
    fn list(
        self: Arc<Self>,
        watch: Watch,
        kinds: Kinds,
        owner: Owner,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Step<Page>;
    fn end_owned(
        self: Arc<Self>,
        watch: Watch,
        kinds: Kinds,
        owner: Owner,
        except: Option<Handle>,
        reason: Reason,
        keep: Duration,
    ) -> Step<usize>;
}

impl<S: Store> DynStore for S {
    fn limits(&self) -> Limits {
        Store::limits(self)
    }

    fn load_now(&self, key: &Key) -> Option<Load> {
        Store::load_now(self, key)
    }

    fn load(self: Arc<Self>, watch: Watch, key: Key) -> Step<Load> {
        Box::pin(async move { watch.over("load", pin!(Store::load(&*self, &key))).await })
    }

    fn create(self: Arc<Self>, watch: Watch, key: Key, record: Record) -> Step<Write> {
        Box::pin(
            async move { watch.over("create", pin!(Store::create(&*self, &key, &record))).await },
        )
    }

    fn save(
        self: Arc<Self>,
        watch: Watch,
        key: Key,
        expected: Version,
        record: Record,
    ) -> Step<Write> {
        Box::pin(async move {
            watch.over("save", pin!(Store::save(&*self, &key, expected, &record))).await
        })
    }

    fn touch(self: Arc<Self>, watch: Watch, key: Key, seen: Timestamp) -> Step<()> {
        Box::pin(async move { watch.over("touch", pin!(Store::touch(&*self, &key, seen))).await })
    }

    fn end(self: Arc<Self>, watch: Watch, key: Key, reason: Reason, keep: Duration) -> Step<()> {
        Box::pin(
            async move { watch.over("end", pin!(Store::end(&*self, &key, reason, keep))).await },
        )
    }

    fn list(
        self: Arc<Self>,
        watch: Watch,
        kinds: Kinds,
        owner: Owner,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Step<Page> {
        Box::pin(async move {
            let step = pin!(Store::list(&*self, kinds, &owner, cursor.as_ref(), limit));
            watch.over("list", step).await
        })
    }

    fn end_owned(
        self: Arc<Self>,
        watch: Watch,
        kinds: Kinds,
        owner: Owner,
        except: Option<Handle>,
        reason: Reason,
        keep: Duration,
    ) -> Step<usize> {
        Box::pin(async move {
            let step = pin!(Store::end_owned(&*self, kinds, &owner, except.as_ref(), reason, keep));
            watch.over("end_owned", step).await
        })
    }
}
