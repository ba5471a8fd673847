//! Tests of the claims that hold a token's scopes.

use serde_json::{Value, json};

use super::forge::{adding, with};
use super::*;

async fn scopes(layer: &BearerJwtLayer, changes: Value) -> Vec<String> {
    let alice = identity(layer, &with(changes)).await.expect("scopes refuse no token");
    alice.scopes().map(str::to_owned).collect()
}

#[tokio::test]
async fn jw_26_another_claim_holds_the_scopes() {
    let layer = shared().scopes_claim("permissions").build().unwrap();
    for (changes, expected) in [
        (json!({ "permissions": ["a", "b:c"] }), &["a", "b:c"][..]),
        (json!({ "permissions": " a  b " }), &["a", "b"]),
        // It replaces the defaults.
        (json!({ "permissions": ["a"], "scope": "x", "scp": ["y"] }), &["a"]),
        (json!({ "scope": "x", "scp": ["y"] }), &[]),
        (json!({ "permissions": [], "scope": "x" }), &[]),
        (json!({ "permissions": ["a", 1] }), &[]),
        (json!({ "permissions": { "a": true } }), &[]),
        (json!({ "permissions": 1 }), &[]),
        (json!({ "permissions": [{ "name": "a" }] }), &[]),
    ] {
        assert_eq!(scopes(&layer, changes.clone()).await, expected, "{changes}");
    }
    let scp = shared().scopes_claim("scp").build().unwrap();
    assert_eq!(scopes(&scp, json!({ "scope": "a", "scp": "b" })).await, ["b"]);
    assert!(scopes(&scp, json!({ "scope": "a" })).await.is_empty());
    let scope = shared().scopes_claim("scope").build().unwrap();
    assert_eq!(scopes(&scope, json!({ "scope": "a", "scp": "b" })).await, ["a"]);
    assert!(scopes(&scope, json!({ "scp": "b" })).await.is_empty());
}

#[tokio::test]
async fn scopes_lie_below_a_claim_or_in_objects() {
    let path = shared().scopes_path(["x", "y"]).build().unwrap();
    assert_eq!(scopes(&path, json!({ "x": { "y": "a b", "z": "c" } })).await, ["a", "b"]);
    assert!(scopes(&path, json!({ "x": "a" })).await.is_empty());
    let members = shared().scopes_from_members().build().unwrap();
    let object = json!({ "a": {}, "b": false, "c": null, "d": true });
    assert_eq!(scopes(&members, json!({ "scope": object })).await, ["a", "d"]);
    assert_eq!(scopes(&members, json!({ "scp": object })).await, ["a", "d"]);
    let members = shared().scopes_claim("x").scopes_from_members().build().unwrap();
    assert_eq!(scopes(&members, json!({ "x": object })).await, ["a", "d"]);
    let field = shared().scopes_path(["x", "y"]).scopes_field("name").build().unwrap();
    let array = json!([{ "name": "a" }, { "name": "b c" }]);
    assert_eq!(scopes(&field, json!({ "x": { "y": array } })).await, ["a", "b c"]);
    let field = shared().scopes_field("name").build().unwrap();
    assert_eq!(scopes(&field, json!({ "scope": array })).await, ["a", "b c"]);
    let plain = shared().build().unwrap();
    assert!(scopes(&plain, json!({ "scope": object, "scp": array })).await.is_empty());
}

#[tokio::test]
async fn roles_and_scopes_may_share_a_claim() {
    let layer = shared().roles_path(["x", "roles"]).scopes_path(["x", "scopes"]).build().unwrap();
    let token = with(json!({ "x": { "roles": ["a"], "scopes": ["b", "c"] } }));
    let alice = identity(&layer, &token).await.unwrap();
    assert!(alice.roles().eq(["a"]) && alice.scopes().eq(["b", "c"]));
    let one = shared().roles_claim("x").scopes_claim("x").build().unwrap();
    let alice = identity(&one, &with(json!({ "x": ["a", "b"] }))).await.unwrap();
    assert!(alice.roles().eq(["a", "b"]) && alice.scopes().eq(["a", "b"]));
    for odd in ["null", "1", "1.5e3", "{}", "[1]", "\"\""] {
        let alice = identity(&layer, &adding(&format!("\"x\": {odd} "))).await.unwrap();
        assert_eq!((alice.roles().count(), alice.scopes().count()), (0, 0), "{odd}");
    }
    for (name, value) in [
        ("a member twice", r#"{"roles":["a"],"roles":["b"]}"#.to_owned()),
        ("a member twice beside them", r#"{"y":{"z":1,"\u007a":2}}"#.into()),
        ("nested too deeply", format!("{}{}", "[".repeat(17), "]".repeat(17))),
    ] {
        let token = adding(&format!("\"x\":{value}"));
        assert_refused(&present(&layer, &token).await, name);
    }
}

/// A claim that the application chose for scopes may be in an ID token as well.
#[tokio::test]
async fn jw_24_d50_scopes_elsewhere_mark_no_access_token() {
    let layer = shared().scopes_claim("groups").build().unwrap();
    let id = with(json!({ "at_hash": "x", "groups": ["a"] }));
    assert_refused(&present(&layer, &id).await, "an ID token");
    let access = with(json!({ "at_hash": "x", "groups": ["a"], "scope": "openid" }));
    assert_accepted(&present(&layer, &access).await, "an access token");
}

#[test]
fn scopes_are_not_in_claims_with_another_meaning() {
    for path in
        [&[][..], &["", "x"], &["x", ""], &["aud"], &["client_id"], &["typ"], &["scope", "x"]]
    {
        let error = shared().scopes_path(path.iter().copied()).build().unwrap_err();
        let path = path.iter().map(|it| it.to_string()).collect();
        assert_eq!(error, BearerConfigError::ScopesPath(path));
    }
    let error = shared().scopes_claim("").build().unwrap_err();
    assert_eq!(error, BearerConfigError::ScopesPath(vec!["".into()]));
    let nameless = shared().scopes_field("").build().unwrap_err();
    assert_eq!(nameless, BearerConfigError::ClaimName("scopes_field"));
}
