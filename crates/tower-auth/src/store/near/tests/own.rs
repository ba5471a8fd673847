//! Tests of this node's own writes, with every outcome, and of known absence.

use tower_auth_test::Step;

use super::*;

#[tokio::test]
async fn d29_own_writes_are_in_memory_when_they_return() {
    let node = Node::new();
    // The pushes of these writes arrive later.
    node.feed.hold();
    let fresh = record(node.time.now(), "one");
    let Ok(Write::Done(first)) = node.near.create(&key(1), &fresh).await else { panic!() };
    assert_eq!(node.hit_data(1).unwrap(), "one");

    let changed = Record { data: "two".into(), ..fresh };
    let Ok(Write::Done(second)) = node.near.save(&key(1), first, &changed).await else { panic!() };
    let Some(Load::Found(stored)) = node.hit(1) else { panic!("it was saved here") };
    assert!(stored.version == second && stored.record.data == "two");
    // Each write took one command, and nothing was read.
    assert_eq!(node.store.inner().steps().load, 0);

    let seen = node.time.now() + SECOND;
    node.near.touch(&key(1), seen).await.unwrap();
    let Some(Load::Found(stored)) = node.hit(1) else { panic!("it was touched here") };
    assert!(stored.version == second && stored.record.last == seen);

    node.near.end(&key(1), EndReason::LoggedOut, MINUTE).await.unwrap();
    assert!(matches!(node.hit(1), Some(Load::Ended { reason: EndReason::LoggedOut, .. })));
    assert_eq!(node.store.inner().steps().load, 0);
    // The echo of this node's own writes costs a read, and nothing else.
    node.feed.release();
    assert!(node.hit(1).is_none());
    assert!(matches!(node.load(1).await, Load::Ended { reason: EndReason::LoggedOut, .. }));
}

#[tokio::test]
async fn what_a_save_leaves_of_owner_and_creation_is_what_the_store_holds() {
    let node = Node::new();
    node.feed.hold();
    let first = Record { owner: Some(ALICE), ..record(node.time.now(), "one") };
    let Ok(Write::Done(version)) = node.near.create(&key(1), &first).await else { panic!() };
    let other = Record {
        owner: Some(Owner::new([2; 32])),
        created: node.time.now() + SECOND,
        last: Timestamp::from_unix_seconds(0),
        ..first
    };
    let _ = node.near.save(&key(1), version, &other).await.unwrap();
    let (Some(Load::Found(near)), Ok(Load::Found(far))) =
        (node.hit(1), node.store.load(&key(1)).await)
    else {
        panic!("both have it")
    };
    assert!(near == far);
}

#[tokio::test]
async fn a_conflict_drops_what_was_kept() {
    let node = Node::new();
    let version = node.read(1, "old").await;
    // The push is late, so this node takes the old version for current.
    node.feed.hold();
    let new = record(node.time.now(), "new");
    let _ = node.store.save(&key(1), version, &new).await.unwrap();
    assert_eq!(node.hit_data(1).unwrap(), "old");
    let write = node.near.save(&key(1), version, &new).await.unwrap();
    assert_eq!(write, Write::Conflict);
    assert!(node.hit(1).is_none(), "or the reload would find it again");
}

/// The outcome of the write is unknown, so nothing is known of the record either.
#[tokio::test]
async fn a_write_whose_answer_is_lost_leaves_nothing() {
    for step in [Step::Save, Step::Touch, Step::End] {
        let node = Node::new();
        let version = node.read(1, "old").await;
        node.feed.silence();
        node.store.inner().fail_after_of(step, 1);
        let new = record(node.time.now(), "new");
        let failed = match step {
            Step::Save => node.near.save(&key(1), version, &new).await.is_err(),
            Step::Touch => node.near.touch(&key(1), node.time.now() + SECOND).await.is_err(),
            _ => node.near.end(&key(1), EndReason::LoggedOut, MINUTE).await.is_err(),
        };
        assert!(failed && node.hit(1).is_none(), "{step}");
    }
}

