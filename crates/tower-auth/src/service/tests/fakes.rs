//! Small fakes of the crate's layers, one of each kind that sees heads.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context as Task, Poll, ready};

use http::Response;
use http::request::Parts;
use tower_auth_core::refuse::{self, Empty};
use tower_auth_core::{Dialect, Events, Refuse, Rejection};

use crate::request::{CookieGuard, LayerFlag, RequestScope};
use crate::service::{Beside, HeadLayer, Kept, Load, MayWait, Never, NotKept, OnRequest, Save};
use crate::store::BoxFuture;

pub(super) static NO_EVENTS: Events = Events::none();

/// The steps of layers and handler, in order, in the request's extensions.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(super) fn of(head: &Parts) -> Self {
        head.extensions.get().cloned().unwrap_or_default()
    }

    pub(super) fn push(&self, step: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(step.into());
    }

    pub(super) fn steps(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The state of a layer that must undo something. Its drop before `done` is a separate step.
pub(super) struct Undo {
    log: Log,
    layer: &'static str,
    armed: bool,
    cookies: CookieGuard,
}

impl Undo {
    pub(super) fn new(head: &Parts, scope: &RequestScope, layer: &'static str) -> Self {
        let log = Log::of(head);
        log.push(format!("in {layer}"));
        Self { log, layer, armed: true, cookies: CookieGuard::new(scope.context()) }
    }

    fn done(&mut self) {
        self.log.push(format!("out {}", self.layer));
        self.armed = false;
        self.cookies.keep();
    }
}

impl Drop for Undo {
    fn drop(&mut self) {
        if self.armed {
            self.log.push(format!("undo {}", self.layer));
        }
    }
}

pub(super) fn set_cookie(scope: &RequestScope, name: &'static str) {
    let jar = &scope.context().jar;
    jar.write(jar.writer(), (name, "1").into()).unwrap();
}

/// Like `CookieLayer`: changes the context, and must be undone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cookies;

impl HeadLayer for Cookies {
    const FLAG: Option<LayerFlag> = Some(LayerFlag::Cookie);
    type Writer = Empty;
    type LateWriter = NotKept;
    type State = Undo;
    type Loading = Never;
    type Saving = Never;

    fn writer(&self) -> &Empty {
        &Empty
    }

    fn events(&self) -> &Events {
        &NO_EVENTS
    }

    fn allows_caching(&self) -> bool {
        false
    }

    fn on_request(&self, head: &mut Parts, scope: &mut RequestScope) -> OnRequest<Self> {
        let state = Undo::new(head, scope, "cookies");
        set_cookie(scope, "a");
        OnRequest::Continue(state)
    }

    fn on_response<B>(&self, mut state: Undo, _: &Empty, _: &mut Response<B>) -> Option<Never> {
        state.done();
        None
    }
}

/// Like `CsrfLayer` if it is shared, like `RequireLayer` otherwise: refuses requests with a header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gate<const SHARED: bool, R = Empty> {
    pub(super) header: &'static str,
    pub(super) writer: R,
}

pub(super) const fn csrf() -> Gate<true> {
    Gate { header: "x-cross", writer: Empty }
}

pub(super) const fn require() -> Gate<false> {
    Gate { header: "x-anonymous", writer: Empty }
}

impl<const SHARED: bool, R> HeadLayer for Gate<SHARED, R> {
    const FLAG: Option<LayerFlag> = if SHARED { Some(LayerFlag::Csrf) } else { None };
    const SHARES: bool = SHARED;
    type Writer = R;
    type LateWriter = NotKept;
    type State = Log;
    type Loading = Never;
    type Saving = Never;

    fn writer(&self) -> &R {
        &self.writer
    }

    fn events(&self) -> &Events {
        &NO_EVENTS
    }

    fn allows_caching(&self) -> bool {
        false
    }

