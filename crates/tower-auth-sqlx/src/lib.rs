//! PostgreSQL and SQLite as stores of `tower-auth`, on [sqlx] 0.9.
//!
//! - [`PostgresStore`] (feature `postgres`): a store that several nodes share.
//!   [`PostgresStore::feed`] notifies each node of changes by the other nodes.
//! - [`SqliteStore`] (feature `sqlite`): a store in one file beside the application. It survives a
//!   restart and needs no server.
//!
//! Both stores list by owner, never evict, and fulfil the whole contract of [`Store`]. Each step is
//! one statement, so it is applied completely or not. A failure of the database is reported as
//! [`Unavailable`], never as an answer about a record.
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
//! tokio::spawn(store.run_cleanup(Duration::from_secs(60)));
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
//! `tower_auth_records` has one row for each key: either a record or its tombstone.
//!
//! | column | content |
//! |---|---|
//! | `kind`, `id` | the key: the number of the kind, and 16 bytes |
//! | `owner` | 32 bytes, or null. Indexed |
//! | `version`, `created`, `last_used`, `absolute` | see [`Record`]; times in microseconds |
//! | `idle` | the idle timeout, in microseconds |
//! | `expires` | the expiry, which the database computes from the other columns. Indexed |
//! | `meta` | the layer's own data: hashes of secrets, the identity |
//! | `is_json`, `data_json`, `data_bytes` | the application's data, in one of the two columns |
//! | `ended_reason`, `ended_until` | of a tombstone: the number of the [`EndReason`], and its expiry |
//!
//! Unsigned numbers are stored minus 2⁶³. No value is lost, including "never", and SQL compares the
//! columns in the right order. To read them:
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
//! **JSON.** If the layer marks the data as JSON, `data_json` holds it, byte for byte. The column
//! has PostgreSQL's type `json`, or is SQLite text that was checked. `jsonb` would change the order
//! and the spaces, but the contract returns the bytes as they were saved. `data_bytes` instead
//! holds data that some query could not read: `\u0000`, half a surrogate pair, a number beyond a
//! `double`, more than 128 levels, invalid JSON. So such data makes no write and no query fail.
//!
//! **Time** comes from the injected [`Clock`] alone. The database's clock is never read.
//!
//! **Expired rows** stay until they are cleaned up, for at least ten minutes. Call `clean_up`, or
//! spawn the future of `run_cleanup`, the cleanup loop. Until then no step returns them, and the versions
//! of their keys continue from them.
//!
//! # Notes on PostgreSQL
//!
//! - Version 12 or newer is required. Version 15 is tested.
//! - By default, a pool of sqlx pings each idle connection before use, which adds one round trip to
//!   each step. [`PostgresStore::pool_options`] avoids it.
//! - If the server does not answer, a step takes its whole [time-out](PostgresStoreBuilder::timeout), 2
//!   seconds by default. The statement that it leaves in the server ends by itself. If other
//!   transactions may hold locks for long, set `statement_timeout`.
//! - If the server's address refuses connections, a step fails at once; the first steps fail after
//!   a quarter of a second. The pool alone would keep trying until the time-out. Therefore a
//!   waiting step probes the address with a connection outside of the pool: once per second for all
//!   steps together, and ten times per second while the address refuses.
//! - Any isolation level works. Read committed, the default, is sufficient.
//! - With `synchronous_commit = off`, an acknowledged write may be lost in a crash, including an
//!   end. The same is true of a fail-over to a standby that replicates asynchronously.
//! - Each change sends a notification, even if no feed listens. Transactions that notify commit one
//!   after the other in the whole database cluster.
//! - A pooler in transaction mode needs `PgConnectOptions::statement_cache_capacity(0)`, and a feed
//!   needs a direct connection to the server.
//!
//! # Notes on SQLite
//!
//! - The file is opened with a write-ahead log and `synchronous = FULL`: an acknowledged write
//!   survives a loss of power. That costs one `fsync` per change.
//! - One writer at a time can change the file, across all processes. Other writers wait up to the
//!   time-out.
//! - Do not use a network file system: its locks and its shared memory are unreliable.
//!
//! # TLS and the required Rust version
//!
//! Feature `tls` adds TLS to PostgreSQL, with rustls and the roots of webpki. Enable it with
//! `?sslmode=verify-full`. This crate needs Rust 1.94, because sqlx 0.9 does.
//!
//! [sqlx]: https://docs.rs/sqlx
//! [`Store`]: tower_auth_core::store::Store
//! [`Unavailable`]: tower_auth_core::store::StoreErrorKind::Unavailable
//! [`Record`]: tower_auth_core::store::Record
//! [`EndReason`]: tower_auth_core::store::EndReason
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
pub use error::SqlxConfigError;
#[cfg(feature = "postgres")]
pub use postgres::{PostgresFeed, PostgresStore, PostgresStoreBuilder};
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteStore, SqliteStoreBuilder};
pub use sqlx;

/// Compiles the README's example.
#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../README.md")]
struct Readme;
