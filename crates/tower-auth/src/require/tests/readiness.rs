use std::future::{Ready, ready};
use std::task::{Context, Poll};

use tower::ServiceExt;
use tower_auth_test::{WithIdentity, identity};

use super::*;

/// Readiness as in `ConcurrencyLimit` and `Buffer`: for one call, and never inherited by a clone.
#[derive(Default)]
struct Strict {
    ready: bool,
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Service<Request<()>> for Strict {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Ready<Result<Response<()>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        assert!(std::mem::take(&mut self.ready), "called without being ready");
        ready(Ok(Response::new(())))
    }
}

#[tokio::test]
async fn d09_xx_08_the_service_that_was_readied_is_called() {
    let mut service =
        WithIdentity::only(identity("alice")).layer(RequireLayer::new().layer(Strict::default()));
    for _ in 0..2 {
        let response = service.ready().await.unwrap().call(Request::new(())).await.unwrap();
        assert_eq!(response.status(), 200);
    }
}

#[tokio::test]
async fn d09_a_refusal_leaves_the_readied_service_ready() {
    let mut service = RequireLayer::new().layer(Strict::default());
    let refused = service.ready().await.unwrap().call(Request::new(())).await.unwrap();
    assert_eq!(refused.status(), 500);
    let mut request = Request::new(());
    request.extensions_mut().insert(identity("alice"));
    // The service is not polled again: its reservation is still valid.
    assert_eq!(service.call(request).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_future_polled_again_does_no_harm() {
    let mut service = RequireLayer::new().layer(Strict::default());
    let mut future = std::pin::pin!(service.call(Request::new(())));
    assert!(future.as_mut().await.is_ok());
    let mut context = Context::from_waker(std::task::Waker::noop());
    assert!(future.as_mut().poll(&mut context).is_pending());
}
