use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use http::Response;
use pin_project_lite::pin_project;

use super::jar::Mark;
use crate::context::Scope;
use crate::inside::{self, Inside};

pin_project! {
    /// The future of [`CookieService`](super::CookieService).
    #[must_use = "futures do nothing unless they are polled"]
    pub struct ResponseFuture<F, B> {
        #[pin]
        inside: Inside<F, B, Stay>,
    }
}

impl<F, B> ResponseFuture<F, B> {
    pub(super) const fn inside(future: F, stay: Stay) -> Self {
        Self { inside: Inside::running(future, stay) }
    }

    pub(super) const fn refused(response: Response<B>) -> Self {
        Self { inside: Inside::refused(response) }
    }
}

impl<F, B, E> Future for ResponseFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Self::Output> {
        self.project().inside.poll(task)
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
}

impl<B> inside::Stay<B> for Stay {
    fn finish(mut self, response: &mut Response<B>) {
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
