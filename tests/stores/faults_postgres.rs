//! PostgreSQL is killed, stopped, unreachable and read-only. One server, one test at a time.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use sqlx::postgres::{PgConnection, PgPool};
use sqlx::{Connection as _, Executor as _};
use tokio::sync::{Mutex, MutexGuard};
use tower_auth::Clock;
use tower_auth_fixtures::proxy::Proxy;
use tower_auth_fixtures::server::Postgres;
use tower_auth_sqlx::{PostgresStore, sqlx};

use crate::faults::Before;
use crate::node::{Node, TIMEOUT};
use crate::until::{PATIENCE, until};

static SERVER: LazyLock<Mutex<Postgres>> = LazyLock::new(|| Mutex::new(Postgres::start()));

pub(crate) async fn server() -> MutexGuard<'static, Postgres> {
    SERVER.lock().await
}

pub(crate) fn store(port: u16, prefix: &str, timeout: Duration) -> PostgresStore {
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    let pool: PgPool =
        PostgresStore::pool_options().max_connections(4).connect_lazy(&url).expect("a url");
    let builder = PostgresStore::builder(pool, Clock::system());
    let builder = builder.table_prefix(prefix).timeout(timeout);
    builder.build().expect("valid settings")
}

async fn before(port: u16, prefix: &str) -> Before {
    store(port, prefix, PATIENCE).migrate().await.expect("the tables can be created");
    Before::new(Node::new(store(port, prefix, TIMEOUT))).await
}

/// Runs a statement without the store, with permission to write even if the server is read-only.
async fn say(server: &Postgres, statement: &'static str) {
    let mut connection = PgConnection::connect(&server.url()).await.expect("a running server");
    for statement in
        ["SET default_transaction_read_only = off", statement, "SELECT pg_reload_conf()"]
    {
        connection.execute(statement).await.expect("the statement succeeds");
    }
}

/// Returns the processes that serve connections: a signal to the server reaches only its first
/// process.
pub(crate) async fn serving(server: &Postgres) -> Vec<String> {
    let mut connection = PgConnection::connect(&server.url()).await.expect("a running server");
    let all = "SELECT pid::text FROM pg_stat_activity \
               WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
    sqlx::query_scalar(all).fetch_all(&mut connection).await.expect("an answer")
}

pub(crate) fn signal(name: &str, processes: &[String]) {
    let done = Command::new("kill").arg(name).args(processes).status();
    assert!(done.expect("kill runs").success());
}

/// Returns every record of this test with a fingerprint of its row.
async fn records(server: &Postgres, prefix: &str) -> BTreeSet<String> {
    let mut connection = PgConnection::connect(&server.url()).await.expect("a running server");
    let all = format!("SELECT md5(it::text) FROM {prefix}records it");
    let all = sqlx::query_scalar(sqlx::AssertSqlSafe(all)).fetch_all(&mut connection).await;
    let all: Vec<String> = all.expect("an answer");
    assert!(all.len() >= 2);
    all.into_iter().collect()
}

#[tokio::test]
async fn a_postgres_that_is_killed() {
    let mut server = server().await;
    let it = before(server.port(), "killed_").await;
    let had = records(&server, "killed_").await;
    server.kill();
    it.is_felt().await;
    it.nothing_is_known().await;
    server.restart();
    it.is_well().await;
    assert!(records(&server, "killed_").await.is_superset(&had));
}

#[tokio::test]
async fn a_postgres_that_is_stopped() {
    let server = server().await;
    let it = before(server.port(), "stopped_").await;
    let had = records(&server, "stopped_").await;
    let serving = serving(&server).await;
    server.pause();
    signal("-STOP", &serving);
    it.is_felt().await;
    it.nothing_is_known().await;
    signal("-CONT", &serving);
    server.resume();
    it.is_well().await;
    assert!(records(&server, "stopped_").await.is_superset(&had));
}

#[tokio::test]
async fn a_postgres_behind_a_black_hole() {
    let server = server().await;
    let proxy = Proxy::start(server.port());
    let it = before(proxy.port(), "hole_").await;
    let had = records(&server, "hole_").await;
    proxy.black_hole(true);
    it.nothing_is_known().await;
    proxy.black_hole(false);
    it.is_well().await;
    assert!(records(&server, "hole_").await.is_superset(&had));
    proxy.cut();
    it.is_well().await;
}

#[tokio::test]
async fn a_postgres_that_takes_no_writes() {
    let server = server().await;
    let it = before(server.port(), "read_only_").await;
    let had = records(&server, "read_only_").await;
    say(&server, "ALTER SYSTEM SET default_transaction_read_only = on").await;
    until("the server refuses writes", async || {
        it.node.post("/login/erin", "").await.status == http::StatusCode::SERVICE_UNAVAILABLE
    })
    .await;
    // Each connection of the pool notices the change at a different time.
    until("every connection refuses writes", async || {
        let mut refused = 0;
        for _ in 0..8 {
            let reply = it.node.post("/login/erin", "").await;
            refused += usize::from(reply.status == http::StatusCode::SERVICE_UNAVAILABLE);
        }
        refused == 8
    })
    .await;
    it.nothing_changes().await;
    it.node.post("/login/dave", &it.alice).await.is_unavailable();
    it.node.post("/logout", &it.bob).await.is_unavailable();
    say(&server, "ALTER SYSTEM RESET default_transaction_read_only").await;
    it.is_well().await;
    assert!(records(&server, "read_only_").await.is_superset(&had));
}
