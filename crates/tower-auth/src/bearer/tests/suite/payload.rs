//! Tests of each claim, with accepted and refused values.

use std::time::Duration;

use serde_json::json;

use super::forge::{self, raw, with};
use super::*;

/// Asserts that the token is accepted, or that it is refused.
async fn check(name: &str, layer: &BearerJwtLayer, token: &str, accepted: bool) {
    let response = present(layer, token).await;
    match accepted {
        true => assert_accepted(&response, name),
        false => assert_refused(&response, name),
    }
}

#[tokio::test]
async fn jw_17_exp_is_needed_and_ends_at_its_second() {
    let strict = shared().leeway(Duration::ZERO).build().unwrap();
    let lenient = shared().build().unwrap();
    for (name, exp, strictly, leniently) in [
        ("none", json!(null), false, false),
        ("in a second", json!(NOW + 1), true, true),
        ("now", json!(NOW), false, true),
        ("in half a second", json!(NOW as f64 + 0.5), true, true),
        ("a minute ago, less a second", json!(NOW - 59), false, true),
        ("a minute ago", json!(NOW - 60), false, false),
        ("a text", json!((NOW + 300).to_string()), false, false),
        ("an array", json!([NOW + 300]), false, false),
        ("true", json!(true), false, false),
        ("zero", json!(0), false, false),
        ("negative", json!(-1), false, false),
        ("very far", json!(u64::MAX), true, true),
        ("very far, as a float", json!(1e300), true, true),
    ] {
        let token = with(json!({ "exp": exp }));
        check(name, &strict, &token, strictly).await;
        check(name, &lenient, &token, leniently).await;
    }
    let layer = shared().build().unwrap();
    let null = forge::good().replace(&(NOW + 300).to_string(), "null");
    check("null", &layer, &raw(&null), false).await;
}

#[tokio::test]
async fn jw_18_d13_nbf_and_iat_are_honoured() {
    let strict = shared().leeway(Duration::ZERO).build().unwrap();
    let lenient = shared().build().unwrap();
    for claim in ["nbf", "iat"] {
        for (name, value, strictly, leniently) in [
            ("now", json!(NOW), true, true),
            ("in a second", json!(NOW + 1), false, true),
            ("in a minute", json!(NOW + 60), false, true),
            ("in 61 seconds", json!(NOW + 61), false, false),
            ("a fraction", json!(NOW as f64 - 0.25), true, true),
            ("a text", json!(NOW.to_string()), false, false),
            ("an object", json!({}), false, false),
            ("before the epoch", json!(-5), true, true),
        ] {
            let token = with(json!({ claim: value }));
            check(&format!("{claim} {name}"), &strict, &token, strictly).await;
            check(&format!("{claim} {name}"), &lenient, &token, leniently).await;
        }
        let null = forge::good().replace("{", &format!("{{\"{claim}\":null,"));
        check("null is not absent", &lenient, &raw(&null), false).await;
    }
}

#[tokio::test]
async fn jw_19_d13_the_audience_is_needed_and_exact() {
    let one = shared().build().unwrap();
    let two = shared().audience("https://other.example").build().unwrap();
    for (name, aud, by_one, by_two) in [
        ("none", json!(null), false, false),
        ("it", json!(AUDIENCE), true, true),
        ("after another", json!(["x", AUDIENCE]), true, true),
        ("before another", json!([AUDIENCE, "x"]), true, true),
        ("the second", json!("https://other.example"), false, true),
        ("a prefix", json!("https://api.exampl"), false, false),
        ("longer", json!("https://api.example/"), false, false),
        ("another case", json!("https://API.example"), false, false),
        ("empty", json!(""), false, false),
        ("no audience", json!([]), false, false),
        ("an object", json!({}), false, false),
        ("an object with it", json!({ AUDIENCE: true }), false, false),
        ("a number", json!(5), false, false),
        ("it and a number", json!([AUDIENCE, 5]), false, false),
        ("it, one deeper", json!([[AUDIENCE]]), false, false),
    ] {
        let token = with(json!({ "aud": aud }));
        check(name, &one, &token, by_one).await;
        check(name, &two, &token, by_two).await;
    }
}

