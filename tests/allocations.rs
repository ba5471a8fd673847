//! Budgets for the allocations of the layers: a change that allocates more must raise a budget
//! here.
//!
//! The test counts over one `call` and its polls, minus the bare service. The numbers do not depend
//! on the machine; run with `--nocapture` to see how much of each budget is used.

use std::convert::Infallible;
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use http::header::COOKIE;
use http::{Request, Response};
use tower::{ServiceBuilder, service_fn};
use tower_auth::store::{Key, RecordId, RecordKind, Store as _};
use tower_auth::{
    Clock, CookieLayer, Cookies, CsrfHeadersLayer, CsrfLayer, Identity, KeyRing, MemoryStore,
    NearCache, RequireLayer, Session, SessionLayer,
};
use tower_auth_test::FeedingStore;
use tower_layer::Layer as _;
use tower_service::Service;

type Reply = Result<Response<String>, Infallible>;

async fn bare(_: Request<()>) -> Reply {
    Ok(Response::new(String::new()))
}

fn run<S: Service<Request<()>, Response = Response<String>, Error = Infallible>>(
    service: &mut S,
    request: Request<()>,
) -> Response<String> {
    match pin!(service.call(request)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(response)) => response,
        Poll::Pending => panic!("a future waits"),
    }
}

/// Counts the allocations of one call. An earlier call warms up everything that is created once.
fn count<S>(service: &mut S, request: &Request<()>) -> u64
where
    S: Service<Request<()>, Response = Response<String>, Error = Infallible>,
{
    let copy = || request.clone();
    for _ in 0..3 {
        black_box(run(service, copy()));
    }
    let next = copy();
    let counted = allocation_counter::measure(|| {
        black_box(run(service, next));
    });
    counted.count_total
}

fn within<S>(what: &str, budget: u64, service: &mut S, request: &Request<()>)
where
    S: Service<Request<()>, Response = Response<String>, Error = Infallible>,
{
    let base = count(&mut service_fn(bare), request);
    let used = count(service, request) - base;
    println!("{what}: {used} of {budget} allocations");
    assert!(used <= budget, "{what}: {used} allocations, {budget} are allowed");
}

fn get(cookies: &str) -> Request<()> {
    let mut request = Request::builder().uri("/").body(()).unwrap();
    if !cookies.is_empty() {
        request.headers_mut().insert(COOKIE, cookies.parse().unwrap());
    }
    request
}

fn twenty() -> String {
    (0..20).map(|n| format!("cookie{n}=value{n}")).collect::<Vec<_>>().join("; ")
}

#[test]
fn bare_pass_through_of_each_layer() {
    let keys = KeyRing::random();
    let store = MemoryStore::new(Clock::system());
    let many = get(&twenty());
    let mut cookies = CookieLayer::new().layer(service_fn(bare));
    within("cookies, none read", 4, &mut cookies, &many);
    let mut csrf = CsrfLayer::new(&keys).layer(service_fn(bare));
    within("csrf, safe method", 4, &mut csrf, &many);
    let mut headers = CsrfHeadersLayer::new().layer(service_fn(bare));
    within("csrf by headers only, safe method", 0, &mut headers, &many);
    let mut session = SessionLayer::new(store, &keys).layer(service_fn(bare));
    within("session, no credential", 6, &mut session, &many);
    let mut known = get("");
    known.extensions_mut().insert(Identity::local("alice").build());
    within("require", 0, &mut RequireLayer::new().layer(service_fn(bare)), &known);
}

#[test]
fn one_of_twenty_cookies() {
    let mut service = ServiceBuilder::new().layer(CookieLayer::new()).service_fn(
        |request: Request<()>| async move {
            let cookies = Cookies::of(request.extensions()).unwrap();
            assert_eq!(cookies.get("cookie19").unwrap().value(), "value19");
            Reply::Ok(Response::new(String::new()))
        },
    );
    // Two of them are for the response's first header: `Vary: Cookie`.
    within("one of twenty cookies", 6, &mut service, &get(&twenty()));
}

#[test]
fn d23_the_whole_stack_anonymous() {
    let keys = KeyRing::random();
    let store = MemoryStore::new(Clock::system());
    let mut service = ServiceBuilder::new()
        .layer(CookieLayer::new())
        .layer(CsrfLayer::new(&keys))
        .layer(SessionLayer::new(store, &keys))
        .service_fn(bare);
    within("whole stack, anonymous", 6, &mut service, &get(&twenty()));
}

#[test]
fn one_value_of_a_session_in_memory() {
    let keys = KeyRing::random();
    let store = MemoryStore::new(Clock::system());
    let layer = SessionLayer::new(store, &keys);
    let mut login = ServiceBuilder::new().layer(&layer).service_fn(|request: Request<()>| async {
        let session = Session::of(request.extensions()).unwrap();
        session.login(Identity::local("alice").role("user").build()).unwrap();
        session.insert("n", &7).unwrap();
        drop(request);
        Reply::Ok(Response::new(String::new()))
    });
    let response = run(&mut login, get(""));
    let line = response.headers()["set-cookie"].to_str().unwrap();
    let request = get(line.split(';').next().unwrap());
    let mut read = ServiceBuilder::new().layer(&layer).service_fn(|request: Request<()>| async {
        let session = Session::of(request.extensions()).unwrap();
        assert_eq!(session.get::<u32>("n").unwrap(), Some(7));
        assert_eq!(request.extensions().get::<Identity>().unwrap().subject(), "alice");
        drop(request);
        Reply::Ok(Response::new(String::new()))
    });
    within("session in memory, one value", 10, &mut read, &request);
}

/// A hit in the near-cache needs no future, so it costs no more than a session in memory.
#[test]
fn a_session_in_the_near_cache() {
    let keys = KeyRing::random();
    let inner = FeedingStore::new(MemoryStore::new(Clock::system()));
    let near = NearCache::builder(inner).bounded_staleness(Duration::from_secs(60));
    let near = near.build().unwrap();
    let layer = SessionLayer::new(near.clone(), &keys);
    let mut login = ServiceBuilder::new().layer(&layer).service_fn(|request: Request<()>| async {
        let session = Session::of(request.extensions()).unwrap();
        session.login(Identity::local("alice").role("user").build()).unwrap();
        drop(request);
        Reply::Ok(Response::new(String::new()))
    });
    let response = run(&mut login, get(""));
    let line = response.headers()["set-cookie"].to_str().unwrap();
    let request = get(line.split(';').next().unwrap());
    let mut read = ServiceBuilder::new().layer(&layer).service_fn(|request: Request<()>| async {
        assert_eq!(request.extensions().get::<Identity>().unwrap().subject(), "alice");
        drop(request);
        Reply::Ok(Response::new(String::new()))
    });
    within("session in the near-cache", 10, &mut read, &request);
}

#[test]
fn a_hit_in_the_near_cache() {
    let near = NearCache::builder(FeedingStore::new(MemoryStore::new(Clock::system())));
    let near = near.bounded_staleness(Duration::from_secs(60)).build().unwrap();
    let key = Key::new(RecordKind::Session, RecordId::new([1; 16]));
    let loaded = match pin!(near.load(&key)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(loaded) => loaded.is_ok(),
        Poll::Pending => false,
    };
    assert!(loaded && near.load_now(&key).is_some());
    let counted = allocation_counter::measure(|| {
        black_box(near.load_now(&key));
    });
    assert_eq!(counted.count_total, 0);
}
