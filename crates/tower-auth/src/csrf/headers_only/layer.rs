use std::sync::Arc;

use tower_auth_core::refuse::Empty;
use tower_layer::Layer;

use super::{CsrfHeadersService, HeadersOnly};
use crate::csrf::Builder;
use crate::csrf::policy::Policy;

/// Refuses requests of other sites by their headers alone: without tokens, keys or a cookie of its
/// own.
///
/// The layer applies the same rules to `Sec-Fetch-Site` and `Origin` as
/// [`CsrfLayer`](crate::CsrfLayer), by the same settings, and refuses in the same way; see the
/// [module documentation](crate::csrf), where rules 1 to 3 apply. There is no token that would let
/// another request pass in rule 3, and none can be required. Use it for an application whose clients
/// are today's browsers and programs: it needs no configuration that all instances share.
///
/// Without another layer of this crate outside, the layer allocates nothing for a request with a
/// safe method, and adds nothing to its extensions.
///
/// - [`SessionLayer`](crate::SessionLayer) and [`RefreshLayer`](crate::RefreshLayer) inside accept it
///   as their CSRF layer. It reads neither one's cookie, so no cookie name and no key ring must
///   agree. Inside `SessionLayer` it is answered 500, as `CsrfLayer` is.
/// - It may stand around a `CsrfLayer` or another `CsrfHeadersLayer` of some routes. Both then check.
/// - [`CsrfToken`](crate::CsrfToken) inside is answered 500: there is no token to give.
///
/// `R` writes the refusals.
///
/// ```
/// use http::{Request, Response};
/// use tower::{Layer, ServiceExt, service_fn};
/// use tower_auth::CsrfHeadersLayer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let handler = service_fn(async |_: Request<()>| Ok::<_, http::Error>(Response::new(())));
/// let service = CsrfHeadersLayer::new().layer(handler);
///
/// let own = Request::post("/").header("sec-fetch-site", "same-origin").body(())?;
/// assert_eq!(service.clone().oneshot(own).await?.status(), 200);
/// let forged = Request::post("/").header("sec-fetch-site", "cross-site").body(())?;
/// assert_eq!(service.oneshot(forged).await?.status(), 403);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct CsrfHeadersLayer<R = Empty> {
    pub(super) policy: Arc<Policy>,
    pub(super) refuse: R,
}

impl CsrfHeadersLayer {
    /// Compares `Origin` with the request's own host, and trusts no other origin.
    pub fn new() -> Self {
        Self::from_parts(Arc::default(), Empty)
    }

    /// Begins a layer with other settings: origins, proxies, exempt paths.
    ///
    /// ```
    /// use tower_auth::CsrfHeadersLayer;
    ///
    /// // As `CsrfHeadersLayer::new()`.
    /// let layer = CsrfHeadersLayer::builder().build()?;
    /// # Ok::<_, tower_auth::csrf::ConfigError>(())
    /// ```
    ///
    /// Behind a proxy, with a second origin, a webhook, and refusals as problem documents:
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use http_body_util::Full;
    /// use tower::{Layer, ServiceExt, service_fn};
    /// use tower_auth::CsrfHeadersLayer;
    /// use tower_auth::refuse::Problem;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let layer = CsrfHeadersLayer::builder()
    ///     .public_origin("https://app.example")
    ///     .trusted_origin("https://admin.example")
    ///     .exempt("/webhook")
    ///     .refuse_with(Problem)
    ///     .build()?;
    /// let service = layer.layer(service_fn(async |_: Request<()>| {
    ///     Ok::<_, http::Error>(Response::new(Full::<Bytes>::default()))
    /// }));
    ///
    /// let admin = Request::post("/order")
    ///     .header("sec-fetch-site", "same-site")
    ///     .header("origin", "https://admin.example")
    ///     .body(())?;
    /// assert_eq!(service.clone().oneshot(admin).await?.status(), 200);
    ///
    /// let evil = Request::post("/order").header("origin", "https://evil.example").body(())?;
    /// let refused = service.oneshot(evil).await?;
    /// assert_eq!(refused.status(), 403);
    /// assert_eq!(refused.headers()["content-type"], "application/problem+json");
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder() -> Builder<Empty, HeadersOnly> {
        Builder::with(HeadersOnly { contradicted: None })
    }
}

impl Default for CsrfHeadersLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<R> CsrfHeadersLayer<R> {
    pub(super) const fn from_parts(policy: Arc<Policy>, refuse: R) -> Self {
        Self { policy, refuse }
    }
}

impl<S, R: Clone> Layer<S> for CsrfHeadersLayer<R> {
    type Service = CsrfHeadersService<S, R>;

    fn layer(&self, inner: S) -> Self::Service {
        CsrfHeadersService::new(inner, Arc::new(self.clone()))
    }
}

tower_auth_core::opaque_debug!([R] CsrfHeadersLayer<R>, "CsrfHeadersLayer");
