//! Two layers as one layer.

use std::task::{Context as Task, Poll, ready};

use http::Response;
use http::request::Parts;
use tower_auth_core::Events;

use super::{AuthLayer, Beside, Enter, InnerBody, OuterBody, Polled, WaitMode};
use crate::request::RequestScope;

/// `inner` inside `outer`. A pair is itself a layer, so pairs form a stack of any depth.
#[derive(Clone, Copy, Debug)]
pub struct Pair<O, I> {
    outer: O,
    inner: I,
}

impl<O, I> Pair<O, I> {
    pub(crate) const fn new(outer: O, inner: I) -> Self {
        Self { outer, inner }
    }
}

/// The state of both layers. The fields drop in order: inside out.
#[derive(Debug)]
pub struct Both<O, I> {
    inner: I,
    outer: O,
}

/// The wait of one of the two layers before the inner service is called.
#[derive(Debug)]
pub enum Entering<OE, IE, O> {
    /// The outer layer waits.
    Outer(OE),
    /// The outer layer has entered; its state is kept until the inner layer has entered too.
    Inner(IE, Option<O>),
}

/// The wait of one of the two layers after which the inner service is no longer called.
#[derive(Debug)]
pub enum Leaving<OL, IL, O> {
    /// The inner layer waits; the outer layer is next. The last field is `true` if the outer
    /// layer's work beside it was already polled in this poll, as before an inner service that is
    /// ready.
    Inner(IL, Option<O>, bool),
    /// The inner layer has answered; the outer layer is next.
    Answered(Option<O>),
    /// The outer layer waits.
    Outer(OL),
}

impl<Q, O: InnerBody<Q>, I: InnerBody<O::Body>> InnerBody<Q> for Pair<O, I> {
    type Body = I::Body;
}

impl<B, I: OuterBody<B>, O: OuterBody<I::Body>> OuterBody<B> for Pair<O, I> {
    type Body = O::Body;

    #[inline(always)]
    fn wrap<E>(&self, polled: Polled<B, E>, scope: &RequestScope) -> Polled<O::Body, E> {
        self.outer.wrap(self.inner.wrap(polled, scope), scope)
    }
}

impl<O, I> Pair<O, I> {
    /// Enters the inner layer after the outer one.
    #[inline(always)]
    fn after_outer<Q, B>(
        &self,
        entered: Enter<O, Q, B>,
        head: &mut Parts,
        scope: &mut RequestScope,
    ) -> Enter<Self, Q, B>
    where
        O: AuthLayer<Q, B>,
        I: AuthLayer<O::Body, B>,
    {
        match entered {
            // If the inner layer panics here, `state` drops, as in a nested service.
            Enter::Continue(state, body) => {
                let entered = self.inner.enter(head, body, scope);
                self.after_inner(state, entered)
            }
            Enter::Wait(entering) => Enter::Wait(Entering::Outer(entering)),
            Enter::Answer(response) => Enter::Answer(response),
            Enter::AnswerLater(response, leaving) => {
                Enter::AnswerLater(response, Leaving::Outer(leaving))
            }
        }
    }

    /// Passes an answer of the inner layer through the outer layer on its way out, as in nested
    /// services. This happens when the future is polled, not in `call`, because a future that drops
    /// first sends nothing.
    #[inline(always)]
    fn after_inner<Q, B>(&self, outer: O::State, entered: Enter<I, O::Body, B>) -> Enter<Self, Q, B>
    where
        O: AuthLayer<Q, B>,
        I: AuthLayer<O::Body, B>,
    {
        match entered {
            Enter::Continue(inner, body) => Enter::Continue(Both { inner, outer }, body),
            Enter::Wait(entering) => Enter::Wait(Entering::Inner(entering, Some(outer))),
            Enter::Answer(response) => {
                Enter::AnswerLater(Some(response), Leaving::Answered(Some(outer)))
            }
            Enter::AnswerLater(response, leaving) => {
                Enter::AnswerLater(response, Leaving::Inner(leaving, Some(outer), false))
            }
        }
    }
}

