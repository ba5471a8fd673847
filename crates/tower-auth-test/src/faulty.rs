//! A store that fails when told.
use crate::{Step, Steps};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tower_auth_core::Timestamp;
use tower_auth_core::store::*;

/// Fails when told.
pub struct FaultyStore<S> {
    inner: Arc<S>,
    state: Arc<Mutex<State>>,
}
#[derive(Default)]
struct State {
    down: bool,
    lww: bool,
    pending: bool,
    steps: Steps,
}
impl<S> Clone for FaultyStore<S> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), state: self.state.clone() }
    }
}
impl<S: Store> FaultyStore<S> {
    /// x
    pub fn new(inner: S) -> Self {
        Self { inner: Arc::new(inner), state: Arc::default() }
    }
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// x
    pub fn down(&self) {
        self.state().down = true;
    }
    /// x
    pub fn up(&self) {
        self.state().down = false;
    }
    /// x
    pub fn last_write_wins(&self) {
        self.state().lww = true;
    }
    /// x
    pub fn pending_once(&self) {
        self.state().pending = true;
    }
    /// x
    pub fn steps(&self) -> Steps {
        self.state().steps
    }
    /// x
    pub fn reset_steps(&self) {
        self.state().steps = Steps::default();
    }
    async fn step(&self, step: Step) -> Result<(), StoreError> {
        let pending = self.state().pending;
        if pending {
            let mut once = false;
            std::future::poll_fn(|cx| {
                if once {
                    std::task::Poll::Ready(())
                } else {
                    once = true;
                    cx.waker().wake_by_ref();
                    std::task::Poll::Pending
                }
            })
            .await;
        }
        let mut s = self.state();
        s.steps.add(step);
        if s.down { Err(StoreError::unavailable("down")) } else { Ok(()) }
    }
}
impl<S: Store> Store for FaultyStore<S> {
    fn limits(&self) -> Limits {
        self.inner.limits()
    }
    async fn create(&self, key: &Key, record: &Record) -> Result<Write, StoreError> {
        self.step(Step::Create).await?;
        self.inner.create(key, record).await
    }
    async fn load(&self, key: &Key) -> Result<Load, StoreError> {
        self.step(Step::Load).await?;
        self.inner.load(key).await
    }
    async fn save(
        &self,
        key: &Key,
        expected: Version,
        record: &Record,
    ) -> Result<Write, StoreError> {
        self.step(Step::Save).await?;
        let lww = self.state().lww;
        let expected = if lww {
            match self.inner.load(key).await? {
                Load::Found(s) => s.version,
                _ => expected,
            }
        } else {
            expected
        };
        self.inner.save(key, expected, record).await
    }
    async fn touch(&self, key: &Key, seen: Timestamp) -> Result<(), StoreError> {
        self.step(Step::Touch).await?;
        self.inner.touch(key, seen).await
    }
    async fn end(&self, key: &Key, reason: Reason, keep: Duration) -> Result<(), StoreError> {
        self.step(Step::End).await?;
        self.inner.end(key, reason, keep).await
    }
    async fn list(
        &self,
        kinds: Kinds,
        owner: &Owner,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        self.step(Step::List).await?;
        self.inner.list(kinds, owner, cursor, limit).await
    }
    async fn end_owned(
        &self,
        kinds: Kinds,
        owner: &Owner,
        except: Option<&Handle>,
        reason: Reason,
        keep: Duration,
    ) -> Result<usize, StoreError> {
        self.step(Step::EndOwned).await?;
        self.inner.end_owned(kinds, owner, except, reason, keep).await
    }
}
