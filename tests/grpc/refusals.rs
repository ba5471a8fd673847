//! Refusals on the wire.

use std::net::SocketAddr;

use http::Response;
use http::header::CACHE_CONTROL;
use tonic::Code;
use tonic::body::Body;
use tower::ServiceBuilder;
use tower::util::MapResponseLayer;
use tower_auth::refuse::Problem;
use tower_auth::{Dialect, Rejection, RequireLayer};

use crate::codes::{outcome, refused};
use crate::fixture::{Fixture, text};
use crate::raw::{Answer, Connection, END_HEADERS, END_STREAM, Frame, HEADERS, RST_STREAM, call};

/// Asserts that the answer on this stream is one block of headers that ends it, and returns its
/// code.
#[track_caller]
fn is_trailers_only(connection: &Connection, stream: u32, answer: &Answer, code: &str) {
    let frames = connection.frames(stream);
    let [Frame { kind: HEADERS, flags, length, .. }, ref rest @ ..] = frames[..] else {
        panic!("{frames:?}")
    };
    assert_eq!(flags & (END_STREAM | END_HEADERS), END_STREAM | END_HEADERS, "{frames:?}");
    // At most the server's RST_STREAM follows: no data and no further headers.
    assert!(rest.iter().all(|frame| frame.kind == RST_STREAM), "{frames:?}");
    assert!(length < 512, "{length}: small in any budget");
    assert_eq!(answer.head.status(), 200);
    assert_eq!(answer.header("grpc-status"), Some(code), "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/grpc"));
    assert!(answer.data.is_empty() && answer.trailers.is_none(), "{answer:?}");
    assert_eq!(answer.header(CACHE_CONTROL.as_str()), Some("no-store"));
}

async fn garbage(address: SocketAddr, connection: &Connection) -> Answer {
    let head = call(address, "Unary").header("authorization", "Bearer garbage").body(()).unwrap();
    connection.call(head, "who").await
}

#[tokio::test]
async fn gr_01_gr_03_a_refusal_is_one_block_of_headers_that_ends_the_stream() {
    let address = Fixture::new().guarded().await;
    let connection = Connection::to(address).await;
    let anonymous = connection.call(call(address, "Unary").body(()).unwrap(), "who").await;
    is_trailers_only(&connection, 1, &anonymous, "16");
    assert_eq!(anonymous.header("grpc-message"), Some("authentication is required"));
    let garbage = garbage(address, &connection).await;
    is_trailers_only(&connection, 3, &garbage, "16");
    assert_eq!(garbage.header("grpc-message"), Some("the token is not accepted"));
    // A refusal does not break the connection: the next call on it succeeds.
    let streams = ["Collect", "Repeat", "Chat"].into_iter().zip([5, 7, 9]);
    for (method, stream) in streams {
        let answer = connection.call(call(address, method).body(()).unwrap(), "who").await;
        is_trailers_only(&connection, stream, &answer, "16");
    }
}

#[tokio::test]
async fn gr_01_no_writer_of_refusals_can_answer_in_http_or_with_success() {
    let fixture = Fixture::new();
    let http = |_: &Rejection, _: Dialect| {
        let body = axum::body::Body::from("<h1>forbidden</h1>");
        Response::builder().status(403).header("content-type", "text/html").body(body).unwrap()
    };
    let ok = |_: &Rejection, _: Dialect| {
        let mut response = Response::new(axum::body::Body::empty());
        response.headers_mut().insert("content-type", "application/grpc".parse().unwrap());
        response.headers_mut().insert("grpc-status", "0".parse().unwrap());
        response
    };
    let body = || MapResponseLayer::new(|it: Response<Body>| it.map(axum::body::Body::new));
    let stack = || ServiceBuilder::new().layer(fixture.bearer());
    let http = stack().layer(RequireLayer::builder().refuse_with(http).build().unwrap());
    let ok = stack().layer(RequireLayer::builder().refuse_with(ok).build().unwrap());
    let problem = stack().layer(RequireLayer::builder().refuse_with(Problem).build().unwrap());
    let addresses = [
        fixture.serve(http.layer(body())).await,
        fixture.serve(ok.layer(body())).await,
        fixture.serve(problem.layer(body())).await,
    ];
    for address in addresses {
        let anonymous = outcome(address, tonic::Request::new(text("who"))).await;
        assert_eq!(anonymous, refused(Code::Unauthenticated, &Rejection::Anonymous));
    }
    let connection = Connection::to(addresses[2]).await;
    let answer = connection.call(call(addresses[2], "Unary").body(()).unwrap(), "who").await;
    is_trailers_only(&connection, 1, &answer, "16");
}
