//! Tests of the file: it is durable, shared with other processes, and may be invalid.

use std::fs;
use std::time::Duration;

use tokio::task::JoinSet;
use tower_auth_core::store::{EndReason, Key, Load, Record, RecordKind, Store, Write};
use tower_auth_sqlx::sqlx;
use tower_auth_sqlx::{SqliteStore, SqlxConfigError};
use tower_auth_test::TestClock;

use super::{Files, PATIENCE};
use crate::support::{IDLE, assert_unavailable, found, key, owner, put, record};

const GRACE: Duration = Duration::from_secs(600);
const MICROSECOND: Duration = Duration::from_micros(1);

#[tokio::test]
async fn everything_survives_a_restart() {
    let (time, files) = (TestClock::new(), Files::new());
    let store = files.open("a", time.clock()).await;
    let kept = record(time.now(), "{}");
    let version = put(&store, &key(1), &kept).await;
    store.end(&key(2), EndReason::Revoked, IDLE).await.unwrap();
    drop(store);

    let store = files.open("a", time.clock()).await;
    let stored = found(&store, &key(1)).await;
    assert!(stored.version == version && stored.record == kept);
    assert!(matches!(
        store.load(&key(2)).await,
        Ok(Load::Ended { reason: EndReason::Revoked, .. })
    ));
    assert!(matches!(store.save(&key(1), version, &kept).await, Ok(Write::Done(_))));
}

