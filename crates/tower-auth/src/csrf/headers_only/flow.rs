//! The check of a request, without tokens.

#[cfg(feature = "refresh")]
use std::sync::{Arc, Weak};

use http::Response;
#[cfg(feature = "refresh")]
use http::header::{COOKIE, HeaderValue};
use http::request::Parts;
use tower_auth_core::refuse::Empty;
use tower_auth_core::{Events, Misconfigured, Refuse};

use super::CsrfHeadersLayer;
use crate::csrf::check::{Evidence, by_headers, needs_check};
use crate::csrf::flow::refusal;
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
    type State = Passed;
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
        if scope.shared().is_none() && head.extensions.is_empty() && !needs_check(head) {
            return OnRequest::Continue(Passed::default());
        }
        self.check(head, scope)
    }

    #[inline]
    fn on_response<B>(&self, passed: Passed, _: &R, response: &mut Response<B>) -> Option<Never>
    where
        R: Refuse<B>,
    {
        if passed.varies {
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
            return OnRequest::Refuse(INSIDE_SESSION.into(), Passed::default());
        }
        if !needs_check(head) {
            return OnRequest::Continue(Passed::default());
        }
        if policy.is_exempt(head) {
            return OnRequest::Continue(Passed::by_settings(head, false));
        }
        match by_headers(policy, context.map(|it| &it.jar), head, || false) {
            Ok(Evidence::Browser) => OnRequest::Continue(Passed::varies()),
            Ok(Evidence::Settings) => OnRequest::Continue(Passed::by_settings(head, true)),
            Err(fault) => match refusal(policy, LAYER, fault) {
                Some(rejection) => OnRequest::Refuse(rejection, Passed::varies()),
                None => OnRequest::Continue(Passed::by_settings(head, true)),
            },
        }
    }
}

/// The state of a request that the layer let pass.
#[derive(Debug, Default)]
pub struct Passed {
    /// Whether the response depends on the sender of the request.
    varies: bool,
    /// Lives as long as the request is inside the layer, so that [`Checked`] counts no longer.
    #[cfg(feature = "refresh")]
    _lives: Option<Arc<()>>,
}

impl Passed {
    fn varies() -> Self {
        Self {
            varies: true,
            #[cfg(feature = "refresh")]
            _lives: None,
        }
    }

    /// Records that the request passed by the layer's settings, so that a layer inside does not
    /// check it again with its own settings.
    fn by_settings(head: &mut Parts, varies: bool) -> Self {
        #[cfg(feature = "refresh")]
        {
            let lives = Arc::new(());
            let cookies = head.headers.get_all(COOKIE).iter().cloned().collect();
            head.extensions.insert(Checked { lives: Arc::downgrade(&lives), cookies });
            Self { varies, _lives: Some(lives) }
        }
        #[cfg(not(feature = "refresh"))]
        {
            let _ = head;
            Self { varies }
        }
    }
}

/// The mark, in the extensions, of a request that passed by the layer's settings. A handler can
/// copy it into another request, so it counts only while the request is inside the layer, and only
/// for the cookies that were checked.
#[cfg(feature = "refresh")]
#[derive(Clone)]
pub(crate) struct Checked {
    lives: Weak<()>,
    cookies: Vec<HeaderValue>,
}

#[cfg(feature = "refresh")]
impl Checked {
    /// Returns whether an outer layer has checked this request.
    pub(crate) fn covers(parts: &Parts) -> bool {
        parts.extensions.get::<Self>().is_some_and(|it| {
            it.lives.strong_count() > 0 && parts.headers.get_all(COOKIE).iter().eq(&it.cookies)
        })
    }
}
