//! Many changes, overlapping changes, and changes that JSON cannot express.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::fixture::Fixture;
use crate::session::SessionError;

const MANY: usize = 16_000;

#[tokio::test]
async fn each_of_many_updates_runs_once_at_the_call_and_once_at_the_save() {
    let fixture = Fixture::with_room(8 << 20);
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = runs.clone();
    let reply = fixture
        .send(None, move |session| {
            let counted = counted.clone();
            async move {
                for _ in 0..MANY {
                    let counted = counted.clone();
                    session.update("n", move |n: Option<usize>| {
                        counted.fetch_add(1, Ordering::Relaxed);
                        n.unwrap_or(0) + 1
                    })?;
                    session.get::<usize>("n")?;
                }
                Ok(String::new())
            }
        })
        .await;
    assert_eq!(runs.load(Ordering::Relaxed), 2 * MANY);
    let cookie = reply.credential().unwrap();
    assert_eq!(fixture.read(&cookie, "n").await, Some(MANY as u32));
}

#[tokio::test]
async fn many_keys_are_written_read_and_removed_in_one_request() {
    let fixture = Fixture::with_room(8 << 20);
    let reply = fixture
        .send(None, |session| async move {
            for at in 0..MANY {
                session.insert(&format!("key {at}"), &at)?;
            }
            Ok(String::new())
        })
        .await;
    let cookie = reply.credential().unwrap();
    let reply = fixture
        .send(Some(&cookie), |session| async move {
            for at in 0..MANY {
                let key = format!("key {at}");
                assert_eq!(session.get::<usize>(&key)?, Some(at));
                session.update(&key, |it: Option<usize>| it.unwrap_or(0) + 1)?;
                match at % 3 {
                    0 => session.remove(&key)?,
                    1 => session.insert(&key, "text")?,
                    _ => assert_eq!(session.take(&key)?, Some(at + 1)),
                }
            }
            Ok(String::new())
        })
        .await;
    assert_eq!(reply.status, http::StatusCode::OK);
    fixture
        .send(Some(&cookie), |session| async move {
            assert_eq!(session.get::<usize>("key 0")?, None);
            assert_eq!(session.get::<String>("key 1")?.as_deref(), Some("text"));
            assert_eq!(session.get::<usize>("key 2")?, None);
            Ok(String::new())
        })
        .await;
}

#[tokio::test]
async fn what_is_added_to_a_full_session_is_refused_and_what_replaces_is_not() {
    let fixture = Fixture::with_room(4096);
    let reply = fixture
        .send(None, |session| async move {
            let mut last = 0;
            let full = loop {
                match session.insert(&format!("k{last:03}"), "0123456789") {
                    Ok(()) => last += 1,
                    Err(error) => break error,
                }
            };
            assert!(matches!(full, SessionError::TooLarge));
            // 4096 without the space reserved for an identity, by 20 octets per entry.
            assert_eq!(last, (4096 - 2048 - 1) / 20);
            assert_eq!(session.get::<String>("k102")?, None);
            for _ in 0..3 {
                session.insert("k000", "9876543210")?;
            }
            session.remove("k001")?;
            session.insert("another", "")?;
            assert!(matches!(session.insert("k001", "0123456789"), Err(SessionError::TooLarge)));
            Ok(String::new())
        })
        .await;
    let cookie = reply.credential().unwrap();
    // The same holds for values that were stored before.
    fixture
        .send(Some(&cookie), |session| async move {
            session.insert("k002", "98765")?;
            assert!(matches!(session.insert("k001", "0123456789"), Err(SessionError::TooLarge)));
            session.update("k003", |_: Option<String>| String::new())?;
            let refused =
                session.update("k003", |it: Option<String>| it.unwrap() + &"x".repeat(50));
            assert!(matches!(refused, Err(SessionError::TooLarge)));
            assert_eq!(session.get::<String>("k003")?.as_deref(), Some(""));
            Ok(String::new())
        })
        .await;
}

#[tokio::test]
async fn keys_that_need_escapes_are_counted_as_they_are_written() {
    let fixture = Fixture::with_room(4096);
    let reply = fixture
        .send(None, |session| async move {
            for at in 0..50 {
                let key = format!("{}{at}", "\u{1}".repeat(20));
                if session.insert(&key, &at).is_err() {
                    break;
                }
            }
            Ok(String::new())
        })
        .await;
    assert_eq!(reply.status, http::StatusCode::OK);
}

