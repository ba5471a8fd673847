//! The layer's work on requests, and on responses that refuse for a scope.

use http::Response;
use http::request::Parts;
use tower_auth_core::{Events, Refuse, Rejection};

use super::layer::RequireLayer;
use crate::request::{LayerFlag, RequestScope};
use crate::service::{HeadLayer, Never, NotKept, OnRequest};

impl<R> HeadLayer for RequireLayer<R> {
    // Any number of these layers may be nested.
    const FLAG: Option<LayerFlag> = None;
    const SHARES: bool = false;
    type Writer = R;
    type LateWriter = NotKept;
    type State = ();
    type Loading = Never;
    type Saving = Never;

    fn writer(&self) -> &R {
        &self.config.refuse
    }

    fn events(&self) -> &Events {
        &self.config.events
    }

    fn allows_caching(&self) -> bool {
        false
    }

    fn on_request(&self, head: &mut Parts, _: &mut RequestScope) -> OnRequest<Self> {
        match self.config.demands.check(&head.extensions) {
            Ok(()) => OnRequest::Continue(()),
            Err(rejection) => OnRequest::Refuse(rejection, ()),
        }
    }

    /// Adds this layer's scopes to the refusal of an inner layer or handler for a scope, and to a
    /// 401 from inside.
    fn on_response<B>(&self, (): (), _: &R, response: &mut Response<B>) -> Option<Never>
    where
        R: Refuse<B>,
    {
        self.config.demands.scopes.add_to(response);
        None
    }

    fn refusal<B>(
        &self,
        rejection: Rejection,
        writer: &R,
        head: &Parts,
        _: &RequestScope,
    ) -> Response<B>
    where
        R: Refuse<B>,
    {
        self.config.refuse(rejection, writer, head)
    }
}
