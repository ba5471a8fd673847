//! The store contract over one table.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgArguments, PgPool, PgPoolOptions, PgRow};
use sqlx::query::Query;
use sqlx::{Connection as _, Postgres, Row as _};
use tokio::runtime::Handle as Runtime;
use tower_auth_core::store::{
    EndOwnedParams, EndReason, Key, Limits, ListParams, Load, Page, Record, Store, StoreError,
    Version, Write,
};
use tower_auth_core::{Clock, Timestamp};

use super::connect_probe::ConnectProbe;
use super::feed::{BEAT, PostgresFeed};
use crate::table::columns::{
    Columns, NOTHING, Row, kind, kinds, moment, read_row, reason, version,
};
use crate::table::failure::Failure;
use crate::table::number::to_column;
use crate::table::page::{Paging, page};
use crate::table::sql::Statements;

/// The idle time below which a connection is assumed to be alive.
const FRESH: Duration = Duration::from_secs(1);
/// The number of attempts for a step that conflicts with other transactions.
const ATTEMPTS: u32 = 8;

/// A store of records in a PostgreSQL table, shared by all nodes. A clone uses the same pool and
/// table.
///
/// See the [crate's documentation](crate) for an example, the table, and notes for operators.
#[derive(Clone)]
pub struct PostgresStore {
    pub(super) pool: PgPool,
    pub(super) probe: Arc<ConnectProbe>,
    pub(super) clock: Clock,
    pub(super) schema: String,
    pub(super) prefix: String,
    pub(super) timeout: Duration,
    pub(super) max_value: usize,
    pub(super) statements: Statements,
    /// Dropped with the last clone, which stops the cleanup loop.
    pub(super) alive: Arc<()>,
}

/// The answer to a conditional write: the new version if it succeeded; otherwise the version and
/// end reason of the existing row.
struct Answer {
    done: Option<i64>,
    seen: Option<i64>,
    reason: Option<i16>,
}