/// Each write is dropped at each of its awaits, with a read of the same key in progress.
#[tokio::test]
async fn a_write_that_is_dropped_leaves_nothing_and_blocks_nothing() {
    for step in [Step::Create, Step::Save, Step::Touch, Step::End, Step::EndOwned] {
        for polls in 0..3 {
            let node = Node::new();
            let owned = Record { owner: Some(ALICE), ..record(node.time.now(), "old") };
            let Ok(Write::Done(version)) = node.store.create(&key(1), &owned).await else {
                panic!()
            };
            node.load(1).await;
            node.feed.silence();
            node.store.inner().pending_once();
            let one = key(1);
            let mut reading = Box::pin(node.near.load(&one));
            let mut task = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(reading.as_mut().poll(&mut task).is_pending());
            {
                let (near, now) = (&node.near, node.time.now());
                let owned = &owned;
                let mut writing: std::pin::Pin<Box<dyn Future<Output = ()>>> =
                    Box::pin(async move {
                        match step {
                            Step::Create => drop(near.create(&key(1), owned).await),
                            Step::Save => drop(near.save(&key(1), version, owned).await),
                            Step::Touch => drop(near.touch(&key(1), now + SECOND).await),
                            Step::End => drop(near.end(&key(1), EndReason::Kicked, MINUTE).await),
                            _ => drop(
                                near.end_owned(EndOwnedParams::new(
                                    ALICE,
                                    EndReason::Kicked,
                                    MINUTE,
                                ))
                                .await,
                            ),
                        }
                    });
                for _ in 0..polls {
                    if writing.as_mut().poll(&mut task).is_ready() {
                        break;
                    }
                }
            }
            let before = node.hit(1).is_some();
            assert!(!before || polls == 0 || polls == 2, "{step} after {polls} polls");
            // The concurrent read may return the state before or after the write. Once the write
            // has begun, that answer must not be kept.
            reading.await.unwrap();
            if polls > 0 {
                match (node.hit(1), node.store.inner().load(&key(1)).await.unwrap()) {
                    (None, _) | (Some(Load::Ended { .. }), Load::Ended { .. }) => {}
                    (Some(Load::Found(near)), Load::Found(far)) => assert!(near == far),
                    _ => panic!("{step} after {polls} polls: memory contradicts the store"),
                }
            }
            // No lasting effect remains: the next read is kept.
            node.load(1).await;
            let kept = node.hit(1).is_some();
            assert!(kept, "{step} after {polls} polls");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_known_until_it_is_told_to_be() {
    let node = Node::new();
    assert!(node.hit(1).is_none());
    assert!(matches!(node.load(1).await, Load::Absent));
    assert!(matches!(node.hit(1), Some(Load::Absent)));
    let _ = node.store.create(&key(1), &record(node.time.now(), "one")).await.unwrap();
    assert!(node.hit(1).is_none());
    node.load(1).await;
    assert_eq!(node.hit_data(1).unwrap(), "one");
}

#[tokio::test]
async fn a_tombstone_is_told_of_as_long_as_it_lies() {
    let node = Node::new();
    node.read(1, "one").await;
    node.feed.hold();
    node.near.end(&key(1), EndReason::Kicked, MINUTE).await.unwrap();
    node.near.end(&key(1), EndReason::LoggedOut, SECOND).await.unwrap();
    node.time.advance(MINUTE - Duration::from_micros(1));
    assert!(
        matches!(node.hit(1), Some(Load::Ended { reason: EndReason::Kicked, .. })),
        "the first reason"
    );
    node.time.advance(Duration::from_micros(1));
    assert!(node.hit(1).is_none());
}

/// A kicked session's credential does not cost a look-up in the store each time.
#[tokio::test]
async fn d06_a_tombstone_of_another_nodes_is_kept_as_long_as_it_lies() {
    let node = Node::new();
    // The push of this end arrives later.
    node.feed.hold();
    node.store.end(&key(1), EndReason::Revoked, MINUTE).await.unwrap();
    assert!(matches!(node.load(1).await, Load::Ended { reason: EndReason::Revoked, .. }));
    let until = node.time.now() + MINUTE;
    let is_kept = |until| matches!(node.hit(1), Some(Load::Ended { reason: EndReason::Revoked, until: its }) if its == until);
    assert!(is_kept(until));
    assert_eq!(node.store.inner().steps().load, 1);

    // A later end extends the tombstone. A read that sees the extended one updates the entry, and
    // an earlier read does not undo that.
    let near = &node.near.near;
    let (one, two) = (near.begin(&key(1)).unwrap(), near.begin(&key(1)).unwrap());
    let before = node.store.load(&key(1)).await.unwrap();
    node.store.end(&key(1), EndReason::Kicked, 2 * MINUTE).await.unwrap();
    let after = node.store.load(&key(1)).await.unwrap();
    near.land(&key(1), two, &after);
    near.land(&key(1), one, &before);
    let until = until + MINUTE;
    assert!(is_kept(until));

    node.time.set(Timestamp::from_unix_micros(until.as_unix_micros() - 1));
    assert!(is_kept(until));
    node.time.set(until);
    assert!(node.hit(1).is_none(), "the key is free");
    // The first read removes the tombstone, the second is kept.
    node.load(1).await;
    assert!(matches!(node.load(1).await, Load::Absent));
    assert!(matches!(node.hit(1), Some(Load::Absent)));
}

#[tokio::test]
async fn an_expired_record_is_not_served_and_its_deadline_may_have_moved() {
    let node = Node::new();
    node.read(1, "one").await;
    node.feed.hold();
    node.store.touch(&key(1), node.time.now() + 30 * SECOND).await.unwrap();
    node.time.advance(MINUTE);
    assert!(node.hit(1).is_none(), "neither the record nor its absence");
    assert!(matches!(node.load(1).await, Load::Found(_)), "another node has touched it");
    node.time.advance(30 * SECOND);
    assert!(node.hit(1).is_none());
    assert!(matches!(node.load(1).await, Load::Absent));
}

/// Two concurrent reads whose answers arrive in reverse order.
#[tokio::test]
async fn older_never_replaces_newer() {
    let node = Node::new();
    let version = node.read(1, "old").await;
    node.feed.hold();
    node.feed.deliver();
    let near = &node.near.near;
    let (one, two) = (near.begin(&key(1)).unwrap(), near.begin(&key(1)).unwrap());
    let old = node.store.load(&key(1)).await.unwrap();
    let new = record(node.time.now(), "new");
    let _ = node.store.save(&key(1), version, &new).await.unwrap();
    let new = node.store.load(&key(1)).await.unwrap();
    near.land(&key(1), two, &new);
    assert_eq!(node.hit_data(1).unwrap(), "new");
    near.land(&key(1), one, &old);
    assert_eq!(node.hit_data(1).unwrap(), "new");
    // One answer is a record and the other its absence. Their order is unknown, so neither is kept.
    let reading = near.begin(&key(1)).unwrap();
    near.land(&key(1), reading, &Load::Absent);
    assert!(node.hit(1).is_none());
}
