//! Refusals as responses. This module alone writes them, for HTTP and gRPC.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};

use crate::{Rejection, caching};

mod deferred;
#[cfg(test)]
mod tests;
mod with_request;

pub use deferred::{DeferredRefusal, render_deferred};
pub use with_request::{RequestHead, WithRequest, with_request};

const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");

/// The protocol in which a client expects a refusal.
///
/// A gRPC client does not read HTTP status codes. It expects 200 and the outcome in the trailers,
/// which are part of the headers if there is no body ("trailers-only").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dialect {
    /// HTTP status code.
    Http,
    /// Trailers-only; `application/grpc`.
    Grpc,
    /// Trailers-only; `application/grpc-web`.
    GrpcWeb,
    /// Trailers-only; `application/grpc-web-text`.
    GrpcWebText,
    /// Trailers-only; `application/grpc+json`. JSON clients accept only a response with the suffix.
    /// All others accept one without it.
    GrpcJson,
    /// Trailers-only; `application/grpc-web+json`.
    GrpcWebJson,
}

impl Dialect {
    /// Reads the dialect of a request. A POST with a content type of gRPC is a gRPC request.
    ///
    /// ```
    /// use http::{HeaderMap, Method, header::CONTENT_TYPE};
    /// # use tower_auth_core as tower_auth;
    /// use tower_auth::Dialect;
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert(CONTENT_TYPE, "application/grpc+proto".parse()?);
    /// assert_eq!(Dialect::of(&Method::POST, &headers), Dialect::Grpc);
    /// assert_eq!(Dialect::of(&Method::GET, &headers), Dialect::Http);
    /// # Ok::<_, http::header::InvalidHeaderValue>(())
    /// ```
    #[must_use]
    pub fn of(method: &Method, headers: &HeaderMap) -> Self {
        if method != Method::POST {
            return Self::Http;
        }
        let content_type = headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
        let Some((prefix, rest)) = content_type.split_at_checked("application/grpc".len()) else {
            return Self::Http;
        };
        if !prefix.eq_ignore_ascii_case(b"application/grpc") {
            return Self::Http;
        }
        let end = rest.iter().position(|b| matches!(b, b'+' | b';' | b' ' | b'\t'));
        let (flavour, codec) = rest.split_at(end.unwrap_or(rest.len()));
        let is_json = codec
            .split_at_checked("+json".len())
            .is_some_and(|(it, rest)| it.eq_ignore_ascii_case(b"+json") && is_end(rest));
        let flavours = [
            (&b""[..], [Self::Grpc, Self::GrpcJson]),
            (b"-web", [Self::GrpcWeb, Self::GrpcWebJson]),
            (b"-web-text", [Self::GrpcWebText; 2]),
        ];
        let found = flavours.into_iter().find(|(it, _)| flavour.eq_ignore_ascii_case(it));
        found.map_or(Self::Http, |(_, dialects)| dialects[usize::from(is_json)])
    }

    const fn content_type(self) -> Option<HeaderValue> {
        match self {
            Self::Http => None,
            Self::Grpc => Some(HeaderValue::from_static("application/grpc")),
            Self::GrpcWeb => Some(HeaderValue::from_static("application/grpc-web")),
            Self::GrpcWebText => Some(HeaderValue::from_static("application/grpc-web-text")),
            Self::GrpcJson => Some(HeaderValue::from_static("application/grpc+json")),
            Self::GrpcWebJson => Some(HeaderValue::from_static("application/grpc-web+json")),
        }
    }
}

/// Returns `true` at the end of the media type, where its parameters may begin.
fn is_end(rest: &[u8]) -> bool {
    matches!(rest, [] | [b';' | b' ' | b'\t', ..])
}

/// Turns a [`Rejection`] into a response.
///
/// [`Empty`] is the default of every layer, and [`Problem`] writes `application/problem+json`. For
/// bodies and texts of your own, use any `Fn(&Rejection, Dialect) -> Response<B>`. [`with_request`]
/// gives such a closure the request's head too. Always answer gRPC clients with [`respond`].
///
/// The implementation must be `Send` and `Sync` if the service is to be `Send`, which most servers
/// require. The clones of a service share one layer behind an `Arc`, so several threads may refuse
/// at the same time. Keep counters and caches of a closure in an atomic or behind a lock, not in a
/// `Cell`.
///
/// ```
/// use http::Response;
/// # use tower_auth_core as tower_auth;
/// use tower_auth::{Dialect, Refuse, Rejection, refuse};
///
/// let refuse = |rejection: &Rejection, dialect: Dialect| match dialect {
///     Dialect::Http => Response::builder()
///         .status(rejection.status())
///         .body(format!("sorry, {rejection}"))
///         .unwrap(),
///     grpc => refuse::respond(rejection, grpc, String::new()),
/// };
/// let response = refuse::write(&refuse, Rejection::Anonymous, Dialect::Http);
/// assert_eq!(response.body(), "sorry, authentication is required");
/// ```
#[diagnostic::on_unimplemented(
    message = "this `Refuse` type cannot build a response with the body `{B}`",
    label = "cannot build refusals with this body",
    note = "the default (`Empty`) needs a body that is `Default`, `Problem` one that is \
            `From<Bytes>`; a closure fits any body, unless it names another body than the inner \
            service's: give the layers, or the AuthStack, `.refuse_with(|rejection: &Rejection, \
            dialect: Dialect| refuse::respond(rejection, dialect, body))`"
)]
pub trait Refuse<B> {
    /// Builds the response for `rejection` in `dialect`.
    fn refuse(&self, rejection: &Rejection, dialect: Dialect) -> Response<B>;

