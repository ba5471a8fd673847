//! The check of a request.

use http::request::Parts;
use tower_auth_core::event::{Event, EventKind};
use tower_auth_core::rejection::CsrfFault;
#[cfg(feature = "_bearer")]
use tower_auth_core::{AuthMethod, Identity};
use tower_auth_core::{Events, Misconfigured, Rejection};

use super::check::{check, needs_check};
use super::layer::CsrfLayer;
use super::policy::Policy;
use crate::request::{Context, LayerFlag, RequestScope};
use crate::service::{HeadLayer, Never, NotKept, OnRequest};

const LAYER: &str = "CsrfLayer";

const INSIDE_SESSION: Misconfigured =
    Misconfigured { layer: LAYER, problem: "CsrfLayer is inside SessionLayer: move it outside" };

#[cfg(feature = "_bearer")]
const INSIDE_BEARER: Misconfigured = Misconfigured {
    layer: LAYER,
    problem: "CsrfLayer is inside a BearerJwtLayer that reads a cookie: move it outside",
};

/// Returns the misconfiguration if a layer outside has accepted a credential that browsers attach.
fn accepted_outside(context: &Context, head: &Parts) -> Option<Misconfigured> {
    if context.is_marked(LayerFlag::Session) {
        return Some(INSIDE_SESSION);
    }
    #[cfg(feature = "_bearer")]
    if context.is_marked(LayerFlag::Bearer) {
        let identity = head.extensions.get::<Identity>()?;
        return (identity.method() == AuthMethod::BearerCookie).then_some(INSIDE_BEARER);
    }
    #[cfg(not(feature = "_bearer"))]
    let _ = head;
    None
}

impl<R> HeadLayer for CsrfLayer<R> {
    const FLAG: Option<LayerFlag> = Some(LayerFlag::Csrf);
    type Writer = R;
    type LateWriter = NotKept;
    type State = ();
    type Loading = Never;
    type Saving = Never;

    fn writer(&self) -> &R {
        &self.refuse
    }

    fn events(&self) -> &Events {
        &self.config.policy.events
    }

    fn allows_caching(&self) -> bool {
        self.config.policy.allow_caching
    }

    fn on_request(&self, head: &mut Parts, scope: &mut RequestScope) -> OnRequest<Self> {
        let context = scope.context();
        if let Some(misconfigured) = accepted_outside(context, head) {
            self.config.policy.events.misconfigured(misconfigured);
            return OnRequest::Refuse(misconfigured.into(), ());
        }
        context.set_csrf(self.config.clone());
        self.config.pre_session.meet(context, head);
        if !needs_check(head) {
            return OnRequest::Continue(());
        }
        let checked = check(&self.config, &context.jar, head);
        match checked.map_err(|fault| refusal(&self.config.policy, LAYER, fault)) {
            Err(Some(rejection)) => OnRequest::Refuse(rejection, ()),
            Ok(()) | Err(None) => OnRequest::Continue(()),
        }
    }
}

/// Emits the failed check. Returns the rejection, or `None` if the layer only reports.
#[cold]
pub(super) fn refusal(policy: &Policy, layer: &'static str, fault: CsrfFault) -> Option<Rejection> {
    if policy.report_only {
        emit(&policy.events, EventKind::CsrfWouldRefuse, layer, fault);
        return None;
    }
    emit(&policy.events, EventKind::CsrfRefused, layer, fault);
    Some(Rejection::Csrf(fault))
}

/// Emits the refusal of a request, with advice in case the request was the application's own.
#[cold]
pub(crate) fn emit(events: &Events, kind: EventKind, layer: &'static str, fault: CsrfFault) {
    let event = Event::new(kind, layer).because(Rejection::Csrf(fault).code());
    events.emit(fault.advice().map_or(event, |advice| event.detail(advice)));
}
