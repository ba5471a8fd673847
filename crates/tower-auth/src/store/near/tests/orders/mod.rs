//! Every order of {read, remote save, push, own save, touch, kick} on two nodes with one store.
//!
//! One rule holds in all of them. A read that begins after its node has learned of a change, by a
//! push or by making the change itself, never returns the earlier state. The same fixtures detect a
//! cache that keeps everything that it read.

use std::sync::{Arc, Mutex};

use tower_auth_core::store::{Feed as _, Listener};
use tower_auth_test::gate::{Explored, Failure, GateStore, TaskSet, explore_all, explore_seeds};

use super::*;
use crate::AnyStore;

mod stores;

use stores::{Kept, Line, Naive};

type Gated = FeedingStore<GateStore<ModelStore>>;

/// The recency of an answer: a version, or the end, which is final.
type Rank = u64;
const END: Rank = Rank::MAX;

/// The state that all tasks in a fixture share.
#[derive(Clone)]
struct Setup {
    near: AnyStore,
    /// The other node, which has no cache.
    far: Line,
    feed: TestFeed,
    time: TestClock,
    warm: bool,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    /// The changes of the record, in the store's order.
    changes: Vec<Rank>,
    /// The number of changes that were pushed to the near node.
    pushed: usize,
    /// The newest change that the near node made itself.
    own: Rank,
}

impl Setup {
    fn floor(&self) -> Rank {
        let seen = self.seen.lock().unwrap();
        seen.changes[..seen.pushed].iter().copied().max().unwrap_or(0).max(seen.own)
    }

    fn own(&self, rank: Rank) {
        let mut seen = self.seen.lock().unwrap();
        seen.own = seen.own.max(rank);
    }

    /// Reads on the near node, and compares the answer with the state that was known there when the
    /// read began.
    async fn read(&self) -> Option<Stored> {
        let floor = self.floor();
        let load = match self.near.load_now(&key(1)) {
            Some(load) => load,
            None => self.near.load(key(1)).await.unwrap(),
        };
        assert!(rank(&load) >= floor, "a read after the change returned the earlier state");
        match load {
            Load::Found(stored) => Some(stored),
            Load::Absent | Load::Ended { .. } => None,
        }
    }

    async fn reads(self, times: usize) {
        for _ in 0..times {
            if self.warm {
                // A hit takes no step. Without this step, all hits would come before everything
                // else.
                self.far.step().await;
            }
            self.read().await;
            // The entry that is kept now must satisfy the same rule.
            let floor = self.floor();
            if let Some(Load::Found(stored)) = self.near.load_now(&key(1)) {
                assert!(
                    stored.version.get() >= floor,
                    "a hit after the change returned the earlier state"
                );
            }
        }
    }

    async fn own_save(self) {
        for _ in 0..3 {
            let Some(stored) = self.read().await else { return };
            let record = record(self.time.now(), "own");
            match self.near.save(key(1), stored.version, record).await.unwrap() {
                Write::Done(version) => {
                    self.own(version.get());
                    let hit = self.near.load_now(&key(1));
                    let hit = hit.is_none_or(|it| rank(&it) >= version.get());
                    assert!(hit, "this node's own save is not visible");
                    return;
                }
                Write::Conflict => {
                    // The reload must not return the refused version again.
                    let again = self.read().await.map(|it| it.version);
                    assert!(
                        again != Some(stored.version),
                        "the reload returned the refused version"
                    );
                }
                Write::Ended(_) => return,
            }
        }
    }

    async fn own_touch(self) {
        let seen = self.time.now() + SECOND;
        self.near.touch(key(1), seen).await.unwrap();
        if let Some(Load::Found(stored)) = self.near.load_now(&key(1)) {
            assert!(stored.record.last >= seen, "this node's own touch is not visible");
        }
    }

    async fn far_save(self) {
        let Ok(Load::Found(stored)) = self.far.load(&key(1)).await else { return };
        let record = record(self.time.now(), "far");
        let _ = self.far.save(&key(1), stored.version, &record).await.unwrap();
    }

    async fn far_kick(self) {
        self.far.end(&key(1), EndReason::Kicked, MINUTE).await.unwrap();
    }

    async fn own_kick(self) {
        self.near.end(key(1), EndReason::LoggedOut, MINUTE).await.unwrap();
        self.own(END);
        assert!(
            self.near.load_now(&key(1)).is_none_or(|it| rank(&it) == END),
            "this node's own kick was missed"
        );
    }

    async fn own_kick_of_all(self) {
        let ended = self.near.end_owned(EndOwnedParams::new(ALICE, EndReason::Kicked, MINUTE));
        ended.await.unwrap();
        self.own(END);
        assert!(
            self.near.load_now(&key(1)).is_none_or(|it| rank(&it) == END),
            "this node's own kick was missed"
        );
    }

    /// Delivers `times` pushes, each when the schedule allows it.
    async fn pushes(self, times: usize) {
        for _ in 0..times {
            // A step that changes nothing, and only takes a place in the order.
            self.far.step().await;
            if self.feed.deliver() {
                self.seen.lock().unwrap().pushed += 1;
            }
        }
    }
}

