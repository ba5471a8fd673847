//! Tests of the feed: it reports each change or a loss, or answers no query.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tower_auth_core::store::{Asked, EndOwnedParams, EndReason, Feed, Key, Listener, Store, Write};
use tower_auth_fixtures::proxy::Proxy;
use tower_auth_fixtures::server::Postgres;
use tower_auth_sqlx::PostgresStore;
use tower_auth_sqlx::sqlx::{self, AssertSqlSafe};
use tower_auth_test::TestClock;

use super::{SERVER, end_feeds, node, node_at, pool, pool_of, schema};
use crate::support::{IDLE, key, owner, put, record};

/// The time limit of each test step, on a machine under load.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Notification {
    Changed(Key),
    Lost,
    Answered(u64),
}

struct Ear {
    told: UnboundedSender<Notification>,
    questions: AtomicU64,
}

impl Listener for Ear {
    fn changed(&self, key: &Key) {
        let _ = self.told.send(Notification::Changed(*key));
    }

    fn lost(&self) {
        let _ = self.told.send(Notification::Lost);
    }

    fn asks(&self) -> Asked {
        Asked::at(self.questions.fetch_add(1, Ordering::SeqCst))
    }

    fn answered(&self, asked: Asked) {
        let _ = self.told.send(Notification::Answered(asked.reading()));
    }
}

struct Following {
    ear: Arc<Ear>,
    told: UnboundedReceiver<Notification>,
}

impl Following {
    fn of(store: &PostgresStore) -> Self {
        let (sender, told) = unbounded_channel();
        let ear = Arc::new(Ear { told: sender, questions: AtomicU64::new(0) });
        let weak = Arc::downgrade(&ear);
        store.feed().follow(weak);
        Self { ear, told }
    }

    async fn next(&mut self) -> Notification {
        let told = tokio::time::timeout(PATIENCE, self.told.recv()).await;
        told.expect("the feed reports in time").expect("the listener exists")
    }

    /// Returns the reports up to and including the first one that matches `is_it`.
    async fn until(&mut self, is_it: impl Fn(Notification) -> bool) -> Vec<Notification> {
        let mut all = Vec::new();
        loop {
            let told = self.next().await;
            all.push(told);
            if is_it(told) {
                return all;
            }
        }
    }

    /// Returns the reports until the answer to a query that is sent from now on.
    async fn until_answered(&mut self) -> Vec<Notification> {
        let from = self.ear.questions.load(Ordering::SeqCst);
        self.until(|it| matches!(it, Notification::Answered(asked) if asked >= from)).await
    }
}

