//! A step that the store has completed remains in effect, even if a later step of the request
//! fails.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::routing::post;
use http::StatusCode;
use tower_auth::session::SessionError;
use tower_auth::{Identity, Session};

use crate::fixture::{Fixture, everywhere, routes};

const ORIGIN: &str = "https://app.example";

fn log_in(session: &Session, subject: &str) -> Result<(), SessionError> {
    session.login(Identity::local(subject).build())
}

/// A change that cannot be saved: its second run returns a value that cannot be encoded.
fn spoil(session: &Session) -> Result<(), SessionError> {
    let again = AtomicBool::new(false);
    session.update(
        "spoiled",
        move |_: Option<f64>| {
            if again.swap(true, Ordering::Relaxed) { f64::NAN } else { 1.0 }
        },
    )
}

fn app(fixture: &Fixture) -> Router {
    let failed = async |session: &Session| {
        let failed = session.commit().await;
        assert!(matches!(failed, Err(SessionError::Encode { .. })), "{failed:?}");
        Ok::<_, SessionError>(())
    };
    let commits = async move |session: Session| {
        log_in(&session, "alice")?;
        session.insert("a", "1")?;
        session.commit().await?;
        log_in(&session, "bob")?;
        spoil(&session)?;
        failed(&session).await
    };
    let is_refused = async |session: Session| {
        log_in(&session, "alice")?;
        session.insert("a", "1")?;
        session.commit().await?;
        spoil(&session)
    };
    let logs_out = async move |session: Session| {
        session.logout().await?;
        log_in(&session, "bob")?;
        spoil(&session)?;
        failed(&session).await
    };
    let more = Router::<()>::new()
        .route("/commits", post(commits))
        .route("/is-refused", post(is_refused))
        .route("/logs-out", post(logs_out));
    routes().merge(more).layer(fixture.layer(|it| it))
}

#[tokio::test]
async fn d17_a_later_failure_leaves_the_client_the_session_of_an_earlier_commit() {
    everywhere(async |fixture| {
        let app = app(fixture);
        for first in [None, Some("alice"), Some("carol")] {
            for (route, status) in
                [("/commits", StatusCode::OK), ("/is-refused", StatusCode::INTERNAL_SERVER_ERROR)]
            {
                let browser = fixture.browser(&app, ORIGIN);
                if let Some(first) = first {
                    let reply = browser.post(&format!("/login/{first}")).await;
                    assert_eq!(reply.status(), StatusCode::OK);
                }
                assert_eq!(browser.post(route).await.status(), status);
                assert_eq!(browser.get("/who").await.text(), "local alice", "{route} {first:?}");
                assert_eq!(browser.get("/get/a").await.text(), "1", "{route} {first:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn d17_a_later_failure_undoes_no_logout() {
    everywhere(async |fixture| {
        let browser = fixture.browser(&app(fixture), ORIGIN);
        assert_eq!(browser.post("/login/alice").await.status(), StatusCode::OK);
        assert_eq!(browser.post("/logs-out").await.status(), StatusCode::OK);
        assert_eq!(browser.get("/who").await.text(), "anonymous");
        assert_eq!(browser.jar().iter().count(), 0);
    })
    .await;
}
