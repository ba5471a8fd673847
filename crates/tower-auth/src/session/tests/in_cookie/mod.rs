//! Sessions that the client keeps: round trip, bounds, tampering, mixing, key rotation, expiry,
//! shrinking.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use http::header::{COOKIE, SET_COOKIE};
use http::{Request, Response, StatusCode};
use tower::{ServiceExt as _, service_fn};
use tower_auth_test::{FaultyStore, ModelStore, TestClock};
use tower_layer::Layer as _;

use crate::session::SessionError;
use crate::{Identity, KeyRing, Rejection, Session, SessionLayer, Settings};

mod guarded;
mod last_use;
mod pieces;

const MINUTE: Duration = Duration::from_secs(60);
const NAMES: [&str; 3] = ["__Host-session", "__Host-session-0", "__Host-session-1"];

/// A client that sends back the cookies that it received.
#[derive(Clone, Default)]
struct Client(BTreeMap<String, String>);

impl Client {
    /// Applies a response that arrives.
    fn take(&mut self, reply: &Reply) {
        for (name, value) in &reply.sets {
            match value {
                Some(value) => self.0.insert(name.clone(), value.clone()),
                None => self.0.remove(name),
            };
        }
    }
}

struct Server {
    time: TestClock,
    layer: SessionLayer,
    guard: FaultyStore<ModelStore>,
}

struct Reply {
    status: StatusCode,
    who: Option<String>,
    text: Option<String>,
    error: Option<SessionError>,
    /// The cookies that were set or removed.
    lines: Vec<String>,
    /// The same cookies with their values; `None` is a removal.
    sets: Vec<(String, Option<String>)>,
}

#[derive(Clone)]
enum Does {
    Read,
    Insert(String),
    Login(&'static str),
    /// New roles for the same user.
    Update,
    Logout,
}

impl Server {
    fn new() -> Self {
        Self::with(&[7])
    }

    fn with(seeds: &[u64]) -> Self {
        let time = TestClock::new();
        let keys = KeyRing::insecure_from_seeds(seeds.iter().copied());
        let layer = SessionLayer::in_cookie(&keys)
            .settings(&Settings::new().clock(time.clock()))
            .build()
            .unwrap();
        let guard = FaultyStore::new(ModelStore::new(time.clock()));
        Self { time, layer, guard }
    }

    fn guarded() -> Self {
        let server = Self::new();
        let keys = KeyRing::insecure_from_seed(7);
        let builder =
            SessionLayer::in_cookie(&keys).settings(&Settings::new().clock(server.time.clock()));
        let layer = builder.replay_guard(server.guard.clone()).build().unwrap();
        Self { layer, ..server }
    }

    async fn ask(&self, client: &mut Client, does: Does) -> Reply {
        let reply = self.ask_in(client, does, Duration::ZERO).await;
        client.take(&reply);
        reply
    }

    /// Sends a request whose handler takes `takes`. Its response has not arrived yet.
    async fn ask_in(&self, client: &Client, does: Does, takes: Duration) -> Reply {
        let mut request = Request::new(());
        let pairs: Vec<_> =
            client.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !pairs.is_empty() {
            request.headers_mut().insert(COOKIE, pairs.join("; ").parse().unwrap());
        }
        let time = &self.time;
        let service = service_fn(move |request: Request<()>| {
            let does = does.clone();
            async move {
                time.advance(takes);
                let session = Session::of(request.extensions()).unwrap();
                let who = session.identity().unwrap().map(|it| it.subject().to_owned());
                let text = session.get::<String>("text").unwrap();
                let done = match does {
                    Does::Read => Ok(()),
                    Does::Insert(text) => session.insert("text", &text),
                    Does::Login(who) => session.login(Identity::local(who).build()),
                    Does::Update => session.update_identity(Identity::local("alice").build()),
                    Does::Logout => session.logout().await,
                };
                let error = done.err();
                let mut response = Response::new(String::new());
                if let Some(error) = &error {
                    *response.status_mut() = Rejection::from(error.clone()).status();
                }
                response.extensions_mut().insert((who, text, error));
                Ok::<_, Infallible>(response)
            }
        });
        let mut response = self.layer.layer(service).oneshot(request).await.unwrap();
        let (mut lines, mut sets) = (Vec::new(), Vec::new());
        for line in response.headers().get_all(SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, rest) = line.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            // The limits of browsers (RFC 6265bis), and the attributes that the prefix requires.
            assert!(name.len() + value.len() <= 4096, "{}", name.len() + value.len());
            for attribute in ["; Path=/", "; Secure", "; HttpOnly"] {
                assert!(line.contains(attribute), "{name}");
            }
            let value = (!line.contains("Max-Age=0")).then(|| value.to_owned());
            sets.push((name.to_owned(), value));
            lines.push(name.to_owned());
        }
        let status = response.status();
        type Seen = (Option<String>, Option<String>, Option<SessionError>);
        let (who, text, error) = response.extensions_mut().remove::<Seen>().unwrap_or_default();
        Reply { status, who, text, error, lines, sets }
    }

