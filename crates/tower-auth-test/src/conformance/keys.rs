//! Keys are 17 bytes of any value; no two of them share anything.

use tower_auth_core::store::{Handle, Key, Kind, Reason};

use super::bench::{KEEP, done, key, owner};
use super::{Bench, Harness};

/// Handles that a store might cut, trim, fold, quote or escape. Each differs from another one only
/// in what such a store would lose.
fn hostile() -> Vec<Handle> {
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
    let mut handles =
        vec![Handle::new([0xff; 16]), Handle::new([b' '; 16]), Handle::new([b'a'; 16])];
    for text in texts {
        for fill in [0, b'.'] {
            let mut bytes = [fill; 16];
            bytes[..text.len()].copy_from_slice(text);
            handles.push(Handle::new(bytes));
        }
    }
    for at in [0, 7, 15] {
        for byte in [1, 0x7f, 0x80, 0xfe] {
            let mut bytes = [0; 16];
            bytes[at] = byte;
            handles.push(Handle::new(bytes));
        }
    }
    handles.sort();
    handles.dedup();
    handles
}

/// An unknown key is absent, whatever its kind and bytes.
pub async fn an_unknown_key_is_absent<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    for kind in Kind::ALL {
        for handle in hostile() {
            bench.assert_absent(&Key::new(kind, handle)).await;
        }
    }
}

/// Each hostile key names its own record.
pub async fn hostile_keys_are_kept_apart<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let keys: Vec<_> =
        hostile().into_iter().map(|handle| Key::new(Kind::Session, handle)).collect();
    let mut versions = Vec::new();
    for (number, key) in (0..).zip(&keys) {
        versions.push(bench.put(key, &bench.owned(number, owner(1))).await);
    }
    for ((number, key), version) in (0..).zip(&keys).zip(&versions) {
        bench.assert_holds(key, *version, &bench.owned(number, owner(1))).await;
    }
    bench.assert_listed(&owner(1), &keys).await;
    // Every second record is ended; its neighbours stay.
    for key in keys.iter().step_by(2) {
        bench.end(key, Reason::Kicked, KEEP).await;
    }
    for (number, key) in keys.iter().enumerate() {
        if number % 2 == 0 {
            bench.assert_ended(key, Reason::Kicked).await;
        } else {
            bench.found(key).await;
        }
    }
}

/// Two kinds never share a record, a version, a tombstone or a deadline, even under one handle.
pub async fn kinds_never_share_a_record<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let keys = Kind::ALL.map(|kind| Key::new(kind, Handle::new([7; 16])));
    let mut versions = Vec::new();
    for (number, key) in (0..).zip(&keys) {
        versions.push(bench.put(key, &bench.owned(number, owner(1))).await);
    }
    versions[0] = done(bench.save(&keys[0], versions[0], &bench.owned(0, owner(1))).await);
    for ((number, key), version) in (0..).zip(&keys).zip(&versions) {
        bench.assert_holds(key, *version, &bench.owned(number, owner(1))).await;
    }
    for ended in 0..keys.len() {
        bench.end(&keys[ended], Reason::Revoked, KEEP).await;
        for (number, key) in keys.iter().enumerate() {
            if number <= ended {
                bench.assert_ended(key, Reason::Revoked).await;
            } else {
                bench.found(key).await;
            }
        }
        bench.assert_listed(&owner(1), &keys[ended + 1..]).await;
    }
}

/// Owners that differ in one bit are distinct, even if their bytes are hostile.
pub async fn owners_are_kept_apart<H: Harness>(harness: &H) {
    use tower_auth_core::store::Owner;

    let bench = Bench::new(harness).await;
    let mut owners = vec![[0; 32], [0xff; 32], [b'*'; 32], [b'%'; 32], [b'\n'; 32], [b'\''; 32]];
    for at in [0, 15, 31] {
        let mut bytes = [0; 32];
        bytes[at] = 1;
        owners.push(bytes);
    }
    let owners: Vec<_> = owners.into_iter().map(Owner::new).collect();
    for (number, owner) in (1..).zip(&owners) {
        bench.put(&key(number), &bench.owned(1, *owner)).await;
    }
    for (number, owner) in (1..).zip(&owners) {
        bench.assert_listed(owner, &[key(number)]).await;
    }
}