    fn on_request(&self, head: &mut Parts, _: &mut RequestScope) -> OnRequest<Self> {
        let log = Log::of(head);
        log.push(format!("in {}", self.header));
        if head.headers.contains_key(self.header) {
            return OnRequest::Refuse(Rejection::Anonymous, log);
        }
        OnRequest::Continue(log)
    }

    fn on_response<B>(&self, log: Log, _: &R, _: &mut Response<B>) -> Option<Never> {
        log.push(format!("out {}", self.header));
        None
    }
}

/// A store round trip: pending once, then ready.
pub(super) async fn round_trip<T>(value: T) -> T {
    let mut asked = false;
    poll_fn(|_| if std::mem::replace(&mut asked, true) { Poll::Ready(()) } else { Poll::Pending })
        .await;
    value
}

/// Like `SessionLayer`: may wait in both directions, may replace the response, and works beside the
/// inner service.
///
/// The request header `sid` selects where the session is: `memory`, `store`, or a store that is
/// `down`. The response header `x-write` requests a change. If its value is `fail`, the save fails.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sessions<R = Empty>(pub(super) R);

pub(super) struct Loading(BoxFuture<bool>, Option<Undo>);
pub(super) struct Saving(BoxFuture<bool>, Undo);

impl<R> HeadLayer for Sessions<R> {
    const FLAG: Option<LayerFlag> = Some(LayerFlag::Session);
    type Writer = R;
    type LateWriter = Kept<R>;
    type State = Undo;
    type Loading = Loading;
    type Saving = Saving;

    fn writer(&self) -> &R {
        &self.0
    }

    fn events(&self) -> &Events {
        &NO_EVENTS
    }

    fn allows_caching(&self) -> bool {
        false
    }

    fn on_request(&self, head: &mut Parts, scope: &mut RequestScope) -> OnRequest<Self> {
        let state = Undo::new(head, scope, "session");
        let found = match head.headers.get("sid").map(|it| it.as_bytes()) {
            Some(b"store") => true,
            Some(b"down") => false,
            Some(b"memory") => {
                set_cookie(scope, "s");
                return OnRequest::Continue(state);
            }
            _ => return OnRequest::Continue(state),
        };
        OnRequest::Wait(Loading(Box::pin(round_trip(found)), Some(state)))
    }

    fn poll_beside(&self, state: &mut Undo, when: Beside, _: &mut Task<'_>) {
        state.log.push(format!("beside {when:?}"));
    }

    fn on_response<B>(&self, mut state: Undo, _: &R, response: &mut Response<B>) -> Option<Saving> {
        if let Some(write) = response.headers().get("x-write") {
            return Some(Saving(Box::pin(round_trip(write != "fail")), state));
        }
        state.done();
        None
    }
}

impl<R> Load<Sessions<R>> for Loading {
    type Waits = MayWait;

    fn poll_load(
        &mut self,
        _: &Sessions<R>,
        head: &mut Parts,
        scope: &mut RequestScope,
        task: &mut Task<'_>,
    ) -> Poll<OnRequest<Sessions<R>>> {
        let found = ready!(self.0.as_mut().poll(task));
        Log::of(head).push("loaded");
        let state = self.1.take().expect("not polled after completion");
        if !found {
            return Poll::Ready(OnRequest::Refuse(Rejection::Unavailable, state));
        }
        set_cookie(scope, "s");
        Poll::Ready(OnRequest::Continue(state))
    }
}

impl<R> Save<Sessions<R>> for Saving {
    fn poll_save<B>(
        &mut self,
        _: &Sessions<R>,
        writer: &R,
        response: &mut Response<B>,
        task: &mut Task<'_>,
    ) -> Poll<()>
    where
        R: Refuse<B>,
    {
        let saved = ready!(self.0.as_mut().poll(task));
        self.1.log.push("saved");
        if !saved {
            *response = refuse::write(writer, Rejection::Unavailable, Dialect::Http);
        }
        self.1.done();
        Poll::Ready(())
    }
}
