//! `Authorization` lines, separated by line feeds: one bearer credential, a credential of another
//! scheme, or a refusal. Only a minted token authenticates a request.
#![no_main]

use std::sync::LazyLock;

use http::HeaderValue;
use tower_auth_fuzz::{Fixture, send};

static FIXTURE: LazyLock<Fixture> = LazyLock::new(Fixture::new);

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let lines: Option<Vec<_>> = match data {
        [] => Some(Vec::new()),
        _ => data.split(|byte| *byte == b'\n').map(|it| HeaderValue::from_bytes(it).ok()).collect(),
    };
    let Some(lines) = lines else { return };
    let outcome = send(&FIXTURE.layer, &lines);
    let line = match &*lines {
        [] => {
            assert!(matches!(outcome.seen, Some(None)), "no credential was sent");
            return;
        }
        [line] => line.as_bytes(),
        _ => {
            assert_eq!(outcome.status, 400, "several credentials");
            return;
        }
    };
    let scheme = line.get(..6).is_some_and(|it| it.eq_ignore_ascii_case(b"bearer"));
    let token = line.get(6..).filter(|rest| scheme && rest.starts_with(b" "));
    let token =
        token.map(|rest| rest[rest.iter().take_while(|it| **it == b' ').count()..].to_vec());
    let ours =
        token.as_ref().is_some_and(|it| FIXTURE.minted.iter().any(|one| one.as_bytes() == it));
    assert_eq!(outcome.identity().is_some(), ours);
    if token.is_some() {
        assert!(ours || outcome.status != 200, "a request with a bad token is not anonymous");
    }
    if !line.windows(6).any(|it| it.eq_ignore_ascii_case(b"bearer")) {
        assert_eq!(outcome.status, 200, "another scheme is ignored");
    }
});
