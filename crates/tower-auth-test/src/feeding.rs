//! A store that tells of its changes, and feeds whose pushes a test holds, delivers and loses.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tower_auth_core::Timestamp;
use tower_auth_core::store::{
    Asked, EndOwnedParams, Feed, Handle, Key, Limits, ListParams, Listener, Load, Owner, Page,
    Reason, Record, Store, StoreError, Version, Write,
};

/// Wraps any store: what is written through it, or through a clone, is told to its feeds.
///
/// A clone is the same store, as another node would see it. `load_now` cannot say, as with a server.
///
/// ```
/// use tower_auth_core::store::{Asked, Feed, Handle, Key, Kind, Listener, Reason, Store};
/// use tower_auth_test::{FeedingStore, ModelStore, TestClock};
/// # use std::{sync::{Arc, Mutex}, time::Duration};
///
/// #[derive(Default)]
/// struct Told(Mutex<Vec<Key>>);
/// impl Listener for Told {
///     fn changed(&self, key: &Key) {
///         self.0.lock().unwrap().push(*key);
///     }
///     fn lost(&self) {}
///     fn asks(&self) -> Asked {
///         Asked::at(0)
///     }
///     fn answered(&self, _: Asked) {}
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let store = FeedingStore::new(ModelStore::new(TestClock::new().clock()));
/// let (feed, told) = (store.feed(), Arc::new(Told::default()));
/// let listener: Arc<dyn Listener> = told.clone();
/// feed.follow(Arc::downgrade(&listener));
///
/// let key = Key::new(Kind::Session, Handle::new([1; 16]));
/// store.end(&key, Reason::Kicked, Duration::from_secs(60)).await.unwrap();
/// assert!(*told.0.lock().unwrap() == [key]);
/// # }
/// ```
pub struct FeedingStore<S> {
    inner: Arc<S>,
    told: Arc<Told>,
}

#[derive(Default)]
struct Told {
    feeds: Mutex<Vec<TestFeed>>,
    /// Every key that was ever somebody's: who ends an owner's records is told no keys.
    owned: Mutex<BTreeMap<Owner, BTreeSet<Key>>>,
}

impl<S: Store> FeedingStore<S> {
    /// Listens to what is written to that store through this one.
    #[must_use]
    pub fn new(inner: S) -> Self {
        Self { inner: Arc::new(inner), told: Arc::default() }
    }

    /// Another feed of this store's changes: one for each node, so that each can be held alone.
    #[must_use]
    pub fn feed(&self) -> TestFeed {
        let feed = TestFeed::default();
        lock(&self.told.feeds).push(feed.clone());
        feed
    }

    /// The store that is listened to.
    #[must_use]
    pub fn inner(&self) -> &S {
        &self.inner
    }

    fn telling(&self, of: Of) -> Telling<'_> {
        Telling { told: &self.told, of: Some(of) }
    }

    fn owned_by(&self, key: &Key, record: &Record) {
        if let Some(owner) = record.owner {
            lock(&self.told.owned).entry(owner).or_default().insert(*key);
        }
    }
}

/// Tells when it is dropped: a step whose answer was lost, or not waited for, may have been done.
struct Telling<'a> {
    told: &'a Told,
    of: Option<Of>,
}

enum Of {
    Key(Key),
    Owner(Owner, Option<Handle>),
}

impl Telling<'_> {
    fn unless_refused(&mut self, write: Write) -> Write {
        if !matches!(write, Write::Done(_)) {
            self.of = None;
        }
        write
    }
}

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        let keys: Vec<Key> = match &self.of {
            None => return,
            Some(Of::Key(key)) => vec![*key],
            Some(Of::Owner(owner, except)) => {
                let owned = lock(&self.told.owned);
                let of_owner = owned.get(owner).into_iter().flatten();
                of_owner.filter(|key| Some(key.handle) != *except).copied().collect()
            }
        };
        let feeds = lock(&self.told.feeds).clone();
        for feed in feeds {
            keys.iter().for_each(|key| feed.say(Word::Changed(*key)));
        }
    }
}

/// One node's feed of a [`FeedingStore`]. It has no time of its own: it asks for a sign of life when
/// the test says [`beat`](Self::beat). A clone is the same feed.
#[derive(Clone, Default)]
pub struct TestFeed(Arc<Mutex<Line>>);

#[derive(Default)]
struct Line {
    listeners: Vec<Weak<dyn Listener>>,
    /// What has been said and not yet arrived, in order.
    waiting: VecDeque<Word>,
    held: bool,
    silent: bool,
}

