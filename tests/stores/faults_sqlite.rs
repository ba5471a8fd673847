//! A file that another process locks, and a file that accepts no writes.

use tempfile::TempDir;
use tower_auth::store::{Key, RecordId, RecordKind, Store as _};
use tower_auth::{Clock, Timestamp};
use tower_auth_sqlx::sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tower_auth_sqlx::{SqliteStore, sqlx};

use crate::faults::Before;
use crate::node::{Node, TIMEOUT};
use crate::until::{loop_until, until};

struct Fixture {
    it: Before,
    store: SqliteStore,
    /// The file, as another process opens it.
    other: SqlitePool,
    _directory: TempDir,
}

impl Fixture {
    async fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("sessions");
        let open = async || {
            SqliteStore::builder(&path, Clock::system()).timeout(TIMEOUT).open().await.ok()
        };
        let store = loop_until("the file is opened", open).await;
        let it = Before::new(Node::new(store.clone())).await;
        let other = SqlitePool::connect_lazy_with(SqliteConnectOptions::new().filename(path));
        Self { it, store, other, _directory: directory }
    }

    async fn say(&self, sql: &'static str) {
        sqlx::query(sql).execute(&self.other).await.unwrap();
    }
}

#[tokio::test]
async fn a_sqlite_file_that_another_holds() {
    let Fixture { it, store, other, _directory } = Fixture::new().await;
    let held = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    it.nothing_changes().await;
    it.node.post("/login/dave", &it.alice).await.is_unavailable();
    it.node.post("/logout", &it.bob).await.is_unavailable();
    // A write may still be under way after its error. All of the store's writes share a connection,
    // so the write has ended once SQLite itself refuses another one.
    let unused = Key::new(RecordKind::Session, RecordId::new([0; 16]));
    until("SQLite refuses a write", async || {
        let error = store.touch(&unused, Timestamp::MAX).await.unwrap_err();
        std::error::Error::source(&error).is_some_and(|it| it.to_string().ends_with("code 5"))
    })
    .await;
    held.rollback().await.unwrap();
    it.is_well().await;
}

/// A full or read-only disk: records can be read, and every write fails. (Permissions would not
/// stop root, and a test cannot create a small disk.)
#[tokio::test]
async fn a_sqlite_file_that_takes_no_writes() {
    let fixture = Fixture::new().await;
    fixture.say("CREATE TRIGGER made BEFORE INSERT ON tower_auth_records BEGIN SELECT RAISE(FAIL, 'full'); END").await;
    fixture.say("CREATE TRIGGER changed BEFORE UPDATE ON tower_auth_records BEGIN SELECT RAISE(FAIL, 'full'); END").await;
    let it = &fixture.it;
    it.nothing_changes().await;
    it.node.post("/login/dave", &it.alice).await.is_unavailable();
    it.node.post("/logout", &it.bob).await.is_unavailable();
    fixture.say("DROP TRIGGER made").await;
    fixture.say("DROP TRIGGER changed").await;
    it.is_well().await;
}
