//! Fakes of the layers that also see bodies.

use std::convert::Infallible;
use std::task::{Context as Task, Poll, ready};

use http::request::Parts;
use http::{Response, StatusCode};
use tower_auth_core::Events;

use super::fakes::{Log, NO_EVENTS, set_cookie};
use crate::request::{LayerFlag, RequestScope};
use crate::service::{AuthLayer, Beside, Enter, InnerBody, MayWait, NeverWaits, OuterBody, Polled};
use crate::store::BoxFuture;

/// The state of a layer that never waits.
pub(super) type NoWait = Infallible;

fn status<B: From<Vec<u8>>>(status: StatusCode) -> Box<Response<B>> {
    let mut response = Response::new(B::from(Vec::new()));
    *response.status_mut() = status;
    Box::new(response)
}

/// Like `RefreshLayer`: takes the whole request on one path, and answers it after a wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Endpoint;

impl<Q> InnerBody<Q> for Endpoint {
    type Body = Q;
}

impl<B> OuterBody<B> for Endpoint {
    type Body = B;

    fn wrap<E>(&self, polled: Polled<B, E>, _: &RequestScope) -> Polled<B, E> {
        polled
    }
}

impl<Q: Into<Vec<u8>> + Send + 'static, B: From<Vec<u8>>> AuthLayer<Q, B> for Endpoint {
    const SHARES: bool = true;
    type State = Log;
    type Waits = NeverWaits;
    type Entering = NoWait;
    type Leaving = (BoxFuture<Vec<u8>>, Log);

    fn events(&self) -> &Events {
        &NO_EVENTS
    }

    fn allows_caching(&self) -> bool {
        false
    }

    fn enter(&self, head: &mut Parts, body: Q, scope: &mut RequestScope) -> Enter<Self, Q, B> {
        if !scope.mark(LayerFlag::Refresh) {
            return Enter::Answer(status(StatusCode::INTERNAL_SERVER_ERROR));
        }
        let log = Log::of(head);
        log.push("in endpoint");
        if head.uri.path() != "/token" {
            return Enter::Continue(log, body);
        }
        let serving: BoxFuture<_> =
            Box::pin(async move { super::fakes::round_trip(body).await.into() });
        Enter::AnswerLater(None, (serving, log))
    }

    fn poll_enter(
        &self,
        entering: &mut NoWait,
        _: &mut Parts,
        _: &mut RequestScope,
        _: &mut Task<'_>,
    ) -> Poll<Enter<Self, Q, B>> {
        match *entering {}
    }

    fn poll_beside(&self, _: &mut Log, _: Beside, _: &mut Task<'_>) {}

    fn leave(&self, log: Log, _: &mut Response<B>, _: &mut RequestScope) -> Option<Self::Leaving> {
        log.push("out endpoint");
        None
    }

    fn poll_leave(
        &self,
        (serving, log): &mut Self::Leaving,
        response: &mut Option<Response<B>>,
        scope: &mut RequestScope,
        task: &mut Task<'_>,
    ) -> Poll<()> {
        let answer = ready!(serving.as_mut().poll(task));
        log.push("served");
        set_cookie(scope, "r");
        *response = Some(Response::new(answer.into()));
        Poll::Ready(())
    }
}

/// Changes the body on the way in, perhaps after a wait that owns it: like a token in a form field.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form;

/// The bytes that were read, or the body itself.
#[derive(Debug)]
pub(super) enum Replay<Q> {
    Read(Vec<u8>),
    Untouched(Q),
}

impl<Q: Into<Self>> From<Replay<Q>> for Vec<u8> {
    fn from(replay: Replay<Q>) -> Self {
        match replay {
            Replay::Read(bytes) => bytes,
            Replay::Untouched(body) => body.into(),
        }
    }
}

impl<Q> InnerBody<Q> for Form {
    type Body = Replay<Q>;
}

impl<B> OuterBody<B> for Form {
    type Body = B;

    fn wrap<E>(&self, polled: Polled<B, E>, _: &RequestScope) -> Polled<B, E> {
        polled
    }
}

