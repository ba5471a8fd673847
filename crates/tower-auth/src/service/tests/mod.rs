//! Layers stacked by hand and combined layers behave alike. Fake layers cover every case of the
//! contract.

mod beside;
mod bodies;
mod bounds;
mod endpoint;
mod equal;
mod fakes;
mod handler;
mod readiness;
mod retries;
mod scopes;
mod size;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use http::{Request, Response};
use tower_service::Service;

use super::{AuthService, Pair};

type Body = Vec<u8>;

/// Returns the service that a tower layer creates for `layer`.
fn on<S, L>(layer: L, inner: S) -> AuthService<S, L> {
    AuthService::new(inner, Arc::new(layer))
}

fn pair<O, I>(outer: O, inner: I) -> Pair<O, I> {
    Pair::new(outer, inner)
}

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls the future to completion. Also returns the number of polls.
fn run<F: Future>(future: F) -> (F::Output, usize) {
    let mut future = pin!(future);
    for polls in 1..20 {
        if let Poll::Ready(output) = poll(future.as_mut()) {
            return (output, polls);
        }
    }
    panic!("the future is still pending")
}

/// Calls the service once it is ready.
fn send<S, Q, B>(mut service: S, request: Request<Q>) -> Response<B>
where
    S: Service<Request<Q>, Response = Response<B>>,
{
    let mut task = Context::from_waker(Waker::noop());
    assert!(matches!(service.poll_ready(&mut task), Poll::Ready(Ok(()))));
    run(service.call(request)).0.unwrap_or_else(|_| panic!("the inner service failed"))
}

fn set_cookies<B>(response: &Response<B>) -> usize {
    response.headers().get_all("set-cookie").iter().count()
}
