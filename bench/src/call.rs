//! Calls of a service in this process.

use std::convert::Infallible;
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http_body_util::{Empty, Full};
use tower::Service;

pub(crate) type Request = http::Request<Empty<Bytes>>;
pub(crate) type Response = http::Response<Full<Bytes>>;
pub(crate) type Reply = Result<Response, Infallible>;

/// A work's service and request, ready to run any number of times.
pub type Call = Box<dyn FnMut()>;

/// Runs a work `times` times. callgrind finds this function by its name, and counts only its
/// instructions.
#[inline(never)]
pub fn measured(call: &mut dyn FnMut(), times: u32) {
    for _ in 0..times {
        call();
    }
}

/// The service inside of all layers.
pub(crate) async fn bare(request: Request) -> Reply {
    drop(black_box(request));
    Ok(Response::default())
}

/// Returns a call that sends this request to the service.
pub(crate) fn calls<S>(mut service: S, request: Request) -> Call
where
    S: Service<Request, Response = Response, Error = Infallible> + 'static,
{
    Box::new(move || {
        let response = answer(&mut service, black_box(request.clone()));
        assert!(response.status().is_success(), "{}", response.status());
        black_box(response);
    })
}

/// Returns the response to one request. No future here ever waits.
pub(crate) fn answer<S>(service: &mut S, request: Request) -> Response
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    match pin!(service.call(request)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(response)) => response,
        Poll::Pending => unreachable!("everything is in memory"),
    }
}
