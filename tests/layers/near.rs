//! Two nodes with near-caches over one store: the number of commands that requests send, and the
//! effects that a late push may have.

use std::convert::Infallible;
use std::time::Duration;

use http::header::{COOKIE, SET_COOKIE};
use http::{Request, Response, StatusCode};
use tower::{ServiceExt as _, service_fn};
use tower_auth::refresh::{AccessToken, Refresh};
use tower_auth::store::{EndOwnedParams, EndReason, Key, Load, RecordId, RecordKind, Store as _};
use tower_auth::{
    Identity, KeyRing, MemoryStore, NearCache, Rejection, Session, SessionLayer, Settings,
};
use tower_auth_test::{FaultyStore, FeedingStore, Steps, TestClock, TestFeed};
use tower_layer::Layer as _;

type Shared = FeedingStore<FaultyStore<MemoryStore>>;

struct Cluster {
    time: TestClock,
    store: Shared,
    nodes: Vec<Node>,
}

struct Node {
    layer: SessionLayer,
    near: NearCache<Shared>,
    feed: TestFeed,
}

#[derive(Clone, Copy)]
enum Does {
    Read,
    Count,
    Login(&'static str),
    Logout,
}

#[derive(Debug, PartialEq)]
struct Reply {
    status: StatusCode,
    who: Option<String>,
    count: Option<u32>,
    /// The cookie that the response sets. Empty if it removes the cookie.
    cookie: Option<String>,
}

impl Cluster {
    fn new() -> Self {
        let time = TestClock::new();
        let store = FeedingStore::new(FaultyStore::new(MemoryStore::new(time.clock())));
        let keys = KeyRing::insecure_from_seed(7);
        let node = || {
            let feed = store.feed();
            let near = NearCache::builder(store.clone())
                .feed(feed.clone())
                .clock(time.clock())
                .uptime(TestClock::new().clock())
                .build()
                .unwrap();
            feed.beat();
            let layer = SessionLayer::builder(near.clone(), &keys)
                .settings(&Settings::new().clock(time.clock()));
            Node { layer: layer.build().unwrap(), near, feed }
        };
        let nodes = vec![node(), node()];
        Self { time, store, nodes }
    }

    async fn ask(&self, node: usize, cookie: &str, does: Does) -> Reply {
        let mut request = Request::new(());
        if !cookie.is_empty() {
            let line = format!("__Host-session={cookie}").parse().unwrap();
            request.headers_mut().insert(COOKIE, line);
        }
        let service = service_fn(move |request: Request<()>| async move {
            let session = Session::of(request.extensions()).unwrap();
            let who = session.identity().unwrap().map(|it| it.subject().to_owned());
            let count = session.get::<u32>("count").unwrap();
            let done = match does {
                Does::Read => Ok(()),
                Does::Count => session.update("count", |it: Option<u32>| it.unwrap_or(0) + 1),
                Does::Login(who) => session.login(Identity::local(who).build()),
                Does::Logout => session.logout().await,
            };
            let status = done.map_or_else(|it| Rejection::from(it).status(), |()| StatusCode::OK);
            let mut response = Response::new(String::new());
            *response.status_mut() = status;
            response.extensions_mut().insert((who, count));
            Ok::<_, Infallible>(response)
        });
        let response = self.nodes[node].layer.layer(service).oneshot(request).await.unwrap();
        let line = response.headers().get(SET_COOKIE).map(|it| it.to_str().unwrap());
        let value = line.and_then(|it| it.strip_prefix("__Host-session=")?.split(';').next());
        let read = response.extensions().get::<(Option<String>, Option<u32>)>().cloned();
        let (who, count) = read.unwrap_or_default();
        let cookie = value.map(str::to_owned);
        Reply { status: response.status(), who, count, cookie }
    }

    /// Sends a request, and counts the store's commands during it.
    async fn counted(&self, node: usize, cookie: &str, does: Does) -> (Reply, Steps) {
        let before = self.steps();
        let reply = self.ask(node, cookie, does).await;
        let after = self.steps();
        let steps = Steps {
            create: after.create - before.create,
            load: after.load - before.load,
            save: after.save - before.save,
            touch: after.touch - before.touch,
            end: after.end - before.end,
            ..Steps::default()
        };
        (reply, steps)
    }

    fn steps(&self) -> Steps {
        self.store.inner().steps()
    }

