//! The services around which the layers can stand.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tonic::Code;
use tonic::service::{LayerExt as _, Routes};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tower::ServiceBuilder;
use tower::buffer::BufferLayer;
use tower::limit::ConcurrencyLimitLayer;
use tower_auth::{CookieLayer, Identity, RequireLayer};

use crate::codes::{outcome, refused};
use crate::fixture::{Fixture, bearing, client, listen, log_in, request, text};
use crate::proto::echo_server::EchoServer;

fn echo(fixture: &Fixture) -> EchoServer<crate::echo::EchoService> {
    EchoServer::new(fixture.echo.clone())
}

/// Asserts that the service admits alice and no one without a credential.
async fn is_guarded(fixture: &Fixture, address: SocketAddr) {
    let alice = outcome(address, bearing(text("who"), &fixture.token("alice"))).await;
    assert_eq!(alice.unwrap(), "alice via bearer");
    let anonymous = outcome(address, tonic::Request::new(text("who"))).await;
    assert_eq!(anonymous, refused(Code::Unauthenticated, &tower_auth::Rejection::Anonymous));
}

#[tokio::test]
async fn a_single_service_keeps_its_name_and_has_layers_of_its_own() {
    let fixture = Fixture::new();
    let stack = ServiceBuilder::new()
        .layer(CookieLayer::new())
        .layer(fixture.session())
        .layer(fixture.bearer())
        .layer(RequireLayer::new());
    let service = stack.named_layer(echo(&fixture));
    let (listener, address) = listen().await;
    let router = Server::builder().add_service(service);
    tokio::spawn(router.serve_with_incoming(TcpIncoming::from(listener)));
    is_guarded(&fixture, address).await;
    // A path without a service is not guarded, but not found.
    let mut grpc = tonic::client::Grpc::new(
        tonic::transport::Channel::from_shared(format!("http://{address}"))
            .unwrap()
            .connect()
            .await
            .unwrap(),
    );
    grpc.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<crate::proto::Text, crate::proto::Text>::default();
    let path = http::uri::PathAndQuery::from_static("/test.v1.Other/Unary");
    let status = grpc.unary(request(text("who"), &[]), path, codec).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
}

/// An axum router that answers both, behind all six layers. It needs no mapping of bodies: axum's
/// body can be created from bytes.
fn router(fixture: &Fixture) -> Router {
    let me = async |identity: Identity| identity.subject().to_owned();
    Routes::new(echo(fixture))
        .into_axum_router()
        .route("/me", axum::routing::get(me))
        .layer(RequireLayer::new())
        .layer(fixture.bearer())
        .layer(fixture.session())
        .layer(fixture.refresh())
        .layer(fixture.csrf())
        .layer(CookieLayer::new())
}

/// Sends a request of a program that uses HTTP/2 without gRPC.
async fn http(address: SocketAddr, request: http::request::Builder) -> (StatusCode, String) {
    let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let executor = TokioExecutor::new();
    let handshake = hyper::client::conn::http2::handshake(executor, stream).await;
    let (mut send, connection) = handshake.unwrap();
    tokio::spawn(connection);
    let request = request.body(Full::<Bytes>::default()).unwrap();
    let response = send.send_request(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn one_port_serves_axum_and_tonic_behind_one_stack() {
    let fixture = Fixture::new();
    let (by_axum, at_axum) = listen().await;
    let app = router(&fixture);
    tokio::spawn(async move { axum::serve(by_axum, app).await.unwrap() });
    let (by_tonic, at_tonic) = listen().await;
    let routes = Server::builder().add_routes(Routes::from(router(&fixture)));
    tokio::spawn(routes.serve_with_incoming(TcpIncoming::from(by_tonic)));
    for address in [at_axum, at_tonic] {
        is_guarded(&fixture, address).await;
        let url = |path: &str| format!("http://{address}{path}");
        let bearer = format!("Bearer {}", fixture.token("alice"));
        let alice = Request::get(url("/me")).header("authorization", bearer);
        assert_eq!(http(address, alice).await, (StatusCode::OK, "alice".into()));
        assert_eq!(http(address, Request::get(url("/me"))).await.0, StatusCode::UNAUTHORIZED);
        // The refresh endpoints exist beside both kinds of service.
        let (status, body) = http(address, Request::post(url("/auth/refresh"))).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(body.contains("\"error\":\"invalid_"), "{body}");
    }
}

#[tokio::test]
async fn gr_06_the_refresh_endpoint_of_a_grpc_server_speaks_oauth() {
    let fixture = Fixture::new();
    let address = fixture.guarded().await;
    let request = Request::post(format!("http://{address}/auth/refresh"));
    let (status, body) = http(address, request).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body.contains("\"error\":\"invalid_"), "{body}");
}

#[tokio::test]
async fn d09_what_limits_inside_of_the_layers_limits_and_panics_no_one() {
    let fixture = Fixture::new();
    let counted = Arc::<AtomicUsize>::default();
    let count = counted.clone();
    let seen = tower::util::MapRequestLayer::new(move |request: Request<tonic::body::Body>| {
        count.fetch_add(1, Ordering::Relaxed);
        request
    });
    let stack = ServiceBuilder::new()
        .layer(CookieLayer::new())
        .layer(fixture.csrf())
        .layer(fixture.session())
        .layer(fixture.bearer())
        .layer(RequireLayer::new())
        .layer(BufferLayer::<Request<tonic::body::Body>>::new(1))
        .layer(ConcurrencyLimitLayer::new(1))
        .layer(seen);
    let address = fixture.serve(stack).await;
    let token = fixture.token("alice");
    let cookie = log_in(fixture.public().await, "alice").await;
    // The store wait lies between the call and the use of the reserved place.
    fixture.store.pending_once();
    let callers = (0..24).map(|n| {
        let call = match n % 3 {
            0 => bearing(text("who"), &token),
            1 => request(text("who"), &[("cookie", cookie.clone())]),
            _ => tonic::Request::new(text("who")),
        };
        tokio::spawn(outcome(address, call))
    });
    for (n, caller) in callers.collect::<Vec<_>>().into_iter().enumerate() {
        let answer = caller.await.unwrap();
        match n % 3 {
            0 => assert_eq!(answer.unwrap(), "alice via bearer"),
            1 => assert_eq!(answer.unwrap(), "alice via session"),
            _ => assert_eq!(answer.unwrap_err().0, Code::Unauthenticated),
        }
    }
    assert_eq!(counted.load(Ordering::Relaxed), 16, "refused calls took a place");
    // Repeats this over one connection, whose streams share one service.
    let caller = client(address).await;
    let callers = (0..8).map(|_| {
        let (mut caller, call) = (caller.clone(), bearing(text("who"), &token));
        tokio::spawn(async move { caller.unary(call).await })
    });
    for caller in callers.collect::<Vec<_>>() {
        assert_eq!(caller.await.unwrap().unwrap().get_ref().text, "alice via bearer");
    }
}
