//! The way of one request through the room.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use bytes::Bytes;
use http::Response;
use pin_project_lite::pin_project;

use crate::context::Scope;
use crate::inside::Inside;
use crate::store::BoxFuture;

pin_project! {
    /// The future of [`RefreshService`](super::RefreshService). Boxed is only what this layer
    /// serves itself, beside a store round trip.
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
            #[pin]
            inside: Inside<F, B, Scope>,
        },
        Serving {
            serving: BoxFuture<Response<Bytes>>,
        },
    }
}

impl<F, B> ResponseFuture<F, B> {
    pub(super) const fn inside(future: F, scope: Scope) -> Self {
        Self { kind: Kind::Inside { inside: Inside::running(future, scope) } }
    }

    pub(super) const fn serving(serving: BoxFuture<Response<Bytes>>) -> Self {
        Self { kind: Kind::Serving { serving } }
    }

    pub(super) const fn refused(response: Response<B>) -> Self {
        Self { kind: Kind::Inside { inside: Inside::refused(response) } }
    }
}

impl<F, B, E> Future for ResponseFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: From<Bytes>,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Self::Output> {
        match self.project().kind.project() {
            KindProjection::Inside { inside } => inside.poll(task),
            KindProjection::Serving { serving } => {
                serving.as_mut().poll(task).map(|response| Ok(response.map(B::from)))
            }
        }
    }
}
