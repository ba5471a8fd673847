//! Several cookies of one name: which of them count, and which are removed.

use http::header::{COOKIE, HOST};
use http::{Request, StatusCode};

use super::fixture::{Fixture, send, who};
use crate::session::{Session, SessionError, SessionLayer};
use crate::{Identity, KeyRing, Settings};

const NAME: &str = "__Secure-id";

/// A cookie that can exist in several scopes.
fn fixture() -> Fixture {
    Fixture::with(|builder| builder.cookie_name(NAME).cookie_domain("app.example"))
}

fn request(values: &[&str]) -> http::request::Builder {
    let pairs: Vec<_> = values.iter().map(|value| format!("{NAME}={value}")).collect();
    let request = Request::get("/shop/cart").header(HOST, "www.app.example");
    request.header(COOKIE, pairs.join("; "))
}

fn fetch(values: &[&str]) -> Request<()> {
    let request = request(values).header("sec-fetch-site", "same-origin");
    request.header("sec-fetch-mode", "cors").body(()).unwrap()
}

fn navigation(values: &[&str]) -> Request<()> {
    let request = request(values).header("sec-fetch-site", "none");
    let request = request.header("sec-fetch-mode", "navigate");
    request.header("sec-fetch-dest", "document").body(()).unwrap()
}

async fn alice(session: Session) -> Result<String, SessionError> {
    session.login(Identity::local("alice").build())?;
    Ok(String::new())
}

async fn logout(session: Session) -> Result<String, SessionError> {
    session.logout().await?;
    Ok(String::new())
}

/// Returns the cookie value of a new session.
async fn login<R>(layer: &SessionLayer<R>) -> String
where
    R: tower_auth_core::Refuse<String> + Clone,
{
    let reply = send(layer, Request::new(()), alice).await;
    let lines = reply.set_cookies();
    let line = lines.iter().find_map(|line| line.strip_prefix(&format!("{NAME}="))).unwrap();
    line.split(';').next().unwrap().to_owned()
}

/// Returns the domain (`-` for the host alone) and the path of each line that removes the cookie.
fn removed(lines: &[String]) -> Vec<String> {
    let lines = lines.iter().filter(|line| line.starts_with(&format!("{NAME}=; ")));
    let attribute = |line: &str, name: &str| {
        let found = line.split("; ").find_map(|it| it.strip_prefix(&format!("{name}=")));
        found.unwrap_or("-").to_owned()
    };
    lines.map(|line| format!("{} {}", attribute(line, "Domain"), attribute(line, "Path"))).collect()
}

const ELSEWHERE: [&str; 11] = [
    "- /",
    "www.app.example /",
    "- /shop",
    "www.app.example /shop",
    "app.example /shop",
    "- /shop/",
    "www.app.example /shop/",
    "app.example /shop/",
    "- /shop/cart",
    "www.app.example /shop/cart",
    "app.example /shop/cart",
];

#[tokio::test]
async fn ck_07_d02_a_planted_value_locks_no_one_out() {
    let fixture = fixture();
    let cookie = login(&fixture.layer).await;
    for values in [["junk", &cookie], [&cookie, "junk"], [&cookie, ""], [&cookie, &cookie]] {
        for request in [fetch(&values), navigation(&values)] {
            let reply = send(&fixture.layer, request, who).await;
            assert_eq!(reply.body, "alice");
            assert!(reply.set_cookies().is_empty(), "only a conflict is resolved");
        }
    }
}

#[tokio::test]
async fn d46_only_a_navigation_heals_a_conflict_and_keeps_the_configured_scope() {
    let fixture = fixture();
    let (one, other) = (login(&fixture.layer).await, login(&fixture.layer).await);
    for values in [[&*one, &other], [&other, &one]] {
        let reply = send(&fixture.layer, fetch(&values), who).await;
        assert_eq!((&*reply.body, reply.set_cookies().len()), ("anonymous", 0));
        let reply = send(&fixture.layer, navigation(&values), who).await;
        assert_eq!(reply.body, "anonymous");
        assert_eq!(removed(&reply.set_cookies()), ELSEWHERE);
        assert_eq!(reply.set_cookies().len(), ELSEWHERE.len());
    }
    // The name in a removal must be the name in the browser, and the prefix requires `Secure`.
    let reply = send(&fixture.layer, navigation(&[&one, &other]), who).await;
    assert!(reply.set_cookies().iter().all(|line| line.contains("; Secure")));
}

