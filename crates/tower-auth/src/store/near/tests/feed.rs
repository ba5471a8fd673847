//! Tests with a feed that is alive, and with one that is not.

use super::*;
use crate::MemoryStore;

#[tokio::test]
async fn d06_a_push_takes_the_entry_out() {
    let node = Node::new();
    let version = node.read(1, "old").await;
    assert_eq!(node.hit_data(1).unwrap(), "old");

    let record = record(node.time.now(), "new");
    let _ = node.store.save(&key(1), version, &record).await.unwrap();
    assert!(node.hit(1).is_none(), "the push has arrived");
    assert!(matches!(node.load(1).await, Load::Found(it) if it.record.data == "new"));
    assert_eq!(node.hit_data(1).unwrap(), "new");

    node.store.end(&key(1), EndReason::Kicked, MINUTE).await.unwrap();
    assert!(node.hit(1).is_none());
    assert!(matches!(node.load(1).await, Load::Ended { reason: EndReason::Kicked, .. }));
}

#[tokio::test]
async fn d06_a_remote_kick_of_all_is_pushed() {
    let node = Node::new();
    for byte in 1..=50 {
        let owned = Record { owner: Some(ALICE), ..record(node.time.now(), "alice's") };
        let _ = node.store.create(&key(byte), &owned).await.unwrap();
        node.load(byte).await;
        assert!(node.hit(byte).is_some());
    }
    let all = node.store.end_owned(EndOwnedParams::new(ALICE, EndReason::Kicked, MINUTE));
    assert_eq!(all.await.unwrap(), 50);
    assert!((1..=50).all(|byte| node.hit(byte).is_none()));
}

#[tokio::test]
async fn nothing_is_served_before_the_first_sign_of_life() {
    let time = TestClock::new();
    let store = FeedingStore::new(ModelStore::new(time.clock()));
    let feed = store.feed();
    let near = NearCache::builder(store).feed(feed.clone()).clock(time.clock()).build().unwrap();
    let _ = near.create(&key(1), &record(time.now(), "one")).await.unwrap();
    near.load(&key(1)).await.unwrap();
    assert!(near.load_now(&key(1)).is_none());

    feed.beat();
    assert!(near.load_now(&key(1)).is_none(), "earlier entries are not served");
    near.load(&key(1)).await.unwrap();
    assert!(near.load_now(&key(1)).is_some());
}

#[tokio::test]
async fn a_silent_feed_is_believed_for_two_seconds_and_no_longer() {
    let node = Node::new();
    let version = node.read(1, "old").await;
    node.feed.silence();
    let record = record(node.time.now(), "new");
    let _ = node.store.save(&key(1), version, &record).await.unwrap();

    node.uptime.advance(2 * SECOND - Duration::from_micros(1));
    node.feed.beat();
    assert_eq!(node.hit_data(1).unwrap(), "old", "this is the cost of the two seconds");
    node.uptime.advance(Duration::from_micros(1));
    assert!(node.hit(1).is_none());
    assert!(matches!(node.load(1).await, Load::Found(it) if it.record.data == "new"));
    assert!(node.hit(1).is_none(), "the cache keeps nothing either");

    node.feed.reconnect();
    node.feed.beat();
    assert!(node.hit(1).is_none());
    node.load(1).await;
    assert_eq!(node.hit_data(1).unwrap(), "new");
}

#[tokio::test]
async fn the_wall_clock_says_nothing_of_the_feed() {
    let node = Node::new();
    node.read(1, "one").await;
    node.feed.silence();
    // The wall clock is repeatedly set back by a day. By that clock, the feed would always look
    // fresh.
    node.uptime.advance(SECOND);
    node.time.set(Timestamp::from_unix_seconds(1_700_000_000));
    assert!(node.hit(1).is_some());
    node.uptime.advance(SECOND);
    assert!(node.hit(1).is_none());
}

#[tokio::test]
async fn an_answer_counts_from_when_it_was_asked_for() {
    let node = Node::new();
    node.read(1, "one").await;
    node.feed.hold();
    node.feed.beat();
    // The answer took 1.5 s, so it vouches for another 0.5 s.
    node.uptime.advance(SECOND + SECOND / 2);
    node.feed.release();
    assert!(node.hit(1).is_some());
    node.uptime.advance(SECOND / 2);
    assert!(node.hit(1).is_none());
}

#[tokio::test]
async fn after_a_silence_nothing_of_before_is_believed() {
    let node = Node::new();
    node.read(1, "one").await;
    // The feed reports neither a change nor a loss. It only did not answer for a while, like a
    // stopped process.
    node.uptime.advance(2 * SECOND);
    assert!(node.hit(1).is_none());
    node.feed.beat();
    assert!(node.hit(1).is_none());
    node.load(1).await;
    assert!(node.hit(1).is_some());
}