/// The files of a killed process contain each acknowledged write; nothing is only in memory.
#[tokio::test]
async fn everything_survives_a_kill() {
    let (time, files) = (TestClock::new(), Files::new());
    let store = files.open("a", time.clock()).await;
    put(&store, &key(1), &record(time.now(), "{}")).await;
    store.end(&key(1), EndReason::LoggedOut, IDLE).await.unwrap();
    // A copy of the files of an open store equals the state after a kill.
    for end in ["", "-wal"] {
        fs::copy(files.path(&format!("a{end}")), files.path(&format!("b{end}"))).unwrap();
    }
    let after = files.open("b", time.clock()).await;
    assert!(matches!(
        after.load(&key(1)).await,
        Ok(Load::Ended { reason: EndReason::LoggedOut, .. })
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_may_open_it_at_once() {
    let (time, files) = (TestClock::new(), Files::new());
    let mut opened = JoinSet::new();
    for _ in 0..8 {
        let builder = SqliteStore::builder(files.path("a"), time.clock()).timeout(PATIENCE);
        opened.spawn(builder.open());
    }
    let stores: Vec<_> = opened.join_all().await.into_iter().map(Result::unwrap).collect();
    let mut tasks = JoinSet::new();
    for (number, store) in (0..).zip(stores) {
        let record = record(time.now(), number.to_string());
        tasks.spawn(async move { store.create(&key(1), &record).await.unwrap() });
    }
    let done = tasks.join_all().await;
    let winners = done.iter().filter(|it| matches!(it, Write::Done(_))).count();
    assert_eq!(winners, 1, "{done:?}");
}

/// The statement returns its row, and only the commit fails, as with a full disk.
#[tokio::test]
async fn what_could_not_be_committed_is_not_done() {
    let (time, files) = (TestClock::new(), Files::new());
    let store = files.open("a", time.clock()).await;
    let kept = record(time.now(), "{}");
    let version = put(&store, &key(1), &kept).await;
    // A deferred constraint makes the commit of each write fail.
    let other = files.pool("a");
    for sql in [
        "CREATE TABLE parents (id INTEGER PRIMARY KEY)",
        "CREATE TABLE children (id REFERENCES parents DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TRIGGER created AFTER INSERT ON tower_auth_records BEGIN \
         INSERT INTO children VALUES (1); END",
        "CREATE TRIGGER changed AFTER UPDATE ON tower_auth_records BEGIN \
         INSERT INTO children VALUES (1); END",
    ] {
        sqlx::query(sql).execute(&other).await.unwrap();
    }

    assert_unavailable(store.create(&key(2), &kept).await);
    assert_unavailable(store.save(&key(1), version, &record(time.now(), "{\"a\":1}")).await);
    assert_unavailable(store.end(&key(1), EndReason::Kicked, IDLE).await);
    assert!(matches!(store.load(&key(2)).await, Ok(Load::Absent)));
    let stored = found(&store, &key(1)).await;
    assert!(stored.version == version && stored.record == kept);
}

/// Another process holds the write lock for longer than a step may take.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_another_holds_is_unavailable_and_free_again() {
    let (time, files) = (TestClock::new(), Files::new());
    let patient = files.open("a", time.clock()).await;
    let version = put(&patient, &key(1), &record(time.now(), "{}")).await;
    // On a machine under load, opening with this short timeout may take several attempts.
    let builder = || SqliteStore::builder(files.path("a"), time.clock());
    let store = loop {
        if let Ok(store) = builder().timeout(Duration::from_millis(100)).open().await {
            break store;
        }
    };
    let other = files.pool("a");
    let held = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let record = record(time.now(), "{\"n\":2}");
    assert_unavailable(store.save(&key(1), version, &record).await);
    assert_unavailable(store.end(&key(1), EndReason::Kicked, IDLE).await);
    until_refused(&store).await;
    assert_eq!(found(&patient, &key(1)).await.version, version, "readers do not wait");
    held.rollback().await.unwrap();
    while store.touch(&key(1), time.now()).await.is_err() {}
    assert_eq!(found(&patient, &key(1)).await.version, version, "no write was applied later");
}

/// Writes until SQLite itself refuses. The statements of steps that timed out earlier have ended by
/// then, because all writes of a store share one connection.
async fn until_refused(store: &SqliteStore) {
    const BUSY: &str = "the database refused with code 5";
    loop {
        let error = store.touch(&key(9), tower_auth_core::Timestamp::MAX).await.unwrap_err();
        if std::error::Error::source(&error).is_some_and(|it| it.to_string() == BUSY) {
            return;
        }
    }
}

#[tokio::test]
async fn what_is_no_file_of_ours_is_unavailable_and_left_alone() {
    let (time, files) = (TestClock::new(), Files::new());
    let text = "this is no database, but somebody's letter";
    fs::write(files.path("letter"), text).unwrap();
    assert_unavailable(SqliteStore::open(files.path("letter"), time.clock()).await);
    assert_eq!(fs::read_to_string(files.path("letter")).unwrap(), text);
    assert_unavailable(SqliteStore::open(files.path("no/such/place"), time.clock()).await);
    // SQLite does not treat these as files.
    for path in ["", ":memory:", "file:x?mode=memory"] {
        assert_unavailable(SqliteStore::open(path, time.clock()).await);
    }
}

/// Both ways to open a file return an error that `main` can print.
#[tokio::test]
async fn a_file_that_cannot_be_used_is_named_with_the_reason() {
    let (time, files) = (TestClock::new(), Files::new());
    fs::write(files.path("letter"), "this is a letter, not a database".repeat(30)).unwrap();
    fs::create_dir(files.path("directory")).unwrap();
    drop(files.open("newer", time.clock()).await);
    let newer = "INSERT INTO tower_auth_migrations VALUES (99)";
    sqlx::query(newer).execute(&files.pool("newer")).await.unwrap();
    for (name, says) in [
        ("nodir/sessions.db", "cannot be used: its directory does not exist"),
        ("letter", "is not a SQLite database (code 26)"),
        ("directory", "cannot be opened: it is a directory (code 14)"),
        ("newer", "cannot be used: a newer version of this crate created its tables"),
    ] {
        let path = files.path(name);
        let says = format!("the session file {path:?} {says}");
        let error = SqliteStore::builder(&path, time.clock()).open().await.unwrap_err();
        assert_eq!(error.to_string(), says);
        assert_eq!(format!("{error:?}"), says);
        let error = SqliteStore::open(&path, time.clock()).await.unwrap_err();
        assert_eq!(format!("{error:?}"), format!("the store is unavailable: {says}"));
    }
    let error = SqliteStore::open(":memory:", time.clock()).await.unwrap_err();
    assert!(
        format!("{error:?}").ends_with(
            "the session file \":memory:\" cannot be used: its path is not a file; use \
             `MemoryStore` to keep sessions in memory"
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn tables_of_a_newer_version_are_refused() {
    let (time, files) = (TestClock::new(), Files::new());
    drop(files.open("a", time.clock()).await);
    let newer = "INSERT INTO tower_auth_migrations VALUES (99)";
    sqlx::query(newer).execute(&files.pool("a")).await.unwrap();
    assert_unavailable(SqliteStore::open(files.path("a"), time.clock()).await);
}

#[cfg(unix)]
#[tokio::test]
async fn no_one_else_may_read_a_new_file() {
    use std::os::unix::fs::PermissionsExt;

    let (time, files) = (TestClock::new(), Files::new());
    let store = files.open("a", time.clock()).await;
    put(&store, &key(1), &record(time.now(), "{}")).await;
    for end in ["", "-wal", "-shm"] {
        let mode = fs::metadata(files.path(&format!("a{end}"))).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "a{end}");
    }
}

#[tokio::test]
async fn two_prefixes_are_two_stores_in_one_file() {
    let (time, files) = (TestClock::new(), Files::new());
    let with = async |prefix| {
        let builder = SqliteStore::builder(files.path("a"), time.clock());
        builder.table_prefix(prefix).timeout(PATIENCE).open().await.unwrap()
    };
    let (one, other) = (with("one_").await, with("other_").await);
    put(&one, &key(1), &record(time.now(), "1")).await;
    put(&other, &key(1), &record(time.now(), "2")).await;
    assert!(found(&one, &key(1)).await.record.data == "1");
    let builder = SqliteStore::builder(files.path("a"), time.clock());
    let refused = builder.table_prefix("a;--").open().await;
    assert!(matches!(refused, Err(SqlxConfigError::Name("table_prefix"))));
}

#[tokio::test]
async fn only_what_is_over_for_ten_minutes_goes() {
    let (time, files) = (TestClock::new(), Files::new());
    let store = files.open("a", time.clock()).await;
    let expiring = Record { owner: Some(owner(2)), ..record(time.now(), "{}") };
    put(&store, &key(1), &expiring).await;
    let living = Record { idle: IDLE * 100, absolute: time.now() + IDLE * 100, ..expiring };
    put(&store, &key(2), &living).await;
    store.end(&key(3), EndReason::Kicked, IDLE * 2).await.unwrap();
    store.end(&key(4), EndReason::Revoked, Duration::MAX).await.unwrap();
    for (step, gone) in [
        (IDLE + GRACE - MICROSECOND, 0),
        (MICROSECOND, 1),
        (IDLE - MICROSECOND, 0),
        (MICROSECOND, 1),
        (IDLE, 0),
    ] {
        time.advance(step);
        assert_eq!(store.clean_up(100).await.unwrap(), gone, "after {step:?}");
    }
    found(&store, &key(2)).await;
    assert!(matches!(
        store.load(&key(4)).await,
        Ok(Load::Ended { reason: EndReason::Revoked, .. })
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cleanup_runs_until_the_last_clone_of_the_store_is_dropped() {
    let (time, files) = (TestClock::new(), Files::new());
    let store = files.open("a", time.clock()).await;
    for number in 0..100 {
        for kind in RecordKind::ALL {
            put(&store, &Key::new(kind, key(number).id), &record(time.now(), "{}")).await;
        }
    }
    time.advance(IDLE * 10);
    let run_cleanup = tokio::spawn(store.run_cleanup(Duration::from_millis(1)));
    let clone = store.clone();
    drop(store);
    let (count, pool) = ("SELECT count(*) FROM tower_auth_records", files.pool("a"));
    while sqlx::query_scalar::<_, i64>(count).fetch_one(&pool).await.unwrap() > 0 {}
    assert!(!run_cleanup.is_finished());
    drop(clone);
    run_cleanup.await.unwrap();
}
