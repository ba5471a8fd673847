use std::convert::Infallible;
use std::future::{Future, pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use http::header::{CONTENT_TYPE, SET_COOKIE};
use http::{Method, Request, Response, StatusCode};
use tower::buffer::Buffer;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tower_auth_core::{Dialect, Rejection, refuse};

use super::{CookieLayer, block_on, lines, request};
use crate::KeyRing;
use crate::cookie::{CookieConfigError, CookieError, Cookies};
use crate::request::{LayerFlag, RequestScope};

async fn sets(request: Request<()>) -> Result<Response<()>, Infallible> {
    Cookies::of(request.extensions()).unwrap().set(("a", "1")).unwrap();
    Ok(Response::new(()))
}

fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn there_are_no_cookies_without_the_layer() {
    let mut request = Request::new(());
    assert!(Cookies::of(request.extensions()).is_none());
    let _scope = RequestScope::enter(&mut request, LayerFlag::Session).unwrap();
    assert!(Cookies::of(request.extensions()).is_none(), "another layer's context is not enough");
}

#[test]
fn d21_nested_in_itself_it_refuses_with_500() {
    let layer = || CookieLayer::builder().refuse_with(refuse::Problem).build().unwrap();
    let handler = service_fn(async |_: Request<()>| -> Result<_, Infallible> {
        panic!("the handler must not be reached");
        #[allow(unreachable_code)]
        Ok(Response::new(bytes::Bytes::new()))
    });
    let nested = layer().layer(layer().layer(handler));
    let response = block_on(nested.clone().oneshot(Request::new(()))).unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
    let rejection = response.extensions().get::<Rejection>().unwrap();
    assert!(
        matches!(rejection, Rejection::Misconfigured(misconfigured) if misconfigured.layer == "CookieLayer")
    );

    let grpc = Request::post("/").header(CONTENT_TYPE, "application/grpc").body(()).unwrap();
    assert_eq!(grpc.method(), Method::POST);
    let response = block_on(nested.oneshot(grpc)).unwrap();
    assert_eq!(
        (response.status(), &response.headers()["grpc-status"]),
        (StatusCode::OK, &13.into())
    );
}

#[test]
fn xx_01_no_refusal_of_ones_own_makes_it_a_success() {
    let kind = |_: &Rejection, _: Dialect| Response::new(());
    let layer = CookieLayer::builder().refuse_with(kind).build().unwrap();
    let nested = layer.layer(layer.layer(service_fn(sets)));
    let response = block_on(nested.oneshot(Request::new(()))).unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!response.headers().contains_key(SET_COOKIE));
}

#[test]
fn d21_a_retry_passes() {
    let layer = CookieLayer::new();
    let mut service = layer.layer(service_fn(sets));
    block_on(async {
        for _ in 0..3 {
            let response = service.ready().await.unwrap().call(Request::new(())).await.unwrap();
            assert_eq!(lines(response.headers()).len(), 1);
        }
    });
}

#[test]
fn keys_are_given_once() {
    let ring = KeyRing::random();
    let twice = CookieLayer::builder().keys(&ring).keys(&ring).build().err();
    assert_eq!(twice, Some(CookieConfigError::KeysTwice));
    assert!(CookieLayer::builder().keys(&ring).build().is_ok());
}

/// Calls a service that panics if it is called before it is ready, and whose clones are not ready
/// (D9).
async fn three_times<S>(mut service: S)
where
    S: Service<Request<()>, Response = Response<()>> + Clone,
    S::Error: std::fmt::Debug,
{
    for _ in 0..3 {
        let response = service.ready().await.unwrap().call(Request::new(())).await.unwrap();
        assert_eq!(lines(response.headers()).len(), 1);
        service = service.clone();
    }
}

#[test]
fn xx_08_d09_the_service_that_was_polled_ready_is_the_one_called() {
    block_on(async {
        let limited =
            ServiceBuilder::new().layer(CookieLayer::new()).concurrency_limit(1).service_fn(sets);
        three_times(limited).await;
        let buffered = Buffer::new(service_fn(sets), 1);
        three_times(CookieLayer::new().layer(buffered)).await;
    });
}

#[test]
fn xx_08_back_pressure_passes_through() {
    let mut service = ServiceBuilder::new()
        .layer(CookieLayer::new())
        .concurrency_limit(1)
        .service_fn(|_: Request<()>| pending::<Result<Response<()>, Infallible>>());
    let mut other = service.clone();
    assert!(poll_once(service.ready()).is_ready());
    let in_flight = service.call(Request::new(()));
    assert!(poll_once(other.ready()).is_pending());
    drop(in_flight);
    assert!(poll_once(other.ready()).is_ready());
}

/// Returns the cookies of an outer layer's response, after `stay` ended the cookie layer inside
/// without a response. The outer layer owns the request's context.
fn after<T>(stay: impl FnOnce(Request<()>) -> T) -> Vec<String> {
    let mut request = request(&[b"sent=1"]);
    let mut owner = RequestScope::enter(&mut request, LayerFlag::Session).unwrap();
    let jar = &owner.context().jar;
    jar.write(jar.writer(), ("outer", "1").into()).unwrap();
    stay(request);
    assert!(!owner.context().is_marked(LayerFlag::Cookie), "a retry would pass");
    let mut response = Response::new(());
    owner.finish(&mut response);
    lines(response.headers())
}

