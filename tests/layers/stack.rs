//! The layers together: in order, alone, and in a wrong order.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, SET_COOKIE, VARY, WWW_AUTHENTICATE};
use http::{HeaderMap, Request, Response, StatusCode};
use tower::util::BoxCloneService;
use tower::{ServiceBuilder, ServiceExt as _, service_fn};
use tower_auth::{
    CookieLayer, Cookies, CsrfLayer, Identity, KeyRing, Rejection, RequireLayer, Session,
    SessionLayer,
};
use tower_layer::Layer;
use tower_service::Service;

use crate::fixture::{Act, Fixture, finish, perform};
use crate::site::Site;

type Call = Request<()>;
type Answer = Response<String>;
type App = BoxCloneService<Call, Answer, Infallible>;

/// Returns a handler behind a layer, and the counter of its calls.
fn behind<L>(layer: L) -> (App, Arc<AtomicUsize>)
where
    L: Layer<App>,
    L::Service:
        Service<Call, Response = Answer, Error = Infallible, Future: Send> + Clone + Send + 'static,
{
    let calls = Arc::<AtomicUsize>::default();
    let count = calls.clone();
    let handler = service_fn(move |_: Call| {
        count.fetch_add(1, Ordering::Relaxed);
        async { Ok(Response::new("handled".to_owned())) }
    });
    (BoxCloneService::new(layer.layer(BoxCloneService::new(handler))), calls)
}

fn anonymous() -> Call {
    Fixture::request(None)
}

fn grpc(mut request: Call, flavour: &'static str) -> Call {
    request.headers_mut().insert(CONTENT_TYPE, flavour.parse().unwrap());
    request
}

fn grpc_status(headers: &HeaderMap) -> Option<&str> {
    headers.get("grpc-status").map(|it| it.to_str().unwrap())
}

/// Returns the number of challenges with the scheme `Session`.
fn challenges(headers: &HeaderMap) -> usize {
    let all = headers.get_all(WWW_AUTHENTICATE).iter();
    all.filter(|it| it.as_bytes().starts_with(b"Session ")).count()
}

fn varies(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all(VARY).iter().map(|line| line.to_str().unwrap());
    let mut all: Vec<_> =
        lines.flat_map(|line| line.split(',')).map(|it| it.trim().to_ascii_lowercase()).collect();
    all.sort();
    all
}

#[tokio::test]
async fn the_whole_stack_from_login_to_logout() {
    let site = Site::new();
    let alice = site.browser();
    assert_eq!(alice.get("/").await.text(), "anonymous moved 0");
    assert_eq!(site.store.steps().total(), 0, "an anonymous visitor costs no store command");
    let login = alice.post("/login").await;
    assert_eq!(login.status(), StatusCode::OK);
    assert_eq!(login.header("cache-control"), Some("no-store"));
    assert_eq!(alice.post("/transfer").await.text(), "alice moved 1");
    assert_eq!(alice.post("/logout").await.text(), "anonymous moved 0");
    assert_eq!(alice.jar().get("__Host-session").map(|it| it.name().into_owned()), None);
    assert_eq!(alice.get("/").await.text(), "anonymous moved 0");
}

