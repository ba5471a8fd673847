//! Tests of behaviour that is not visible from outside.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Row as _};
use tower_auth_core::Clock;
use tower_auth_core::store::Store as _;

use super::store::SqliteStore;

/// No statement scans the whole table.
#[tokio::test]
async fn each_statement_has_its_index() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a");
    let store = SqliteStore::open(path, Clock::system()).await.unwrap();
    for (name, sql, index) in [
        ("load", &store.statements.load, "(kind=? AND handle=?)"),
        ("save", &store.statements.save, "(kind=? AND handle=?)"),
        ("touch", &store.statements.touch, "(kind=? AND handle=?)"),
        ("list", &store.statements.list, "tower_auth_owners"),
        ("end_owned", &store.statements.end_owned, "tower_auth_owners"),
        ("clean_up", &store.statements.clean_up, "tower_auth_expiry"),
    ] {
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", sql.as_str()));
        let rows = sqlx::query(explain).fetch_all(&store.readers).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        let plan = plan.join("\n");
        assert!(plan.contains(index) && !plan.contains("SCAN tower"), "{name}:\n{plan}");
        assert!(!plan.contains("TEMP B-TREE FOR ORDER"), "{name} sorts:\n{plan}");
    }
}

/// A shorter limit from outside would cancel a creation that still makes progress.
#[tokio::test]
async fn the_patience_is_as_long_as_the_longest_creation() {
    let directory = tempfile::tempdir().unwrap();
    let second = Duration::from_secs(1);
    let builder = SqliteStore::builder(directory.path().join("a"), Clock::system());
    let store = builder.timeout(second).open().await.unwrap();
    // Each of eight attempts: a write as JSON, a write as bytes, and a load.
    assert_eq!(store.limits().patience, 8 * 3 * second);
}
