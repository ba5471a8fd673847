use crate::Settings;
use http::StatusCode;
use tower_auth_test::{WithIdentity, identity};

use super::*;
use crate::Rejection;
use crate::refuse::Problem;

#[tokio::test]
async fn xx_01_no_one_comes_in_without_an_identity() {
    for (who, status, rejection) in [
        (WithIdentity::anonymous(), 401, Rejection::Anonymous),
        (WithIdentity::unknown(), 503, Rejection::Unavailable),
    ] {
        let response = client(who, RequireLayer::new()).get("/").await;
        assert_eq!(response.status(), status);
        assert_eq!(response.rejection(), Some(&rejection));
        assert_eq!(response.text(), "");
        assert_eq!(response.header("cache-control"), Some("no-store"));
    }
    let response =
        client(WithIdentity::known(identity("alice")), RequireLayer::new()).get("/").await;
    assert_eq!((response.status(), response.text().as_str()), (StatusCode::OK, "in"));
    assert!(response.rejection().is_none() && response.header("cache-control").is_none());
}

#[tokio::test]
async fn se_17_a_store_that_is_down_is_not_anonymous() {
    let response = client(WithIdentity::unknown(), RequireLayer::new()).get("/").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.header("retry-after"), Some("1"));
    assert!(response.header("www-authenticate").is_none());
}

#[tokio::test]
async fn br_01_every_401_has_one_challenge() {
    let challenges = |response: &tower_auth_test::client::TestResponse| {
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        let all = response.headers().get_all("www-authenticate").iter();
        all.map(|it| it.to_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let layer = || {
        let second = std::time::Duration::from_secs(1);
        RequireLayer::builder()
            .max_age(second)
            .settings(&Settings::new().clock(clock()))
            .build()
            .unwrap()
    };
    // The layer that authenticates adds its own challenge.
    let own = ["Session realm=\"test\""];
    let response = client(WithIdentity::anonymous(), layer()).get("/").await;
    assert_eq!(challenges(&response), own);
    let response = client(WithIdentity::known(alice_since(None)), layer()).get("/").await;
    assert_eq!(challenges(&response), own);
    // Without such a layer, this one adds a generic challenge.
    let response = client(WithIdentity::only(alice_since(None)), layer()).get("/").await;
    assert_eq!(challenges(&response), ["Session realm=\"app\""]);
}

#[cfg(feature = "cookie")]
#[tokio::test]
async fn br_01_a_cookie_layer_outside_is_no_layer_that_challenges() {
    let layer = RequireLayer::builder()
        .max_age(std::time::Duration::from_secs(1))
        .settings(&Settings::new().clock(clock()));
    let who = WithIdentity::only(alice_since(None));
    let outside = tower::layer::util::Stack::new(who, crate::CookieLayer::new());
    let response = client(outside, layer.build().unwrap()).get("/").await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(response.header("www-authenticate"), Some("Session realm=\"app\""));
}

#[tokio::test]
async fn br_10_too_little_is_403_and_never_401() {
    let who = || WithIdentity::known(alice_since(Some(NOW)));
    let scope = RequireLayer::builder().scope("write").login_page("/login").build().unwrap();
    let role = RequireLayer::builder().role("admin").login_page("/login").build().unwrap();
    for (layer, code) in [(scope, "insufficient_scope"), (role, "insufficient_role")] {
        let response = client(who(), layer).browser().get("/").await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert_eq!(response.rejection().unwrap().code(), code);
        assert!(response.header("www-authenticate").is_none());
        assert!(response.header("location").is_none());
    }
}

#[tokio::test]
async fn xx_09_the_client_learns_nothing_of_what_is_asked_or_held() {
    let layer = |scope| RequireLayer::builder().scope(scope).refuse_with(Problem).build().unwrap();
    let ask = async |scope| {
        let response = client(WithIdentity::known(identity("alice")), layer(scope)).get("/").await;
        let headers = format!("{:?}", response.headers());
        (response.status(), headers, response.text())
    };
    let (a, b) = (ask("secret:a").await, ask("b").await);
    assert_eq!(a, b);
    assert!(!a.2.contains("secret") && a.2.contains("insufficient_scope"), "{}", a.2);
}

#[tokio::test]
async fn gr_01_gr_02_gr_03_grpc_is_refused_trailers_only() {
    let layer = || {
        let second = std::time::Duration::from_secs(1);
        let builder = RequireLayer::builder()
            .scope("read")
            .max_age(second)
            .settings(&Settings::new().clock(clock()));
        builder.login_page("/login").refuse_with(Problem).build().unwrap()
    };
    for (who, status) in [
        (WithIdentity::anonymous(), 16),
        (WithIdentity::known(alice_since(None)), 16),
        (WithIdentity::known(identity("alice")), 7),
        (WithIdentity::unknown(), 14),
    ] {
        let client = client(who, layer());
        let call = client.post("/pkg.Service/Method").body("application/grpc+proto", "");
        let response = call.header("accept", "text/html").await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.grpc_status(), Some(status));
        assert_eq!(response.header("content-type"), Some("application/grpc"));
        assert_eq!(response.header("cache-control"), Some("no-store"));
        assert!(response.header("grpc-message").is_some());
        assert!(response.header("location").is_none());
        assert!(response.bytes().is_empty() && response.trailers().is_none());
    }
    let wired_wrongly = TestClient::new(layer().layer(handler()));
    let response = wired_wrongly.post("/").body("application/grpc", "").await;
    assert_eq!((response.status(), response.grpc_status()), (StatusCode::OK, Some(13)));
}

#[tokio::test]
async fn any_body_is_served_by_a_closure() {
    struct NoDefault(&'static str);
    let refuse = |rejection: &Rejection, _| {
        Response::builder().status(rejection.status()).body(NoDefault("sorry")).unwrap()
    };
    let layer = RequireLayer::builder().login_page("/login").refuse_with(refuse).build().unwrap();
    let inner = service_fn(async |_: Request<u8>| Ok::<_, String>(Response::new(NoDefault("in"))));
    let mut service = WithIdentity::anonymous().layer(layer.layer(inner));
    let mut ask = |accept| {
        let request = Request::builder().header("accept", accept).body(7).unwrap();
        service.call(request)
    };
    let response = ask("*/*").await.unwrap();
    assert_eq!((response.status(), response.body().0), (StatusCode::UNAUTHORIZED, "sorry"));
    assert_eq!(ask("text/html").await.unwrap().status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_inner_services_error_passes() {
    let inner = service_fn(async |_: Request<()>| Err::<Response<()>, _>("broken"));
    let mut service = WithIdentity::only(identity("alice")).layer(RequireLayer::new().layer(inner));
    assert_eq!(service.call(Request::new(())).await.unwrap_err(), "broken");
}

#[tokio::test]
async fn an_axum_router_takes_it() {
    use axum::{Router, body::Body, routing::get};
    let router = |who: WithIdentity| {
        let router = Router::new().route("/", get(async || "in")).layer(RequireLayer::new());
        TestClient::new(router.layer(who)).with_body::<Body>()
    };
    assert_eq!(router(WithIdentity::known(identity("alice"))).get("/").await.text(), "in");
    assert_eq!(router(WithIdentity::anonymous()).get("/").await.status(), 401);
}
