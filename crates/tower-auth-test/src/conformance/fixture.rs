//! The fixture of a tested store: its clock, its keys, and assertions that many tests share.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tower_auth_core::Timestamp;
use tower_auth_core::store::{
    EndReason, Entry, Key, ListParams, Load, Owner, Page, Record, RecordId, RecordKind,
    RecordKinds, Store, StoreError, StoreErrorKind, Stored, Version, Write,
};

use super::Harness;
use crate::TestClock;

pub(super) const MICROSECOND: Duration = Duration::from_micros(1);
pub(super) const SECOND: Duration = Duration::from_secs(1);
/// Longer than the grace period of any clean-up.
pub(super) const DAY: Duration = Duration::from_secs(86_400);
/// The idle timeout of a [`Fixture::record`].
pub(super) const IDLE: Duration = Duration::from_secs(600);
/// The absolute timeout of a [`Fixture::record`].
pub(super) const ABSOLUTE: Duration = Duration::from_secs(3600);
/// The lifetime of tombstones in tests that do not depend on it.
pub(super) const KEEP: Duration = Duration::from_secs(60);

pub(super) struct Fixture<S> {
    pub(super) time: TestClock,
    pub(super) store: Arc<S>,
}

impl<S> Clone for Fixture<S> {
    fn clone(&self) -> Self {
        Self { time: self.time.clone(), store: self.store.clone() }
    }
}

pub(super) fn key(number: u8) -> Key {
    Key::new(RecordKind::Session, RecordId::new([number; 16]))
}

/// Returns one of many keys, in no particular order.
pub(super) fn nth(number: u32) -> Key {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&number.wrapping_mul(0x9e37_79b9).to_be_bytes());
    Key::new(RecordKind::Session, RecordId::new(id))
}

pub(super) fn owner(number: u8) -> Owner {
    Owner::new([number; 32])
}

/// Returns one of many owners, in no particular order.
pub(super) fn nth_owner(number: u32) -> Owner {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    Owner::new(bytes)
}

/// Returns the value, or fails at the caller's line.
#[track_caller]
pub(super) fn well<T>(answer: Result<T, StoreError>) -> T {
    match answer {
        Ok(answer) => answer,
        Err(error) => panic!("the store failed: {error} ({:?})", std::error::Error::source(&error)),
    }
}

#[track_caller]
pub(super) fn done(write: Write) -> Version {
    match write {
        Write::Done(version) => version,
        other => panic!("expected Done, got {other:?}"),
    }
}

#[track_caller]
pub(super) fn assert_error<T>(answer: Result<T, StoreError>, kind: StoreErrorKind) {
    match answer {
        Ok(_) => panic!("expected {kind:?}, but the step succeeded"),
        Err(error) => assert_eq!(error.kind(), kind),
    }
}

impl<S: Store> Fixture<S> {
    pub(super) async fn new<H: Harness<Store = S>>(harness: &H) -> Self {
        let time = TestClock::new();
        let store = harness.store(time.clock()).await;
        Self { time, store: Arc::new(store) }
    }

    /// Advances the clock, and lets the server clean up after that time.
    pub(super) async fn pass<H: Harness<Store = S>>(&self, harness: &H, time: Duration) {
        self.time.advance(time);
        harness.clean_up(&self.store, time).await;
    }

    /// Returns a record created now, whose data is `number`.
    pub(super) fn record(&self, number: u32) -> Record {
        let now = self.time.now();
        Record {
            owner: None,
            created: now,
            last: now,
            idle: IDLE,
            absolute: now + ABSOLUTE,
            meta: Bytes::from_static(b"meta\0\xff"),
            data: Bytes::from(format!("{{\"n\":{number}}}")),
            data_is_json: true,
        }
    }

    pub(super) fn owned(&self, number: u32, owner: Owner) -> Record {
        Record { owner: Some(owner), ..self.record(number) }
    }

    pub(super) async fn create(&self, key: &Key, record: &Record) -> Write {
        well(self.store.create(key, record).await)
    }

