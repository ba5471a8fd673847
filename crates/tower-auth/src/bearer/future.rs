//! The middleware's future.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll};

use http::{Response, StatusCode};
use pin_project_lite::pin_project;
use tower_auth_core::Rejection;

use super::challenge;
use super::layer::Config;
use crate::context::Scope;
use crate::inside::{self, Inside};

pin_project! {
    /// The inner service's response with its challenge, or the refusal.
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

impl<F, B> fmt::Debug for ResponseFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

/// The layer's stay in one request.
pub(super) struct Stay {
    scope: Scope,
    config: Arc<Config>,
    /// A bearer credential, good or bad, came along.
    sent: bool,
}

impl Stay {
    pub(super) fn new(scope: Scope, config: Arc<Config>, sent: bool) -> Self {
        Self { scope, config, sent }
    }
}

impl inside::Stay for Stay {
    /// The response goes out: adds the challenge that belongs to it, and lets the owner write.
    fn finish<B>(self, response: &mut Response<B>) {
        let challenges = &self.config.challenges;
        // Errors are spoken of only to those who tried with a token (RFC 6750, 3.1).
        let rejection = response.extensions().get::<Rejection>().filter(|_| self.sent);
        let challenge = match (response.status(), rejection) {
            (StatusCode::UNAUTHORIZED, Some(Rejection::InvalidToken)) => {
                Some(challenges.invalid_token())
            }
            (StatusCode::UNAUTHORIZED, Some(Rejection::TooOld { max_age })) => {
                Some(challenges.too_old(*max_age))
            }
            (StatusCode::UNAUTHORIZED, _) => Some(challenges.plain()),
            (StatusCode::BAD_REQUEST, Some(Rejection::InvalidRequest | Rejection::Ambiguous)) => {
                Some(challenges.invalid_request())
            }
            (StatusCode::FORBIDDEN, Some(Rejection::Scope { scope })) => {
                Some(challenges.insufficient_scope(Some(scope)))
            }
            (StatusCode::FORBIDDEN, Some(Rejection::Role { .. })) => {
                Some(challenges.insufficient_scope(None))
            }
            _ => None,
        };
        if let Some(challenge) = challenge {
            challenge::append(response.headers_mut(), challenge);
        }
        self.scope.finish(response);
    }
}
