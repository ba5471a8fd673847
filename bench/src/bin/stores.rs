//! The cost of Redis through the store, through the session layer, and through a near-cache, as
//! ratios to a raw `GET` on the driver's own multiplexed connection.
//!
//! The program starts a Redis, and runs the compared steps in turn, round after round, with 64 steps
//! in flight on one thread. It prints the medians of the rounds' ratios, once for the elapsed time
//! and once for the thread's processor time. If other programs compete for the processors, the
//! elapsed time favours a hit, which never waits. The processor time excludes the work of the server.
//!
//! `stores` runs the usual rounds; `stores ROUNDS STEPS` sets the number of rounds and of steps in
//! each.

#![allow(clippy::disallowed_methods, reason = "measures real time")]

use std::convert::Infallible;
use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{COOKIE, SET_COOKIE};
use http_body_util::{Empty, Full};
use redis::aio::MultiplexedConnection;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_auth::store::{Key, Load, Owner, Record, RecordId, RecordKind, Store, Write};
use tower_auth::{Clock, Identity, KeyRing, NearCache, Session, SessionLayer};
use tower_auth_bench::figures::{Took, load, measure, median};
use tower_auth_fixtures::server::Redis;
use tower_auth_redis::{RedisStore, redis};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;
type Request = http::Request<Empty<Bytes>>;
type Response = http::Response<Full<Bytes>>;

/// The number of concurrent steps.
const IN_FLIGHT: u32 = 64;
/// The number of records.
const RECORDS: u32 = 1024;
/// The size of a record in bytes: a session's hash and identity, and some data.
const META: usize = 69;
const DATA: usize = 112;

fn main() -> Result<()> {
    let numbers: Vec<u32> =
        std::env::args().skip(1).map(|it| it.parse()).collect::<std::result::Result<_, _>>()?;
    let rounds = numbers.first().copied().unwrap_or(41);
    let steps = numbers.get(1).copied().unwrap_or(8_192);
    let redis = Redis::with(&["--appendonly", "no"]);
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let bench = Arc::new(runtime.block_on(Bench::new(&redis))?);

    println!("{rounds} rounds of {steps} steps, {IN_FLIGHT} in flight, load average {}\n", load());
    let (mut loads, mut layers, mut nears) = (vec![], vec![], vec![]);
    let (mut alone, mut near_layers) = (vec![], vec![]);
    let (mut raws, mut hits) = (vec![], vec![]);
    for round in 0..=rounds {
        let raw = bench.time(&runtime, What::Raw, steps)?;
        let once = bench.time(&runtime, What::Load, steps)?;
        let again = bench.time(&runtime, What::Raw, steps)?;
        let layer = bench.time(&runtime, What::Layer, steps)?;
        let uncached = bench.time(&runtime, What::Load, steps)?;
        let hit = bench.hits(&runtime, steps)?;
        let one = bench.alone(&runtime, steps / 16)?;
        let near_layer = bench.time(&runtime, What::NearLayer, steps)?;
        // Caches and branch predictors are warm after the first round.
        if round > 0 {
            loads.push((raw, once));
            layers.push((again, layer));
            nears.push((uncached, hit));
            alone.push((Took { time: one.time * 16.0, work: one.work * 16.0 }, hit));
            near_layers.push((layer, near_layer));
            raws.push(f64::from(steps) / raw.time);
            hits.push(hit.time / f64::from(steps) * 1e9);
        }
    }
    println!("| what | ratio | of the work | aim |");
    println!("|---|--:|--:|--:|");
    let [time, work] = ratios(&loads);
    println!("| RedisStore::load, of raw GET | {time:.2} | {work:.2} | ≥ 0.85 |");
    let [time, work] = ratios(&layers);
    println!("| session layer over RedisStore, of raw GET | {time:.2} | {work:.2} | ≥ 0.50 |");
    let [time, work] = ratios(&nears);
    println!(
        "| near-cached hit, as fast as RedisStore::load | {time:.0} × | {work:.0} × | ≥ 20 × |"
    );
    let [time, work] = ratios(&alone);
    println!("| the same, against one in flight | {time:.0} × | {work:.0} × | |");
    let [time, work] = ratios(&near_layers);
    println!("| session layer near-cached, as fast as uncached | {time:.1} × | {work:.1} × | |");
    println!("\nRaw GET: {:.0} a second. A hit: {:.0} ns.", median(raws), median(hits));
    Ok(())
}

/// Returns the ratio of the first to the second: of the elapsed time, and of the processor time.
fn ratios(pairs: &[(Took, Took)]) -> [f64; 2] {
    let of =
        |what: fn(&Took) -> f64| median(pairs.iter().map(|(a, b)| what(a) / what(b)).collect());
    [of(|it| it.time), of(|it| it.work)]
}

struct Bench {
    raw: MultiplexedConnection,
    store: RedisStore,
    near: NearCache<RedisStore>,
    keys: Vec<Key>,
    names: Vec<String>,
    layers: [SessionLayer; 2],
    cookie: http::HeaderValue,
}

#[derive(Clone, Copy)]
enum What {
    Raw,
    Load,
    Layer,
    NearLayer,
}

