//! PostgreSQL and SQLite as stores of `tower-auth`, on [sqlx] 0.9.
//!
//! - [`PostgresStore`] (feature `postgres`): what several nodes share. [`PostgresStore::feed`] tells
//!   each of them of what the others change.
//! - [`SqliteStore`] (feature `sqlite`): one file beside the application. It survives a restart, and
//!   needs no server.
//!
//! Both list by owner, never evict, and keep the whole contract of [`Store`]. Each step is one
//! statement, so that it is done or not done; a failure of the database is
//! [`Unavailable`], never an answer about a record.
//!
//! ```no_run
//! # #[cfg(feature = "postgres")]
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//! use tower_auth::{Clock, KeyRing, SessionLayer};
//! use tower_auth_sqlx::PostgresStore;
//!
//! let pool = PostgresStore::pool_options().connect("postgres://app@db.internal/app").await?;
//! let store = PostgresStore::new(pool, Clock::system());
//! store.migrate().await?;
//! tokio::spawn(store.broom(Duration::from_secs(60)));
//!
//! let sessions = SessionLayer::new(store, &KeyRing::from_env("APP_KEYS")?);
//! # let _ = sessions; Ok(()) }
//! ```
//!
//! ```
//! # #[cfg(feature = "sqlite")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use tower_auth::{Clock, KeyRing, SessionLayer};
//! use tower_auth_sqlx::SqliteStore;
//!
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("sessions.db");
//! let store = SqliteStore::open(path, Clock::system()).await?;
//! let sessions = SessionLayer::new(store, &KeyRing::random());
//! # let _ = sessions; Ok(()) }
//! # #[cfg(not(feature = "sqlite"))]
//! # fn main() {}
//! ```
//!
//! # The table
//!
//! `tower_auth_records`, one row for a key, be it a record or the tombstone of one:
//!
//! | column | what |
//! |---|---|
//! | `kind`, `handle` | the key: the number of the kind, 16 bytes |
//! | `owner` | 32 bytes, or none. Indexed |
//! | `version`, `created`, `last_used`, `absolute` | see [`Record`]; the moments in microseconds |
//! | `idle` | how long it lives unused, in microseconds |
//! | `expires` | when it is over. The database computes it from the others. Indexed |
//! | `meta` | the layer's own: hashes of secrets, the identity |
//! | `is_json`, `data_json`, `data_bytes` | the application's data, in one of the two columns |
//! | `ended_reason`, `ended_until` | of a tombstone: the number of the [`Reason`], and until when it counts |
//!
//! Numbers without a sign are kept less 2⁶³: nothing is lost, not even "never", and SQL compares
//! them as they are. For people:
//!
//! ```sql
//! -- PostgreSQL
//! SELECT to_timestamp((created + 9223372036854775808) / 1000000),
//!        data_json->>'theme'
//! FROM tower_auth_records WHERE kind = 1 AND ended_reason IS NULL;
//! -- SQLite
//! SELECT datetime(created / 1000000 + 9223372036854, 'unixepoch'), data_json->>'theme'
//! FROM tower_auth_records WHERE kind = 1 AND ended_reason IS NULL;
//! ```
//!
//! **JSON.** Data that the layer says is JSON lies in `data_json`, PostgreSQL's `json` or SQLite's
//! text that was checked, byte for byte as it came: `jsonb` would change the order and the spaces,
//! and the contract is bytes in, bytes out. What some query could not read (`\u0000`, half a
//! surrogate pair, a number beyond a `double`, more than 128 levels, no JSON at all) lies in
//! `data_bytes` instead: no write fails of it, and no query.
//!
//! **Time** is the injected [`Clock`]'s alone. The database's own is never asked.
//!
//! **What is over stays** until it is cleaned up, at least ten minutes: by `clean_up`, or by `broom`, a
//! future to spawn. Nobody sees it meanwhile; the versions of its key go on from it.
//!
//! # What to know of PostgreSQL
//!
//! - Version 12 or newer; it is tested with 15.
//! - A pool of sqlx's asks each idle connection for a sign of life before it is used: one round trip
//!   more for each step. [`PostgresStore::pool_options`] saves it.
//! - Where it does not answer, a step takes its whole [time-out](PostgresBuilder::timeout), 2 seconds
//!   unless it is said. What it leaves in the server ends by itself; set `statement_timeout` where locks
//!   of others' may be held for long. Where its address refuses connections, a step fails at once, the
//!   first ones after a quarter of a second: the pool would go on trying, so a step that waits asks
//!   beside it, by a connection outside of the pool: one a second for all steps together, and ten
//!   while it is refused.
//! - The isolation may be any; read committed, the usual one, is enough.
//! - `synchronous_commit = off` gives up that what was acknowledged is there after a crash: an end, too.
//!   So does a fail-over to a standby that replicates asynchronously.
//! - Each change notifies, whether somebody listens or not. Transactions that notify commit one
//!   after the other in the whole database cluster.
//! - A pooler in transaction mode needs `PgConnectOptions::statement_cache_capacity(0)`, and a feed
//!   needs a connection to the server itself.
//!
//! # What to know of SQLite
//!
//! - The file is opened with a write-ahead log and `synchronous = FULL`: what was acknowledged is there
//!   after a loss of power. That is one `fsync` a change.
//! - There is one writer at a time, in all processes; it is waited for as long as the time-out is.
//! - No network file system: its locks and its shared memory are not to be trusted.
//!
//! # TLS, and the Rust that it needs
//!
//! Feature `tls`: TLS to PostgreSQL by rustls with the roots of webpki; ask for it by
//! `?sslmode=verify-full`. sqlx 0.9 needs Rust 1.94, so this crate does.
//!
//! [sqlx]: https://docs.rs/sqlx
//! [`Store`]: tower_auth_core::store::Store
//! [`Unavailable`]: tower_auth_core::store::ErrorKind::Unavailable
//! [`Record`]: tower_auth_core::store::Record
//! [`Reason`]: tower_auth_core::store::Reason
//! [`Clock`]: tower_auth_core::Clock

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(missing_debug_implementations)]

#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod error;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod runtime;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod table;

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use error::ConfigError;
#[cfg(feature = "postgres")]
pub use postgres::{PostgresBuilder, PostgresFeed, PostgresStore};
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteBuilder, SqliteStore};
pub use sqlx;

/// Compiles the README's example.
#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../README.md")]
struct Readme;
