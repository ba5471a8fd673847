//! The middleware's future.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use http::Response;
use pin_project_lite::pin_project;

use super::scopes::Scopes;
use crate::inside::Inside;

pin_project! {
    /// The inner service's response, or the refusal.
    #[must_use = "futures do nothing unless they are polled"]
    pub struct ResponseFuture<F, B> {
        #[pin]
        inside: Inside<F, B, Scopes>,
    }
}

impl<F, B> ResponseFuture<F, B> {
    pub(super) const fn passed(inner: F, scopes: Scopes) -> Self {
        Self { inside: Inside::running(inner, scopes) }
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

impl<F, B> fmt::Debug for ResponseFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
