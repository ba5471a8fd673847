//! The store contract over one file.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sqlx::Row as _;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use tower_auth_core::store::{
    EndOwnedParams, EndReason, Key, Limits, ListParams, Load, Page, Record, Store, StoreError,
    Version, Write,
};
use tower_auth_core::{Clock, Timestamp};

use crate::table::columns::{Columns, NOTHING, Row, kind, kinds, moment, read_row, version};
use crate::table::failure::{Failure, within};
use crate::table::number::to_column;
use crate::table::page::{Paging, page};
use crate::table::sql::Statements;

/// The number of times that a creation checks the record that occupies its key.
const ATTEMPTS: u32 = 8;
/// The number of waits in one attempt of a creation, each up to the whole time-out.
///
/// They are a write as JSON, the same write as bytes if SQLite refuses the JSON, and a load of the
/// record that occupies the key.
const WAITS: u32 = 3;

/// A store of records in a SQLite file: embedded, and persistent across restarts. A clone uses the
/// same file.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use tower_auth_core::Clock;
/// use tower_auth_core::store::{RecordId, Key, RecordKind, Load, EndReason, Store};
/// use tower_auth_sqlx::SqliteStore;
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("sessions.db");
/// let key = Key::new(RecordKind::Session, RecordId::new([1; 16]));
/// let store = SqliteStore::open(&path, Clock::system()).await?;
/// store.end(&key, EndReason::Kicked, Duration::from_secs(60)).await?;
/// drop(store);
///
/// let store = SqliteStore::open(&path, Clock::system()).await?;
/// assert!(matches!(store.load(&key).await?, Load::Ended { reason: EndReason::Kicked, .. }));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct SqliteStore {
    pub(super) writer: SqlitePool,
    pub(super) readers: SqlitePool,
    pub(super) statements: Statements,
    pub(super) clock: Clock,
    pub(super) timeout: Duration,
    pub(super) max_value: usize,
    /// Dropped with the last clone, which stops the cleanup loop.
    pub(super) alive: Arc<()>,
}

impl SqliteStore {
    /// Creates a record, or saves it if `saves` has the expected version. Returns the new version,
    /// or `None` if nothing was written.
    async fn write(
        &self,
        saves: Option<Version>,
        key: &Key,
        record: &Record,
    ) -> Result<Option<Version>, Failure> {
        let columns = Columns::of(record);
        match self.write_as(saves, key, record, &columns).await {
            // Data that the database's grammar refuses is stored as bytes.
            Err(refused) if columns.json.is_some() && refused.is_of_a_value() => {
                self.write_as(saves, key, record, &columns.without_json(record)).await
            }
            answer => answer,
        }
    }

    async fn write_as(
        &self,
        saves: Option<Version>,
        key: &Key,
        record: &Record,
        columns: &Columns<'_>,
    ) -> Result<Option<Version>, Failure> {
        // Only the fifth parameter differs between the two statements.
        let (sql, fifth) = match saves {
            None => (&self.statements.create, columns.created),
            Some(expected) => (&self.statements.save, to_column(expected.get())),
        };
        // Reads to the end of the result, because the commit follows the row and may fail.
        let query = sqlx::query_scalar::<_, i64>(sql.clone())
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
            .bind(columns.bytes);
        let done = within(self.timeout, query.fetch_all(&self.writer)).await?;
        Ok(done.first().copied().map(version))
    }
}

fn row(row: &SqliteRow) -> Result<Row, sqlx::Error> {
    read_row!(row)
}

impl Store for SqliteStore {
    fn limits(&self) -> Limits {
        Limits::new(self.max_value).patience(self.timeout.saturating_mul(WAITS * ATTEMPTS))
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<Write, StoreError> {
        self.limits().check(record)?;
        // The record that occupied the key may have expired by the time it is loaded.
        for _ in 0..ATTEMPTS {
            if let Some(version) = self.write(None, key, record).await? {
                return Ok(Write::Done(version));
            }
            match self.load(key).await? {
                Load::Found(_) => return Ok(Write::Conflict),
                Load::Ended { reason, .. } => return Ok(Write::Ended(reason)),
                Load::Absent => {}
            }
        }
        Err(Failure::Contended.into())
    }

    async fn load(&self, key: &Key) -> Result<Load, StoreError> {
        let query = sqlx::query(self.statements.load.clone())
            .bind(kind(key))
            .bind(&key.id.as_bytes()[..])
            .try_map(|it| row(&it));
        match within(self.timeout, query.fetch_optional(&self.readers)).await? {
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
        self.limits().check(record)?;
        if let Some(version) = self.write(Some(expected), key, record).await? {
            return Ok(Write::Done(version));
        }
        match self.load(key).await? {
            Load::Ended { reason, .. } => Ok(Write::Ended(reason)),
            Load::Found(_) | Load::Absent => Ok(Write::Conflict),
        }
    }

    async fn touch(&self, key: &Key, seen: Timestamp) -> Result<(), StoreError> {
        let query = sqlx::query(self.statements.touch.clone())
            .bind(kind(key))
            .bind(&key.id.as_bytes()[..])
            .bind(moment(seen))
            .bind(moment(self.clock.now()));
        within(self.timeout, query.execute(&self.writer)).await?;
        Ok(())
    }

    async fn end(&self, key: &Key, reason: EndReason, keep: Duration) -> Result<(), StoreError> {
        let now = self.clock.now();
        let query = sqlx::query(self.statements.end.clone())
            .bind(kind(key))
            .bind(&key.id.as_bytes()[..])
            .bind(moment(now))
            .bind(reason as i16)
            .bind(moment(now + keep))
            .bind(NOTHING);
        within(self.timeout, query.execute(&self.writer)).await?;
        Ok(())
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
        Ok(page(within(self.timeout, query.fetch_all(&self.readers)).await?, &after)?)
    }

    async fn end_owned(&self, params: EndOwnedParams) -> Result<usize, StoreError> {
        let (now, (low, high)) = (self.clock.now(), kinds(params.kinds));
        let except = params.except.as_ref().map_or(NOTHING, |it| &it.as_bytes()[..]);
        let query = sqlx::query(self.statements.end_owned.clone())
            .bind(&params.owner.as_bytes()[..])
            .bind(moment(now))
            .bind(low)
            .bind(high)
            .bind(except)
            .bind(moment(now + params.keep))
            .bind(NOTHING)
            .bind(params.reason as i16);
        let done = within(self.timeout, query.execute(&self.writer)).await?;
        Ok(usize::try_from(done.rows_affected()).unwrap_or(usize::MAX))
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}
