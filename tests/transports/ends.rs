//! A session that ends while a request with it is under way.

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use http::StatusCode;
use tower_auth::session::{SessionError, Sessions};
use tower_auth::store::{EndReason, Key, RecordKind, Store as _};
use tower_auth::{Principal, Session};

use crate::fixture::{Client, Fixture, Transport, everywhere, routes};

const ORIGIN: &str = "https://app.example";

/// The common routes, and `/kicked`, whose session another request ends before it writes.
fn app(fixture: &Fixture) -> Router {
    let (store, transport) = (fixture.store.clone(), fixture.transport);
    let kicked = async move |session: Session| {
        let kind =
            if transport == Transport::Guarded { RecordKind::Replay } else { RecordKind::Session };
        let key = Key::new(kind, session.id().unwrap());
        let long = std::time::Duration::from_secs(3600);
        store.end(&key, EndReason::Kicked, long).await.unwrap();
        session.insert("key", "late")
    };
    routes().route("/kicked", post(kicked)).layer(fixture.layer(|it| it))
}

fn me() -> Principal {
    Principal::local("alice")
}

fn cookies(client: &Client) -> usize {
    client.jar().iter().count()
}

async fn logged_in(fixture: &Fixture, app: &Router) -> Client {
    let browser = fixture.browser(app, ORIGIN);
    assert_eq!(browser.post("/login/alice").await.status(), StatusCode::OK);
    browser
}

#[tokio::test]
async fn d03_a_write_that_meets_a_kick_answers_401_and_the_dead_cookie_goes() {
    everywhere(async |fixture| {
        // Without a store there is no way to kick a user.
        if fixture.transport == Transport::Cookie {
            return;
        }
        let app = app(fixture);
        let browser = logged_in(fixture, &app).await;
        let reply = browser.post("/kicked").await;
        assert_eq!(reply.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(cookies(&browser), 0);

        // A script's request keeps the cookie: a login may be under way in another tab.
        let browser = logged_in(fixture, &app).await;
        let before = cookies(&browser);
        let reply = browser.post("/kicked").fetch().await;
        assert_eq!((reply.status(), cookies(&browser)), (StatusCode::UNAUTHORIZED, before));
        assert_eq!(browser.get("/who").await.text(), "anonymous");
        assert_eq!(cookies(&browser), 0);
    })
    .await;
}

#[tokio::test]
async fn se_07_a_handler_that_ends_its_own_session_has_logged_out() {
    everywhere(async |fixture| {
        // Sessions that only the client keeps cannot be listed or ended.
        if fixture.transport != Transport::Store {
            return;
        }
        let one = async |State(sessions): State<Sessions>, session: Session| {
            assert!(sessions.end(&me(), session.id().unwrap()).await?);
            session.insert("key", "flash")
        };
        let all = async |State(sessions): State<Sessions>, session: Session| {
            session.insert("key", "before")?;
            assert_eq!(sessions.end_all(&me(), None).await?, 1);
            Ok::<_, SessionError>(())
        };
        let layer = fixture.layer(|it| it);
        let sessions = layer.sessions().unwrap();
        let own = Router::new().route("/end", post(one)).route("/end-all", post(all));
        let app = routes().merge(own.with_state(sessions)).layer(layer);

        let browser = logged_in(fixture, &app).await;
        let copy = browser.fork();
        assert_eq!(browser.post("/end").fetch().await.status(), StatusCode::OK);
        assert_eq!(browser.get("/who").await.text(), "anonymous");
        assert_eq!(browser.get("/get/key").await.text(), "flash");
        assert_eq!(copy.get("/who").await.text(), "anonymous");

        let browser = logged_in(fixture, &app).await;
        assert_eq!(browser.post("/end-all").fetch().await.status(), StatusCode::OK);
        assert_eq!(cookies(&browser), 0);
    })
    .await;
}
