//! The available stores, and a function that opens each. An application of your own needs only one
//! of these functions.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use tower_auth::store::{Key, RecordId, RecordKind, Store as _};
use tower_auth::{AnyStore, Clock, MemoryStore};
use tower_auth_memcached::MemcachedStore;
use tower_auth_redis::RedisStore;
use tower_auth_sqlx::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tower_auth_sqlx::sqlx::{ConnectOptions as _, Connection as _};
use tower_auth_sqlx::{PostgresStore, SqliteStore};

use super::address::hosts;
use super::near::{Near, cached};
use super::{OpenError, UnknownStore};

const REDIS: &str = "redis://[user:password@]host[:port][/database]";
const SENTINEL: &str = "redis+sentinel://[user:password@]host:port,host:port/name-of-the-primary";
const CLUSTER: &str = "redis+cluster://[user:password@]host:port,host:port";
const POSTGRES: &str = "postgres://user:password@host:port/database";
const SQLITE: &str = "sqlite://path/of/the.file";
const MEMCACHED: &str = "memcached://host:port";
/// The interval between two removals of expired rows.
const SWEEP: Duration = Duration::from_secs(60);

/// The forms of addresses.
pub(crate) const FORMS: [&str; 8] =
    ["memory:", "cookie:", REDIS, SENTINEL, CLUSTER, POSTGRES, SQLITE, MEMCACHED];

/// The kind and the address of a store.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Location {
    Memory,
    Cookie,
    Redis(String),
    Sentinel { addresses: Vec<String>, name: String },
    Cluster(Vec<String>),
    Postgres(String),
    Sqlite(PathBuf),
    Memcached(String),
}

impl Location {
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Cookie => "cookie",
            Self::Redis(_) => "redis",
            Self::Sentinel { .. } => "redis+sentinel",
            Self::Cluster(_) => "redis+cluster",
            Self::Postgres(_) => "postgres",
            Self::Sqlite(_) => "sqlite",
            Self::Memcached(_) => "memcached",
        }
    }

    /// Whether the store reports the changes of other nodes, which a near-cache needs.
    pub(super) const fn feeds(&self) -> bool {
        !matches!(self, Self::Memory | Self::Cookie | Self::Sqlite(_) | Self::Memcached(_))
    }

    /// Whether the store lists sessions by owner.
    pub(super) const fn lists(&self) -> bool {
        !matches!(self, Self::Cookie | Self::Memcached(_))
    }
}

impl FromStr for Location {
    type Err = UnknownStore;

    fn from_str(address: &str) -> Result<Self, UnknownStore> {
        if address == "memory:" {
            return Ok(Self::Memory);
        }
        if address == "cookie:" {
            return Ok(Self::Cookie);
        }
        let (scheme, rest) = address.split_once("://").ok_or(UnknownStore::Kind)?;
        let form = |form| move || UnknownStore::Form(form);
        match scheme {
            "redis" if rest.is_empty() => Err(UnknownStore::Form(REDIS)),
            "redis" => Ok(Self::Redis(address.into())),
            "redis+sentinel" => {
                let (hosts, name) = rest.rsplit_once('/').ok_or_else(form(SENTINEL))?;
                if name.is_empty() {
                    return Err(UnknownStore::Form(SENTINEL));
                }
                let addresses = nodes(hosts).ok_or_else(form(SENTINEL))?;
                Ok(Self::Sentinel { addresses, name: name.into() })
            }
            "redis+cluster" => nodes(rest).map(Self::Cluster).ok_or_else(form(CLUSTER)),
            "postgres" | "postgresql" => Ok(Self::Postgres(address.into())),
            "sqlite" if rest.is_empty() => Err(UnknownStore::Form(SQLITE)),
            "sqlite" => Ok(Self::Sqlite(rest.into())),
            "memcached" if rest.is_empty() => Err(UnknownStore::Form(MEMCACHED)),
            "memcached" => Ok(Self::Memcached(address.into())),
            _ => Err(UnknownStore::Kind),
        }
    }
}

/// Returns an address for each of several Redis nodes.
fn nodes(text: &str) -> Option<Vec<String>> {
    let (login, hosts) = hosts(text)?;
    Some(hosts.into_iter().map(|host| format!("redis://{login}{host}")).collect())
}

pub(super) fn memory(clock: Clock) -> AnyStore {
    AnyStore::new(MemoryStore::new(clock))
}

pub(super) async fn redis(
    address: &str,
    clock: Clock,
    near: Option<&Near>,
) -> Result<AnyStore, OpenError> {
    let store = RedisStore::node(address, clock.clone());
    let store = store.build().await.map_err(OpenError::because)?;
    cached(store, RedisStore::feed, near, clock)
}

pub(super) async fn sentinel(
    addresses: &[String],
    name: &str,
    clock: Clock,
    near: Option<&Near>,
) -> Result<AnyStore, OpenError> {
    let addresses = addresses.iter().map(String::as_str);
    let store = RedisStore::sentinel(addresses, name, clock.clone());
    let store = store.build().await.map_err(OpenError::because)?;
    cached(store, RedisStore::feed, near, clock)
}

pub(super) async fn cluster(
    addresses: &[String],
    clock: Clock,
    near: Option<&Near>,
) -> Result<AnyStore, OpenError> {
    let store = RedisStore::cluster(addresses.iter().map(String::as_str), clock.clone());
    let store = store.build().await.map_err(OpenError::because)?;
    cached(store, RedisStore::feed, near, clock)
}

pub(super) async fn postgres(
    address: &str,
    clock: Clock,
    near: Option<&Near>,
) -> Result<AnyStore, OpenError> {
    // The driver's error quotes the address.
    let options: PgConnectOptions = address.parse().map_err(|_| OpenError::form(POSTGRES))?;
    // The pool would try until its timeout, and then not report the reason.
    let connection = options.connect().await.map_err(|error| OpenError::database(&error))?;
    let _ = connection.close().await;
    let pool = PgPoolOptions::new().acquire_timeout(Duration::from_secs(5));
    let store = PostgresStore::new(pool.connect_lazy_with(options), clock.clone());
    store.migrate().await.map_err(OpenError::because)?;
    tokio::spawn(store.run_cleanup(SWEEP));
    cached(store, PostgresStore::feed, near, clock)
}

pub(super) async fn sqlite(path: &Path, clock: Clock) -> Result<AnyStore, OpenError> {
    let store = SqliteStore::open(path, clock).await.map_err(OpenError::because)?;
    tokio::spawn(store.run_cleanup(SWEEP));
    Ok(AnyStore::new(store))
}

pub(super) async fn memcached(address: &str, clock: Clock) -> Result<AnyStore, OpenError> {
    let store = MemcachedStore::new(address, clock).map_err(OpenError::because)?;
    // The store connects at the first use. The program connects now, before the first visitor.
    let unused = Key::new(RecordKind::Session, RecordId::new([0; 16]));
    store.load(&unused).await.map_err(OpenError::because)?;
    Ok(AnyStore::new(store))
}
