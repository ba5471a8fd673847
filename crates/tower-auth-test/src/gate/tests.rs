use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tower_auth_core::Timestamp;
use tower_auth_core::store::{EndReason, Key, Load, Record, RecordId, RecordKind, Store, Write};

use super::*;
use crate::{FaultyStore, ModelStore, Step, Steps, TestClock};

type Gated = GateStore<FaultyStore<ModelStore>>;

fn key() -> Key {
    Key::new(RecordKind::Session, RecordId::new([1; 16]))
}

fn record(data: u8) -> Record {
    Record {
        owner: None,
        created: TestClock::START,
        last: TestClock::START,
        idle: Duration::from_secs(60),
        absolute: Timestamp::MAX,
        meta: Default::default(),
        data: vec![data].into(),
        data_is_json: false,
    }
}

/// Polls a future that cannot wait, because the gate is open.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut cx) {
        std::task::Poll::Ready(done) => done,
        std::task::Poll::Pending => panic!("the future waits"),
    }
}

/// Reads the number and adds one, until the save wins.
async fn count(store: Gated) {
    loop {
        let Ok(Load::Found(there)) = store.load(&key()).await else { return };
        let next = record(there.record.data[0] + 1);
        if let Ok(Write::Done(_)) = store.save(&key(), there.version, &next).await {
            return;
        }
    }
}

#[derive(Clone, Copy)]
enum Versions {
    Heeded,
    Ignored,
}

fn counters(tasks: usize, versions: Versions) -> TaskSet {
    let faulty = FaultyStore::new(ModelStore::new(TestClock::new().clock()));
    if let Versions::Ignored = versions {
        faulty.last_write_wins();
    }
    let store = GateStore::new(faulty);
    let created = now(store.create(&key(), &record(0)));
    assert!(matches!(created, Ok(Write::Done(_))));
    let mut task_set = TaskSet::new(store.gate());
    for task in 0..tasks {
        task_set = task_set.task(format!("count {task}"), count(store.clone()));
    }
    task_set.check(move || {
        let Ok(Load::Found(there)) = now(store.load(&key())) else { panic!("the record is gone") };
        assert_eq!(there.record.data[0] as usize, tasks);
    })
}

#[test]
fn every_order_is_run_once() {
    // 2 + 2 steps without a conflict: 6 orders. In 2 of them each task reads after the other has
    // written. In the other 4 the loser reads and writes again, when it runs alone.
    let task_sets = RefCell::new(0);
    let explored = explore_all(|| {
        *task_sets.borrow_mut() += 1;
        counters(2, Versions::Heeded)
    })
    .unwrap();
    assert_eq!(explored.schedules, 6);
    assert_eq!(explored.longest, 6);
    assert_eq!(*task_sets.borrow(), 6);
}

#[test]
fn random_orders_are_the_same_for_the_same_seed() {
    assert_eq!(explore_seeds(100, || counters(3, Versions::Heeded)).unwrap().schedules, 100);
    let failure = |_| explore_seeds(100, || counters(3, Versions::Ignored)).unwrap_err();
    let [first, second] = [0, 1].map(failure);
    assert!(first == second, "{first}\n{second}");
}

#[test]
fn d03_a_lost_update_is_found_told_and_run_again() {
    let task_set = || counters(2, Versions::Ignored);
    let failure = explore_all(task_set).unwrap_err();
    assert!(failure.problem.contains("left: 1"), "{failure}");
    assert_eq!(
        failure.to_string().lines().last(),
        Some("  steps count 0 load → count 1 load → count 0 save → count 1 save")
    );
    assert_eq!(replay(&failure.choices, task_set).unwrap_err().problem, failure.problem);

    let failure = explore_seeds(1_000, task_set).unwrap_err();
    let seed = failure.seed.unwrap();
    assert!(explore_seed(seed, task_set).unwrap_err() == Failure { passed: 0, ..failure });
}

