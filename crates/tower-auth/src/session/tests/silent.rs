//! A store that never answers: each request still gets a response, as if the store had failed.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use http::StatusCode;
use tower_auth_core::{Identity, Principal};
use tower_auth_test::{FaultyStore, ModelStore, Steps, TestClock};

use super::fixture::{Fixture, Reply, request, send, who};
#[cfg(feature = "near-cache")]
use crate::NearCache;
use crate::session::{Session, SessionError, SessionLayer};
use crate::{KeyRing, MemoryStore, Settings};

const LIMIT: Duration = Duration::from_secs(5);

/// Completes the future. Whenever it waits, `limit` passes at once.
async fn in_time<T>(time: &TestClock, limit: Duration, future: impl Future<Output = T>) -> T {
    let (mut future, mut waits) = (pin!(future), 0);
    poll_fn(|task| {
        loop {
            if let Poll::Ready(answer) = future.as_mut().poll(task) {
                return Poll::Ready(answer);
            }
            waits += 1;
            assert!(waits < 10, "the request hangs");
            time.advance(limit);
        }
    })
    .await
}

fn fixture() -> Fixture {
    let fixture = Fixture::new();
    let builder = SessionLayer::builder(fixture.store.clone(), &fixture.keys);
    let layer = builder
        .settings(&Settings::new().clock(fixture.time.clock()).timer(fixture.time.clone()))
        .build()
        .unwrap();
    Fixture { layer, ..fixture }
}

/// The client keeps its cookies.
#[track_caller]
fn is_unavailable(reply: &Reply) {
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(reply.set_cookies(), [""; 0]);
}

async fn log_in(session: Session) -> Result<String, SessionError> {
    session.login(Identity::local("alice").build())?;
    Ok("welcome".into())
}

async fn write(session: Session) -> Result<String, SessionError> {
    session.insert("n", &1)?;
    Ok("written".into())
}

async fn commit(session: Session) -> Result<String, SessionError> {
    session.insert("n", &1)?;
    session.commit().await?;
    Ok("written".into())
}

async fn log_out(session: Session) -> Result<String, SessionError> {
    session.logout().await?;
    Ok("goodbye".into())
}

#[tokio::test]
async fn se_17_a_load_that_is_never_answered_says_unknown() {
    let fixture = fixture();
    let cookie = fixture.login(None, "alice").await;
    fixture.store.silent();
    let reply = in_time(&fixture.time, LIMIT, fixture.send(Some(&cookie), who)).await;
    is_unavailable(&reply);
    fixture.store.up();
    assert_eq!(fixture.who(&cookie).await, "alice");
}

#[tokio::test]
async fn d17_a_first_save_that_is_never_answered_gives_no_cookie() {
    let fixture = fixture();
    fixture.store.silent();
    is_unavailable(&in_time(&fixture.time, LIMIT, fixture.send(None, write)).await);
    is_unavailable(&in_time(&fixture.time, LIMIT, fixture.send(None, commit)).await);
    is_unavailable(&in_time(&fixture.time, LIMIT, fixture.send(None, log_in)).await);
    assert_eq!(fixture.store.steps(), Steps { create: 3, ..Steps::default() });
}

/// The store answers loads, and does not answer writes.
#[tokio::test]
async fn d17_a_write_that_is_never_answered_leaves_the_client_its_cookie() {
    let fixture = fixture();
    let cookie = fixture.login(None, "alice").await;
    let store = fixture.store.clone();
    let handlers: [fn(Session, FaultyStore<MemoryStore>) -> Answer; 4] =
        [write_silently, commit_silently, log_in_silently, log_out_silently];
    for handler in handlers {
        let store = store.clone();
        let sent = fixture.send(Some(&cookie), move |session| handler(session, store.clone()));
        is_unavailable(&in_time(&fixture.time, LIMIT, sent).await);
        fixture.store.up();
        assert_eq!(fixture.who(&cookie).await, "alice", "the session is unchanged");
    }
}

type Answer = std::pin::Pin<Box<dyn Future<Output = Result<String, SessionError>>>>;

fn silently(
    store: FaultyStore<MemoryStore>,
    then: impl Future<Output = Result<String, SessionError>> + 'static,
) -> Answer {
    Box::pin(async move {
        store.silent();
        then.await
    })
}

fn write_silently(session: Session, store: FaultyStore<MemoryStore>) -> Answer {
    silently(store, write(session))
}

fn commit_silently(session: Session, store: FaultyStore<MemoryStore>) -> Answer {
    silently(store, commit(session))
}

fn log_in_silently(session: Session, store: FaultyStore<MemoryStore>) -> Answer {
    silently(store, log_in(session))
}

fn log_out_silently(session: Session, store: FaultyStore<MemoryStore>) -> Answer {
    silently(store, log_out(session))
}