#[tokio::test]
async fn jw_20_d13_the_issuer_is_one_exact_string() {
    let layer = shared().build().unwrap();
    for (name, iss, accepted) in [
        ("it", json!(ISSUER), true),
        ("none", json!(null), false),
        ("a number", json!(5), false),
        ("an array of it", json!([ISSUER]), false),
        ("it among others", json!(["evil", ISSUER]), false),
        ("with a slash", json!("https://id.example/"), false),
        ("another case", json!("https://ID.example"), false),
        ("with a space", json!(" https://id.example"), false),
        ("empty", json!(""), false),
    ] {
        check(name, &layer, &with(json!({ "iss": iss })), accepted).await;
    }
}

#[tokio::test]
async fn jw_21_the_principal_is_issuer_and_subject() {
    let layer = shared().build().unwrap();
    let alice = identity(&layer, &with(json!({ "email": "bob@x" }))).await.unwrap();
    assert_eq!((alice.issuer(), alice.subject()), (ISSUER, "alice"));
    for (name, sub) in [
        ("none", json!(null)),
        ("empty", json!("")),
        ("a number", json!(7)),
        ("an array", json!(["alice"])),
    ] {
        check(name, &layer, &with(json!({ "sub": sub, "email": "alice" })), false).await;
    }
}

