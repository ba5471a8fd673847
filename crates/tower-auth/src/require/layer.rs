//! The layer.

use std::fmt;
use std::sync::Arc;

use http::header::WWW_AUTHENTICATE;
use http::request::Parts;
use http::{Extensions, HeaderValue, Response, StatusCode, Uri};
use tower_auth_core::event::{Event, EventKind};
use tower_auth_core::refuse::{self, DeferredRefusal, Empty};
use tower_auth_core::{Auth, Dialect, Events, Identity, Refuse, Rejection};
use tower_layer::Layer;

use super::demands::Demands;
use super::login_page::LoginPage;
use crate::service::AuthService;

/// The challenge if a foreign layer authenticates, because there is no other challenge then.
/// `Session` is deliberately not a registered scheme: browsers open no dialog for it.
const CHALLENGE: HeaderValue = HeaderValue::from_static("Session realm=\"app\"");

/// Passes requests that have an identity and meet the other requirements. See the
/// [module documentation](crate::require).
#[must_use]
pub struct RequireLayer<R = Empty> {
    pub(super) config: Arc<Config<R>>,
}

/// The middleware of [`RequireLayer`].
pub type RequireService<S, R = Empty> = AuthService<S, RequireLayer<R>>;

impl RequireLayer {
    /// Creates a layer that requires only an identity. It has no settings, so it cannot fail.
    ///
    /// ```
    /// use tower_auth::RequireLayer;
    ///
    /// let app: axum::Router = axum::Router::new().layer(RequireLayer::new());
    /// ```
    pub fn new() -> Self {
        Self::from_config(Config::default())
    }
}

impl<R> RequireLayer<R> {
    pub(super) fn from_config(config: Config<R>) -> Self {
        Self { config: Arc::new(config) }
    }
}

impl Default for RequireLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<R> Clone for RequireLayer<R> {
    fn clone(&self) -> Self {
        Self { config: self.config.clone() }
    }
}

impl<R> fmt::Debug for RequireLayer<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireLayer")
            .field("demands", &self.config.demands)
            .finish_non_exhaustive()
    }
}

impl<S, R> Layer<S> for RequireLayer<R> {
    type Service = RequireService<S, R>;

    fn layer(&self, inner: S) -> Self::Service {
        RequireService::new(inner, Arc::new(self.clone()))
    }
}

/// The configuration of a layer.
#[derive(Default)]
pub(super) struct Config<R> {
    pub(super) demands: Demands,
    pub(super) login_page: Option<LoginPage>,
    pub(super) events: Events,
    pub(super) refuse: R,
    /// Whether `refuse_with` was called. If not, an outer layer may render the refusal.
    pub(super) refuse_said: bool,
}

impl<R> Config<R> {
    /// Emits the refusal, with the identity if there is one: "authenticated, but not allowed".
    fn emit(&self, extensions: &Extensions, rejection: &Rejection) {
        // An anonymous request often just follows a link, so it is a separate kind of event.
        let kind = match rejection {
            Rejection::Anonymous => EventKind::RequireAnonymous,
            _ => EventKind::RequireRefused,
        };
        let event = Event::new(kind, "RequireLayer").because(rejection.code());
        self.events.emit(match extensions.get::<Identity>() {
            Some(identity) => event.of(identity),
            None => event,
        });
    }

    #[cold]
    pub(super) fn refuse<B>(&self, rejection: Rejection, writer: &R, head: &Parts) -> Response<B>
    where
        R: Refuse<B>,
    {
        match rejection {
            Rejection::Misconfigured(misconfigured) => self.events.misconfigured(misconfigured),
            _ => self.emit(&head.extensions, &rejection),
        }
        if let Some(page) = &self.login_page
            && page.is_for(&rejection, head)
        {
            return page.redirect(writer, rejection, &asked_for(head));
        }
        let dialect = Dialect::of(&head.method, &head.headers);
        let mut response = refuse::write(writer, rejection, dialect);
        if !self.refuse_said {
            DeferredRefusal::mark(&mut response);
        }
        // The refusal itself names the scopes of a 403 already.
        if response.status() == StatusCode::UNAUTHORIZED {
            self.demands.scopes.add_to(&mut response);
        }
        if response.status() == StatusCode::UNAUTHORIZED
            && !is_challenged_outside(&head.extensions)
            && !response.headers().contains_key(WWW_AUTHENTICATE)
        {
            response.headers_mut().insert(WWW_AUTHENTICATE, CHALLENGE);
        }
        response
    }
}

/// Returns the URI that the outermost layer of this crate saw, because routers remove the prefix
/// under which they nest.
fn asked_for(head: &Parts) -> Uri {
    #[cfg(feature = "cookie")]
    if let Some(context) = crate::request::Context::of(&head.extensions)
        && let Some(uri) = context.uri()
    {
        return uri.clone();
    }
    head.uri.clone()
}

/// Returns `true` if an outer layer of this crate authenticates. A cookie layer alone does not.
fn is_challenged_outside(extensions: &Extensions) -> bool {
    extensions.get::<Auth>().is_some_and(|auth| auth.0.state().is_ok())
}
