//! The check of a request, without tokens.

use std::sync::Arc;

use http::Response;
use http::request::Parts;
use tower_auth_core::event::EventKind;
use tower_auth_core::refuse::Empty;
use tower_auth_core::{Events, Misconfigured, Refuse, Rejection};

use super::CsrfHeadersLayer;
use crate::csrf::check::{Evidence, by_headers, is_handshake, is_safe};
use crate::csrf::flow::emit;
use crate::csrf::policy::Policy;
use crate::jar::vary::Vary;
use crate::request::{Context, LayerFlag, RequestScope};
use crate::service::{AuthService, HeadLayer, Never, NotKept, OnRequest};

/// The middleware of [`CsrfHeadersLayer`].
pub type CsrfHeadersService<S, R = Empty> = AuthService<S, CsrfHeadersLayer<R>>;

const LAYER: &str = "CsrfHeadersLayer";

const INSIDE_SESSION: Misconfigured = Misconfigured {
    layer: LAYER,
    problem: "CsrfHeadersLayer is inside SessionLayer: move it outside",
};

impl<R> HeadLayer for CsrfHeadersLayer<R> {
    // If the layer is nested in itself, it checks twice, which is harmless.
    const FLAG: Option<LayerFlag> = None;
    // The layers inside find what they need in the extensions, and only for an unsafe request.
    const SHARES: bool = false;
    type Writer = R;
    type LateWriter = NotKept;
    type State = Varies;
    type Loading = Never;
    type Saving = Never;

    fn writer(&self) -> &R {
        &self.refuse
    }

    fn events(&self) -> &Events {
        &self.policy.events
    }

    fn allows_caching(&self) -> bool {
        self.policy.allow_caching
    }

    #[inline]
    fn on_request(&self, head: &mut Parts, scope: &mut RequestScope) -> OnRequest<Self> {
        // A request without extensions has passed no layer of this crate.
        if scope.shared().is_none()
            && head.extensions.is_empty()
            && is_safe(&head.method)
            && !is_handshake(&head.headers)
        {
            return OnRequest::Continue(Varies(false));
        }
        self.check(head, scope)
    }

    #[inline]
    fn on_response<B>(&self, varies: Varies, _: &R, response: &mut Response<B>) -> Option<Never>
    where
        R: Refuse<B>,
    {
        if varies.0 {
            Vary::Sender.add_to(response.headers_mut());
        }
        None
    }
}

impl<R> CsrfHeadersLayer<R> {
    fn check(&self, head: &mut Parts, scope: &RequestScope) -> OnRequest<Self> {
        let policy = &*self.policy;
        let found;
        let context = match scope.shared() {
            Some(context) => Some(context),
            None => {
                found = Context::of(&head.extensions);
                found.as_deref()
            }
        };
        if context.is_some_and(|context| context.is_marked(LayerFlag::Session)) {
            policy.events.misconfigured(INSIDE_SESSION);
            return OnRequest::Refuse(INSIDE_SESSION.into(), Varies(false));
        }
        if is_safe(&head.method) && !is_handshake(&head.headers) {
            return OnRequest::Continue(Varies(false));
        }
        if policy.is_exempt(head) {
            self.note(head);
            return OnRequest::Continue(Varies(false));
        }
        match by_headers(policy, context.map(|it| &it.jar), head, || false) {
            Ok(Evidence::Browser) => {}
            Ok(Evidence::Settings) => self.note(head),
            Err(fault) if policy.report_only => {
                emit(&policy.events, EventKind::CsrfWouldRefuse, LAYER, fault);
                self.note(head);
            }
            Err(fault) => {
                emit(&policy.events, EventKind::CsrfRefused, LAYER, fault);
                return OnRequest::Refuse(Rejection::Csrf(fault), Varies(true));
            }
        }
        OnRequest::Continue(Varies(true))
    }

    /// Records the check, so that a layer inside does not repeat it with its own settings.
    fn note(&self, head: &mut Parts) {
        #[cfg(feature = "refresh")]
        head.extensions.insert(Checked(self.policy.clone()));
        #[cfg(not(feature = "refresh"))]
        let _ = head;
    }
}

/// Whether the response depends on the sender of the request.
#[derive(Clone, Copy, Debug)]
pub struct Varies(bool);

/// The mark, in the extensions, of a request that passed by the layer's settings.
#[cfg(feature = "refresh")]
#[derive(Clone)]
pub(crate) struct Checked(Arc<Policy>);

#[cfg(feature = "refresh")]
impl Checked {
    /// The policy by which a layer outside checked the request.
    pub(crate) fn of(extensions: &http::Extensions) -> Option<&Policy> {
        extensions.get::<Self>().map(|it| &*it.0)
    }
}
