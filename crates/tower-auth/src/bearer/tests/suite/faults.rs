//! Clients get the same answer for every bad token. These tests show that each token is refused for
//! its own reason, and that the checks run in the right order.

use serde_json::json;

use super::forge::{self, claims, good, under, with};
use super::*;
use crate::bearer::token::Fault;

fn fault(layer: &BearerJwtLayer, token: &str) -> Option<Fault> {
    let now = Timestamp::from_unix_seconds(NOW);
    layer.config.check_fixed(token.as_bytes(), now, &mut Vec::new()).err()
}

#[test]
fn each_fault_has_its_reason() {
    let layer = everything().max_token_bytes(2000).build().unwrap();
    let hs = |changes| forge::hs(r#"{"alg":"HS256","kid":"hs"}"#, &claims(changes));
    let header = |text: &str| Some(fault(&layer, &under(text)));
    for (expected, token) in [
        (None, hs(json!({}))),
        (Some(Fault::TooLarge), hs(json!({ "x": "x".repeat(2000) }))),
        (Some(Fault::Malformed), "a.b".into()),
        (Some(Fault::Malformed), "a.b.c.d".into()),
        (Some(Fault::Payload), hs(json!({ "jti": 1 }))),
        (Some(Fault::Issuer), hs(json!({ "iss": "x" }))),
        (Some(Fault::Issuer), hs(json!({ "iss": null }))),
        (Some(Fault::Audience), hs(json!({ "aud": "x" }))),
        (Some(Fault::Audience), hs(json!({ "aud": null }))),
        (Some(Fault::Expired), hs(json!({ "exp": NOW - 60 }))),
        (Some(Fault::Expired), hs(json!({ "exp": null }))),
        (Some(Fault::TooEarly), hs(json!({ "nbf": NOW + 61 }))),
        (Some(Fault::TooEarly), hs(json!({ "iat": NOW + 61 }))),
        (Some(Fault::Subject), hs(json!({ "sub": "" }))),
        (Some(Fault::Bound), hs(json!({ "cnf": {} }))),
        (Some(Fault::Kind), hs(json!({ "events": {} }))),
        (Some(Fault::Kind), hs(json!({ "typ": "Refresh" }))),
        (Some(Fault::Payload), hs(json!({ "token_use": ["access"] }))),
    ] {
        assert_eq!(fault(&layer, &token), expected, "{token}");
    }
    for (expected, text) in [
        (Fault::Header, "{}"),
        (Fault::Header, "[]"),
        (Fault::Header, r#"{"alg":"HS256","alg":"HS256"}"#),
        (Fault::Critical, r#"{"alg":"HS256","kid":"hs","crit":["x"]}"#),
        (Fault::Algorithm, r#"{"alg":"none","kid":"hs"}"#),
        (Fault::Algorithm, r#"{"alg":"HS512","kid":"hs"}"#),
        (Fault::Type, r#"{"alg":"HS256","kid":"hs","typ":"x"}"#),
        (Fault::Key, r#"{"alg":"HS256","kid":"x"}"#),
        // A key's name selects no key under another algorithm.
        (Fault::Key, r#"{"alg":"RS256","kid":"hs"}"#),
        (Fault::Key, r#"{"alg":"HS256","kid":"rs"}"#),
        (Fault::Signature, r#"{"alg":"RS256","kid":"rs"}"#),
    ] {
        assert_eq!(header(text), Some(Some(expected)), "{text}");
    }
    let strict = shared().profile(Profile::Rfc9068).build().unwrap();
    let token = forge::hs(r#"{"alg":"HS256","typ":"at+jwt"}"#, &good());
    assert_eq!(fault(&strict, &token), Some(Fault::Profile));
}

#[test]
fn jw_30_the_signature_comes_before_the_claims() {
    let layer = shared().build().unwrap();
    for changes in [json!({ "exp": 1 }), json!({ "iss": 5 }), json!({ "cnf": 1 }), json!({})] {
        let token = with(changes);
        let (input, _) = token.rsplit_once('.').unwrap();
        assert_eq!(fault(&layer, &forge::join(input, [0; 32])), Some(Fault::Signature));
    }
    let input = forge::input(r#"{"alg":"HS256"}"#, "not even JSON");
    assert_eq!(fault(&layer, &forge::join(&input, [0; 32])), Some(Fault::Signature));
}

/// All reasons.
const FAULTS: [Fault; 19] = [
    Fault::TooLarge,
    Fault::Malformed,
    Fault::Header,
    Fault::Critical,
    Fault::Algorithm,
    Fault::Type,
    Fault::Key,
    Fault::Signature,
    Fault::Payload,
    Fault::Issuer,
    Fault::Audience,
    Fault::Expired,
    Fault::TooEarly,
    Fault::Subject,
    Fault::Bound,
    Fault::Kind,
    Fault::Profile,
    Fault::Claim,
    Fault::Claims,
];

#[test]
fn codes_are_words_and_each_its_own() {
    let mut codes: Vec<_> = FAULTS.iter().map(|fault| fault.code()).collect();
    assert!(codes.iter().all(|code| code.starts_with("token_")));
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), FAULTS.len());
}

#[test]
fn the_manual_lists_every_reason() {
    let page = include_str!("../../../manual/events.rs");
    let listed = |code: &str| page.contains(&format!("//! - `{code}`: "));
    for fault in FAULTS {
        assert!(listed(fault.code()), "{}", fault.code());
    }
    assert!(listed("invalid_request") && listed("keys_unavailable"));
}
