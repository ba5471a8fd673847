//! Any store behind one type, so that layers have no store parameter.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tower_auth_core::Timestamp;
use tower_auth_core::store::{
    Cursor, Handle, Key, Kinds, Limits, Load, Owner, Page, Reason, Record, Store, StoreError,
    Version, Write,
};

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
pub struct AnyStore(Arc<dyn DynStore>);

impl AnyStore {
    /// Erases the store's type.
    pub fn new(store: impl Store) -> Self {
        Self(Arc::new(store))
    }

    /// What it promises beyond the contract.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.0.limits()
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
        self.0.clone().list(kinds, *owner, cursor.cloned(), limit).await
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
        self.0.clone().end_owned(kinds, *owner, except.copied(), reason, keep).await
    }

    pub(crate) fn load_now(&self, key: &Key) -> Option<Load> {
        self.0.load_now(key)
    }

    pub(crate) fn load(&self, key: Key) -> Step<Load> {
        self.0.clone().load(key)
    }

    pub(crate) fn create(&self, key: Key, record: Record) -> Step<Write> {
        self.0.clone().create(key, record)
    }

    pub(crate) fn save(&self, key: Key, expected: Version, record: Record) -> Step<Write> {
        self.0.clone().save(key, expected, record)
    }

    #[cfg_attr(not(feature = "session"), allow(dead_code))]
    pub(crate) fn touch(&self, key: Key, seen: Timestamp) -> Step<()> {
        self.0.clone().touch(key, seen)
    }

    pub(crate) fn end(&self, key: Key, reason: Reason, keep: Duration) -> Step<()> {
        self.0.clone().end(key, reason, keep)
    }
}

impl<S: Store> From<S> for AnyStore {
    fn from(store: S) -> Self {
        Self::new(store)
    }
}

/// [`Store`] with owned keys and `self` in an `Arc`, so that one box is `Send + 'static`.
trait DynStore: Send + Sync {
    fn limits(&self) -> Limits;
    fn load_now(&self, key: &Key) -> Option<Load>;
    fn load(self: Arc<Self>, key: Key) -> Step<Load>;
    fn create(self: Arc<Self>, key: Key, record: Record) -> Step<Write>;
    fn save(self: Arc<Self>, key: Key, expected: Version, record: Record) -> Step<Write>;
    #[cfg_attr(not(feature = "session"), allow(dead_code))]
    fn touch(self: Arc<Self>, key: Key, seen: Timestamp) -> Step<()>;
    fn end(self: Arc<Self>, key: Key, reason: Reason, keep: Duration) -> Step<()>;
    fn list(
        self: Arc<Self>,
        kinds: Kinds,
        owner: Owner,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Step<Page>;
    fn end_owned(
        self: Arc<Self>,
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

    fn load(self: Arc<Self>, key: Key) -> Step<Load> {
        Box::pin(async move { Store::load(&*self, &key).await })
    }

    fn create(self: Arc<Self>, key: Key, record: Record) -> Step<Write> {
        Box::pin(async move { Store::create(&*self, &key, &record).await })
    }

    fn save(self: Arc<Self>, key: Key, expected: Version, record: Record) -> Step<Write> {
        Box::pin(async move { Store::save(&*self, &key, expected, &record).await })
    }

    fn touch(self: Arc<Self>, key: Key, seen: Timestamp) -> Step<()> {
        Box::pin(async move { Store::touch(&*self, &key, seen).await })
    }

    fn end(self: Arc<Self>, key: Key, reason: Reason, keep: Duration) -> Step<()> {
        Box::pin(async move { Store::end(&*self, &key, reason, keep).await })
    }

    fn list(
        self: Arc<Self>,
        kinds: Kinds,
        owner: Owner,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Step<Page> {
        Box::pin(async move { Store::list(&*self, kinds, &owner, cursor.as_ref(), limit).await })
    }

    fn end_owned(
        self: Arc<Self>,
        kinds: Kinds,
        owner: Owner,
        except: Option<Handle>,
        reason: Reason,
        keep: Duration,
    ) -> Step<usize> {
        Box::pin(async move {
            Store::end_owned(&*self, kinds, &owner, except.as_ref(), reason, keep).await
        })
    }
}
