//! The way of one request through the room.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use pin_project_lite::pin_project;

use crate::context::Scope;
use crate::store::BoxFuture;

pin_project! {
    /// The future of [`RefreshService`](super::RefreshService). Boxed is only what this layer
    /// serves itself, beside a store round trip.
    #[must_use = "futures do nothing unless they are polled"]
    pub struct ResponseFuture<F> {
        #[pin]
        kind: Kind<F>,
        // Dropped after the inner future: the mark stands as long as anything inside is at work.
        scope: Option<Scope>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<F> {
        Inside {
            #[pin]
            future: F,
        },
        Serving {
            serving: BoxFuture<Response<Bytes>>,
        },
        Refused {
            response: Option<Response<Bytes>>,
        },
    }
}

impl<F> ResponseFuture<F> {
    pub(super) const fn inside(future: F, scope: Scope) -> Self {
        Self { kind: Kind::Inside { future }, scope: Some(scope) }
    }

    pub(super) const fn serving(serving: BoxFuture<Response<Bytes>>) -> Self {
        Self { kind: Kind::Serving { serving }, scope: None }
    }

    pub(super) const fn refused(response: Response<Bytes>) -> Self {
        Self { kind: Kind::Refused { response: Some(response) }, scope: None }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: From<Bytes>,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut result = match this.kind.project() {
            KindProjection::Inside { future } => ready!(future.poll(cx)),
            KindProjection::Serving { serving } => {
                Ok(ready!(serving.as_mut().poll(cx)).map(B::from))
            }
            // The contract of `Future`: nobody polls again after it is ready.
            KindProjection::Refused { response } => {
                Ok(response.take().expect("polled after completion").map(B::from))
            }
        };
        match (this.scope.take(), &mut result) {
            (Some(scope), Ok(response)) => scope.finish(response),
            (scope, _) => drop(scope),
        }
        Poll::Ready(result)
    }
}