impl PostgresStore {
    /// Returns options for a pool with which a step takes one round trip.
    ///
    /// A connection is pinged only if it was idle for one second or more. By default, sqlx pings it
    /// before each use. The drawback: a step that gets a connection which died within the last
    /// second fails as unavailable. Add your own options to the returned value, and connect.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use tower_auth_core::Clock;
    /// use tower_auth_sqlx::PostgresStore;
    ///
    /// let pool = PostgresStore::pool_options().max_connections(20);
    /// let pool = pool.connect("postgres://app@db.internal/app").await?;
    /// let store = PostgresStore::new(pool, Clock::system());
    /// # let _ = store; Ok(()) }
    /// ```
    #[must_use]
    pub fn pool_options() -> PgPoolOptions {
        PgPoolOptions::new().test_before_acquire(false).before_acquire(|connection, it| {
            Box::pin(async move {
                if it.idle_for >= FRESH {
                    // If the ping fails, the pool drops the connection and uses another or a new
                    // one.
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
    }

    /// Creates a feed of the changes that all nodes make to this table.
    ///
    /// Each listener uses one connection to the server, outside of the pool and with the pool's
    /// settings.
    ///
    /// # Panics
    /// Panics outside of a Tokio runtime. A pool cannot be created there either.
    #[must_use]
    pub fn feed(&self) -> PostgresFeed {
        let channel = format!("{}.{}records", self.schema, self.prefix);
        PostgresFeed {
            options: self.pool.connect_options(),
            channel: Arc::from(channel),
            runtime: Runtime::current(),
            beat: BEAT,
        }
    }

    /// Runs a statement that returns no rows, and returns the number of rows that it changed.
    async fn execute(
        &self,
        query: impl Fn() -> Query<'static, Postgres, PgArguments>,
    ) -> Result<usize, StoreError> {
        for _ in 0..ATTEMPTS {
            match self.probe.within(self.timeout, query().execute(&self.pool)).await {
                Ok(done) => return Ok(usize::try_from(done.rows_affected()).unwrap_or(usize::MAX)),
                // Two statements that change the same records in a different order wait for each
                // other, until the server refuses one.
                Err(refused) if refused.is_of_order() => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        Err(Failure::Contended.into())
    }

    /// Creates a record, or saves it if `saves` has the expected version.
    async fn write(
        &self,
        saves: Option<Version>,
        key: &Key,
        record: &Record,
    ) -> Result<Write, StoreError> {
        self.limits().check(record)?;
        let mut columns = Columns::of(record);
        for _ in 0..ATTEMPTS {
            let answer = match self.write_as(saves, key, record, &columns).await {
                Ok(answer) => answer,
                // Data that the database's grammar or encoding refuses is stored as bytes.
                Err(refused) if columns.json.is_some() && refused.is_of_a_value() => {
                    columns = columns.without_json(record);
                    continue;
                }
                Err(refused) if refused.is_of_order() => continue,
                Err(failure) => return Err(failure.into()),
            };
            match (answer, saves) {
                (Some(Answer { done: Some(done), .. }), _) => {
                    return Ok(Write::Done(version(done)));
                }
                (Some(Answer { reason: Some(ended), .. }), _) => {
                    return Ok(Write::Ended(reason(ended)?));
                }
                // Another transaction changed the row between the statement's start and its write.
                // The answer is outdated, so the write is tried again.
                (Some(Answer { seen: Some(seen), .. }), Some(expected))
                    if version(seen) == expected => {}
                (None, None) => {}
                (Some(_), _) | (None, Some(_)) => return Ok(Write::Conflict),
            }
        }
        Err(Failure::Contended.into())
    }

    async fn write_as(
        &self,
        saves: Option<Version>,
        key: &Key,
        record: &Record,
        columns: &Columns<'_>,
    ) -> Result<Option<Answer>, Failure> {
        // Only the fifth parameter differs between the two statements.
        let (sql, fifth) = match saves {
            None => (&self.statements.create, columns.created),
            Some(expected) => (&self.statements.save, to_column(expected.get())),
        };
        let query = sqlx::query(sql.clone())
            .bind(kind(key))
            .bind(&key.id.as_bytes()[..])
            .bind(columns.owner)
            .bind(moment(self.clock.now()))
            .bind(fifth)
            .bind(columns.last)
            .bind(columns.idle)
            .bind(columns.absolute)
            .bind(&record.meta[..])
            .bind(record.data_is_json)
            .bind(columns.json)
            .bind(columns.bytes)
            .try_map(|row: PgRow| {
                let (done, seen) = (row.try_get(0)?, row.try_get(1)?);
                Ok(Answer { done, seen, reason: row.try_get(2)? })
            });
        self.probe.within(self.timeout, query.fetch_optional(&self.pool)).await
    }
}

fn row(row: &PgRow) -> Result<Row, sqlx::Error> {
    read_row!(row)
}

impl Store for PostgresStore {
    fn limits(&self) -> Limits {
        Limits::new(self.max_value).patience(self.timeout.saturating_mul(ATTEMPTS))
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<Write, StoreError> {
        self.write(None, key, record).await
    }

    async fn load(&self, key: &Key) -> Result<Load, StoreError> {
        let query = sqlx::query(self.statements.load.clone())
            .bind(kind(key))
            .bind(&key.id.as_bytes()[..])
            .try_map(|it| row(&it));
        match self.probe.within(self.timeout, query.fetch_optional(&self.pool)).await? {
            None => Ok(Load::Absent),
            Some(row) => Ok(row.load(self.clock.now())?),
        }
    }

    async fn save(
        &self,
        key: &Key,
        expected: Version,
        record: &Record,
    ) -> Result<Write, StoreError> {
        self.write(Some(expected), key, record).await
    }

    async fn touch(&self, key: &Key, seen: Timestamp) -> Result<(), StoreError> {
        let touch = self.execute(|| {
            sqlx::query(self.statements.touch.clone())
                .bind(kind(key))
                .bind(&key.id.as_bytes()[..])
                .bind(moment(seen))
                .bind(moment(self.clock.now()))
        });
        touch.await.map(drop)
    }

    async fn end(&self, key: &Key, reason: EndReason, keep: Duration) -> Result<(), StoreError> {
        let now = self.clock.now();
        let end = self.execute(|| {
            sqlx::query(self.statements.end.clone())
                .bind(kind(key))
                .bind(&key.id.as_bytes()[..])
                .bind(moment(now))
                .bind(reason as i16)
                .bind(moment(now + keep))
                .bind(NOTHING)
        });
        end.await.map(drop)
    }

    async fn list(&self, params: ListParams) -> Result<Page, StoreError> {
        let (low, high) = kinds(params.kinds);
        let after = Paging::after(params.cursor.as_ref(), params.limit);
        let query = sqlx::query(self.statements.list.clone())
            .bind(&params.owner.as_bytes()[..])
            .bind(moment(self.clock.now()))
            .bind(low)
            .bind(high)
            .bind(after.kind)
            .bind(after.id)
            .bind(after.rows())
            .try_map(|it| row(&it));
        Ok(page(self.probe.within(self.timeout, query.fetch_all(&self.pool)).await?, &after)?)
    }

    async fn end_owned(&self, params: EndOwnedParams) -> Result<usize, StoreError> {
        let (now, (low, high)) = (self.clock.now(), kinds(params.kinds));
        let except = params.except.as_ref().map_or(NOTHING, |it| &it.as_bytes()[..]);
        let ended = self.execute(|| {
            sqlx::query(self.statements.end_owned.clone())
                .bind(&params.owner.as_bytes()[..])
                .bind(moment(now))
                .bind(low)
                .bind(high)
                .bind(except)
                .bind(moment(now + params.keep))
                .bind(NOTHING)
                .bind(params.reason as i16)
        });
        ended.await
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}
