//! An axum router: extractors, nesting, and half a router.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use tower::ServiceExt as _;
use tower_auth::csrf::TokenError;
use tower_auth::session::SessionError;
use tower_auth::{
    CookieLayer, Cookies, CsrfToken, Identity, Rejection, RequireLayer, Session, SessionLayer,
    Settings,
};
use tower_auth_test::TestClient;

use crate::fixture::{Act, Fixture, finish};

async fn me(identity: Identity) -> String {
    identity.subject().to_owned()
}

async fn maybe(identity: Option<Identity>) -> String {
    identity.map_or("anonymous".into(), |it| it.subject().to_owned())
}

async fn count(session: Session) -> Result<String, SessionError> {
    session.update("count", |count: Option<u32>| count.unwrap_or(0) + 1)?;
    Ok(session.get::<u32>("count")?.unwrap_or(0).to_string())
}

/// The value under `count` is a number, not a text.
async fn misread(session: Session) -> Result<String, SessionError> {
    session.insert("count", &7)?;
    Ok(session.get::<String>("count")?.unwrap_or_default())
}

async fn commit(session: Session) -> Result<(), SessionError> {
    session.insert("a", &1)?;
    session.commit().await
}

async fn log_in(session: Session) -> Result<(), SessionError> {
    session.login(Identity::local("alice").build())
}

async fn theme(cookies: Cookies) -> String {
    cookies.get("theme").map_or("plain".into(), |theme| theme.value().to_owned())
}

async fn token(token: CsrfToken) -> Result<String, TokenError> {
    token.issue()
}

fn routes() -> Router {
    Router::new()
        .route("/me", get(me))
        .route("/maybe", get(maybe))
        .route("/count", get(count))
        .route("/misread", get(misread))
        .route("/commit", get(commit))
        .route("/theme", get(theme))
        .route("/token", get(token))
        .route("/login", post(log_in))
}

fn ask(path: &str, cookie: Option<&str>) -> Request {
    let mut request = Request::get(path);
    if let Some(cookie) = cookie {
        request = request.header("cookie", format!("__Host-session={cookie}"));
    }
    request.body(Body::empty()).unwrap()
}

async fn status(app: &Router, path: &str, cookie: Option<&str>) -> StatusCode {
    send(app, path, cookie).await.status()
}

async fn send(app: &Router, path: &str, cookie: Option<&str>) -> Response {
    app.clone().oneshot(ask(path, cookie)).await.unwrap()
}

fn alice(fixture: &Fixture) -> String {
    finish(fixture.send(None, &[Act::Login("alice")])).credential().unwrap()
}

#[tokio::test]
async fn d22_xx_01_an_extractor_without_its_layer_is_500() {
    let fixture = Fixture::new();
    let cookie = alice(&fixture);
    let bare = routes();
    for path in ["/me", "/maybe", "/count", "/theme", "/token"] {
        for cookie in [None, Some(cookie.as_str())] {
            let response = send(&bare, path, cookie).await;
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
            assert!(matches!(
                response.extensions().get::<Rejection>(),
                Some(Rejection::Misconfigured(_))
            ));
        }
    }
    // A layer around other routes does not replace one's own.
    let cookies = routes().layer(CookieLayer::new());
    let csrf = routes().layer(fixture.csrf.clone());
    let session = routes().layer(fixture.session.clone());
    let e500 = StatusCode::INTERNAL_SERVER_ERROR;
    for (app, fine, missing) in [
        (&cookies, "/theme", ["/me", "/maybe", "/count", "/token"]),
        (&csrf, "/token", ["/me", "/maybe", "/count", "/theme"]),
    ] {
        assert_eq!(status(app, fine, Some(&cookie)).await, StatusCode::OK);
        for path in missing {
            assert_eq!(status(app, path, Some(&cookie)).await, e500, "{path}");
        }
    }
    for (path, expected) in
        [("/me", StatusCode::OK), ("/count", StatusCode::OK), ("/theme", e500), ("/token", e500)]
    {
        assert_eq!(status(&session, path, Some(&cookie)).await, expected, "{path}");
    }
}

