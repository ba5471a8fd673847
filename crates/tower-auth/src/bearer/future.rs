//! The middleware's future.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll};

use http::{Response, StatusCode};
use pin_project_lite::pin_project;
use tower_auth_core::{Dialect, Refuse, Rejection, refuse};

use super::challenge;
use super::layer::Config;
use crate::context::Scope;
use crate::inside::{self, Inside};

pin_project! {
    /// The inner service's response with its challenge, or the refusal.
    #[must_use = "futures do nothing unless they are polled"]
    pub struct ResponseFuture<F, B, R = refuse::Empty> {
        #[pin]
        inside: Inside<F, B, Stay>,
        // How what extractors refuse is written.
        written: Option<(R, Dialect)>,
    }
}

impl<F, B, R> ResponseFuture<F, B, R> {
    pub(super) const fn inside(future: F, stay: Stay, written: (R, Dialect)) -> Self {
        Self { inside: Inside::running(future, stay), written: Some(written) }
    }

    pub(super) const fn refused(response: Response<B>) -> Self {
        Self { inside: Inside::refused(response), written: None }
    }
}

impl<F, B, R, E> Future for ResponseFuture<F, B, R>
where
    F: Future<Output = Result<Response<B>, E>>,
    R: Refuse<B>,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut polled = this.inside.poll(task);
        if let (Poll::Ready(Ok(response)), Some((refuse, dialect))) = (&mut polled, this.written) {
            refuse::rewrite(refuse, *dialect, response);
        }
        polled
    }
}

impl<F, B, R> fmt::Debug for ResponseFuture<F, B, R> {
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