fn rank(load: &Load) -> Rank {
    match load {
        Load::Found(stored) => stored.version.get(),
        Load::Absent | Load::Ended { .. } => END,
    }
}

/// Creates two nodes, a record, and a held feed. With `warm`, the near node has read the record
/// before.
fn setup(naive: bool, warm: bool) -> Setup {
    let time = TestClock::new();
    let store: Gated = FeedingStore::new(GateStore::new(ModelStore::new(time.clock())));
    let (feed, seen) = (store.feed(), Arc::default());
    let far = Line { store, slow: false, seen };
    let line = Line { slow: true, ..far.clone() };
    let near = if naive {
        let kept = Arc::<Kept>::default();
        let listener: Arc<dyn Listener> = kept.clone();
        feed.follow(Arc::downgrade(&listener));
        AnyStore::new(Naive { store: line, kept })
    } else {
        let near = NearCache::builder(line)
            .feed(feed.clone())
            .clock(time.clock())
            .uptime(time.clock())
            .build();
        AnyStore::new(near.unwrap())
    };
    feed.beat();
    let seen = far.seen.clone();
    let setup = Setup { near, far, feed, time, warm, seen };
    let first = Record { owner: Some(ALICE), ..record(setup.time.now(), "first") };
    now(async {
        let _ = setup.far.create(&key(1), &first).await.unwrap();
        if warm {
            setup.read().await;
        }
    });
    setup.feed.hold();
    setup
}

/// Runs a future that never waits, since the gate is open.
fn now(future: impl Future<Output = ()>) {
    let mut task = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(std::pin::pin!(future).poll(&mut task).is_ready());
}

/// Checks that the cache is correct in every order, and that the naive cache is detected.
fn holds(fixture: impl Fn(Setup) -> TaskSet) {
    for warm in [false, true] {
        let explored: Result<Explored, Failure> = explore_all(|| fixture(setup(false, warm)));
        assert!(explored.unwrap().schedules > 1);
    }
    let found =
        [false, true].iter().any(|warm| explore_all(|| fixture(setup(true, *warm))).is_err());
    assert!(found, "these fixtures prove nothing: they do not detect a naive cache");
}

fn fixture(setup: &Setup) -> TaskSet {
    TaskSet::new(setup.far.store.inner().gate())
}

#[test]
fn d06_a_read_races_a_remote_save_and_its_push() {
    holds(|it| {
        fixture(&it)
            .task("read", it.clone().reads(2))
            .task("read too", it.clone().reads(1))
            .task("far save", it.clone().far_save())
            .task("push", it.pushes(1))
    });
}

#[test]
fn d06_no_kick_is_missed() {
    holds(|it| {
        fixture(&it)
            .task("read", it.clone().reads(2))
            .task("far save", it.clone().far_save())
            .task("far kick", it.clone().far_kick())
            .task("push", it.pushes(2))
    });
}

#[test]
fn d29_our_own_save_is_seen_at_once() {
    holds(|it| {
        fixture(&it)
            .task("read", it.clone().reads(1))
            .task("own save", it.clone().own_save())
            .task("own touch", it.clone().own_touch())
    });
}

#[test]
fn d29_our_own_save_races_a_remote_one() {
    holds(|it| {
        fixture(&it)
            .task("read", it.clone().reads(1))
            .task("own save", it.clone().own_save())
            .task("far save", it.clone().far_save())
            .task("push", it.pushes(1))
    });
}

#[test]
fn d29_our_own_kick_is_seen_at_once() {
    holds(|it| {
        fixture(&it)
            .task("read", it.clone().reads(2))
            .task("own save", it.clone().own_save())
            .task("own kick", it.own_kick())
    });
}

#[test]
fn d29_our_own_kick_of_all_is_seen_at_once() {
    holds(|it| {
        fixture(&it)
            .task("read", it.clone().reads(2))
            .task("read too", it.clone().reads(1))
            .task("own kick", it.own_kick_of_all())
    });
}

#[test]
fn d29_our_own_touch_is_seen_at_once() {
    holds(|it| {
        fixture(&it)
            .task("read", it.clone().reads(2))
            .task("own touch", it.clone().own_touch())
            .task("far save", it.clone().far_save())
            .task("push", it.pushes(1))
    });
}

#[test]
fn everything_at_once_in_some_thousand_orders() {
    let explored = explore_seeds(4_000, || {
        let it = setup(false, true);
        fixture(&it)
            .task("read", it.clone().reads(3))
            .task("read too", it.clone().reads(2))
            .task("own save", it.clone().own_save())
            .task("own touch", it.clone().own_touch())
            .task("far save", it.clone().far_save())
            .task("far save too", it.clone().far_save())
            .task("own kick", it.clone().own_kick())
            .task("far kick", it.clone().far_kick())
            .task("push", it.pushes(5))
    });
    assert_eq!(explored.unwrap().schedules, 4_000);
}
