//! The uses of a session: requests that extend it, and cookies that a read-only response sends.

use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use http::{StatusCode, Uri};
use tower_auth::Session;
use tower_auth::session::SessionError;
use tower_auth_test::client::TestResponse;
use tower_auth_test::jar::Initiator;

use crate::fixture::{Client, Fixture, Transport, everywhere, routes};

const ORIGIN: &str = "https://app.example";
const MINUTE: Duration = Duration::from_secs(60);
const TICK: Duration = Duration::from_micros(1);

/// The common routes, and `/slow/{minutes}` and `/slow-put/{minutes}`, which take that time.
fn app(fixture: &Fixture) -> Router {
    let time = fixture.time.clone();
    let (read, write) = (time.clone(), time);
    let slow = async move |Path(minutes): Path<u32>| read.advance(minutes * MINUTE);
    let put = async move |Path(minutes): Path<u32>, session: Session| {
        write.advance(minutes * MINUTE);
        session.insert("key", "slow")?;
        Ok::<_, SessionError>(())
    };
    let slow = Router::new().route("/slow/{minutes}", get(slow));
    let slow = slow.route("/slow-put/{minutes}", get(put));
    routes().merge(slow).layer(fixture.layer(|it| it))
}

async fn logged_in(fixture: &Fixture) -> Client {
    let browser = fixture.browser(&app(fixture), ORIGIN);
    assert_eq!(browser.post("/login/alice").await.status(), StatusCode::OK);
    assert_eq!(browser.post("/put/key/old").await.status(), StatusCode::OK);
    browser
}

/// Delivers an answer: the browser stores its cookies.
fn arrives(fixture: &Fixture, browser: &Client, answer: &TestResponse) {
    for line in answer.set_cookies() {
        let (url, now) = (Uri::from_static(ORIGIN), fixture.time.now());
        let kept =
            browser.edit_jar(|jar| jar.store(line.as_bytes(), &url, Initiator::SameSite, now));
        assert_eq!(kept, Ok(()), "{line}");
    }
}

/// Starts a slow navigation that only reads, posts `meanwhile` in another tab, and delivers the
/// answer of the navigation last.
async fn overtaken(fixture: &Fixture, browser: &Client, meanwhile: &str) {
    fixture.time.advance(29 * MINUTE);
    let slow = browser.fork().get("/who").await;
    assert_eq!(slow.text(), "local alice");
    assert_eq!(browser.post(meanwhile).await.status(), StatusCode::OK);
    arrives(fixture, browser, &slow);
}

#[tokio::test]
async fn d47_a_slow_answer_undoes_no_logout() {
    everywhere(async |fixture| {
        let browser = logged_in(fixture).await;
        overtaken(fixture, &browser, "/logout").await;
        for _ in 0..2 {
            assert_eq!(browser.get("/who").await.text(), "anonymous");
            assert_eq!(browser.get("/get/key").await.text(), "");
        }
    })
    .await;
}

#[tokio::test]
async fn d47_a_slow_answer_undoes_no_login_and_no_write() {
    everywhere(async |fixture| {
        for (meanwhile, who, value) in [
            ("/login/alice", "local alice", "old"),
            ("/login/bob", "local bob", ""),
            ("/put/key/new", "local alice", "new"),
        ] {
            let browser = logged_in(fixture).await;
            overtaken(fixture, &browser, meanwhile).await;
            assert_eq!(browser.get("/who").await.text(), who, "{meanwhile}");
            assert_eq!(browser.get("/get/key").await.text(), value, "{meanwhile}");
        }
    })
    .await;
}

#[tokio::test]
async fn se_05_an_application_that_only_fetches_stays_logged_in() {
    everywhere(async |fixture| {
        let browser = logged_in(fixture).await;
        for _ in 0..20 {
            fixture.time.advance(29 * MINUTE);
            let reply = browser.get("/who").fetch().await;
            assert_eq!(reply.text(), "local alice");
            // A store records the use. Without one, only a cookie tells the client of it.
            let is_told = fixture.transport == Transport::Cookie;
            let lines = reply.set_cookies();
            assert_eq!(lines.len(), usize::from(is_told), "{lines:?}");
            assert!(lines.iter().all(|line| line.starts_with("__Host-session-used=")));
        }
        fixture.time.advance(30 * MINUTE);
        assert_eq!(browser.get("/who").fetch().await.text(), "anonymous");
    })
    .await;
}

#[tokio::test]
async fn se_05_a_request_that_arrives_in_time_keeps_the_session() {
    everywhere(async |fixture| {
        for slow in ["/slow/2", "/slow-put/2"] {
            let browser = logged_in(fixture).await;
            fixture.time.advance(29 * MINUTE);
            assert_eq!(browser.get(slow).await.status(), StatusCode::OK, "{slow}");
            assert_eq!(browser.get("/who").fetch().await.text(), "local alice", "{slow}");
            // Two minutes less, because a store knows the arrival only.
            fixture.time.advance(28 * MINUTE - TICK);
            assert_eq!(browser.fork().get("/who").fetch().await.text(), "local alice", "{slow}");
        }
    })
    .await;
}

#[tokio::test]
async fn se_05_the_absolute_deadline_wins_over_uses_and_saves() {
    everywhere(async |fixture| {
        let browser = logged_in(fixture).await;
        for _ in 0..71 {
            fixture.time.advance(20 * MINUTE);
            assert_eq!(browser.get("/who").fetch().await.text(), "local alice");
        }
        fixture.time.advance(19 * MINUTE);
        let reply = browser.get("/slow-put/1").await;
        assert_eq!(reply.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(browser.get("/who").fetch().await.text(), "anonymous");
        assert_eq!(browser.get("/get/key").fetch().await.text(), "");
    })
    .await;
}
