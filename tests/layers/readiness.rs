//! A layer calls the inner service only after it was ready, and calls the very instance that was
//! ready.
//!
//! Tests run every layer, and all of them together, around strict services: one that panics, one
//! that has a single place, one that buffers. The store waits, so that the session layer takes its
//! slow path too.

use std::convert::Infallible;
use std::future::{Ready, poll_fn, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use http::{Request, Response, StatusCode};
use tower::buffer::Buffer;
use tower::limit::ConcurrencyLimit;
use tower::util::{BoxCloneService, BoxCloneServiceLayer};
use tower::{ServiceBuilder, ServiceExt as _, service_fn};
use tower_auth::{CookieLayer, RequireLayer};
use tower_auth_test::{WithIdentity, identity};
use tower_layer::Layer as _;
use tower_service::Service;

use crate::fixture::{Act, Fixture, finish};

type Call = Request<()>;
type Answer = Response<String>;
type Layer<S> = BoxCloneServiceLayer<S, Call, Answer, <S as Service<Call>>::Error>;

/// Creates a fixture with a logged-in user. Returns it with the cookie.
fn fixture() -> (Fixture, String) {
    let fixture = Fixture::new();
    let cookie = finish(fixture.send(None, &[Act::Login("alice")])).credential().unwrap();
    fixture.slow();
    (fixture, cookie)
}

/// Returns each layer alone, the session layer also with a write, and all layers together.
fn layers<S>(fixture: &Fixture) -> Vec<(&'static str, Layer<S>)>
where
    S: Service<Call, Response = Answer, Future: Send> + Clone + Send + 'static,
    S::Error: 'static,
{
    let (csrf, session) = (fixture.csrf.clone(), fixture.session.clone());
    let require = RequireLayer::new();
    let known = WithIdentity::known(identity("alice"));
    let guarded = ServiceBuilder::new().layer(known).layer(require.clone()).into_inner();
    let whole = ServiceBuilder::new()
        .layer(CookieLayer::new())
        .layer(csrf.clone())
        .layer(session.clone())
        .layer(require)
        .into_inner();
    vec![
        ("cookie", Layer::new(CookieLayer::new())),
        ("csrf", Layer::new(csrf)),
        ("session", Layer::new(session)),
        ("require", Layer::new(guarded)),
        ("whole", Layer::new(whole)),
    ]
}

fn request(cookie: &str) -> Call {
    Fixture::request(Some(cookie))
}

/// Panics if it is called before it was polled ready. A clone is never ready.
struct Strict {
    readied: bool,
    /// Whether it was pending once: it makes its callers wait, too.
    waited: bool,
    calls: Arc<AtomicUsize>,
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        Self { readied: false, waited: false, calls: self.calls.clone() }
    }
}

impl Service<Call> for Strict {
    type Response = Answer;
    type Error = Infallible;
    type Future = Ready<Result<Answer, Infallible>>;

    fn poll_ready(&mut self, task: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        if !std::mem::replace(&mut self.waited, true) {
            task.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.readied = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Call) -> Self::Future {
        assert!(std::mem::take(&mut self.readied), "called without having been polled ready");
        self.calls.fetch_add(1, Ordering::Relaxed);
        ready(Ok(Response::new(String::new())))
    }
}

#[tokio::test]
async fn xx_08_d09_what_was_polled_ready_is_what_is_called() {
    let (fixture, cookie) = fixture();
    for (name, layer) in layers(&fixture) {
        let calls = Arc::new(AtomicUsize::new(0));
        let strict = Strict { readied: false, waited: false, calls: calls.clone() };
        let mut service = layer.layer(strict);
        // Calls the same service repeatedly, and then a clone of it.
        for _ in 0..3 {
            let response = service.ready().await.unwrap().call(request(&cookie)).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{name}");
        }
        service.ready().await.unwrap();
        let clone = service.clone();
        assert_eq!(service.call(request(&cookie)).await.unwrap().status(), StatusCode::OK);
        assert_eq!(clone.oneshot(request(&cookie)).await.unwrap().status(), StatusCode::OK);
        assert_eq!(calls.load(Ordering::Relaxed), 5, "{name}");
    }
}

#[tokio::test]
async fn xx_08_readiness_is_handed_on_and_not_made_up() {
    let (fixture, _) = fixture();
    for (name, layer) in layers(&fixture) {
        let strict = Strict { readied: false, waited: false, calls: Arc::default() };
        let mut service = layer.layer(strict);
        let mut task = Context::from_waker(Waker::noop());
        assert!(service.poll_ready(&mut task).is_pending(), "{name}");
        assert!(service.poll_ready(&mut task).is_ready(), "{name}");
    }
}

#[tokio::test]
async fn xx_08_a_refused_request_does_not_reach_the_service() {
    let fixture = Fixture::new();
    let calls = Arc::<AtomicUsize>::default();
    let strict = Strict { readied: false, waited: false, calls: calls.clone() };
    let whole = layers(&fixture).pop().unwrap().1;
    let response = whole.layer(strict).oneshot(Fixture::request(None)).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(calls.load(Ordering::Relaxed), 0);
}

/// Counts the concurrent requests inside, and keeps each for some polls.
#[derive(Clone, Default)]
struct Room {
    inside: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Room {
    async fn visit(self) -> Result<Answer, Infallible> {
        let now = self.inside.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(now, Ordering::Relaxed);
        for _ in 0..5 {
            tokio::task::yield_now().await;
        }
        self.inside.fetch_sub(1, Ordering::Relaxed);
        Ok(Response::new(String::new()))
    }

    fn service(
        &self,
    ) -> impl Service<Call, Response = Answer, Error = Infallible, Future: Send> + Clone + Send + 'static
    {
        let room = self.clone();
        service_fn(move |_: Call| room.clone().visit())
    }
}

#[tokio::test]
async fn xx_08_d09_one_place_holds_one_at_a_time() {
    let (fixture, cookie) = fixture();
    let room = Room::default();
    for (name, layer) in layers(&fixture) {
        let service = layer.layer(ConcurrencyLimit::new(room.service(), 1));
        let one = service.clone().oneshot(request(&cookie));
        let other = service.clone().oneshot(request(&cookie));
        let (one, other) = tokio::join!(one, other);
        for response in [one, other] {
            assert_eq!(response.unwrap().status(), StatusCode::OK, "{name}");
        }
        assert_eq!(room.most.load(Ordering::Relaxed), 1, "{name}");
    }
}

#[tokio::test]
async fn xx_08_d09_the_place_goes_with_the_request_that_loads() {
    let (fixture, cookie) = fixture();
    let service = ConcurrencyLimit::new(Room::default().service(), 1);
    let mut service = fixture.session.layer(service);
    let mut task = Context::from_waker(Waker::noop());
    assert!(service.poll_ready(&mut task).is_ready());
    let mut loading = Box::pin(service.call(request(&cookie)));
    assert!(loading.as_mut().poll(&mut task).is_pending());
    // The store was asked and the inner service not yet called: the request still holds its place.
    assert!(service.poll_ready(&mut task).is_pending());
    drop(loading);
    // The request was dropped: the place is free.
    assert!(service.poll_ready(&mut task).is_ready());
}

#[tokio::test]
async fn xx_08_d09_a_buffer_of_one() {
    let (fixture, cookie) = fixture();
    let room = Room::default();
    for (name, layer) in layers(&fixture) {
        let limited = ConcurrencyLimit::new(room.service(), 1);
        let service = layer.layer(Buffer::new(limited, 1));
        let many = (0..4).map(|_| tokio::spawn(service.clone().oneshot(request(&cookie))));
        for one in many.collect::<Vec<_>>() {
            let response = one.await.unwrap().unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(response.status(), StatusCode::OK, "{name}");
        }
        assert_eq!(room.most.load(Ordering::Relaxed), 1, "{name}");
    }
}

#[tokio::test]
async fn xx_08_an_error_of_readiness_is_the_inner_services_own() {
    #[derive(Clone)]
    struct Broken;
    impl Service<Call> for Broken {
        type Response = Answer;
        type Error = &'static str;
        type Future = Ready<Result<Answer, &'static str>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
            Poll::Ready(Err("broken"))
        }

        fn call(&mut self, _: Call) -> Self::Future {
            panic!("never ready")
        }
    }
    let (fixture, _) = fixture();
    for (name, layer) in layers(&fixture) {
        let mut service: BoxCloneService<_, _, _> = layer.layer(Broken);
        let outcome = poll_fn(|task| service.poll_ready(task)).await;
        assert_eq!(outcome.unwrap_err(), "broken", "{name}");
    }
}
