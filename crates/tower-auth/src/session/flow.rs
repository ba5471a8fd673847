//! The layer's work on the request (load) and on the response (save).

use std::sync::atomic::Ordering;
use std::task::{Context as Task, Poll, ready};

use http::request::Parts;
use http::{Response, StatusCode};
use tower_auth_core::refuse;
use tower_auth_core::store::{Key, Load, RecordKind, Store as _, StoreError};
use tower_auth_core::{Events, Misconfigured, Refuse, event};

use crate::crypto::credential::Verified;
use crate::jar::vary::Vary;
use crate::request::{AuthSource, LayerFlag, RequestScope};
use crate::service::{self, Beside, HeadLayer, Kept, MayWait, OnRequest};
use crate::session::error::SessionError;
use crate::session::guard::SessionGuard;
use crate::session::in_use::InUse;
use crate::session::layer::SessionLayer;
use crate::session::state::Loaded;
use crate::session::state::lazy::Opened;
use crate::session::{load, save_or_touch};
use crate::store::BoxFuture;

static SKIPPED: Misconfigured = Misconfigured {
    layer: "SessionLayer",
    problem: "this route needs a session or an identity, but .skip leaves it out",
};

impl<R> HeadLayer for SessionLayer<R> {
    const FLAG: Option<LayerFlag> = Some(LayerFlag::Session);
    type Writer = R;
    type LateWriter = Kept<R>;
    type State = SessionGuard;
    type Loading = Loading;
    type Saving = Saving;

    fn writer(&self) -> &R {
        &self.refuse
    }

    fn events(&self) -> &Events {
        &self.config.events
    }

    fn allows_caching(&self) -> bool {
        self.config.allow_caching
    }

    fn on_request(&self, head: &mut Parts, scope: &mut RequestScope) -> OnRequest<Self> {
        let config = &self.config;
        if config.has_sessions.load(Ordering::Relaxed) {
            scope.keep_current();
        }
        let context = scope.context();
        let guard = SessionGuard::new(context);
        if config.skip.as_ref().is_some_and(|skip| skip(head)) {
            context.skip(AuthSource::Session, &SKIPPED);
            return OnRequest::Continue(guard.skipped());
        }
        if let Some(misconfigured) = crate::session::misplaced(config, context) {
            config.events.misconfigured(misconfigured);
            return OnRequest::Refuse(misconfigured.into(), guard);
        }
        context.jar.vary(Vary::Cookie);
        let Some(verified) = load::presented(config, context, head) else {
            let opened = Opened::new(config, context, Loaded::Nothing);
            return self.enter(head, guard, opened);
        };
        let key = Key::new(RecordKind::Session, verified.credential.id);
        let answer = match &config.transport.held {
            None => config.store.load_now(&key),
            Some(held) if !held.guarded => Some(held.read(context, &key.id)),
            Some(held) => {
                let mark = config.store.load_now(&key);
                let on_skew = || config.emit(event::EventKind::ClockSkew, Some(key.id));
                mark.map(|mark| held.checked(context, &key.id, mark, on_skew))
            }
        };
        let verified = match answer {
            None => verified,
            Some(Load::Found(stored)) => match load::at_hand(config, context, verified, stored) {
                Ok(opened) => return self.enter(head, guard, opened),
                Err(verified) => verified,
            },
            Some(none) => {
                let opened = load::opened(config, context, &head.headers, verified, Ok(none));
                return self.enter(head, guard, opened);
            }
        };
        let load = config.store.load(key);
        OnRequest::Wait(Loading { load, waiting: Some((verified, guard)) })
    }

    #[inline]
    fn poll_beside(&self, guard: &mut SessionGuard, when: Beside, task: &mut Task<'_>) {
        guard.poll_beside(&self.config, when, task);
    }

