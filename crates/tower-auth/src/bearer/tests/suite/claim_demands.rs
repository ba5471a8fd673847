//! Claims that the application requires, and those that it refuses.

use serde_json::{Value, json};

use super::forge::{adding, with};
use super::*;
use crate::bearer::token::Fault;

fn fault(layer: &BearerJwtLayer, token: &str) -> Option<Fault> {
    let now = Timestamp::from_unix_seconds(NOW);
    layer.config.check_fixed(token.as_bytes(), now, &mut Vec::new()).err()
}

#[test]
fn a_required_claim_is_exactly_its_value() {
    let layer = shared()
        .require_claim("azp", "web")
        .require_claim("azp", "mobile")
        .require_claim("email_verified", true)
        .require_claim("level", 2)
        .build()
        .unwrap();
    let good = json!({ "azp": "web", "email_verified": true, "level": 2 });
    assert_eq!(fault(&layer, &with(good.clone())), None);
    let changed = |name: &str, value: Value| {
        let mut changes = good.clone();
        changes[name] = value;
        fault(&layer, &with(changes))
    };
    assert_eq!(changed("azp", json!("mobile")), None, "one of two");
    for (name, value) in [
        ("azp", json!(null)),
        ("azp", json!("Web")),
        ("azp", json!("web ")),
        ("azp", json!("")),
        ("email_verified", json!("true")),
        ("email_verified", json!(1)),
        ("email_verified", json!(false)),
        ("level", json!("2")),
        ("level", json!(2.5)),
        ("level", json!([2])),
        ("level", json!(null)),
    ] {
        assert_eq!(changed(name, value.clone()), Some(Fault::Claim), "{name} {value}");
    }
}

#[test]
fn a_required_claim_may_be_one_that_is_read_anyway() {
    for (name, value) in
        [("token_use", "access"), ("client_id", "web"), ("acr", "2"), ("scope", "a b")]
    {
        let layer = shared().require_claim(name, value).build().unwrap();
        assert_eq!(fault(&layer, &with(json!({ name: value }))), None, "{name}");
        assert_eq!(fault(&layer, &with(json!({}))), Some(Fault::Claim), "{name}");
    }
    let any = shared().require_claim("tenant", ClaimValue::Any).build().unwrap();
    for (members, passes) in [("0", true), ("false", true), ("{}", true), ("null", false)] {
        let token = adding(&format!("\"tenant\":{members}"));
        assert_eq!(fault(&any, &token).is_none(), passes, "{members}");
    }
}

#[test]
fn a_refused_claim_is_refused_in_any_spelling() {
    let layer = shared()
        .refuse_claim("nonce", ClaimValue::Any)
        .refuse_claim("kind", "onboarding")
        .build()
        .unwrap();
    for (changes, refused) in [
        (json!({}), false),
        (json!({ "kind": "access" }), false),
        (json!({ "kind": ["a"] }), false),
        (json!({ "kind": "onboarding" }), true),
        (json!({ "kind": "Onboarding" }), true),
        (json!({ "kind": ["a", "ONBOARDING"] }), true),
        (json!({ "nonce": "" }), true),
        (json!({ "nonce": [] }), true),
    ] {
        let expected = refused.then_some(Fault::Kind);
        assert_eq!(fault(&layer, &with(changes.clone())), expected, "{changes}");
    }
    assert_eq!(fault(&layer, &adding("\"nonce\":null")), None);
    // An escaped name is the same name.
    assert_eq!(fault(&layer, &adding("\"\\u006eonce\":1")), Some(Fault::Kind));
}
