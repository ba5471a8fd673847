//! Keys are 17 bytes of any value; no two of them share anything.

use tower_auth_core::store::{EndReason, Key, RecordId, RecordKind};

use super::fixture::{KEEP, done, key, owner};
use super::{Fixture, Harness};

/// Ids that a store might cut, trim, fold, quote or escape. Each differs from another one only
/// in what such a store would lose.
fn hostile() -> Vec<RecordId> {
    let texts: [&[u8]; 22] = [
        b"",
        b" ",
        b"\n",
        b"\r\n",
        b"\r\n\r\n",
        b"a",
        b"A",
        b"a ",
        b"a  ",
        b"a\n",
        b"a\r\n",
        b"\ta",
        b"a'b",
        b"a\"b",
        b"a\\b",
        b"a%b",
        b"a_b",
        b"a*b",
        b"a:b",
        b"a;--",
        b"*\r\n$1\r\n",
        b"\xc3\xa9",
    ];
    let mut ids =
        vec![RecordId::new([0xff; 16]), RecordId::new([b' '; 16]), RecordId::new([b'a'; 16])];
    for text in texts {
        for fill in [0, b'.'] {
            let mut bytes = [fill; 16];
            bytes[..text.len()].copy_from_slice(text);
            ids.push(RecordId::new(bytes));
        }
    }
    for at in [0, 7, 15] {
        for byte in [1, 0x7f, 0x80, 0xfe] {
            let mut bytes = [0; 16];
            bytes[at] = byte;
            ids.push(RecordId::new(bytes));
        }
    }
    ids.sort();
    ids.dedup();
    ids
}

/// An unknown key is absent, whatever its kind and bytes.
pub async fn an_unknown_key_is_absent<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    for kind in RecordKind::ALL {
        for id in hostile() {
            fixture.assert_absent(&Key::new(kind, id)).await;
        }
    }
}

/// Each hostile key names its own record.
pub async fn hostile_keys_are_kept_apart<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let keys: Vec<_> = hostile().into_iter().map(|id| Key::new(RecordKind::Session, id)).collect();
    let mut versions = Vec::new();
    for (number, key) in (0..).zip(&keys) {
        versions.push(fixture.put(key, &fixture.owned(number, owner(1))).await);
    }
    for ((number, key), version) in (0..).zip(&keys).zip(&versions) {
        fixture.assert_holds(key, *version, &fixture.owned(number, owner(1))).await;
    }
    fixture.assert_listed(&owner(1), &keys).await;
    // Every second record is ended; its neighbours stay.
    for key in keys.iter().step_by(2) {
        fixture.end(key, EndReason::Kicked, KEEP).await;
    }
    for (number, key) in keys.iter().enumerate() {
        if number % 2 == 0 {
            fixture.assert_ended(key, EndReason::Kicked).await;
        } else {
            fixture.found(key).await;
        }
    }
}

/// Two kinds never share a record, a version, a tombstone or a deadline, even under one id.
pub async fn kinds_never_share_a_record<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let keys = RecordKind::ALL.map(|kind| Key::new(kind, RecordId::new([7; 16])));
    let mut versions = Vec::new();
    for (number, key) in (0..).zip(&keys) {
        versions.push(fixture.put(key, &fixture.owned(number, owner(1))).await);
    }
    versions[0] = done(fixture.save(&keys[0], versions[0], &fixture.owned(0, owner(1))).await);
    for ((number, key), version) in (0..).zip(&keys).zip(&versions) {
        fixture.assert_holds(key, *version, &fixture.owned(number, owner(1))).await;
    }
    for ended in 0..keys.len() {
        fixture.end(&keys[ended], EndReason::Revoked, KEEP).await;
        for (number, key) in keys.iter().enumerate() {
            if number <= ended {
                fixture.assert_ended(key, EndReason::Revoked).await;
            } else {
                fixture.found(key).await;
            }
        }
        fixture.assert_listed(&owner(1), &keys[ended + 1..]).await;
    }
}

/// Owners that differ in one bit are distinct, even if their bytes are hostile.
pub async fn owners_are_kept_apart<H: Harness>(harness: &H) {
    use tower_auth_core::store::Owner;

    let fixture = Fixture::new(harness).await;
    let mut owners = vec![[0; 32], [0xff; 32], [b'*'; 32], [b'%'; 32], [b'\n'; 32], [b'\''; 32]];
    for at in [0, 15, 31] {
        let mut bytes = [0; 32];
        bytes[at] = 1;
        owners.push(bytes);
    }
    let owners: Vec<_> = owners.into_iter().map(Owner::new).collect();
    for (number, owner) in (1..).zip(&owners) {
        fixture.put(&key(number), &fixture.owned(1, *owner)).await;
    }
    for (number, owner) in (1..).zip(&owners) {
        fixture.assert_listed(owner, &[key(number)]).await;
    }
}
