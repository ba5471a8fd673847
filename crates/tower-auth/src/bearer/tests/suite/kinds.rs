//! Tests of the marks in a payload that name the kind of token.

use serde_json::json;

use super::forge::{self, adding, with};
use super::*;

async fn accepted(layer: &BearerJwtLayer, token: &str) -> bool {
    identity(layer, token).await.is_some()
}

#[tokio::test]
async fn jw_24_d50_a_payload_that_names_another_kind_is_refused() {
    let layer = shared().build().unwrap();
    for (claim, value) in [
        ("typ", "ID"),
        ("typ", "id"),
        ("typ", "Refresh"),
        ("typ", "Offline"),
        ("typ", "Logout"),
        ("typ", "Serialized-ID"),
        ("typ", "logout+jwt"),
        ("typ", "application/dpop+jwt"),
        ("token_use", "id"),
        ("token_use", "ID"),
        ("token_use", "refresh"),
        ("tokenUse", "id_token"),
        ("token_type", "refresh"),
        ("token_type", "refresh_token"),
        ("token_type", "urn:ietf:params:oauth:token-type:id_token"),
        ("token_type", "URN:ietf:params:oauth:token-type:refresh_token"),
        ("tokenType", "RefreshToken"),
        ("tokenName", "id_token"),
        ("tok_type", "IT"),
        ("tok_type", "rt"),
        ("tty", "it"),
        ("purpose", "id"),
        ("purpose", "refresh_token"),
        ("type", "refresh"),
        ("type", "id-token"),
        ("use", "refresh"),
    ] {
        let response = present(&layer, &with(json!({ claim: value }))).await;
        assert_refused(&response, &format!("{claim} {value}"));
        // Neither scopes, nor the header, nor a contradicting claim outweighs the mark.
        let claims = json!({ claim: value, "scope": "a", "client_id": "web", "jti": "1" });
        let token = forge::hs(r#"{"alg":"HS256","typ":"at+jwt"}"#, &forge::claims(claims));
        assert!(!accepted(&layer, &token).await, "{claim} {value}");
        let both = json!({ "token_kind": "access", claim: value });
        assert!(!accepted(&layer, &with(both)).await, "{claim} {value}");
    }
}

#[tokio::test]
async fn values_that_are_access_tokens_or_the_applications_pass() {
    let layer = shared().build().unwrap();
    for (claim, value) in [
        ("typ", "Bearer"),
        ("typ", "JWT"),
        ("typ", "at+jwt"),
        ("typ", "a word of ours"),
        ("typ", ""),
        ("token_use", "access"),
        ("token_type", "Bearer"),
        ("token_type", "access_token"),
        ("token_type", "sliding"),
        ("tokenType", "JWTToken"),
        ("tok_type", "AT"),
        ("tty", "at"),
        ("purpose", "access_token"),
        ("purpose", "offline"),
        ("type", "access"),
        ("type", "app"),
        ("type", "it"),
        ("type", "logout"),
        ("use", "sig"),
        ("idtyp", "app"),
        ("types", "id"),
        ("refresh", "refresh"),
    ] {
        assert!(accepted(&layer, &with(json!({ claim: value }))).await, "{claim} {value}");
    }
}

#[tokio::test]
async fn a_kind_is_a_string_where_the_claim_has_no_other_use() {
    let layer = shared().build().unwrap();
    for value in ["1", "null", "true", "[\"access\"]", "{\"a\":1}"] {
        for claim in ["typ", "token_use", "token_type", "tok_type", "tokenName"] {
            assert!(!accepted(&layer, &adding(&format!("{claim:?}:{value}"))).await, "{claim}");
        }
        // Applications use these names for any purpose.
        for claim in ["type", "use", "purpose"] {
            assert!(accepted(&layer, &adding(&format!("{claim:?}:{value}"))).await, "{claim}");
        }
    }
}

#[tokio::test]
async fn hashes_refuse_unless_something_marks_an_access_token() {
    let layer = shared().build().unwrap();
    for hash in ["at_hash", "c_hash", "s_hash"] {
        for (mark, passes) in [
            (json!({}), false),
            (json!({ "scope": "a" }), true),
            (json!({ "scope": ["a"] }), true),
            (json!({ "scp": ["a"] }), true),
            (json!({ "scp": "a" }), true),
            (json!({ "token_use": "access" }), true),
            (json!({ "typ": "Bearer" }), true),
            (json!({ "tok_type": "AT" }), true),
            // An empty or unknown value, or one of another shape, marks nothing.
            (json!({ "scope": "" }), false),
            (json!({ "scope": [] }), false),
            (json!({ "scope": 5 }), false),
            (json!({ "scope": ["a", 5] }), false),
            (json!({ "scp": { "a": true } }), false),
            (json!({ "typ": "JWT" }), false),
            (json!({ "nonce": "1", "azp": "web" }), false),
        ] {
            let mut changes = mark.clone();
            changes[hash] = "x".into();
            assert_eq!(accepted(&layer, &with(changes)).await, passes, "{hash} {mark}");
        }
        let token = |typ: &str| {
            let header = format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#);
            forge::hs(&header, &forge::claims(json!({ hash: "x" })))
        };
        assert!(accepted(&layer, &token("at+jwt")).await);
        assert!(accepted(&layer, &token("application/at+jwt")).await);
        assert!(!accepted(&layer, &token("JWT")).await);
        assert!(accepted(&layer, &adding(&format!("{hash:?}:null"))).await, "null is absent");
    }
}

#[tokio::test]
async fn a_setting_marks_access_tokens_of_other_servers() {
    let by_any = shared().access_token_claim("permissions", ClaimValue::Any).build().unwrap();
    let by_value = shared().access_token_claim("kind", "acc").build().unwrap();
    let token = |changes: serde_json::Value| {
        let mut changes = changes;
        changes["at_hash"] = "x".into();
        with(changes)
    };
    assert!(accepted(&by_any, &token(json!({ "permissions": [] }))).await);
    assert!(!accepted(&by_any, &token(json!({}))).await);
    assert!(accepted(&by_value, &token(json!({ "kind": "acc" }))).await);
    assert!(!accepted(&by_value, &token(json!({ "kind": "ACC" }))).await);
    assert!(!accepted(&by_value, &token(json!({ "kind": ["acc"] }))).await);
    // The claim only marks the token. It excuses nothing else, and other tokens do not need it.
    assert!(!accepted(&by_value, &token(json!({ "kind": "acc", "typ": "ID" }))).await);
    assert!(accepted(&by_value, &with(json!({}))).await);
}

#[tokio::test]
async fn a_security_event_is_events_as_an_object() {
    let layer = shared().build().unwrap();
    let logout = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    for (events, passes) in [
        (logout, false),
        (json!({}), false),
        (json!([]), true),
        (json!(["signed-up"]), true),
        (json!("none"), true),
        (json!(3), true),
        (json!({ "$serde_json::private::Number": "1", "a": {} }), false),
    ] {
        let token = with(json!({ "events": events, "scope": "a" }));
        assert_eq!(accepted(&layer, &token).await, passes, "{events}");
    }
    assert!(accepted(&layer, &adding("\"events\":null")).await);
}
