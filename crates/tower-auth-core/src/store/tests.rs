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
    let tombstone = Tombstone { reason: Reason::Kicked, until: Timestamp::from_unix_seconds(7) };
    assert_eq!(Tombstone::from_bytes(&tombstone.to_bytes()), Some(tombstone));
    assert!(Stored::from_bytes(tombstone.to_bytes().into()).is_none());
    assert!(Tombstone::from_bytes(&stored().to_bytes()).is_none());
}

#[test]
fn every_reason_survives() {
    for reason in Reason::ALL {
        let tombstone = Tombstone { reason, until: Timestamp::MAX };
        assert_eq!(Tombstone::from_bytes(&tombstone.to_bytes()), Some(tombstone));
    }
}
