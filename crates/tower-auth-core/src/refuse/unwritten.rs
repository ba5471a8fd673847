//! Refusals of those who do not know how refusals look: extractors, and errors of handlers.

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Response, StatusCode};

use super::{Dialect, GRPC_STATUS, Refuse, write};
use crate::{Rejection, caching};

/// In a response's extensions beside its [`Rejection`]: status and headers are there, the body is
/// not. A layer outside that has a writer writes it, by [`rewrite`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Unwritten;

impl Unwritten {
    /// Marks a refusal as one that may be written by somebody else.
    pub fn mark<B>(response: &mut Response<B>) {
        response.extensions_mut().insert(Self);
    }
}

/// Writes what an extractor refused in the application's own form, on the way out through a layer
/// that knows it. The other headers stay. Every other response is left as it is, such a refusal
/// too where somebody has given it another status or a content type since. (A body alone cannot be
/// told from none: give it its content type.)
///
/// ```
/// use http::Response;
/// use tower_auth_core::refuse::{self, Empty, Problem, Unwritten};
/// use tower_auth_core::{Dialect, Rejection};
///
/// let mut response: Response<Vec<u8>> = refuse::write(&Empty, Rejection::Anonymous, Dialect::Http);
/// Unwritten::mark(&mut response);
///
/// // A body that problems can be written to:
/// let mut response = response.map(bytes::Bytes::from);
/// refuse::rewrite(&Problem, Dialect::Http, &mut response);
/// assert_eq!(response.headers()["content-type"], "application/problem+json");
/// ```
pub fn rewrite<B>(refuse: &impl Refuse<B>, dialect: Dialect, response: &mut Response<B>) {
    if response.extensions().get::<Unwritten>().is_none() {
        return;
    }
    response.extensions_mut().remove::<Unwritten>();
    let Some(rejection) = response.extensions().get::<Rejection>().cloned() else { return };
    if !is_unwritten(response, &rejection) {
        return;
    }
    let (head, body) = write(refuse, rejection, dialect).into_parts();
    *response.body_mut() = body;
    *response.status_mut() = head.status;
    let before = std::mem::replace(response.headers_mut(), head.headers);
    let mut kept: Option<HeaderName> = None;
    for (name, value) in before {
        // Of a name that comes several times only the first says it.
        if let Some(name) = name {
            // The body that they were of is gone, and a challenge belongs to a 401.
            let gone = [CONTENT_LENGTH, CONTENT_ENCODING].contains(&name)
                || (name == WWW_AUTHENTICATE && response.status() != StatusCode::UNAUTHORIZED);
            kept = (!gone && !response.headers().contains_key(&name)).then_some(name);
        }
        if let Some(name) = &kept {
            response.headers_mut().append(name, value);
        }
    }
    // A layer in between may have added a field that outranks what the writer says.
    caching::enforce(response.headers_mut());
    response.extensions_mut().extend(head.extensions);
}

fn is_unwritten<B>(response: &Response<B>, rejection: &Rejection) -> bool {
    let headers = response.headers();
    if let Some(code) = headers.get(GRPC_STATUS) {
        let refusals = HeaderValue::from(u16::from(rejection.grpc_code()));
        return response.status() == StatusCode::OK && *code == refusals;
    }
    response.status() == rejection.status() && !headers.contains_key(CONTENT_TYPE)
}
