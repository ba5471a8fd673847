//! Claims in an application-defined type.

use serde::Deserialize;
use serde_json::json;

use super::forge::{self, with};
use super::*;

#[derive(Debug, Deserialize, PartialEq)]
struct Mine {
    tenant: u32,
    sub: String,
}

#[tokio::test]
async fn claims_are_read_once_and_only_after_every_check() {
    let layer = shared().claims::<Mine>().build().unwrap();
    let see = service_fn(async |request: Request<()>| {
        let claims = request.extensions().get::<Claims<Mine>>().cloned();
        Ok::<_, Infallible>(Response::new(match claims {
            Some(claims) => format!("{} {} {claims:?}", claims.sub, claims.tenant),
            None => "none".to_owned(),
        }))
    });
    let ask = async |token: Option<String>| {
        let mut request = Request::new(());
        if let Some(token) = token {
            let line = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
            request.headers_mut().insert(AUTHORIZATION, line);
        }
        layer.layer(see).oneshot(request).await.unwrap()
    };
    let response = ask(Some(with(json!({ "tenant": 7 })))).await;
    assert_eq!(response.body(), "alice 7 Claims(..)");
    assert_eq!(ask(None).await.body(), "none");
    for changes in [json!({}), json!({ "tenant": "7" }), json!({ "tenant": 7, "exp": 1 })] {
        assert_refused(&ask(Some(with(changes.clone()))).await, &changes.to_string());
    }
}

#[tokio::test]
async fn the_applications_claims_are_kept_raw() {
    #[derive(Deserialize)]
    struct Tenant {
        tenant: u32,
    }
    let layer = shared().build().unwrap();
    let alice = identity(&layer, &with(json!({ "tenant": 7 }))).await.unwrap();
    assert_eq!(alice.claims::<Tenant>().unwrap().unwrap().tenant, 7);
    // `T` gets the whole payload, even if all claims are registered.
    for changes in [json!({}), json!({ "scope": "a" }), json!({ "tenant": 7 })] {
        let alice = identity(&layer, &with(changes.clone())).await.unwrap();
        let claims = alice.claims::<serde_json::Value>().unwrap().unwrap();
        assert_eq!(
            claims,
            serde_json::from_str::<serde_json::Value>(&forge::claims(changes)).unwrap()
        );
    }
}

#[cfg(feature = "axum")]
#[tokio::test]
async fn claims_are_an_extractor() {
    use ::axum::Router;
    use ::axum::routing::get;

    let app = |layer: Option<BearerJwtLayer<Typed<Mine>>>| {
        let handler = async |claims: Claims<Mine>| claims.tenant.to_string();
        let router = Router::new().route("/", get(handler));
        match layer {
            Some(layer) => router.layer(layer),
            None => router.layer(shared().build().unwrap()),
        }
    };
    let ask = async |app: Router, token: Option<String>| {
        let mut request = Request::new(::axum::body::Body::empty());
        if let Some(token) = token {
            let line = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
            request.headers_mut().insert(AUTHORIZATION, line);
        }
        app.oneshot(request).await.unwrap().status().as_u16()
    };
    let typed = || shared().claims::<Mine>().build().unwrap();
    let token = with(json!({ "tenant": 7 }));
    assert_eq!(ask(app(Some(typed())), Some(token.clone())).await, 200);
    assert_eq!(ask(app(Some(typed())), None).await, 401);
    // The layer reads no claims. This is a misconfiguration, for any caller.
    assert_eq!(ask(app(None), Some(token)).await, 500);
}