#[test]
fn xx_07_an_error_sends_no_cookie() {
    let fails = service_fn(async |request: Request<()>| {
        Cookies::of(request.extensions()).unwrap().set(("a", "1"))?;
        Err::<Response<()>, _>(CookieError::Value)
    });
    let service = CookieLayer::new().layer(fails);
    let lines = after(|request| assert!(block_on(service.oneshot(request)).is_err()));
    assert_eq!(lines, ["outer=1"]);
}

#[test]
fn xx_07_a_dropped_request_sends_no_cookie() {
    let hangs = service_fn(async |request: Request<()>| {
        Cookies::of(request.extensions()).unwrap().set(("a", "1")).unwrap();
        pending::<Result<Response<()>, Infallible>>().await
    });
    let mut service = CookieLayer::new().layer(hangs);
    // A future that is never polled, and one that is polled once.
    assert_eq!(after(|request| drop(service.call(request))), ["outer=1"]);
    assert_eq!(
        after(|request| assert!(poll_once(service.call(request)).is_pending())),
        ["outer=1"]
    );
}

#[test]
fn xx_07_a_panic_sends_no_cookie() {
    let panics = service_fn(|request: Request<()>| {
        Cookies::of(request.extensions()).unwrap().set(("a", "1")).unwrap();
        async { panic!("in the handler") as Result<Response<()>, Infallible> }
    });
    let service = CookieLayer::new().layer(panics);
    let lines = after(|request| {
        let call = AssertUnwindSafe(|| poll_once(service.oneshot(request)));
        assert!(catch_unwind(call).is_err());
    });
    assert_eq!(lines, ["outer=1"]);
}

#[test]
fn d17_what_an_attempt_that_was_given_up_left_running_sets_nothing_in_the_next() {
    let kept = std::cell::RefCell::new(Vec::<Cookies>::new());
    let fails_once = service_fn(|request: Request<()>| {
        let cookies = Cookies::of(request.extensions()).unwrap();
        let is_first = kept.borrow().is_empty();
        for given_up in kept.borrow().iter() {
            assert_eq!(given_up.set(("late", "1")), Err(CookieError::ResponseSent));
            assert_eq!(given_up.remove("sent"), Err(CookieError::ResponseSent));
            let signed = given_up.encrypted().unwrap().set(("late", "1"));
            assert_eq!(signed, Err(CookieError::ResponseSent));
            assert_eq!(given_up.get("sent").unwrap().value(), "1", "the handle can still read");
        }
        cookies.set(("own", "1")).unwrap();
        kept.borrow_mut().extend([cookies.clone(), cookies]);
        ready(if is_first { Err("try again") } else { Ok(Response::new(())) })
    });
    let layer = CookieLayer::builder().keys(&KeyRing::random()).build().unwrap();
    let service = layer.layer(fails_once);
    let lines = after(|request| {
        assert!(block_on(service.clone().oneshot(request.clone())).is_err());
        // This handle belongs to the caller that retries, not to an attempt.
        let outside = Cookies::of(request.extensions()).unwrap();
        assert!(block_on(service.clone().oneshot(request)).is_ok());
        outside.set(("outside", "1")).unwrap();
    });
    let names: Vec<_> = lines.iter().map(|line| line.split('=').next().unwrap()).collect();
    assert_eq!(names, ["outer", "own", "outside"]);
}

#[test]
fn inside_another_layer_the_owner_sends_the_cookies() {
    let service = CookieLayer::new().layer(service_fn(sets));
    let lines = after(|request| {
        let response = block_on(service.oneshot(request)).unwrap();
        assert!(!response.headers().contains_key(SET_COOKIE), "one writer");
    });
    assert_eq!(lines[0], "outer=1");
    assert!(lines[1].starts_with("a=1;"));
}

/// The response body is neither `Default` nor `Send`, and the refusal creates it. The request body
/// may be of any type.
#[test]
fn bodies_are_free() {
    struct Odd(std::rc::Rc<()>);
    let kind = |rejection: &Rejection, dialect| refuse::respond(rejection, dialect, Odd(().into()));
    let layer = CookieLayer::builder().refuse_with(kind).build().unwrap();
    let service = layer.layer(service_fn(|request: Request<Odd>| {
        assert!(Cookies::of(request.extensions()).is_some());
        ready(Ok::<_, Infallible>(Response::new(request.into_body())))
    }));
    let response = block_on(service.oneshot(Request::new(Odd(().into())))).unwrap();
    assert_eq!(std::rc::Rc::strong_count(&response.body().0), 1);
}

#[test]
fn layers_services_and_futures_go_where_servers_take_them() {
    fn everywhere<T: Send + Sync + 'static>(_: &T) {}
    let mut service = CookieLayer::new()
        .layer(service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(Response::new(())))));
    everywhere(&CookieLayer::new());
    everywhere(&service);
    everywhere(&service.call(Request::new(())));
}
