//! The cost of a million records in a `MemoryStore`: bytes, look-ups, the longest pause, two
//! threads.
//!
//! Times are those of the thread (`CLOCK_THREAD_CPUTIME_ID`) unless stated otherwise, because other
//! load on the machine stops a thread for longer than any step of the store. That load still
//! affects the times: a guest's thread is charged for the work of its host, and all threads share
//! caches and memory. So each figure has a simpler measurement from the same minutes beside it.
//!
//! `memory` measures a million records; `memory RECORDS` this number.

#![allow(clippy::disallowed_methods, reason = "measures real time")]

use std::collections::HashMap;
use std::error::Error;
use std::hint::black_box;
use std::ops::Range;
use std::sync::Barrier;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use std::{fmt, fs, pin, thread};

use tower_auth::MemoryStore;
use tower_auth::store::{Key, Load, Owner, Record, RecordId, RecordKind, Store, Write};
use tower_auth_bench::figures::{Durations, load, median, own_time};
use tower_auth_bench::random::mixed;
use tower_auth_test::TestClock;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The size of a record in bytes, 181 in total: a session's hash and identity, and some data.
const META: usize = 69;
const DATA: usize = 112;
/// The number of records of each owner.
const OWNED: u64 = 4;
/// The size of the smaller store in each comparison.
const FEW: u64 = 1_000;
const ROUNDS: usize = 31;
const LOOKUPS: u64 = 200_000;
/// The number of stores that are filled and expire, to find the longest step.
const LIVES: usize = 5;
/// The size of a processor's cache line, in bytes.
const LINE: usize = 64;

fn main() -> Result<()> {
    let records: u64 = std::env::args().nth(1).map_or(Ok(1_000_000), |it| it.parse())?;
    println!("{records} records of {} B, load average {}\n", META + DATA, load());
    let time = TestClock::new();

    // Filled first, so that the process's own pages exist already.
    let few = filled(&time, FEW)?;
    let before = resident()?;
    let many = filled(&time, records)?;
    for number in 0..records {
        // A load may allocate, too.
        is_found(&many.load_now(&key(number)))?;
    }
    let bytes = resident()? - before;
    println!("- resident bytes per record: {:.0} (aim ≤ 450)", bytes as f64 / records as f64);

    // The machine's share of the cost: data that is spread over so much memory is not in its
    // caches. The same measurement of a plain hash map, and of few records among many, separates
    // the store's share from it.
    let map = |records| (0..records).map(|it| (key(it), vec![1; META + DATA])).collect();
    let (few_map, many_map): (Map, Map) = (map(FEW), map(records));
    let mut lines = Lines::new(bytes as usize / LINE);
    let (mut store, mut hot, mut plain, mut least) = Default::default();
    for round in 0..ROUNDS as u64 {
        let one = lookups(&few, FEW, round)?;
        compare(&mut store, one, lookups(&many, records, round)?);
        compare(&mut hot, one, lookups(&many, FEW, round)?);
        let map_one = map_lookups(&few_map, FEW, round)?;
        compare(&mut plain, map_one, map_lookups(&many_map, records, round)?);
        compare(&mut least, one, one + lines.walk());
    }
    drop((few_map, many_map, lines));
    let tell = |name: &str, (costs, ratios): (Vec<f64>, Vec<f64>)| {
        let (cost, ratio) = (median(costs), median(ratios));
        println!("- {name}: {cost:.0} ns, {ratio:.2} × what it is among {FEW}");
    };
    tell("a look-up of any record (aim ≤ 1.5 ×)", store);
    tell("the least here, one among few and one access to as much memory", least);
    tell("a look-up of one of the same few", hot);
    tell("for comparison, any record in a HashMap of one thread", plain);

    let other = filled(&time, records)?;
    for (name, write) in [("look-ups", false), ("look-ups, each tenth a touch", true)] {
        let mut figures: [Vec<f64>; 4] = Default::default();
        for _ in 0..ROUNDS {
            let one = threads(&[&many], records, write)?;
            let shared = threads(&[&many, &many], records, write)?;
            let apart = threads(&[&many, &other], records, write)?;
            let ratio = |one: Duration, two: Duration| 2.0 * one.as_secs_f64() / two.as_secs_f64();
            figures[0].push(ratio(one.wall, shared.wall));
            figures[1].push(ratio(one.wall, apart.wall));
            figures[2].push(ratio(one.own, shared.own));
            figures[3].push(ratio(one.own, apart.own));
        }
        let [wall, wall_apart, own, own_apart] = figures.map(median);
        println!("- two threads against one, {name}: {wall:.2} × (aim ≥ 1.6 ×)");
        println!("  two that share nothing, a store each: {wall_apart:.2} ×");
        println!(
            "  by the time that they ran, not by the clock: {own:.2} ×, a store each {own_apart:.2} ×"
        );
    }
    drop((few, many, other));

    // A pause of the store occurs in each life. A pause of the machine does not, and also affects a
    // mere calculation.
    let mut stops: [Stops; 3] = Default::default();
    for _ in 0..LIVES {
        let store = MemoryStore::new(time.clock());
        stops[0].add(creations(&store, &time, 0..records)?);
        // Every record expires at this one moment. Each creation looks at four.
        time.advance(Duration::from_secs(24 * 3600));
        stops[1].add(creations(&store, &time, records..records + records / 4)?);
        stops[2].add(calculations(records + records / 4));
    }
    let [growing, expiring, nothing] = stops;
    println!("- a creation while the store grows: {growing}");
    println!("- a creation after all have expired: {expiring} (aim: longest ≤ 1 ms)");
    println!("- for comparison, a calculation that uses no memory: {nothing}");
    println!("\nLoad average at the end: {}", load());
    Ok(())
}

