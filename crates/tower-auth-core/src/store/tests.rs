use std::time::Duration;

use bytes::Bytes;

use super::*;
use crate::Timestamp;

fn stored() -> Stored {
    Stored {
        version: Version::from_raw(9),
        record: Record {
            owner: Some(Owner::new([5; 32])),
            created: Timestamp::from_unix_seconds(1),
            last: Timestamp::from_unix_seconds(2),
            idle: Duration::from_secs(3),
            absolute: Timestamp::from_unix_seconds(4),
            meta: Bytes::from_static(b"meta"),
            data: Bytes::from_static(b"{}"),
            data_is_json: true,
        },
    }
}

#[test]
fn a_record_reads_back_as_written() {
    let mut stored = stored();
    assert!(Stored::from_bytes(stored.to_bytes().into()) == Some(stored.clone()));
    stored.record.owner = None;
    stored.record.data_is_json = false;
    assert!(Stored::from_bytes(stored.to_bytes().into()) == Some(stored));
}

#[test]
fn a_record_cut_short_is_none() {
    let bytes = Bytes::from(stored().to_bytes());
    let shortest = bytes.len() - stored().record.data.len();
    for len in 0..shortest {
        assert!(Stored::from_bytes(bytes.slice(..len)).is_none(), "{len} bytes");
    }
}

#[test]
fn neither_reads_the_other() {
    let until = Timestamp::from_unix_seconds(7);
    let tombstone = Tombstone { reason: EndReason::Kicked, until, version: Version::from_raw(9) };
    assert_eq!(Tombstone::from_bytes(&tombstone.to_bytes()), Some(tombstone));
    assert!(Stored::from_bytes(tombstone.to_bytes().into()).is_none());
    assert!(Tombstone::from_bytes(&stored().to_bytes()).is_none());
}

#[test]
fn every_reason_survives() {
    for reason in EndReason::ALL {
        let version = Version::from_raw(u64::MAX);
        let tombstone = Tombstone { reason, until: Timestamp::MAX, version };
        assert_eq!(Tombstone::from_bytes(&tombstone.to_bytes()), Some(tombstone));
    }
}

#[test]
fn se_05_a_record_is_gone_from_the_earlier_of_its_deadlines_on() {
    let mut record = stored().record;
    let at = Timestamp::from_unix_seconds;
    let just_before = |seconds| Timestamp::from_unix_micros(seconds * 1_000_000 - 1);
    // The idle deadline is 2 + 3.
    for (absolute, end) in [(4, 4), (5, 5), (6, 5)] {
        record.absolute = at(absolute);
        assert_eq!(record.expires_at(), at(end));
        assert!(record.is_live(just_before(end)) && !record.is_live(at(end)));
    }
}

#[test]
fn d03_a_version_grows_whatever_the_clock_does() {
    let now = Timestamp::from_unix_seconds(9);
    let first = Version::first(now);
    let same = first.next(now);
    let back = same.next(Timestamp::from_unix_seconds(8));
    let later = back.next(Timestamp::from_unix_seconds(10));
    assert!(first < same && same < back && back < later);
    assert_eq!(later.get(), 10_000_000);
}

#[test]
fn another_format_is_none() {
    let good = stored().to_bytes();
    let (until, version) = (Timestamp::MAX, Version::from_raw(1));
    let tombstone = Tombstone { reason: EndReason::Kicked, until, version }.to_bytes();
    for format in [0, 2, 255] {
        let (mut bytes, mut ended) = (good.clone(), tombstone.clone());
        (bytes[0], ended[0]) = (format, format);
        assert!(Stored::from_bytes(bytes.into()).is_none(), "{format}");
        assert!(Tombstone::from_bytes(&ended).is_none(), "{format}");
    }
    // Flags of a later format: the record contains more than this version can read.
    for flag in 2..8 {
        let mut bytes = good.clone();
        bytes[1] |= 1 << flag;
        assert!(Stored::from_bytes(bytes.into()).is_none(), "flag {flag}");
    }
}

#[test]
fn se_20_debug_names_neither_a_session_nor_its_owner() {
    let key = Key::new(RecordKind::Session, RecordId::new([7; 16]));
    let text = format!("{key:?} {:?}", Owner::new([7; 32]));
    assert!(!text.contains(&key.id.to_string()) && !text.contains('7'), "{text}");
}

#[test]
fn d08_debug_of_what_a_store_answers_shows_times_and_sizes_alone() {
    let mut stored = stored();
    stored.record.meta = Bytes::from_static(b"SECRET-HASH");
    stored.record.data = Bytes::from_static(b"SECRET-DATA");
    let key = Key::new(RecordKind::Session, RecordId::new(*b"SECRET-NAME-0123"));
    let page = Page {
        entries: vec![Entry { key, stored: stored.clone() }],
        next: Some(Cursor(Bytes::from_static(b"SECRET-CURSOR"))),
    };
    let load: Result<Load, StoreError> = Ok(Load::Found(stored.clone()));
    for text in [format!("{load:?}"), format!("{page:?}"), format!("{:?}", stored.record)] {
        assert!(text.contains("meta_bytes: 11") && !text.contains("SECRET"), "{text}");
        assert!(!text.contains("83, 69"), "the bytes as numbers: {text}");
    }
    // Tests of stores call `unwrap_err`, which requires `Debug`.
    let answer = |kind| -> Result<Load, StoreError> {
        if kind == StoreErrorKind::Unsupported {
            Err(StoreError::unsupported())
        } else {
            Ok(Load::Absent)
        }
    };
    assert_eq!(
        answer(StoreErrorKind::Unsupported).unwrap_err().kind(),
        StoreErrorKind::Unsupported
    );
}
