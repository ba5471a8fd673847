//! How a store is set up.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use tower_auth_core::Clock;

use super::door::Door;
use super::store::PostgresStore;
use crate::error::ConfigError;
use crate::table::names::{check, check_sizes, quoted};
use crate::table::sql::POSTGRES;

/// Makes a [`PostgresStore`] that is not as usual.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use tower_auth_core::Clock;
/// use tower_auth_sqlx::{PostgresStore, sqlx::PgPool};
///
/// let pool = PgPool::connect("postgres://app@db.internal/app").await?;
/// let store = PostgresStore::builder(pool, Clock::system())
///     .schema("auth")
///     .timeout(Duration::from_millis(500))
///     .build()?;
/// # let _ = store; Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct PostgresBuilder {
    pool: PgPool,
    clock: Clock,
    schema: String,
    prefix: String,
    timeout: Duration,
    max_value: usize,
}

impl PostgresStore {
    /// A store in the table `public.tower_auth_records`. [`migrate`](Self::migrate) makes it.
    #[must_use]
    pub fn new(pool: PgPool, clock: Clock) -> Self {
        Self::builder(pool, clock).make()
    }

    /// A store with settings.
    pub fn builder(pool: PgPool, clock: Clock) -> PostgresBuilder {
        PostgresBuilder::new(pool, clock)
    }
}

impl PostgresBuilder {
    pub(super) fn new(pool: PgPool, clock: Clock) -> Self {
        Self {
            pool,
            clock,
            schema: "public".to_owned(),
            prefix: "tower_auth_".to_owned(),
            timeout: Duration::from_secs(2),
            max_value: 1 << 20,
        }
    }

    /// The schema that the tables lie in; `public` unless it is said. Up to 24 of `a-z`, `0-9` and
    /// `_`, no digit first.
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    /// What the names of the tables begin with; `tower_auth_` unless it is said. Up to 24 of `a-z`,
    /// `0-9` and `_`, no digit first.
    pub fn table_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long a step may take, with the wait for a connection of the pool; 2 seconds unless it is
    /// said. After that it is
    /// [unavailable](tower_auth_core::store::ErrorKind::Unavailable), and much sooner where nobody
    /// listens at the server's address.
    ///
    /// The server may still carry out a step that was given up, once and later than the answer, as
    /// [the contract](tower_auth_core::store::Store) allows. So an `end_owned` that was given up may also
    /// end a session that its user made after the answer; the user then logs in again. That is rare if the
    /// server gives up first: set PostgreSQL's `statement_timeout` below this time-out, in the connection
    /// options of the pool.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many bytes `meta` and `data` may have together; 1 MiB unless it is said.
    pub fn max_value(mut self, bytes: usize) -> Self {
        self.max_value = bytes;
        self
    }

    /// The store. Nothing is asked of the server yet: [`PostgresStore::migrate`] makes the tables.
    ///
    /// # Errors
    /// A setting that cannot be meant.
    pub fn build(self) -> Result<PostgresStore, ConfigError> {
        check("schema", &self.schema)?;
        check("table_prefix", &self.prefix)?;
        check_sizes(self.timeout, self.max_value)?;
        Ok(self.make())
    }

    /// The same of settings that can be meant.
    pub(super) fn make(self) -> PostgresStore {
        let Self { pool, clock, schema, prefix, timeout, max_value } = self;
        let statements = POSTGRES.statements(&format!("{}.{prefix}records", quoted(&schema)));
        let (alive, door) = (Arc::new(()), Arc::new(Door::new(pool.clone())));
        PostgresStore { pool, door, clock, schema, prefix, timeout, max_value, statements, alive }
    }
}
