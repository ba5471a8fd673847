//! What cannot be seen from outside.

use sqlx::{AssertSqlSafe, Row as _};
use tower_auth_core::Clock;

use super::SqliteStore;

/// No statement reads all rows.
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
