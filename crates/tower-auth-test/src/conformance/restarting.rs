//! The server is killed and started again, with steps under way.
//!
//! [`restart_conformance!`](crate::restart_conformance) creates a test for each promise.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::task::{JoinSet, yield_now};
use tokio::time::{Instant, sleep};
use tower_auth_core::store::{
    EndOwnedParams, EndReason, ListParams, Load, Record, Store, StoreError, StoreErrorKind,
    Version, Write,
};

use super::answered::{PATIENCE, answered};
use super::fixture::{KEEP, assert_error, done, key, name, owner};
use super::life::Life;
use super::{Fixture, Harness};

/// The pause between two attempts while the server is away.
const PAUSE: Duration = Duration::from_millis(10);
/// The number of restarts of the server under one store.
const RESTARTS: u32 = 8;

/// A harness whose server can be killed and started again.
///
/// The server is restarted in the middle of a test, so each harness needs a server that no other
/// test uses.
///
/// ```
/// # #![allow(unused)]
/// use tower_auth_core::Clock;
/// use tower_auth_test::conformance::{Harness, Restart};
/// use tower_auth_test::{FaultyStore, ModelStore, TestClock, restart_conformance};
///
/// /// A server, and the way to start it. This one is in memory.
/// struct OwnServer(FaultyStore<ModelStore>, TestClock);
///
/// impl OwnServer {
///     fn start() -> Self {
///         let clock = TestClock::new();
///         Self(FaultyStore::new(ModelStore::new(clock.clock())), clock)
///     }
/// }
///
/// impl Harness for OwnServer {
///     type Store = FaultyStore<ModelStore>;
///
///     async fn store(&self, _clock: Clock) -> Self::Store {
///         self.0.clone()
///     }
/// }
///
/// impl Restart for OwnServer {
///     fn keeps(&self) -> bool {
///         true
///     }
///
///     async fn kill(&self) {
///         self.0.down();
///     }
///
///     async fn start(&self) {
///         self.0.up();
///     }
/// }
///
/// restart_conformance!(own_server, OwnServer::start());
/// # fn main() {}
/// ```
pub trait Restart: Harness {
    /// Returns whether the server keeps what it acknowledged before it was killed.
    fn keeps(&self) -> bool;

    /// Kills the server, as a power failure would. The server is gone when this returns.
    fn kill(&self) -> impl Future<Output = ()> + Send;

    /// Starts the server again at the same address. It accepts requests when this returns.
    fn start(&self) -> impl Future<Output = ()> + Send;
}

/// Repeats a step until the same store finds the server again.
async fn again<T>(mut step: impl AsyncFnMut() -> Result<T, StoreError>) -> T {
    let start = Instant::now();
    loop {
        match answered(step()).await {
            Ok(answer) => return answer,
            Err(error) => assert!(start.elapsed() < PATIENCE, "the server stays away: {error}"),
        }
        sleep(PAUSE).await;
    }
}

/// Waits until tasks that end only by a failure have done `so_far` steps.
async fn come_so_far<T: 'static>(done: &AtomicU32, so_far: u32, tasks: &mut JoinSet<T>) {
    let start = Instant::now();
    while done.load(Ordering::SeqCst) < so_far {
        if let Some(Err(failed)) = tasks.try_join_next() {
            panic!("a task has failed: {failed}");
        }
        assert!(start.elapsed() < PATIENCE, "the server is never found again");
        sleep(Duration::from_millis(1)).await;
    }
}

/// Each step fails and does nothing while the server is away. The same store finds the server
/// again, with everything that the server keeps.
pub async fn a_server_that_is_away_is_unavailable_and_found_again<H: Restart>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let (record, store) = (fixture.owned(1, owner(1)), &fixture.store);
    let (its, changed) = (owner(1), fixture.record(2));
    let (away, never) = (StoreErrorKind::Unavailable, key(100));
    for round in 0..2 {
        let kept = key(round);
        let version = fixture.put(&kept, &record).await;
        harness.kill().await;
        // All at once: some stores wait for a server to appear.
        let (load, create, save, touch, end, list, end_owned) = tokio::join!(
            answered(store.load(&kept)),
            answered(store.create(&never, &record)),
            answered(store.save(&kept, version, &changed)),
            answered(store.touch(&kept, fixture.time.now() + KEEP)),
            answered(store.end(&kept, EndReason::Kicked, KEEP)),
            store.list(ListParams::new(its, 9)),
            store.end_owned(EndOwnedParams::new(its, EndReason::Kicked, KEEP)),
        );
        assert_error(load, away);
        assert_error(create, away);
        assert_error(save, away);
        assert_error(touch, away);
        assert_error(end, away);
        if fixture.lists() {
            assert_error(list, away);
            assert_error(end_owned, away);
        }
        assert!(
            !matches!(store.load_now(&never), Some(Load::Found(_))),
            "found without a creation"
        );
        harness.start().await;

        match again(async || store.load(&kept).await).await {
            Load::Found(stored) => assert!(stored.version == version && stored.record == record),
            Load::Absent => assert!(!harness.keeps(), "an acknowledged record is lost"),
            Load::Ended { reason, .. } => panic!("{reason:?}, though the server was away"),
        }
        assert!(matches!(again(async || store.load(&never).await).await, Load::Absent));
        again(async || store.end(&kept, EndReason::LoggedOut, KEEP).await).await;
        fixture.assert_ended(&kept, EndReason::LoggedOut).await;
    }
}

