//! Sessions that the client keeps, behind CSRF protection and in a browser's jar.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use tower::{ServiceBuilder, service_fn};
use tower_auth::{
    CookieLayer, CsrfLayer, CsrfToken, Identity, KeyRing, Rejection, Session, SessionLayer,
    Settings,
};
use tower_auth_test::{TestClient, TestClock};

type Reply = Result<Response<Full<Bytes>>, Infallible>;

async fn site(request: Request<Full<Bytes>>) -> Reply {
    let session = Session::of(request.extensions()).unwrap();
    let done = match request.uri().path() {
        "/login" => session.login(Identity::local("alice").build()),
        "/large" => session.insert("text", &"x".repeat(2_900)),
        "/small" => session.insert("text", "small"),
        "/logout" => session.logout().await,
        _ => Ok(()),
    };
    let text = match request.uri().path() {
        "/token" | "/login" => CsrfToken::of(request.extensions()).unwrap().issue().unwrap(),
        _ => session.identity().unwrap().map(|it| it.subject().to_owned()).unwrap_or_default(),
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    if let Err(error) = done {
        *response.status_mut() = Rejection::from(error).status();
    }
    Ok(response)
}

#[tokio::test]
async fn a_browser_keeps_it_and_csrf_tokens_are_bound_to_it() {
    let (time, keys) = (TestClock::new(), KeyRing::random());
    let service = ServiceBuilder::new()
        .layer(CookieLayer::new())
        .layer(CsrfLayer::builder(&keys).require_token().build().unwrap())
        .layer(
            SessionLayer::in_cookie(&keys)
                .settings(&Settings::new().clock(time.clock()))
                .build()
                .unwrap(),
        )
        .service(service_fn(site));
    let client = TestClient::new(service).clock(time.clock()).browser();

    let before = client.get("/token").await.text();
    let login = client.post("/login").header("x-csrf-token", &before).await;
    assert_eq!(login.status(), StatusCode::OK);
    let token = login.text();
    assert_eq!(client.get("/").await.text(), "alice");

    // A token from before the login is invalid; the token from the login's response is valid.
    let refused = client.post("/large").header("x-csrf-token", &before).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let large = client.post("/large").header("x-csrf-token", &token).await;
    assert_eq!(large.status(), StatusCode::OK);
    for name in ["__Host-session", "__Host-session-0", "__Host-session-1"] {
        assert!(client.jar().get(name).is_some(), "{name}");
    }
    let small = client.post("/small").header("x-csrf-token", &token).await;
    assert_eq!(small.status(), StatusCode::OK);
    assert!(client.jar().get("__Host-session-1").is_none());
    assert_eq!(client.get("/").await.text(), "alice");

    client.post("/logout").header("x-csrf-token", &token).await;
    assert!(client.jar().iter().all(|cookie| !cookie.name().starts_with("__Host-session")));
    assert_eq!(client.get("/").await.text(), "");
}
