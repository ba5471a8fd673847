//! The contract of a layer that sees only heads, and its implementation of [`AuthLayer`].

use std::task::{Context as Task, Poll, ready};

use http::Response;
use http::request::Parts;
use tower_auth_core::{Events, Refuse, Rejection, refuse};

use super::writer::for_request;
use super::{
    AuthLayer, Beside, Enter, InnerBody, KeepWriter, NeverWaits, OuterBody, Polled, WaitMode,
};
use crate::request::{LayerFlag, RequestScope};

/// The result of a layer's work on a request's head.
pub enum OnRequest<L: HeadLayer> {
    /// Calls the inner service.
    Continue(L::State),
    /// Waits before the inner service is called.
    Wait(L::Loading),
    /// Refuses. The refusal passes the layer's own way out, with this state.
    Refuse(Rejection, L::State),
}

/// A layer that sees only heads.
///
/// The trait has no type parameter, so `on_request` is compiled once per layer and not once per
/// body, and the blanket implementation of [`AuthLayer`] is coherent.
pub trait HeadLayer: Sized {
    /// The mark of a layer that must not be nested in itself.
    const FLAG: Option<LayerFlag>;
    /// Whether the layer needs the shared context. A layer that does not allocates nothing.
    const SHARES: bool = true;
    /// The application's writer of refusals.
    type Writer;
    /// [`Kept`](super::Kept) if the layer may refuse after it has called the inner service,
    /// [`NotKept`](super::NotKept) otherwise.
    type LateWriter: KeepWriter<Self::Writer>;
    /// One request's state. Its drop undoes what the layer did if no response passes.
    type State;
    /// A pending load, or [`Never`]. It decides whether the inner service must be `Clone`.
    type Loading: Load<Self>;
    /// A pending save, or [`Never`].
    type Saving: Save<Self>;

    /// The writer of the layer's refusals.
    fn writer(&self) -> &Self::Writer;

    /// The sink of the layer's events.
    fn events(&self) -> &Events;

    /// See [`AuthLayer::allows_caching`].
    fn allows_caching(&self) -> bool;

    /// Handles a request's head on its way in.
    fn on_request(&self, head: &mut Parts, scope: &mut RequestScope) -> OnRequest<Self>;

    /// Runs the layer's own work beside the inner service's, without delaying it.
    #[inline(always)]
    fn poll_beside(&self, _state: &mut Self::State, _when: Beside, _task: &mut Task<'_>) {}

    /// Handles the response on its way out, in place. `Some` delays it until the save completes.
    /// `writer` is this request's writer.
    #[inline(always)]
    fn on_response<B>(
        &self,
        _state: Self::State,
        _writer: &Self::Writer,
        _response: &mut Response<B>,
    ) -> Option<Self::Saving>
    where
        Self::Writer: Refuse<B>,
    {
        None
    }

    /// Writes a refusal with this request's writer.
    fn refusal<B>(
        &self,
        rejection: Rejection,
        writer: &Self::Writer,
        head: &Parts,
        scope: &RequestScope,
    ) -> Response<B>
    where
        Self::Writer: Refuse<B>,
    {
        refuse::write(writer, rejection, scope.dialect(head))
    }
}

/// A wait of a [`HeadLayer`] before the inner service is called.
pub trait Load<L: HeadLayer> {
    /// [`NeverWaits`] only for [`Never`].
    type Waits: WaitMode;

    /// Polls the wait, and decides on the request.
    fn poll_load(
        &mut self,
        layer: &L,
        head: &mut Parts,
        scope: &mut RequestScope,
        task: &mut Task<'_>,
    ) -> Poll<OnRequest<L>>;
}

/// A wait of a [`HeadLayer`] before the response is sent. It may replace the response.
pub trait Save<L: HeadLayer> {
    /// Polls the wait. `writer` is this request's writer.
    fn poll_save<B>(
        &mut self,
        layer: &L,
        writer: &L::Writer,
        response: &mut Response<B>,
        task: &mut Task<'_>,
    ) -> Poll<()>
    where
        L::Writer: Refuse<B>;
}

/// The `Loading` or `Saving` of a layer that never waits. It has no value, so nothing is stored.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_enums, reason = "it has no variant, and must never have one")]
pub enum Never {}

impl<L: HeadLayer> Load<L> for Never {
    type Waits = NeverWaits;

    fn poll_load(
        &mut self,
        _: &L,
        _: &mut Parts,
        _: &mut RequestScope,
        _: &mut Task<'_>,
    ) -> Poll<OnRequest<L>> {
        match *self {}
    }
}

impl<L: HeadLayer> Save<L> for Never {
    fn poll_save<B>(
        &mut self,
        _: &L,
        _: &L::Writer,
        _: &mut Response<B>,
        _: &mut Task<'_>,
    ) -> Poll<()> {
        match *self {}
    }
}

// Stable Rust has no defaults for associated types. These blankets are the default instead: a
// `HeadLayer` keeps both bodies and writes no line about them.
impl<L: HeadLayer, Q> InnerBody<Q> for L {
    type Body = Q;
}

impl<L: HeadLayer, B> OuterBody<B> for L {
    type Body = B;

