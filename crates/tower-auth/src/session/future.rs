//! The way of one request through the room: load, inner service, save.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll, ready};

use http::{Request, Response, StatusCode};
use pin_project_lite::pin_project;
use tower_auth_core::store::{Load, StoreError};
use tower_auth_core::{Refuse, Rejection, refuse};
use tower_service::Service;

use super::config::Config;
use super::{Session, SessionError, SessionService, Slot, head};
use crate::context::{Context, Scope};
use crate::cookie::jar;
use crate::credential::Verified;
use crate::store::BoxFuture;

pin_project! {
    /// The future of [`SessionService`](super::SessionService).
    ///
    /// It boxes only beside a store round trip: a request without a session, or with one that the
    /// store finds in memory, is not boxed.
    pub struct ResponseFuture<S, ReqBody, ResBody, R>
    where
        S: Service<Request<ReqBody>>,
    {
        #[pin]
        state: State<S, ReqBody, ResBody, R, S::Future>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, ReqBody, ResBody, R, F> {
        Loading {
            load: BoxFuture<Result<Load, StoreError>>,
            waiting: Option<Box<Waiting<S, ReqBody, R>>>,
        },
        Running {
            #[pin]
            inner: F,
            guard: Option<Guard>,
            refuse: R,
        },
        Saving {
            save: BoxFuture<Result<(), SessionError>>,
            response: Option<Response<ResBody>>,
            guard: Option<Guard>,
            refuse: R,
        },
        Refused {
            response: Option<Response<ResBody>>,
        },
    }
}

/// What waits for the store's answer. Boxed as the round trip is, for the sake of the many requests
/// that have none: the future of every layer outside is as large as this one.
struct Waiting<S, ReqBody, R> {
    service: SessionService<S, R>,
    request: Request<ReqBody>,
    verified: Verified,
    guard: Guard,
}

impl<S, ReqBody, ResBody, R> ResponseFuture<S, ReqBody, ResBody, R>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
{
    pub(super) fn refused(response: Response<ResBody>) -> Self {
        Self { state: State::Refused { response: Some(response) } }
    }

    pub(super) fn running(inner: S::Future, guard: Guard, refuse: R) -> Self {
        Self { state: State::Running { inner, guard: Some(guard), refuse } }
    }

    pub(super) fn loading(
        load: BoxFuture<Result<Load, StoreError>>,
        service: SessionService<S, R>,
        request: Request<ReqBody>,
        verified: Verified,
        guard: Guard,
    ) -> Self {
        let waiting = Some(Box::new(Waiting { service, request, verified, guard }));
        Self { state: State::Loading { load, waiting } }
    }
}

impl<S, ReqBody, ResBody, R> Future for ResponseFuture<S, ReqBody, ResBody, R>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    R: Refuse<ResBody> + Clone,
{
    type Output = Result<Response<ResBody>, S::Error>;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProj::Loading { load, waiting } => {
                    let answer = ready!(load.as_mut().poll(task));
                    let waiting =
                        waiting.take().expect("ResponseFuture is not polled after completion");
                    let Waiting { mut service, request, verified, guard } = *waiting;
                    service.opened(request, guard, verified, answer).state
                }
                StateProj::Running { inner, guard, refuse } => {
                    // Worked on where it lies, as in `Inside`.
                    let mut polled = inner.poll(task);
                    let Poll::Ready(result) = &mut polled else { return polled };
                    let mut guard =
                        guard.take().expect("ResponseFuture is not polled after completion");
                    // An error drops the guard here, not with the future: a retry may come first.
                    let Ok(response) = result else { return polled };
                    #[cfg(feature = "axum")]
                    super::axum::tell_passed(&guard.config.events, response);
                    refuse::rewrite(refuse, guard.context().dialect, response);
                    let Some(save) = guard.at_head() else {
                        guard.send(response);
                        return polled;
                    };
                    let Poll::Ready(Ok(response)) = polled else { return polled };
                    State::Saving {
                        save,
                        response: Some(response),
                        guard: Some(guard),
                        refuse: refuse.clone(),
                    }
                }
                StateProj::Saving { save, response, guard, refuse } => {
                    let saved = ready!(save.as_mut().poll(task));
                    let mut guard =
                        guard.take().expect("ResponseFuture is not polled after completion");
                    let mut response =
                        response.take().expect("ResponseFuture is not polled after completion");
                    if let Err(error) = saved {
                        // The handler's response says what did not come to be: it is dropped
                        // whole, with the cookies that were set inside.
                        response = guard.refusal(error.into(), refuse);
                    }
                    guard.send(&mut response);
                    return Poll::Ready(Ok(response));
                }
                StateProj::Refused { response } => {
                    let response =
                        response.take().expect("ResponseFuture is not polled after completion");
                    return Poll::Ready(Ok(response));
                }
            };
            state.set(next);
        }
    }
}

/// Holds the request's session open. Dropped before [`send`](Self::send) (an inner error, a panic,
/// a client that went away) it discards what was not committed, cookies included.
pub(super) struct Guard {
    scope: Option<Scope>,
    config: Arc<Config>,
    /// Once the head is ready; until then it lies in the context.
    session: Option<Session>,
    cookies: jar::Mark,
}

impl Guard {
    pub(super) fn new(scope: Scope, config: Arc<Config>) -> Self {
        let cookies = scope.context().jar.mark();
        Self { scope: Some(scope), config, session: None, cookies }
    }

    pub(super) fn context(&self) -> &Arc<Context> {
        self.scope.as_ref().expect("the scope is there until `send`").context()
    }

    /// The inner service is about to be called: cookies set from here on are its own.
    pub(super) fn begin(&mut self) {
        self.cookies = self.context().jar.mark();
    }

    /// What the store must hear of before the response may go out.
    fn at_head(&mut self) -> Option<BoxFuture<Result<(), SessionError>>> {
        self.session = self.context().session(Slot::take);
        self.session.as_mut()?.at_head()
    }

    /// A refusal in place of the inner service's response.
    pub(super) fn refusal<B>(
        &mut self,
        rejection: Rejection,
        refuse: &impl Refuse<B>,
    ) -> Response<B> {
        let context = self.context();
        context.jar.roll_back(self.cookies);
        refuse::write(refuse, rejection, context.dialect)
    }

    /// The response goes out: adds the challenge, and lets the owner write. The session was closed
    /// at the head.
    pub(super) fn send<B>(mut self, response: &mut Response<B>) {
        if response.status() == StatusCode::UNAUTHORIZED {
            head::challenge(response.headers_mut(), &self.config.challenge);
        }
        if let Some(scope) = self.scope.take() {
            scope.finish(response);
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(scope) = self.scope.take() {
            let session = self.session.take().or_else(|| scope.context().session(Slot::take));
            if let Some(session) = session {
                session.0.close();
            }
            scope.context().jar.roll_back(self.cookies);
        }
    }
}
