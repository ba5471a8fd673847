//! One kick on node A, and the answers of node B during and after it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::sleep;
use tower_auth::store::{EndReason, Key, Load, Owner, Record, RecordId, RecordKind, Store};
use tower_auth::{Clock, NearCache};
use tower_auth_bench::figures::Durations;
use tower_auth_redis::RedisStore;

/// The time for which node B may be wrong: the near-cache's tolerance of a silent feed.
pub(crate) const BOUND: Duration = Duration::from_secs(2);
/// The lifetime of a tombstone: longer than the whole run.
const KEEP: Duration = Duration::from_secs(3600);
/// The interval at which B reads until it sees the kick.
const EACH: Duration = Duration::from_millis(1);
/// The time that B has to cache a session: every fault is over by then.
const PATIENCE: Duration = Duration::from_secs(30);

/// The two nodes.
pub(crate) struct Nodes {
    pub(crate) a: NearCache<RedisStore>,
    pub(crate) b: NearCache<RedisStore>,
    pub(crate) seen: Mutex<Seen>,
}

/// The results of the kicks.
#[derive(Default)]
pub(crate) struct Seen {
    /// The time between the acknowledgement on A and the first answer on B that is not the session.
    pub(crate) after: Durations,
    /// B had cached the session when it was kicked.
    pub(crate) near: u32,
    /// The first answer after the kick that is not the session was an error.
    pub(crate) errors: u32,
    /// B served the session again, within the bound.
    pub(crate) again: u32,
    /// B served a kicked session after the bound.
    pub(crate) missed: Vec<Missed>,
    /// The time of each acknowledgement, and the number of refusals before it.
    pub(crate) acknowledged: HashMap<u64, (Instant, u32)>,
    /// The time for which B did not have a session although A had an acknowledgement.
    pub(crate) late: Durations,
    /// Sessions that were lost with the primary that had acknowledged them. They were never kicked.
    pub(crate) lost: Vec<u64>,
}

pub(crate) struct Missed {
    pub(crate) number: u64,
    /// The time between the acknowledgement and B's answer.
    pub(crate) after: Duration,
    /// The answer came from memory.
    pub(crate) near: bool,
}

pub(crate) fn key(run: u8, number: u64) -> Key {
    let mut id = [run; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    Key::new(RecordKind::Session, RecordId::new(id))
}

fn record() -> Record {
    let now = Clock::system().now();
    Record {
        owner: Some(Owner::new([7; 32])),
        created: now,
        last: now,
        idle: Duration::from_secs(3600),
        absolute: now + Duration::from_secs(24 * 3600),
        meta: vec![1; 69].into(),
        data: vec![b' '; 112].into(),
        data_is_json: true,
    }
}

/// Returns whether B serves the session (`None` is an error), and whether it answers from memory.
async fn asked(b: &NearCache<RedisStore>, key: &Key) -> (Option<bool>, bool) {
    if let Some(load) = b.load_now(key) {
        return (Some(matches!(load, Load::Found(_))), true);
    }
    let load = b.load(key).await.ok();
    (load.map(|it| matches!(it, Load::Found(_))), false)
}

/// Creates a session, lets B cache it, kicks it on A, and watches B until well after the bound.
pub(crate) async fn run(nodes: Arc<Nodes>, key: Key, number: u64, quick: bool) {
    while nodes.a.create(&key, &record()).await.is_err() {
        sleep(Duration::from_millis(20)).await;
    }
    let start = Instant::now();
    let mut missing: Option<Instant> = None;
    let near = loop {
        let (serves, near) = asked(&nodes.b, &key).await;
        match serves {
            Some(true) => {
                // B's server was replaced before it received the session.
                if let Some(since) = missing.take() {
                    nodes.note(|it| it.late.push(since.elapsed()));
                }
                if near {
                    break true;
                }
            }
            Some(false) => missing = missing.or(Some(start)),
            None => {}
        }
        if start.elapsed() > PATIENCE {
            if missing.is_some() {
                nodes.note(|it| it.lost.push(number));
                return;
            }
            break near;
        }
        sleep(Duration::from_millis(5)).await;
    };
    let (report, acknowledged) = watch::channel(None);
    let watching = tokio::spawn(watching(nodes.clone(), key, number, acknowledged, quick));
    // B continues to read, so that reads are under way during the kick.
    let mut refused = 0;
    while nodes.a.end(&key, EndReason::Kicked, KEEP).await.is_err() {
        refused += 1;
        sleep(Duration::from_millis(20)).await;
    }
    let now = Instant::now();
    report.send_replace(Some(now));
    nodes.note(|it| {
        it.near += u32::from(near);
        it.acknowledged.insert(number, (now, refused));
    });
    // The task records its results itself.
    let _ = watching.await;
}

async fn watching(
    nodes: Arc<Nodes>,
    key: Key,
    number: u64,
    acknowledged: watch::Receiver<Option<Instant>>,
    quick: bool,
) {
    // The moment at which B stopped serving the session.
    let mut gone: Option<Instant> = None;
    let (mut told, mut error, mut probes) = (false, false, 0);
    loop {
        let began = Instant::now();
        let (serves, near) = asked(&nodes.b, &key).await;
        let kicked = *acknowledged.borrow();
        match (serves, kicked) {
            (Some(true), Some(kicked)) => {
                if began > kicked + BOUND {
                    let after = began - kicked;
                    nodes.note(|it| it.missed.push(Missed { number, after, near }));
                    return;
                }
                if gone.is_some_and(|it| it >= kicked) && told {
                    nodes.note(|it| it.again += 1);
                }
            }
            (Some(true), None) => gone = None,
            (serves, _) => {
                if gone.is_none() {
                    (gone, error) = (Some(Instant::now()), serves.is_none());
                }
            }
        }
        if let (Some(gone), Some(kicked), false) = (gone, kicked, told) {
            told = true;
            nodes.note(|it| {
                it.after.push(gone.saturating_duration_since(kicked));
                it.errors += u32::from(error);
            });
        }
        if told {
            probes += 1;
        }
        // A healthy feed is watched until it has pushed the kick, a broken one until after the
        // bound.
        let watched = kicked.is_some_and(|it| it.elapsed() > BOUND + Duration::from_millis(500));
        if told && serves == Some(false) && (quick || watched) {
            return;
        }
        sleep(if probes < 3 { EACH } else { Duration::from_millis(300) }).await;
    }
}

impl Nodes {
    fn note(&self, what: impl FnOnce(&mut Seen)) {
        what(&mut self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    }
}
