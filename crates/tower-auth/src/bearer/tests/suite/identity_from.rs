//! Tests of an application's own mapping from claims to an identity.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tower_auth_core::{AuthMethod, Authentication, Principal};
use tower_auth_test::EventLog;

use super::forge::{self, with};
use super::*;

#[tokio::test]
async fn a_mapping_completes_the_identity() {
    let layer = shared()
        .identity_from(|claims, builder| {
            assert_eq!(serde_json::from_str::<Value>(claims.json()).unwrap()["sub"], "alice");
            let groups: Vec<String> = claims.get("groups")?.unwrap_or_default();
            Ok::<_, ClaimError>(builder.roles(groups).claims(&"ours").unwrap())
        })
        .build()
        .unwrap();
    let changes = json!({ "groups": ["a"], "roles": ["b"], "scope": "c", "client_id": "web" });
    let alice = identity(&layer, &with(changes)).await.unwrap();
    assert_eq!((alice.issuer(), alice.subject()), (ISSUER, "alice"));
    assert!(alice.roles().eq(["b", "a"]) && alice.scopes().eq(["c"]));
    assert_eq!(alice.client_id(), Some("web"));
    assert_eq!(alice.claims::<String>().unwrap().unwrap(), "ours");
    let alice = identity(&layer, &with(json!({}))).await.unwrap();
    assert_eq!(alice.roles().count(), 0);
}

#[tokio::test]
async fn an_error_refuses_the_token() {
    let log = EventLog::new();
    let layer = shared()
        .identity_from(|claims, builder| match claims.get::<u32>("tenant") {
            Ok(Some(7)) => Ok(builder),
            Ok(other) => Err(format!("tenant {other:?}")),
            Err(error) => Err(error.to_string()),
        })
        .settings(&super::heard_by(&log))
        .build()
        .unwrap();
    assert_accepted(&present(&layer, &with(json!({ "tenant": 7 }))).await, "7");
    log.take();
    for tenant in [json!(null), json!(8), json!("7"), json!([7])] {
        let response = present(&layer, &with(json!({ "tenant": tenant }))).await;
        assert_refused(&response, &tenant.to_string());
        let lines = log.take();
        let [line] = &lines[..] else { panic!("{lines:?}") };
        assert!(line.contains("bearer_refused") && line.contains("token_claims"), "{line}");
    }
}

#[tokio::test]
async fn only_tokens_that_satisfy_all_rules_are_mapped() {
    let layer = shared()
        .identity_from(|_, builder| -> Result<_, String> {
            panic!("the token is refused before {:?}", builder.build())
        })
        .build()
        .unwrap();
    for changes in [
        json!({ "exp": NOW - 61 }),
        json!({ "aud": "x" }),
        json!({ "sub": null }),
        json!({ "typ": "ID" }),
        json!({ "cnf": {} }),
    ] {
        assert_refused(&present(&layer, &with(changes.clone())).await, &changes.to_string());
    }
    let forged = forge::good();
    let forged = forge::join(&forge::input(r#"{"alg":"HS256"}"#, &forged), [0; 32]);
    assert_refused(&present(&layer, &forged).await, "forged");
}

#[tokio::test]
async fn the_token_stays_the_proof() {
    let layer = shared()
        .identity_from(|_, _| {
            let own = Identity::builder(Principal::local("other"));
            Ok::<_, String>(own.authentication(Authentication::by(AuthMethod::Session)))
        })
        .build()
        .unwrap();
    let other = identity(&layer, &with(json!({}))).await.unwrap();
    assert_eq!(other.subject(), "other");
    assert_eq!(other.method(), AuthMethod::Bearer);
    let proof = other.authentication();
    assert_eq!(proof.expires_at, Some(Timestamp::from_unix_seconds(NOW + 300)));
}

#[tokio::test]
async fn the_result_is_remembered_with_the_token() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let before = CALLS.load(Ordering::Relaxed);
    let layer = shared()
        .identity_from(|_, builder| {
            let call = CALLS.fetch_add(1, Ordering::Relaxed);
            Ok::<_, String>(builder.role(call.to_string()))
        })
        .build()
        .unwrap();
    let token = with(json!({}));
    for _ in 0..3 {
        let alice = identity(&layer, &token).await.unwrap();
        assert!(alice.roles().eq([before.to_string()]));
    }
}

#[tokio::test]
async fn a_claim_is_absent_or_of_its_type() {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let layer = shared()
        .identity_from({
            let seen = seen.clone();
            move |claims, builder| {
                seen.lock().unwrap().push(claims.get::<String>("x"));
                assert_eq!(format!("{claims:?}"), "TokenClaims { .. }");
                Ok::<_, String>(builder)
            }
        })
        .build()
        .unwrap();
    for members in [r#""y":1"#, r#""x":null"#, r#""x":"a""#, r#""x":77777"#] {
        identity(&layer, &forge::adding(members)).await.unwrap();
    }
    let seen = seen.lock().unwrap();
    let [absent, null, text, misfit] = &seen[..] else { panic!("{seen:?}") };
    assert_eq!((absent, null), (&Ok(None), &Ok(None)));
    assert_eq!(text.as_ref().unwrap().as_deref(), Some("a"));
    let error = misfit.as_ref().unwrap_err().to_string();
    assert!(error.contains("\"x\"") && !error.contains("77777"), "{error}");
}
