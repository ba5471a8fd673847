//! Claims in a type of the application's.

use serde::Deserialize;
use serde_json::json;

use super::forge::with;
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
    let alice = identity(&layer, &with(json!({ "scope": "a" }))).await.unwrap();
    assert!(alice.claims::<Tenant>().unwrap().is_none());
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
    // The layer reads no claims: a mistake in the wiring, whoever asks.
    assert_eq!(ask(app(None), Some(token)).await, 500);
}

/// Whoever else the request is of cannot be told then, perhaps another principal.
#[cfg(feature = "axum")]
#[tokio::test]
async fn claims_are_withheld_where_another_layer_does_not_know() {
    use tower_auth_core::AuthState;

    use crate::context::{Mark, Scope};

    let handler = async |_: Claims<Mine>| "in";
    let inside = ::axum::Router::new().route("/", ::axum::routing::get(handler));
    for (state, status) in [(AuthState::Anonymous, 200), (AuthState::Unknown, 503)] {
        let layer = shared().claims::<Mine>().build().unwrap();
        let app = inside.clone().layer(layer);
        let mut request = Request::new(::axum::body::Body::empty());
        let line = format!("Bearer {}", with(json!({ "tenant": 7 })));
        request.headers_mut().insert(AUTHORIZATION, HeaderValue::try_from(line).unwrap());
        let scope = Scope::enter(&mut request, Mark::Session).unwrap();
        let context = scope.context().clone();
        context.authenticate(Mark::Session, state, request.extensions_mut()).unwrap();
        assert_eq!(app.oneshot(request).await.unwrap().status().as_u16(), status);
    }
}
