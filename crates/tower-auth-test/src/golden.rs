//! Every format that was ever written, read and written again.

use std::time::Duration;

use bytes::Bytes;
use tower_auth_core::store::{EndReason, Owner, Record, Stored, Tombstone, Version};
use tower_auth_core::{Actor, AuthMethod, Authentication, Identity, Principal, Timestamp};

use crate::TestClock;

macro_rules! golden {
    ($name:literal) => {
        bytes(include_str!(concat!("../golden/", $name, ".hex")))
    };
}

/// Decodes a golden file.
fn bytes(text: &str) -> Bytes {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .flat_map(str::split_whitespace)
        .map(|byte| u8::from_str_radix(byte, 16).expect("two hexadecimal digits"))
        .collect()
}

fn reads_and_writes(golden: &Bytes, stored: &Stored) {
    let read = Stored::from_bytes(golden.clone()).expect("not a record");
    assert!(read.version == stored.version, "another version was read");
    assert!(read.record == stored.record, "another record was read");
    assert!(stored.to_bytes() == golden[..], "other bytes were written");
}

#[test]
fn record_1_owned_json() {
    let (start, micros) = (TestClock::START, Duration::from_micros(1_234_567));
    let record = Record {
        owner: Some(Owner::new(std::array::from_fn(|at| at as u8))),
        created: start,
        last: start + micros,
        idle: Duration::from_secs(1800),
        absolute: start + Duration::from_secs(43_200),
        meta: Bytes::from_static(b"\0secret\xff"),
        data: Bytes::from_static("{\"cart\":[\"é\",2]}".as_bytes()),
        data_is_json: true,
    };
    let version = Version::from_raw((start + micros).as_unix_micros());
    reads_and_writes(&golden!("record-1-owned-json"), &Stored { version, record });
}

#[test]
fn record_1_without_owner() {
    let (start, next) = (TestClock::START, TestClock::START + Duration::from_micros(1));
    let record = Record {
        owner: None,
        created: start,
        last: next,
        idle: Duration::from_secs(600),
        absolute: Timestamp::MAX,
        meta: Bytes::from_static(b"meta"),
        data: (0..=255).collect(),
        data_is_json: false,
    };
    let version = Version::from_raw(next.as_unix_micros());
    reads_and_writes(&golden!("record-1-without-owner"), &Stored { version, record });
}

#[test]
fn record_1_empty() {
    let zero = Timestamp::from_unix_micros(0);
    let record = Record {
        owner: None,
        created: zero,
        last: zero,
        idle: Duration::ZERO,
        absolute: zero,
        meta: Bytes::new(),
        data: Bytes::new(),
        data_is_json: false,
    };
    reads_and_writes(&golden!("record-1-empty"), &Stored { version: Version::from_raw(0), record });
}

#[test]
fn tombstone_1_of_every_reason() {
    let golden = [
        (EndReason::LoggedOut, golden!("tombstone-1-logged-out")),
        (EndReason::Kicked, golden!("tombstone-1-kicked")),
        (EndReason::Replaced, golden!("tombstone-1-replaced")),
        (EndReason::Revoked, golden!("tombstone-1-revoked")),
        (EndReason::Reuse, golden!("tombstone-1-reuse")),
    ];
    assert_eq!(golden.len(), EndReason::ALL.len());
    for (number, (reason, golden)) in (1..).zip(golden) {
        let until = TestClock::START + Duration::from_micros(86_400_000_000 + number);
        let version = Version::from_raw(TestClock::START.as_unix_micros() + number);
        let tombstone = Tombstone { reason, until, version };
        assert_eq!(Tombstone::from_bytes(&golden), Some(tombstone));
        assert!(tombstone.to_bytes() == golden[..], "other bytes were written for {reason:?}");
    }
}

#[test]
fn identity_1_full() {
    let golden = golden!("identity-1-full");
    let read = Identity::from_bytes(&golden, Authentication::by(AuthMethod::Session))
        .expect("not an identity");
    assert_eq!((read.issuer(), read.subject()), ("https://id.example", "zoë"));
    assert_eq!(read.acr(), Some("urn:loa:2"));
    assert_eq!(read.amr().collect::<Vec<_>>(), ["pwd", "otp"]);
    assert_eq!(read.scopes().collect::<Vec<_>>(), ["reports:read", "5:a b"]);
    assert_eq!(read.roles().collect::<Vec<_>>(), ["user", "é"]);
    let claims: Option<serde_json::Value> = read.claims().expect("claims that are not JSON");
    assert_eq!(claims, Some(serde_json::json!({ "tenant": 7 })));
    assert_eq!((read.client_id(), read.is_client()), (Some("web"), false));
    let actors = [Actor::new("gateway").issuer("https://id.example"), Actor::new("böb")];
    assert!(read.actors().eq(actors));
    assert!(read.to_bytes() == golden[..], "other bytes were written again");

    let built = Identity::builder(Principal::new("https://id.example", "zoë"))
        .acr("urn:loa:2")
        .amr("pwd")
        .amr("otp")
        .scopes(["reports:read", "5:a b"])
        .roles(["user", "é"])
        .claims(&serde_json::json!({ "tenant": 7 }))
        .expect("claims that are not JSON")
        .client_id("web")
        .actor(actors[0])
        .actor(actors[1])
        .build();
    assert!(built.to_bytes() == golden[..], "other bytes were written");
}

#[test]
fn identity_1_client() {
    let golden = golden!("identity-1-client");
    let read = Identity::from_bytes(&golden, Authentication::by(AuthMethod::Bearer))
        .expect("not an identity");
    let worker = Principal::client("https://id.example", "worker");
    assert!(read.principal() == worker);
    let built = Identity::builder(worker).scope("jobs:run").client_id("worker").build();
    assert!(read.same_principal(&built));
    assert!(built.to_bytes() == golden[..], "other bytes were written");
}

#[test]
fn identity_1_least() {
    let golden = golden!("identity-1-least");
    let read = Identity::from_bytes(&golden, Authentication::by(AuthMethod::Session))
        .expect("not an identity");
    assert!(read.same_principal(&Identity::local("alice").build()));
    assert!(Identity::local("alice").build().to_bytes() == golden[..], "other bytes were written");
}

/// A tombstone is invalid if it is truncated anywhere or has trailing bytes; so is an identity.
#[test]
fn what_is_cut_short_is_not_taken() {
    let tombstone = golden!("tombstone-1-kicked");
    let identity = golden!("identity-1-full");
    let read = |bytes: &[u8]| Identity::from_bytes(bytes, Authentication::by(AuthMethod::Session));
    assert!((0..tombstone.len()).all(|len| Tombstone::from_bytes(&tombstone[..len]).is_none()));
    assert!((0..identity.len()).all(|len| read(&identity[..len]).is_none()));
    assert!(Tombstone::from_bytes(&[&tombstone[..], b"x"].concat()).is_none());
    assert!(read(&[&identity[..], b"x"].concat()).is_none());
}
