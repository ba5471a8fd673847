//! The way of one request through the room: load, inner service, save.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context as Task, Poll, ready};

use http::{HeaderMap, Request, Response, StatusCode};
use pin_project_lite::pin_project;
use tower_auth_core::store::{Handle, Load, StoreError};
use tower_auth_core::{Refuse, Rejection, refuse};
use tower_service::Service;

use super::config::Config;
use super::current::Entered;
use super::in_use::InUse;
use super::{Session, SessionError, SessionService, Slot, head};
use crate::context::{Context, Scope};
use crate::cookie::jar;
use crate::cookie::stale::may_remove;
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
            in_use: Option<Box<InUse>>,
            refuse: R,
        },
        Saving {
            save: Save,
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

    pub(super) fn running(
        inner: S::Future,
        guard: Guard,
        in_use: Option<Box<InUse>>,
        refuse: R,
    ) -> Self {
        Self { state: State::Running { inner, guard: Some(guard), in_use, refuse } }
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
                StateProj::Running { inner, guard, in_use, refuse } => {
                    // Before the handler, whose time it must not take part in.
                    if let Some(in_use) = in_use {
                        let _ = in_use.poll_touch(task);
                    }
                    // Worked on where it lies, as in `Inside`.
                    let mut polled = match guard.as_mut().filter(|guard| guard.current.is_some()) {
                        None => inner.poll(task),
                        Some(guard) => {
                            let _current = Entered::new(&mut guard.current);
                            inner.poll(task)
                        }
                    };
                    let Poll::Ready(result) = &mut polled else {
                        if let Some(guard) = guard {
                            guard.wait(in_use, task);
                        }
                        return polled;
                    };
                    let mut guard =
                        guard.take().expect("ResponseFuture is not polled after completion");
                    // An error drops the guard here, not with the future: a retry may come first.
                    let Ok(response) = result else { return polled };
                    #[cfg(feature = "axum")]
                    super::axum::tell_passed(&guard.config.events, response);
                    refuse::rewrite(refuse, guard.context().dialect, response);
                    let touch = in_use.take().filter(|it| it.is_touching());
                    let save = guard.at_head();
                    if save.is_none() && touch.is_none() {
                        guard.send(response);
                        return polled;
                    }
                    let save = Save { save, saved: Ok(()), touch };
                    let Poll::Ready(Ok(response)) = polled else { return polled };
                    State::Saving {
                        save,
                        response: Some(response),
                        guard: Some(guard),
                        refuse: refuse.clone(),
                    }
                }
                StateProj::Saving { save, response, guard, refuse } => {
                    let saved = ready!(save.poll(task));
                    let mut guard =
                        guard.take().expect("ResponseFuture is not polled after completion");
                    let mut response =
                        response.take().expect("ResponseFuture is not polled after completion");
                    if let Err(error) = saved {
                        // The handler's response describes a change that was not saved: it is
                        // dropped, with the cookies that the handler set.
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

/// What the response waits for.
struct Save {
    save: Option<BoxFuture<Result<(), SessionError>>>,
    saved: Result<(), SessionError>,
    /// The use at arrival, if the handler was faster than the store.
    touch: Option<Box<InUse>>,
}

impl Save {
    fn poll(&mut self, task: &mut Task<'_>) -> Poll<Result<(), SessionError>> {
        if let Some(save) = &mut self.save
            && let Poll::Ready(saved) = save.as_mut().poll(task)
        {
            (self.save, self.saved) = (None, saved);
        }
        if self.touch.as_mut().is_some_and(|touch| touch.poll_touch(task).is_ready()) {
            self.touch = None;
        }
        match (&self.save, &self.touch) {
            (None, None) => Poll::Ready(std::mem::replace(&mut self.saved, Ok(()))),
            _ => Poll::Pending,
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
    /// The store is touched again while the request runs.
    keeps_alive: bool,
    /// For [`current`](super::current), between two polls.
    current: Option<Arc<Context>>,
    /// The cookie of a session that ended meanwhile may be removed.
    may_remove: bool,
    /// This route is left out of the layer.
    is_skipped: bool,
}

impl Guard {
    pub(super) fn new(scope: Scope, config: Arc<Config>) -> Self {
        let cookies = scope.context().jar.mark();
        let has_sessions = config.has_sessions.load(Ordering::Relaxed);
        let current = has_sessions.then(|| scope.context().clone());
        Self {
            scope: Some(scope),
            config,
            session: None,
            cookies,
            keeps_alive: false,
            current,
            may_remove: false,
            is_skipped: false,
        }
    }

    /// This route is left out: its responses stay what they are.
    pub(super) const fn skip(&mut self) {
        self.is_skipped = true;
    }

    /// The request uses this session: has the store hear of it, if one has it.
    pub(super) fn in_use(
        &mut self,
        handle: Handle,
        is_due: bool,
        headers: &HeaderMap,
    ) -> Option<Box<InUse>> {
        self.may_remove = may_remove(headers);
        if self.config.carrier.is_without_store() {
            if is_due {
                self.config.carrier.reserve_last_use(self.context());
            }
            return None;
        }
        self.keeps_alive = self.config.timer.is_some();
        is_due.then(|| Box::new(InUse::arrived(&self.config, handle)))
    }

    /// The handler waits.
    fn wait(&self, in_use: &mut Option<Box<InUse>>, task: &mut Task<'_>) {
        if self.keeps_alive
            && let Some(scope) = &self.scope
        {
            let in_use = in_use.get_or_insert_default();
            in_use.poll_while_waiting(&self.config, scope.context(), task);
        }
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
        context.jar.release();
        context.jar.roll_back(self.cookies);
        // A commit, or a logout, that succeeded before has renewed, begun or ended the session.
        if let Some(session) = &self.session {
            session.0.send_settled();
        }
        refuse::write(refuse, rejection, context.dialect)
    }

    /// The response goes out: adds the challenge, and lets the owner write. The session was closed
    /// at the head.
    pub(super) fn send<B>(mut self, response: &mut Response<B>) {
        if response.status() == StatusCode::UNAUTHORIZED && !self.is_skipped {
            head::challenge(response.headers_mut(), &self.config.challenge);
        }
        if let Some(scope) = self.scope.take() {
            if self.may_remove
                && let Some(session) = &self.session
            {
                // After a refusal has dropped what the handler had set.
                session.0.remove_dead();
            }
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
            scope.context().jar.release();
            scope.context().jar.roll_back(self.cookies);
        }
    }
}
