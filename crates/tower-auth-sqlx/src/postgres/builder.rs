//! The builder of a store.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use tower_auth_core::Clock;

use super::connect_probe::ConnectProbe;
use super::store::PostgresStore;
use crate::error::SqlxConfigError;
use crate::table::names::{check, check_sizes, quoted};
use crate::table::sql::POSTGRES;

/// Builds a [`PostgresStore`] with other settings than the defaults.
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
pub struct PostgresStoreBuilder {
    pool: PgPool,
    clock: Clock,
    schema: String,
    prefix: String,
    timeout: Duration,
    max_value: usize,
}

impl PostgresStore {
    /// Creates a store in the table `public.tower_auth_records`, with the default settings.
    ///
    /// Call [`migrate`](Self::migrate) to create the table.
    #[must_use]
    pub fn new(pool: PgPool, clock: Clock) -> Self {
        Self::builder(pool, clock).into_store()
    }

    /// Returns a builder for a store that uses `pool`.
    pub fn builder(pool: PgPool, clock: Clock) -> PostgresStoreBuilder {
        PostgresStoreBuilder::new(pool, clock)
    }
}

impl PostgresStoreBuilder {
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

    /// Sets the schema of the tables. The default is `public`.
    ///
    /// Up to 24 of `a-z`, `0-9` and `_`, not starting with a digit.
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    /// Sets the prefix of the table names. The default is `tower_auth_`.
    ///
    /// Up to 24 of `a-z`, `0-9` and `_`, not starting with a digit.
    pub fn table_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets the time limit of a step, including the wait for a connection of the pool. The default
    /// is 2 seconds.
    ///
    /// A step that takes longer fails as
    /// [unavailable](tower_auth_core::store::StoreErrorKind::Unavailable). If the server's address
    /// refuses connections, a step fails much sooner.
    ///
    /// The server may still carry out a step that timed out, once and after the error was returned,
    /// as [the contract](tower_auth_core::store::Store) allows. A late `end_owned` may therefore
    /// end a session that its user created after the error; the user then logs in again. To make
    /// this rare, let the server give up first: set PostgreSQL's `statement_timeout` below this
    /// time-out, in the connection options of the pool.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the maximum size of `meta` and `data` together, in bytes. The default is 1 MiB.
    pub fn max_value(mut self, bytes: usize) -> Self {
        self.max_value = bytes;
        self
    }

    /// Builds the store without connecting. [`PostgresStore::migrate`] creates the tables.
    ///
    /// # Errors
    /// [`SqlxConfigError`] if a name is invalid, or if a setting is zero.
    pub fn build(self) -> Result<PostgresStore, SqlxConfigError> {
        check("schema", &self.schema)?;
        check("table_prefix", &self.prefix)?;
        check_sizes(self.timeout, self.max_value)?;
        Ok(self.into_store())
    }

    /// Builds the store from valid settings.
    pub(super) fn into_store(self) -> PostgresStore {
        let Self { pool, clock, schema, prefix, timeout, max_value } = self;
        let statements = POSTGRES.statements(&format!("{}.{prefix}records", quoted(&schema)));
        let (alive, probe) = (Arc::new(()), Arc::new(ConnectProbe::new(pool.clone())));
        PostgresStore { pool, probe, clock, schema, prefix, timeout, max_value, statements, alive }
    }
}