    #[inline(always)]
    fn wrap<E>(&self, polled: Polled<B, E>, _: &RequestScope) -> Polled<B, E> {
        polled
    }
}

#[inline(always)]
fn from_head<L, Q, B>(
    layer: &L,
    on: OnRequest<L>,
    head: &Parts,
    body: Q,
    scope: &mut RequestScope,
) -> Enter<L, Q, B>
where
    L: HeadLayer<Writer: Refuse<B>>,
{
    match on {
        OnRequest::Continue(state) => {
            let writer = L::LateWriter::keep(layer.writer(), head);
            Enter::Continue((state, writer), body)
        }
        OnRequest::Wait(loading) => Enter::Wait((loading, Some(body))),
        OnRequest::Refuse(rejection, state) => refused(layer, rejection, state, head, scope),
    }
}

#[cold]
fn refused<L, Q, B>(
    layer: &L,
    rejection: Rejection,
    state: L::State,
    head: &Parts,
    scope: &RequestScope,
) -> Enter<L, Q, B>
where
    L: HeadLayer<Writer: Refuse<B>>,
{
    let own = for_request(layer.writer(), head);
    let writer = own.as_ref().unwrap_or(layer.writer());
    let mut response = Box::new(layer.refusal(rejection, writer, head, scope));
    match layer.on_response(state, writer, &mut response) {
        None => Enter::Answer(response),
        Some(saving) => {
            let writer = L::LateWriter::keep(layer.writer(), head);
            Enter::AnswerLater(Some(response), (saving, writer))
        }
    }
}

#[cold]
fn nested<L, Q, B>(layer: &L, mark: LayerFlag, head: &Parts, scope: &RequestScope) -> Enter<L, Q, B>
where
    L: HeadLayer<Writer: Refuse<B>>,
{
    let misconfigured = mark.nested();
    HeadLayer::events(layer).misconfigured(misconfigured);
    let own = for_request(layer.writer(), head);
    let writer = own.as_ref().unwrap_or(layer.writer());
    Enter::Answer(Box::new(layer.refusal(misconfigured.into(), writer, head, scope)))
}

impl<L: HeadLayer<Writer: Refuse<B>>, Q, B> AuthLayer<Q, B> for L {
    const SHARES: bool = L::SHARES;
    type State = (L::State, L::LateWriter);
    type Waits = <L::Loading as Load<L>>::Waits;
    type Entering = (L::Loading, Option<Q>);
    type Leaving = (L::Saving, L::LateWriter);

    #[inline(always)]
    fn events(&self) -> &Events {
        HeadLayer::events(self)
    }

    #[inline(always)]
    fn allows_caching(&self) -> bool {
        HeadLayer::allows_caching(self)
    }

    #[inline(always)]
    fn enter(&self, head: &mut Parts, body: Q, scope: &mut RequestScope) -> Enter<Self, Q, B> {
        if let Some(mark) = L::FLAG
            && !scope.mark(mark)
        {
            return nested(self, mark, head, scope);
        }
        let on = self.on_request(head, scope);
        from_head(self, on, head, body, scope)
    }

    fn poll_enter(
        &self,
        (loading, body): &mut Self::Entering,
        head: &mut Parts,
        scope: &mut RequestScope,
        task: &mut Task<'_>,
    ) -> Poll<Enter<Self, Q, B>> {
        let on = ready!(loading.poll_load(self, head, scope, task));
        let body = body.take().expect("the future is not polled after completion");
        Poll::Ready(from_head(self, on, head, body, scope))
    }

    #[inline(always)]
    fn poll_beside(&self, (state, _): &mut Self::State, when: Beside, task: &mut Task<'_>) {
        HeadLayer::poll_beside(self, state, when, task);
    }

    #[inline(always)]
    fn leave(
        &self,
        (state, writer): Self::State,
        response: &mut Response<B>,
        _: &mut RequestScope,
    ) -> Option<Self::Leaving> {
        let saving = self.on_response(state, writer.get(self.writer()), response)?;
        Some((saving, writer))
    }

    fn poll_leave(
        &self,
        (saving, writer): &mut Self::Leaving,
        response: &mut Option<Response<B>>,
        _: &mut RequestScope,
        task: &mut Task<'_>,
    ) -> Poll<()> {
        let response = response.as_mut().expect("a save follows a response");
        saving.poll_save(self, writer.get(self.writer()), response, task)
    }
}

tower_auth_core::opaque_debug!([L: HeadLayer] OnRequest<L>, "OnRequest");