impl<Q, B, O, I> AuthLayer<Q, B> for Pair<O, I>
where
    O: AuthLayer<Q, B>,
    I: AuthLayer<O::Body, B>,
{
    const SHARES: bool = O::SHARES || I::SHARES;
    type State = Both<O::State, I::State>;
    type Waits = <O::Waits as WaitMode>::Or<I::Waits>;
    type Entering = Entering<O::Entering, I::Entering, O::State>;
    type Leaving = Leaving<O::Leaving, I::Leaving, O::State>;

    #[inline(always)]
    fn events(&self) -> &Events {
        self.outer.events()
    }

    #[inline(always)]
    fn allows_caching(&self) -> bool {
        self.outer.allows_caching()
    }

    #[inline(always)]
    fn enter(&self, head: &mut Parts, body: Q, scope: &mut RequestScope) -> Enter<Self, Q, B> {
        let entered = self.outer.enter(head, body, scope);
        self.after_outer(entered, head, scope)
    }

    fn poll_enter(
        &self,
        entering: &mut Self::Entering,
        head: &mut Parts,
        scope: &mut RequestScope,
        task: &mut Task<'_>,
    ) -> Poll<Enter<Self, Q, B>> {
        Poll::Ready(match entering {
            Entering::Outer(entering) => {
                let entered = ready!(self.outer.poll_enter(entering, head, scope, task));
                self.after_outer(entered, head, scope)
            }
            Entering::Inner(entering, outer) => {
                let Poll::Ready(entered) = self.inner.poll_enter(entering, head, scope, task)
                else {
                    // Not ahead of the wait: once it is over, the next stage begins with `Before`.
                    if let Some(outer) = outer {
                        self.outer.poll_beside(outer, Beside::Before, task);
                        self.outer.poll_beside(outer, Beside::Pending, task);
                    }
                    return Poll::Pending;
                };
                let outer = outer.take().expect("the future is not polled after completion");
                self.after_inner(outer, entered)
            }
        })
    }

    #[inline(always)]
    fn poll_beside(&self, state: &mut Self::State, when: Beside, task: &mut Task<'_>) {
        // In the order in which nested futures are polled: around the inner layer.
        if when == Beside::Before {
            self.outer.poll_beside(&mut state.outer, when, task);
        }
        self.inner.poll_beside(&mut state.inner, when, task);
        if when == Beside::Pending {
            self.outer.poll_beside(&mut state.outer, when, task);
        }
    }

    #[inline(always)]
    fn leave(
        &self,
        state: Self::State,
        response: &mut Response<B>,
        scope: &mut RequestScope,
    ) -> Option<Self::Leaving> {
        let Both { inner, outer } = state;
        match self.inner.leave(inner, response, scope) {
            None => self.outer.leave(outer, response, scope).map(Leaving::Outer),
            Some(leaving) => Some(Leaving::Inner(leaving, Some(outer), true)),
        }
    }

    fn poll_leave(
        &self,
        leaving: &mut Self::Leaving,
        response: &mut Option<Response<B>>,
        scope: &mut RequestScope,
        task: &mut Task<'_>,
    ) -> Poll<()> {
        let mut outer = match leaving {
            Leaving::Outer(outer) => return self.outer.poll_leave(outer, response, scope, task),
            Leaving::Inner(inner, outer, begun) => {
                let state = outer.as_mut().expect("the future is not polled after completion");
                if !std::mem::take(begun) {
                    self.outer.poll_beside(state, Beside::Before, task);
                }
                if self.inner.poll_leave(inner, response, scope, task).is_pending() {
                    self.outer.poll_beside(state, Beside::Pending, task);
                    return Poll::Pending;
                }
                outer.take()
            }
            Leaving::Answered(outer) => {
                if let Some(state) = outer {
                    self.outer.poll_beside(state, Beside::Before, task);
                }
                outer.take()
            }
        };
        let outer = outer.take().expect("the future is not polled after completion");
        let left = response.as_mut().expect("a layer that has left has a response");
        match self.outer.leave(outer, left, scope) {
            None => Poll::Ready(()),
            Some(waits) => {
                *leaving = Leaving::Outer(waits);
                self.poll_leave(leaving, response, scope, task)
            }
        }
    }
}
