//! A store with an interceptor between it and its callers.

mod call;
mod limits;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tower_auth_core::Timestamp;
use tower_auth_core::store::{
    EndOwnedParams, EndReason, Key, Limits, ListParams, Load, Page, Record, Store, StoreError,
    Version, Write,
};

pub use call::{Answer, Call};
pub use limits::{OtherLimits, with_limits};

/// The code that an [`Intercept`] runs around each step of its store.
///
/// ```
/// use tower_auth_core::store::{RecordId, Key, RecordKind, Store, StoreError};
/// use tower_auth_test::intercept::{Answer, Call, Intercept, Interceptor};
/// use tower_auth_test::{ModelStore, Step, TestClock};
///
/// /// Fails every load.
/// struct NoLoads;
///
/// impl<S: Store> Interceptor<S> for NoLoads {
///     async fn call(&self, store: &S, call: Call<'_>) -> Result<Answer, StoreError> {
///         match call.step() {
///             Step::Load => Err(StoreError::unavailable("no loads")),
///             _ => call.run(store).await,
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let store = Intercept::with(ModelStore::new(TestClock::new().clock()), NoLoads);
/// assert!(store.load(&Key::new(RecordKind::Session, RecordId::new([1; 16]))).await.is_err());
/// # }
/// ```
pub trait Interceptor<S: Store>: Send + Sync + 'static {
    /// Runs one step. Code before [`Call::run`] runs before the step. Code after it runs once the
    /// step is done, before its answer is returned.
    ///
    /// The answer must be of the step's own type, or the caller panics.
    fn call(
        &self,
        store: &S,
        call: Call<'_>,
    ) -> impl Future<Output = Result<Answer, StoreError>> + Send;

    /// Answers [`Store::load_now`]. `None` by default, so that every load is a step.
    fn load_now(&self, _store: &S, _key: &Key) -> Option<Load> {
        None
    }

    /// Answers [`Store::limits`]. The store's own limits by default.
    fn limits(&self, store: &S) -> Limits {
        store.limits()
    }
}

/// Wraps any store: an [`Interceptor`] sees each step. A clone is the same store with the same
/// interceptor.
pub struct Intercept<S, I> {
    store: Arc<S>,
    interceptor: Arc<I>,
}

impl<S, I> Intercept<S, I> {
    /// Puts `interceptor` between a store and its callers.
    #[must_use]
    pub fn with(store: S, interceptor: I) -> Self {
        Self { store: Arc::new(store), interceptor: Arc::new(interceptor) }
    }

    /// The store inside, for steps that are not intercepted.
    #[must_use]
    pub fn inner(&self) -> &S {
        &self.store
    }

    /// The interceptor.
    #[must_use]
    pub fn interceptor(&self) -> &I {
        &self.interceptor
    }
}

impl<S: Store, I: Interceptor<S>> Intercept<S, I> {
    async fn call(&self, call: Call<'_>) -> Result<Answer, StoreError> {
        self.interceptor.call(&*self.store, call).await
    }
}

impl<S: Store, I: Interceptor<S>> Store for Intercept<S, I> {
    fn limits(&self) -> Limits {
        self.interceptor.limits(&self.store)
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<Write, StoreError> {
        Ok(self.call(Call::Create(key, record)).await?.into_write())
    }

    async fn load(&self, key: &Key) -> Result<Load, StoreError> {
        Ok(self.call(Call::Load(key)).await?.into_load())
    }

    fn load_now(&self, key: &Key) -> Option<Load> {
        self.interceptor.load_now(&self.store, key)
    }

    async fn save(&self, key: &Key, old: Version, record: &Record) -> Result<Write, StoreError> {
        Ok(self.call(Call::Save(key, old, record)).await?.into_write())
    }

    async fn touch(&self, key: &Key, seen: Timestamp) -> Result<(), StoreError> {
        self.call(Call::Touch(key, seen)).await.map(drop)
    }

    async fn end(&self, key: &Key, reason: EndReason, keep: Duration) -> Result<(), StoreError> {
        self.call(Call::End(key, reason, keep)).await.map(drop)
    }

    async fn list(&self, params: ListParams) -> Result<Page, StoreError> {
        Ok(self.call(Call::List(&params)).await?.into_page())
    }

    async fn end_owned(&self, params: EndOwnedParams) -> Result<usize, StoreError> {
        Ok(self.call(Call::EndOwned(&params)).await?.into_count())
    }
}

impl<S, I> Clone for Intercept<S, I> {
    fn clone(&self) -> Self {
        Self { store: self.store.clone(), interceptor: self.interceptor.clone() }
    }
}

tower_auth_core::opaque_debug!([S, I] Intercept<S, I>, "Intercept");
