//! [`TestClient`]: calls a service in this process, with a browser's cookies.
//!
//! No socket and no server: a request is built, the service is polled ready and called, the body
//! is collected. Cookies go through a [`Jar`] that keeps what a browser keeps, so a test that
//! passes here does not hang on a cookie that every browser drops. Redirects are not followed.
//! Behind a `CsrfLayer` use [`browser`](TestClient::browser), which says where a request comes from:
//! without it every POST with a cookie is refused.
//!
//! ```
//! use std::convert::Infallible;
//! use bytes::Bytes;
//! use http::{Request, Response, header};
//! use http_body_util::Full;
//! use tower::service_fn;
//! use tower_auth_test::TestClient;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let app = service_fn(async |request: Request<Full<Bytes>>| {
//!     let cookie = request.headers().get(header::COOKIE);
//!     let body = cookie.map_or("none".into(), |it| it.to_str().unwrap().to_owned());
//!     let response = Response::builder().header(header::SET_COOKIE, "__Host-id=7; Path=/; Secure");
//!     Ok::<_, Infallible>(response.body(Full::new(Bytes::from(body))).unwrap())
//! });
//!
//! let client = TestClient::new(app);
//! assert_eq!(client.get("/").await.text(), "none");
//! assert_eq!(client.get("/").await.text(), "__Host-id=7");
//!
//! // Another site's form: the cookie has no SameSite, so the browser keeps it back.
//! let forged = client.browser().post("/transfer").cross_site("https://evil.example").await;
//! assert_eq!(forged.text(), "none");
//! # }
//! ```

mod fetch;
mod request;
mod response;
#[cfg(test)]
mod tests;

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderValue, Method, Uri};
use http_body_util::Full;
use tower_auth_core::Clock;

use crate::Jar;
use crate::jar::Initiator;
pub(crate) use fetch::Fetch;
pub use request::TestRequest;
pub(crate) use request::encode_form;
pub use response::TestResponse;

/// Calls a service as a client with a cookie jar; see the [module](self).
///
/// A clone shares the jar (another tab of one browser), a [`fork`](Self::fork) has a copy of it.
pub struct TestClient<S, B = Full<Bytes>> {
    service: S,
    jar: Arc<Mutex<Jar>>,
    base: Uri,
    clock: Clock,
    browser: bool,
    body: PhantomData<fn() -> B>,
}

impl<S> TestClient<S> {
    /// A client of this service, at `https://app.example`, with an empty jar.
    ///
    /// The request's body is `Full<Bytes>`; [`with_body`](Self::with_body) takes another.
    #[must_use]
    pub fn new(service: S) -> Self {
        Self {
            service,
            jar: Arc::default(),
            base: Uri::from_static("https://app.example/"),
            clock: Clock::system(),
            browser: false,
            body: PhantomData,
        }
    }
}

impl<S, B> TestClient<S, B> {
    /// The same client for a service that takes another body, such as axum's.
    #[must_use]
    pub fn with_body<T: From<Bytes>>(self) -> TestClient<S, T> {
        TestClient {
            service: self.service,
            jar: self.jar,
            base: self.base,
            clock: self.clock,
            browser: self.browser,
            body: PhantomData,
        }
    }

    /// Where the service is: scheme, host and perhaps port.
    ///
    /// # Panics
    /// Where it is not an absolute address.
    #[must_use]
    pub fn base(mut self, origin: &str) -> Self {
        let base: Uri = origin.parse().expect("an address such as https://app.example");
        assert!(base.scheme().is_some() && base.host().is_some(), "not absolute: {origin}");
        self.base = base;
        self
    }

    /// The clock by which cookies expire; the system's by default.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The jar as it is now.
    #[must_use]
    pub fn jar(&self) -> Jar {
        self.lock().clone()
    }

    /// Changes the jar: to steal, plant or lose a cookie.
    pub fn edit_jar<T>(&self, edit: impl FnOnce(&mut Jar) -> T) -> T {
        edit(&mut self.lock())
    }

    /// Returns the `Cookie` header that the jar sends to the root of the client's address, `None`
    /// without a cookie. For requests that the client does not send itself.
    #[must_use]
    pub fn cookie_header(&self) -> Option<HeaderValue> {
        self.lock().header(&self.base, Initiator::SameSite, self.clock.now())
    }

    pub(crate) const fn base_uri(&self) -> &Uri {
        &self.base
    }

    fn lock(&self) -> MutexGuard<'_, Jar> {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Clone, B> TestClient<S, B> {
    pub(crate) fn service(&self) -> S {
        self.service.clone()
    }

    /// A client that sends what a browser sends of itself: `Sec-Fetch-Site`, `-Mode`, `-Dest`,
    /// `Origin` and `Accept`; with the same jar.
    #[must_use]
    pub fn browser(&self) -> Self {
        Self { browser: true, ..self.clone() }
    }

    /// A client with a copy of the jar: from here on both go their own way.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self { jar: Arc::new(Mutex::new(self.jar())), ..self.clone() }
    }

    /// A GET.
    pub fn get(&self, path: &str) -> TestRequest<S, B> {
        self.request(Method::GET, path)
    }

    /// A POST.
    pub fn post(&self, path: &str) -> TestRequest<S, B> {
        self.request(Method::POST, path)
    }

    /// A PUT.
    pub fn put(&self, path: &str) -> TestRequest<S, B> {
        self.request(Method::PUT, path)
    }

    /// A DELETE.
    pub fn delete(&self, path: &str) -> TestRequest<S, B> {
        self.request(Method::DELETE, path)
    }

    /// Any method. The path begins with a slash and may have a query.
    ///
    /// # Panics
    /// Where the path is none.
    pub fn request(&self, method: Method, path: &str) -> TestRequest<S, B> {
        TestRequest::new(self.clone(), method, path)
    }
}

impl<S: Clone, B> Clone for TestClient<S, B> {
    fn clone(&self) -> Self {
        Self {
            service: self.service.clone(),
            jar: self.jar.clone(),
            base: self.base.clone(),
            clock: self.clock.clone(),
            browser: self.browser,
            body: PhantomData,
        }
    }
}

impl<S, B> fmt::Debug for TestClient<S, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("TestClient");
        debug.field("base", &self.base).field("jar", &*self.lock()).finish_non_exhaustive()
    }
}
