use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Wake;

use super::*;

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn is_over(sleep: &mut Sleep, woken: &Arc<Woken>) -> bool {
    sleep.as_mut().poll(&mut Context::from_waker(&woken.clone().into())).is_ready()
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_delay_ends_when_the_clock_has_moved_so_far() {
    let (time, woken) = (TestClock::new(), Arc::new(Woken::default()));
    let mut sleep = time.sleep(2 * SECOND);
    assert!(!is_over(&mut sleep, &woken));
    time.advance(SECOND);
    assert_eq!(woken.0.load(Ordering::SeqCst), 1);
    assert!(!is_over(&mut sleep, &woken));
    time.set(time.now() + SECOND);
    assert_eq!(woken.0.load(Ordering::SeqCst), 2);
    assert!(is_over(&mut sleep, &woken));
    // A delay that was dropped is not woken.
    time.advance(SECOND);
    assert_eq!(woken.0.load(Ordering::SeqCst), 2);
}

#[test]
fn a_delay_is_neither_longer_nor_shorter_where_the_clock_is_set_back() {
    let (time, woken) = (TestClock::new(), Arc::new(Woken::default()));
    let mut sleep = time.sleep(2 * SECOND);
    time.advance(SECOND);
    time.set(TestClock::START);
    assert!(!is_over(&mut sleep, &woken));
    time.advance(SECOND);
    assert!(is_over(&mut sleep, &woken));
}

#[test]
fn no_delay_is_over_at_once_and_the_longest_never() {
    let (time, woken) = (TestClock::new(), Arc::new(Woken::default()));
    assert!(is_over(&mut time.sleep(Duration::ZERO), &woken));
    let mut longest = time.sleep(Duration::MAX);
    time.advance(1000 * SECOND);
    assert!(!is_over(&mut longest, &woken));
}

#[test]
fn its_clocks_are_one() {
    let time = TestClock::new();
    assert!(time.clock().is_same_as(&time.clone().clock()));
    assert!(!time.clock().is_same_as(&TestClock::new().clock()));
}