    async fn logged_in(&self, who: &'static str, text: &str) -> Client {
        let mut client = Client::default();
        self.ask(&mut client, Does::Login(who)).await;
        self.ask(&mut client, Does::Insert(text.into())).await;
        client
    }
}

fn names(client: &Client) -> Vec<&str> {
    client.0.keys().map(String::as_str).collect()
}

#[tokio::test]
async fn what_is_written_comes_back_with_the_client_alone() {
    let server = Server::new();
    let mut client = server.logged_in("alice", "hello").await;
    assert_eq!(names(&client), NAMES[..2]);
    // Another process with the same ring, and nothing else in common.
    let reply = Server::new().ask(&mut client, Does::Read).await;
    assert_eq!((reply.who.as_deref(), reply.text.as_deref()), (Some("alice"), Some("hello")));
    assert!(reply.lines.is_empty(), "a read sets no cookie");
    for value in client.0.values() {
        assert!(!value.contains("alice") && !value.contains("hello"));
    }
    // A client that writes nothing keeps nothing.
    let mut anonymous = Client::default();
    assert!(
        server.ask(&mut anonymous, Does::Read).await.lines.is_empty() && anonymous.0.is_empty()
    );
}

#[tokio::test]
async fn what_does_not_fit_is_refused_when_it_is_inserted() {
    let server = Server::new();
    let mut client = server.logged_in("alice", "small").await;
    let reply = server.ask(&mut client, Does::Insert("x".repeat(3_000))).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(names(&client), NAMES);
    let before = client.0.clone();
    let reply = server.ask(&mut client, Does::Insert("x".repeat(3_200))).await;
    assert!(matches!(reply.error, Some(SessionError::TooLarge)));
    assert!(reply.lines.is_empty() && client.0 == before, "the session is unchanged");
    let reply = server.ask(&mut client, Does::Read).await;
    assert_eq!(reply.text.map(|it| it.len()), Some(3_000));
}

/// Every size, byte by byte: no size is lost, and the limits are exact.
#[tokio::test]
async fn every_size_comes_back() {
    let server = Server::new();
    let mut client = server.logged_in("alice", "").await;
    for size in (0..3_000).step_by(97).chain(2_280..2_420) {
        let reply = server.ask(&mut client, Does::Insert("x".repeat(size))).await;
        assert_eq!(reply.status, StatusCode::OK, "{size}");
        let reply = server.ask(&mut client, Does::Read).await;
        assert_eq!(reply.text.map(|it| it.len()), Some(size));
        assert!(reply.who.is_some());
    }
}

#[tokio::test]
async fn shrinking_takes_the_leftover_away_and_a_stray_one_does_no_harm() {
    let server = Server::new();
    let mut client = server.logged_in("alice", &"x".repeat(3_000)).await;
    let large = client.0[NAMES[2]].clone();
    let reply = server.ask(&mut client, Does::Insert("small".into())).await;
    assert_eq!(reply.lines.len(), 3);
    assert_eq!(names(&client), NAMES[..2]);
    client.0.insert(NAMES[2].into(), large);
    let reply = server.ask(&mut client, Does::Read).await;
    assert_eq!(reply.text.as_deref(), Some("small"));
    server.ask(&mut client, Does::Logout).await;
    // Without its first piece, the application cannot recognise the record as its own.
    assert_eq!(names(&client), NAMES[2..]);
}

#[tokio::test]
async fn a_changed_octet_anywhere_is_anonymous() {
    let server = Server::new();
    let client = server.logged_in("alice", &"x".repeat(3_000)).await;
    for name in NAMES {
        let value = client.0[name].clone();
        for at in (0..value.len()).step_by(61).chain([0, 1, value.len() - 2]) {
            for other in ["A", "B", "2", "\"", "é"] {
                if value[at..].starts_with(other) {
                    continue;
                }
                let mut forged = client.clone();
                let text = format!("{}{other}{}", &value[..at], &value[at + 1..]);
                forged.0.insert(name.into(), text);
                let reply = server.ask(&mut forged, Does::Read).await;
                assert!(reply.who.is_none() && reply.text.is_none(), "{name} at {at} as {other}");
            }
        }
        for missing in [None, Some(""), Some("0"), Some("1"), Some("2"), Some("3"), Some("9")] {
            let mut forged = client.clone();
            match missing {
                None => drop(forged.0.remove(name)),
                Some(text) => drop(forged.0.insert(name.into(), text.into())),
            }
            assert!(server.ask(&mut forged, Does::Read).await.who.is_none(), "{name}");
        }
    }
}

