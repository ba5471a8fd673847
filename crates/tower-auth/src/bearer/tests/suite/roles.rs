//! Tests of the claims that hold a token's roles.

use serde_json::{Value, json};
use tower_auth_test::EventLog;

use super::forge::{adding, with};
use super::*;

async fn roles(layer: &BearerJwtLayer, changes: Value) -> Vec<String> {
    let alice = identity(layer, &with(changes)).await.expect("roles refuse no token");
    alice.roles().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_claims_name_is_literal() {
    let url = "https://app.example/roles";
    let layer = shared().roles_claim(url).build().unwrap();
    assert_eq!(roles(&layer, json!({ url: ["a"] })).await, ["a"]);
    let layer = shared().roles_claim("realm_access.roles").build().unwrap();
    assert_eq!(roles(&layer, json!({ "realm_access.roles": ["a"] })).await, ["a"]);
    let nested = json!({ "realm_access": { "roles": ["a"] } });
    assert!(roles(&layer, nested).await.is_empty());
}

#[tokio::test]
async fn a_path_leads_into_claims() {
    let layer = shared().roles_path(["resource_access", "api", "roles"]).build().unwrap();
    let nested = |value: Value| json!({ "resource_access": { "web": 1, "api": value, "x": [] } });
    for (changes, expected) in [
        (nested(json!({ "roles": ["a", "b c"], "other": ["z"] })), &["a", "b c"][..]),
        (nested(json!({ "roles": "a b" })), &["a b"]),
        (nested(json!({ "roles": ["a", 1] })), &[]),
        (nested(json!({ "roles": { "a": 1 } })), &[]),
        (nested(json!({ "roles": null })), &[]),
        (nested(json!({})), &[]),
        (nested(json!("roles")), &[]),
        (nested(json!([{ "roles": ["a"] }])), &[]),
        (json!({ "resource_access": ["a"] }), &[]),
        (json!({ "resource_access": "a" }), &[]),
        (json!({ "resource_access": { "roles": ["a"] } }), &[]),
        (json!({ "roles": ["a"] }), &[]),
        (json!({}), &[]),
    ] {
        assert_eq!(roles(&layer, changes.clone()).await, expected, "{changes}");
    }
    let twice = adding(r#""resource_access":{"api":{},"api":{"roles":["a"]}}"#);
    assert_refused(&present(&layer, &twice).await, "a member twice on the way");
    // A path of one step is a claim, even if its name has dots. The last call of both setters
    // counts.
    let one = shared().roles_claim("x").roles_path(["a.b"]).build().unwrap();
    assert_eq!(roles(&one, json!({ "a.b": ["a"], "x": ["b"] })).await, ["a"]);
    let one = shared().roles_path(["a", "b"]).roles_claim("x").build().unwrap();
    assert_eq!(roles(&one, json!({ "a": { "b": ["a"] }, "x": ["b"] })).await, ["b"]);
}

#[tokio::test]
async fn members_are_roles_only_on_request() {
    let object = json!({ "admin": { "org": "1" }, "user": true, "guest": false, "none": null });
    let layer = shared().build().unwrap();
    assert!(roles(&layer, json!({ "roles": object })).await.is_empty());
    let layer = shared().roles_from_members().build().unwrap();
    assert_eq!(roles(&layer, json!({ "roles": object })).await, ["admin", "user"]);
    assert_eq!(roles(&layer, json!({ "roles": ["a", "b"] })).await, ["a", "b"]);
    assert_eq!(roles(&layer, json!({ "roles": "a" })).await, ["a"]);
    assert!(roles(&layer, json!({ "roles": [{ "a": true }] })).await.is_empty());
    let layer = shared().roles_path(["x", "y"]).roles_from_members().build().unwrap();
    assert_eq!(roles(&layer, json!({ "x": { "y": object, "z": { "q": 1 } } })).await.len(), 2);
    assert!(roles(&layer, json!({ "x": object })).await.is_empty());
}

#[tokio::test]
async fn a_field_of_objects_in_an_array_is_a_role() {
    let layer = shared().roles_field("name").build().unwrap();
    let named = |value: Value| json!({ "roles": value });
    for (changes, expected) in [
        (json!([{ "name": "a", "id": 1 }, { "id": 2, "name": "b c" }]), &["a", "b c"][..]),
        (json!([{ "name": "a" }, "b"]), &["a", "b"]),
        (json!(["a", "b"]), &["a", "b"]),
        (json!("a"), &["a"]),
        (json!([{ "name": "a" }, {}]), &[]),
        (json!([{ "name": "a" }, { "name": 1 }]), &[]),
        (json!([{ "name": "a" }, { "name": ["b"] }]), &[]),
        (json!([{ "name": "a" }, { "name": null }]), &[]),
        (json!([{ "name": "a" }, [{ "name": "b" }]]), &[]),
        (json!([{ "Name": "a" }]), &[]),
        (json!([{ "x": { "name": "a" } }]), &[]),
        (json!({ "name": "a" }), &[]),
        (json!([]), &[]),
    ] {
        assert_eq!(roles(&layer, named(changes.clone())).await, expected, "{changes}");
    }
    let plain = shared().build().unwrap();
    assert!(roles(&plain, named(json!([{ "name": "a" }]))).await.is_empty());
    let deep = shared().roles_path(["x", "y"]).roles_field("name").build().unwrap();
    assert_eq!(roles(&deep, json!({ "x": { "y": [{ "name": "a" }] } })).await, ["a"]);
    assert!(roles(&deep, json!({ "x": [{ "name": "a" }] })).await.is_empty());
    let both = shared().roles_from_members().roles_field("name").build().unwrap();
    assert_eq!(roles(&both, named(json!({ "a": {} }))).await, ["a"]);
    assert_eq!(roles(&both, named(json!([{ "name": "a" }]))).await, ["a"]);
    let twice = adding(r#""roles":[{"name":"a","name":"b"}]"#);
    assert_refused(&present(&layer, &twice).await, "a member twice in an item");
    let nameless = shared().roles_field("").build().unwrap_err();
    assert_eq!(nameless, BearerConfigError::ClaimName("roles_field"));
}

#[tokio::test]
async fn a_dotted_name_that_no_token_has_is_reported_once() {
    async fn reports(builder: BearerJwtLayerBuilder, tokens: &[Value]) -> Vec<String> {
        let log = EventLog::new();
        let layer = builder.settings(&super::heard_by(&log)).build().unwrap();
        for changes in tokens {
            identity(&layer, &with(changes.clone())).await;
        }
        let mut lines = log.take();
        lines.retain(|line| line.contains("bearer_roles_missing"));
        lines
    }
    let nested = json!({ "realm_access": { "roles": ["a"] } });
    let dotted = || shared().roles_claim("realm_access.roles");
    let times = |count| vec![nested.clone(); count];
    let lines = reports(dotted(), &times(40)).await;
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert!(line.starts_with("WARN bearer_roles_missing BearerJwtLayer"), "{line}");
    assert!(line.contains(r#"roles_path(["realm_access", "roles"])"#), "{line}");

    let literal = json!({ "realm_access.roles": [] });
    // The first tokens may belong to a user without roles.
    let late = [times(31), vec![literal.clone()], times(40)].concat();
    for (name, tokens) in [
        ("the name is right", (dotted(), [vec![literal], times(40)].concat())),
        ("few tokens say nothing", (dotted(), times(31))),
        ("one of them has it", (dotted(), late)),
        ("a token that is refused says nothing", (dotted(), vec![json!({ "exp": 1 }); 40])),
        ("a path", (shared().roles_path(["realm_access", "roles"]), times(40))),
        ("a path of one step", (shared().roles_path(["realm_access.roles"]), times(40))),
        ("a URL", (shared().roles_claim("https://a.example/roles"), times(40))),
        ("no dots", (shared().roles_claim("groups"), times(40))),
        ("the default", (shared(), times(40))),
    ] {
        let (builder, tokens) = tokens;
        assert!(reports(builder, &tokens).await.is_empty(), "{name}");
    }
}