/// The logout takes effect, but the answer is lost, so the caller cannot know.
#[tokio::test]
async fn se_17_a_logout_that_was_done_and_never_answered_is_not_reported_as_done() {
    let fixture = fixture();
    let cookie = fixture.login(None, "alice").await;
    let store = fixture.store.clone();
    let sent = fixture.send(Some(&cookie), move |session| {
        let store = store.clone();
        async move {
            store.silent_once_done();
            log_out(session).await
        }
    });
    is_unavailable(&in_time(&fixture.time, LIMIT, sent).await);
    fixture.store.up();
    assert_eq!(fixture.who(&cookie).await, "anonymous");
}

#[tokio::test]
async fn a_touch_that_is_never_answered_takes_nothing_from_the_response() {
    let fixture = fixture();
    let cookie = fixture.login(None, "alice").await;
    fixture.time.advance(Duration::from_secs(10 * 60));
    let store = fixture.store.clone();
    let sent = fixture.send(Some(&cookie), move |session| {
        let store = store.clone();
        async move {
            store.silent();
            who(session).await
        }
    });
    let reply = in_time(&fixture.time, LIMIT, sent).await;
    assert_eq!((reply.status, &*reply.body), (StatusCode::OK, "alice"));
}

#[tokio::test]
async fn a_step_that_was_given_up_does_not_hold_the_sessions_lock() {
    let fixture = fixture();
    let cookie = fixture.login(None, "alice").await;
    let store = fixture.store.clone();
    let sent = fixture.send(Some(&cookie), move |session| {
        let store = store.clone();
        async move {
            store.silent();
            let first = commit(session.clone()).await;
            assert!(matches!(first, Err(SessionError::Unavailable)));
            store.up();
            commit(session).await
        }
    });
    let reply = in_time(&fixture.time, LIMIT, sent).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(fixture.read(&cookie, "n").await, Some(1));
}

#[tokio::test]
async fn lists_and_kicks_that_are_never_answered_are_given_up_after_a_minute() {
    let fixture = fixture();
    fixture.login(None, "alice").await;
    let sessions = fixture.layer.sessions().unwrap();
    let alice = Principal::local("alice");
    let name = sessions.list(&alice).await.unwrap()[0].id();
    fixture.store.silent();
    let minute = Duration::from_secs(60);
    let unavailable = |error| matches!(error, SessionError::Unavailable);
    let listed = in_time(&fixture.time, minute, sessions.list(&alice)).await;
    assert!(unavailable(listed.unwrap_err()));
    let ended = in_time(&fixture.time, minute, sessions.end_all(&alice, None)).await;
    assert!(unavailable(ended.unwrap_err()));
    let ended = in_time(&fixture.time, LIMIT, sessions.end(&alice, name)).await;
    assert!(unavailable(ended.unwrap_err()));
    fixture.store.up();
    assert_eq!(sessions.list(&alice).await.unwrap().len(), 1);
}

#[tokio::test]
async fn se_17_a_guard_that_is_never_answered_says_unknown() {
    let (time, keys) = (TestClock::new(), KeyRing::insecure_from_seed(7));
    let guard = FaultyStore::new(ModelStore::new(time.clock()));
    let builder = SessionLayer::in_cookie(&keys).replay_guard(guard.clone());
    let layer =
        builder.settings(&Settings::new().clock(time.clock()).timer(time.clone())).build().unwrap();
    let reply = send(&layer, request(None), log_in).await;
    let pairs: Vec<_> =
        reply.set_cookies().iter().map(|line| line.split(';').next().unwrap().to_owned()).collect();
    let with_cookies = || {
        let mut request = request(None);
        request.headers_mut().insert(http::header::COOKIE, pairs.join("; ").parse().unwrap());
        request
    };
    guard.silent();
    is_unavailable(&in_time(&time, LIMIT, send(&layer, with_cookies(), who)).await);
    is_unavailable(&in_time(&time, LIMIT, send(&layer, request(None), log_in)).await);
    guard.up();
    assert_eq!(send(&layer, with_cookies(), who).await.body, "alice");
}

#[cfg(feature = "near-cache")]
#[tokio::test]
async fn a_near_cache_that_waited_in_vain_is_not_the_worse_for_it() {
    let fixture = fixture();
    let near = NearCache::builder(fixture.store.clone()).bounded_staleness(LIMIT);
    let near = near.clock(fixture.time.clock()).build().unwrap();
    let builder = SessionLayer::builder(near, &fixture.keys);
    let layer = builder
        .settings(&Settings::new().clock(fixture.time.clock()).timer(fixture.time.clone()))
        .build()
        .unwrap();
    let cookie = fixture.login(None, "alice").await;
    fixture.store.silent();
    let sent = send(&layer, request(Some(&cookie)), who);
    is_unavailable(&in_time(&fixture.time, LIMIT, sent).await);
    fixture.store.up();
    let reply = send(&layer, request(Some(&cookie)), who).await;
    assert_eq!(reply.body, "alice");
}
