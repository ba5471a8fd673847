//! A store that announces its changes, and feeds that a test can hold, deliver and lose.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tower_auth_core::store::{
    Asked, Feed, Key, Listener, Owner, RecordId, Store, StoreError, Write,
};

use crate::intercept::{Answer, Call, Intercept, Interceptor};

/// Wraps any store. Its feeds announce each write through it or through a clone.
///
/// A clone is the same store, as another node would see it. `load_now` returns `None`, as for a
/// store on a server.
///
/// ```
/// use tower_auth_core::store::{Asked, Feed, RecordId, Key, RecordKind, Listener, EndReason, Store};
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
/// let key = Key::new(RecordKind::Session, RecordId::new([1; 16]));
/// store.end(&key, EndReason::Kicked, Duration::from_secs(60)).await.unwrap();
/// assert!(*told.0.lock().unwrap() == [key]);
/// # }
/// ```
pub type FeedingStore<S> = Intercept<S, Feeds>;

/// The interceptor of a [`FeedingStore`].
#[derive(Default)]
pub struct Feeds {
    feeds: Mutex<Vec<TestFeed>>,
    /// Every key that ever had an owner: the end of all of an owner's records names no keys.
    owned: Mutex<BTreeMap<Owner, BTreeSet<Key>>>,
}

impl<S: Store> Intercept<S, Feeds> {
    /// Wraps a store, and announces the writes that pass through this wrapper.
    #[must_use]
    pub fn new(inner: S) -> Self {
        Self::with(inner, Feeds::default())
    }

    /// Returns another feed of this store's changes. Give each node its own, so that a test can
    /// hold each separately.
    #[must_use]
    pub fn feed(&self) -> TestFeed {
        let feed = TestFeed::default();
        lock(&self.interceptor().feeds).push(feed.clone());
        feed
    }
}

impl Feeds {
    /// Prepares to announce the changes of `call`.
    fn telling(&self, call: Call<'_>) -> Telling<'_> {
        if let Call::Create(key, record) | Call::Save(key, _, record) = call
            && let Some(owner) = record.owner
        {
            lock(&self.owned).entry(owner).or_default().insert(*key);
        }
        let of = match call {
            Call::Load(_) | Call::List(_) => None,
            Call::Create(key, _)
            | Call::Save(key, ..)
            | Call::Touch(key, _)
            | Call::End(key, ..) => Some(Of::Key(*key)),
            Call::EndOwned(params) => Some(Of::Owner(params.owner, params.except)),
        };
        Telling { told: self, of }
    }
}

/// Announces the changes on drop: a step may be done even if its answer was lost or not awaited.
struct Telling<'a> {
    told: &'a Feeds,
    of: Option<Of>,
}

enum Of {
    Key(Key),
    Owner(Owner, Option<RecordId>),
}

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        let keys: Vec<Key> = match &self.of {
            None => return,
            Some(Of::Key(key)) => vec![*key],
            Some(Of::Owner(owner, except)) => {
                let owned = lock(&self.told.owned);
                let of_owner = owned.get(owner).into_iter().flatten();
                of_owner.filter(|key| Some(key.id) != *except).copied().collect()
            }
        };
        let feeds = lock(&self.told.feeds).clone();
        for feed in feeds {
            keys.iter().for_each(|key| feed.say(Word::Changed(*key)));
        }
    }
}

/// One node's feed of a [`FeedingStore`]. It has no timer: it asks for a sign of life when the test
/// calls [`beat`](Self::beat). A clone is the same feed.
#[derive(Clone, Default)]
pub struct TestFeed(Arc<Mutex<Line>>);

#[derive(Default)]
struct Line {
    listeners: Vec<Weak<dyn Listener>>,
    /// Messages that have not arrived yet, in order.
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
    /// Asks the store for a sign of life. The answer arrives after all earlier messages.
    pub fn beat(&self) {
        for listener in self.listeners() {
            self.say(Word::Answered(listener.asks()));
        }
    }

    /// Holds all later messages until [`deliver`](Self::deliver).
    pub fn hold(&self) {
        lock(&self.0).held = true;
    }

    /// Delivers the first held message. Returns whether there was one.
    #[allow(clippy::must_use_candidate, reason = "a test may know what is held")]
    pub fn deliver(&self) -> bool {
        let word = lock(&self.0).waiting.pop_front();
        word.inspect(|word| self.arrive(*word)).is_some()
    }

    /// Delivers all held messages, and stops holding.
    pub fn release(&self) {
        while self.deliver() {}
        lock(&self.0).held = false;
    }

    /// Returns the number of held messages.
    #[must_use]
    pub fn waiting(&self) -> usize {
        lock(&self.0).waiting.len()
    }

    /// Drops everything, like a connection that breaks without either side noticing: neither
    /// changes nor answers arrive.
    pub fn silence(&self) {
        let mut line = lock(&self.0);
        line.silent = true;
        line.waiting.clear();
    }

    /// Ends a [`silence`](Self::silence), or any connection. The messages since then are lost, and
    /// the listeners are informed of the loss.
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
    // No code of the test runs under these locks.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<S: Store> Interceptor<S> for Feeds {
    async fn call(&self, store: &S, call: Call<'_>) -> Result<Answer, StoreError> {
        let mut telling = self.telling(call);
        let answer = call.run(store).await?;
        if let Answer::Write(Write::Conflict | Write::Ended(_)) = answer {
            telling.of = None;
        }
        Ok(answer)
    }
}

tower_auth_core::opaque_debug!(Feeds, "Feeds");

impl fmt::Debug for TestFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestFeed").field("waiting", &self.waiting()).finish_non_exhaustive()
    }
}
