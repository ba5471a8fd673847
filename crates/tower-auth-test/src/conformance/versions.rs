//! Versions grow with every change of a key, and never repeat.

use std::time::Duration;

use tower_auth_core::Timestamp;
use tower_auth_core::store::{EndReason, Record, Store, Version};

use super::fixture::{KEEP, SECOND, done, key};
use super::{Fixture, Harness};

/// Saves five times. Each version must be greater than `newest`, which becomes the last version.
async fn grow<S: Store>(fixture: &Fixture<S>, newest: &mut Version) {
    for number in 0..5 {
        let before = fixture.found(&key(1)).await.version;
        let record = Record { absolute: Timestamp::MAX, ..fixture.record(number) };
        let after = done(fixture.save(&key(1), before, &record).await);
        assert!(after > *newest, "{} does not follow {}", after.get(), newest.get());
        assert_eq!(fixture.found(&key(1)).await.version, after, "the answer differs");
        *newest = after;
    }
}

/// Versions grow while the clock stands still.
pub async fn they_grow_while_the_clock_stands<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let mut newest = fixture.put(&key(1), &fixture.record(0)).await;
    grow(&fixture, &mut newest).await;
}

/// Versions grow when the clock is set back, and are at least the current time when it advances.
pub async fn they_grow_when_the_clock_is_set_back<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let start = fixture.time.now();
    let record = Record { absolute: Timestamp::MAX, ..fixture.record(0) };
    let mut newest = fixture.put(&key(1), &record).await;
    fixture.time.set(Timestamp::from_unix_micros(start.as_unix_micros() - 3_600_000_000));
    grow(&fixture, &mut newest).await;
    fixture.time.set(start + SECOND);
    grow(&fixture, &mut newest).await;
    assert!(newest.get() >= fixture.time.now().as_unix_micros());
}

/// Versions grow across the end and re-creation of a key.
pub async fn they_grow_across_end_and_creation<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let mut newest = fixture.put(&key(1), &fixture.record(0)).await;
    for _ in 0..3 {
        grow(&fixture, &mut newest).await;
        fixture.end(&key(1), EndReason::Replaced, KEEP).await;
        fixture.time.advance(KEEP);
        let again = fixture.put(&key(1), &fixture.record(0)).await;
        assert!(again > newest, "{} does not follow {}", again.get(), newest.get());
        newest = again;
    }
}

/// Versions also grow if the end kept no tombstone, and the clock stands still or was set back: an
/// old version never matches another record under its key.
pub async fn they_grow_across_an_end_that_keeps_nothing<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let start = fixture.time.now();
    let mut newest = fixture.put(&key(1), &fixture.record(0)).await;
    for back in 0..3 {
        grow(&fixture, &mut newest).await;
        fixture.time.set(Timestamp::from_unix_micros(start.as_unix_micros() - back));
        fixture.end(&key(1), EndReason::Replaced, Duration::ZERO).await;
        let again = fixture.put(&key(1), &fixture.record(0)).await;
        assert!(again > newest, "{} does not follow {}", again.get(), newest.get());
        newest = again;
    }
}