    fn on_response<B>(
        &self,
        mut guard: SessionGuard,
        writer: &R,
        response: &mut Response<B>,
    ) -> Option<Saving>
    where
        R: Refuse<B>,
    {
        #[cfg(feature = "axum")]
        crate::session::axum::emit_passed(&self.config.events, response);
        refuse::render_deferred(writer, guard.context.dialect, response);
        let touch = guard.in_use.take().filter(|it| it.is_touching());
        let save = guard.at_head();
        if save.is_some() || touch.is_some() {
            return Some(Saving { save, saved: Ok(()), touch, guard: Some(guard) });
        }
        self.send(guard, response);
        None
    }
}

impl<R> SessionLayer<R> {
    /// Continues the request with the loaded session.
    fn enter(&self, head: &mut Parts, mut guard: SessionGuard, opened: Opened) -> OnRequest<Self> {
        let Opened { state, slot, live } = opened;
        let context = &guard.context;
        let known = context.authenticate(AuthSource::Session, state, &mut head.extensions);
        if let Err(rejection) = known {
            self.config.emit(event::EventKind::AuthAmbiguous, None);
            guard.roll_back();
            return OnRequest::Refuse(rejection, guard);
        }
        context.session(|place| *place = slot);
        if let Some((id, is_due)) = live {
            guard.use_session(&self.config, id, is_due, &head.headers);
        }
        guard.cookies.begin();
        OnRequest::Continue(guard)
    }

    /// Adds this layer's challenge to the response. The session was closed when the head was ready.
    fn send<B>(&self, guard: SessionGuard, response: &mut Response<B>) {
        if response.status() == StatusCode::UNAUTHORIZED && !guard.is_skipped {
            save_or_touch::challenge(response.headers_mut(), &self.config.challenge);
        }
        guard.finish();
    }
}

/// The load of a request whose session needs a store round trip.
pub struct Loading {
    load: BoxFuture<Result<Load, StoreError>>,
    waiting: Option<(Verified, SessionGuard)>,
}

impl<R> service::Load<SessionLayer<R>> for Loading {
    type Waits = MayWait;

    fn poll_load(
        &mut self,
        layer: &SessionLayer<R>,
        head: &mut Parts,
        _: &mut RequestScope,
        task: &mut Task<'_>,
    ) -> Poll<OnRequest<SessionLayer<R>>> {
        let answer = ready!(self.load.as_mut().poll(task));
        let (verified, guard) =
            self.waiting.take().expect("the future is not polled after completion");
        let config = &layer.config;
        let context = &guard.context;
        let id = &verified.credential.id;
        let answer = match &config.transport.held {
            None => answer,
            Some(held) => {
                let on_skew = || config.emit(event::EventKind::ClockSkew, Some(*id));
                answer.map(|mark| held.checked(context, id, mark, on_skew))
            }
        };
        let opened = load::opened(config, context, &head.headers, verified, answer);
        Poll::Ready(layer.enter(head, guard, opened))
    }
}

/// The store steps that the response waits for.
pub struct Saving {
    save: Option<BoxFuture<Result<(), SessionError>>>,
    saved: Result<(), SessionError>,
    /// The touch that notes the request's arrival, if the handler finished before the store
    /// answered.
    touch: Option<Box<InUse>>,
    guard: Option<SessionGuard>,
}

impl Saving {
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

impl<R> service::Save<SessionLayer<R>> for Saving {
    fn poll_save<B>(
        &mut self,
        layer: &SessionLayer<R>,
        writer: &R,
        response: &mut Response<B>,
        task: &mut Task<'_>,
    ) -> Poll<()>
    where
        R: Refuse<B>,
    {
        let saved = ready!(self.poll(task));
        let Some(guard) = self.guard.take() else { return Poll::Ready(()) };
        if let Err(error) = saved {
            // The handler's response describes a change that was not saved, so it is discarded, with
            // the cookies that were set inside.
            guard.roll_back();
            *response = refuse::write(writer, error.into(), guard.context.dialect);
        }
        layer.send(guard, response);
        Poll::Ready(())
    }
}

tower_auth_core::opaque_debug!(Loading, "session::Loading");
tower_auth_core::opaque_debug!(Saving, "session::Saving");
