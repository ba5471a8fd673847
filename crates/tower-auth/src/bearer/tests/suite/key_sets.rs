//! Tests of key sets: the keys that are used, those that are not, and the messages about both.

use serde_json::{Value, json};
use tower_auth_test::EventLog;

use super::forge::{self, b64, good};
use super::*;

fn set(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

fn es(kid: &str) -> Value {
    serde_json::from_str(&forge::ec().jwk(kid)).unwrap()
}

fn other_es(kid: &str) -> Value {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    json!({ "kty": "EC", "crv": "P-256", "kid": kid, "x": b64(x), "y": b64(y) })
}

fn rsa(kid: &str, alg: &str) -> Value {
    serde_json::from_str(&forge::rsa().jwk(kid, alg)).unwrap()
}

fn both() -> BearerJwtLayerBuilder {
    bare().algorithms([Algorithm::ES256, Algorithm::RS256])
}

fn es_token() -> String {
    forge::ec().token(r#"{"alg":"ES256","kid":"1"}"#, &good())
}

/// Keys of different types may share a `kid` (RFC 7517, 4.5).
#[tokio::test]
async fn a_kid_may_stand_twice_if_it_names_one_usable_key() {
    let with = |name: &str, value: Value| {
        let mut jwk = other_es("1");
        jwk[name] = value;
        jwk
    };
    for (name, other) in [
        ("another use", with("use", json!("enc"))),
        ("another operation", with("key_ops", json!(["deriveKey"]))),
        ("another algorithm", rsa("1", "PS256")),
        ("another algorithm that is used", rsa("1", "RS256")),
        ("another type", json!({ "kty": "OKP", "crv": "X25519", "kid": "1", "x": "AA" })),
        ("broken", json!({ "kty": "EC", "crv": "P-256", "kid": "1", "x": "AA", "y": "AA" })),
        ("the same key", es("1")),
    ] {
        for keys in [[es("1"), other.clone()], [other.clone(), es("1")]] {
            let layer = both().jwk_set(set(&keys)).build().unwrap();
            assert_accepted(&present(&layer, &es_token()).await, name);
        }
    }
    // Each algorithm finds its own key.
    let layer = both().jwk_set(set(&[es("1"), rsa("1", "RS256")])).build().unwrap();
    let token = forge::rsa().token(r#"{"alg":"RS256","kid":"1"}"#, &good());
    assert_accepted(&present(&layer, &token).await, "RS256");
}

#[tokio::test]
async fn two_different_usable_keys_of_one_name_are_refused() {
    let twice = BearerConfigError::DuplicateKid("1".into());
    let error = both().jwk_set(set(&[es("1"), other_es("1")])).build().unwrap_err();
    assert_eq!(error, twice);
    let two_sets = both().jwk_set(set(&[es("1")])).jwk_set(set(&[other_es("1")]));
    assert_eq!(two_sets.build().unwrap_err(), twice);
    let pem = Key::from_pem(Algorithm::ES256, forge::ec().pem()).kid("1");
    let beside = both().key(pem.clone()).jwk_set(set(&[other_es("1")]));
    assert_eq!(beside.build().unwrap_err(), twice);
    // The same key in two notations counts once, also without a name.
    let layer = both().key(pem).jwk_set(set(&[es("1")])).build().unwrap();
    assert_accepted(&present(&layer, &es_token()).await, "PEM and JWK");
    let mut nameless = es("1");
    nameless.as_object_mut().unwrap().remove("kid");
    let layer = both().jwk_set(set(&[nameless.clone(), nameless])).build().unwrap();
    let token = forge::ec().token(r#"{"alg":"ES256"}"#, &good());
    assert_accepted(&present(&layer, &token).await, "one nameless key, twice");
    let secrets = [[7; 32], [8; 32]].map(|it| json!({ "kty": "oct", "kid": "1", "k": b64(it) }));
    let error = bare().algorithms([Algorithm::HS256]).jwk_set(set(&secrets)).build().unwrap_err();
    assert_eq!(error, twice);
}

#[tokio::test]
async fn null_and_empty_members_are_absent() {
    for (name, value) in [
        ("d", json!(null)),
        ("d", json!("")),
        ("p", json!(null)),
        ("oth", json!([])),
        ("oth", json!(null)),
        ("k", json!(null)),
        ("use", json!(null)),
        ("use", json!("")),
        ("alg", json!(null)),
        ("alg", json!("")),
        ("key_ops", json!(null)),
        ("key_ops", json!([])),
    ] {
        let mut jwk = es("1");
        jwk[name] = value.clone();
        let layer = both().jwk_set(set(&[jwk.clone()])).build();
        let layer = layer.unwrap_or_else(|error| panic!("{name} {value}: {error}"));
        assert_eq!(layer.skipped_keys(), 0, "{name} {value}");
        assert_accepted(&present(&layer, &es_token()).await, name);
        assert!(both().key(Key::from_jwk(jwk.to_string())).build().is_ok(), "{name} {value}");
    }
    for (name, value) in [("d", json!("AA")), ("oth", json!([{}])), ("d", json!(5))] {
        let mut jwk = es("1");
        jwk[name] = value;
        let text = both().jwk_set(set(&[jwk])).build().unwrap_err().to_string();
        assert!(text.contains("private key") && text.contains("\"1\""), "{text}");
    }
    // A key whose name is null has no name.
    for kid in [json!(null), json!("")] {
        let mut jwk = es("1");
        jwk["kid"] = kid;
        let layer = both().jwk_set(set(&[jwk])).build().unwrap();
        assert_accepted(&present(&layer, &es_token()).await, "the only key, without a name");
    }
}

#[test]
fn jw_02_keys_that_name_no_alg_and_fit_several_are_named() {
    let nameless = |kid: &str| {
        let mut jwk = forge::rsa().jwk_without_alg();
        jwk["kid"] = kid.into();
        jwk
    };
    let several = || bare().algorithms([Algorithm::RS256, Algorithm::RS384, Algorithm::ES256]);
    let error = several().jwk_set(set(&[nameless("a"), nameless("b")])).build().unwrap_err();
    let text = error.to_string();
    for part in ["2 keys", "\"a\", \"b\"", "names no \"alg\"", "several of the .algorithms"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let error = several().key(Key::from_jwk(nameless("a").to_string())).build().unwrap_err();
    let text = error.to_string();
    assert!(text.contains("\"a\"") && text.contains("names no \"alg\""), "{text}");

    // If there are other keys, the event reports it.
    let log = EventLog::new();
    let keys = set(&[nameless("a"), es("1"), json!({ "kty": "EC", "use": "enc" }), json!(7)]);
    let layer = several().settings(&super::heard_by(&log)).jwk_set(keys).build().unwrap();
    assert_eq!(layer.skipped_keys(), 3);
    let lines = log.take();
    let [line] = &lines[..] else { panic!("{lines:?}") };
    for part in [
        "WARN bearer_keys_skipped BearerJwtLayer",
        "\"a\": names no \"alg\"",
        "#3: is for another use",
        "#4: is not a JSON object",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
}

#[test]
fn many_skipped_keys_make_no_long_message() {
    let keys: Vec<Value> =
        (0..1000).map(|at| json!({ "kty": "RSA", "kid": at.to_string(), "use": "enc" })).collect();
    let text = both().jwk_set(set(&keys)).build().unwrap_err().to_string();
    assert!(text.contains("1000 keys") && text.contains("and 992 more"), "{text}");
    assert!(text.len() < 400, "{text}");
}

#[test]
fn what_is_no_key_set_is_called_what_it_is() {
    let good = set(&[es("1")]);
    for (text, words) in [
        (r#"{"keys":[]}"#.into(), &["jwk_set 1", "has no keys"][..]),
        ("<!DOCTYPE html>\n<html></html>".into(), &["HTML", "address"]),
        ("\n  <html>".into(), &["HTML"]),
        (format!("\u{feff}{good}"), &["byte order mark"]),
        ("".into(), &["is empty"]),
        (" \n".into(), &["is empty"]),
        ("[]".into(), &["array"]),
        ("{}".into(), &["not a JWK set"]),
        ("null".into(), &["not a JWK set"]),
        (r#"{"keys":{}}"#.into(), &["\"keys\"", "not an array"]),
        (r#"{"jwks_uri":"https://id.example/jwks"}"#.into(), &["metadata", "jwks_uri"]),
        (es("1").to_string(), &["one key", ".key"]),
        (forge::ec().pem(), &["PEM", "from_pem"]),
        (format!("{good}x"), &["not valid JSON", "line 1"]),
        (good[..good.len() - 1].into(), &["truncated"]),
        (r#"{"keys":[],"keys":[]}"#.into(), &["duplicate"]),
        ("not found".into(), &["not valid JSON"]),
    ] {
        let error = both().jwk_set(text.as_str()).build().unwrap_err();
        let said = error.to_string();
        assert!(matches!(error, BearerConfigError::JwkSet { position: 1, .. }), "{text}: {said}");
        for word in words {
            assert!(said.contains(word), "{text}: {said}");
        }
    }
    // An empty set is not an error if there are other keys.
    let key = Key::from_pem(Algorithm::ES256, forge::ec().pem());
    assert!(both().key(key).jwk_set(r#"{"keys":[]}"#).build().is_ok());
    let error = both().key(Key::from_jwk(good)).build().unwrap_err().to_string();
    assert!(error.contains(".jwk_set"), "{error}");
}

/// The cost does not grow quadratically: comparing each pair of keys would take 200 million
/// comparisons.
#[tokio::test]
async fn twenty_thousand_keys_are_a_set_like_another() {
    let keys: Vec<Value> = (0..20_000)
        .map(|at| json!({ "kty": "oct", "kid": format!("key {at}"), "k": b64(key(at)) }))
        .collect();
    fn key(at: u32) -> [u8; 32] {
        let mut key = [7; 32];
        key[..4].copy_from_slice(&at.to_be_bytes());
        key
    }
    let layer = bare().algorithms([Algorithm::HS256]).jwk_set(set(&keys)).build().unwrap();
    for at in [0, 1, 9_999, 19_999] {
        let input = forge::input(&format!(r#"{{"alg":"HS256","kid":"key {at}"}}"#), &good());
        let right = forge::hmac_with(aws_lc_rs::hmac::HMAC_SHA256, &key(at), &input);
        assert_accepted(&present(&layer, &forge::join(&input, right)).await, "its own key");
        let wrong = forge::hmac_with(aws_lc_rs::hmac::HMAC_SHA256, &key(at + 1), &input);
        assert_refused(&present(&layer, &forge::join(&input, wrong)).await, "another's");
    }
    let twice = [keys, vec![json!({ "kty": "oct", "kid": "key 5", "k": b64([9; 32]) })]].concat();
    let error = bare().algorithms([Algorithm::HS256]).jwk_set(set(&twice)).build().unwrap_err();
    assert_eq!(error, BearerConfigError::DuplicateKid("key 5".into()));
}