#[tokio::test]
async fn each_layer_works_alone() {
    let fixture = Fixture::new();
    for (app, calls) in
        [behind(CookieLayer::new()), behind(fixture.csrf.clone()), behind(fixture.session.clone())]
    {
        let response = app.oneshot(anonymous()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    }
    // The layer does its work: a session without a cookie layer sets its cookie.
    let login = fixture.session.layer(service_fn(async |request: Call| {
        let session = Session::of(request.extensions()).unwrap();
        session.login(Identity::local("alice").build()).unwrap();
        Ok::<_, Infallible>(Response::new(String::new()))
    }));
    let response = login.oneshot(anonymous()).await.unwrap();
    let line = response.headers()[SET_COOKIE].to_str().unwrap();
    let cookie = line.strip_prefix("__Host-session=").unwrap().split(';').next().unwrap();
    assert_eq!(fixture.look(cookie), "alice 30m");
    assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn a_session_layer_outside_of_the_cookie_layer() {
    let fixture = Fixture::new();
    let app = ServiceBuilder::new()
        .layer(fixture.session.clone())
        .layer(CookieLayer::new())
        .service_fn(async |request: Call| {
            Session::of(request.extensions()).unwrap().insert("a", &1).unwrap();
            Cookies::of(request.extensions()).unwrap().set(("theme", "dark")).unwrap();
            Ok::<_, Infallible>(Response::new(String::new()))
        });
    let response = app.oneshot(anonymous()).await.unwrap();
    let lines = response.headers().get_all(SET_COOKIE).iter();
    let mut names: Vec<_> =
        lines.map(|line| line.to_str().unwrap().split('=').next().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["__Host-session", "theme"]);
    assert_eq!(varies(response.headers()), ["cookie"]);
}

#[tokio::test]
async fn d21_d22_xx_01_what_is_put_together_wrongly_answers_500() {
    let fixture = Fixture::new();
    let cookie = finish(fixture.send(None, &[Act::Login("alice")])).credential().unwrap();
    let (csrf, session) = (fixture.csrf.clone(), fixture.session.clone());
    let keys = KeyRing::insecure_from_seed(7);
    let other = CsrfLayer::builder(&keys).bind_to("other").build().unwrap();
    let skipping = SessionLayer::builder(fixture.store.clone(), &keys).skip(|_| true);
    macro_rules! stack {
        ($($layer:expr),+) => { behind(ServiceBuilder::new()$(.layer($layer))+.into_inner()) };
    }
    let wrong = [
        ("csrf in session", stack![session.clone(), csrf.clone()]),
        ("csrf in session in cookie", stack![CookieLayer::new(), session.clone(), csrf.clone()]),
        ("bound to another cookie", stack![other, session.clone()]),
        ("cookie in cookie", stack![CookieLayer::new(), CookieLayer::new()]),
        ("csrf in csrf", stack![csrf.clone(), csrf.clone()]),
        ("csrf in cookie in csrf", stack![csrf.clone(), CookieLayer::new(), csrf.clone()]),
        ("session in session", stack![session.clone(), session.clone()]),
        (
            "session in cookie in session",
            stack![session.clone(), CookieLayer::new(), session.clone()],
        ),
        ("require alone", stack![RequireLayer::new()]),
        ("require in cookie", stack![CookieLayer::new(), RequireLayer::new()]),
        ("require in csrf", stack![csrf.clone(), RequireLayer::new()]),
        ("require outside of session", stack![RequireLayer::new(), session.clone()]),
        ("require where session skips", stack![skipping.build().unwrap(), RequireLayer::new()]),
    ];
    for (name, (app, calls)) in wrong {
        for cookie in [None, Some(cookie.as_str())] {
            let response = app.clone().oneshot(Fixture::request(cookie)).await.unwrap();
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{name}");
            let rejection = response.extensions().get::<Rejection>();
            assert!(matches!(rejection, Some(Rejection::Misconfigured(_))), "{name}");
            // The cause goes to the log, not to the client.
            assert!(response.body().is_empty() && !response.headers().contains_key(SET_COOKIE));

            let request = grpc(Fixture::request(cookie), "application/grpc");
            let response = app.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{name}");
            assert_eq!(grpc_status(response.headers()), Some("13"), "{name}");
        }
        assert_eq!(calls.load(Ordering::Relaxed), 0, "{name}: the handler was reached");
    }
    // Correct stacks reach the handler. Require layers can be nested.
    let (app, calls) = stack![
        CookieLayer::new(),
        csrf.clone(),
        session.clone(),
        RequireLayer::new(),
        RequireLayer::new()
    ];
    let response = app.oneshot(Fixture::request(Some(&cookie))).await.unwrap();
    assert_eq!((response.status(), calls.load(Ordering::Relaxed)), (StatusCode::OK, 1));
}

#[tokio::test]
async fn gr_01_gr_02_each_layer_refuses_grpc_in_its_trailers() {
    let fixture = Fixture::new();
    let cookie = finish(fixture.send(None, &[Act::Login("alice")])).credential().unwrap();
    let whole = |require: RequireLayer| {
        let (app, calls) = behind(
            ServiceBuilder::new()
                .layer(CookieLayer::new())
                .layer(fixture.csrf.clone())
                .layer(fixture.session.clone())
                .layer(require)
                .into_inner(),
        );
        (app, calls)
    };
    let scoped = || RequireLayer::builder().scope("reports:read").build().unwrap();
    let cross = |mut request: Call| {
        request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
        request
    };
    let ask = async |(app, calls): (App, Arc<AtomicUsize>), request: Call| {
        let response = app.oneshot(request).await.unwrap();
        assert_eq!(calls.load(Ordering::Relaxed), 0);
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        assert!(response.headers().contains_key("grpc-message") && response.body().is_empty());
        // GR-01: a challenge belongs to 401, and this is not 401.
        assert!(!response.headers().contains_key(WWW_AUTHENTICATE));
        response.headers().clone()
    };
    for flavour in ["application/grpc", "application/grpc-web", "application/grpc-web-text"] {
        let known = || grpc(Fixture::request(Some(&cookie)), flavour);
        let anonymous = || grpc(anonymous(), flavour);
        let headers = ask(whole(RequireLayer::new()), cross(known())).await;
        assert_eq!(
            (grpc_status(&headers), &headers[CONTENT_TYPE]),
            (Some("7"), &flavour.parse().unwrap())
        );
        assert_eq!(grpc_status(&ask(whole(RequireLayer::new()), anonymous()).await), Some("16"));
        assert_eq!(grpc_status(&ask(whole(scoped()), known()).await), Some("7"));
        fixture.store.down();
        assert_eq!(grpc_status(&ask(whole(RequireLayer::new()), known()).await), Some("14"));
        fixture.store.up();
    }
}

#[tokio::test]
async fn every_401_has_one_challenge() {
    let fixture = Fixture::new();
    let guarded = ServiceBuilder::new().layer(fixture.session.clone()).layer(RequireLayer::new());
    let (app, _) = behind(guarded.into_inner());
    for _ in 0..2 {
        let response = app.clone().oneshot(anonymous()).await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(challenges(response.headers()), 1);
    }
    // Even if the handler itself answers 401, with its own challenge or without one.
    for own in [None, Some("Session realm=\"mine\""), Some("Bearer")] {
        let handler = service_fn(move |_: Call| async move {
            let mut response = Response::builder().status(StatusCode::UNAUTHORIZED);
            if let Some(own) = own {
                response = response.header(WWW_AUTHENTICATE, own);
            }
            Ok::<_, Infallible>(response.body(String::new()).unwrap())
        });
        let response = fixture.session.layer(handler).oneshot(anonymous()).await.unwrap();
        assert_eq!(challenges(response.headers()), 1, "{own:?}");
        let bearer = response.headers().get_all(WWW_AUTHENTICATE).iter().any(|it| it == "Bearer");
        assert_eq!(bearer, own == Some("Bearer"));
    }
}

/// A concurrent event that makes the handler's save fail.
#[derive(Clone, Copy, Debug)]
enum Spoil {
    Login,
    Logout,
    Outage,
}

#[tokio::test]
async fn d17_a_response_whose_save_failed_is_replaced_whole() {
    for (spoil, status, grpc_code) in
        [(Spoil::Login, 409, "10"), (Spoil::Logout, 401, "16"), (Spoil::Outage, 503, "14")]
    {
        for flavour in [None, Some("application/grpc")] {
            let fixture = Arc::new(Fixture::new());
            let cookie = finish(fixture.send(None, &[Act::Login("alice")])).credential().unwrap();
            let (inside, by) = (fixture.clone(), cookie.clone());
            let handler = service_fn(move |request: Call| {
                let (fixture, by) = (inside.clone(), by.clone());
                async move {
                    let session = Session::of(request.extensions()).unwrap();
                    perform(&session, Act::Insert("a")).await.unwrap();
                    Cookies::of(request.extensions()).unwrap().set(("inner", "1")).unwrap();
                    match spoil {
                        Spoil::Login => {
                            drop(finish(fixture.send(Some(&by), &[Act::Login("alice")])))
                        }
                        Spoil::Logout => drop(finish(fixture.send(Some(&by), &[Act::Logout]))),
                        Spoil::Outage => fixture.store.down(),
                    }
                    let response = Response::builder().header("x-handler", "1");
                    Ok::<_, Infallible>(response.body("saved!".to_owned()).unwrap())
                }
            });
            let session = fixture.session.layer(handler);
            let between = service_fn(move |request: Call| {
                Cookies::of(request.extensions()).unwrap().set(("outer", "1")).unwrap();
                session.clone().oneshot(request)
            });
            let mut request = Fixture::request(Some(&cookie));
            if let Some(flavour) = flavour {
                request = grpc(request, flavour);
            }
            let response = CookieLayer::new().layer(between).oneshot(request).await.unwrap();
            let headers = response.headers();
            let got = (response.status().as_u16(), grpc_status(headers));
            match flavour {
                None => assert_eq!(got, (status, None), "{spoil:?}"),
                Some(_) => assert_eq!(got, (200, Some(grpc_code)), "{spoil:?}"),
            }
            assert!(response.body().is_empty() && !headers.contains_key("x-handler"));
            let cookies: Vec<_> = headers.get_all(SET_COOKIE).iter().collect();
            assert_eq!(cookies.len(), 1, "{spoil:?}: {cookies:?}");
            assert!(cookies[0].to_str().unwrap().starts_with("outer=1"));
            assert_eq!(headers[CACHE_CONTROL], "no-store");
            assert_eq!(varies(headers), ["cookie"]);
            assert_eq!(challenges(headers), usize::from(got.0 == 401));
            assert_eq!(headers.contains_key(RETRY_AFTER), got.0 == 503);
            assert!(response.extensions().get::<Rejection>().is_some());
            // SE-17: an outage removed nothing.
            fixture.store.up();
            let expected = if matches!(spoil, Spoil::Outage) { "alice 30m" } else { "nothing" };
            assert_eq!(fixture.look(&cookie), expected);
        }
    }
}

#[tokio::test]
async fn d03_a_login_survives_the_status_of_its_response() {
    let site = Site::new();
    let alice = site.browser();
    alice.post("/transfer").await;
    assert_eq!(alice.post("/login-and-fail").await.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(alice.get("/").await.text(), "alice moved 1");
}

#[tokio::test]
async fn cs_10_tokens_from_before_a_login_are_dead_after_it() {
    let site = Site::with(|csrf| csrf.require_token_when(|parts| parts.uri.path() == "/transfer"));
    let alice = site.browser();
    let transfer =
        async |token: &str| alice.post("/transfer").header("x-csrf-token", token).await.status();
    // Before any session the token depends on a cookie of its own.
    let before = alice.get("/token").await.text();
    assert!(alice.jar().get("__Host-csrf").is_some());
    assert_eq!(transfer(&before).await, StatusCode::OK);
    // The login removes that cookie. The token in its response belongs to the new session.
    let in_login = alice.post("/login").await.text();
    assert!(alice.jar().get("__Host-csrf").is_none());
    assert_eq!(transfer(&before).await, StatusCode::FORBIDDEN);
    assert_eq!(transfer(&in_login).await, StatusCode::OK);
    let after = alice.get("/token").await.text();
    assert!(alice.jar().get("__Host-csrf").is_none(), "a cookie beside the session");
    assert_ne!(after, in_login);
    assert_eq!(transfer(&after).await, StatusCode::OK);
    // A step-up renews the secret, and with it the tokens.
    let stepped = alice.post("/login").await.text();
    assert_eq!(transfer(&after).await, StatusCode::FORBIDDEN);
    assert_eq!(transfer(&stepped).await, StatusCode::OK);
    // No CSRF cookie remains after the logout.
    alice.post("/logout").await;
    for token in [&before, &in_login, &after, &stepped] {
        assert_eq!(transfer(token).await, StatusCode::FORBIDDEN);
    }
    let anew = alice.get("/token").await.text();
    assert_eq!(transfer(&anew).await, StatusCode::OK);
}

#[tokio::test]
async fn cs_10_a_session_that_begins_without_a_login_takes_the_tokens_over() {
    let site = Site::with(tower_auth::csrf::CsrfLayerBuilder::require_token);
    let visitor = site.browser();
    let transfer =
        async |token: &str| visitor.post("/transfer").header("x-csrf-token", token).await.status();
    // One tab has a form. Another one begins a session, and its page has a form, too.
    let before = visitor.get("/token").await.text();
    let begun = visitor.get("/begin").await.text();
    assert!(visitor.jar().get("__Host-session").is_some());
    assert_eq!(transfer(&begun).await, StatusCode::OK);
    // The earlier form is refused once. After a reload it has a token of the session.
    assert_eq!(transfer(&before).await, StatusCode::FORBIDDEN);
    let again = visitor.get("/token").await.text();
    assert_eq!(transfer(&again).await, StatusCode::OK);
    assert_eq!(transfer(&begun).await, StatusCode::OK);
}

#[tokio::test]
async fn cs_16_se_13_what_the_response_says_of_caches() {
    let site = Site::new();
    let alice = site.browser();
    let read = alice.get("/").await;
    assert_eq!(varies(read.headers()), ["cookie"]);
    assert_eq!(read.header("cache-control"), None, "a response without private data");
    let token = alice.get("/token").await;
    assert_eq!(token.header("cache-control"), Some("no-store"));
    let write = alice.post("/transfer").await;
    assert_eq!(varies(write.headers()), ["cookie", "origin", "sec-fetch-site"]);
    assert_eq!(write.header("cache-control"), Some("no-store"), "a response with a credential");
    let refused = alice.post("/transfer").cross_site("https://evil.example").await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert_eq!(refused.header("cache-control"), Some("no-store"));
    assert_eq!(varies(refused.headers()), ["origin", "sec-fetch-site"]);
}
