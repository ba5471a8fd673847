//! Two nodes of an application over a Redis Cluster that loses a primary each minute.
//!
//! Clients log in, count, read, log out and are kicked, each request on one of the nodes, and
//! remember the answers. Two lanes run side by side on the same Cluster: in one of them Redis
//! acknowledges ends as usual, in the other a replica confirms them.
//!
//! A forbidden outcome ends the program with an error:
//!
//! - a session of another user;
//! - an acknowledged update or session that is missing, or an ended session that is alive, although
//!   no primary had died since;
//! - a confirmed end that is undone.
//!
//! `soak SECONDS [EACH [SEED]]` runs for `SECONDS` (600), and kills a primary every `EACH` seconds
//! (60).

#![allow(clippy::disallowed_methods, reason = "measures real time")]

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::mpsc::unbounded_channel;
use tower_auth::{Clock, KeyRing, NearCache};
use tower_auth_bench::figures::{Durations, load};
use tower_auth_bench::random::Random;
use tower_auth_fixtures::server::RedisCluster;
use tower_auth_redis::RedisStore;

mod checker;
mod client;
mod graves;
mod node;
mod outages;
#[cfg(test)]
mod tests;

use checker::{BOUND, Checker, What};
use client::Lane;
use node::Node;
use outages::Outage;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The number of clients in each lane.
const CLIENTS: u32 = 32;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("soak: a forbidden outcome occurred");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool> {
    let numbers: Vec<u64> =
        std::env::args().skip(1).map(|it| it.parse()).collect::<std::result::Result<_, _>>()?;
    let seconds = numbers.first().copied().unwrap_or(600);
    let each = numbers.get(1).copied().unwrap_or(60);
    let seed = numbers.get(2).copied().unwrap_or_else(Random::seed);
    println!("{seconds} s, a primary killed each {each} s, {CLIENTS} clients in each of two lanes");
    println!("seed {seed}, load average {}\n", load());

    let mut cluster = RedisCluster::start();
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let stop = Arc::new(AtomicBool::new(false));
    let mut random = Random::seeded(seed);
    let mut lanes = Vec::new();
    let mut running = Vec::new();
    for confirms in [false, true] {
        let checker = Arc::new(Checker::default());
        let keys = KeyRing::random();
        let node = || runtime.block_on(near(&cluster, confirms));
        let nodes = [Node::new(node()?, &keys), Node::new(node()?, &keys)];
        let (dead, burials) = unbounded_channel();
        let lane = Arc::new(Lane { nodes, confirms, checker, dead });
        let name = if confirms { "confirmed" } else { "plain" };
        for number in 0..CLIENTS {
            let (subject, random) = (format!("{name}-{number}"), Random::seeded(random.next()));
            let client = client::run(lane.clone(), subject, random, stop.clone());
            running.push(runtime.spawn(client));
        }
        running.push(runtime.spawn(graves::watch(lane.clone(), burials, stop.clone())));
        lanes.push(lane);
    }
    let checkers: Vec<_> = lanes.iter().map(|it| it.checker.clone()).collect();
    let (outages, unasked) = std::thread::scope(|scope| {
        let each = Duration::from_secs(each);
        let (cluster, lane, stop, handle) = (&mut cluster, &lanes[0], &*stop, runtime.handle());
        let killing = scope
            .spawn(move || outages::run(cluster, lane, handle, &checkers, (each, random), stop));
        std::thread::sleep(Duration::from_secs(seconds));
        stop.store(true, Ordering::SeqCst);
        killing.join().map_err(|_| "the servers could not be killed and started")
    })?;
    runtime.block_on(async {
        for task in running {
            task.await?;
        }
        Result::Ok(())
    })?;

    println!("\nload average {}, {unasked} unexpected fail-overs", load());
    report_outages(&outages);
    // Every lane is reported, even if an earlier one failed.
    let good: Vec<bool> = lanes.iter().map(|it| report(it)).collect();
    drop(lanes);
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(!good.contains(&false))
}

async fn near(cluster: &RedisCluster, confirms: bool) -> Result<NearCache<RedisStore>> {
    let builder = RedisStore::cluster(cluster.urls(), Clock::system());
    let store = if confirms {
        builder.key_prefix("c:").confirm_ends(1, Duration::from_millis(500)).build().await?
    } else {
        builder.key_prefix("p:").build().await?
    };
    let feed = store.feed();
    Ok(NearCache::builder(store).feed(feed).heartbeat_tolerance(BOUND).build()?)
}

fn report_outages(outages: &[Outage]) {
    let (mut promoted, mut recovered, mut after) =
        (Durations::default(), Durations::default(), Durations::default());
    for outage in outages {
        promoted.push(outage.promoted);
        for node in outage.recovered {
            recovered.push(node);
            after.push(node.saturating_sub(outage.promoted));
        }
    }
    println!("{} primaries killed:", outages.len());
    println!("- a replica had taken over: {}", promoted.spread());
    println!("- every slot answered again: {}", recovered.spread());
    println!("- of that, after a replica had taken over: {} (aim 2 s)", after.spread());
}

fn report(lane: &Lane) -> bool {
    let notes = lane.checker.notes();
    let (refused, calm) = notes.refusals();
    let lane_name = if lane.confirms { "ends are confirmed" } else { "ends are not confirmed" };
    println!("\nLane in which {lane_name}:");
    println!(
        "- {} answers ({}): {} logins, {} updates, {} logouts, {} kicks ({} confirmed, {} unsure)",
        notes.answers,
        notes.took.spread(),
        notes.logins,
        notes.updates,
        notes.logouts,
        notes.kicks,
        notes.confirmed,
        notes.unsure,
    );
    println!("- {refused} refused, {calm} of them while every server was there");
    println!("- {} looks at ended sessions; {} stale within the bound", notes.probes, notes.stale);
    for (what, name) in [
        (What::SessionLost, "sessions"),
        (What::UpdateLost, "updates"),
        (What::AliveAgain, "ends (alive again)"),
    ] {
        println!("- {} {name} lost with a primary", notes.excused_count(what));
    }
    let forbidden = notes.forbidden();
    println!("- {} forbidden outcomes", forbidden.len());
    for event in forbidden.iter().take(20) {
        println!("  - {event}");
    }
    forbidden.is_empty()
}