/// The other layer cannot establish the request's principal, which may differ from the token's.
#[cfg(feature = "axum")]
#[tokio::test]
async fn claims_are_withheld_where_another_layer_does_not_know() {
    use tower_auth_core::AuthState;

    use crate::request::{AuthSource, LayerFlag, RequestScope};

    let handler = async |_: Claims<Mine>| "in";
    let inside = ::axum::Router::new().route("/", ::axum::routing::get(handler));
    for (state, status) in [(AuthState::Anonymous, 200), (AuthState::Unknown, 503)] {
        let layer = shared().claims::<Mine>().build().unwrap();
        let app = inside.clone().layer(layer);
        let mut request = Request::new(::axum::body::Body::empty());
        let line = format!("Bearer {}", with(json!({ "tenant": 7 })));
        request.headers_mut().insert(AUTHORIZATION, HeaderValue::try_from(line).unwrap());
        let scope = RequestScope::enter(&mut request, LayerFlag::Session).unwrap();
        let context = scope.context().clone();
        context.authenticate(AuthSource::Session, state, request.extensions_mut()).unwrap();
        assert_eq!(app.oneshot(request).await.unwrap().status().as_u16(), status);
    }
}

/// The client gets no details, so only the event shows the mistake.
#[tokio::test]
async fn what_does_not_fit_is_named_without_its_value() {
    use std::collections::BTreeMap;

    use tower_auth_test::EventLog;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[allow(dead_code, reason = "read, and looked at no further")]
    struct Outer {
        tenant_id: u32,
        level: Option<u8>,
        #[serde(default)]
        inner: Vec<Inner>,
        #[serde(default)]
        by_name: BTreeMap<String, u8>,
        plan: Option<Plan>,
        code: Option<Code>,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "read, and looked at no further")]
    struct Inner {
        flag: bool,
    }
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    #[allow(dead_code, reason = "read, and looked at no further")]
    enum Plan {
        Free,
        Paid { seats: u8 },
    }
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "String")]
    struct Code;
    impl TryFrom<String> for Code {
        type Error = String;
        fn try_from(text: String) -> Result<Self, String> {
            if text == "right" { Ok(Self) } else { Err(format!("{text} is no code")) }
        }
    }

    let log = EventLog::new();
    let layer = shared().claims::<Outer>().settings(&super::heard_by(&log)).build().unwrap();
    for (added, field) in [
        (r#""tenantId":"SECRET""#, "tenantId: is a string, expected u32"),
        (r#""tenantId":-77777"#, "tenantId: is out of range, expected u32"),
        (r#""x":"SECRET""#, "tenantId: is missing"),
        (r#""tenantId":1,"level":77777"#, "level: is out of range, expected u8"),
        (r#""tenantId":1,"inner":[{"flag":true},{"flag":"SECRET"}]"#, "inner[1].flag: is a string"),
        (r#""tenantId":1,"inner":[{}]"#, "inner[0].flag: is missing"),
        (r#""tenantId":1,"inner":{"SECRET":1}"#, "inner: is an object"),
        (r#""tenantId":1,"byName":{"SECRET":"SECRET"}"#, "byName[…]: is a string"),
        (r#""tenantId":1,"plan":"SECRET""#, "plan: is not one of"),
        (r#""tenantId":1,"plan":{"paid":{"seats":77777}}"#, "plan.seats: is out of range"),
        (r#""tenantId":1,"code":"SECRET""#, "code: is not valid for its type"),
    ] {
        let token = forge::adding(added);
        assert_refused(&present(&layer, &token).await, added);
        let lines = log.take();
        let [line] = &lines[..] else { panic!("{added}: {lines:?}") };
        assert!(line.contains("bearer_refused") && line.contains("token_claims"), "{line}");
        assert!(line.contains(field), "{added}: {line}");
        assert!(line.contains("line 1, column "), "{line}");
        assert!(!line.contains("SECRET") && !line.contains("77777"), "{line}");
    }
    for fits in [
        r#""tenantId":1"#,
        r#""tenantId":1,"level":null,"inner":[{"flag":true}],"byName":{"a":1},"plan":"free""#,
        r#""tenantId":1,"plan":{"paid":{"seats":3}},"code":"right""#,
    ] {
        assert_accepted(&present(&layer, &forge::adding(fits)).await, fits);
        assert_eq!(log.take().len(), 1, "accepted, and nothing else");
    }
}
