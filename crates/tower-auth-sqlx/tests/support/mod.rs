//! Helpers for the tests of both databases.

use std::time::Duration;

use bytes::Bytes;
use tower_auth_core::Timestamp;
use tower_auth_core::store::{
    Key, Load, Owner, Record, RecordId, RecordKind, Store, StoreError, StoreErrorKind, Stored,
    Version, Write,
};

pub(crate) const IDLE: Duration = Duration::from_secs(600);

pub(crate) fn key(number: u8) -> Key {
    Key::new(RecordKind::Session, RecordId::new([number; 16]))
}

pub(crate) fn owner(number: u8) -> Owner {
    Owner::new([number; 32])
}

pub(crate) fn record(now: Timestamp, data: impl Into<Bytes>) -> Record {
    Record {
        owner: Some(owner(1)),
        created: now,
        last: now,
        idle: IDLE,
        absolute: now + IDLE * 6,
        meta: Bytes::from_static(b"meta"),
        data: data.into(),
        data_is_json: true,
    }
}

pub(crate) async fn put(store: &impl Store, key: &Key, record: &Record) -> Version {
    match store.create(key, record).await {
        Ok(Write::Done(version)) => version,
        other => panic!("expected a creation, got {other:?}"),
    }
}

pub(crate) async fn found(store: &impl Store, key: &Key) -> Stored {
    match store.load(key).await {
        Ok(Load::Found(stored)) => stored,
        Ok(Load::Absent) => panic!("expected a record, got nothing"),
        Ok(Load::Ended { reason, .. }) => panic!("expected a record, got {reason:?}"),
        Err(error) => panic!("the store failed: {error:?} {:?}", std::error::Error::source(&error)),
    }
}

pub(crate) fn assert_unavailable<T>(answer: Result<T, StoreError>) {
    match answer {
        Ok(_) => panic!("expected a failure"),
        Err(error) => assert_eq!(error.kind(), StoreErrorKind::Unavailable),
    }
}

/// The byte columns of a record: owner, meta, and the data as JSON or as bytes.
pub(crate) type Columns = (Option<Vec<u8>>, Vec<u8>, Option<String>, Option<Vec<u8>>);

/// Concatenates the byte columns of a row; empty if there is no row.
pub(crate) fn row(columns: Option<Columns>) -> Vec<u8> {
    let Some((owner, meta, json, bytes)) = columns else { return Vec::new() };
    let (json, owner) = (json.unwrap_or_default().into_bytes(), owner.unwrap_or_default());
    [owner, meta, json, bytes.unwrap_or_default()].concat()
}

/// Data that an application may mark as JSON, and whether every query can read it as JSON.
pub(crate) fn texts() -> Vec<(Bytes, bool)> {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let texts: Vec<(Vec<u8>, bool)> = vec![
        (br#"{"cart":[1,2],"n":1}"#.to_vec(), true),
        (b"{}".to_vec(), true),
        (b" { \"b\" : 1.0 ,\n\"a\":\"\\u00e9\", \"b\":2 } ".to_vec(), true),
        (b"{\"a\":1e300,\"b\":123456789012345678901234567890}".to_vec(), true),
        (b"{\"a\":1e400}".to_vec(), false),
        // No text of a database can contain these characters, so a query over them would fail.
        (br#"{"nul":"\u0000"}"#.to_vec(), false),
        (br#"{"lone":"\ud800"}"#.to_vec(), false),
        (br#"{"no nul":"\\u0000"}"#.to_vec(), true),
        ("{\"é\":\"\u{10ffff}\"}".into(), true),
        (nested(100).into(), true),
        (nested(10_000).into(), false),
        (b"".to_vec(), false),
        (b"{".to_vec(), false),
        (b"{\"a\":1} x".to_vec(), false),
        (b"{'a':1}".to_vec(), false),
        (b"{a:1}".to_vec(), false),
        (b"{\"a\":NaN,\"b\":+1,\"c\":0x1,}".to_vec(), false),
        (b"{\"a\":\"\0\"}".to_vec(), false),
        (b"\0".to_vec(), false),
        (b"{\"a\":\"\xff\xfe\"}".to_vec(), false),
        (b"\xef\xbb\xbf{}".to_vec(), false),
        (b"{} -- '; drop table".to_vec(), false),
    ];
    texts.into_iter().map(|(text, is_json)| (Bytes::from(text), is_json)).collect()
}

/// Numbers around each edge of a column's range.
pub(crate) fn edges() -> Vec<u64> {
    let half = 1 << 63;
    let now = 1_767_225_600_000_000;
    vec![0, 1, now, half - now, half - 1, half, half + 1, u64::MAX - now, u64::MAX - 1, u64::MAX]
}

/// Returns the column value of an unsigned number.
pub(crate) fn column(number: u64) -> i64 {
    i64::try_from(i128::from(number) - (1 << 63)).expect("it fits after subtracting 2^63")
}
