//! The processor time of the Redis server for each store step, compared with a plain `SET`.

use std::error::Error;
use std::time::Duration;

use tower_auth::Clock;
use tower_auth::store::{EndReason, Key, Record, Store, Stored, Version, Write};
use tower_auth_fixtures::server::Redis;
use tower_auth_redis::RedisStore;
use tower_auth_redis::redis::aio::MultiplexedConnection;
use tower_auth_redis::redis::{self, cmd};

use crate::figures::median;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The number of rounds. In each of them every step follows a plain `SET`.
const ROUNDS: u32 = 10;
/// The number of calls of each command in a round.
const CALLS: u32 = 2_000;
/// The number of saved keys: small enough for the store to remember all of their index entries.
const SAVED: u32 = 16;
/// The milliseconds until a plain `SET` expires.
const EXPIRY: u64 = 4_200_000;

/// The server's time for a step, in microseconds: the median of the rounds.
#[derive(Clone, Copy, Debug)]
pub struct ServerTime {
    /// The step's name.
    pub step: &'static str,
    /// The step itself, which is one script.
    pub step_micros: f64,
    /// A `SET` of the same value with an expiry.
    pub set_micros: f64,
    /// The median of the rounds' ratios.
    pub ratio: f64,
}

/// Measures each step by the server's own `INFO commandstats`, on records like `record`.
///
/// # Errors
/// If the server or a step fails.
pub async fn per_step(key: fn(u32) -> Key, record: Record) -> Result<Vec<ServerTime>> {
    let redis = Redis::with(&["--appendonly", "no"]);
    let client = redis::Client::open(redis.url())?;
    let mut raw = client.get_multiplexed_async_connection().await?;
    let value = Stored { version: Version::first(record.created), record: record.clone() };
    let value = value.to_bytes();
    let unowned = Record { owner: None, ..record.clone() };
    let mut figures = ["create", "save", "touch", "end"].map(|step| (step, Vec::new()));
    for _ in 0..ROUNDS {
        // Creations and plain sets begin with free keys.
        cmd("FLUSHALL").query_async::<()>(&mut raw).await?;
        // Two keys may share a place in the store's memory, but not in that of each store.
        let store = RedisStore::node(redis.url(), Clock::system()).build().await?;
        let mut versions = Vec::new();
        for (step, rounds) in &mut figures {
            reset(&mut raw).await?;
            let keys = if *step == "save" { SAVED } else { CALLS };
            for number in 0..CALLS {
                let mut set = cmd("SET");
                set.arg(format!("raw:{}", number % keys)).arg(&value).arg("PX").arg(EXPIRY);
                set.query_async::<()>(&mut raw).await?;
            }
            let (set, _) = micros_per_call(&mut raw, "set").await?;
            if *step == "save" {
                // The first save writes the owner into the index, with a separate script.
                for (number, version) in (0..SAVED).zip(&mut versions) {
                    *version = done(store.save(&key(number), *version, &record).await?)?;
                }
            }
            reset(&mut raw).await?;
            for number in 0..CALLS {
                let key = key(number % keys);
                match *step {
                    "create" => versions.push(done(store.create(&key, &unowned).await?)?),
                    "save" => {
                        let version = &mut versions[(number % keys) as usize];
                        *version = done(store.save(&key, *version, &record).await?)?;
                    }
                    "touch" => store.touch(&key, Clock::system().now()).await?,
                    _ => store.end(&key, EndReason::LoggedOut, Duration::ZERO).await?,
                }
            }
            let (micros, calls) = micros_per_call(&mut raw, "evalsha").await?;
            if calls == CALLS {
                rounds.push((micros, set));
            }
        }
    }
    let of = |rounds: &[(f64, f64)], what: fn(&(f64, f64)) -> f64| {
        median(rounds.iter().map(what).collect())
    };
    Ok(figures
        .iter()
        .map(|(step, rounds)| ServerTime {
            step,
            step_micros: of(rounds, |it| it.0),
            set_micros: of(rounds, |it| it.1),
            ratio: of(rounds, |it| it.0 / it.1),
        })
        .collect())
}

fn done(write: Write) -> Result<Version> {
    match write {
        Write::Done(version) => Ok(version),
        other => Err(format!("the answer to a write was {other:?}").into()),
    }
}

async fn reset(raw: &mut MultiplexedConnection) -> Result<()> {
    Ok(cmd("CONFIG").arg("RESETSTAT").query_async(raw).await?)
}

/// Returns the average time of one command, and the number of its calls.
async fn micros_per_call(raw: &mut MultiplexedConnection, name: &str) -> Result<(f64, u32)> {
    let told: String = cmd("INFO").arg("commandstats").query_async(raw).await?;
    let line = told.lines().find_map(|it| it.strip_prefix(&format!("cmdstat_{name}:")));
    let field = |name: &str| {
        let mut fields = line.unwrap_or_default().split(',');
        fields.find_map(|it| it.strip_prefix(name)).unwrap_or_default().to_owned()
    };
    Ok((field("usec_per_call=").parse()?, field("calls=").parse()?))
}
