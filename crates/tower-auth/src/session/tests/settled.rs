//! Changes that the store has accepted reach the client, whatever the request does later.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use http::header::{COOKIE, SET_COOKIE};
use http::{Request, Response, StatusCode};
use tower::{ServiceBuilder, ServiceExt as _, service_fn};
use tower_auth_core::store::{EndReason, Key, RecordKind, Store as _};
use tower_auth_core::{Identity, Rejection};
use tower_auth_test::{FaultyStore, Step, TestClock};

use crate::jar::CookieError;
use crate::session::{Session, SessionError, SessionLayer};
use crate::{CookieLayer, Cookies, KeyRing, MemoryStore, Settings};

const BUDGET: usize = 8192;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transport {
    Store,
    Cookie,
    Guarded,
}

const TRANSPORTS: [Transport; 3] = [Transport::Store, Transport::Cookie, Transport::Guarded];

/// A client, and the server that it talks to.
struct Fixture {
    time: TestClock,
    store: FaultyStore<MemoryStore>,
    layer: SessionLayer,
    jar: BTreeMap<String, String>,
}

impl Fixture {
    fn new(transport: Transport) -> Self {
        let time = TestClock::new();
        let store = FaultyStore::new(MemoryStore::new(time.clock()));
        let keys = KeyRing::insecure_from_seed(7);
        let builder = match transport {
            Transport::Store => SessionLayer::builder(store.clone(), &keys),
            Transport::Cookie => SessionLayer::in_cookie(&keys),
            Transport::Guarded => SessionLayer::in_cookie(&keys).replay_guard(store.clone()),
        };
        let layer = builder.settings(&Settings::new().clock(time.clock())).build().unwrap();
        Self { time, store, layer, jar: BTreeMap::new() }
    }

