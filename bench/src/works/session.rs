use std::hint::black_box;
use std::time::Duration;

use http::header::SET_COOKIE;
use tower::{Layer as _, service_fn};
use tower_auth::{Clock, Identity, KeyRing, MemoryStore, NearCache, Session, SessionLayer};

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
    Work::new("session in the near-cache: one value read", live_alone, || {
        let (layer, request) = near();
        calls(layer.layer(service_fn(read)), request)
    })
    .aims(8_000)
    .allocates(10),
    Work::new("session in memory: one value written", live_alone, || {
        let (layer, request) = live();
        calls(layer.layer(service_fn(write)), request)
    })
    .aims(12_000),
];

pub(super) fn layer() -> SessionLayer {
    let ring = KeyRing::new([[7; 32]]).expect("a key");
    SessionLayer::new(MemoryStore::new(Clock::system()), &ring)
}

/// A layer whose store holds a session, and the request of who has it.
pub(crate) fn live() -> (SessionLayer, Request) {
    logged_in(layer())
}

/// The same with a near-cache that has seen the login.
fn near() -> (SessionLayer, Request) {
    let ring = KeyRing::new([[7; 32]]).expect("a key");
    let store = NearCache::builder(MemoryStore::new(Clock::system()));
    let store = store.bounded_staleness(Duration::from_secs(300)).build();
    logged_in(SessionLayer::new(store.expect("the bound is fine"), &ring))
}

fn logged_in(layer: SessionLayer) -> (SessionLayer, Request) {
    let response = answer(&mut layer.layer(service_fn(login)), get(&[]));
    let request = with_cookie(pair(&response.headers()[SET_COOKIE]));
    (layer, request)
}

fn live_alone() -> crate::Call {
    alone(live().1)
}

pub(super) async fn login(request: Request) -> Reply {
    let session = Session::of(request.extensions()).expect("there is a layer");
    session.login(Identity::local("alice").role("user").build()).expect("nobody was");
    session.insert("n", &7).expect("there is room");
    Ok(Response::default())
}

pub(super) async fn read(request: Request) -> Reply {
    let session = Session::of(request.extensions()).expect("there is a layer");
    assert_eq!(black_box(session.get::<u32>("n")).expect("it can be read"), Some(7));
    Ok(Response::default())
}

async fn write(request: Request) -> Reply {
    let session = Session::of(request.extensions()).expect("there is a layer");
    session.insert("n", &8).expect("there is room");
    Ok(Response::default())
}
