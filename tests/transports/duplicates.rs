//! Several cookies with one name in one browser: the session that counts, and the removal of the
//! others.

use http::{StatusCode, Uri};
use tower_auth::KeyRing;
use tower_auth::session::SessionLayerBuilder;
use tower_auth_test::jar::Initiator;

use crate::fixture::{Client, Fixture, Transport, everywhere, routes};

const ORIGIN: &str = "https://www.app.example";
const NAME: &str = "__Secure-id";

/// One application, with its cookie in different scopes.
type Scope = fn(SessionLayerBuilder) -> SessionLayerBuilder;
const HOST: Scope = |builder| builder.cookie_name(NAME);
const WWW: Scope = |builder| builder.cookie_name(NAME).cookie_domain("www.app.example");
const APP: Scope = |builder| builder.cookie_name(NAME).cookie_domain("app.example");
const PATH: Scope = |builder| builder.cookie_name(NAME).cookie_path("/who");

/// Returns the values under each of the session's names, in the order in which a browser sends
/// them.
fn cookies(client: &Client) -> Vec<String> {
    let jar = client.jar();
    jar.iter().filter(|it| it.name().starts_with(NAME)).map(|it| it.name().into_owned()).collect()
}

/// Logs in with an empty jar, and adds the cookies to the browser's jar as well.
async fn log_in_beside(fixture: &Fixture, browser: &Client, scope: Scope, subject: &str) -> Client {
    let other = fixture.browser(&fixture.app(scope), ORIGIN);
    let reply = other.post(&format!("/login/{subject}")).await;
    assert_eq!(reply.status(), StatusCode::OK);
    for line in reply.set_cookies() {
        let (url, now) = (Uri::from_static(ORIGIN), fixture.time.now());
        let kept =
            browser.edit_jar(|jar| jar.store(line.as_bytes(), &url, Initiator::SameSite, now));
        assert_eq!(kept, Ok(()), "{line}");
    }
    other
}

#[tokio::test]
async fn d46_a_logout_ends_every_session_that_came_and_removes_every_cookie() {
    everywhere(async |fixture| {
        for script in [false, true] {
            let browser = fixture.browser(&fixture.app(APP), ORIGIN);
            let alice = log_in_beside(fixture, &browser, HOST, "alice").await;
            let bob = log_in_beside(fixture, &browser, APP, "bob").await;
            assert_eq!(browser.get("/who").fetch().await.text(), "anonymous");
            let request = browser.post("/logout");
            let reply = if script { request.fetch().await } else { request.await };
            let wanted = match fixture.ends_sessions() {
                true => StatusCode::OK,
                // Nothing can be ended, and the handler reports that.
                false => StatusCode::BAD_REQUEST,
            };
            assert_eq!(reply.status(), wanted);
            assert_eq!(cookies(&browser), [""; 0]);
            assert_eq!(browser.get("/who").await.text(), "anonymous");
            let still = if fixture.ends_sessions() { "anonymous" } else { "local alice" };
            let still_who = |who: &str| still.replace("alice", who);
            assert_eq!(alice.get("/who").fetch().await.text(), still_who("alice"));
            assert_eq!(bob.get("/who").fetch().await.text(), still_who("bob"));
        }
    })
    .await;
}

#[tokio::test]
async fn d46_after_a_change_of_the_cookies_scope_a_user_can_log_in() {
    everywhere(async |fixture| {
        let moves = [(WWW, APP), (APP, WWW), (HOST, APP), (APP, HOST), (PATH, APP), (WWW, HOST)];
        for (before, now) in moves {
            let old = fixture.browser(&fixture.app(before), ORIGIN);
            assert_eq!(old.post("/login/alice").await.status(), StatusCode::OK);
            let browser = fixture.browser(&fixture.app(now), ORIGIN);
            browser.edit_jar(|jar| *jar = old.jar());
            assert_eq!(browser.post("/login/alice").await.status(), StatusCode::OK);
            // The first page shows the conflict and resolves it for the second.
            let _page = browser.get("/who").await;
            assert_eq!(browser.get("/who").await.text(), "local alice");
            assert_eq!(browser.get("/who").fetch().await.text(), "local alice");
            let one = if fixture.transport == Transport::Store { 1 } else { 2 };
            assert_eq!(cookies(&browser).len(), one, "{:?}", browser.jar());
            assert_eq!(browser.post("/logout").await.status(), StatusCode::OK);
            assert_eq!(cookies(&browser), [""; 0]);
        }
    })
    .await;
}

