//! Works that depend on a number, measured for a small and a large one: the cost must grow no
//! faster.
//!
//! callgrind counts instructions. For a list in Redis the program counts commands, which are the
//! same on every run, and microseconds, which are not, for the first list after the end and for a
//! later one. It also prints the server time of each step in Redis. Slow results are not an error.
//!
//! `growth` prints all lines; `growth cookies Redis` only the lines with one of these words.

#![allow(clippy::disallowed_methods, reason = "measures real time")]

use std::convert::Infallible;
use std::error::Error;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{COOKIE, SET_COOKIE};
use http_body_util::{Empty, Full};
use tokio::runtime::Builder;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_auth::store::{
    EndOwnedParams, EndReason, Key, ListParams, Owner, Record, RecordId, RecordKind, Store, Write,
};
use tower_auth::{Clock, Identity, KeyRing, MemoryStore, NearCache, Session, SessionLayer};
use tower_auth_bench::callgrind::{added, grouped, sibling};
use tower_auth_bench::figures::median;
use tower_auth_bench::{GROWTH, redis_time};
use tower_auth_fixtures::proxy::Proxy;
use tower_auth_fixtures::server::Redis;
use tower_auth_redis::RedisStore;
use tower_auth_test::{FaultyStore, FeedingStore};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;
type Request = http::Request<Empty<Bytes>>;
type Response = http::Response<Full<Bytes>>;

const HOUR: Duration = Duration::from_secs(3600);
const OWNER: Owner = Owner::new([7; 32]);
/// Longer than all requests together take.
const TOLERANCE: Duration = Duration::from_secs(30);
/// The number of entries in a page.
const PAGE: usize = 100;
/// The number of times that a list is measured.
const ROUNDS: usize = 9;