impl<Q: Into<Vec<u8>>, B: From<Vec<u8>>> AuthLayer<Q, B> for Form {
    const SHARES: bool = false;
    type State = Log;
    type Waits = MayWait;
    type Entering = (Option<Q>, usize);
    type Leaving = NoWait;

    fn events(&self) -> &Events {
        &NO_EVENTS
    }

    fn allows_caching(&self) -> bool {
        false
    }

    fn enter(&self, head: &mut Parts, body: Q, _: &mut RequestScope) -> Enter<Self, Q, B> {
        let log = Log::of(head);
        log.push("in form");
        if head.headers.contains_key("x-form") {
            return Enter::Wait((Some(body), 2));
        }
        Enter::Continue(log, Replay::Untouched(body))
    }

    fn poll_enter(
        &self,
        (body, frames): &mut Self::Entering,
        head: &mut Parts,
        _: &mut RequestScope,
        _: &mut Task<'_>,
    ) -> Poll<Enter<Self, Q, B>> {
        let log = Log::of(head);
        if *frames > 0 {
            *frames -= 1;
            return Poll::Pending;
        }
        log.push("read");
        let read: Vec<u8> = body.take().expect("not polled after completion").into();
        Poll::Ready(if read.starts_with(b"csrf=") {
            Enter::Continue(log, Replay::Read(read))
        } else {
            Enter::Answer(status(StatusCode::FORBIDDEN))
        })
    }

    fn poll_beside(&self, _: &mut Log, _: Beside, _: &mut Task<'_>) {}

    fn leave(&self, log: Log, _: &mut Response<B>, _: &mut RequestScope) -> Option<NoWait> {
        log.push("out form");
        None
    }

    fn poll_leave(
        &self,
        leaving: &mut NoWait,
        _: &mut Option<Response<B>>,
        _: &mut RequestScope,
        _: &mut Task<'_>,
    ) -> Poll<()> {
        match *leaving {}
    }
}

/// Changes the body on the way out: like a stream that ends with its session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stream;

/// `live` is false for answers that were created before `Stream` was entered.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Watched<B> {
    pub(super) body: B,
    pub(super) live: bool,
}

impl<B: From<Vec<u8>>> From<Vec<u8>> for Watched<B> {
    fn from(body: Vec<u8>) -> Self {
        Self { body: body.into(), live: false }
    }
}

impl<Q> InnerBody<Q> for Stream {
    type Body = Q;
}

impl<B> OuterBody<B> for Stream {
    type Body = Watched<B>;

    fn wrap<E>(&self, polled: Polled<B, E>, scope: &RequestScope) -> Polled<Watched<B>, E> {
        // The scope is still open here.
        let live = scope.context().is_marked(LayerFlag::Bearer);
        polled.map_ok(|response| response.map(|body| Watched { body, live }))
    }
}

impl<Q, B> AuthLayer<Q, B> for Stream {
    const SHARES: bool = true;
    type State = ();
    type Waits = NeverWaits;
    type Entering = NoWait;
    type Leaving = NoWait;

    fn events(&self) -> &Events {
        &NO_EVENTS
    }

    fn allows_caching(&self) -> bool {
        false
    }

    fn enter(&self, _: &mut Parts, body: Q, scope: &mut RequestScope) -> Enter<Self, Q, B> {
        assert!(scope.mark(LayerFlag::Bearer));
        Enter::Continue((), body)
    }

    fn poll_enter(
        &self,
        entering: &mut NoWait,
        _: &mut Parts,
        _: &mut RequestScope,
        _: &mut Task<'_>,
    ) -> Poll<Enter<Self, Q, B>> {
        match *entering {}
    }

    fn poll_beside(&self, (): &mut (), _: Beside, _: &mut Task<'_>) {}

    fn leave(&self, (): (), _: &mut Response<B>, _: &mut RequestScope) -> Option<NoWait> {
        None
    }

    fn poll_leave(
        &self,
        leaving: &mut NoWait,
        _: &mut Option<Response<B>>,
        _: &mut RequestScope,
        _: &mut Task<'_>,
    ) -> Poll<()> {
        match *leaving {}
    }
}
