//! What a million records in a `MemoryStore` cost: bytes, look-ups, the longest stop, two threads.
//!
//! Times of single steps are the thread's own (`CLOCK_THREAD_CPUTIME_ID`) where that is said, since
//! what else goes on in the machine stops a thread for longer than any step of the store.
//!
//! `memory` measures a million; `memory RECORDS` so many.

use std::collections::HashMap;
use std::error::Error;
use std::hint::black_box;
use std::sync::Barrier;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use std::{fs, pin, thread};

use tower_auth::MemoryStore;
use tower_auth::store::{Handle, Key, Kind, Load, Owner, Record, Store, Write};
use tower_auth_bench::figures::{Durations, load, median, own_time};
use tower_auth_bench::random::mixed;
use tower_auth_test::TestClock;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// What a record holds, in bytes, together 181: a session's hash and identity, and some data.
const META: usize = 69;
const DATA: usize = 112;
/// How many records each owner has.
const OWNED: u64 = 4;
/// Of what is compared, the smaller store.
const FEW: u64 = 1_000;
const ROUNDS: usize = 31;
const LOOKUPS: u64 = 200_000;
/// How many steps are looked at one by one.
const STEPS: u64 = 500_000;

fn main() -> Result<()> {
    let records: u64 = std::env::args().nth(1).map_or(Ok(1_000_000), |it| it.parse())?;
    println!("{records} records of {} B, load average {}\n", META + DATA, load());
    let time = TestClock::new();

    // The process's own pages are there before.
    let few = filled(&time, FEW)?;
    let before = resident()?;
    let many = filled(&time, records)?;
    let bytes = (resident()? - before) as f64 / records as f64;
    println!("- resident bytes per record: {bytes:.0} (aim ≤ 450)");

    // What the machine makes of it: whatever is spread over so much memory is not in its caches. The
    // same of a plain hash map, and of few records among many, tell the store's part from the machine's.
    let map = |records| (0..records).map(|it| (key(it), vec![1; META + DATA])).collect();
    let (few_map, many_map): (Map, Map) = (map(FEW), map(records));
    let (mut store, mut hot, mut plain) = Default::default();
    for _ in 0..ROUNDS {
        let one = lookups(&few, FEW)?;
        compare(&mut store, one, lookups(&many, records)?);
        compare(&mut hot, one, lookups(&many, FEW)?);
        compare(&mut plain, map_lookups(&few_map, FEW)?, map_lookups(&many_map, records)?);
    }
    drop((few_map, many_map));
    let tell = |name: &str, (costs, ratios): (Vec<f64>, Vec<f64>)| {
        let (cost, ratio) = (median(costs), median(ratios));
        println!("- {name}: {cost:.0} ns, {ratio:.2} × what it is among {FEW}");
    };
    tell("a look-up of any record (aim ≤ 1.5 ×)", store);
    tell("a look-up of one of the same few", hot);
    tell("for comparison, any record in a HashMap that nobody shares", plain);

    for (name, write) in [("look-ups", false), ("look-ups, each tenth a touch", true)] {
        let (mut walls, mut owns) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let (wall, own) = threads(&many, records, 1, write)?;
            let (wall_two, own_two) = threads(&many, records, 2, write)?;
            walls.push(2.0 * wall.as_secs_f64() / wall_two.as_secs_f64());
            owns.push(2.0 * own.as_secs_f64() / own_two.as_secs_f64());
        }
        let (wall, own) = (median(walls), median(owns));
        println!("- two threads against one, {name}: {wall:.2} × (aim ≥ 1.6 ×)");
        println!("  by the time that the threads ran, not by the clock: {own:.2} ×");
    }

    let quiet = stops(&many, &time, records)?;
    println!("- a creation while nothing expires: {}", quiet.spread());
    // Every record expires at this one moment.
    time.advance(Duration::from_secs(24 * 3600));
    let stops = stops(&many, &time, records + STEPS)?;
    println!("- a creation after all have expired: {} (aim: max ≤ 1 ms)", stops.spread());
    println!("  (the thread's own time, {STEPS} creations each)");
    println!("\nLoad average at the end: {}", load());
    Ok(())
}

fn key(number: u64) -> Key {
    // Spread as random handles are.
    let (high, low) = (mixed(number), mixed(!number));
    let mut handle = [0; 16];
    handle[..8].copy_from_slice(&high.to_le_bytes());
    handle[8..].copy_from_slice(&low.to_le_bytes());
    Key::new(Kind::Session, Handle::new(handle))
}

