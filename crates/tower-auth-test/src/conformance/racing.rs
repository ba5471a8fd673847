//! Concurrent steps: each is done or not done, and exactly one wins if only one can.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tower_auth_core::store::{
    EndOwnedParams, EndReason, Key, Load, Record, RecordKinds, Store, Write,
};

use super::fixture::{KEEP, key, name, nth, owner, well};
use super::{Fixture, Harness};

const TASKS: u32 = 64;
/// More attempts than this show a store that makes no progress.
const ATTEMPTS: u32 = 20_000;

/// Runs `TASKS` tasks that begin together, and returns their answers.
async fn race<S, T, F>(fixture: &Fixture<S>, mut task: impl FnMut(Fixture<S>, u32) -> F) -> Vec<T>
where
    S: Store,
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(Barrier::new(TASKS as usize));
    let mut tasks = JoinSet::new();
    for number in 0..TASKS {
        let (start, task) = (start.clone(), task(fixture.clone(), number));
        tasks.spawn(async move {
            start.wait().await;
            task.await
        });
    }
    tasks.join_all().await
}

fn winners(answers: &[(u32, Write)]) -> Vec<u32> {
    let won = |(_, write): &&(u32, Write)| matches!(write, Write::Done(_));
    answers.iter().filter(won).map(|(number, _)| *number).collect()
}

/// Exactly one of 64 creations of one key is done, and the others are conflicts. The stored record
/// is the winner's.
pub async fn one_creation_of_many_wins<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    for round in 1..=4 {
        let answers = race(&fixture, |fixture, number| async move {
            (number, fixture.create(&key(round), &fixture.record(number)).await)
        })
        .await;
        let [winner] = winners(&answers)[..] else {
            panic!("{} creations of one key were done", winners(&answers).len());
        };
        let others = answers.iter().filter(|(_, write)| *write == Write::Conflict).count();
        assert_eq!(others as u32, TASKS - 1, "the others are conflicts");
        assert!(fixture.found(&key(round)).await.record.data == fixture.record(winner).data);
    }
}

/// Exactly one of 64 saves over one version is done, and the others are conflicts. The stored
/// record is the winner's.
pub async fn one_save_of_many_wins<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let mut version = fixture.put(&key(1), &fixture.record(0)).await;
    for _ in 0..4 {
        let answers = race(&fixture, |fixture, number| async move {
            (number, fixture.save(&key(1), version, &fixture.record(number)).await)
        })
        .await;
        let [winner] = winners(&answers)[..] else {
            panic!("{} saves over one version were done", winners(&answers).len());
        };
        let stored = fixture.found(&key(1)).await;
        assert!(stored.record.data == fixture.record(winner).data);
        assert!(answers.contains(&(winner, Write::Done(stored.version))));
        version = stored.version;
    }
}

/// 64 tasks that each add one, eight times, with as many attempts as necessary, add up to 512.
pub async fn no_update_is_lost<H: Harness>(harness: &H) {
    const TIMES: u32 = 8;
    let fixture = Fixture::new(harness).await;
    let counted = |count: u32| Bytes::copy_from_slice(&count.to_be_bytes());
    let record = Record { data: counted(0), data_is_json: false, ..fixture.record(0) };
    fixture.put(&key(1), &record).await;
    race(&fixture, |fixture, _| async move {
        let mut attempts = 0..ATTEMPTS;
        for _ in 0..TIMES {
            loop {
                assert!(attempts.next().is_some(), "no save gets through");
                let stored = fixture.found(&key(1)).await;
                let mut record = stored.record;
                // Lets the other tasks read the same version.
                tokio::task::yield_now().await;
                let count = u32::from_be_bytes(record.data[..].try_into().unwrap_or_default());
                record.data = Bytes::copy_from_slice(&(count + 1).to_be_bytes());
                match fixture.save(&key(1), stored.version, &record).await {
                    Write::Done(_) => break,
                    Write::Conflict => tokio::task::yield_now().await,
                    Write::Ended(reason) => panic!("ended without an end: {reason:?}"),
                }
            }
        }
    })
    .await;
    let data = fixture.found(&key(1)).await.record.data;
    assert!(data == counted(TASKS * TIMES), "updates were lost");
}

/// No save and no touch wins over an end: once an end has returned, no load finds the record.
pub async fn an_end_beats_every_save<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    for round in 1..=8 {
        let key = key(round);
        fixture.put(&key, &fixture.owned(0, owner(round))).await;
        let ended = Arc::new(AtomicBool::new(false));
        race(&fixture, |fixture, number| {
            let ended = ended.clone();
            async move {
                if number == TASKS / 2 {
                    fixture.end(&key, EndReason::LoggedOut, KEEP).await;
                    ended.store(true, Ordering::SeqCst);
                    return;
                }
                let mut attempts = 0..ATTEMPTS;
                loop {
                    assert!(attempts.next().is_some(), "the end is never seen");
                    let was_ended = ended.load(Ordering::SeqCst);
                    let stored = match fixture.load(&key).await {
                        Load::Found(stored) => stored,
                        Load::Ended { reason: EndReason::LoggedOut, .. } => return,
                        other => panic!("{} instead of the record or its end", name(&other)),
                    };
                    assert!(!was_ended, "a load found the record after its end had returned");
                    fixture.touch(&key, fixture.time.now()).await;
                    let _ = fixture.save(&key, stored.version, &stored.record).await;
                    tokio::task::yield_now().await;
                }
            }
        })
        .await;
        fixture.assert_ended(&key, EndReason::LoggedOut).await;
        fixture.assert_listed(&owner(round), &[]).await;
    }
}

