//! Bearer tokens: never a panic, never 5xx, and only tokens that are signed with the right key and
//! have valid claims are accepted.
//!
//! The first byte of an input selects the mode:
//!
//! - 0: the rest is the token;
//! - 1: a minted token, chosen by the next byte, with edits of three bytes each (place, place,
//!   byte);
//! - 2: header and claims, separated by 0xFF, with a valid signature: the layer must judge them
//!   itself.
#![no_main]

use std::sync::LazyLock;

use http::HeaderValue;
use serde_json::Value;
use tower_auth_fuzz::{AUDIENCE, Fixture, ISSUER, NOW, SEPARATOR, hs256, send, unique};

static FIXTURE: LazyLock<Fixture> = LazyLock::new(Fixture::new);

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((mode, data)) = data.split_first() else { return };
    match mode % 3 {
        0 => unsigned(data),
        1 => edited(data),
        _ => signed(data),
    }
});

fn line(token: &[u8]) -> Option<HeaderValue> {
    HeaderValue::from_bytes(&[b"Bearer ", token].concat()).ok()
}

fn unsigned(token: &[u8]) {
    let Some(line) = line(token) else { return };
    let ours = FIXTURE.minted.iter().any(|it| it.as_bytes() == token);
    let outcome = send(&FIXTURE.layer, &[line]);
    assert_eq!(outcome.identity().is_some(), ours);
    assert_eq!(outcome.status == 200, ours, "a token is valid, or the request is refused");
}

fn edited(data: &[u8]) {
    let Some((which, edits)) = data.split_first() else { return };
    let mut token = FIXTURE.minted[*which as usize % FIXTURE.minted.len()].clone().into_bytes();
    for edit in edits.chunks_exact(3) {
        let at = usize::from(u16::from_le_bytes([edit[0], edit[1]]));
        match at % (token.len() + 1) {
            end if end == token.len() => token.push(edit[2]),
            // The upper bits of the place insert or remove a byte.
            at if edit[1] & 0x80 == 0 => token[at] = edit[2],
            at if edit[1] & 0x40 == 0 => token.insert(at, edit[2]),
            at => drop(token.remove(at)),
        }
        if token.is_empty() {
            break;
        }
    }
    unsigned(&token);
}

fn signed(data: &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == SEPARATOR);
    let header_text = parts.next().unwrap_or_default();
    let claims_text = parts.next().unwrap_or_default();
    let Some(line) = line(hs256(header_text, claims_text).as_bytes()) else { return };
    let outcome = send(&FIXTURE.layer, &[line]);
    let Some(identity) = outcome.identity() else {
        assert_eq!(outcome.status, 401);
        return;
    };
    // A second JSON reader must read the same values.
    let header: Value = serde_json::from_slice(header_text).expect("an accepted header is JSON");
    let claims: Value = serde_json::from_slice(claims_text).expect("accepted claims are JSON");
    assert!(unique(header_text) && unique(claims_text), "a repeated member is accepted");
    assert_eq!(header["alg"], "HS256");
    assert!(header.get("kid").is_none_or(|kid| kid == "hs"));
    assert!(header.get("crit").is_none() && header.get("b64").is_none());
    let typ = header.get("typ").map(|typ| typ.as_str().expect("a text").to_ascii_lowercase());
    assert!(typ.is_none_or(|typ| ["jwt", "at+jwt", "application/at+jwt"].contains(&&*typ)));
    assert_eq!(claims["iss"], ISSUER);
    match &claims["aud"] {
        Value::Array(all) => {
            assert!(all.iter().all(Value::is_string) && all.iter().any(|it| it == AUDIENCE));
        }
        one => assert_eq!(one, AUDIENCE),
    }
    assert_eq!(claims["sub"], identity.subject());
    assert!(!identity.subject().is_empty());
    assert_eq!(identity.issuer(), ISSUER);
    let leeway = 60.0;
    let now = NOW as f64;
    let number = |name: &str| claims.get(name).map(|it| it.as_f64().expect("a number"));
    assert!(number("exp").expect("exp") > now - leeway);
    assert!(number("nbf").is_none_or(|nbf| nbf <= now + leeway));
    assert!(number("iat").is_none_or(|iat| iat <= now + leeway));
    assert!(claims.get("cnf").is_none());
    for kind in ["typ", "token_use", "token_type"] {
        let kind = claims.get(kind).map(|kind| kind.as_str().expect("a text").to_ascii_lowercase());
        assert!(kind.is_none_or(|kind| !["id", "refresh", "logout"].contains(&&*kind)));
    }
    if let Some(scope) = claims.get("scope").and_then(Value::as_str) {
        let mut theirs: Vec<_> = scope.split(' ').filter(|it| !it.is_empty()).collect();
        let mut ours: Vec<_> = identity.scopes().collect();
        for list in [&mut theirs, &mut ours] {
            list.sort_unstable();
            list.dedup();
        }
        assert_eq!(ours, theirs);
    }
}
