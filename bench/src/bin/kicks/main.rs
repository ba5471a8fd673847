//! Kicks on node A as seen on node B: two near-caches over one Redis, each with its own
//! connections.
//!
//! The kicks run first with a healthy feed, and then with random faults: push connections are
//! killed, a primary is stopped, B's network swallows everything, B's connections are cut. A kick
//! is missed if B serves the session to a request later than the bound after A's acknowledgement;
//! then the program ends with an error. If there are replicas, all of them confirm a kick. A change
//! that a primary acknowledged without replication is lost with it, which would be no fault of the
//! feed.
//!
//! `kicks` runs on a node, with Sentinels and in a Cluster. `kicks cluster KICKS SECONDS SEED` runs
//! on one of them, with this number of kicks each way, and with the faults spread over this number
//! of seconds. `KICKS_TELL=1` prints each fault.

#![allow(clippy::disallowed_methods, reason = "measures real time")]

use std::collections::HashMap;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tower_auth::NearCache;
use tower_auth::store::{Load, Store};
use tower_auth_bench::figures::load;
use tower_auth_bench::random::Random;
use tower_auth_redis::RedisStore;

mod faults;
mod kick;
mod servers;

use kick::{BOUND, Missed, Nodes, Seen, key};
use servers::Servers;

type Acknowledged = HashMap<u64, (Instant, u32)>;
type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The time after the last fault by which every server, Sentinels included, knows the primary.
const SETTLED: Duration = Duration::from_secs(20);
/// The number of concurrent kicks on a healthy feed.
const AT_ONCE: usize = 16;
/// The number of concurrent kicks on a broken feed, where each is watched until after the bound.
const AT_ONCE_BROKEN: usize = 4096;

fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(missed) => {
            eprintln!("kicks: {missed} were missed");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("kicks: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<usize> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default: u64| words.get(at).map_or(Ok(default), |it| it.parse());
    let topologies = match words.first().map_or("all", String::as_str) {
        "all" => vec!["node", "sentinel", "cluster"],
        one => vec![one],
    };
    let (kicks, seconds) = (number(1, 10_000)?, number(2, 180)?);
    let seed = number(3, Random::seed())?;
    println!("{kicks} kicks each way, the broken ones in {seconds} s; seed {seed}");
    let mut missed = 0;
    for topology in topologies {
        missed += on(topology, kicks, Duration::from_secs(seconds), seed)?;
    }
    Ok(missed)
}

fn on(topology: &str, kicks: u64, time: Duration, seed: u64) -> Result<usize> {
    let mut servers = Servers::start(topology).ok_or("node, sentinel or cluster")?;
    let proxies = servers.proxies();
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let nodes = Arc::new(runtime.block_on(async {
        let a = match servers.replicas() {
            0 => servers.direct(),
            all => servers.direct().confirm_ends(all, Duration::from_millis(500)),
        };
        let b = servers.through(&proxies).build().await?;
        let (a, b) = (near(a.build().await?)?, near(b)?);
        Result::Ok(Nodes { a, b, seen: Default::default() })
    })?);
    println!("\n{topology}, load average {}", load());

    let gate = Arc::new(Semaphore::new(AT_ONCE));
    runtime.block_on(all(&nodes, 1, kicks, gate, Duration::ZERO, true));
    let well = take(&nodes);
    report("well", &well);

    let start = Instant::now();
    let stop = AtomicBool::new(false);
    let broken = std::thread::scope(|scope| {
        let breaking =
            scope.spawn(|| faults::run(&mut servers, &proxies, &mut Random::seeded(seed), &stop));
        let gate = Arc::new(Semaphore::new(AT_ONCE_BROKEN));
        let each = time / u32::try_from(kicks).unwrap_or(u32::MAX).max(1);
        runtime.block_on(all(&nodes, 2, kicks, gate, each, false));
        stop.store(true, Ordering::SeqCst);
        breaking.join().map_err(|_| "a fault could not be made")
    })?;
    let seen = take(&nodes);
    report("broken", &seen);
    println!("  faults: {broken}");
    let of = [&well.acknowledged, &seen.acknowledged];
    let back = (2, seen.lost.clone());
    let back = runtime.block_on(alive(&nodes, [back]));
    println!("  {} of the lost sessions exist in the end: {back:?}", back.len());
    let kicked = |run: u8| (run, of[usize::from(run) - 1].keys().copied().collect());
    let alive = runtime.block_on(alive(&nodes, [1, 2].map(kicked)));
    println!("  {} of the kicked are alive in the end; load average {}", alive.len(), load());
    if !alive.is_empty() {
        // Is the session alive only on a former primary, or on all servers?
        std::thread::sleep(SETTLED);
        let still = runtime.block_on(report_alive(&nodes, &alive, of, start));
        println!("  {still} of them still are after {SETTLED:?}");
    }
    let alive = alive.len();
    stop_all(runtime, nodes);
    Ok(well.missed.len() + seen.missed.len() + alive)
}

fn near(store: RedisStore) -> Result<NearCache<RedisStore>> {
    let feed = store.feed();
    Ok(NearCache::builder(store).feed(feed).heartbeat_tolerance(BOUND).build()?)
}

/// Runs `kicks` kicks, one in each interval `each`.
async fn all(
    nodes: &Arc<Nodes>,
    run: u8,
    kicks: u64,
    gate: Arc<Semaphore>,
    each: Duration,
    quick: bool,
) {
    let mut running = JoinSet::new();
    let start = Instant::now();
    for number in 0..kicks {
        let due = each * u32::try_from(number).unwrap_or(u32::MAX);
        tokio::time::sleep(due.saturating_sub(start.elapsed())).await;
        let Ok(permit) = gate.clone().acquire_owned().await else { return };
        let nodes = nodes.clone();
        running.spawn(async move {
            kick::run(nodes, key(run, number), number, quick).await;
            drop(permit);
        });
        while running.try_join_next().is_some() {}
    }
    while running.join_next().await.is_some() {}
}

/// Returns the sessions of these runs that B serves after all faults are over.
async fn alive(nodes: &Nodes, of: impl IntoIterator<Item = (u8, Vec<u64>)>) -> Vec<(u8, u64)> {
    let mut alive = Vec::new();
    for (run, mut numbers) in of {
        numbers.sort_unstable();
        for number in numbers {
            let key = key(run, number);
            let start = Instant::now();
            let load = loop {
                match nodes.b.load(&key).await {
                    Ok(load) => break load,
                    Err(_) if start.elapsed() > Duration::from_secs(60) => break Load::Absent,
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            };
            if matches!(load, Load::Found(_)) {
                alive.push((run, number));
            }
        }
    }
    alive
}

/// Prints these sessions and the answer of each node now. Returns how many are alive on any node.
async fn report_alive(
    nodes: &Nodes,
    alive: &[(u8, u64)],
    of: [&Acknowledged; 2],
    start: Instant,
) -> usize {
    let mut still = 0;
    for (at, (run, number)) in alive.iter().enumerate() {
        let key = key(*run, *number);
        let found = |load| matches!(load, Ok(Load::Found(_)));
        let (a, b) = (found(nodes.a.load(&key).await), found(nodes.b.load(&key).await));
        still += usize::from(a || b);
        if at < 5 || at + 5 >= alive.len() {
            let when = of.get(usize::from(*run) - 1).and_then(|it| it.get(number));
            let when = when.map_or_else(String::new, |(when, refused)| {
                let when = when.saturating_duration_since(start);
                format!("acknowledged at {when:.1?} after {refused} refusals; ")
            });
            println!("    ALIVE: run {run}, number {number}: {when}now to A: {a}, to B: {b}");
        }
    }
    still
}

fn take(nodes: &Nodes) -> Seen {
    let mut seen = nodes.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    std::mem::take(&mut *seen)
}

fn report(how: &str, seen: &Seen) {
    let Seen { after, near, errors, again, missed, late, lost, .. } = seen;
    println!(
        "  {how}: {} kicks, {near} of what B had in memory, {} missed; seen after {}",
        after.count(),
        missed.len(),
        after.spread(),
    );
    if *errors + again > 0 || !lost.is_empty() {
        println!(
            "    {errors} seen first as an error, {again} answers from before within the bound, \
             {} sessions lost in a fail-over",
            lost.len()
        );
    }
    if late.count() > 0 {
        println!(
            "    {} sessions that B had not at first, and had after {}",
            late.count(),
            late.spread()
        );
    }
    for Missed { number, after, near } in missed.iter().take(20) {
        let from = if *near { "from memory" } else { "from a server" };
        println!("    MISSED: number {number}, {after:.1?} after the acknowledgement, {from}");
    }
}

fn stop_all(runtime: Runtime, nodes: Arc<Nodes>) {
    drop(nodes);
    runtime.shutdown_timeout(Duration::from_secs(1));
}
