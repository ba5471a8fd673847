use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;

use super::jar::Mark;
use crate::context::Scope;

pin_project! {
    /// The future of [`CookieService`](super::CookieService).
    #[must_use = "futures do nothing unless they are polled"]
    pub struct ResponseFuture<F, B> {
        #[pin]
        kind: Kind<F, B>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<F, B> {
        Inside {
            // Dropped before the stay: what the handler's destructors still write is taken back.
            #[pin]
            future: F,
            stay: Option<Stay>,
        },
        Refused {
            response: Option<Response<B>>,
        },
    }
}

impl<F, B> ResponseFuture<F, B> {
    pub(super) const fn inside(future: F, stay: Stay) -> Self {
        Self { kind: Kind::Inside { future, stay: Some(stay) } }
    }

    pub(super) const fn refused(response: Response<B>) -> Self {
        Self { kind: Kind::Refused { response: Some(response) } }
    }
}

impl<F, B, E> Future for ResponseFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().kind.project() {
            KindProjection::Inside { future, stay } => {
                let mut result = ready!(future.poll(cx));
                match (stay.take(), &mut result) {
                    (Some(stay), Ok(response)) => stay.finish(response),
                    (stay, _) => drop(stay),
                }
                Poll::Ready(result)
            }
            KindProjection::Refused { response } => {
                // The contract of `Future`: nobody polls again after it is ready.
                Poll::Ready(Ok(response.take().expect("polled after completion")))
            }
        }
    }
}

/// The layer's stay in one request. Ended by an error, a panic or a drop, it takes back the cookies
/// that were set inside; an outer layer may own the jar, live on and answer in its own way.
pub(super) struct Stay {
    scope: Option<Scope>,
    before: Mark,
}

impl Stay {
    /// Begins before the inner service is called: its call may set cookies, and panic.
    pub(super) fn new(scope: Scope) -> Self {
        Self { before: scope.context().jar.mark(), scope: Some(scope) }
    }

    fn finish<B>(mut self, response: &mut Response<B>) {
        if let Some(scope) = self.scope.take() {
            scope.finish(response);
        }
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        if let Some(scope) = self.scope.take() {
            scope.context().jar.roll_back(self.before);
        }
    }
}