    /// Returns a copy of this value for one request, if it needs the request's head. By default
    /// `None`: the value is the same for every request, and a layer keeps no head for it.
    ///
    /// A layer that may refuse a request later calls this method before it passes the request on.
    /// All other layers call it only to refuse.
    fn for_request(&self, _method: &Method, _uri: &Uri, _headers: &HeaderMap) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
}

#[diagnostic::do_not_recommend]
impl<B, F: Fn(&Rejection, Dialect) -> Response<B>> Refuse<B> for F {
    fn refuse(&self, rejection: &Rejection, dialect: Dialect) -> Response<B> {
        self(rejection, dialect)
    }
}

/// Refuses with status and headers, without a body. The default.
#[derive(Clone, Copy, Debug, Default)]
pub struct Empty;

// The diagnostic of `Refuse` already explains the problem.
#[diagnostic::do_not_recommend]
impl<B: Default> Refuse<B> for Empty {
    fn refuse(&self, rejection: &Rejection, dialect: Dialect) -> Response<B> {
        respond(rejection, dialect, B::default())
    }
}

/// Refuses with a problem document (RFC 9457):
/// `{"type":"about:blank","title",…,"status",…,"code",…,"detail",…}`.
///
/// `code` is [`Rejection::code`]. The document repeats no data from the request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Problem;

#[diagnostic::do_not_recommend]
impl<B: From<Bytes>> Refuse<B> for Problem {
    fn refuse(&self, rejection: &Rejection, dialect: Dialect) -> Response<B> {
        if dialect != Dialect::Http {
            return respond(rejection, dialect, Bytes::new().into());
        }
        let status = rejection.status();
        let document = serde_json::json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or_default(),
            "status": status.as_u16(),
            "code": rejection.code(),
            "detail": rejection.to_string(),
        });
        let mut response = respond(rejection, dialect, Bytes::from(document.to_string()).into());
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}

/// Builds a refusal around `body`: the status, or gRPC trailers, and the headers that every refusal
/// has.
pub fn respond<B>(rejection: &Rejection, dialect: Dialect, body: B) -> Response<B> {
    let mut response = Response::new(body);
    if let Some(content_type) = dialect.content_type() {
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, content_type);
        headers.insert(GRPC_STATUS, HeaderValue::from(u16::from(rejection.grpc_code())));
        // The texts are constant, printable ASCII without `%`, so they need no encoding.
        if let Ok(message) = HeaderValue::from_str(&rejection.to_string()) {
            headers.insert(GRPC_MESSAGE, message);
        }
    } else {
        *response.status_mut() = rejection.status();
        if let Some(seconds) = rejection.retry_after() {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
    }
    caching::no_store(response.headers_mut());
    response
}

/// Writes a refusal of `request`: calls [`write()`] with the [`Refuse`] value
/// [for that request](Refuse::for_request).
pub fn write_for<B, ReqBody>(
    refuse: &impl Refuse<B>,
    rejection: Rejection,
    dialect: Dialect,
    request: &Request<ReqBody>,
) -> Response<B> {
    let own = refuse.for_request(request.method(), request.uri(), request.headers());
    write(own.as_ref().unwrap_or(refuse), rejection, dialect)
}

/// Writes a refusal and puts its reason into the response's extensions.
///
/// All refusals of all layers pass through this function. A custom [`Refuse`] type cannot turn a
/// refusal into a success. An HTTP response below 300 gets the rejection's status. A gRPC response
/// that is not gRPC, or reports OK, gets the rejection's head. The function adds the headers that
/// every refusal has ([`respond`]) if they are missing.
pub fn write<B>(refuse: &impl Refuse<B>, rejection: Rejection, dialect: Dialect) -> Response<B> {
    let mut response = refuse.refuse(&rejection, dialect);
    let spoiled = !is_refusal(&response, dialect);
    if dialect == Dialect::Http {
        complete_http(&rejection, spoiled, &mut response);
    } else {
        complete_grpc(&rejection, dialect, spoiled, &mut response);
    }
    caching::enforce(response.headers_mut());
    response.extensions_mut().insert(rejection);
    response
}

/// Adds what every HTTP refusal has. Most refusals have it already, so nothing is built for them.
fn complete_http<B>(rejection: &Rejection, spoiled: bool, response: &mut Response<B>) {
    if spoiled {
        *response.status_mut() = rejection.status();
    }
    let headers = response.headers_mut();
    if let Some(seconds) = rejection.retry_after().filter(|_| !headers.contains_key(RETRY_AFTER)) {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// Adds the head that every gRPC refusal has. It replaces that of a response that is no refusal.
fn complete_grpc<B>(
    rejection: &Rejection,
    dialect: Dialect,
    spoiled: bool,
    response: &mut Response<B>,
) {
    let (head, ()) = respond(rejection, dialect, ()).into_parts();
    if spoiled {
        *response.status_mut() = head.status;
    }
    for (name, value) in &head.headers {
        if spoiled || !response.headers().contains_key(name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
}

fn is_refusal<B>(response: &Response<B>, dialect: Dialect) -> bool {
    if dialect == Dialect::Http {
        return response.status() >= StatusCode::MULTIPLE_CHOICES;
    }
    let code = response.headers().get(GRPC_STATUS).map(HeaderValue::as_bytes);
    response.status() == StatusCode::OK && code.is_some_and(|code| code != b"0")
}
