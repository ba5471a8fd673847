//! Unusual but valid tokens.

use serde_json::json;

use super::forge::{self, claims, good, raw, with};
use super::*;

#[tokio::test]
async fn unusual_but_valid_tokens_are_accepted() {
    let layer = everything().build().unwrap();
    let named = |header: &str| forge::hs(header, &good());
    let es = |payload: &str| forge::ec().token(r#"{"alg":"ES256","kid":"es"}"#, payload);
    let order = format!(
        r#"{{"exp":{},"sub":"alice","aud":["a","{AUDIENCE}"],"iss":"{ISSUER}"}}"#,
        NOW + 300
    );
    let tokens = [
        ("RS256", forge::rsa().token(r#"{"alg":"RS256","kid":"rs"}"#, &good())),
        ("ES256", es(&good())),
        ("EdDSA", forge::ed().token(r#"{"alg":"EdDSA","kid":"ed"}"#, &good())),
        ("Ed25519, the newer name", forge::ed().token(r#"{"alg":"Ed25519","kid":"ed"}"#, &good())),
        ("no kid, one key for it", forge::ed().token(r#"{"alg":"EdDSA"}"#, &good())),
        ("alg with escapes", named(r#"{"\u0061lg":"HS\u003256","kid":"hs"}"#)),
        ("typ in another case", named(r#"{"alg":"HS256","kid":"hs","typ":"Application/AT+jwt"}"#)),
        (
            "jwk of another party",
            named(r#"{"alg":"HS256","kid":"hs","jwk":{"kty":"oct","k":"AA"}}"#),
        ),
        ("jku and x5u", named(r#"{"alg":"HS256","kid":"hs","jku":"http://evil/","x5u":5}"#)),
        ("header with odd members", named(r#"{"alg":"HS256","kid":"hs","é":[{}],"zip":"DEF"}"#)),
        ("header with space", named(" {\n\"alg\" : \"HS256\" ,\"kid\":\"hs\"}\t")),
        ("order and an array", es(&order)),
        ("exp with a fraction", es(&claims(json!({ "exp": NOW as f64 + 0.75 })))),
        ("exp with an exponent", es(&order.replace(&(NOW + 300).to_string(), "1.8e9"))),
        ("sub with escapes", es(&good().replace("alice", "\\u0061lice"))),
        ("nested claims", es(&claims(json!({ "a": { "b": { "c": [1, 2, { "d": null }] } } })))),
        ("emoji", es(&claims(json!({ "name": "👩‍🚀 Zoë \u{202e}", "": 0 })))),
        ("an escaped pair", es(&good().replacen('{', "{\"n\":\"\\ud83d\\ude00\",", 1))),
        ("empty scope", es(&claims(json!({ "scope": "", "roles": [], "amr": [] })))),
        ("numbers", es(&claims(json!({ "n": [0, -1, 1.5, -0.0, 1e300, u64::MAX, i64::MIN] })))),
        ("nbf now, iat now", es(&claims(json!({ "nbf": NOW, "iat": NOW, "jti": "" })))),
        ("same value twice in aud", es(&claims(json!({ "aud": [AUDIENCE, AUDIENCE] })))),
    ];
    assert!(tokens.len() >= 15);
    for (name, token) in tokens {
        assert_accepted(&present(&layer, &token).await, name);
    }
    let layer = shared().build().unwrap();
    assert_accepted(&present(&layer, &with(json!({}))).await, "shared");
    let spaced = raw(&good().replace("\":", "\" :\n "));
    assert_accepted(&present(&layer, &spaced).await, "space between");
    // A key without a name accepts any `kid` if it is the only key for its algorithm.
    let any = forge::hs(r#"{"alg":"HS256","kid":"whatever"}"#, &good());
    assert_accepted(&present(&layer, &any).await, "a kid for a key without one");
}

#[tokio::test]
async fn jw_28_ed25519_is_accepted_under_both_names_and_no_other() {
    let layer = everything().build().unwrap();
    for (alg, is_name) in [("Ed25519", true), ("EdDSA", true), ("ed25519", false), ("Ed448", false)]
    {
        let token = forge::ed().token(&format!(r#"{{"alg":"{alg}","kid":"ed"}}"#), &good());
        let response = present(&layer, &token).await;
        match is_name {
            true => assert_accepted(&response, alg),
            false => assert_refused(&response, alg),
        }
    }
}
