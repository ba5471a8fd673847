//! The contract of every layer and of every pair of layers.

use std::task::{Context as Task, Poll};

use http::Response;
use http::request::Parts;
use tower_auth_core::Events;

use super::WaitMode;
use crate::request::RequestScope;

/// The result of one poll of a response's future.
pub type Polled<B, E> = Poll<Result<Response<B>, E>>;

/// The body that reaches the inner service. It does not depend on `B`: a service's `B` is found from
/// its response type, which in turn depends on this body.
pub trait InnerBody<Q> {
    /// The body of the request that the inner service is called with.
    type Body;
}

/// The body that leaves the combined service.
///
/// All layers work on `Response<B>`, in place; the bodies are wrapped once, at the end, so every
/// writer of refusals writes the innermost service's body type.
pub trait OuterBody<B> {
    /// The body of the response.
    type Body;

    /// Wraps the finished response's body. Takes the future's output, so that a layer that wraps
    /// nothing returns it unchanged: a response is large to move.
    fn wrap<E>(&self, polled: Polled<B, E>, scope: &RequestScope) -> Polled<Self::Body, E>;
}

/// The time at which a layer does its own work beside the inner service's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// The inner future is about to be polled.
    Before,
    /// The inner future is pending.
    Pending,
}

/// The result of a layer's entry.
pub enum Enter<L: AuthLayer<Q, B>, Q, B> {
    /// Calls the inner service, with this state and this body.
    Continue(L::State, <L as InnerBody<Q>>::Body),
    /// Waits before the inner service is called. Only a layer whose `Waits` is
    /// [`MayWait`](super::MayWait) returns it.
    Wait(L::Entering),
    /// Answers in place of the inner service. Boxed, so that the common case moves few bytes.
    Answer(Box<Response<B>>),
    /// Answers in place of the inner service after a wait; `None` if the answer is not known yet.
    AnswerLater(Option<Box<Response<B>>>, L::Leaving),
}

/// A layer: it handles a request on the way in and the response on the way out.
///
/// Only the layers of this crate can implement it.
#[diagnostic::on_unimplemented(
    message = "this `Refuse` type cannot build a response with the body `{B}`",
    label = "cannot build refusals with this body",
    note = "a writer given to `.refuse_with` that names its body must name the inner service's: in axum \
            `axum::body::Body`"
)]
pub trait AuthLayer<Q, B>: InnerBody<Q> + Sized {
    /// Whether the layer, or one of a pair, needs the shared context.
    const SHARES: bool;
    /// One request's state. Its drop undoes what the layer did if no response passes.
    type State;
    /// Whether the inner service may be called after a wait, and so has to be `Clone`.
    type Waits: WaitMode;
    /// A wait before the inner service is called. It owns the request's body.
    type Entering;
    /// A wait after which the inner service is not called any more.
    type Leaving;

    /// Returns the sink of the layer's events. A pair returns the outer layer's.
    fn events(&self) -> &Events;

    /// Returns `true` if handlers control the caching of responses that needed an identity. The
    /// outermost layer decides.
    fn allows_caching(&self) -> bool;

    /// Handles the request on its way in.
    fn enter(&self, head: &mut Parts, body: Q, scope: &mut RequestScope) -> Enter<Self, Q, B>;

    /// Continues an entry that waits.
    fn poll_enter(
        &self,
        entering: &mut Self::Entering,
        head: &mut Parts,
        scope: &mut RequestScope,
        task: &mut Task<'_>,
    ) -> Poll<Enter<Self, Q, B>>;

    /// Runs the layer's own work beside the inner service's, without delaying it. Called around
    /// each poll of the inner future, or of an inner layer that waits or has answered.
    fn poll_beside(&self, state: &mut Self::State, when: Beside, task: &mut Task<'_>);

    /// Handles the response on its way out, in place. `Some` delays it.
    fn leave(
        &self,
        state: Self::State,
        response: &mut Response<B>,
        scope: &mut RequestScope,
    ) -> Option<Self::Leaving>;

    /// Continues a response that waits. `response` is `Some` when this returns `Ready`.
    fn poll_leave(
        &self,
        leaving: &mut Self::Leaving,
        response: &mut Option<Response<B>>,
        scope: &mut RequestScope,
        task: &mut Task<'_>,
    ) -> Poll<()>;
}

tower_auth_core::opaque_debug!([L: AuthLayer<Q, B>, Q, B] Enter<L, Q, B>, "Enter");
