//! Server-sent events: the head is sent early, and the body continues.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::Event;
use axum::routing::get;
use http::StatusCode;
use http_body_util::BodyExt as _;
use tokio::sync::{Mutex, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt as _};
use tower_auth::session::SessionError;
use tower_auth::{Cookies, Identity, Session};

use crate::fixture::Fixture;
use crate::routes::{behind, routes};
use crate::wire::{BOTH, Connection, serve};

type Source = Arc<Mutex<Option<mpsc::Receiver<&'static str>>>>;

/// Counts before the head. Each event then asserts that later writes fail.
async fn stream(
    who: Identity,
    session: Session,
    cookies: Cookies,
    State(source): State<Source>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    session.update("count", |count: Option<u32>| count.unwrap_or(0) + 1).unwrap();
    let events = ReceiverStream::new(source.lock().await.take().unwrap());
    Sse::new(events.then(move |event| {
        let (who, session, cookies) = (who.clone(), session.clone(), cookies.clone());
        async move {
            let wrote = session.update("count", |_: Option<u32>| 99);
            assert!(matches!(wrote, Err(SessionError::ResponseSent)));
            let login = session.login(Identity::local("mallory").build());
            assert!(matches!(login, Err(SessionError::ResponseSent)));
            assert!(matches!(session.commit().await, Err(SessionError::ResponseSent)));
            assert!(matches!(session.logout().await, Err(SessionError::ResponseSent)));
            assert!(cookies.set(("theme", "dark")).is_err());
            // Values that were read stay readable.
            let count = session.get::<u32>("count").unwrap().unwrap();
            Ok(Event::default().data(format!("{event} {} {count}", who.subject())))
        }
    }))
}

#[tokio::test]
async fn the_head_is_early_and_what_comes_after_it_writes_nothing() {
    for version in BOTH {
        let fixture = Fixture::new();
        let cookie = fixture.log_in("alice").await;
        let source = Source::default();
        let events = axum::Router::new().route("/events", get(stream)).with_state(source.clone());
        let address = serve(behind(&fixture, routes().merge(events))).await;
        let (send, receive) = mpsc::channel(1);
        *source.lock().await = Some(receive);

        let mut alice = Connection::open(address, version).await;
        let lines = [("cookie", &*cookie)];
        let response = alice.begin("GET", "/events", &lines, "").await.unwrap();
        // No event was sent so far, but the head is sent and the session saved.
        assert_eq!(response.status(), StatusCode::OK, "{version:?}");
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(fixture.look(&cookie).await, "alice 1");

        let mut body = response.into_body();
        for event in ["one", "two"] {
            send.send(event).await.unwrap();
            let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
            assert_eq!(frame, format!("data: {event} alice 1\n\n"), "{version:?}");
        }
        drop(send);
        assert!(body.collect().await.unwrap().to_bytes().is_empty());
        assert_eq!(fixture.look(&cookie).await, "alice 1");

        // An anonymous request gets no stream.
        let mut anonymous = Connection::open(address, version).await;
        assert_eq!(anonymous.get("/events", &[]).await.status, StatusCode::UNAUTHORIZED);
    }
}