fn main() -> Result<()> {
    println!("| of | few | costs | many | costs | as many | costs | |");
    println!("|---|--:|--:|--:|--:|--:|--:|---|");
    let call = sibling("call")?;
    let words: Vec<String> = std::env::args().skip(1).collect();
    let is_wanted = |what: &str| words.is_empty() || words.iter().any(|it| what.contains(it));
    for pair in GROWTH.iter().filter(|it| is_wanted(it.what)) {
        let of = |work| added(&call, work).map_err(|error| error.to_string());
        let (few, many) = (of(&pair.few.1)?, of(&pair.many.1)?);
        print(pair.what, (pair.few.0, few as f64), (pair.many.0, many as f64), "instructions");
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let what = "sessions of a user that have ended, in Redis, listed while none lives";
    if is_wanted(what) {
        let (few, many) = (1_000, 10_000);
        let [before, after] = [runtime.block_on(ended(few))?, runtime.block_on(ended(many))?];
        print(what, (few, before.first), (many, after.first), "commands of the first list");
        print(what, (few, before.commands), (many, after.commands), "commands");
        print(what, (few, before.rounds), (many, after.rounds), "rounds");
        print(what, (few, before.micros), (many, after.micros), "microseconds");
    }
    let what = "Server time of a step in Redis, as often as that of a SET of the same value";
    if is_wanted(what) {
        println!("\n{what}:");
        for it in runtime.block_on(redis_time::per_step(key, record()))? {
            let (step, ratio) = (it.step, it.ratio);
            println!("- {step}: {ratio:.1} × ({:.2} µs, {:.2} µs)", it.step_micros, it.set_micros);
        }
    }
    let what = "Store commands of one request with a near-cached session that writes a value";
    if is_wanted(what) {
        println!("\n{what}:");
        for (when, steps) in runtime.block_on(near_cached())? {
            println!("- {when}: {steps}");
        }
    }
    Ok(())
}

fn print(what: &str, few: (u32, f64), many: (u32, f64), unit: &str) {
    let (number, cost) = (f64::from(many.0) / f64::from(few.0), many.1 / few.1);
    let [few_cost, many_cost] = [few.1, many.1].map(|it| grouped(it as u64));
    println!(
        "| {what} | {} | {few_cost} | {} | {many_cost} | {number:.0} × | {cost:.1} × | {unit} |",
        few.0, many.0
    );
}

/// The cost of one complete list.
struct List {
    /// The commands of the list that first finds the ended sessions.
    first: f64,
    commands: f64,
    rounds: f64,
    micros: f64,
}

/// Creates `sessions` sessions of one user, ends all of them, and lists.
async fn ended(sessions: u32) -> Result<List> {
    let redis = Redis::with(&["--appendonly", "no"]);
    let proxy = Proxy::start(redis.port());
    let store = |port: u16| {
        let url = format!("redis://127.0.0.1:{port}");
        RedisStore::node(url, Clock::system()).timeout(Duration::from_secs(60)).build()
    };
    let (direct, counted) = (store(redis.port()).await?, store(proxy.port()).await?);
    let record = record();
    for number in 0..sessions {
        let Write::Done(_) = direct.create(&key(number), &record).await? else {
            return Err("the server is not empty".into());
        };
    }
    let done = direct.end_owned(EndOwnedParams::new(OWNER, EndReason::Kicked, HOUR)).await?;
    if done != sessions as usize {
        return Err(format!("{done} of {sessions} sessions were ended").into());
    }
    let rounds = async || -> Result<Vec<Vec<String>>> {
        let _ = proxy.take_rounds();
        list(&counted).await?;
        let mut rounds = proxy.take_rounds();
        // Signs of life arrive at any time.
        rounds.iter_mut().for_each(|round| round.retain(|name| name != "ROLE"));
        rounds.retain(|round| !round.is_empty());
        Ok(rounds)
    };
    let first = rounds().await?.iter().map(Vec::len).sum::<usize>() as f64;
    let rounds = rounds().await?;
    let commands: usize = rounds.iter().map(Vec::len).sum();
    let mut micros = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        list(&direct).await?;
        micros.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    Ok(List {
        first,
        commands: commands as f64,
        rounds: rounds.len() as f64,
        micros: median(micros),
    })
}

/// Reads every page.
async fn list(store: &RedisStore) -> Result<()> {
    let mut cursor = None;
    loop {
        let page = store.list(ListParams::new(OWNER, PAGE).cursor(cursor.clone())).await?;
        if !page.entries.is_empty() {
            return Err("a session that has ended is listed".into());
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(());
        }
    }
}

fn key(number: u32) -> Key {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    Key::new(RecordKind::Session, RecordId::new(id))
}

fn record() -> Record {
    let now = Clock::system().now();
    Record {
        owner: Some(OWNER),
        created: now,
        last: now,
        idle: HOUR,
        absolute: now + HOUR * 24,
        meta: vec![1; 69].into(),
        data: vec![b' '; 112].into(),
        data_is_json: true,
    }
}

/// Counts the store commands of requests on one session. Each request writes directly after the
/// last one.
async fn near_cached() -> Result<Vec<(&'static str, String)>> {
    let counted = FaultyStore::new(MemoryStore::new(Clock::system()));
    let store = FeedingStore::new(counted.clone());
    let feed = store.feed();
    let near =
        NearCache::builder(store).feed(feed.clone()).heartbeat_tolerance(TOLERANCE).build()?;
    feed.beat();
    let layer = SessionLayer::new(near, &KeyRing::insecure_from_seed(7));
    let login = layer.layer(service_fn(login)).oneshot(Request::default()).await?;
    let cookie = login.headers().get(SET_COOKIE).ok_or("a login sets a cookie")?.to_str()?;
    let cookie: http::HeaderValue = cookie.split(';').next().unwrap_or_default().parse()?;
    let one = async || -> Result<String> {
        counted.reset_steps();
        let mut request = Request::default();
        request.headers_mut().insert(COOKIE, cookie.clone());
        let response = layer.layer(service_fn(write)).oneshot(request).await?;
        if !response.status().is_success() {
            return Err(format!("the answer to a write was {}", response.status()).into());
        }
        Ok(counted.steps().to_string())
    };
    let mut steps = vec![("after the login", one().await?)];
    steps.push(("right after one's own write, whose echo has come", one().await?));
    feed.hold();
    steps.push(("the same once more", one().await?));
    steps.push(("right after one's own write, whose echo is under way", one().await?));
    feed.release();
    Ok(steps)
}

async fn login(request: Request) -> std::result::Result<Response, Infallible> {
    let session = Session::of(request.extensions()).expect("a layer around the handler");
    session.login(Identity::local("alice").build()).expect("no earlier login");
    Ok(Response::default())
}

async fn write(request: Request) -> std::result::Result<Response, Infallible> {
    let session = Session::of(request.extensions()).expect("a layer around the handler");
    session.insert("n", &7).expect("enough room");
    Ok(Response::default())
}
