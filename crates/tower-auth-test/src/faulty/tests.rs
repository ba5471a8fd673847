use std::pin::pin;
use std::task::{Context, Waker};

use tower_auth_core::Timestamp;
use tower_auth_core::store::{Key, Record, RecordId, RecordKind, StoreErrorKind, Version};

use super::*;
use crate::{ModelStore, TestClock};

fn store() -> FaultyStore<ModelStore> {
    FaultyStore::new(ModelStore::new(TestClock::new().clock()))
}

fn key() -> Key {
    Key::new(RecordKind::Session, RecordId::new([1; 16]))
}

fn record(data: &'static str) -> Record {
    Record {
        owner: None,
        created: TestClock::START,
        last: TestClock::START,
        idle: Duration::from_secs(60),
        absolute: Timestamp::MAX,
        meta: Default::default(),
        data: data.into(),
        data_is_json: false,
    }
}

fn done(write: Result<Write, StoreError>) -> Version {
    match write {
        Ok(Write::Done(version)) => version,
        other => panic!("{other:?}"),
    }
}

fn unavailable<T>(answer: Result<T, StoreError>) -> bool {
    answer.is_err_and(|error| error.kind() == StoreErrorKind::Unavailable)
}

#[tokio::test]
async fn a_step_that_fails_was_not_done() {
    let store = store();
    store.fail_next(1);
    assert!(unavailable(store.create(&key(), &record("a")).await));
    assert!(matches!(store.load(&key()).await, Ok(Load::Absent)));
    assert_eq!(store.steps(), Steps::of([Step::Create, Step::Load]));
}

#[tokio::test]
async fn a_step_whose_answer_is_lost_was_done() {
    let store = store();
    store.fail_after_of(Step::Create, 1);
    assert!(unavailable(store.create(&key(), &record("a")).await));
    assert!(matches!(store.load(&key()).await, Ok(Load::Found(_))));
}

#[tokio::test]
async fn only_the_kind_named_fails_and_only_so_often() {
    let store = store();
    store.fail_next_of(Step::Touch, 2);
    assert!(store.load(&key()).await.is_ok());
    for fails in [true, true, false] {
        assert_eq!(unavailable(store.touch(&key(), TestClock::START).await), fails);
    }
}

#[tokio::test]
async fn it_is_down_until_told_and_for_every_clone() {
    let store = store();
    store.clone().down();
    for _ in 0..3 {
        assert!(unavailable(store.load(&key()).await));
        assert!(store.load_now(&key()).is_none());
    }
    store.up();
    assert!(store.load(&key()).await.is_ok());
    assert_eq!(store.steps().load, 4);
    store.reset_steps();
    assert_eq!(store.steps().total(), 0);
}

#[tokio::test]
async fn d03_the_last_write_wins_only_when_told() {
    let store = store();
    let first = done(store.create(&key(), &record("a")).await);
    done(store.save(&key(), first, &record("b")).await);
    assert_eq!(store.save(&key(), first, &record("c")).await.ok(), Some(Write::Conflict));
    store.last_write_wins();
    done(store.save(&key(), first, &record("c")).await);
    // It does not create a missing record.
    let other = Key::new(RecordKind::Session, RecordId::new([2; 16]));
    assert_eq!(store.save(&other, first, &record("c")).await.ok(), Some(Write::Conflict));
}

#[test]
fn each_step_is_pending_once_and_not_done_before() {
    let store = store();
    store.pending_once();
    let (key, record) = (key(), record("a"));
    let mut cx = Context::from_waker(Waker::noop());
    let polled = |store: &FaultyStore<ModelStore>| {
        matches!(
            pin!(store.inner().load(&key)).poll(&mut Context::from_waker(Waker::noop())),
            Poll::Ready(Ok(Load::Found(_)))
        )
    };
    {
        let mut create = pin!(store.create(&key, &record));
        assert!(create.as_mut().poll(&mut cx).is_pending());
        assert!(!polled(&store), "a step that is dropped now must not be done");
        assert!(create.as_mut().poll(&mut cx).is_ready());
    }
    assert!(polled(&store));
}

#[test]
fn a_silent_store_answers_nothing_and_does_what_it_is_told() {
    let store = store();
    let mut cx = Context::from_waker(Waker::noop());
    let mut is_answered = |create: &mut std::pin::Pin<&mut dyn Future<Output = _>>| {
        create.as_mut().poll(&mut cx).is_ready()
    };
    let (first, second) = (key(), Key::new(RecordKind::Session, RecordId::new([2; 16])));
    let record = record("a");
    store.silent();
    {
        let mut create: std::pin::Pin<&mut dyn Future<Output = _>> =
            pin!(store.create(&first, &record));
        assert!(!is_answered(&mut create));
        store.up();
        assert!(!is_answered(&mut create), "a step that was begun must stay unanswered");
    }
    store.silent_once_done();
    {
        let mut create: std::pin::Pin<&mut dyn Future<Output = _>> =
            pin!(store.create(&second, &record));
        assert!(!is_answered(&mut create));
    }
    store.up();
    let is_there = |key: &Key| {
        let mut load = pin!(store.load(key));
        let polled = load.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        matches!(polled, Poll::Ready(Ok(Load::Found(_))))
    };
    assert!(!is_there(&first) && is_there(&second));
    assert_eq!(store.steps().create, 2);
}
