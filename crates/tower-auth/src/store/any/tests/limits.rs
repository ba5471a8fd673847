//! Tests of the time limit of steps.

use super::*;

/// Polls a step once, and returns its answer if there is one.
fn is_answered<T>(step: &mut (impl Future<Output = T> + Unpin)) -> Option<T> {
    match std::pin::Pin::new(step).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

/// Asserts that a step that is never answered fails exactly when `limit` has passed.
#[track_caller]
fn ends_after<T>(
    time: &TestClock,
    limit: Duration,
    step: impl Future<Output = Result<T, tower_auth_core::store::StoreError>>,
) {
    let mut step = Box::pin(step);
    assert!(is_answered(&mut step).is_none());
    time.advance(limit - Duration::from_micros(1));
    assert!(is_answered(&mut step).is_none(), "given up too early");
    time.advance(Duration::from_micros(1));
    let error = is_answered(&mut step).expect("given up").err().expect("an error");
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    let why = std::error::Error::source(&error).expect("a cause").to_string();
    assert!(why.contains(&format!("{limit:?}")) && why.contains("step_timeout"), "{why}");
}

/// Asserts the limits of every step, on a store that never answers.
#[track_caller]
fn each_ends_after(time: &TestClock, store: &AnyStore, one: Duration, all: Duration) {
    let (key, record, version) = (key(), record(time), Version::from_raw(1));
    ends_after(time, one, Store::load(store, &key));
    ends_after(time, one, Store::create(store, &key, &record));
    ends_after(time, one, Store::save(store, &key, version, &record));
    ends_after(time, one, Store::touch(store, &key, time.now()));
    ends_after(time, one, Store::end(store, &key, EndReason::Kicked, SECOND));
    ends_after(time, all, store.list(ListParams::new(ALICE, 10)));
    ends_after(time, all, store.end_owned(EndOwnedParams::new(ALICE, EndReason::Kicked, SECOND)));
    // The same steps as layers call them.
    ends_after(time, one, store.load(key));
    ends_after(time, one, store.create(key, record.clone()));
    ends_after(time, one, store.save(key, version, record));
    ends_after(time, one, store.touch(key, time.now()));
    ends_after(time, one, store.end(key, EndReason::Kicked, SECOND));
}

#[test]
fn a_step_that_is_never_answered_is_given_up() {
    let (time, silent) = faulty();
    silent.silent();
    let store = AnyStore::new(silent.clone()).timer(time.clone());
    each_ends_after(&time, &store, 5 * SECOND, 60 * SECOND);
    each_ends_after(&time, &store.clone().step_timeout(2 * SECOND), 2 * SECOND, 60 * SECOND);
    each_ends_after(&time, &store.step_timeout(90 * SECOND), 90 * SECOND, 90 * SECOND);
    // The limit is the same for a step that the store did, if its answer was lost.
    silent.silent_once_done();
    let store = AnyStore::new(silent.clone()).timer(time.clone());
    ends_after(&time, 5 * SECOND, store.create(key(), record(&time)));
    silent.up();
    let found = is_answered(&mut store.load(key()));
    assert!(matches!(found, Some(Ok(tower_auth_core::store::Load::Found(_)))));
}

#[test]
fn without_a_timer_there_is_no_limit() {
    let (time, silent) = faulty();
    silent.silent();
    let store = AnyStore::new(silent).step_timeout(SECOND);
    let mut step = store.load(key());
    assert!(is_answered(&mut step).is_none());
    time.advance(3600 * SECOND);
    assert!(is_answered(&mut step).is_none());
}

#[test]
fn no_limit_is_below_the_stores_own_patience() {
    let (time, silent) = faulty();
    silent.silent();
    let patient = |seconds: u32| {
        silent.patience(seconds * SECOND);
        silent.clone()
    };
    let store = AnyStore::new(patient(8)).timer(time.clone());
    each_ends_after(&time, &store, 8 * SECOND, 60 * SECOND);
    each_ends_after(&time, &store.step_timeout(SECOND), 8 * SECOND, 60 * SECOND);
    let store = AnyStore::new(patient(100)).timer(time.clone());
    each_ends_after(&time, &store, 100 * SECOND, 100 * SECOND);
    let store = AnyStore::new(patient(1)).timer(time.clone());
    each_ends_after(&time, &store, 5 * SECOND, 60 * SECOND);
}

#[test]
fn a_store_inside_of_another_is_waited_for_as_long_as_it_says() {
    let (time, silent) = faulty();
    silent.silent();
    let inner = AnyStore::new(silent).step_timeout(20 * SECOND);
    let near = NearCache::builder(inner).bounded_staleness(SECOND).build().unwrap();
    let store = AnyStore::new(near).timer(time.clone());
    each_ends_after(&time, &store, 20 * SECOND, 60 * SECOND);
}

/// A timer that counts the delays that it creates.
#[derive(Clone, Default)]
struct Counted(Arc<AtomicUsize>);

impl Timer for Counted {
    fn sleep(&self, _: Duration) -> Sleep {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(std::future::pending())
    }
}

#[test]
fn a_delay_is_made_only_where_a_step_has_to_wait() {
    let (time, store) = faulty();
    let timer = Counted::default();
    let any = AnyStore::new(store.clone()).timer(timer.clone());
    assert!(is_answered(&mut any.create(key(), record(&time))).is_some());
    assert!(is_answered(&mut any.load(key())).is_some());
    assert_eq!(timer.0.load(Ordering::SeqCst), 0);
    store.pending_once();
    let mut step = any.load(key());
    assert!(is_answered(&mut step).is_none());
    assert_eq!(timer.0.load(Ordering::SeqCst), 1);
    assert!(is_answered(&mut step).is_some());
    assert_eq!(timer.0.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_answer_in_time_counts_however_late_it_is_looked_at() {
    let (time, store) = faulty();
    store.pending_once();
    let any = AnyStore::new(store).timer(time.clone());
    let mut step = pin!(any.load(key()));
    let answer = poll_fn(|task| {
        let polled = step.as_mut().poll(task);
        time.advance(3600 * SECOND);
        polled
    });
    assert!(answer.await.is_ok());
}

#[test]
fn xx_04_a_step_that_was_given_up_is_an_event_of_the_layers() {
    let (time, silent) = faulty();
    silent.silent();
    let told = Arc::new(AtomicUsize::new(0));
    let count = told.clone();
    let events = Events::new(move |event: &Event<'_>| {
        assert_eq!((event.kind, event.layer), (EventKind::StoreFailed, "SessionLayer"));
        assert_eq!(event.reason, Some("unavailable"));
        count.fetch_add(1, Ordering::SeqCst);
    });
    let timer = tower_auth_core::AnyTimer::new(time.clone());
    let store = AnyStore::new(silent).watched(&events, Some(&timer), "SessionLayer");
    ends_after(&time, 5 * SECOND, store.load(key()));
    assert_eq!(told.load(Ordering::SeqCst), 1);
}

#[test]
fn a_layers_timer_comes_before_the_stores_own() {
    let (time, silent) = faulty();
    silent.silent();
    let (own, layers) = (Counted::default(), Counted::default());
    let store = AnyStore::new(silent).timer(own.clone());
    let timer = tower_auth_core::AnyTimer::new(layers.clone());
    let kept = store.clone().watched(&Events::none(), None, "SessionLayer");
    let given = store.watched(&Events::none(), Some(&timer), "SessionLayer");
    let counts = || (own.0.load(Ordering::SeqCst), layers.0.load(Ordering::SeqCst));
    assert!(is_answered(&mut kept.load(key())).is_none());
    assert_eq!(counts(), (1, 0));
    assert!(is_answered(&mut given.load(key())).is_none());
    assert_eq!(counts(), (1, 1));
    drop(time);
}