    /// Sends a request whose handler runs `work`. No response may exceed the cookie budget.
    async fn does<F>(&mut self, work: impl Fn(Session, Cookies) -> F) -> StatusCode
    where
        F: Future<Output = Result<(), SessionError>>,
    {
        let pairs = self.jar.iter().map(|(name, value)| format!("{name}={value}"));
        let line = pairs.collect::<Vec<_>>().join("; ");
        let request = Request::builder().header(COOKIE, line).body(()).unwrap();
        let work = &work;
        let handler = service_fn(move |request: Request<()>| async move {
            let session = Session::of(request.extensions()).unwrap();
            let cookies = Cookies::of(request.extensions()).unwrap();
            let mut response = Response::new(String::new());
            if let Err(error) = work(session, cookies).await {
                *response.status_mut() = Rejection::from(error).status();
            }
            Ok::<_, Infallible>(response)
        });
        let layers = ServiceBuilder::new().layer(CookieLayer::new()).layer(&self.layer);
        let response = layers.service(handler).oneshot(request).await.unwrap();
        let mut octets = 0;
        for line in response.headers().get_all(SET_COOKIE) {
            let line = line.to_str().unwrap();
            let pair = line.split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if line.contains("Max-Age=0") {
                self.jar.remove(name);
            } else {
                octets += pair.len() + "; ".len();
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        assert!(octets <= BUDGET, "{octets} octets");
        response.status()
    }

    async fn logs_in(&mut self, subject: &'static str) {
        let status = self.does(async |session, _| log_in(&session, subject)).await;
        assert_eq!(status, StatusCode::OK);
    }

    /// Returns the user of the next request, and the value under `n`.
    async fn sees(&mut self) -> (String, Option<u32>) {
        let seen = std::sync::Mutex::default();
        self.does(async |session, _| {
            let who = session.identity()?.map(|it| it.subject().to_owned());
            *seen.lock().unwrap() = (who.unwrap_or_default(), session.get("n")?);
            Ok(())
        })
        .await;
        seen.into_inner().unwrap()
    }
}

fn log_in(session: &Session, subject: &str) -> Result<(), SessionError> {
    session.login(Identity::local(subject).build())
}

/// A change whose save fails on every transport: its value cannot be serialised the second time.
fn spoil(session: &Session) -> Result<(), SessionError> {
    let again = AtomicBool::new(false);
    session.update(
        "spoiled",
        move |_: Option<f64>| {
            if again.swap(true, Ordering::Relaxed) { f64::NAN } else { 1.0 }
        },
    )
}

async fn fails(session: &Session) -> Result<(), SessionError> {
    assert!(matches!(session.commit().await, Err(SessionError::Encode { .. })));
    Ok(())
}

/// Sets a cookie of the application that takes `octets` octets of the client's header.
fn fill(cookies: &Cookies, name: &'static str, octets: usize) -> Result<(), CookieError> {
    cookies.set((name, "v".repeat(octets - name.len() - "=; ".len())))
}

#[tokio::test]
async fn d17_a_login_that_fails_takes_nothing_of_an_earlier_commit_back() {
    for transport in TRANSPORTS {
        for first in [None, Some("alice"), Some("bob")] {
            for second in ["alice", "bob"] {
                let mut fixture = Fixture::new(transport);
                if let Some(first) = first {
                    fixture.logs_in(first).await;
                }
                let status = fixture
                    .does(async |session, _| {
                        log_in(&session, "alice")?;
                        session.insert("n", &1)?;
                        session.commit().await?;
                        log_in(&session, second)?;
                        spoil(&session)?;
                        fails(&session).await
                    })
                    .await;
                assert_eq!(status, StatusCode::OK);
                let seen = fixture.sees().await;
                assert_eq!(seen, ("alice".into(), Some(1)), "{transport:?} {first:?} {second}");
            }
        }
    }
}

#[tokio::test]
async fn d17_a_login_that_fails_leaves_the_visitor_the_session_that_a_commit_began() {
    for transport in TRANSPORTS {
        let mut fixture = Fixture::new(transport);
        fixture
            .does(async |session, _| {
                session.insert("n", &1)?;
                session.commit().await?;
                log_in(&session, "alice")?;
                spoil(&session)?;
                fails(&session).await
            })
            .await;
        assert_eq!(fixture.sees().await, (String::new(), Some(1)), "{transport:?}");
    }
}

#[tokio::test]
async fn d17_a_refusal_at_the_head_carries_what_a_commit_has_settled() {
    for transport in TRANSPORTS {
        for first in [None, Some("alice")] {
            let mut fixture = Fixture::new(transport);
            if let Some(first) = first {
                fixture.logs_in(first).await;
            }
            let status = fixture
                .does(async |session, cookies| {
                    log_in(&session, "alice")?;
                    session.insert("n", &1)?;
                    session.commit().await?;
                    cookies.set(("theirs", "1")).unwrap();
                    spoil(&session)
                })
                .await;
            assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
            assert!(!fixture.jar.contains_key("theirs"));
            assert_eq!(fixture.sees().await, ("alice".into(), Some(1)), "{transport:?} {first:?}");
        }
    }
}

#[tokio::test]
async fn d17_a_login_that_fails_undoes_no_logout() {
    for transport in TRANSPORTS {
        for commits in [true, false] {
            let mut fixture = Fixture::new(transport);
            fixture.logs_in("alice").await;
            fixture
                .does(async |session, _| {
                    session.logout().await?;
                    log_in(&session, "bob")?;
                    spoil(&session)?;
                    if commits { fails(&session).await } else { Ok(()) }
                })
                .await;
            assert!(fixture.jar.is_empty(), "{transport:?} {commits}: {:?}", fixture.jar);
        }
    }
}

#[tokio::test]
async fn a_login_that_fails_leaves_no_cookie_where_nothing_was_settled() {
    for transport in TRANSPORTS {
        let mut fixture = Fixture::new(transport);
        fixture
            .does(async |session, _| {
                log_in(&session, "alice")?;
                spoil(&session)?;
                fails(&session).await
            })
            .await;
        assert!(fixture.jar.is_empty(), "{transport:?}");
        // The response removes a stale cookie, as it would have without the login.
        fixture.logs_in("alice").await;
        fixture.time.advance(Duration::from_secs(24 * 60 * 60));
        fixture
            .does(async |session, _| {
                log_in(&session, "alice")?;
                spoil(&session)?;
                fails(&session).await
            })
            .await;
        assert!(fixture.jar.is_empty(), "{transport:?}");
    }
}

/// Two concurrent logins: the store accepts the first while the second is made, and the second
/// fails.
#[tokio::test]
async fn d17_a_login_that_lands_beside_one_that_fails_keeps_its_cookie() {
    for transport in [Transport::Store, Transport::Guarded] {
        let mut fixture = Fixture::new(transport);
        let store = fixture.store.clone();
        fixture
            .does(async |session, _| {
                store.pending_once();
                log_in(&session, "alice")?;
                session.insert("n", &1)?;
                let second = async {
                    log_in(&session, "bob")?;
                    spoil(&session)
                };
                let (first, second) = tokio::join!(session.commit(), second);
                first.and(second)?;
                fails(&session).await
            })
            .await;
        assert_eq!(fixture.sees().await, ("alice".into(), Some(1)), "{transport:?}");
    }
}

fn text() -> String {
    "x".repeat(2_900)
}

#[tokio::test]
async fn ck_25_a_commit_that_fails_gives_its_room_back() {
    for transport in TRANSPORTS {
        let mut fixture = Fixture::new(transport);
        fixture
            .does(async |session, cookies| {
                session.insert("text", &text())?;
                spoil(&session)?;
                fails(&session).await?;
                fill(&cookies, "a", 4_096).unwrap();
                fill(&cookies, "b", 4_096).unwrap();
                Ok(())
            })
            .await;
    }
}

#[tokio::test]
async fn ck_25_changes_that_are_still_to_be_saved_keep_their_room() {
    for transport in [Transport::Store, Transport::Guarded] {
        // A login that fails while more is written, and a logout that fails.
        for logs_out in [false, true] {
            let mut fixture = Fixture::new(transport);
            if logs_out {
                fixture.logs_in("alice").await;
            }
            let store = fixture.store.clone();
            let dead = fixture.jar.clone();
            if logs_out {
                fixture.does(async |session, _| session.logout().await).await;
                fixture.jar = dead;
            }
            let status = fixture
                .does(async |session, cookies| {
                    if logs_out {
                        session.insert("n", &1)?;
                        session.insert("text", &text())?;
                        store.down();
                        assert!(session.logout().await.is_err());
                        store.up();
                    } else {
                        store.pending_once();
                        store.fail_next_of(Step::Create, 1);
                        log_in(&session, "alice")?;
                        let mut commit = Box::pin(session.commit());
                        poll_fn(|task| Poll::Ready(commit.as_mut().poll(task).is_pending())).await;
                        session.insert("n", &1)?;
                        session.insert("text", &text())?;
                        assert!(commit.await.is_err());
                    }
                    let [a, b] =
                        if transport == Transport::Store { [4_096, 4_096] } else { [3_900, 2_000] };
                    fill(&cookies, "a", a).unwrap();
                    assert!(fill(&cookies, "b", b).is_err(), "{transport:?} {logs_out}");
                    Ok(())
                })
                .await;
            assert_eq!(status, StatusCode::OK);
            assert_eq!(fixture.sees().await, (String::new(), Some(1)), "{transport:?} {logs_out}");
        }
    }
}

#[tokio::test]
async fn ck_25_a_use_that_is_due_keeps_its_room() {
    let mut fixture = Fixture::new(Transport::Cookie);
    for (minutes, fails_first) in [(1, false), (29, false), (29, true), (1, true)] {
        let is_due = minutes > 1;
        fixture.logs_in("alice").await;
        fixture.time.advance(Duration::from_secs(minutes * 60));
        fixture
            .does(async |session, cookies| {
                if fails_first {
                    session.insert("text", &text())?;
                    spoil(&session)?;
                    fails(&session).await?;
                }
                fill(&cookies, "a", 4_096).unwrap();
                assert_eq!(fill(&cookies, "b", 4_096).is_err(), is_due, "{minutes}");
                fill(&cookies, "b", 3_900).unwrap();
                Ok(())
            })
            .await;
        assert_eq!(fixture.jar.contains_key("__Host-session-used"), is_due, "{minutes}");
        fixture.jar.clear();
    }
}

/// The session was ended from elsewhere meanwhile, so its credential is useless.
#[tokio::test]
async fn what_a_commit_gave_of_a_session_that_ended_is_not_sent_again() {
    let mut fixture = Fixture::new(Transport::Store);
    fixture.logs_in("alice").await;
    let before = fixture.jar.clone();
    let store = fixture.store.clone();
    let status = fixture
        .does(async |session, _| {
            log_in(&session, "alice")?;
            session.commit().await?;
            let key = Key::new(RecordKind::Session, session.id().unwrap());
            store.end(&key, EndReason::Kicked, Duration::MAX).await.unwrap();
            session.update_identity(Identity::local("alice").role("editor").build())
        })
        .await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(fixture.jar.is_empty() && !before.is_empty());
}