#[tokio::test]
async fn a_float_that_json_cannot_express_is_refused_at_the_call() {
    let fixture = Fixture::new();
    let cookie = fixture.put(None, "a", 1).await.credential().unwrap();
    fixture
        .send(Some(&cookie), |session| async move {
            for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                let refused = [
                    session.insert("a", &bad),
                    session.insert("a", &Some(bad as f32)),
                    session.insert("a", &[(1, vec![bad])]),
                    session.insert("a", &std::collections::BTreeMap::from([("b", bad)])),
                    session.update("a", move |_: Option<f64>| bad),
                ];
                for it in refused {
                    assert!(matches!(it, Err(SessionError::Encode { key }) if key == "a"));
                }
            }
            assert_eq!(session.get::<u32>("a")?, Some(1));
            session.insert("b", &None::<f64>)?;
            session.insert("c", &1.5)?;
            Ok(String::new())
        })
        .await;
    assert_eq!(fixture.read(&cookie, "a").await, Some(1));
}

#[tokio::test]
async fn an_update_whose_value_json_cannot_express_on_a_reload_saves_nothing() {
    let fixture = Fixture::new();
    let cookie = fixture.put(None, "a", 1).await.credential().unwrap();
    let (outer, same) = (&fixture, cookie.clone());
    let reply = fixture
        .send(Some(&cookie), move |session| {
            let same = same.clone();
            async move {
                session.update("a", |a: Option<f64>| 1.0 / (2.0 - a.unwrap_or(0.0)))?;
                outer.put(Some(&same), "a", 2).await;
                Ok(String::new())
            }
        })
        .await;
    assert_eq!(reply.status, http::StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(fixture.read(&cookie, "a").await, Some(2));
}

#[tokio::test]
async fn take_reads_a_value_and_removes_it() {
    let fixture = Fixture::new();
    let cookie = fixture.put(None, "flash", 1).await.credential().unwrap();
    fixture
        .send(Some(&cookie), |session| async move {
            assert!(matches!(session.take::<String>("flash"), Err(SessionError::Decode { .. })));
            assert_eq!(session.take::<u32>("flash")?, Some(1));
            assert_eq!(session.take::<u32>("flash")?, None);
            Ok(String::new())
        })
        .await;
    assert_eq!(fixture.read(&cookie, "flash").await, None);
}

#[tokio::test]
async fn se_19_take_of_what_is_not_there_starts_no_session() {
    let fixture = Fixture::new();
    let reply = fixture.send(None, |session| async move {
        assert_eq!(session.take::<u32>("flash")?, None);
        Ok(String::new())
    });
    assert!(reply.await.set_cookies().is_empty());
    assert_eq!(fixture.store.steps().total(), 0);
}

#[tokio::test]
async fn two_requests_at_once_may_both_take() {
    let fixture = Fixture::new();
    let cookie = fixture.put(None, "flash", 1).await.credential().unwrap();
    let (outer, same) = (&fixture, cookie.clone());
    fixture
        .send(Some(&cookie), move |session| {
            let same = same.clone();
            async move {
                assert_eq!(session.take::<u32>("flash")?, Some(1));
                assert_eq!(outer.read(&same, "flash").await, Some(1));
                Ok(String::new())
            }
        })
        .await;
    assert_eq!(fixture.read(&cookie, "flash").await, None);
}

/// A value that one task of a request has read must be valid after another task's save.
#[tokio::test]
async fn values_are_worked_out_anew_after_a_save_that_came_between() {
    let fixture = Fixture::new();
    let cookie = fixture.put(None, "n", 1).await.credential().unwrap();
    let (outer, same) = (&fixture, cookie.clone());
    fixture
        .send(Some(&cookie), move |session| {
            let same = same.clone();
            async move {
                session.update("n", |n: Option<u32>| n.unwrap_or(0) + 1)?;
                outer.put(Some(&same), "n", 10).await;
                assert_eq!(session.get::<u32>("n")?, Some(2));
                session.commit().await?;
                assert_eq!(session.get::<u32>("n")?, Some(11));
                session.update("n", |n: Option<u32>| n.unwrap_or(0) + 1)?;
                assert_eq!(session.get::<u32>("n")?, Some(12));
                Ok(String::new())
            }
        })
        .await;
    assert_eq!(fixture.read(&cookie, "n").await, Some(12));
}

/// malloc serves blocks of up to about a thousand octets from its fast path. A save takes one
/// block.
#[tokio::test]
async fn the_future_of_a_save_is_small() {
    let fixture = Fixture::new();
    let reply = fixture.send(None, |session| async move {
        let octets = std::mem::size_of_val(&session.0.flush());
        assert!(octets <= 1016, "{octets}");
        Ok(String::new())
    });
    assert_eq!(reply.await.status, http::StatusCode::OK);
}
