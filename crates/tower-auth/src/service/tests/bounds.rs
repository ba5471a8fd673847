//! The bounds that the service requires, and those that it inherits. Compilation is most of the
//! test.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::rc::Rc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower::service_fn;
use tower::util::BoxCloneService;
use tower_auth_core::refuse::Empty;
use tower_auth_core::{Dialect, Rejection};
use tower_service::Service;

use super::endpoint::Endpoint;
use super::fakes::{Cookies, Gate, Log, Sessions, csrf, require};
use super::handler::{Failure, handler, request};
use super::{Body, on, pair, send};
use crate::service::{AuthLayer, MayWait, NeverWaits, WaitMode};

fn is_send<T: Send>(_: &T) {}
fn is_sync<T: Sync>(_: &T) {}

/// A service that is not `Clone`.
struct Once;

impl<Q> Service<Request<Q>> for Once {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Q>) -> Self::Future {
        ready(Ok(Response::new(Body::new())))
    }
}

#[test]
fn without_a_wait_before_the_call_neither_clone_nor_send_nor_static_is_asked_for() {
    let local = Cell::new(1);
    let stack = || pair(Cookies, pair(csrf(), require()));
    let mut service = on(stack(), Once);
    let future = service.call(Request::new(&local));
    // It holds neither the service nor the body.
    is_send(&future);
    is_sync(&future);
    is_sync(&service);
    assert_eq!(send(on(Cookies, on(csrf(), Once)), Request::new(&local)).status(), 200);

    // An inner future that is not `Send` is no error: the outer future is not `Send` either.
    let rc = Rc::new(Cell::new(0));
    let app = service_fn(|_: Request<&Cell<u8>>| {
        let rc = rc.clone();
        async move {
            rc.set(rc.get() + 1);
            Ok::<_, Infallible>(Response::new(Body::new()))
        }
    });
    assert_eq!(send(on(stack(), app), Request::new(&local)).status(), 200);
    assert_eq!(rc.get(), 1);

    // An endpoint waits, but never calls the inner service afterwards.
    let endpoint = on(pair(Cookies, pair(csrf(), Endpoint)), Once);
    let answer = send(endpoint, request(&[], "/token", &Log::default()));
    assert_eq!(answer.body(), b"csrf=1");
}

#[test]
fn with_a_wait_before_the_call_the_service_is_cloned_and_nothing_else_is_asked_for() {
    let rc = Rc::new(());
    let local = Cell::new(1);
    let app = || {
        service_fn(|_: Request<&Cell<u8>>| {
            let body = format!("{:?}", rc.clone());
            ready(Ok::<_, Infallible>(Response::new(body)))
        })
    };
    assert_eq!(send(on(pair(Cookies, Sessions(Empty)), app()), Request::new(&local)).body(), "()");
    assert_eq!(send(on(Cookies, on(Sessions(Empty), app())), Request::new(&local)).body(), "()");

    fn waits<L: AuthLayer<Body, Body>>(_: &L) -> PhantomData<L::Waits> {
        PhantomData
    }
    let _: PhantomData<NeverWaits> = waits(&pair(Cookies, pair(csrf(), Endpoint)));
    let _: PhantomData<MayWait> = waits(&pair(Cookies, pair(Sessions(Empty), require())));
    let _: PhantomData<MayWait> = waits(&pair(pair(Cookies, Sessions(Empty)), require()));
    let _: PhantomData<MayWait> = PhantomData::<<MayWait as WaitMode>::Or<NeverWaits>>;
}

#[test]
fn the_whole_stack_goes_into_a_box() {
    let stack = pair(Cookies, pair(csrf(), pair(Endpoint, pair(Sessions(Empty), require()))));
    let boxed: BoxCloneService<Request<Body>, Response<Body>, Failure> =
        BoxCloneService::new(on(stack, service_fn(handler)));
    let answer = send(boxed.clone(), request(&[("sid", "store")], "/", &Log::default()));
    assert_eq!(answer.status(), 200);
    is_send(&boxed);
}

/// A body without a default.
#[derive(Debug, PartialEq)]
struct Plain(&'static str);

#[test]
fn a_closure_writes_refusals_with_a_body_that_has_no_default() {
    let writer = |_: &Rejection, _: Dialect| Response::new(Plain("no"));
    let gate = Gate::<true, _> { header: "x-cross", writer };
    let app = service_fn(|request: Request<()>| {
        let mut response = Response::new(Plain("yes"));
        if request.uri().path() == "/fail" {
            response.headers_mut().insert("x-write", "fail".parse().unwrap());
        }
        ready(Ok::<_, Infallible>(response))
    });
    let service = on(pair(gate, Sessions(writer)), app);
    assert_eq!(*send(service.clone(), Request::new(())).body(), Plain("yes"));
    let crossing = Request::builder().header("x-cross", "").body(()).unwrap();
    assert_eq!(*send(service.clone(), crossing).body(), Plain("no"));
    let failing = Request::builder().uri("/fail").body(()).unwrap();
    assert_eq!(*send(service, failing).body(), Plain("no"), "after the inner service as well");
}
