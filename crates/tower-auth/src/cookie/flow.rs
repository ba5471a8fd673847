//! The layer's steps for a request and its response.

use http::Response;
use http::request::Parts;
use tower_auth_core::{Events, Refuse};

use super::layer::CookieLayer;
use crate::request::{CookieGuard, LayerFlag, RequestScope};
use crate::service::{HeadLayer, Never, NotKept, OnRequest};

impl<R> HeadLayer for CookieLayer<R> {
    const FLAG: Option<LayerFlag> = Some(LayerFlag::Cookie);
    type Writer = R;
    type LateWriter = NotKept;
    type State = CookieGuard;
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

    fn on_request(&self, _: &mut Parts, scope: &mut RequestScope) -> OnRequest<Self> {
        scope.context().set_cookies(self.config.clone());
        OnRequest::Continue(CookieGuard::new(scope.context()))
    }

    fn on_response<B>(&self, mut cookies: CookieGuard, _: &R, _: &mut Response<B>) -> Option<Never>
    where
        R: Refuse<B>,
    {
        cookies.keep();
        None
    }
}
