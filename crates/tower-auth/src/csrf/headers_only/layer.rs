use std::sync::Arc;

use tower_auth_core::refuse::Empty;
use tower_layer::Layer;

use super::{CsrfHeadersService, HeadersOnly};
use crate::csrf::CsrfLayerBuilder;
use crate::csrf::policy::Policy;

/// Refuses requests of other sites by their headers alone, without tokens, keys or a cookie.
///
/// The layer applies rules 1 to 3 of the [module documentation](crate::csrf) to `Sec-Fetch-Site`
/// and `Origin`, with the same settings and the same refusals as [`CsrfLayer`](crate::CsrfLayer).
/// In rule 3, no token lets a request pass; rule 4 does not apply. Use the layer for an application
/// whose clients are today's browsers and programs: it needs no configuration that all instances
/// share.
///
/// The layer allocates nothing and adds nothing to the request's extensions if the method is safe
/// and no other layer of this crate is outside.
///
/// - [`SessionLayer`](crate::SessionLayer) and [`RefreshLayer`](crate::RefreshLayer) inside accept
///   it as their CSRF layer. Every cookie counts as a credential, so no cookie name and no key ring
///   must agree. Inside `SessionLayer`, it responds with 500, as `CsrfLayer` does.
/// - It may wrap a `CsrfLayer` or another `CsrfHeadersLayer` around some routes. Both layers then
///   check.
/// - A handler that extracts [`CsrfToken`](crate::CsrfToken) responds with 500, because there is no
///   token.
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
    /// Creates a layer that compares `Origin` with the request's own host, and trusts no other
    /// origin.
    pub fn new() -> Self {
        Self::from_parts(Arc::default(), Empty)
    }

    /// Returns a builder for other settings: origins, proxies, exempt paths.
    ///
    /// ```
    /// use tower_auth::CsrfHeadersLayer;
    ///
    /// // The same as `CsrfHeadersLayer::new()`.
    /// let layer = CsrfHeadersLayer::builder().build()?;
    /// # Ok::<_, tower_auth::csrf::CsrfConfigError>(())
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
    pub fn builder() -> CsrfLayerBuilder<Empty, HeadersOnly> {
        CsrfLayerBuilder::with(HeadersOnly { contradicted: None })
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