/// The key is ended and on no list after every interleaving of its creations and ends.
pub async fn an_end_beats_every_creation<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    for round in 1..=8 {
        let key = key(round);
        let answers = race(&fixture, |fixture, number| async move {
            if number % 2 == 0 {
                fixture.end(&key, EndReason::Revoked, KEEP).await;
                return None;
            }
            Some(fixture.create(&key, &fixture.owned(number, owner(round))).await)
        })
        .await;
        let done = answers.iter().filter(|it| matches!(it, Some(Write::Done(_)))).count();
        assert!(done <= 1, "{done} creations of one key were done");
        fixture.assert_ended(&key, EndReason::Revoked).await;
        fixture.assert_listed(&owner(round), &[]).await;
    }
}

/// One of many concurrent ends sets the reason, and all the others keep it.
pub async fn one_end_of_many_gives_the_reason<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    fixture.put(&key(1), &fixture.record(0)).await;
    let seen = race(&fixture, |fixture, number| async move {
        let reason = EndReason::ALL[number as usize % EndReason::ALL.len()];
        fixture.end(&key(1), reason, KEEP).await;
        match fixture.load(&key(1)).await {
            Load::Ended { reason, .. } => reason,
            other => panic!("{} after the record's end", name(&other)),
        }
    })
    .await;
    assert!(seen.iter().all(|reason| *reason == seen[0]), "the reason changed: {seen:?}");
}

/// One of 64 owners that concurrent saves set is kept, and the record is on that owner's list
/// alone.
pub async fn one_owner_of_many_is_set<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let version = fixture.put(&key(1), &fixture.record(0)).await;
    race(&fixture, |fixture, number| async move {
        let mine = fixture.owned(number, owner(number as u8));
        let mut expected = version;
        for _ in 0..ATTEMPTS {
            match fixture.save(&key(1), expected, &mine).await {
                Write::Done(_) => return,
                _ => expected = fixture.found(&key(1)).await.version,
            }
            tokio::task::yield_now().await;
        }
        panic!("no save gets through");
    })
    .await;
    let set = fixture.found(&key(1)).await.record.owner;
    assert!(set.is_some());
    for number in 0..TASKS as u8 {
        let listed: &[Key] = if set == Some(owner(number)) { &[key(1)] } else { &[] };
        fixture.assert_listed(&owner(number), listed).await;
    }
}

/// Each steady record of an owner is on exactly one page while other records are created and ended.
pub async fn steady_records_are_listed_once_whatever_comes_and_goes<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    if !fixture.lists() {
        return;
    }
    let steady: Vec<_> = (0..100).map(nth).collect();
    for key in &steady {
        fixture.put(key, &fixture.owned(0, owner(1))).await;
    }
    race(&fixture, |fixture, task| {
        let steady = steady.clone();
        async move {
            if task >= 8 {
                for turn in 0..8 {
                    let key = nth(1000 + task * 100 + turn);
                    fixture.put(&key, &fixture.owned(0, owner(1))).await;
                    tokio::task::yield_now().await;
                    fixture.end(&key, EndReason::LoggedOut, KEEP).await;
                }
                return;
            }
            for limit in [1, 3, 10, 64] {
                let pages = fixture.pages(RecordKinds::All, &owner(1), limit).await;
                let mut keys: Vec<_> = pages
                    .into_iter()
                    .flat_map(|page| page.entries)
                    .map(|entry| entry.key)
                    .filter(|key| steady.contains(key))
                    .collect();
                keys.sort();
                let mut expected = steady.clone();
                expected.sort();
                assert!(keys == expected, "limit {limit}: {} steady records", keys.len());
            }
        }
    })
    .await;
    fixture.assert_listed(&owner(1), &steady).await;
}

/// A record whose write was acknowledged before `end_owned` is gone when it returns, however many
/// records are still being created.
pub async fn what_was_acknowledged_before_is_ended<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    if !fixture.lists() {
        return;
    }
    let acknowledged = Arc::new(std::sync::Mutex::new(Vec::new()));
    let read = |keys: &std::sync::Mutex<Vec<Key>>| match keys.lock() {
        Ok(keys) => keys.clone(),
        Err(poisoned) => poisoned.into_inner().clone(),
    };
    race(&fixture, |fixture, task| {
        let acknowledged = acknowledged.clone();
        async move {
            if task % 16 != 0 {
                for turn in 0..3 {
                    let key = key((task * 3 + turn) as u8);
                    // Half of them receive the owner by a save.
                    let mut record = fixture.owned(0, owner(1));
                    if turn == 0 {
                        fixture.put(&key, &record).await;
                    } else {
                        record.owner = None;
                        let version = fixture.put(&key, &record).await;
                        record.owner = Some(owner(1));
                        let saved = fixture.save(&key, version, &record).await;
                        assert!(matches!(saved, Write::Done(_)));
                    }
                    if let Ok(mut keys) = acknowledged.lock() {
                        keys.push(key);
                    }
                    tokio::task::yield_now().await;
                }
                return;
            }
            for _ in 0..5 {
                let before = read(&acknowledged);
                let params = EndOwnedParams::new(owner(1), EndReason::Kicked, KEEP);
                let end = fixture.store.end_owned(params);
                well(end.await);
                for key in before {
                    fixture.assert_ended(&key, EndReason::Kicked).await;
                }
                tokio::task::yield_now().await;
            }
        }
    })
    .await;
}
