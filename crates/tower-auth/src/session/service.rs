//! The middleware.

use std::sync::Arc;
use std::task::{Context as Task, Poll};

use http::{Request, Response};
use tower_auth_core::store::{Key, Kind, Load, Store as _, StoreError};
use tower_auth_core::{Refuse, Rejection, Wiring, event, refuse};
use tower_service::Service;

use super::cell::Base;
use super::config::Config;
use super::future::{Guard, ResponseFuture};
use super::open;
use super::slot::Opened;
use crate::context::{Mark, Scope};
use crate::cookie::vary::Vary;
use crate::credential::Verified;

/// The middleware that [`SessionLayer`](super::SessionLayer) makes.
///
/// See the [module docs](crate::session) for examples.
#[derive(Clone)]
pub struct SessionService<S, R = refuse::Empty> {
    inner: S,
    config: Arc<Config>,
    refuse: R,
}

impl<S, R> SessionService<S, R> {
    pub(super) fn new(inner: S, config: Arc<Config>, refuse: R) -> Self {
        Self { inner, config, refuse }
    }
}

const SKIPPED: Wiring = Wiring {
    layer: "SessionLayer",
    problem: "this route is left out by .skip, and yet asks for a session or an identity",
};

impl<S, R, ReqBody, ResBody> Service<Request<ReqBody>> for SessionService<S, R>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
    R: Refuse<ResBody> + Clone,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = ResponseFuture<S, ReqBody, ResBody, R>;

    fn poll_ready(&mut self, task: &mut Task<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(task)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let refuse = |rejection, dialect, request: &Request<ReqBody>| {
            refuse::write_for(&self.refuse, rejection, dialect, request)
        };
        let scope = match Scope::begin(&mut request, Mark::Session, &self.config.events, refuse) {
            Ok(scope) => scope,
            Err(response) => return ResponseFuture::refused(response),
        };
        if self.config.allow_caching {
            scope.allow_caching();
        }
        let context = scope.context().clone();
        let mut guard = Guard::new(scope, self.config.clone());
        if let Some(skip) = &self.config.skip {
            // Taken apart for the predicate, which reads a whole head.
            let (parts, body) = request.into_parts();
            let skipped = skip(&parts);
            request = Request::from_parts(parts, body);
            if skipped {
                context.skip(Mark::Session, SKIPPED);
                guard.skip();
                let refuse = self.writer(&request);
                return ResponseFuture::running(self.inner.call(request), guard, None, refuse);
            }
        }
        if let Some(wiring) = super::misplaced(&self.config, &context) {
            self.config.events.wiring(wiring);
            return guard.refuse(wiring.into(), self.writer(&request));
        }
        context.jar.vary(Vary::Cookie);
        let Some(verified) = open::presented(&self.config, &context, &request) else {
            let opened = Opened::new(&self.config, &context, Base::Nothing);
            return self.run(request, guard, opened);
        };
        let key = Key::new(Kind::Session, verified.credential.handle);
        let answer = match &self.config.carrier.held {
            None => self.config.store.load_now(&key),
            Some(held) if !held.guarded => Some(held.read(&context, &key.handle)),
            Some(held) => {
                let mark = self.config.store.load_now(&key);
                mark.map(|mark| held.checked(&self.config, &context, &key.handle, mark))
            }
        };
        let verified = match answer {
            None => verified,
            Some(Load::Found(stored)) => {
                match open::at_hand(&self.config, &context, verified, stored) {
                    Ok(opened) => return self.run(request, guard, opened),
                    Err(verified) => verified,
                }
            }
            Some(none) => {
                let headers = request.headers();
                let opened = open::opened(&self.config, &context, headers, verified, Ok(none));
                return self.run(request, guard, opened);
            }
        };
        let load = self.config.store.load(key);
        // The service that was polled ready goes with the request; its clone waits to be.
        let clone = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, clone);
        let service =
            Self { inner: ready, config: self.config.clone(), refuse: self.refuse.clone() };
        ResponseFuture::loading(load, service, request, verified, guard)
    }
}

impl<S, R> SessionService<S, R> {
    /// How this request is refused, now or after the inner service has answered.
    #[inline]
    fn writer<ReqBody, ResBody>(&self, request: &Request<ReqBody>) -> R
    where
        S: Service<Request<ReqBody>, Response = Response<ResBody>>,
        R: Refuse<ResBody> + Clone,
    {
        self.refuse.for_request(request.method(), request.uri(), request.headers())
    }

    /// After the store has answered.
    pub(super) fn opened<ReqBody, ResBody>(
        &mut self,
        request: Request<ReqBody>,
        guard: Guard,
        verified: Verified,
        answer: Result<Load, StoreError>,
    ) -> ResponseFuture<S, ReqBody, ResBody, R>
    where
        S: Service<Request<ReqBody>, Response = Response<ResBody>>,
        R: Refuse<ResBody> + Clone,
    {
        let context = guard.context().clone();
        let handle = &verified.credential.handle;
        let answer = match &self.config.carrier.held {
            None => answer,
            Some(held) => answer.map(|mark| held.checked(&self.config, &context, handle, mark)),
        };
        let opened = open::opened(&self.config, &context, request.headers(), verified, answer);
        self.run(request, guard, opened)
    }

    /// Calls the inner service with what is known of the session.
    fn run<ReqBody, ResBody>(
        &mut self,
        mut request: Request<ReqBody>,
        mut guard: Guard,
        opened: Opened,
    ) -> ResponseFuture<S, ReqBody, ResBody, R>
    where
        S: Service<Request<ReqBody>, Response = Response<ResBody>>,
        R: Refuse<ResBody> + Clone,
    {
        let extensions = request.extensions_mut();
        let Opened { state, slot, live } = opened;
        let known = guard.context().authenticate_session(state, slot, extensions);
        if let Err(rejection) = known {
            self.config.tell(event::Kind::AuthAmbiguous, None);
            return guard.refuse(rejection, self.writer(&request));
        }
        let headers = request.headers();
        let in_use = live.and_then(|(handle, is_due)| guard.in_use(handle, is_due, headers));
        guard.begin();
        let refuse = self.writer(&request);
        ResponseFuture::running(self.inner.call(request), guard, in_use, refuse)
    }
}

/// Kept beside the service because every refusal of this room ends here.
impl Guard {
    fn refuse<S, ReqBody, ResBody, R>(
        mut self,
        rejection: Rejection,
        refuse: R,
    ) -> ResponseFuture<S, ReqBody, ResBody, R>
    where
        S: Service<Request<ReqBody>, Response = Response<ResBody>>,
        R: Refuse<ResBody>,
    {
        let mut response = self.refusal(rejection, &refuse);
        self.send(&mut response);
        ResponseFuture::refused(response)
    }
}

tower_auth_core::opaque_debug!([S, R] SessionService<S, R>, "SessionService");
