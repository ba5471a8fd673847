//! A `CsrfLayer` outside the session layer, which is the correct order.

use std::convert::Infallible;

use http::header::COOKIE;
use http::{Request, Response, StatusCode};
use tower::{ServiceBuilder, ServiceExt as _, service_fn};
use tower_auth_core::{Identity, Rejection};

use super::fixture::{Fixture, NAME, request};
use crate::{CsrfLayer, CsrfToken, Session, SessionLayer, Settings};

/// A page that contains a token. If its path says so, it logs in first.
async fn page(request: Request<()>) -> Result<Response<String>, Infallible> {
    let session = Session::of(request.extensions()).unwrap();
    let token = CsrfToken::of(request.extensions()).unwrap();
    let path = request.uri().path();
    if path == "/login" {
        session.login(Identity::local("alice").build()).unwrap();
    }
    if path.starts_with("/write") {
        session.insert("theme", "dark").unwrap();
    }
    let early = token.issue().unwrap();
    match path {
        "/write-and-commit" => session.commit().await.unwrap(),
        "/write-and-log-in" => session.login(Identity::local("alice").build()).unwrap(),
        "/write-and-forget" => session.logout().await.unwrap(),
        _ => return Ok(Response::new(early)),
    }
    Ok(Response::new(format!("{early} {}", token.issue().unwrap())))
}

async fn send(fixture: &Fixture, csrf: CsrfLayer, request: Request<()>) -> Response<String> {
    let service = ServiceBuilder::new().layer(csrf).layer(&fixture.layer).service(service_fn(page));
    service.oneshot(request).await.unwrap()
}

fn cookies(response: &Response<String>) -> Vec<&str> {
    let lines = response.headers().get_all("set-cookie").iter();
    lines.map(|line| line.to_str().unwrap().split(';').next().unwrap()).collect()
}

#[tokio::test]
async fn d22_a_csrf_layer_that_binds_to_another_cookie_is_answered_500() {
    let fixture = Fixture::new();
    for (name, wanted) in [(NAME, StatusCode::OK), ("sid", StatusCode::INTERNAL_SERVER_ERROR)] {
        let builder = || CsrfLayer::builder(&fixture.keys);
        for csrf in [builder().bind_to(name), builder().session_cookie(name)] {
            let response = send(&fixture, csrf.build().unwrap(), request(None)).await;
            assert_eq!(response.status(), wanted);
            let is_misconfiguration =
                matches!(response.extensions().get(), Some(Rejection::Misconfigured(_)));
            assert_eq!(is_misconfiguration, name != NAME);
        }
    }
}

#[tokio::test]
async fn cs_10_a_login_ends_the_tokens_from_before_and_its_own_response_has_a_good_one() {
    let fixture = Fixture::new();
    let csrf = || CsrfLayer::builder(&fixture.keys).require_token().build().unwrap();
    let form = send(&fixture, csrf(), request(None)).await;
    let [pre_session] = cookies(&form)[..] else { panic!("the form sets one cookie") };
    assert!(pre_session.starts_with("__Host-csrf="));

    let login = |token: &str| {
        let request = Request::post("/login").header("sec-fetch-site", "same-origin");
        request.header(COOKIE, pre_session).header("x-csrf-token", token).body(()).unwrap()
    };
    let welcome = send(&fixture, csrf(), login(form.body())).await;
    assert_eq!(welcome.status(), StatusCode::OK);
    let set = cookies(&welcome);
    let session = set.iter().find(|it| it.starts_with(NAME)).unwrap();
    // The response must remove the pre-session cookie. Otherwise tokens would stay bound to it.
    assert!(set.contains(&"__Host-csrf="), "{set:?}");

    for (token, wanted) in [(welcome.body(), StatusCode::OK), (form.body(), StatusCode::FORBIDDEN)]
    {
        let request = Request::post("/").header("sec-fetch-site", "same-origin");
        let request = request.header(COOKIE, *session).header("x-csrf-token", token);
        assert_eq!(send(&fixture, csrf(), request.body(()).unwrap()).await.status(), wanted);
    }
}

#[tokio::test]
async fn cs_10_a_token_is_bound_to_the_session_that_its_own_response_begins() {
    let mut in_cookie = Fixture::new();
    let builder = SessionLayer::in_cookie(&in_cookie.keys)
        .settings(&Settings::new().clock(in_cookie.time.clock()));
    in_cookie.layer = builder.build().unwrap();
    for fixture in [Fixture::new(), in_cookie] {
        let csrf = || CsrfLayer::builder(&fixture.keys).require_token().build().unwrap();
        let begin = async |path: &str| {
            let mut request = request(None);
            *request.uri_mut() = path.parse().unwrap();
            let response = send(&fixture, csrf(), request).await;
            let held = cookies(&response).join("; ");
            let tokens: Vec<_> = response.body().split(' ').map(str::to_owned).collect();
            (held, tokens)
        };
        let is_good = async |held: &str, token: &str| {
            let request = Request::post("/").header("sec-fetch-site", "same-origin");
            let request = request.header(COOKIE, held).header("x-csrf-token", token);
            send(&fixture, csrf(), request.body(()).unwrap()).await.status() == StatusCode::OK
        };
        for (path, wanted) in [
            ("/write", &[true][..]),
            ("/write-and-commit", &[true, true]),
            // A login renews the secret; a logout leaves no session behind.
            ("/write-and-log-in", &[false, true]),
            ("/write-and-forget", &[false, true]),
        ] {
            let (held, tokens) = begin(path).await;
            assert_eq!(
                held.contains("__Host-csrf="),
                path == "/write-and-forget",
                "{path}: {held}"
            );
            assert_eq!(tokens.len(), wanted.len());
            for (token, wanted) in tokens.iter().zip(wanted) {
                assert_eq!(is_good(&held, token).await, *wanted, "{path}");
            }
        }
    }
}

#[tokio::test]
async fn d22_a_csrf_layer_with_another_ring_is_answered_500() {
    let fixture = Fixture::new();
    let other = CsrfLayer::new(&crate::KeyRing::random());
    let response = send(&fixture, other, request(None)).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let Some(Rejection::Misconfigured(misconfigured)) = response.extensions().get() else {
        panic!("misconfigured")
    };
    assert!(misconfigured.problem.contains("KeyRing"), "{misconfigured}");
}
