//! Tests of behaviour that is not visible from outside.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Executor};
use tokio::sync::Notify;
use tower_auth_core::Clock;
use tower_auth_core::store::{Asked, EndReason, Feed, Key, Listener, RecordId, RecordKind, Store};
use tower_auth_fixtures::server::Postgres;

use super::store::PostgresStore;

async fn store(server: &Postgres) -> PostgresStore {
    let pool = PgPoolOptions::new().max_connections(4).connect_lazy(&server.url()).unwrap();
    let store = PostgresStore::new(pool, Clock::system());
    store.migrate().await.unwrap();
    store
}

/// No statement scans the whole table, which has ten thousand owners.
#[tokio::test]
async fn each_statement_has_its_index() {
    let server = Postgres::start();
    let store = store(&server).await;
    let mut connection = store.pool.acquire().await.unwrap();
    let many = "INSERT INTO tower_auth_records (kind, handle, owner, version, created, last_used, \
                idle, absolute, meta, is_json, data_bytes) \
                SELECT 1, decode(md5(n::text), 'hex'), sha256(n::text::bytea), 0, 0, n, n, n, '', \
                FALSE, '' FROM generate_series(1, 10000) n";
    connection.execute(many).await.unwrap();
    connection.execute("ANALYZE tower_auth_records").await.unwrap();
    connection.execute("SET plan_cache_mode = force_generic_plan").await.unwrap();
    let id = "'\\x00112233445566778899aabbccddeeff'";
    let owner = format!("'\\x{}'", "11".repeat(32));
    let of_key = "tower_auth_records_pkey";
    let write = format!("1, {id}, {owner}, 0, 0, 0, 0, 0, '', FALSE, '{{}}', ''");
    for (name, sql, arguments, index) in [
        ("load", &store.statements.load, format!("1, {id}"), of_key),
        ("save", &store.statements.save, write, of_key),
        ("touch", &store.statements.touch, format!("1, {id}, 0, 0"), of_key),
        (
            "list",
            &store.statements.list,
            format!("{owner}, 0, 0, 9, -1, '', 10"),
            "tower_auth_owners",
        ),
        (
            "end_owned",
            &store.statements.end_owned,
            format!("{owner}, 0, 0, 9, '', 0, '', 1"),
            "tower_auth_owners",
        ),
        ("clean_up", &store.statements.clean_up, "-1, 10".to_owned(), "tower_auth_expiry"),
    ] {
        let prepare = format!("PREPARE {name} AS {}", sql.as_str());
        connection.execute(AssertSqlSafe(prepare)).await.unwrap();
        let explain = AssertSqlSafe(format!("EXPLAIN EXECUTE {name} ({arguments})"));
        let plan: Vec<String> =
            sqlx::query_scalar(explain).fetch_all(&mut *connection).await.unwrap();
        let plan = plan.join("\n");
        assert!(plan.contains(index) && !plan.contains("Seq Scan"), "{name}:\n{plan}");
    }
}

/// A listener that records the reports since a query was sent.
#[derive(Default)]
struct Ear {
    asked: AtomicU64,
    changed: Mutex<Vec<Key>>,
    lost: AtomicBool,
    answered: AtomicU64,
    news: Notify,
}

impl Listener for Ear {
    fn changed(&self, key: &Key) {
        self.changed.lock().unwrap().push(*key);
    }

    fn lost(&self) {
        self.lost.store(true, Ordering::SeqCst);
    }

    fn asks(&self) -> Asked {
        Asked::at(self.asked.fetch_add(1, Ordering::SeqCst) + 1)
    }

    fn answered(&self, asked: Asked) {
        self.answered.store(asked.reading(), Ordering::SeqCst);
        self.news.notify_one();
    }
}

/// Liveness queries without a pause, so that changes and queries interleave in every way.
#[tokio::test(flavor = "multi_thread")]
async fn no_question_overtakes_a_change() {
    let server = Postgres::start();
    let (store, ear) = (store(&server).await, Arc::new(Ear::default()));
    let mut feed = store.feed();
    feed.beat = Duration::ZERO;
    let weak = Arc::downgrade(&ear);
    feed.follow(weak);
    for round in 0..500_u32 {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&round.to_be_bytes());
        let key = Key::new(RecordKind::Session, RecordId::new(id));
        store.end(&key, EndReason::Kicked, Duration::from_secs(60)).await.unwrap();
        // The next query is sent after the change was acknowledged.
        let after = ear.asked.load(Ordering::SeqCst) + 1;
        while ear.answered.load(Ordering::SeqCst) < after {
            ear.news.notified().await;
        }
        let told = std::mem::take(&mut *ear.changed.lock().unwrap());
        // On a machine under load the feed may be lost at any time, and reports it.
        let lost = ear.lost.swap(false, Ordering::SeqCst);
        assert!(
            lost || told.contains(&key),
            "round {round}: answered before the change was reported"
        );
    }
}