    async fn login(&self, node: usize) -> String {
        let reply = self.ask(node, "", Does::Login("alice")).await;
        reply.cookie.unwrap()
    }
}

const NOTHING: Steps =
    Steps { create: 0, load: 0, save: 0, touch: 0, end: 0, list: 0, end_owned: 0 };

#[tokio::test]
async fn what_requests_cost_in_store_commands() {
    let it = Cluster::new();
    let alice = it.login(0).await;

    let (reply, first) = it.counted(1, &alice, Does::Read).await;
    assert_eq!((reply.who.as_deref(), first), (Some("alice"), Steps { load: 1, ..NOTHING }));
    let (reply, again) = it.counted(1, &alice, Does::Read).await;
    assert_eq!((reply.who.as_deref(), again), (Some("alice"), NOTHING));
    // The session is cached here: the change is one command, the save.
    let (_, changed) = it.counted(1, &alice, Does::Count).await;
    assert_eq!(changed, Steps { save: 1, ..NOTHING });
    // The echo of the save invalidated the entry, so the next read loads once.
    let (reply, read) = it.counted(1, &alice, Does::Read).await;
    assert_eq!((reply.count, read), (Some(1), Steps { load: 1, ..NOTHING }));
    // The session is not cached here: load and save.
    let (_, changed) = it.counted(0, &alice, Does::Count).await;
    assert_eq!(changed, Steps { load: 1, save: 1, ..NOTHING });
    let (_, anonymous) = it.counted(1, "", Does::Read).await;
    assert_eq!(anonymous, NOTHING);
    let (_, forged) = it.counted(1, &alice.replace('A', "B").replace('a', "b"), Does::Read).await;
    assert_eq!(forged, NOTHING);
}

#[tokio::test]
async fn a_session_used_long_after_its_last_use_is_touched_once() {
    let it = Cluster::new();
    let alice = it.login(0).await;
    it.ask(1, &alice, Does::Read).await;
    it.time.advance(Duration::from_secs(20 * 60));
    it.nodes[1].feed.hold();
    let (_, touched) = it.counted(1, &alice, Does::Read).await;
    assert_eq!(touched, Steps { touch: 1, ..NOTHING });
    let (reply, again) = it.counted(1, &alice, Does::Read).await;
    assert_eq!((reply.who.as_deref(), again), (Some("alice"), NOTHING));
}

#[tokio::test]
async fn d06_a_logout_on_one_node_is_one_on_the_other() {
    let it = Cluster::new();
    let alice = it.login(0).await;
    assert!(it.ask(1, &alice, Does::Read).await.who.is_some());
    it.ask(0, &alice, Does::Logout).await;
    let reply = it.ask(1, &alice, Does::Read).await;
    assert_eq!((reply.who, reply.cookie.as_deref()), (None, Some("")));
}

#[tokio::test]
async fn d06_a_kick_reaches_every_node() {
    let it = Cluster::new();
    let alice = it.login(0).await;
    let mut cookies = vec![alice];
    for _ in 0..9 {
        cookies.push(it.login(0).await);
    }
    for cookie in &cookies {
        assert!(it.ask(1, cookie, Does::Read).await.who.is_some());
    }
    let near = &it.nodes[0].near;
    let owner = {
        let id: RecordId = it.id(&cookies[0]).await.parse().unwrap();
        match near.load(&Key::new(RecordKind::Session, id)).await {
            Ok(Load::Found(stored)) => stored.record.owner.unwrap(),
            _ => panic!("the session is not stored"),
        }
    };
    let all =
        near.end_owned(EndOwnedParams::new(owner, EndReason::Kicked, Duration::from_secs(60)));
    assert_eq!(all.await.unwrap(), 10);
    for cookie in &cookies {
        for node in [0, 1] {
            assert!(it.ask(node, cookie, Does::Read).await.who.is_none());
        }
    }
}

impl Cluster {
    async fn id(&self, cookie: &str) -> String {
        let mut request = Request::new(());
        let line = format!("__Host-session={cookie}").parse().unwrap();
        request.headers_mut().insert(COOKIE, line);
        let service = service_fn(|request: Request<()>| async move {
            let session = Session::of(request.extensions()).unwrap();
            Ok::<_, Infallible>(Response::new(session.id().unwrap().to_string()))
        });
        self.nodes[0].layer.layer(service).oneshot(request).await.unwrap().into_body()
    }
}

/// The push is late, and the node still caches the session from before the login. It must accept
/// the client's new credential, and neither remove it nor treat the client as anonymous.
#[tokio::test]
async fn a_credential_renewed_on_one_node_is_known_on_the_other_before_the_push() {
    let it = Cluster::new();
    let visitor = it.ask(0, "", Does::Count).await.cookie.unwrap();
    assert_eq!(it.ask(1, &visitor, Does::Read).await.count, Some(1));

    it.nodes[1].feed.hold();
    let alice = it.ask(0, &visitor, Does::Login("alice")).await.cookie.unwrap();
    let (reply, steps) = it.counted(1, &alice, Does::Read).await;
    assert_eq!((reply.who.as_deref(), reply.cookie), (Some("alice"), None));
    assert_eq!(steps, Steps { load: 1, ..NOTHING });
    // After the load the node knows the change, and refuses the old credential without waiting for
    // the push.
    let (reply, steps) = it.counted(1, &alice, Does::Read).await;
    assert_eq!((reply.who.as_deref(), steps), (Some("alice"), NOTHING));
    let reply = it.ask(1, &visitor, Does::Count).await;
    assert_eq!((reply.status, reply.who, reply.count), (StatusCode::CONFLICT, None, None));
}

/// A change on an outdated entry is applied to the current record.
#[tokio::test]
async fn d03_a_change_before_the_push_loses_nothing() {
    let it = Cluster::new();
    let alice = it.login(0).await;
    it.ask(1, &alice, Does::Read).await;
    it.nodes[1].feed.hold();
    it.ask(0, &alice, Does::Count).await;
    it.ask(0, &alice, Does::Count).await;
    let (reply, steps) = it.counted(1, &alice, Does::Count).await;
    assert_eq!(reply.status, StatusCode::OK);
    // Refused, loaded, done: the load was not answered from memory.
    assert_eq!(steps, Steps { load: 1, save: 2, ..NOTHING });
    assert_eq!(it.ask(1, &alice, Does::Read).await.count, Some(3));
    it.nodes[1].feed.release();
    assert_eq!(it.ask(0, &alice, Does::Read).await.count, Some(3));
}

#[tokio::test]
async fn a_silent_feed_makes_a_node_read_through() {
    let it = Cluster::new();
    let alice = it.login(0).await;
    it.ask(1, &alice, Does::Read).await;
    it.nodes[1].feed.silence();
    it.nodes[1].feed.reconnect();
    for _ in 0..3 {
        let (reply, steps) = it.counted(1, &alice, Does::Read).await;
        assert_eq!((reply.who.as_deref(), steps.load), (Some("alice"), 1));
    }
    it.nodes[1].feed.beat();
    it.ask(1, &alice, Does::Read).await;
    assert_eq!(it.counted(1, &alice, Does::Read).await.1, NOTHING);
}

/// A near-cache with an outdated family must not mistake the successor for a token that was never
/// issued.
#[tokio::test]
async fn a_token_rotated_on_one_node_is_good_on_the_other_before_the_push() {
    let it = Cluster::new();
    let keys = KeyRing::insecure_from_seed(7);
    let nodes: Vec<Refresh> = it
        .nodes
        .iter()
        .map(|node| {
            let access = |_: &Identity| {
                let expires_in = Duration::from_secs(300);
                Ok(AccessToken { text: "access".into(), expires_in })
            };
            let builder = Refresh::builder(node.near.clone(), &keys, access);
            builder.settings(&Settings::new().clock(it.time.clock())).build().unwrap()
        })
        .collect();
    let mut token = nodes[0].begin(&Identity::local("alice").build(), None).await.unwrap();
    for turn in 0..6 {
        it.time.advance(Duration::from_secs(60));
        let (here, there) = (&nodes[turn % 2], &nodes[(turn + 1) % 2]);
        // Both nodes cache the family, and receive no pushes from now on.
        for node in &it.nodes {
            let family = Key::new(RecordKind::Family, token.family());
            assert!(matches!(node.near.load(&family).await, Ok(Load::Found(_))));
        }
        it.nodes[0].feed.hold();
        it.nodes[1].feed.hold();
        token = here.refresh(token.refresh().expose().as_str()).await.unwrap();
        token = there.refresh(token.refresh().expose().as_str()).await.unwrap();
        it.nodes[0].feed.release();
        it.nodes[1].feed.release();
    }
}
