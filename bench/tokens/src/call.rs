//! Calls of a service in this process.

use std::convert::Infallible;
use std::fmt::Debug;
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::StatusCode;
use http_body_util::{Empty, Full};
use tower::Service;

pub(crate) type Request = http::Request<Empty<Bytes>>;
pub(crate) type Response = http::Response<Full<Bytes>>;

/// A case, ready to run any number of times.
pub type Call = Box<dyn FnMut()>;

/// A service that is reduced to the status of its responses.
pub(crate) type Served = Box<dyn FnMut(Request) -> StatusCode>;

/// Runs a case `times` times. callgrind finds this function by its name, and counts only its
/// instructions.
#[inline(never)]
pub fn measured(call: &mut dyn FnMut(), times: u32) {
    for _ in 0..times {
        call();
    }
}

/// The service inside of every verifier.
pub(crate) async fn inner<B: Default>(request: Request) -> Result<http::Response<B>, Infallible> {
    drop(black_box(request));
    Ok(http::Response::default())
}

/// Returns the calls of the service.
pub(crate) fn served<S, B>(mut service: S) -> Served
where
    S: Service<Request, Response = http::Response<B>> + 'static,
    S::Error: Debug,
{
    Box::new(move |request| {
        let response = now(service.call(request)).expect("the services do not fail");
        let status = response.status();
        drop(black_box(response));
        status
    })
}

/// Returns the output of a future that never waits: every verifier has its keys already.
pub(crate) fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the verifier waits for something outside of this process"),
    }
}
