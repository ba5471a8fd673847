//! An application of pages: each refusal is a page that names the request, and a login page leads
//! back.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use http::{Method, Request, StatusCode};
use tower::ServiceExt as _;
use tower_auth::refuse::{RequestHead, respond, with_request};
use tower_auth::session::SessionError;
use tower_auth::{
    AuthStack, BearerJwtLayer, CookieLayer, CsrfLayer, Dialect, Identity, Refuse, Rejection,
    RequireLayer, Session, SessionLayer,
};

use tower_layer::Layer as _;

use crate::fixture::Fixture;

/// Renders a page with all its arguments.
fn page(rejection: &Rejection, dialect: Dialect, head: &RequestHead) -> Response {
    if dialect != Dialect::Http {
        return respond(rejection, dialect, Body::empty());
    }
    let accept = head.headers.get(ACCEPT).map_or("", |it| it.to_str().unwrap());
    let text = format!("<p>{} {} {accept}", head.method, head.uri);
    let mut page = respond(rejection, dialect, Body::from(text));
    page.headers_mut().insert(CONTENT_TYPE, "text/html".parse().unwrap());
    page
}

async fn counted(session: Session) -> Result<(), SessionError> {
    session.insert("n", &1)
}

fn routes() -> Router {
    Router::new()
        .route(
            "/login",
            post(async |session: Session| session.login(Identity::local("al").build())),
        )
        .route("/mine", get(async |me: Identity| me.subject().to_owned()))
        .route("/guarded", get("in").layer(RequireLayer::new()))
        .route("/admin", get("in").layer(RequireLayer::builder().role("admin").build().unwrap()))
        .route("/count", post(counted))
        .route("/rotated", get(async || Rejection::Rotated.into_response()))
}

/// The same application under the stack, and under individual layers.
fn apps(fixture: &Fixture) -> [Router; 2] {
    let writer = with_request(page);
    let stack = AuthStack::new(&fixture.keys)
        .settings(&fixture.settings)
        .refuse_with(writer.clone())
        .cookies()
        .csrf()
        .session(fixture.store.clone())
        .bearer_of(&fixture.issuer);
    let session = SessionLayer::builder(fixture.store.clone(), &fixture.keys);
    let session = session.settings(&fixture.settings).refuse_with(writer.clone()).build().unwrap();
    let csrf = CsrfLayer::builder(&fixture.keys).refuse_with(writer.clone()).build().unwrap();
    let bearer: BearerJwtLayer<_, _> =
        fixture.issuer.layer().refuse_with(writer.clone()).build().unwrap();
    let cookies = CookieLayer::builder().refuse_with(writer).build().unwrap();
    [routes().layer(stack.build().unwrap()), routes().layer((cookies, csrf, session, bearer))]
}

