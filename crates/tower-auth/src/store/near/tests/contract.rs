//! The whole conformance suite, with calls like those of the layers: memory first.

use tower_auth_test::store_conformance;

use super::*;
use crate::MemoryStore;

fn bounded<S: Store>(store: S, clock: Clock) -> NearCache<S> {
    let near = NearCache::builder(store).bounded_staleness(MINUTE).clock(clock).build();
    near.unwrap_or_else(|error| panic!("{error}"))
}

/// Returns a cache whose feed is alive for the whole test, and reports changes at once.
fn fed<S: Store>(store: S, clock: Clock) -> NearCache<FeedingStore<S>> {
    let store = FeedingStore::new(store);
    let feed = store.feed();
    let near = NearCache::builder(store)
        .feed(feed.clone())
        .clock(clock)
        // This clock stands still, so one answer of the feed is enough.
        .uptime(TestClock::new().clock())
        .build();
    feed.beat();
    near.unwrap_or_else(|error| panic!("{error}"))
}

store_conformance!(over_memory, |clock: Clock| {
    hits_first(bounded(MemoryStore::new(clock.clone()), clock))
});
store_conformance!(reading_through, |clock: Clock| {
    bounded(MemoryStore::new(clock.clone()), clock)
});
store_conformance!(without_a_feed, |clock: Clock| {
    hits_first(bounded(ModelStore::new(clock.clone()), clock))
});
store_conformance!(with_a_feed, |clock: Clock| {
    hits_first(fed(ModelStore::new(clock.clone()), clock))
});
