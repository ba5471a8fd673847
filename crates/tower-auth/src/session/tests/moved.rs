//! A session cookie whose `Domain` or `Path` was changed: the browser still sends the old one.

use http::header::{COOKIE, HOST};
use http::{Request, StatusCode, Uri};
use tower_auth_test::jar::{Initiator, Jar};
use tower_auth_test::{FaultyStore, TestClock};

use super::fixture::{Reply, send, who};
use crate::session::{Session, SessionError, SessionLayer, SessionLayerBuilder};
use crate::{Identity, KeyRing, MemoryStore, Settings};

const NAME: &str = "__Secure-id";
const PAGE: &str = "https://www.app.example/shop/cart";

/// The place of the record.
#[derive(Clone, Copy, Debug)]
enum Kept {
    InStore,
    InCookie,
    Guarded,
}

const ALL: [Kept; 3] = [Kept::InStore, Kept::InCookie, Kept::Guarded];

/// The scopes that the cookie had before it was configured for `app.example`.
#[allow(clippy::type_complexity, reason = "a list of settings")]
fn scopes() -> [(&'static str, fn(SessionLayerBuilder) -> SessionLayerBuilder); 4] {
    [
        ("host-only", |it| it),
        ("www.", |it| it.cookie_domain("www.app.example")),
        ("a path", |it| it.cookie_path("/shop")),
        ("a path and a domain", |it| it.cookie_path("/shop/").cookie_domain("app.example")),
    ]
}

struct Server {
    time: TestClock,
    store: FaultyStore<MemoryStore>,
    old: SessionLayer,
    new: SessionLayer,
}

impl Server {
    fn new(kept: Kept, was: fn(SessionLayerBuilder) -> SessionLayerBuilder) -> Self {
        let time = TestClock::new();
        let store = FaultyStore::new(MemoryStore::new(time.clock()));
        let ring = KeyRing::insecure_from_seed(7);
        let builder = || match kept {
            Kept::InStore => SessionLayer::builder(store.clone(), &ring),
            Kept::InCookie => SessionLayer::in_cookie(&ring),
            Kept::Guarded => SessionLayer::in_cookie(&ring).replay_guard(store.clone()),
        };
        let builder = || builder().cookie_name(NAME).settings(&Settings::new().clock(time.clock()));
        let old = was(builder()).build().unwrap();
        let new = builder().cookie_domain("app.example").build().unwrap();
        Self { time, store, old, new }
    }
}

/// A script in a page, whose requests have the headers `head`.
#[derive(Clone, Default)]
struct Browser {
    jar: Jar,
    head: Vec<(&'static str, &'static str)>,
}

impl Browser {
    async fn fetch<F, Fut>(&mut self, server: &Server, layer: &SessionLayer, handler: F) -> Reply
    where
        F: Fn(Session) -> Fut + Clone,
        Fut: Future<Output = Result<String, SessionError>>,
    {
        let (url, now) = (Uri::from_static(PAGE), server.time.now());
        let mut request = Request::get(url.path()).header("sec-fetch-site", "same-origin");
        request = request.header("sec-fetch-mode", "cors");
        if self.head.is_empty() {
            request = request.header(HOST, "www.app.example");
        }
        for (name, value) in &self.head {
            request = request.header(*name, *value);
        }
        if let Some(line) = self.jar.header(&url, Initiator::SameSite, now) {
            request = request.header(COOKIE, line);
        }
        let reply = send(layer, request.body(()).unwrap(), handler).await;
        for line in reply.set_cookies() {
            // Removals for the domains of other hosts are dropped.
            let _ = self.jar.store(line.as_bytes(), &url, Initiator::SameSite, now);
        }
        reply
    }

    async fn who(&mut self, server: &Server) -> String {
        self.fetch(server, &server.new, who).await.body
    }
}

async fn login(session: Session) -> Result<String, SessionError> {
    session.login(Identity::local("alice").build())?;
    Ok(String::new())
}

async fn update(session: Session) -> Result<String, SessionError> {
    session.update_identity(Identity::local("alice").role("admin").build())?;
    Ok(String::new())
}

async fn logout(session: Session) -> Result<String, SessionError> {
    session.logout().await?;
    Ok(String::new())
}

/// A browser with the old cookie alone, which still works.
async fn old(server: &Server, head: &[(&'static str, &'static str)], what: &str) -> Browser {
    let mut browser = Browser { jar: Jar::new(), head: head.to_vec() };
    browser.fetch(server, &server.old, login).await;
    assert_eq!(browser.who(server).await, "alice", "{what}");
    browser
}

async fn holds_on(
    kept: Kept,
    was: fn(SessionLayerBuilder) -> SessionLayerBuilder,
    head: &[(&'static str, &'static str)],
) {
    let what = format!("{kept:?}");
    let server = Server::new(kept, was);
    for renews in [true, false] {
        let mut browser = old(&server, head, &what).await;
        let reply = match renews {
            true => browser.fetch(&server, &server.new, login).await,
            false => browser.fetch(&server, &server.new, update).await,
        };
        assert_eq!(reply.status, StatusCode::OK, "{what}");
        assert_eq!(browser.who(&server).await, "alice", "{what}: {:?}", reply.set_cookies());
        assert_eq!(browser.fetch(&server, &server.new, logout).await.status, StatusCode::OK);
        assert_eq!(browser.who(&server).await, "anonymous", "{what}");
    }
    let mut browser = old(&server, head, &what).await;
    let reply = browser.fetch(&server, &server.new, logout).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(browser.who(&server).await, "anonymous", "{what}: {:?}", reply.set_cookies());
    let left: Vec<_> = browser.jar.iter().map(|it| it.name().into_owned()).collect();
    assert!(left.is_empty(), "{what}: {left:?}");
}

#[tokio::test]
async fn d46_a_login_and_a_logout_by_a_cookie_from_before_a_change_of_scope_hold() {
    for (_, was) in scopes() {
        for kept in ALL {
            holds_on(kept, was, &[]).await;
        }
    }
}

#[tokio::test]
async fn d46_behind_a_proxy_that_replaces_host_the_browsers_host_is_found() {
    let heads: [&[(&str, &str)]; 3] = [
        &[("host", "backend.prod.svc.cluster.local:8080"), ("x-forwarded-host", "www.app.example")],
        &[("host", "10.0.0.7"), ("forwarded", "for=1.2.3.4;host=www.app.example;proto=https")],
        &[("host", "backend:8080"), ("origin", "https://www.app.example")],
    ];
    for head in heads {
        for (_, was) in scopes() {
            for kept in ALL {
                holds_on(kept, was, head).await;
            }
        }
    }
}

#[tokio::test]
async fn d46_a_record_that_is_written_by_the_old_cookie_goes_with_it() {
    for (what, was) in scopes() {
        for kept in ALL {
            let server = Server::new(kept, was);
            let mut browser = old(&server, &[], what).await;
            let insert = async |session: Session| {
                session.insert("note", "moved")?;
                Ok(String::new())
            };
            browser.fetch(&server, &server.new, insert).await;
            assert_eq!(browser.who(&server).await, "alice", "{what} {kept:?}");
            browser.fetch(&server, &server.new, logout).await;
            assert_eq!(browser.who(&server).await, "anonymous", "{what} {kept:?}");
        }
    }
}

#[tokio::test]
async fn d46_a_login_that_fails_leaves_the_old_cookie() {
    for (what, was) in scopes() {
        let server = Server::new(Kept::InStore, was);
        let mut browser = old(&server, &[], what).await;
        let store = server.store.clone();
        let fails = move |session: Session| {
            store.down();
            login(session)
        };
        let reply = browser.fetch(&server, &server.new, fails).await;
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{what}");
        server.store.up();
        assert_eq!(browser.who(&server).await, "alice", "{what}");
    }
}
