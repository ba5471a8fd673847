//! Identities without a login, for tests of handlers.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::header::WWW_AUTHENTICATE;
use http::{Extensions, HeaderValue, Request, Response, StatusCode};
use pin_project_lite::pin_project;
use tower::{Layer, Service};
use tower_auth_core::{Auth, AuthContext, AuthState, Identity, Misconfigured};

/// Returns an identity with this subject and without an authentication. For roles and more use
/// [`Identity::local`]`("alice").role("user").build()`.
///
/// ```
/// use tower_auth_test::identity;
///
/// let alice = identity("alice");
/// assert_eq!(alice.subject(), "alice");
/// assert!(alice.same_principal(&identity("alice")));
/// ```
#[must_use]
pub fn identity(subject: &str) -> Identity {
    Identity::local(subject).build()
}

/// A layer that stands for any authenticating layer and inserts a fixed result.
///
/// Handlers, extractors and `RequireLayer` behave behind it as behind a real layer, and a 401
/// response gets a challenge. Put it outside of all other layers: inside, it would hide their
/// `Session`, `Cookies` and `CsrfToken`. Use it only in tests: it authenticates every request.
///
/// ```
/// use http::{Request, Response};
/// use tower::{ServiceBuilder, ServiceExt};
/// # use tower_auth_core as tower_auth;
/// use tower_auth::Identity;
/// use tower_auth_test::{WithIdentity, identity};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), std::convert::Infallible> {
/// let handler = ServiceBuilder::new()
///     .layer(WithIdentity::known(identity("alice")))
///     .service_fn(async |request: Request<()>| {
///         let identity = request.extensions().get::<Identity>();
///         let name = identity.map_or("anonymous", Identity::subject);
///         Ok::<_, std::convert::Infallible>(Response::new(format!("hello, {name}")))
///     });
/// assert_eq!(handler.oneshot(Request::new(())).await?.body(), "hello, alice");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct WithIdentity(Finding);

#[derive(Clone, Debug)]
enum Finding {
    State(AuthState),
    Only(Identity),
}

impl WithIdentity {
    /// Treats every request as authenticated with this identity.
    pub const fn known(identity: Identity) -> Self {
        Self(Finding::State(AuthState::Known(identity)))
    }

    /// Treats every request as anonymous.
    pub const fn anonymous() -> Self {
        Self(Finding::State(AuthState::Anonymous))
    }

    /// Treats every request as one whose credential cannot be checked, because the store is
    /// unavailable.
    pub const fn unknown() -> Self {
        Self(Finding::State(AuthState::Unknown))
    }

    /// Inserts the identity and does nothing more, like a small layer of the application: responses
    /// get no challenge.
    pub const fn only(identity: Identity) -> Self {
        Self(Finding::Only(identity))
    }

    /// Inserts the same values as the layer into one request's extensions.
    pub fn insert_into(&self, extensions: &mut Extensions) {
        extensions.remove::<Identity>();
        match &self.0 {
            Finding::State(state) => {
                if let AuthState::Known(identity) = state {
                    extensions.insert(identity.clone());
                }
                extensions.insert(Auth(Arc::new(Found(state.clone()))));
            }
            Finding::Only(identity) => {
                extensions.insert(identity.clone());
            }
        }
    }
}

impl<S> Layer<S> for WithIdentity {
    type Service = WithIdentityService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        WithIdentityService { inner, found: self.clone() }
    }
}

/// The service that [`WithIdentity`] creates.
#[derive(Clone, Debug)]
#[must_use]
pub struct WithIdentityService<S> {
    inner: S,
    found: WithIdentity,
}

struct Found(AuthState);

impl AuthContext for Found {
    fn state(&self) -> Result<AuthState, Misconfigured> {
        Ok(self.0.clone())
    }
}

impl<S, B, RB> Service<Request<B>> for WithIdentityService<S>
where
    S: Service<Request<B>, Response = Response<RB>>,
{
    type Response = Response<RB>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        self.found.insert_into(request.extensions_mut());
        let challenge = matches!(self.found.0, Finding::State(_));
        ResponseFuture { inner: self.inner.call(request), challenge }
    }
}

pin_project! {
    /// The response of the inner service. A 401 gets a challenge.
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        challenge: bool,
    }
}

impl<F, RB, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<RB>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(cx))?;
        if *this.challenge && response.status() == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Session realm=\"test\"");
            response.headers_mut().append(WWW_AUTHENTICATE, challenge);
        }
        Poll::Ready(Ok(response))
    }
}