impl Bench {
    async fn new(redis: &Redis) -> Result<Self> {
        let client = redis::Client::open(redis.url())?;
        let raw = client.get_multiplexed_async_connection().await?;
        let store = RedisStore::node(redis.url(), Clock::system()).build().await?;
        let near = NearCache::builder(store.clone()).feed(store.feed());
        // A round keeps its only thread busy for longer than a usual heartbeat tolerance.
        let near = near.heartbeat_tolerance(Duration::from_secs(30));
        let near = near.max_age(Duration::from_secs(3600)).build()?;
        let keys: Vec<_> = (0..RECORDS).map(key).collect();
        for key in &keys {
            let Write::Done(_) = store.create(key, &record()).await? else {
                return Err("the server is not empty".into());
            };
        }
        let names = keys.iter().map(|key| format!("ta:{key}")).collect();
        let ring = KeyRing::insecure_from_seed(7);
        let layers =
            [SessionLayer::new(store.clone(), &ring), SessionLayer::new(near.clone(), &ring)];
        let login = layers[0].layer(service_fn(login)).oneshot(Request::default()).await?;
        let cookie = login.headers().get(SET_COOKIE).ok_or("a login sets a cookie")?.to_str()?;
        let cookie = cookie.split(';').next().unwrap_or_default().parse()?;
        let bench = Self { raw, store, near, keys, names, layers, cookie };
        // The near-cache stores nothing until the feed is alive.
        while !bench.is_warm().await? {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(bench)
    }

    /// Reads everything into the near-cache. Returns whether it is cached.
    async fn is_warm(&self) -> Result<bool> {
        for key in &self.keys {
            if self.near.load_now(key).is_none() {
                let _ = self.near.load(key).await?;
            }
        }
        Ok(self.keys.iter().all(|key| self.near.load_now(key).is_some()))
    }

    /// Returns the index of the key for a task's step.
    fn at(task: u32, step: u32) -> usize {
        (task.wrapping_mul(31).wrapping_add(step.wrapping_mul(17)) % RECORDS) as usize
    }

    /// Takes one step of a task.
    async fn step(&self, what: What, task: u32, step: u32) -> Result<()> {
        match what {
            What::Raw => {
                let mut connection = self.raw.clone();
                let name = &self.names[Self::at(task, step)];
                let value: redis::Value =
                    redis::cmd("GET").arg(name).query_async(&mut connection).await?;
                found(matches!(value, redis::Value::BulkString(_)))
            }
            What::Load => {
                let load = self.store.load(&self.keys[Self::at(task, step)]).await?;
                found(matches!(load, Load::Found(_)))
            }
            What::Layer | What::NearLayer => {
                let layer = &self.layers[usize::from(matches!(what, What::NearLayer))];
                let mut request = Request::default();
                request.headers_mut().insert(COOKIE, self.cookie.clone());
                let response = layer.layer(service_fn(read)).oneshot(request).await?;
                found(response.status().is_success())
            }
        }
    }

    /// Returns the time for this number of steps.
    fn time(self: &Arc<Self>, runtime: &Runtime, what: What, steps: u32) -> Result<Took> {
        runtime.block_on(async {
            let mut running = JoinSet::new();
            let took = measure();
            for task in 0..IN_FLIGHT {
                let bench = Arc::clone(self);
                running.spawn(async move {
                    for step in 0..steps / IN_FLIGHT {
                        bench.step(what, task, step).await?;
                    }
                    Result::Ok(())
                });
            }
            while let Some(done) = running.join_next().await {
                done??;
            }
            Ok(took())
        })
    }

    /// Returns the time for sequential loads, which is the latency that a single request sees.
    fn alone(&self, runtime: &Runtime, steps: u32) -> Result<Took> {
        runtime.block_on(async {
            let took = measure();
            for step in 0..steps {
                self.step(What::Load, 0, step).await?;
            }
            Ok(took())
        })
    }

    /// Returns the time for hits, which never wait.
    fn hits(&self, runtime: &Runtime, steps: u32) -> Result<Took> {
        found(runtime.block_on(self.is_warm())?)?;
        let took = measure();
        for step in 0..steps {
            let load = self.near.load_now(&self.keys[Self::at(0, step)]);
            // By reference: moving the value would copy it once more, and that copy is not part of
            // a hit.
            found(matches!(black_box(&load), Some(Load::Found(_))))?;
        }
        Ok(took())
    }
}

fn found(is_there: bool) -> Result<()> {
    if is_there { Ok(()) } else { Err("a record is missing".into()) }
}

fn key(number: u32) -> Key {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
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
        meta: vec![1; META].into(),
        data: vec![b' '; DATA].into(),
        data_is_json: true,
    }
}

async fn login(request: Request) -> std::result::Result<Response, Infallible> {
    let session = Session::of(request.extensions()).expect("a layer around the handler");
    session.login(Identity::local("alice").role("user").build()).expect("no earlier login");
    session.insert("n", &7).expect("enough room");
    Ok(Response::default())
}

async fn read(request: Request) -> std::result::Result<Response, Infallible> {
    let session = Session::of(request.extensions()).expect("a layer around the handler");
    let mut response = Response::default();
    if session.get::<u32>("n").ok().flatten() != Some(7) {
        *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
    }
    Ok(response)
}
