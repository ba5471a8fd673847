//! Refusals by code that does not know the application's format: extractors and handlers' errors.

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Response, StatusCode};

use super::{Dialect, GRPC_STATUS, Refuse, write};
use crate::{Rejection, caching};

/// A marker in a response's extensions beside its [`Rejection`]: status and headers are set, the
/// body is missing. An outer layer that has a [`Refuse`] value adds the body with [`render_deferred`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct DeferredRefusal;

impl DeferredRefusal {
    /// Marks a refusal whose body another layer may write.
    pub fn mark<B>(response: &mut Response<B>) {
        response.extensions_mut().insert(Self);
    }
}

/// Renders an extractor's refusal in the application's own format, in a layer that knows the
/// format.
///
/// The other headers stay. Every other response stays unchanged, and so does a marked refusal whose
/// status or content type has changed since. (A body without a content type counts as missing, so
/// set the content type.)
///
/// ```
/// use http::Response;
/// use tower_auth_core::refuse::{self, Empty, Problem, DeferredRefusal};
/// use tower_auth_core::{Dialect, Rejection};
///
/// let mut response: Response<Vec<u8>> = refuse::write(&Empty, Rejection::Anonymous, Dialect::Http);
/// DeferredRefusal::mark(&mut response);
///
/// // A body type that problem documents convert to:
/// let mut response = response.map(bytes::Bytes::from);
/// refuse::render_deferred(&Problem, Dialect::Http, &mut response);
/// assert_eq!(response.headers()["content-type"], "application/problem+json");
/// ```
pub fn render_deferred<B>(refuse: &impl Refuse<B>, dialect: Dialect, response: &mut Response<B>) {
    if response.extensions().get::<DeferredRefusal>().is_none() {
        return;
    }
    response.extensions_mut().remove::<DeferredRefusal>();
    let Some(rejection) = response.extensions().get::<Rejection>().cloned() else { return };
    if !is_deferred(response, &rejection) {
        return;
    }
    let (head, body) = write(refuse, rejection, dialect).into_parts();
    *response.body_mut() = body;
    *response.status_mut() = head.status;
    let before = std::mem::replace(response.headers_mut(), head.headers);
    let mut kept: Option<HeaderName> = None;
    for (name, value) in before {
        // If a name occurs several times, the iterator yields it only with the first value.
        if let Some(name) = name {
            // The length and encoding describe the old body, and a challenge belongs to a 401.
            let gone = [CONTENT_LENGTH, CONTENT_ENCODING].contains(&name)
                || (name == WWW_AUTHENTICATE && response.status() != StatusCode::UNAUTHORIZED);
            kept = (!gone && !response.headers().contains_key(&name)).then_some(name);
        }
        if let Some(name) = &kept {
            response.headers_mut().append(name, value);
        }
    }
    // A layer in between may have added a field that outranks the new `Cache-Control`.
    caching::enforce(response.headers_mut());
    response.extensions_mut().extend(head.extensions);
}

fn is_deferred<B>(response: &Response<B>, rejection: &Rejection) -> bool {
    let headers = response.headers();
    if let Some(code) = headers.get(GRPC_STATUS) {
        let refusals = HeaderValue::from(u16::from(rejection.grpc_code()));
        return response.status() == StatusCode::OK && *code == refusals;
    }
    response.status() == rejection.status() && !headers.contains_key(CONTENT_TYPE)
}
