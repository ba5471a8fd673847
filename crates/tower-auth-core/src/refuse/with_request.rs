//! Refusals that depend on the request, such as pages that name it or link back to it.

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, Method, Response, Uri};

use super::{Dialect, Refuse};
use crate::Rejection;

/// The head of the refused request, as the refusing layer saw it.
///
/// Its texts come from the client: escape them in a page. `Debug` shows only the method, because
/// the other fields may hold secrets.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct RequestHead {
    /// The request's method.
    pub method: Method,
    /// The request's URI. Inside axum's `nest`, it is the remaining part.
    pub uri: Uri,
    /// The request's headers. They include credentials, unless a layer has hidden them.
    pub headers: HeaderMap,
}

impl fmt::Debug for RequestHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHead").field("method", &self.method).finish_non_exhaustive()
    }
}

/// A [`Refuse`] closure that also takes the request's head; created by [`with_request`].
pub struct WithRequest<F> {
    write: Arc<F>,
    head: Arc<RequestHead>,
}

/// Refuses with a closure that sees the request's method, URI and headers.
///
/// Use it for pages: choose the language that the browser accepts, link to the requested page, send
/// HTML to browsers and documents to programs. Pass it to `.refuse_with` of any layer, or of the
/// `AuthStack`.
///
/// A layer that may refuse after it has called its inner service, such as `SessionLayer`, copies
/// the head of every request. A layer that only refuses before that copies the head for a refusal.
/// Without `with_request`, no head is copied. Outside a layer, the head is empty.
///
/// The closure's response must have the body type of the inner service: in axum `axum::body::Body`,
/// as in `examples/html-pages`. The example below uses a `String`.
///
/// ```
/// use http::Response;
/// use http::header::{ACCEPT, CONTENT_TYPE};
/// # use tower_auth_core as tower_auth;
/// use tower_auth::refuse::{RequestHead, with_request};
/// use tower_auth::{Dialect, Rejection, refuse};
///
/// let pages = with_request(|rejection: &Rejection, dialect: Dialect, head: &RequestHead| {
///     let accepted = head.headers.get(ACCEPT).and_then(|it| it.to_str().ok()).unwrap_or_default();
///     if dialect != Dialect::Http || !accepted.contains("text/html") {
///         return refuse::respond(rejection, dialect, String::new());
///     }
///     let mut page = refuse::respond(rejection, dialect, format!("<!doctype html><p>{rejection}."));
///     page.headers_mut().insert(CONTENT_TYPE, "text/html; charset=utf-8".parse().unwrap());
///     page
/// });
///
/// # use http::{HeaderMap, Method, Uri};
/// # use tower_auth::Refuse;
/// # let headers = HeaderMap::from_iter([(ACCEPT, "text/html".parse().unwrap())]);
/// # let pages = pages.for_request(&Method::GET, &Uri::from_static("/account"), &headers).unwrap();
/// let response: Response<String> = refuse::write(&pages, Rejection::Anonymous, Dialect::Http);
/// assert_eq!(response.body(), "<!doctype html><p>authentication is required.");
/// ```
pub fn with_request<B, F>(write: F) -> WithRequest<F>
where
    F: Fn(&Rejection, Dialect, &RequestHead) -> Response<B>,
{
    WithRequest { write: Arc::new(write), head: Arc::default() }
}

#[diagnostic::do_not_recommend]
impl<B, F> Refuse<B> for WithRequest<F>
where
    F: Fn(&Rejection, Dialect, &RequestHead) -> Response<B>,
{
    fn refuse(&self, rejection: &Rejection, dialect: Dialect) -> Response<B> {
        (self.write)(rejection, dialect, &self.head)
    }

    fn for_request(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Self> {
        let (method, uri, headers) = (method.clone(), uri.clone(), headers.clone());
        let head = Arc::new(RequestHead { method, uri, headers });
        Some(Self { write: self.write.clone(), head })
    }
}

impl<F> Clone for WithRequest<F> {
    fn clone(&self) -> Self {
        Self { write: self.write.clone(), head: self.head.clone() }
    }
}

impl<F> fmt::Debug for WithRequest<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithRequest").field("head", &self.head).finish_non_exhaustive()
    }
}