    /// Creates a record under a free key.
    pub(super) async fn put(&self, key: &Key, record: &Record) -> Version {
        done(self.create(key, record).await)
    }

    pub(super) async fn save(&self, key: &Key, expected: Version, record: &Record) -> Write {
        well(self.store.save(key, expected, record).await)
    }

    pub(super) async fn touch(&self, key: &Key, seen: Timestamp) {
        well(self.store.touch(key, seen).await);
    }

    pub(super) async fn end(&self, key: &Key, reason: EndReason, keep: Duration) {
        well(self.store.end(key, reason, keep).await);
    }

    pub(super) async fn load(&self, key: &Key) -> Load {
        well(self.store.load(key).await)
    }

    pub(super) async fn found(&self, key: &Key) -> Stored {
        match self.load(key).await {
            Load::Found(stored) => stored,
            other => panic!("expected a record, got {}", name(&other)),
        }
    }

    pub(super) async fn assert_holds(&self, key: &Key, version: Version, record: &Record) {
        let stored = self.found(key).await;
        assert_eq!(stored.version, version, "the version");
        assert_same(&stored.record, record);
    }

    pub(super) async fn assert_absent(&self, key: &Key) {
        let load = self.load(key).await;
        assert!(matches!(load, Load::Absent), "expected nothing, got {}", name(&load));
    }

    pub(super) async fn assert_ended(&self, key: &Key, reason: EndReason) {
        let load = self.load(key).await;
        let ended = matches!(load, Load::Ended { reason: its, .. } if its == reason);
        assert!(ended, "expected Ended({reason:?}), got {}", name(&load));
    }

    pub(super) fn lists(&self) -> bool {
        self.store.limits().lists
    }

    pub(super) async fn pages(&self, kinds: RecordKinds, owner: &Owner, limit: usize) -> Vec<Page> {
        let mut pages: Vec<Page> = Vec::new();
        loop {
            let cursor = pages.last().and_then(|page| page.next.clone());
            let params = ListParams::new(*owner, limit).kinds(kinds).cursor(cursor);
            let page = well(self.store.list(params).await);
            let more = page.next.is_some();
            pages.push(page);
            if !more {
                return pages;
            }
            assert!(pages.len() < 2_000, "the pages never end");
        }
    }

    pub(super) async fn list(&self, kinds: RecordKinds, owner: &Owner) -> Vec<Entry> {
        self.pages(kinds, owner, 7).await.into_iter().flat_map(|page| page.entries).collect()
    }

    /// Asserts that the owner's list holds exactly these keys, if the store can list.
    pub(super) async fn assert_listed(&self, owner: &Owner, keys: &[Key]) {
        if !self.lists() {
            return;
        }
        let mut listed: Vec<Key> =
            self.list(RecordKinds::All, owner).await.iter().map(|entry| entry.key).collect();
        let mut keys = keys.to_vec();
        listed.sort();
        keys.sort();
        assert!(listed == keys, "{} records listed instead of {}", listed.len(), keys.len());
    }
}

/// Compares field by field, so that a failure names the field.
pub(super) fn assert_same(left: &Record, right: &Record) {
    assert_eq!(left.owner.map(|it| *it.as_bytes()), right.owner.map(|it| *it.as_bytes()), "owner");
    assert_eq!(left.created, right.created, "created");
    assert_eq!(left.last, right.last, "last");
    assert_eq!(left.idle, right.idle, "idle");
    assert_eq!(left.absolute, right.absolute, "absolute");
    assert!(left.meta == right.meta, "meta: {} bytes of {}", left.meta.len(), right.meta.len());
    assert!(left.data == right.data, "data: {} bytes of {}", left.data.len(), right.data.len());
    assert_eq!(left.data_is_json, right.data_is_json, "data_is_json");
}

pub(super) fn name(load: &Load) -> String {
    match load {
        Load::Found(_) => "a record".into(),
        Load::Absent => "nothing".into(),
        Load::Ended { reason, .. } => format!("Ended({reason:?})"),
    }
}
