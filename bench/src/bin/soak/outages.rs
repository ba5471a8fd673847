//! Kills a primary at intervals, and measures the time until every server answers again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tokio::runtime::Handle as Runtime;
use tokio::task::JoinSet;
use tower_auth::Clock;
use tower_auth::store::{Key, RecordId, RecordKind, Store};
use tower_auth_bench::random::{Random, mixed};
use tower_auth_fixtures::server::RedisCluster;
use tower_auth_redis::{RedisStore, redis};

use crate::checker::Checker;
use crate::client::Lane;

/// The time until a killed server comes back.
const GONE: Duration = Duration::from_secs(10);
/// The maximum lag of a replica when its primary dies.
const BEHIND: Duration = Duration::from_millis(500);
/// Enough keys for each primary to own some.
const KEYS: u64 = 48;

/// The duration of one outage.
pub(crate) struct Outage {
    /// The time from the death until a replica had taken over.
    pub(crate) promoted: Duration,
    /// The time from the death until a step on every slot succeeded, on each node.
    pub(crate) recovered: [Duration; 2],
}

pub(crate) fn run(
    cluster: &mut RedisCluster,
    lane: &Lane,
    runtime: &Runtime,
    checkers: &[Arc<Checker>],
    (each, mut random): (Duration, Random),
    stop: &AtomicBool,
) -> (Vec<Outage>, u32) {
    let (mut outages, mut unasked) = (Vec::new(), 0);
    let mut next = Instant::now() + each / 2;
    let mut known = cluster.primaries();
    while !stop.load(Ordering::SeqCst) {
        sleep(Duration::from_millis(200));
        if Instant::now() < next {
            let now = cluster.primaries();
            if now != known {
                // On a machine under load, a live server was considered dead.
                checkers.iter().for_each(|it| it.outage());
                unasked += 1;
                sleep(GONE);
                known = cluster.primaries();
                checkers.iter().for_each(|it| it.over());
                checkers.iter().for_each(|it| it.whole());
            }
            continue;
        }
        next += each;
        let Some(port) = random.one_of(&known).copied() else { continue };
        checkers.iter().for_each(|it| it.outage());
        if let Err(error) = leave_behind(&cluster.node(port).url()) {
            eprintln!("soak: the replicas of {port} could not be left behind: {error}");
        }
        sleep(random.between(Duration::ZERO, BEHIND));
        cluster.node(port).kill();
        let dead = Instant::now();
        let recovering = lane
            .nodes
            .each_ref()
            .map(|node| runtime.spawn(recovered(node.near.inner().clone(), dead)));
        while cluster.primaries().len() < known.len() {
            sleep(Duration::from_millis(20));
        }
        let promoted = dead.elapsed();
        let recovered = recovering.map(|it| runtime.block_on(it).unwrap_or(Duration::MAX));
        checkers.iter().for_each(|it| it.over());
        println!(
            "- {port} killed: a replica had taken over after {promoted:.1?}, the nodes had \
             recovered after {:.1?} and {:.1?}",
            recovered[0], recovered[1],
        );
        outages.push(Outage { promoted, recovered });
        sleep(GONE.saturating_sub(dead.elapsed()));
        cluster.node(port).restart();
        cluster.node(port).process().wait_for("MASTER <-> REPLICA sync: Finished with success");
        known = cluster.primaries();
        checkers.iter().for_each(|it| it.whole());
    }
    (outages, unasked)
}

/// Makes the replicas of a server lag, which hardly ever happens on one machine: it cuts their
/// connections and lets them in no more, so that an acknowledged write dies with the primary.
fn leave_behind(url: &str) -> redis::RedisResult<()> {
    let mut connection = redis::Client::open(url)?.get_connection()?;
    redis::cmd("CONFIG").arg("SET").arg("maxclients").arg(1).exec(&mut connection)?;
    redis::cmd("CLIENT").arg("KILL").arg("TYPE").arg("replica").exec(&mut connection)
}

/// Returns the time until a step on each of the keys has succeeded.
async fn recovered(store: RedisStore, dead: Instant) -> Duration {
    let mut trying = JoinSet::new();
    for number in 0..KEYS {
        let store = store.clone();
        trying.spawn(async move {
            let id = u128::from(mixed(number)) << 64 | 0x50a4;
            let key = Key::new(RecordKind::OneShot, RecordId::new(id.to_be_bytes()));
            let now = Clock::system().now();
            // A write that changes nothing: a replica would refuse it.
            while store.touch(&key, now).await.is_err() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
    }
    while trying.join_next().await.is_some() {}
    dead.elapsed()
}
