//! What the layer does on the way in.

use http::request::Parts;
use tower_auth_core::event::{Event, Kind};
use tower_auth_core::refuse::Empty;
use tower_auth_core::{Events, Rejection, Wiring};

use super::CsrfLayer;
use super::judge::{is_handshake, is_safe, judge};
use crate::request::{Mark, RequestScope};
use crate::service::{AuthService, HeadLayer, Never, NotKept, OnRequest};

/// The middleware of [`CsrfLayer`].
pub type CsrfService<S, R = Empty> = AuthService<S, CsrfLayer<R>>;

const INSIDE_SESSION: Wiring =
    Wiring { layer: "CsrfLayer", problem: "CsrfLayer inside SessionLayer: put it outside" };

impl<R> HeadLayer for CsrfLayer<R> {
    const MARK: Option<Mark> = Some(Mark::Csrf);
    type Writer = R;
    type LateWriter = NotKept;
    type State = ();
    type Loading = Never;
    type Saving = Never;

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
        let context = scope.context();
        if context.is_marked(Mark::Session) {
            self.config.events.wiring(INSIDE_SESSION);
            return OnRequest::Refuse(INSIDE_SESSION.into(), ());
        }
        context.set_csrf(self.config.clone());
        self.config.pre_session.meet(context, head);
        if is_safe(&head.method) && !is_handshake(&head.headers) {
            return OnRequest::Continue(());
        }
        if let Err(fault) = judge(&self.config, &context.jar, head) {
            let rejection = Rejection::Csrf(fault);
            if !self.config.report_only {
                self.emit(Kind::CsrfRefused, &rejection);
                return OnRequest::Refuse(rejection, ());
            }
            self.emit(Kind::CsrfWouldRefuse, &rejection);
        }
        OnRequest::Continue(())
    }
}

impl<R> CsrfLayer<R> {
    #[cold]
    fn emit(&self, kind: Kind, rejection: &Rejection) {
        self.config.events.emit(Event::new(kind, "CsrfLayer").because(rejection.code()));
    }
}