async fn send(app: &Router, method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = Request::builder().method(method).uri(path).header(ACCEPT, "text/html");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

async fn is_page(response: Response, status: StatusCode, text: &str) {
    assert_eq!((response.status(), text), (status, text));
    assert_eq!(response.headers()[CONTENT_TYPE], "text/html", "{text}");
    assert_eq!(response.headers()["cache-control"], "no-store", "{text}");
    let body = to_bytes(response.into_body(), 9999).await.unwrap();
    assert_eq!(body, format!("<p>{text} text/html"));
}

const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");

#[tokio::test]
async fn br_14_every_refusal_is_a_page_that_names_its_request() {
    let fixture = Fixture::new();
    for app in apps(&fixture) {
        let get = async |path, headers: &[_]| send(&app, Method::GET, path, headers).await;
        let post = async |path, headers: &[_]| send(&app, Method::POST, path, headers).await;
        let login = post("/login", &[SAME]).await;
        assert_eq!(login.status(), StatusCode::OK);
        let cookie = login.headers()["set-cookie"].to_str().unwrap();
        let cookie = ("cookie", cookie.split(';').next().unwrap());

        // 401: from a guard without its own renderer, and from an extractor.
        is_page(get("/guarded?a=1", &[]).await, StatusCode::UNAUTHORIZED, "GET /guarded?a=1").await;
        is_page(get("/mine", &[]).await, StatusCode::UNAUTHORIZED, "GET /mine").await;
        let bad = get("/mine", &[("authorization", "Bearer bad")]).await;
        is_page(bad, StatusCode::UNAUTHORIZED, "GET /mine").await;
        // 403: for another site, and for a missing role.
        let foreign = post("/count?b", &[("sec-fetch-site", "cross-site"), cookie]).await;
        is_page(foreign, StatusCode::FORBIDDEN, "POST /count?b").await;
        is_page(get("/admin", &[cookie]).await, StatusCode::FORBIDDEN, "GET /admin").await;
        // 409.
        is_page(get("/rotated", &[cookie]).await, StatusCode::CONFLICT, "GET /rotated").await;
        // 503: from a guard, from an extractor, and for a change that could not be saved.
        fixture.store.down();
        let away = StatusCode::SERVICE_UNAVAILABLE;
        is_page(get("/guarded", &[cookie]).await, away, "GET /guarded").await;
        is_page(get("/mine", &[cookie]).await, away, "GET /mine").await;
        is_page(post("/count", &[SAME]).await, away, "POST /count").await;
        fixture.store.up();
        // Accepted requests are unaffected.
        assert_eq!(get("/mine", &[cookie]).await.status(), StatusCode::OK);
        assert_eq!(post("/count", &[SAME, cookie]).await.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn gr_04_a_grpc_client_gets_no_page() {
    let fixture = Fixture::new();
    for app in apps(&fixture) {
        let grpc = ("content-type", "application/grpc");
        let refused =
            send(&app, Method::POST, "/mine", &[grpc, ("sec-fetch-site", "cross-site")]).await;
        assert_eq!(refused.headers()["grpc-status"], "7");
        assert_eq!(refused.headers()[CONTENT_TYPE], "application/grpc");
        assert!(to_bytes(refused.into_body(), 9).await.unwrap().is_empty());
    }
}

/// Concurrent requests are not confused with each other, and neither are later ones.
#[tokio::test]
async fn each_page_is_of_its_own_request() {
    let fixture = Fixture::new();
    let [app, _] = apps(&fixture);
    let asked: Vec<_> = (0..20).map(|n| format!("/guarded?n={n}")).collect();
    let requests = asked.iter().map(|path| send(&app, Method::GET, path, &[]));
    let mut requests: Vec<_> = requests.map(Box::pin).collect();
    // Started in this order, and completed in the reverse order.
    for (path, request) in asked.iter().zip(&mut requests).rev() {
        is_page(request.await, StatusCode::UNAUTHORIZED, &format!("GET {path}")).await;
    }
}

#[test]
fn a_writer_that_does_not_ask_for_it_keeps_nothing() {
    let plain = |rejection: &Rejection, dialect: Dialect| respond(rejection, dialect, ());
    let request = Request::new(());
    let kept =
        Refuse::<()>::for_request(&plain, request.method(), request.uri(), request.headers());
    assert!(kept.is_none());
}

#[tokio::test]
async fn d25_a_login_page_leads_back_past_the_prefixes_of_nested_routers() {
    let fixture = Fixture::new();
    let session = || SessionLayer::builder(fixture.store.clone(), &fixture.keys).build().unwrap();
    let guard = || RequireLayer::builder().login_page_with_return("/login", "next");
    let pages =
        |guard| Router::new().route("/reports", get("in")).route("/", get("in")).layer(guard);
    let location = async |app: Router, path: &str| {
        let response = send(&app, Method::GET, path, &[("sec-fetch-mode", "navigate")]).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
        response.headers()[LOCATION].to_str().unwrap().to_owned()
    };

    // The outermost layer is around the whole router.
    let whole = || {
        let inner = Router::new().nest("/team", pages(guard().build().unwrap()));
        Router::new().nest("/app", inner).layer(session())
    };
    let of = location(whole(), "/app/team/reports?year=2026").await;
    assert_eq!(of, "/login?next=/app/team/reports%3Fyear%3D2026");
    assert_eq!(location(whole(), "/app/team").await, "/login?next=/app/team");
    // A stack behaves the same.
    let stack = AuthStack::new(&fixture.keys).cookies().csrf().session(fixture.store.clone());
    let app = Router::new().nest("/app", pages(guard().build().unwrap()));
    let of = location(app.layer(stack.build().unwrap()), "/app/reports").await;
    assert_eq!(of, "/login?next=/app/reports");
    // If all layers are nested, only the application knows the prefix.
    let mounted = guard().mounted_at("/app").build().unwrap();
    let nested = || Router::new().nest("/app", pages(mounted.clone()).layer(session()));
    assert_eq!(location(nested(), "/app/reports?a=1").await, "/login?next=/app/reports%3Fa%3D1");
    assert_eq!(location(nested(), "/app").await, "/login?next=/app");
    // A path from the client is not trusted, whatever the routing.
    let open = RequireLayer::builder().login_page_with_return("/login", "next").build().unwrap();
    let app = session().layer(open.layer(Router::new().fallback("in")));
    let evil = Request::builder().uri("//evil.example/a").header(ACCEPT, "text/html");
    let response = app.oneshot(evil.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.headers()[LOCATION], "/login");
}