#[derive(Clone, Copy)]
enum Word {
    Changed(Key),
    Answered(Asked),
}

impl TestFeed {
    /// Asks the store for a sign of life. The answer comes behind all that was said before.
    pub fn beat(&self) {
        for listener in self.listeners() {
            self.say(Word::Answered(listener.asks()));
        }
    }

    /// From now on what is said waits for [`deliver`](Self::deliver).
    pub fn hold(&self) {
        lock(&self.0).held = true;
    }

    /// Lets the first thing that waits arrive; says whether there was any.
    #[allow(clippy::must_use_candidate, reason = "whoever knows what waits need not ask")]
    pub fn deliver(&self) -> bool {
        let word = lock(&self.0).waiting.pop_front();
        word.inspect(|word| self.arrive(*word)).is_some()
    }

    /// Lets all that waits arrive, and holds nothing any more.
    pub fn release(&self) {
        while self.deliver() {}
        lock(&self.0).held = false;
    }

    /// How much waits.
    #[must_use]
    pub fn waiting(&self) -> usize {
        lock(&self.0).waiting.len()
    }

    /// Swallows everything, as a connection that is cut without either side noticing: neither
    /// changes nor answers arrive.
    pub fn silence(&self) {
        let mut line = lock(&self.0);
        line.silent = true;
        line.waiting.clear();
    }

    /// Ends a [`silence`](Self::silence), or any connection: what was said meanwhile is lost, and
    /// the listeners are told so.
    pub fn reconnect(&self) {
        {
            let mut line = lock(&self.0);
            line.silent = false;
            line.waiting.clear();
        }
        self.listeners().iter().for_each(|listener| listener.lost());
    }

    fn say(&self, word: Word) {
        {
            let mut line = lock(&self.0);
            if line.silent {
                return;
            }
            if line.held {
                line.waiting.push_back(word);
                return;
            }
        }
        self.arrive(word);
    }

    fn arrive(&self, word: Word) {
        for listener in self.listeners() {
            match word {
                Word::Changed(key) => listener.changed(&key),
                Word::Answered(asked) => listener.answered(asked),
            }
        }
    }

    fn listeners(&self) -> Vec<Arc<dyn Listener>> {
        let mut line = lock(&self.0);
        line.listeners.retain(|listener| listener.strong_count() > 0);
        line.listeners.iter().filter_map(Weak::upgrade).collect()
    }
}

impl Feed for TestFeed {
    fn follow(&self, listener: Weak<dyn Listener>) {
        lock(&self.0).listeners.push(listener);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No code of the test's runs while one is held.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<S: Store> Store for FeedingStore<S> {
    fn limits(&self) -> Limits {
        self.inner.limits()
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<Write, StoreError> {
        self.owned_by(key, record);
        let mut telling = self.telling(Of::Key(*key));
        Ok(telling.unless_refused(self.inner.create(key, record).await?))
    }

    async fn load(&self, key: &Key) -> Result<Load, StoreError> {
        self.inner.load(key).await
    }

    async fn save(
        &self,
        key: &Key,
        expected: Version,
        record: &Record,
    ) -> Result<Write, StoreError> {
        self.owned_by(key, record);
        let mut telling = self.telling(Of::Key(*key));
        Ok(telling.unless_refused(self.inner.save(key, expected, record).await?))
    }

    async fn touch(&self, key: &Key, seen: Timestamp) -> Result<(), StoreError> {
        let _telling = self.telling(Of::Key(*key));
        self.inner.touch(key, seen).await
    }

    async fn end(&self, key: &Key, reason: Reason, keep: Duration) -> Result<(), StoreError> {
        let _telling = self.telling(Of::Key(*key));
        self.inner.end(key, reason, keep).await
    }

    async fn list(&self, params: ListParams) -> Result<Page, StoreError> {
        self.inner.list(params).await
    }

    async fn end_owned(&self, params: EndOwnedParams) -> Result<usize, StoreError> {
        let _telling = self.telling(Of::Owner(params.owner, params.except));
        self.inner.end_owned(params).await
    }
}

impl<S> Clone for FeedingStore<S> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), told: self.told.clone() }
    }
}

impl<S> fmt::Debug for FeedingStore<S> {
    /// Without keys and records.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FeedingStore").finish_non_exhaustive()
    }
}

impl fmt::Debug for TestFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestFeed").field("waiting", &self.waiting()).finish_non_exhaustive()
    }
}