/// A large record takes two cookies, and its smaller replacement only one.
#[tokio::test]
async fn d46_a_large_record_in_another_scope_goes_whole() {
    everywhere(async |fixture| {
        for (before, now) in [(WWW, APP), (APP, WWW), (HOST, APP), (APP, HOST)] {
            let old = fixture.browser(&fixture.app(before), ORIGIN);
            assert_eq!(old.post("/login/alice").await.status(), StatusCode::OK);
            let put = old.post(&format!("/put/a/{}", "x".repeat(2_900))).await;
            assert_eq!(put.status(), StatusCode::OK);
            let browser = fixture.browser(&fixture.app(now), ORIGIN);
            browser.edit_jar(|jar| *jar = old.jar());
            assert_eq!(browser.post("/login/bob").await.status(), StatusCode::OK);
            let _page = browser.get("/who").await;
            assert_eq!(browser.get("/who").await.text(), "local bob");
            let one = if fixture.transport == Transport::Store { 1 } else { 2 };
            assert_eq!(cookies(&browser).len(), one, "{:?}", browser.jar());
        }
    })
    .await;
}

#[tokio::test]
async fn d46_a_login_in_a_conflict_is_logged_in_at_once() {
    everywhere(async |fixture| {
        let browser = fixture.browser(&fixture.app(APP), ORIGIN);
        log_in_beside(fixture, &browser, HOST, "alice").await;
        log_in_beside(fixture, &browser, WWW, "bob").await;
        assert_eq!(browser.post("/login/carol").fetch().await.status(), StatusCode::OK);
        assert_eq!(browser.get("/who").fetch().await.text(), "local carol");
    })
    .await;
}

#[tokio::test]
async fn ck_07_a_cookie_planted_by_a_sibling_host_locks_no_one_out() {
    everywhere(async |fixture| {
        let browser = fixture.browser(&fixture.app(HOST), ORIGIN);
        assert_eq!(browser.post("/login/alice").await.status(), StatusCode::OK);
        for piece in ["", "-0", "-1"] {
            let line = format!("{NAME}{piece}=planted; Domain=app.example; Path=/; Secure");
            let sibling = Uri::from_static("https://evil.app.example/");
            let now = fixture.time.now();
            let kept = browser
                .edit_jar(|jar| jar.store(line.as_bytes(), &sibling, Initiator::SameSite, now));
            assert_eq!(kept, Ok(()));
        }
        assert_eq!(browser.get("/who").await.text(), "local alice");
        assert_eq!(browser.post("/put/a/1").fetch().await.status(), StatusCode::OK);
        assert_eq!(browser.get("/get/a").fetch().await.text(), "1");
        assert_eq!(browser.post("/logout").await.status(), StatusCode::OK);
        assert_eq!(browser.get("/who").await.text(), "anonymous");
        // The layer must not remove cookies that another host planted.
        for piece in ["", "-0", "-1"] {
            assert!(cookies(&browser).contains(&format!("{NAME}{piece}")), "{piece}");
        }
        assert_eq!(browser.post("/login/alice").await.status(), StatusCode::OK);
        assert_eq!(browser.get("/who").fetch().await.text(), "local alice");
    })
    .await;
}

#[tokio::test]
async fn a_second_application_on_the_host_leaves_the_first_ones_cookies() {
    everywhere(async |fixture| {
        let first = fixture.browser(&fixture.app(|builder| builder), "https://app.example:8001");
        assert_eq!(first.post("/login/alice").await.status(), StatusCode::OK);
        // Another port is the same host, so the browser sends the cookies there too.
        let keys = KeyRing::insecure_from_seed(8);
        let app = routes().layer(fixture.layer_with(&keys, |builder| builder));
        let second = fixture.browser(&app, "https://app.example:8002");
        second.edit_jar(|jar| *jar = first.jar());
        for reply in [
            second.get("/who").await,
            second.get("/who").fetch().await,
            second.post("/logout").await,
        ] {
            assert_eq!((reply.status(), reply.set_cookies()), (StatusCode::OK, vec![]));
        }
        first.edit_jar(|jar| *jar = second.jar());
        assert_eq!(first.get("/who").await.text(), "local alice");
    })
    .await;
}