fn record(time: &TestClock, number: u64) -> Record {
    let mut owner = [0; 32];
    owner[..8].copy_from_slice(&mixed(number / OWNED).to_le_bytes());
    let now = time.now();
    Record {
        owner: Some(Owner::new(owner)),
        created: now,
        last: now,
        idle: Duration::from_secs(3600),
        absolute: now + Duration::from_secs(12 * 3600),
        meta: vec![1; META].into(),
        data: vec![b' '; DATA].into(),
        data_is_json: true,
    }
}

fn filled(time: &TestClock, records: u64) -> Result<MemoryStore> {
    let store = MemoryStore::new(time.clock());
    for number in 0..records {
        create(&store, &key(number), &record(time, number))?;
    }
    Ok(store)
}

fn create(store: &MemoryStore, key: &Key, record: &Record) -> Result<()> {
    match now(store.create(key, record))?? {
        Write::Done(_) => Ok(()),
        other => Err(format!("{other:?}").into()),
    }
}

/// The answer of what never waits.
fn now<T>(step: impl Future<Output = T>) -> Result<T> {
    match pin::pin!(step).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Ok(answer),
        Poll::Pending => Err("a step in memory waits".into()),
    }
}

/// The process's pages that are in memory, in bytes.
fn resident() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|it| it.trim().strip_suffix(" kB"));
    Ok(kilobytes.ok_or("the system does not say")?.parse::<u64>()? * 1024)
}

type Map = HashMap<Key, Vec<u8>>;

/// What one takes and the other, of the same many look-ups: nanoseconds each of the other, and how many
/// times the one.
fn compare((costs, ratios): &mut (Vec<f64>, Vec<f64>), one: Duration, other: Duration) {
    costs.push(other.as_nanos() as f64 / LOOKUPS as f64);
    ratios.push(other.as_secs_f64() / one.as_secs_f64());
}

fn lookups(store: &MemoryStore, records: u64) -> Result<Duration> {
    let begun = own_time();
    for step in 0..LOOKUPS {
        is_found(&store.load_now(&key(mixed(step) % records)))?;
    }
    Ok(own_time() - begun)
}

fn map_lookups(map: &Map, records: u64) -> Result<Duration> {
    let begun = own_time();
    for step in 0..LOOKUPS {
        // The first bytes too, as a load touches the record.
        if map.get(&key(mixed(step) % records)).and_then(|it| it.first()) != Some(&1) {
            return Err("a record is missing".into());
        }
    }
    Ok(own_time() - begun)
}

fn is_found(load: &Option<Load>) -> Result<()> {
    match black_box(load) {
        Some(Load::Found(_)) => Ok(()),
        _ => Err("a record is missing".into()),
    }
}

/// How long so many threads take for as many look-ups each, by the clock and by their own time.
fn threads(
    store: &MemoryStore,
    records: u64,
    threads: u64,
    write: bool,
) -> Result<(Duration, Duration)> {
    let start = Barrier::new(threads as usize);
    let run = &|seed: u64| -> Result<(Duration, Duration)> {
        start.wait();
        let (begun, own) = (Instant::now(), own_time());
        for step in 0..LOOKUPS {
            let key = key(mixed(step ^ (seed << 40)) % records);
            if write && step % 10 == 0 {
                now(store.touch(&key, TestClock::START))??;
            } else {
                is_found(&store.load_now(&key))?;
            }
        }
        Ok((begun.elapsed(), own_time() - own))
    };
    thread::scope(|scope| {
        let running: Vec<_> = (1..=threads).map(|seed| scope.spawn(move || run(seed))).collect();
        let (mut longest, mut own) = (Duration::ZERO, Duration::ZERO);
        for thread in running {
            let (wall, its) = thread.join().map_err(|_| "a thread panicked")??;
            (longest, own) = (longest.max(wall), own.max(its));
        }
        Ok((longest, own))
    })
}

/// How long each of many creations takes.
fn stops(store: &MemoryStore, time: &TestClock, from: u64) -> Result<Durations> {
    let mut durations = Durations::default();
    for number in from..from + STEPS {
        let (key, record) = (key(number), record(time, number));
        let begun = own_time();
        create(store, &key, &record)?;
        durations.push(own_time() - begun);
    }
    Ok(durations)
}
