//! [`TestClient`]: calls a service in this process, with a browser's cookies.
//!
//! No socket and no server are involved: the client builds a request, waits until the service is
//! ready, calls it, and collects the body. Cookies go through a [`Jar`] that keeps what a browser
//! keeps, so a test that passes here does not depend on a cookie that every browser drops. The
//! client does not follow redirects. Behind a `CsrfLayer` use [`browser`](TestClient::browser),
//! which names the origin of each request: without it, the layer refuses every POST with a cookie.
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
//! // A form of another site: the cookie has no `SameSite`, so the browser does not send it.
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
/// A clone shares the jar, like another tab of one browser. A [`fork`](Self::fork) copies it.
pub struct TestClient<S, B = Full<Bytes>> {
    service: S,
    jar: Arc<Mutex<Jar>>,
    base: Uri,
    clock: Clock,
    browser: bool,
    body: PhantomData<fn() -> B>,
}

impl<S> TestClient<S> {
    /// Creates a client of this service, at `https://app.example`, with an empty jar.
    ///
    /// The request's body is `Full<Bytes>`; [`with_body`](Self::with_body) sets another type.
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
    /// Returns the same client for a service with another body type, such as axum's.
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

    /// Sets the address of the service: scheme, host and optionally a port.
    ///
    /// # Panics
    /// Panics if `origin` is not an absolute address.
    #[must_use]
    pub fn base(mut self, origin: &str) -> Self {
        let base: Uri = origin.parse().expect("an address such as https://app.example");
        assert!(base.scheme().is_some() && base.host().is_some(), "not absolute: {origin}");
        self.base = base;
        self
    }

    /// Sets the clock by which cookies expire. The default is the system's clock.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Returns a copy of the jar.
    #[must_use]
    pub fn jar(&self) -> Jar {
        self.lock().clone()
    }

    /// Changes the jar, for example to steal, plant or lose a cookie.
    pub fn edit_jar<T>(&self, edit: impl FnOnce(&mut Jar) -> T) -> T {
        edit(&mut self.lock())
    }

    /// Returns the `Cookie` header that the jar sends to the root of the client's address, or
    /// `None` if it sends no cookie. Use it for requests that the client does not send itself.
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

    /// Returns a client with the same jar that sends the headers of a browser: `Sec-Fetch-Site`,
    /// `-Mode`, `-Dest`, `Origin` and `Accept`.
    #[must_use]
    pub fn browser(&self) -> Self {
        Self { browser: true, ..self.clone() }
    }

    /// Returns a client with a copy of the jar. Later changes to one jar do not affect the other.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self { jar: Arc::new(Mutex::new(self.jar())), ..self.clone() }
    }

    /// Starts a GET request.
    pub fn get(&self, path: &str) -> TestRequest<S, B> {
        self.request(Method::GET, path)
    }

    /// Starts a POST request.
    pub fn post(&self, path: &str) -> TestRequest<S, B> {
        self.request(Method::POST, path)
    }

    /// Starts a PUT request.
    pub fn put(&self, path: &str) -> TestRequest<S, B> {
        self.request(Method::PUT, path)
    }

    /// Starts a DELETE request.
    pub fn delete(&self, path: &str) -> TestRequest<S, B> {
        self.request(Method::DELETE, path)
    }

    /// Starts a request with any method. The path begins with a slash and may have a query.
    ///
    /// # Panics
    /// Panics if `path` is not a valid path.
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
