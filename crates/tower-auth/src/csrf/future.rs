use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;

use crate::context::Scope;

pin_project! {
    /// The future of [`CsrfService`](super::CsrfService).
    #[must_use = "futures do nothing unless they are polled"]
    pub struct ResponseFuture<F, B> {
        #[pin]
        kind: Kind<F, B>,
        // Dropped after the inner future: the mark stands as long as anything inside is at work.
        scope: Option<Scope>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<F, B> {
        Inside {
            #[pin]
            future: F,
        },
        Refused {
            response: Option<Response<B>>,
        },
    }
}

impl<F, B> ResponseFuture<F, B> {
    pub(super) const fn inside(future: F, scope: Scope) -> Self {
        Self { kind: Kind::Inside { future }, scope: Some(scope) }
    }

    pub(super) const fn refused(response: Response<B>, scope: Option<Scope>) -> Self {
        Self { kind: Kind::Refused { response: Some(response) }, scope }
    }
}

impl<F, B, E> Future for ResponseFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut result = match this.kind.project() {
            KindProjection::Inside { future } => ready!(future.poll(cx)),
            // The contract of `Future`: nobody polls again after it is ready.
            KindProjection::Refused { response } => {
                Ok(response.take().expect("polled after completion"))
            }
        };
        match (this.scope.take(), &mut result) {
            (Some(scope), Ok(response)) => scope.finish(response),
            (scope, _) => drop(scope),
        }
        Poll::Ready(result)
    }
}