#[tokio::test]
async fn d46_a_login_heals_a_conflict() {
    let fixture = fixture();
    let (one, other) = (login(&fixture.layer).await, login(&fixture.layer).await);
    let reply = send(&fixture.layer, fetch(&[&one, &other]), alice).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(removed(&reply.set_cookies()), ELSEWHERE);
    let own = format!("{NAME}=Ag");
    let own: Vec<_> = reply.set_cookies().into_iter().filter(|it| it.starts_with(&own)).collect();
    assert!(own.len() == 1 && own[0].contains("Domain=app.example"), "{own:?}");
}

#[tokio::test]
async fn d46_a_logout_ends_every_session_that_came_and_removes_every_cookie() {
    let fixture = fixture();
    let (one, other) = (login(&fixture.layer).await, login(&fixture.layer).await);
    let reply = send(&fixture.layer, fetch(&[&one, &other]), logout).await;
    assert_eq!(reply.status, StatusCode::OK);
    let lines = removed(&reply.set_cookies());
    assert!(lines.iter().any(|it| it == "app.example /"), "{lines:?}");
    assert!(ELSEWHERE.iter().all(|it| lines.iter().any(|line| line == it)), "{lines:?}");
    for cookie in [&one, &other] {
        assert_eq!(send(&fixture.layer, fetch(&[cookie]), who).await.body, "anonymous");
    }
    // One credential in two scopes is one session with two cookies.
    let twice = login(&fixture.layer).await;
    let reply = send(&fixture.layer, fetch(&[&twice, &twice]), logout).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(removed(&reply.set_cookies()).len(), ELSEWHERE.len() + 1);
    assert_eq!(send(&fixture.layer, fetch(&[&twice]), who).await.body, "anonymous");
}

#[tokio::test]
async fn a_logout_that_cannot_end_all_is_an_error_and_keeps_the_cookies() {
    let fixture = fixture();
    let (one, other) = (login(&fixture.layer).await, login(&fixture.layer).await);
    fixture.store.down();
    for request in [fetch(&[&one, &other]), navigation(&[&one, &other])] {
        let reply = send(&fixture.layer, request, logout).await;
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(reply.set_cookies().is_empty(), "{:?}", reply.set_cookies());
    }
    fixture.store.up();
    let reply = send(&fixture.layer, fetch(&[&one, &other]), logout).await;
    assert_eq!(reply.status, StatusCode::OK);
    for cookie in [&one, &other] {
        assert_eq!(send(&fixture.layer, fetch(&[cookie]), who).await.body, "anonymous");
    }
}

#[tokio::test]
async fn a_logout_ends_no_session_by_a_secret_that_was_replaced() {
    let fixture = fixture();
    let old = login(&fixture.layer).await;
    let reply = send(&fixture.layer, fetch(&[&old]), alice).await;
    let lines = reply.set_cookies();
    let new = lines.iter().find_map(|line| line.strip_prefix(&format!("{NAME}=Ag"))).unwrap();
    let new = &*format!("Ag{}", new.split(';').next().unwrap());
    let other = login(&fixture.layer).await;
    // Another request has just renewed the secret; this request must not end that login.
    let reply = send(&fixture.layer, fetch(&[&old, &other]), logout).await;
    assert_eq!(reply.status, StatusCode::CONFLICT);
    assert_eq!(send(&fixture.layer, fetch(&[new]), who).await.body, "alice");
    assert_eq!(send(&fixture.layer, fetch(&[&other]), who).await.body, "anonymous");
    // Beside the new secret, the old one has no effect.
    let reply = send(&fixture.layer, fetch(&[&old, new]), logout).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(send(&fixture.layer, fetch(&[new]), who).await.body, "anonymous");
}

#[tokio::test]
async fn a_logout_ends_no_more_sessions_than_a_browser_has_and_says_so() {
    let fixture = fixture();
    let mut cookies = Vec::new();
    for _ in 0..200 {
        cookies.push(login(&fixture.layer).await);
    }
    for (count, status) in [(64, StatusCode::OK), (136, StatusCode::BAD_REQUEST)] {
        let values: Vec<_> = cookies.drain(..count).collect();
        let values: Vec<_> = values.iter().map(String::as_str).collect();
        fixture.store.reset_steps();
        let reply = send(&fixture.layer, fetch(&values), logout).await;
        assert_eq!(reply.status, status, "{count}");
        assert_eq!((fixture.store.steps().load, fixture.store.steps().end), (64, 64));
        let lines = removed(&reply.set_cookies());
        assert!(lines.iter().any(|it| it == "app.example /"), "{lines:?}");
        let lives = send(&fixture.layer, fetch(&[values[count - 1]]), who).await.body;
        assert_eq!(lives, if count > 64 { "alice" } else { "anonymous" });
    }
}

