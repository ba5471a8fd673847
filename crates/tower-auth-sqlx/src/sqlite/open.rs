//! The builder, which opens the file.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection, Executor};
use tower_auth_core::Clock;
use tower_auth_core::store::StoreError;

use super::file_fault::FileFault;
use super::store::SqliteStore;
use crate::error::SqlxConfigError;
use crate::table::failure::Failure;
use crate::table::names::{check, check_sizes};
use crate::table::sql::{SQLITE, safe};

/// The number of concurrent readers.
const READERS: u32 = 4;
/// The version of the tables that this version of the crate needs.
const NEWEST: i64 = 1;

/// Opens a [`SqliteStore`] with other settings than the defaults.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use tower_auth_core::Clock;
/// use tower_auth_sqlx::SqliteStore;
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("sessions.db");
/// let store = SqliteStore::builder(path, Clock::system())
///     .table_prefix("auth_")
///     .timeout(Duration::from_secs(5))
///     .open()
///     .await?;
/// # let _ = store; Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing until it is opened"]
pub struct SqliteStoreBuilder {
    path: PathBuf,
    clock: Clock,
    prefix: String,
    timeout: Duration,
    max_value: usize,
}

impl SqliteStore {
    /// Opens the file with the default settings, creates it if it is missing, and updates its
    /// tables.
    ///
    /// # Errors
    /// [`Unavailable`](tower_auth_core::store::StoreErrorKind::Unavailable) if the file cannot be opened
    /// or written, or if a newer version of this crate created it.
    pub async fn open(path: impl AsRef<Path>, clock: Clock) -> Result<Self, StoreError> {
        Self::builder(path, clock).open_store().await
    }

    /// Returns a builder for a store in the file at `path`.
    pub fn builder(path: impl AsRef<Path>, clock: Clock) -> SqliteStoreBuilder {
        SqliteStoreBuilder::new(path.as_ref(), clock)
    }
}

impl SqliteStoreBuilder {
    pub(super) fn new(path: &Path, clock: Clock) -> Self {
        Self {
            path: path.to_owned(),
            clock,
            prefix: "tower_auth_".to_owned(),
            timeout: Duration::from_secs(2),
            max_value: 1 << 20,
        }
    }

    /// Sets the prefix of the table names. The default is `tower_auth_`.
    ///
    /// Up to 24 of `a-z`, `0-9` and `_`, not starting with a digit.
    pub fn table_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets the time limit of a step. The default is 2 seconds.
    ///
    /// A step that takes longer fails as
    /// [unavailable](tower_auth_core::store::StoreErrorKind::Unavailable).
    ///
    /// If another process holds the file, SQLite itself gives up after three quarters of that time.
    /// So SQLite usually does not carry out a write after its error was returned. If it does, that
    /// write still precedes the store's next write, because both use the same connection.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the maximum size of `meta` and `data` together, in bytes. The default is 1 MiB.
    pub fn max_value(mut self, bytes: usize) -> Self {
        self.max_value = bytes;
        self
    }

    /// Opens the file, creates it if it is missing, and updates its tables.
    ///
    /// Only the current user can read a new file.
    ///
    /// # Errors
    /// [`SqlxConfigError`] if a name is invalid, if a setting is zero, if the file cannot be opened or
    /// written, or if a newer version of this crate created it.
    pub async fn open(self) -> Result<SqliteStore, SqlxConfigError> {
        check("table_prefix", &self.prefix)?;
        check_sizes(self.timeout, self.max_value)?;
        self.open_store().await.map_err(SqlxConfigError::Unavailable)
    }

    /// Opens the file with valid settings.
    pub(super) async fn open_store(self) -> Result<SqliteStore, StoreError> {
        let path = self.path.clone();
        self.open_or_fail().await.map_err(|failure| FileFault::new(path, failure).into())
    }

    async fn open_or_fail(self) -> Result<SqliteStore, Failure> {
        let Self { path, clock, prefix, timeout, max_value } = self;
        // SQLite does not treat these as files: each connection would have records of its own.
        let text = path.to_string_lossy();
        if text.is_empty() || text == ":memory:" || text.starts_with("file:") {
            return Err(Failure::Driver(
                "its path is not a file; use `MemoryStore` to keep sessions in memory",
            ));
        }
        private(&path)?;
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // An acknowledged write survives a loss of power. That matters most for an end.
            .synchronous(SqliteSynchronous::Full)
            // Shorter than the step's time limit. Otherwise SQLite could run the statement after
            // the step failed.
            .busy_timeout(timeout - timeout / 4)
            .optimize_on_close(true, 400);
        let pool = |connections, options| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(timeout)
                // A connection to a file does not break, so it needs no ping before use.
                .test_before_acquire(false)
                .connect_lazy_with(options)
        };
        // SQLite has one writer at a time. The others wait here in order instead of polling.
        let writer = pool(1, options.clone());
        migrate(&writer, &prefix).await?;
        let readers = pool(READERS, options.read_only(true).create_if_missing(false));
        let statements = SQLITE.statements(&format!("{prefix}records"));
        let alive = Arc::new(());
        Ok(SqliteStore { writer, readers, statements, clock, timeout, max_value, alive })
    }
}

/// Creates the file with read access for its owner alone. SQLite gives its other files the same
/// rights.
fn private(path: &Path) -> Result<(), Failure> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Failure::Connection(error.kind())),
    }
}

/// Updates the tables in one transaction that takes the write lock at its start.
async fn migrate(pool: &SqlitePool, prefix: &str) -> Result<(), Failure> {
    let of = |error: sqlx::Error| Failure::of(&error);
    let mut connection = pool.acquire().await.map_err(of)?;
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.map_err(of)?;
    tx.execute(safe(format!(
        "CREATE TABLE IF NOT EXISTS {prefix}migrations (version INTEGER PRIMARY KEY) STRICT"
    )))
    .await
    .map_err(of)?;
    let version = format!("SELECT COALESCE(MAX(version), 0) FROM {prefix}migrations");
    let version: i64 = sqlx::query_scalar(safe(version)).fetch_one(&mut *tx).await.map_err(of)?;
    if version > NEWEST {
        return Err(Failure::Driver("a newer version of this crate created its tables"));
    }
    if version < 1 {
        let expires = SQLITE.expires();
        tx.execute(sqlx::raw_sql(safe(format!(
            "CREATE TABLE {prefix}records (
                 kind INTEGER NOT NULL,
                 handle BLOB NOT NULL CHECK (length(handle) = 16),
                 owner BLOB CHECK (length(owner) = 32),
                 version INTEGER NOT NULL,
                 created INTEGER NOT NULL,
                 last_used INTEGER NOT NULL,
                 idle INTEGER NOT NULL,
                 absolute INTEGER NOT NULL,
                 meta BLOB NOT NULL,
                 is_json INTEGER NOT NULL CHECK (is_json IN (0, 1)),
                 data_json TEXT CHECK (json_valid(data_json)),
                 data_bytes BLOB,
                 ended_reason INTEGER,
                 ended_until INTEGER,
                 expires INTEGER NOT NULL GENERATED ALWAYS AS ({expires}) STORED,
                 PRIMARY KEY (kind, handle)
             ) STRICT;
             CREATE INDEX {prefix}owners ON {prefix}records (owner, kind, handle)
                 WHERE owner IS NOT NULL;
             CREATE INDEX {prefix}expiry ON {prefix}records (expires);
             INSERT INTO {prefix}migrations (version) VALUES (1);"
        ))))
        .await
        .map_err(of)?;
    }
    tx.commit().await.map_err(of)
}
