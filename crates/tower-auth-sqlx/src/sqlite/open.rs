//! How the file is opened.

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
use crate::error::ConfigError;
use crate::table::failure::Failure;
use crate::table::names::{check, check_sizes};
use crate::table::sql::{SQLITE, safe};

/// How many may read at the same time.
const READERS: u32 = 4;
/// What this version of the crate makes of the file.
const NEWEST: i64 = 1;

/// Opens a [`SqliteStore`] that is not as usual.
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
pub struct SqliteBuilder {
    path: PathBuf,
    clock: Clock,
    prefix: String,
    timeout: Duration,
    max_value: usize,
}

impl SqliteStore {
    /// Opens the file, makes it where there is none, and brings its tables up to date.
    ///
    /// # Errors
    /// The file cannot be opened or written, or is a newer version's.
    pub async fn open(path: impl AsRef<Path>, clock: Clock) -> Result<Self, StoreError> {
        Self::builder(path, clock).open_file().await
    }

    /// As [`open`](Self::open), with settings.
    pub fn builder(path: impl AsRef<Path>, clock: Clock) -> SqliteBuilder {
        SqliteBuilder::new(path.as_ref(), clock)
    }
}

impl SqliteBuilder {
    pub(super) fn new(path: &Path, clock: Clock) -> Self {
        Self {
            path: path.to_owned(),
            clock,
            prefix: "tower_auth_".to_owned(),
            timeout: Duration::from_secs(2),
            max_value: 1 << 20,
        }
    }

    /// What the names of the tables begin with; `tower_auth_` unless it is said. Up to 24 of `a-z`,
    /// `0-9` and `_`, no digit first.
    pub fn table_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long a step may take; 2 seconds unless it is said. After that it is
    /// [unavailable](tower_auth_core::store::ErrorKind::Unavailable).
    ///
    /// If another process holds the file, SQLite itself gives up after three quarters of that time, so
    /// that a write which is answered with an error is, as a rule, not carried out afterwards. One that is
    /// carried out afterwards all the same comes before the store's next write: they share a connection.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many bytes `meta` and `data` may have together; 1 MiB unless it is said.
    pub fn max_value(mut self, bytes: usize) -> Self {
        self.max_value = bytes;
        self
    }

    /// Opens the file, makes it where there is none, and brings its tables up to date.
    ///
    /// A new file may be read by its user alone.
    ///
    /// # Errors
    /// A setting that cannot be meant; the file cannot be opened or written, or is a newer version's.
    pub async fn open(self) -> Result<SqliteStore, ConfigError> {
        check("table_prefix", &self.prefix)?;
        check_sizes(self.timeout, self.max_value)?;
        self.open_file().await.map_err(ConfigError::Unavailable)
    }

    /// The same of settings that can be meant.
    pub(super) async fn open_file(self) -> Result<SqliteStore, StoreError> {
        let path = self.path.clone();
        self.open_or_fail().await.map_err(|failure| FileFault::new(path, failure).into())
    }

    async fn open_or_fail(self) -> Result<SqliteStore, Failure> {
        let Self { path, clock, prefix, timeout, max_value } = self;
        // To SQLite these are no files, and each connection would have records of its own.
        let text = path.to_string_lossy();
        if text.is_empty() || text == ":memory:" || text.starts_with("file:") {
            return Err(Failure::Driver(
                "its path names no file; `MemoryStore` keeps sessions in memory",
            ));
        }
        private(&path)?;
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What was acknowledged is there after a loss of power: an end above all.
            .synchronous(SqliteSynchronous::Full)
            // Before the step's own time is over: the statement of a step that has given up could still
            // be carried out.
            .busy_timeout(timeout - timeout / 4)
            .optimize_on_close(true, 400);
        let pool = |connections, options| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(timeout)
                // Opened here or not at all: the tables are there, nothing changes between.
                .test_before_acquire(false)
                .connect_lazy_with(options)
        };
        // SQLite has one writer at a time; the others wait here in order instead of by polling.
        let writer = pool(1, options.clone());
        migrate(&writer, &prefix).await?;
        let readers = pool(READERS, options.read_only(true).create_if_missing(false));
        let statements = SQLITE.statements(&format!("{prefix}records"));
        let alive = Arc::new(());
        Ok(SqliteStore { writer, readers, statements, clock, timeout, max_value, alive })
    }
}

/// Makes the file such that nobody else may read it; SQLite gives its other files the same rights.
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

/// Brings the tables up to date, in one transaction that begins as a writer's.
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
        return Err(Failure::Driver("its tables are of a newer version of this crate"));
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
