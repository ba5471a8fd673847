//! The response future of every layer.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll, ready};

use http::request::Parts;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::{AuthLayer, Beside, Enter, InnerBody, OuterBody, WaitMode};
use crate::request::RequestScope;

/// The scope and the layer. Both outlive the layers' states, which drop while the scope is open.
pub struct Rest<L> {
    pub(super) scope: RequestScope,
    pub(super) layer: Arc<L>,
}

/// A request that waits before the inner service is called. Boxed, next to a store round trip.
pub struct Waiting<S, L: AuthLayer<Q, B>, Q, B> {
    pub(super) entering: L::Entering,
    pub(super) inner: S,
    pub(super) head: Parts,
    pub(super) rest: Rest<L>,
}

pub(super) type Slot<S, L, Q, B> =
    <<L as AuthLayer<Q, B>>::Waits as WaitMode>::Slot<Waiting<S, L, Q, B>>;

pin_project! {
    /// The future of [`AuthService`](super::AuthService).
    ///
    /// It allocates only if a layer needs a store round trip. After completion it stays pending.
    #[must_use = "futures do nothing unless they are polled"]
    pub struct ResponseFuture<S, L, Q, B>
    where
        S: Service<Request<<L as InnerBody<Q>>::Body>>,
        L: AuthLayer<Q, B>,
        L: OuterBody<B>,
    {
        #[pin]
        pub(super) stage: Stage<
            S::Future,
            Slot<S, L, Q, B>,
            L::State,
            L::Leaving,
            L,
            B,
            <L as OuterBody<B>>::Body,
        >,
    }
}

pin_project! {
    // In each variant, the fields are in the order in which they must drop.
    #[project = StageProjection]
    pub(super) enum Stage<F, W, T, V, L, B, O> {
        Waiting {
            waiting: W,
        },
        Running {
            #[pin]
            inner: F,
            entered: Option<(T, Rest<L>)>,
        },
        Leaving {
            leaving: V,
            response: Option<Response<B>>,
            rest: Option<Rest<L>>,
        },
        Answered {
            response: Option<Response<O>>,
        },
    }
}

/// The stage of `ResponseFuture<S, L, Q, B>`.
pub(super) type StageOf<S, L, Q, B> = Stage<
    <S as Service<Request<<L as InnerBody<Q>>::Body>>>::Future,
    Slot<S, L, Q, B>,
    <L as AuthLayer<Q, B>>::State,
    <L as AuthLayer<Q, B>>::Leaving,
    L,
    B,
    <L as OuterBody<B>>::Body,
>;

/// Continues after all layers have entered, or one of them has answered.
#[inline(always)]
pub(super) fn next<S, L, Q, B>(
    inner: &mut S,
    head: Parts,
    mut rest: Rest<L>,
    entered: Enter<L, Q, B>,
    wait: impl FnOnce(&mut S, Parts, Rest<L>, L::Entering) -> Slot<S, L, Q, B>,
) -> StageOf<S, L, Q, B>
where
    L: AuthLayer<Q, B> + OuterBody<B>,
    S: Service<Request<<L as InnerBody<Q>>::Body>, Response = Response<B>>,
{
    match entered {
        Enter::Continue(state, body) => Stage::Running {
            // If the call panics, `state` drops before `rest`, because it was bound later.
            inner: inner.call(Request::from_parts(head, body)),
            entered: Some((state, rest)),
        },
        Enter::Wait(entering) => Stage::Waiting { waiting: wait(inner, head, rest, entering) },
        Enter::Answer(mut response) => {
            rest.scope.finish(&mut response);
            // The inner service's error is not named here: the future's `Send` must not depend on it.
            let wrapped = rest.layer.wrap::<Infallible>(Poll::Ready(Ok(*response)), &rest.scope);
            let response = match wrapped {
                Poll::Ready(Ok(response)) => Some(response),
                Poll::Pending => None,
            };
            Stage::Answered { response }
        }
        Enter::AnswerLater(response, leaving) => {
            let response = response.map(|response| *response);
            Stage::Leaving { leaving, response, rest: Some(rest) }
        }
    }
}

impl<S, L, Q, B> Future for ResponseFuture<S, L, Q, B>
where
    L: AuthLayer<Q, B> + OuterBody<B>,
    S: Service<Request<<L as InnerBody<Q>>::Body>, Response = Response<B>>,
{
    type Output = Result<Response<<L as OuterBody<B>>::Body>, S::Error>;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Self::Output> {
        let mut stage = self.project().stage;
        loop {
            let following = match stage.as_mut().project() {
                StageProjection::Running { inner, entered } => {
                    let Some((state, rest)) = entered else { return Poll::Pending };
                    rest.layer.poll_beside(state, Beside::Before, task);
                    let mut polled = {
                        let _current = rest.scope.make_current();
                        inner.poll(task)
                    };
                    // The response is completed in place, because it is large to move.
                    let Poll::Ready(result) = &mut polled else {
                        rest.layer.poll_beside(state, Beside::Pending, task);
                        return Poll::Pending;
                    };
                    // An error clears the marks now, and not with the future: a retry may come
                    // first.
                    let Some((state, mut rest)) = entered.take() else { return Poll::Pending };
                    let left = match result {
                        Ok(response) => rest.layer.leave(state, response, &mut rest.scope),
                        Err(_) => {
                            drop(state);
                            None
                        }
                    };
                    if let Some(leaving) = left {
                        let Poll::Ready(Ok(response)) = polled else { return Poll::Pending };
                        Stage::Leaving { leaving, response: Some(response), rest: Some(rest) }
                    } else {
                        if let Ok(response) = result {
                            rest.scope.finish(response);
                        }
                        return rest.layer.wrap(polled, &rest.scope);
                    }
                }
                StageProjection::Waiting { waiting } => {
                    let Some(waits) = L::Waits::get(waiting) else { return Poll::Pending };
                    let Rest { scope, layer } = &mut waits.rest;
                    let entered =
                        ready!(layer.poll_enter(&mut waits.entering, &mut waits.head, scope, task));
                    if let Enter::Wait(again) = entered {
                        waits.entering = again;
                        continue;
                    }
                    let Some(waits) = L::Waits::take(waiting) else { return Poll::Pending };
                    let Waiting { entering, mut inner, head, rest } = *waits;
                    drop(entering);
                    next(&mut inner, head, rest, entered, |_, _, _, _| {
                        unreachable!("handled above")
                    })
                }
                StageProjection::Leaving { leaving, response, rest } => {
                    let Some(Rest { scope, layer }) = rest else { return Poll::Pending };
                    ready!(layer.poll_leave(leaving, response, scope, task));
                    let (Some(mut response), Some(mut rest)) = (response.take(), rest.take())
                    else {
                        return Poll::Pending;
                    };
                    rest.scope.finish(&mut response);
                    return rest.layer.wrap(Poll::Ready(Ok(response)), &rest.scope);
                }
                StageProjection::Answered { response } => {
                    return response.take().map_or(Poll::Pending, |it| Poll::Ready(Ok(it)));
                }
            };
            stage.set(following);
        }
    }
}

impl<S, L, Q, B> fmt::Debug for ResponseFuture<S, L, Q, B>
where
    S: Service<Request<<L as InnerBody<Q>>::Body>>,
    L: AuthLayer<Q, B> + OuterBody<B>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