#[test]
fn writers_that_wait_for_each_other_are_found() {
    let failure = explore_all(|| {
        let store = GateStore::new(ModelStore::new(TestClock::new().clock()));
        let [left, right] = [(); 2].map(|()| Arc::new(tokio::sync::Mutex::new(())));
        let mut task_set = TaskSet::new(store.gate());
        for (name, first, second) in [("a", &left, &right), ("b", &right, &left)] {
            let (store, first, second) = (store.clone(), first.clone(), second.clone());
            task_set = task_set.task(name, async move {
                store.load(&key()).await.unwrap();
                let _first = first.lock().await;
                store.load(&key()).await.unwrap();
                let _second = second.lock().await;
            });
        }
        task_set
    })
    .unwrap_err();
    assert_eq!(failure.problem, "deadlock: no step waits, but not done: a, b");
    assert_eq!(failure.steps.len(), 4);
}

#[test]
fn a_queued_task_is_not_enabled_and_goes_on_when_it_can() {
    let explored = explore_all(|| {
        let store = GateStore::new(ModelStore::new(TestClock::new().clock()));
        let lock = Arc::new(tokio::sync::Mutex::new(()));
        let order = Rc::new(RefCell::new(Vec::new()));
        let mut task_set = TaskSet::new(store.gate());
        for name in ["a", "b"] {
            let (store, lock, order) = (store.clone(), lock.clone(), order.clone());
            task_set = task_set.task(name, async move {
                let _alone = lock.lock().await;
                for _ in 0..2 {
                    store.load(&key()).await.unwrap();
                    order.borrow_mut().push(name);
                }
            });
        }
        task_set.check(move || assert_eq!(*order.borrow(), ["a", "a", "b", "b"]))
    })
    .unwrap();
    assert_eq!(explored.schedules, 1);
}

#[test]
fn a_panic_a_loop_and_an_unsteady_task_set_are_failures() {
    let store = || GateStore::new(ModelStore::new(TestClock::new().clock()));
    let failure =
        explore_all(|| TaskSet::new(store().gate()).task("t", async { panic!("on purpose") }))
            .unwrap_err();
    assert_eq!(failure.problem, "task t panicked: on purpose");

    let endless = || {
        let store = store();
        let gate = store.gate();
        TaskSet::new(gate).task("t", async move { while store.load(&key()).await.is_ok() {} })
    };
    assert!(explore_seed(0, endless).unwrap_err().problem.contains("no end"));

    let mut tasks = 3;
    let failure = explore_all(|| {
        let store = store();
        let mut task_set = TaskSet::new(store.gate());
        tasks -= 1;
        for _ in 0..tasks {
            let store = store.clone();
            task_set = task_set.task("t", async move { drop(store.load(&key()).await) });
        }
        task_set
    })
    .unwrap_err();
    assert!(failure.problem.contains("another one each time"), "{failure}");
}

#[test]
fn a_step_that_is_dropped_while_it_waits_is_neither_done_nor_counted() {
    let store = GateStore::new(ModelStore::new(TestClock::new().clock()));
    let gate = store.gate();
    assert!(store.load_now(&key()).is_none(), "a load was not a step");
    gate.close();
    let (key, mut cx) = (key(), std::task::Context::from_waker(std::task::Waker::noop()));
    {
        let mut end = std::pin::pin!(store.end(&key, EndReason::Kicked, Duration::MAX));
        assert!(end.as_mut().poll(&mut cx).is_pending());
        let [waiting] = gate.waiting()[..] else { panic!("one waits") };
        assert_eq!((waiting.step, waiting.task), (Step::End, None));
    }
    assert!(gate.waiting().is_empty());
    let mut touch = std::pin::pin!(store.touch(&key, TestClock::START));
    assert!(touch.as_mut().poll(&mut cx).is_pending());
    assert!(gate.let_go(gate.waiting()[0].ticket));
    assert!(!gate.let_go(0), "the step has been released already");
    assert!(touch.as_mut().poll(&mut cx).is_ready());
    gate.open();
    assert!(matches!(now(store.load(&key)), Ok(Load::Absent)));
    assert_eq!(gate.steps(), Steps::of([Step::Touch, Step::Load]));
}