async fn two_nodes() -> (TestClock, String, PostgresStore, PostgresStore) {
    let (time, schema) = (TestClock::new(), schema());
    let (one, other) = (node(&schema, time.clock()), node(&schema, time.clock()));
    one.migrate().await.unwrap();
    (time, schema, one, other)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_another_node_is_told() {
    let (time, schema, one, other) = two_nodes().await;
    let mut following = Following::of(&one);
    following.until_answered().await;
    let record = record(time.now(), "{}");

    let version = put(&other, &key(1), &record).await;
    following.until(|it| it == Notification::Changed(key(1))).await;
    assert!(matches!(other.save(&key(1), version, &record).await, Ok(Write::Done(_))));
    following.until(|it| it == Notification::Changed(key(1))).await;
    time.advance(IDLE / 2);
    other.touch(&key(1), time.now()).await.unwrap();
    following.until(|it| it == Notification::Changed(key(1))).await;
    other.end(&key(1), EndReason::Kicked, IDLE).await.unwrap();
    following.until(|it| it == Notification::Changed(key(1))).await;

    put(&other, &key(2), &record).await;
    put(&other, &key(255), &record).await;
    let _ = following.until_answered().await;
    other.end_owned(EndOwnedParams::new(owner(1), EndReason::Kicked, IDLE)).await.unwrap();
    let told = following.until_answered().await;
    assert!(
        told.contains(&Notification::Changed(key(2)))
            && told.contains(&Notification::Changed(key(255)))
    );

    // A change that bypasses the stores is reported too.
    let sql = format!("DELETE FROM {schema}.tower_auth_records WHERE handle = $1");
    let gone = sqlx::query(AssertSqlSafe(sql)).bind(&key(2).id.as_bytes()[..]);
    gone.execute(&pool()).await.unwrap();
    following.until(|it| it == Notification::Changed(key(2))).await;
    let sql = format!("TRUNCATE {schema}.tower_auth_records");
    sqlx::query(AssertSqlSafe(sql)).execute(&pool()).await.unwrap();
    following.until(|it| it == Notification::Lost).await;
}

/// The feed reports a change before it answers any query sent after the change.
#[tokio::test(flavor = "multi_thread")]
async fn no_later_question_is_answered_first() {
    let (time, _, one, other) = two_nodes().await;
    let mut following = Following::of(&one);
    following.until_answered().await;
    let record = record(time.now(), "{}");
    for number in 0..6 {
        put(&other, &key(number), &record).await;
        let told = following.until_answered().await;
        // On a machine under load the feed may be lost at any time, and reports it.
        let told_of =
            |it: &Notification| matches!(it, Notification::Changed(its) if *its == key(number));
        let known = told.iter().any(|it| told_of(it) || *it == Notification::Lost);
        assert!(known, "round {number}: {told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_in_another_schema_is_not_told() {
    let (time, _, one, _) = two_nodes().await;
    let (_, _, stranger, _) = two_nodes().await;
    let mut following = Following::of(&one);
    following.until_answered().await;
    put(&stranger, &key(1), &record(time.now(), "{}")).await;
    let told = following.until_answered().await;
    assert!(!told.iter().any(|it| matches!(it, Notification::Changed(_))), "{told:?}");
}

/// The feed reports a broken connection as a loss, before any other report.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_ended_is_lost_and_made_again() {
    let (time, schema) = (TestClock::new(), schema());
    let proxy = Proxy::start(SERVER.port());
    let one = node_at(proxy.port(), &schema, time.clock());
    one.migrate().await.unwrap();
    let other = node(&schema, time.clock());
    let mut following = Following::of(&one);
    for number in 0..3 {
        following.until_answered().await;
        proxy.cut();
        put(&other, &key(number), &record(time.now(), "{}")).await;
        let told = following.until(|it| it == Notification::Lost).await;
        assert!(told.len() <= 2, "the loss comes before any answer: {told:?}");
    }
    // The feed also recovers if the server itself ends the connection.
    following.until_answered().await;
    end_feeds(&schema).await;
    following.until(|it| it == Notification::Lost).await;
    following.until_answered().await;
}

/// A network that drops packets closes no connection: only the missing answer shows it.
#[tokio::test(flavor = "multi_thread")]
async fn a_black_hole_answers_nothing_and_is_lost() {
    let (time, schema) = (TestClock::new(), schema());
    let proxy = Proxy::start(SERVER.port());
    let one = node_at(proxy.port(), &schema, time.clock());
    one.migrate().await.unwrap();
    let mut following = Following::of(&one);
    following.until_answered().await;
    proxy.black_hole(true);
    let from = following.ear.questions.load(Ordering::SeqCst);
    let told = following.until(|it| it == Notification::Lost).await;
    let later = |it: &Notification| matches!(it, Notification::Answered(asked) if *asked >= from);
    assert!(!told.iter().any(later), "{told:?}");
    proxy.black_hole(false);
    following.until_answered().await;
    let other = node(&schema, time.clock());
    put(&other, &key(1), &record(time.now(), "{}")).await;
    following.until(|it| it == Notification::Changed(key(1))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_is_found_again() {
    let mut server = Postgres::start();
    let time = TestClock::new();
    let store = PostgresStore::new(pool_of(&server.url()), time.clock());
    store.migrate().await.unwrap();
    let mut following = Following::of(&store);
    following.until_answered().await;
    server.kill();
    following.until(|it| it == Notification::Lost).await;
    server.restart();
    following.until_answered().await;
    put(&store, &key(1), &record(time.now(), "{}")).await;
    following.until(|it| it == Notification::Changed(key(1))).await;
}

/// A feed does not block the shutdown of a runtime, of either flavour.
#[test]
fn a_runtime_ends_with_its_feed() {
    use tokio::runtime::Builder;

    for mut builder in [Builder::new_current_thread(), Builder::new_multi_thread()] {
        let runtime = builder.enable_all().build().unwrap();
        let following = runtime.block_on(async {
            let (_, _, one, _) = two_nodes().await;
            let mut following = Following::of(&one);
            following.until_answered().await;
            following
        });
        drop(runtime);
        assert_eq!(Arc::strong_count(&following.ear), 1, "the feed keeps the listener alive");
        assert_eq!(Arc::weak_count(&following.ear), 0, "the feed still follows");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_hears_no_more_leaves_no_connection() {
    let server = Postgres::start();
    let pool = pool_of(&server.url());
    let store = PostgresStore::new(pool.clone(), TestClock::new().clock());
    store.migrate().await.unwrap();
    let mut following = Following::of(&store);
    following.until_answered().await;
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' \
               AND query LIKE '%pg_is_in_recovery()' AND pid <> pg_backend_pid()";
    let listening = || sqlx::query_scalar::<_, i64>(sql).fetch_one(&pool);
    assert_eq!(listening().await.unwrap(), 1);
    drop(following);
    while listening().await.unwrap() > 0 {
        tokio::task::yield_now().await;
    }
}