#[tokio::test]
async fn a_cookie_that_this_ring_did_not_make_is_never_removed() {
    let fixture = fixture();
    let elsewhere = {
        let builder = SessionLayer::builder(fixture.store.clone(), &KeyRing::random());
        builder
            .cookie_name(NAME)
            .settings(&Settings::new().clock(fixture.time.clock()))
            .build()
            .unwrap()
    };
    let foreign = login(&elsewhere).await;
    for values in [&[&*foreign][..], &["junk"], &["", &foreign], &[&foreign, "x", &foreign]] {
        for request in [fetch(values), navigation(values)] {
            for handler in [false, true] {
                let reply = match handler {
                    false => send(&fixture.layer, request.clone(), who).await,
                    true => send(&fixture.layer, request.clone(), logout).await,
                };
                assert_eq!(reply.status, StatusCode::OK);
                assert!(reply.set_cookies().is_empty(), "{:?}", reply.set_cookies());
            }
        }
    }
}

#[tokio::test]
async fn beside_a_foreign_value_removal_stays_in_the_configured_scope() {
    let fixture = fixture();
    let (one, other) = (login(&fixture.layer).await, login(&fixture.layer).await);
    let reply = send(&fixture.layer, navigation(&[&one, "junk", &other]), who).await;
    assert_eq!((&*reply.body, reply.set_cookies().len()), ("anonymous", 0));
    let reply = send(&fixture.layer, fetch(&[&one, "junk", &other]), alice).await;
    assert!(removed(&reply.set_cookies()).is_empty());
    let reply = send(&fixture.layer, fetch(&[&one, "junk", &other]), logout).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(removed(&reply.set_cookies()), ["app.example /"]);
    for cookie in [&one, &other] {
        assert_eq!(send(&fixture.layer, fetch(&[cookie]), who).await.body, "anonymous");
    }
}

#[tokio::test]
async fn d46_under_a_host_prefix_nothing_is_removed_elsewhere() {
    let fixture = Fixture::new();
    let (one, other) = (fixture.login(None, "alice").await, fixture.login(None, "alice").await);
    let name = super::fixture::NAME;
    let pairs = format!("{name}={one}; {name}={other}");
    let request = || Request::get("/a/b").header(COOKIE, &pairs).body(()).unwrap();
    let reply = send(&fixture.layer, request(), who).await;
    assert_eq!((&*reply.body, reply.set_cookies().len()), ("anonymous", 0));
    let reply = send(&fixture.layer, request(), alice).await;
    assert_eq!(reply.set_cookies().len(), 1);
    let reply = send(&fixture.layer, request(), logout).await;
    assert_eq!((reply.status, reply.set_cookies().len()), (StatusCode::OK, 1));
    assert_eq!(fixture.who(&one).await, "anonymous");
    assert_eq!(fixture.who(&other).await, "anonymous");
}

/// A router strips the prefix that it nests under, but cookies are scoped to the whole path.
#[cfg(feature = "axum")]
#[tokio::test]
async fn d46_under_a_nested_router_the_whole_path_counts() {
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt as _;

    let fixture = fixture();
    let (one, other) = (login(&fixture.layer).await, login(&fixture.layer).await);
    let inner = Router::new().route("/cart", get(async || "")).layer(fixture.layer.clone());
    let app = Router::new().nest("/shop", inner);
    let request = navigation(&[&one, &other]).map(|()| Body::empty());
    let reply = app.oneshot(request).await.unwrap();
    let lines = reply.headers().get_all("set-cookie").iter();
    let lines: Vec<_> = lines.map(|line| line.to_str().unwrap().to_owned()).collect();
    assert_eq!(removed(&lines), ELSEWHERE);
}

/// The same with another router, if the context has kept the URI for a login page anyway.
#[cfg(feature = "require")]
#[tokio::test]
async fn d46_the_path_that_the_context_has_kept_counts() {
    use tower::{ServiceBuilder, ServiceExt as _, service_fn};

    crate::request::keep_uris();
    let fixture = fixture();
    let (one, other) = (login(&fixture.layer).await, login(&fixture.layer).await);
    let app = ServiceBuilder::new()
        .layer(crate::CookieLayer::new())
        .map_request(|mut request: Request<()>| {
            *request.uri_mut() = http::Uri::from_static("/cart");
            request
        })
        .layer(&fixture.layer)
        .service(service_fn(async |_: Request<()>| {
            Ok::<_, std::convert::Infallible>(http::Response::new(String::new()))
        }));
    let reply = app.oneshot(navigation(&[&one, &other])).await.unwrap();
    let lines = reply.headers().get_all("set-cookie").iter();
    let lines: Vec<_> = lines.map(|line| line.to_str().unwrap().to_owned()).collect();
    assert_eq!(removed(&lines), ELSEWHERE);
}