#[tokio::test]
async fn jw_22_jw_23_the_profile_of_rfc_9068() {
    let layer = shared().profile(Profile::Rfc9068).build().unwrap();
    let full = json!({ "client_id": "web", "iat": NOW, "jti": "1" });
    let token = |typ: &str, changes| {
        forge::hs(&format!(r#"{{"alg":"HS256"{typ}}}"#), &forge::claims(changes))
    };
    for (name, typ, accepted) in [
        ("at+jwt", r#","typ":"at+jwt""#, true),
        ("the long form", r#","typ":"application/at+jwt""#, true),
        ("another case", r#","typ":"AT+JWT""#, true),
        ("JWT", r#","typ":"JWT""#, false),
        ("none", "", false),
        ("with a space", r#","typ":"at+jwt ""#, false),
    ] {
        check(name, &layer, &token(typ, full.clone()), accepted).await;
    }
    for claim in ["client_id", "iat", "jti", "iss", "exp", "aud", "sub"] {
        let mut changes = full.clone();
        changes[claim] = json!(null);
        check(claim, &layer, &token(r#","typ":"at+jwt""#, changes), false).await;
    }
    for claim in ["client_id", "jti"] {
        let mut changes = full.clone();
        changes[claim] = json!(1);
        check(claim, &layer, &token(r#","typ":"at+jwt""#, changes.clone()), false).await;
        // Known claims must have the right type under the other profile too.
        check(claim, &shared().build().unwrap(), &with(changes), false).await;
    }
}

#[tokio::test]
async fn jw_24_other_kinds_of_tokens_are_refused() {
    let layer = shared().build().unwrap();
    for (name, changes) in [
        ("an ID token", json!({ "at_hash": "x" })),
        ("an ID token of the hybrid flow", json!({ "c_hash": "x" })),
        (
            "a logout token",
            json!({ "events": { "http://schemas.openid.net/event/backchannel-logout": {} } }),
        ),
    ] {
        check(name, &layer, &with(changes), false).await;
    }
    let proof = json!({ "htm": "GET", "htu": "https://api.example/", "jti": "1", "iat": NOW });
    let proof = forge::hs(r#"{"alg":"HS256","typ":"dpop+jwt"}"#, &proof.to_string());
    check("a DPoP proof", &layer, &proof, false).await;
}

#[tokio::test]
async fn jw_25_unknown_claims_are_ignored() {
    let layer = shared().build().unwrap();
    let changes =
        json!({ "https://x/y": { "a": [1, null, { "b": true }] }, "ö": 1.5e3, "nonce": 7 });
    check("unknown", &layer, &with(changes), true).await;
}

#[tokio::test]
async fn jw_26_scopes_and_roles() {
    let layer = shared().build().unwrap();
    let scopes = async |changes| {
        let identity = identity(&layer, &with(changes)).await?;
        Some(identity.scopes().map(str::to_owned).collect::<Vec<_>>())
    };
    let some = |list: &[&str]| Some(list.iter().map(|it| it.to_string()).collect::<Vec<_>>());
    assert_eq!(scopes(json!({ "scope": "a b:c" })).await, some(&["a", "b:c"]));
    assert_eq!(scopes(json!({ "scope": " a  b " })).await, some(&["a", "b"]));
    assert_eq!(scopes(json!({ "scope": "" })).await, some(&[]));
    assert_eq!(scopes(json!({ "scope": "a\tb" })).await, some(&["a\tb"]));
    assert_eq!(scopes(json!({ "scp": "a b" })).await, some(&["a", "b"]));
    assert_eq!(scopes(json!({ "scp": ["a", "b c"] })).await, some(&["a", "b c"]));
    assert_eq!(scopes(json!({ "scope": "a", "scp": ["b"] })).await, some(&["a"]));
    assert_eq!(scopes(json!({ "scope": ["a", "b"] })).await, some(&["a", "b"]));
    for empty in [json!(""), json!(" "), json!([]), json!([""]), json!(["", " "]), json!(null)] {
        let beside = json!({ "scope": empty, "scp": ["a"] });
        assert_eq!(scopes(beside).await, some(&["a"]), "{empty}");
        assert_eq!(scopes(json!({ "scope": empty })).await, some(&[]), "{empty}");
        assert_eq!(scopes(json!({ "scope": "a", "scp": empty })).await, some(&["a"]), "{empty}");
    }
    assert_eq!(scopes(json!({ "scp": [1] })).await, some(&[]));

    let roles = async |layer: &BearerJwtLayer, changes| {
        let identity = identity(layer, &with(changes)).await?;
        Some(identity.roles().map(str::to_owned).collect::<Vec<_>>())
    };
    let groups = shared().roles_claim("groups").build().unwrap();
    assert_eq!(roles(&layer, json!({ "roles": ["a", "b c"] })).await, some(&["a", "b c"]));
    assert_eq!(roles(&layer, json!({ "roles": "a b" })).await, some(&["a b"]));
    assert_eq!(roles(&layer, json!({ "roles": { "a": 1 } })).await, some(&[]));
    assert_eq!(roles(&groups, json!({ "groups": ["a"], "roles": ["b"] })).await, some(&["a"]));
    assert_eq!(roles(&groups, json!({ "roles": { "a": 1 } })).await, some(&[]));
}

#[tokio::test]
async fn the_proof_says_how_when_and_until_when() {
    let layer = shared().build().unwrap();
    let changes = json!({ "acr": "2", "amr": ["pwd", "otp"], "auth_time": NOW - 100 });
    let alice = identity(&layer, &with(changes)).await.unwrap();
    assert_eq!(alice.acr(), Some("2"));
    assert_eq!(alice.amr().collect::<Vec<_>>(), ["pwd", "otp"]);
    let proof = alice.authentication();
    assert_eq!(proof.method, tower_auth_core::AuthMethod::Bearer);
    assert_eq!(proof.authenticated_at, Some(Timestamp::from_unix_seconds(NOW - 100)));
    assert_eq!(proof.expires_at, Some(Timestamp::from_unix_seconds(NOW + 300)));
}

#[tokio::test]
async fn dp_03_a_token_bound_to_a_key_is_refused() {
    let layer = shared().build().unwrap();
    for cnf in [json!({ "jkt": "x" }), json!({ "x5t#S256": "x" }), json!({}), json!(1)] {
        check("cnf", &layer, &with(json!({ "cnf": cnf })), false).await;
    }
}