fn key(number: u64) -> Key {
    // Spread like random ids.
    let (high, low) = (mixed(number), mixed(!number));
    let mut id = [0; 16];
    id[..8].copy_from_slice(&high.to_le_bytes());
    id[8..].copy_from_slice(&low.to_le_bytes());
    Key::new(RecordKind::Session, RecordId::new(id))
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

/// Returns the result of a step that never waits.
fn now<T>(step: impl Future<Output = T>) -> Result<T> {
    match pin::pin!(step).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Ok(answer),
        Poll::Pending => Err("a step in memory waits".into()),
    }
}

/// Returns the size of the process's resident pages, in bytes.
fn resident() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|it| it.trim().strip_suffix(" kB"));
    Ok(kilobytes.ok_or("the system does not say")?.parse::<u64>()? * 1024)
}

type Map = HashMap<Key, Vec<u8>>;

/// Records one pair of measurements: nanoseconds of each look-up in the second, and its ratio to
/// the first.
fn compare((costs, ratios): &mut (Vec<f64>, Vec<f64>), one: Duration, other: Duration) {
    costs.push(other.as_nanos() as f64 / LOOKUPS as f64);
    ratios.push(other.as_secs_f64() / one.as_secs_f64());
}

fn lookups(store: &MemoryStore, records: u64, round: u64) -> Result<Duration> {
    timed(round, |it| is_found(&store.load_now(&key(it % records))))
}

fn map_lookups(map: &Map, records: u64, round: u64) -> Result<Duration> {
    timed(round, |it| {
        // Also reads the first bytes, because a load touches the record.
        let first = map.get(&key(it % records)).and_then(|it| it.first());
        if first == Some(&1) { Ok(()) } else { Err("a record is missing".into()) }
    })
}

/// Looks up other records in each round, so that none are cached from the last round. The same
/// number of look-ups runs first: the data that all look-ups share is then in the caches, as it is
/// in normal operation.
fn timed(round: u64, look: impl Fn(u64) -> Result<()>) -> Result<Duration> {
    let first = 2 * round * LOOKUPS;
    (first..first + LOOKUPS).try_for_each(|it| look(mixed(it)))?;
    let begun = own_time();
    (first + LOOKUPS..first + 2 * LOOKUPS).try_for_each(|it| look(mixed(it)))?;
    Ok(own_time() - begun)
}

fn is_found(load: &Option<Load>) -> Result<()> {
    match black_box(load) {
        Some(Load::Found(_)) => Ok(()),
        _ => Err("a record is missing".into()),
    }
}

/// A block of memory as large as the store's. Each line holds the number of the next: a walk visits
/// all of them once, in an order that a processor cannot predict.
struct Lines {
    lines: Vec<[u64; LINE / 8]>,
    at: u64,
}

impl Lines {
    fn new(lines: usize) -> Self {
        let mut lines: Vec<_> = (0..lines as u64).map(|it| [it; LINE / 8]).collect();
        // Sattolo's shuffle yields a single cycle.
        for last in (1..lines.len()).rev() {
            lines.swap(last, (mixed(last as u64) % last as u64) as usize);
        }
        Self { lines, at: 0 }
    }

    /// Continues at the end of the last walk.
    fn walk(&mut self) -> Duration {
        let begun = own_time();
        for _ in 0..LOOKUPS {
            self.at = self.lines[self.at as usize][0];
        }
        black_box(self.at);
        own_time() - begun
    }
}

/// The elapsed time, and the longest processor time of a thread.
struct Taken {
    wall: Duration,
    own: Duration,
}

/// Returns the time that one thread for each of these stores takes for `LOOKUPS` look-ups each.
fn threads(stores: &[&MemoryStore], records: u64, write: bool) -> Result<Taken> {
    let start = Barrier::new(stores.len());
    let run = &|store: &MemoryStore, seed: u64| -> Result<Taken> {
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
        Ok(Taken { wall: begun.elapsed(), own: own_time() - own })
    };
    thread::scope(|scope| {
        let running: Vec<_> = stores
            .iter()
            .zip(1..)
            .map(|(store, seed)| scope.spawn(move || run(store, seed)))
            .collect();
        let mut longest = Taken { wall: Duration::ZERO, own: Duration::ZERO };
        for thread in running {
            let its = thread.join().map_err(|_| "a thread panicked")??;
            longest.wall = longest.wall.max(its.wall);
            longest.own = longest.own.max(its.own);
        }
        Ok(longest)
    })
}

/// Returns the duration of each creation.
fn creations(store: &MemoryStore, time: &TestClock, numbers: Range<u64>) -> Result<Durations> {
    let mut durations = Durations::default();
    for number in numbers {
        let (key, record) = (key(number), record(time, number));
        let begun = own_time();
        create(store, &key, &record)?;
        durations.push(own_time() - begun);
    }
    Ok(durations)
}

/// Returns the durations of `steps` pure calculations, each about as long as a creation.
fn calculations(steps: u64) -> Durations {
    let mut durations = Durations::default();
    for number in 0..steps {
        let begun = own_time();
        black_box((0..1_000).fold(number, |sum, it| mixed(sum ^ it)));
        durations.push(own_time() - begun);
    }
    durations
}

/// The step durations of each life.
#[derive(Default)]
struct Stops(Vec<Durations>);

impl Stops {
    fn add(&mut self, life: Durations) {
        self.0.push(life);
    }
}

impl fmt::Display for Stops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut longest: Vec<_> = self.0.iter().map(|it| it.permille(1000)).collect();
        longest.sort_unstable();
        let least = longest.first().copied().unwrap_or_default();
        write!(f, "longest {least:.1?} (the least of {LIVES} lives: {longest:.1?})")
    }
}
