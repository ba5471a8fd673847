//! A service between the layers that retries with the same extensions.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll};

use http::{Request, Response, StatusCode};
use tower::service_fn;
use tower_auth_core::refuse::Empty;
use tower_service::Service;

use super::fakes::{Cookies, Log, Sessions, csrf};
use super::handler::{Failure, handler, request};
use super::{Body, on, pair, send, set_cookies};
use crate::store::BoxFuture;

#[derive(Clone)]
struct Retry<S>(S);

impl<S> Service<Request<Body>> for Retry<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Failure>,
    S: Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Failure;
    type Future = BoxFuture<Result<Response<Body>, Failure>>;

    fn poll_ready(&mut self, task: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.0.poll_ready(task)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let mut service = self.0.clone();
        let mut second = request.clone();
        second.headers_mut().remove("x-do");
        Box::pin(async move {
            // A panic in the call has no future.
            let call = catch_unwind(AssertUnwindSafe(|| service.call(request)));
            let failed = match call {
                Err(_) => None,
                Ok(first) => {
                    // The failed future stays alive while the second attempt runs. After a panic in
                    // a poll, it is dropped first: a future that panicked guarantees nothing.
                    let mut first = Box::pin(first);
                    let result = poll_fn(|task| {
                        let mut poll = || first.as_mut().poll(task);
                        match catch_unwind(AssertUnwindSafe(&mut poll)) {
                            Ok(polled) => polled.map(Some),
                            Err(_) => Poll::Ready(None),
                        }
                    })
                    .await;
                    match result {
                        Some(Ok(response)) => return Ok(response),
                        Some(Err(_)) => Some(first),
                        None => None,
                    }
                }
            };
            let response = pin!(service.call(second)).await;
            drop(failed);
            response
        })
    }
}

#[test]
fn an_error_clears_the_marks_before_it_is_returned_and_a_panic_with_the_drop() {
    for sid in ["none", "memory", "store"] {
        for act in ["error", "panic", "panic-in-call"] {
            let log = Log::default();
            let inner = on(pair(csrf(), Sessions(Empty)), service_fn(handler));
            let service = on(Cookies, Retry(inner));
            let response = send(service, request(&[("sid", sid), ("x-do", act)], "/", &log));
            assert_eq!(response.status(), StatusCode::OK, "{sid} {act}");
            // The cookie of the outer layer, and that of the second attempt's session.
            assert_eq!(set_cookies(&response), 1 + usize::from(sid != "none"), "{sid} {act}");
            let steps = log.steps();
            let undone = steps.iter().position(|it| it == "undo session").expect("undone");
            let again = steps.iter().rposition(|it| it == "in session").expect("tried again");
            assert!(undone < again, "{steps:?}");
        }
    }
}

#[test]
fn a_request_that_is_dropped_while_it_waits_leaves_no_mark() {
    let log = Log::default();
    let (head, body) = request(&[("sid", "store")], "/", &log).into_parts();
    let (seen, extensions) = std::sync::mpsc::channel();
    // The inner service of the outer layer: two attempts, the first one dropped while it waits.
    let attempts = service_fn(move |request: Request<Body>| {
        let inner = || on(pair(csrf(), Sessions(Empty)), service_fn(handler));
        let mut first = Box::pin(inner().call(request.clone()));
        assert!(super::poll(first.as_mut()).is_pending());
        drop(first);
        seen.send(request.extensions().clone()).unwrap();
        async move { inner().call(request).await }
    });
    let response = send(on(Cookies, attempts), Request::from_parts(head, body));
    assert_eq!((response.status(), set_cookies(&response)), (StatusCode::OK, 2));
    let context = crate::request::Context::of(&extensions.recv().unwrap()).unwrap();
    assert!(!context.is_marked(crate::request::LayerFlag::Session));
    assert!(!context.is_marked(crate::request::LayerFlag::Cookie), "a response clears the mark");
}
