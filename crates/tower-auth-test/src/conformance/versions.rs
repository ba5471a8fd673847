//! Versions grow with every change of a key, and never repeat.

use std::time::Duration;

use tower_auth_core::Timestamp;
use tower_auth_core::store::{Reason, Record, Store, Version};

use super::bench::{KEEP, SECOND, done, key};
use super::{Bench, Harness};

/// Saves five times. Each version must be greater than `newest`, which becomes the last version.
async fn grow<S: Store>(bench: &Bench<S>, newest: &mut Version) {
    for number in 0..5 {
        let before = bench.found(&key(1)).await.version;
        let record = Record { absolute: Timestamp::MAX, ..bench.record(number) };
        let after = done(bench.save(&key(1), before, &record).await);
        assert!(after > *newest, "{} does not follow {}", after.get(), newest.get());
        assert_eq!(bench.found(&key(1)).await.version, after, "the answer differs");
        *newest = after;
    }
}

/// Versions grow while the clock stands still.
pub async fn they_grow_while_the_clock_stands<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let mut newest = bench.put(&key(1), &bench.record(0)).await;
    grow(&bench, &mut newest).await;
}

/// Versions grow when the clock is set back, and are at least the current time when it advances.
pub async fn they_grow_when_the_clock_is_set_back<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let start = bench.time.now();
    let record = Record { absolute: Timestamp::MAX, ..bench.record(0) };
    let mut newest = bench.put(&key(1), &record).await;
    bench.time.set(Timestamp::from_unix_micros(start.as_unix_micros() - 3_600_000_000));
    grow(&bench, &mut newest).await;
    bench.time.set(start + SECOND);
    grow(&bench, &mut newest).await;
    assert!(newest.get() >= bench.time.now().as_unix_micros());
}

/// Versions grow across the end and re-creation of a key.
pub async fn they_grow_across_end_and_creation<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let mut newest = bench.put(&key(1), &bench.record(0)).await;
    for _ in 0..3 {
        grow(&bench, &mut newest).await;
        bench.end(&key(1), Reason::Replaced, KEEP).await;
        bench.time.advance(KEEP);
        let again = bench.put(&key(1), &bench.record(0)).await;
        assert!(again > newest, "{} does not follow {}", again.get(), newest.get());
        newest = again;
    }
}

/// Versions also grow if the end kept no tombstone, and the clock stands still or was set back: an
/// old version never matches another record under its key.
pub async fn they_grow_across_an_end_that_keeps_nothing<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let start = bench.time.now();
    let mut newest = bench.put(&key(1), &bench.record(0)).await;
    for back in 0..3 {
        grow(&bench, &mut newest).await;
        bench.time.set(Timestamp::from_unix_micros(start.as_unix_micros() - back));
        bench.end(&key(1), Reason::Replaced, Duration::ZERO).await;
        let again = bench.put(&key(1), &bench.record(0)).await;
        assert!(again > newest, "{} does not follow {}", again.get(), newest.get());
        newest = again;
    }
}