#[tokio::test]
async fn a_route_left_out_by_skip_has_no_session() {
    let fixture = Fixture::new();
    let cookie = alice(&fixture);
    let keys = tower_auth::KeyRing::insecure_from_seed(7);
    let skipping = SessionLayer::builder(fixture.store.clone(), &keys)
        .settings(&Settings::new().clock(fixture.time.clock()))
        .skip(|parts| parts.uri.path() != "/theme")
        .build()
        .unwrap();
    let app = routes().layer(skipping).layer(CookieLayer::new());
    fixture.store.reset_steps();
    for path in ["/me", "/maybe", "/count"] {
        let expected = StatusCode::INTERNAL_SERVER_ERROR;
        assert_eq!(status(&app, path, Some(&cookie)).await, expected, "{path}");
    }
    assert_eq!(fixture.store.steps().total(), 0);
    assert_eq!(status(&app, "/theme", Some(&cookie)).await, StatusCode::OK);
    assert_eq!(fixture.store.steps().load, 1);
}

#[tokio::test]
async fn se_17_known_anonymous_and_unknown() {
    let fixture = Fixture::new();
    let cookie = alice(&fixture);
    let app = routes().layer(fixture.session.clone()).layer(CookieLayer::new());

    assert_eq!(status(&app, "/me", Some(&cookie)).await, StatusCode::OK);
    let refused = send(&app, "/me", None).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let challenges = refused.headers().get_all("www-authenticate");
    assert_eq!(challenges.iter().collect::<Vec<_>>(), ["Session realm=\"app\""]);
    assert_eq!(status(&app, "/maybe", None).await, StatusCode::OK);

    fixture.store.down();
    let unknown = send(&app, "/me", Some(&cookie)).await;
    assert_eq!(unknown.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(unknown.headers()["retry-after"], "1");
    assert!(!unknown.headers().contains_key("set-cookie"), "a cookie was removed");
    // The session exists, and its methods report the outage.
    assert_eq!(status(&app, "/count", Some(&cookie)).await, StatusCode::SERVICE_UNAVAILABLE);
    // Public routes still serve everyone.
    assert_eq!(status(&app, "/maybe", Some(&cookie)).await, StatusCode::OK);
    assert_eq!(status(&app, "/theme", Some(&cookie)).await, StatusCode::OK);
    assert_eq!(status(&app, "/me", None).await, StatusCode::UNAUTHORIZED);
    // A write without a session needs the store, too.
    assert_eq!(status(&app, "/commit", None).await, StatusCode::SERVICE_UNAVAILABLE);
    fixture.store.up();
    assert_eq!(status(&app, "/me", Some(&cookie)).await, StatusCode::OK);
}

#[tokio::test]
async fn a_question_mark_on_a_session_error_answers() {
    let fixture = Fixture::new();
    let app = routes().layer(fixture.session.clone());
    let wrong_type = send(&app, "/misread", None).await;
    assert_eq!(wrong_type.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(wrong_type.extensions().get(), Some(&Rejection::Unreadable));
    assert_eq!(status(&app, "/count", None).await, StatusCode::OK);
    assert_eq!(status(&app, "/commit", None).await, StatusCode::OK);

    let cookie = alice(&fixture);
    finish(fixture.send(Some(&cookie), &[Act::Login("alice")]));
    let renewed = send(&app, "/count", Some(&cookie)).await;
    assert_eq!(renewed.status(), StatusCode::CONFLICT);
    assert_eq!(renewed.extensions().get(), Some(&Rejection::Rotated));
}

#[tokio::test]
async fn half_a_router_nested_and_merged() {
    let fixture = Fixture::new();
    let cookie = alice(&fixture);
    // The layers are around one half. The other half has none, and its own fallback.
    let inside = routes().layer(fixture.session.clone()).layer(CookieLayer::new());
    let app = Router::new()
        .nest("/app", inside)
        .route("/public", get(|| async { "public" }))
        .route("/me", get(me))
        .fallback(async || (StatusCode::NOT_FOUND, "nothing here"));
    assert_eq!(status(&app, "/app/me", Some(&cookie)).await, StatusCode::OK);
    assert_eq!(status(&app, "/app/me", None).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&app, "/public", Some(&cookie)).await, StatusCode::OK);
    assert_eq!(status(&app, "/me", Some(&cookie)).await, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(status(&app, "/elsewhere", Some(&cookie)).await, StatusCode::NOT_FOUND);

    // If the layers are around the whole router, its fallback has a session as well.
    let app = Router::new()
        .route("/", get(|| async { "public" }))
        .fallback(maybe)
        .layer(fixture.session.clone());
    let body = send(&app, "/elsewhere", Some(&cookie)).await.into_body();
    assert_eq!(axum::body::to_bytes(body, 100).await.unwrap(), "alice");

    // Two session layers around one route are detected, even if one is nested.
    let app = Router::new()
        .nest("/app", routes().layer(fixture.session.clone()))
        .layer(fixture.session.clone());
    let nested = status(&app, "/app/me", Some(&cookie)).await;
    assert_eq!(nested, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn a_guard_on_some_routes() {
    let fixture = Fixture::new();
    let cookie = alice(&fixture);
    let fresh = RequireLayer::builder()
        .max_age(Duration::from_secs(600))
        .settings(&Settings::new().clock(fixture.time.clock()))
        .login_page("/login")
        .build()
        .unwrap();
    let admin = RequireLayer::builder().role("admin").build().unwrap();
    let app = Router::new()
        .route("/payment", get(me).route_layer(fresh))
        .route("/admin", get(me).layer(admin))
        .merge(Router::new().route("/mine", get(maybe)).route_layer(RequireLayer::new()))
        .route("/login", get(|| async { "who are you?" }))
        .layer(fixture.session.clone())
        .layer(CookieLayer::new());

    assert_eq!(status(&app, "/payment", Some(&cookie)).await, StatusCode::OK);
    assert_eq!(status(&app, "/mine", Some(&cookie)).await, StatusCode::OK);
    assert_eq!(status(&app, "/admin", Some(&cookie)).await, StatusCode::FORBIDDEN);
    assert_eq!(status(&app, "/mine", None).await, StatusCode::UNAUTHORIZED);
    // `route_layer` guards only routes: a path without a route is still 404.
    assert_eq!(status(&app, "/nowhere", None).await, StatusCode::NOT_FOUND);

    fixture.time.advance(Duration::from_secs(601));
    assert_eq!(status(&app, "/payment", Some(&cookie)).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&app, "/mine", Some(&cookie)).await, StatusCode::OK);

    // The guard redirects a browser to the login page, and answers other clients with 401.
    let client = TestClient::new(app).with_body::<Body>();
    let sent = client.browser().get("/payment").await;
    assert_eq!(sent.status(), StatusCode::SEE_OTHER);
    assert_eq!(sent.header("location"), Some("/login"));
    assert_eq!(sent.header("cache-control"), Some("no-store"));
    let script = client.browser().get("/payment").fetch().await;
    assert_eq!(script.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(client.get("/payment").await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_browser_logs_in_to_a_router() {
    let fixture = Fixture::new();
    let app = routes()
        .layer(fixture.session.clone())
        .layer(fixture.csrf.clone())
        .layer(CookieLayer::new());
    let client = TestClient::new(app).with_body::<Body>().clock(fixture.time.clock()).browser();
    assert_eq!(client.get("/count").await.text(), "1");
    assert_eq!(client.post("/login").await.status(), StatusCode::OK);
    assert_eq!(client.get("/me").await.text(), "alice");
    assert_eq!(client.get("/count").await.text(), "2");
}