#[tokio::test]
async fn pieces_of_two_sessions_do_not_mix() {
    let server = Server::new();
    let alice = server.logged_in("alice", &"a".repeat(3_000)).await;
    let bob = server.logged_in("bob", &"b".repeat(3_000)).await;
    let mut earlier = alice.clone();
    server.ask(&mut earlier, Does::Insert("c".repeat(3_000))).await;
    for other in [&bob, &earlier] {
        for mask in 1..7_usize {
            let mut mixed = alice.clone();
            for (at, name) in NAMES.iter().enumerate() {
                if mask & (1 << at) != 0 {
                    mixed.0.insert((*name).into(), other.0[*name].clone());
                }
            }
            let text = server.ask(&mut mixed, Does::Read).await.text;
            // The credential is the same in both states of one session; the pieces are not.
            let whole =
                text.is_none_or(|it| ["a", "b", "c"].iter().any(|one| it == one.repeat(3_000)));
            assert!(whole, "{mask:03b}");
            if std::ptr::eq(other, &bob) {
                assert!(server.ask(&mut mixed, Does::Read).await.who.is_none(), "{mask:03b}");
            }
        }
    }
}

#[tokio::test]
async fn an_old_key_opens_and_a_lost_one_does_not() {
    let old = Server::with(&[1]);
    let mut client = old.logged_in("alice", "hello").await;
    let both = Server::with(&[2, 1]);
    let reply = both.ask(&mut client, Does::Read).await;
    assert_eq!(reply.who.as_deref(), Some("alice"));
    both.ask(&mut client, Does::Insert("again".into())).await;
    // Later writes are under the new key only.
    let new = Server::with(&[2]);
    let reply = new.ask(&mut client.clone(), Does::Read).await;
    assert_eq!((reply.who.as_deref(), reply.text.as_deref()), (Some("alice"), Some("again")));
    assert!(old.ask(&mut client, Does::Read).await.who.is_none());
}

#[tokio::test]
async fn it_ends_when_it_says_whatever_the_client_sends() {
    let server = Server::new();
    let client = server.logged_in("alice", "hello").await;
    server.time.advance(30 * MINUTE);
    assert!(server.ask(&mut client.clone(), Does::Read).await.who.is_none(), "idle");

    let server = Server::new();
    let mut client = server.logged_in("alice", "hello").await;
    let mut sent = 0;
    for minute in 1..24 * 60 {
        server.time.advance(MINUTE);
        let reply = server.ask(&mut client, Does::Read).await;
        assert!(reply.who.is_some(), "minute {minute}");
        sent += usize::from(!reply.lines.is_empty());
    }
    // One touch per tenth of the idle timeout, not one per request.
    assert_eq!(sent, 24 * 60 / 4 - 1);
    server.time.advance(MINUTE);
    assert!(server.ask(&mut client, Does::Read).await.who.is_none(), "absolute");
    assert!(client.0.is_empty());
}

#[tokio::test]
async fn a_login_renews_the_secret_and_a_logout_forgets() {
    let server = Server::new();
    let mut client = Client::default();
    server.ask(&mut client, Does::Insert("cart".into())).await;
    let before = client.clone();
    server.ask(&mut client, Does::Login("alice")).await;
    let reply = server.ask(&mut client, Does::Read).await;
    assert_eq!((reply.who.as_deref(), reply.text.as_deref()), (Some("alice"), Some("cart")));
    // Fixation: the planted credential beside the new record proves nothing.
    let mut planted = client.clone();
    planted.0.insert(NAMES[0].into(), before.0[NAMES[0]].clone());
    assert!(server.ask(&mut planted, Does::Read).await.who.is_none());
    server.ask(&mut client, Does::Logout).await;
    assert!(client.0.is_empty());
}

/// The documented limit of sessions without a store.
#[tokio::test]
async fn a_copied_cookie_outlives_the_logout() {
    let server = Server::new();
    let mut client = server.logged_in("alice", "hello").await;
    let mut copy = client.clone();
    server.ask(&mut client, Does::Logout).await;
    assert_eq!(server.ask(&mut copy, Does::Read).await.who.as_deref(), Some("alice"));
}
