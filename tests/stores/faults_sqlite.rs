//! A file that another holds, and one that takes no writes.

use tempfile::TempDir;
use tower_auth::Clock;
use tower_auth_sqlx::sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tower_auth_sqlx::{SqliteStore, sqlx};

use crate::faults::Before;
use crate::node::{Node, TIMEOUT};

struct World {
    it: Before,
    /// The file, as another process opens it.
    other: SqlitePool,
    _directory: TempDir,
}

impl World {
    async fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("sessions");
        let store = SqliteStore::builder(&path, Clock::system()).timeout(TIMEOUT);
        let it = Before::new(Node::new(store.open().await.unwrap())).await;
        let other = SqlitePool::connect_lazy_with(SqliteConnectOptions::new().filename(path));
        Self { it, other, _directory: directory }
    }

    async fn say(&self, sql: &'static str) {
        sqlx::query(sql).execute(&self.other).await.unwrap();
    }
}

#[tokio::test]
async fn a_sqlite_file_that_another_holds() {
    let World { it, other, _directory } = World::new().await;
    let held = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    it.nothing_changes().await;
    it.node.post("/login/dave", &it.alice).await.is_unavailable();
    it.node.post("/logout", &it.bob).await.is_unavailable();
    held.rollback().await.unwrap();
    it.is_well().await;
}

/// As a full disk or a read-only one: what is there can be read, and every write fails. (Permissions
/// would not keep root out, nor can a test make a small disk.)
#[tokio::test]
async fn a_sqlite_file_that_takes_no_writes() {
    let world = World::new().await;
    world.say("CREATE TRIGGER made BEFORE INSERT ON tower_auth_records BEGIN SELECT RAISE(FAIL, 'full'); END").await;
    world.say("CREATE TRIGGER changed BEFORE UPDATE ON tower_auth_records BEGIN SELECT RAISE(FAIL, 'full'); END").await;
    let it = &world.it;
    it.nothing_changes().await;
    it.node.post("/login/dave", &it.alice).await.is_unavailable();
    it.node.post("/logout", &it.bob).await.is_unavailable();
    world.say("DROP TRIGGER made").await;
    world.say("DROP TRIGGER changed").await;
    it.is_well().await;
}
