//! The part of an answer that shows whether a request passed.

use std::fmt;
use std::pin::pin;

use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::BodyExt;
use tower::{Service, ServiceExt};

use super::{Route, RouteKind};

/// An answer, as far as the check reads it.
pub(super) enum Answer {
    Http {
        status: StatusCode,
        location: Option<String>,
    },
    /// A status of gRPC; `None` if the answer begins with a message.
    Grpc(Option<u8>),
    /// The service, or the answer's body, failed.
    Error(String),
}

/// Sends a request. Reads a gRPC answer only up to the first message: a stream may have no end.
pub(super) async fn send<S, B, RB>(service: S, request: Request<B>, route: &Route) -> Answer
where
    S: Service<Request<B>, Response = Response<RB>, Error: fmt::Debug>,
    RB: Body<Error: fmt::Debug>,
{
    let response = match service.oneshot(request).await {
        Ok(response) => response,
        Err(error) => return Answer::Error(format!("the error {error:?}")),
    };
    let (head, body) = response.into_parts();
    let content_type = head.headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let is_grpc = head.status == StatusCode::OK && content_type.starts_with(b"application/grpc");
    if route.kind != RouteKind::Grpc || !is_grpc {
        let location = head.headers.get(LOCATION).and_then(|it| it.to_str().ok());
        return Answer::Http { status: head.status, location: location.map(Into::into) };
    }
    if let Some(status) = grpc_status(&head.headers) {
        return Answer::Grpc(Some(status));
    }
    let mut body = pin!(body);
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) if frame.is_data() => return Answer::Grpc(None),
            Ok(frame) => {
                if let Some(status) = frame.trailers_ref().and_then(grpc_status) {
                    return Answer::Grpc(Some(status));
                }
            }
            Err(error) => return Answer::Error(format!("the error {error:?} in the body")),
        }
    }
    Answer::Error("a body without a gRPC status".into())
}

fn grpc_status(headers: &HeaderMap) -> Option<u8> {
    headers.get("grpc-status")?.to_str().ok()?.parse().ok()
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http { status, location: Some(location) } if status.is_redirection() => {
                write!(f, "{} to {location}", status.as_u16())
            }
            Self::Http { status, .. } => write!(f, "{}", status.as_u16()),
            Self::Grpc(Some(status)) => write!(f, "gRPC status {status}"),
            Self::Grpc(None) => f.write_str("a gRPC message"),
            Self::Error(error) => f.write_str(error),
        }
    }
}