/// Each step that is under way during a restart is done or not done, once. If the server keeps its
/// data, acknowledged records are there, on their owners' lists. No step receives another one's
/// answer.
pub async fn a_restart_in_the_middle_leaves_nothing_half_done<H: Restart>(harness: &H) {
    const TASKS: u32 = 8;
    const LIVES: u32 = 40;
    let fixture = Fixture::new(harness).await;
    let keeps = harness.keeps();
    let (next, stop) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
    let whole = Arc::new(AtomicU32::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let (fixture, next, stop, whole) =
            (fixture.clone(), next.clone(), stop.clone(), whole.clone());
        tasks.spawn(async move {
            let mut lives = Vec::new();
            while !stop.load(Ordering::SeqCst) {
                let number = next.fetch_add(1, Ordering::SeqCst);
                // A store in memory never waits.
                yield_now().await;
                let life = Life::of(&fixture, number, keeps).await;
                if life.whole {
                    whole.fetch_add(1, Ordering::SeqCst);
                } else {
                    sleep(PAUSE).await;
                }
                lives.push(life);
            }
            lives
        });
    }
    for _ in 0..RESTARTS {
        let so_many = whole.load(Ordering::SeqCst) + LIVES;
        come_so_far(&whole, so_many, &mut tasks).await;
        harness.kill().await;
        harness.start().await;
    }
    stop.store(true, Ordering::SeqCst);
    let lives = tasks.join_all().await.into_iter().flatten();
    again(async || fixture.store.load(&key(255)).await).await;
    for life in lives {
        life.is_as_known(&fixture, keeps).await;
    }
}

/// Concurrent increments of one record over several restarts: each acknowledged one counts once.
pub async fn no_update_is_lost_over_restarts<H: Restart>(harness: &H) {
    const TASKS: u32 = 4;
    const UPDATES: u32 = 40;
    if !harness.keeps() {
        return;
    }
    let fixture = Fixture::new(harness).await;
    let counted = |count: u32| Bytes::copy_from_slice(&count.to_be_bytes());
    let count = |data: &Bytes| u32::from_be_bytes(data[..].try_into().unwrap_or_default());
    let record = Record { data: counted(0), data_is_json: false, ..fixture.record(0) };
    fixture.put(&key(1), &record).await;
    let (acknowledged, unknown) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let (fixture, record) = (fixture.clone(), record.clone());
        let (acknowledged, unknown) = (acknowledged.clone(), unknown.clone());
        tasks.spawn(async move {
            let mut newest = Version::from_raw(0);
            while acknowledged.load(Ordering::SeqCst) < UPDATES * (RESTARTS + 1) {
                yield_now().await;
                let stored = match answered(fixture.store.load(&key(1))).await {
                    Ok(Load::Found(stored)) => stored,
                    Ok(other) => panic!("{} instead of the record", name(&other)),
                    Err(_) => {
                        sleep(PAUSE).await;
                        continue;
                    }
                };
                assert!(stored.version >= newest, "a version went back");
                newest = stored.version;
                let data = counted(count(&stored.record.data) + 1);
                let record = Record { data, ..record.clone() };
                match answered(fixture.store.save(&key(1), stored.version, &record)).await {
                    Ok(Write::Conflict) => {}
                    Ok(write) => {
                        newest = done(write);
                        acknowledged.fetch_add(1, Ordering::SeqCst);
                    }
                    Err(_) => {
                        unknown.fetch_add(1, Ordering::SeqCst);
                    }
                }
            }
        });
    }
    for restart in 1..=RESTARTS {
        come_so_far(&acknowledged, UPDATES * restart, &mut tasks).await;
        harness.kill().await;
        harness.start().await;
    }
    tasks.join_all().await;
    let count = count(&fixture.found(&key(1)).await.record.data);
    let least = acknowledged.load(Ordering::SeqCst);
    let most = least + unknown.load(Ordering::SeqCst);
    assert!((least..=most).contains(&count), "{least} <= {count} <= {most}");
}
