use std::hint::black_box;
use std::time::Duration;

use http::header::SET_COOKIE;
use tower::{Layer as _, service_fn};
use tower_auth::{Clock, Identity, KeyRing, MemoryStore, NearCache, Session, SessionLayer};
use tower_auth_test::FeedingStore;

use super::requests::{alone, get, pair, with_cookie};
use crate::Work;
use crate::call::{Reply, Request, Response, answer, bare, calls};

pub(crate) const WORKS: &[Work] = &[
    Work::new(
        "session: no cookie, untouched",
        || alone(get(&[])),
        || calls(layer().layer(service_fn(bare)), get(&[])),
    )
    .aims(1_500)
    .allocates(7),
    Work::new("session in memory: one value read", live_alone, || {
        let (layer, request) = live();
        calls(layer.layer(service_fn(read)), request)
    })
    .aims(8_000)
    .allocates(10),
    Work::new("session near-cached: one value read", live_alone, || {
        let (layer, request) = near_cached();
        calls(layer.layer(service_fn(read)), request)
    })
    .aims(8_000)
    .allocates(10),
    // The cost of the layer in addition to that of a store that must be asked.
    Work::new("session in a store that is asked: one value read", live_alone, || {
        let store = FeedingStore::new(MemoryStore::new(Clock::system()));
        let (layer, request) = logged_in(SessionLayer::new(store, &ring()));
        calls(layer.layer(service_fn(read)), request)
    }),
    Work::new("session in memory: one value written", live_alone, || {
        let (layer, request) = live();
        calls(layer.layer(service_fn(write)), request)
    })
    .aims(12_000),
];

/// Longer than a run under callgrind takes.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn layer() -> SessionLayer {
    SessionLayer::new(MemoryStore::new(Clock::system()), &ring())
}

fn ring() -> KeyRing {
    KeyRing::insecure_from_seed(7)
}

/// Returns a layer whose store holds a session, and a request with that session.
pub(crate) fn live() -> (SessionLayer, Request) {
    logged_in(layer())
}

fn logged_in(layer: SessionLayer) -> (SessionLayer, Request) {
    let response = answer(&mut layer.layer(service_fn(login)), get(&[]));
    let request = with_cookie(pair(&response.headers()[SET_COOKIE]));
    (layer, request)
}

/// Returns the same over a near-cache with a feed, after it has read the session.
///
/// The store behind it always answers with a future, like a shared one, so a future that is boxed
/// for a load is visible among the allocations.
fn near_cached() -> (SessionLayer, Request) {
    let store = FeedingStore::new(MemoryStore::new(Clock::system()));
    let feed = store.feed();
    let near = NearCache::builder(store).feed(feed.clone()).heartbeat_tolerance(PATIENCE);
    let near = near.build().expect("sound");
    feed.beat();
    let (layer, request) = logged_in(SessionLayer::new(near, &ring()));
    // The echo of the login has removed the entry. This request caches it again.
    answer(&mut layer.layer(service_fn(read)), request.clone());
    (layer, request)
}

fn live_alone() -> crate::Call {
    alone(live().1)
}

pub(super) async fn login(request: Request) -> Reply {
    let session = Session::of(request.extensions()).expect("a layer around the handler");
    session.login(Identity::local("alice").role("user").build()).expect("no earlier login");
    session.insert("n", &7).expect("enough room");
    Ok(Response::default())
}

pub(super) async fn read(request: Request) -> Reply {
    let session = Session::of(request.extensions()).expect("a layer around the handler");
    assert_eq!(black_box(session.get::<u32>("n")).expect("a readable value"), Some(7));
    Ok(Response::default())
}

async fn write(request: Request) -> Reply {
    let session = Session::of(request.extensions()).expect("a layer around the handler");
    session.insert("n", &8).expect("enough room");
    Ok(Response::default())
}
