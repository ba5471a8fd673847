//! The middleware's future.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll};

use http::{Response, StatusCode};
use pin_project_lite::pin_project;
use tower_auth_core::{Refuse, Rejection, refuse};

use super::challenge;
use super::layer::Config;
use crate::context::Scope;
use crate::inside::{self, Inside};

pin_project! {
    /// The inner service's response with its challenge, or the refusal.
    #[must_use = "futures do nothing unless they are polled"]
    pub struct ResponseFuture<F, B, R = refuse::Empty> {
        #[pin]
        inside: Inside<F, B, Stay<R>>,
    }
}

impl<F, B, R> ResponseFuture<F, B, R> {
    pub(super) const fn inside(future: F, stay: Stay<R>) -> Self {
        Self { inside: Inside::running(future, stay) }
    }

    pub(super) const fn refused(response: Response<B>) -> Self {
        Self { inside: Inside::refused(response) }
    }
}

impl<F, B, R, E> Future for ResponseFuture<F, B, R>
where
    F: Future<Output = Result<Response<B>, E>>,
    R: Refuse<B>,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Self::Output> {
        self.project().inside.poll(task)
    }
}

impl<F, B, R> fmt::Debug for ResponseFuture<F, B, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

/// The layer's stay in one request.
pub(super) struct Stay<R> {
    scope: Scope,
    config: Arc<Config>,
    /// A bearer credential, good or bad, came along.
    sent: bool,
    /// How what extractors refuse is written.
    refuse: R,
}

impl<R> Stay<R> {
    pub(super) fn new(scope: Scope, config: Arc<Config>, sent: bool, refuse: R) -> Self {
        Self { scope, config, sent, refuse }
    }

    /// A refusal in the inner service's place.
    pub(super) fn refusal<B>(&self, rejection: Rejection) -> Response<B>
    where
        R: Refuse<B>,
    {
        refuse::write(&self.refuse, rejection, self.scope.context().dialect)
    }
}

impl<B, R: Refuse<B>> inside::Stay<B> for Stay<R> {
    /// The response goes out: what an extractor refused is written, the challenge that belongs to
    /// it added, and the owner writes the headers.
    fn finish(self, response: &mut Response<B>) {
        refuse::rewrite(&self.refuse, self.scope.context().dialect, response);
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