#[tokio::test]
async fn what_is_lost_is_forgotten_and_nothing_under_way_lands() {
    let node = Node::new();
    node.read(1, "one").await;
    node.store.inner().pending_once();
    let two = key(2);
    let mut loading = std::pin::pin!(node.near.load(&two));
    let mut task = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(loading.as_mut().poll(&mut task).is_pending());

    node.feed.reconnect();
    assert!(node.hit(1).is_none(), "the feed has not answered yet");
    node.feed.beat();
    assert!(node.hit(1).is_none(), "the cache has dropped it");
    assert!(matches!(loading.await, Ok(Load::Absent)));
    assert!(node.hit(2).is_none(), "its read began before the loss");
}

#[tokio::test]
async fn an_answer_from_before_the_loss_does_not_count() {
    let node = Node::new();
    let listener = node.near.near.clone();
    let listener: &dyn tower_auth_core::store::Listener = &*listener;
    let asked = listener.asks();
    node.uptime.advance(Duration::from_micros(1));
    listener.lost();
    listener.answered(asked);
    node.read(1, "one").await;
    assert!(node.hit(1).is_none());
    listener.answered(listener.asks());
    node.load(1).await;
    assert!(node.hit(1).is_some());
    // An answer from the future does not count either, since it would keep entries alive forever.
    listener.answered(tower_auth_core::store::Asked::at(u64::MAX - 1));
    node.uptime.advance(2 * SECOND);
    assert!(node.hit(1).is_none());
}

#[tokio::test]
async fn no_entry_is_older_than_max_age_whatever_the_feed_says() {
    let node = Node::with(|builder| builder.max_age(10 * SECOND));
    node.read(1, "one").await;
    let uptime = |upto: u32| {
        (0..upto).for_each(|_| {
            node.uptime.advance(SECOND);
            node.feed.beat();
        });
    };
    uptime(9);
    // A touch does not renew the entry's age, since it reads nothing.
    node.feed.hold();
    node.near.touch(&key(1), node.time.now() + SECOND).await.unwrap();
    assert!(node.hit(1).is_some());
    node.feed.silence();
    node.uptime.advance(SECOND);
    assert!(node.hit(1).is_none());
}

#[tokio::test]
async fn without_a_feed_an_entry_lives_as_long_as_named() {
    let (time, uptime) = (TestClock::new(), TestClock::new());
    let store = FeedingStore::new(ModelStore::new(time.clock()));
    let near = NearCache::builder(store.clone())
        .bounded_staleness(5 * SECOND)
        .clock(time.clock())
        .uptime(uptime.clock())
        .build()
        .unwrap();
    let _ = near.create(&key(1), &record(time.now(), "one")).await.unwrap();
    store.end(&key(1), EndReason::Kicked, MINUTE).await.unwrap();
    uptime.advance(5 * SECOND - Duration::from_micros(1));
    assert!(near.load_now(&key(1)).is_some(), "this is the cost of having no feed");
    uptime.advance(Duration::from_micros(1));
    assert!(near.load_now(&key(1)).is_none());
}

#[test]
fn it_is_not_built_without_saying_how_it_hears_of_changes() {
    let builder = || NearCache::builder(MemoryStore::new(Clock::system()));
    let feed = TestFeed::default;
    let error = builder().build().err().unwrap();
    assert_eq!(error, NearCacheConfigError::NoFeed);
    let text = error.to_string();
    assert!(text.contains(".feed(") && text.contains(".bounded_staleness("), "{text}");

    let errors = [
        builder().feed(feed()).bounded_staleness(SECOND).build(),
        builder().bounded_staleness(Duration::ZERO).build(),
        builder().bounded_staleness(6 * MINUTE).build(),
        builder().feed(feed()).max_age(Duration::ZERO).build(),
        builder().feed(feed()).heartbeat_tolerance(Duration::ZERO).build(),
        builder().feed(feed()).heartbeat_tolerance(MINUTE).build(),
        builder().feed(feed()).max_bytes(1000).build(),
    ];
    let errors = errors.map(|built| built.err().unwrap());
    assert_eq!(
        errors,
        [
            NearCacheConfigError::FeedAndBound,
            NearCacheConfigError::Staleness(Duration::ZERO),
            NearCacheConfigError::Staleness(6 * MINUTE),
            NearCacheConfigError::MaxAge,
            NearCacheConfigError::Tolerance(Duration::ZERO),
            NearCacheConfigError::Tolerance(MINUTE),
            NearCacheConfigError::MaxBytes(1000),
        ]
    );
}

#[test]
fn a_feed_does_not_keep_the_cache_alive() {
    let node = Node::new();
    let weak = std::sync::Arc::downgrade(&node.near.near);
    let feed = node.feed.clone();
    drop(node);
    assert!(weak.upgrade().is_none());
    feed.beat();
}
