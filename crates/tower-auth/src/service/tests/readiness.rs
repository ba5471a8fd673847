//! The service that was polled ready is the service that is called.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use http::{Request, Response, StatusCode};
use tower_auth_core::refuse::Empty;
use tower_service::Service;

use super::endpoint::Form;
use super::fakes::{Cookies, Log, Sessions};
use super::handler::{Failure, request};
use super::{Body, on, pair, run};

/// Ready only after a poll; a clone is not ready. Counts the calls without a poll before them.
struct Readied {
    ready: bool,
    wrong: Arc<AtomicUsize>,
}

impl Clone for Readied {
    fn clone(&self) -> Self {
        Self { ready: false, wrong: self.wrong.clone() }
    }
}

impl<Q: Into<Vec<u8>>> Service<Request<Q>> for Readied {
    type Response = Response<Body>;
    type Error = Failure;
    type Future = Ready<Result<Response<Body>, Failure>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        if !std::mem::take(&mut self.ready) {
            self.wrong.fetch_add(1, Ordering::Relaxed);
        }
        ready(Ok(Response::new(request.into_body().into())))
    }
}

/// Calls one service repeatedly, readied before each call. Returns how often the inner service was
/// not.
fn unready<S>(service: impl FnOnce(Readied) -> S) -> usize
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Failure>,
{
    let wrong = Arc::<AtomicUsize>::default();
    let mut service = service(Readied { ready: false, wrong: wrong.clone() });
    let mut task = Context::from_waker(Waker::noop());
    let lines: [&[_]; 6] = [
        &[("sid", "memory")],
        &[("sid", "store")],
        &[("sid", "store"), ("x-form", "")],
        &[("sid", "down")],
        &[("x-form", "")],
        &[],
    ];
    for line in lines {
        assert!(service.poll_ready(&mut task).is_ready());
        let response = run(service.call(request(line, "/", &Log::default()))).0.unwrap();
        let down = line.contains(&("sid", "down"));
        assert_eq!(response.status() == StatusCode::SERVICE_UNAVAILABLE, down);
    }
    wrong.load(Ordering::Relaxed)
}

#[test]
fn the_readied_service_is_called_also_after_one_wait_or_two() {
    let sessions = || Sessions(Empty);
    assert_eq!(unready(|inner| on(sessions(), inner)), 0);
    assert_eq!(unready(|inner| on(pair(Cookies, sessions()), inner)), 0);
    assert_eq!(unready(|inner| on(pair(Form, sessions()), inner)), 0);
    assert_eq!(unready(|inner| on(Form, on(sessions(), inner))), 0);
}
