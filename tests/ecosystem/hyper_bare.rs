//! hyper alone: `service_fn`, `Incoming`, HTTP/1 and HTTP/2.

use std::convert::Infallible;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tower::service_fn;
use tower_auth::{Identity, Rejection, RequireLayer, Session};
use tower_layer::Layer as _;

use crate::fixture::Fixture;
use crate::wire::{BOTH, Connection, serve};

type Answer = Response<Full<Bytes>>;

fn text(text: impl Into<Bytes>) -> Answer {
    Response::new(Full::new(text.into()))
}

/// Answers with the caller and its authentication. `/login` and `/echo` read the body directly from
/// the connection.
pub(crate) async fn handle(request: Request<Incoming>) -> Result<Answer, Infallible> {
    let (head, body) = request.into_parts();
    let session = Session::of(&head.extensions).unwrap();
    let done = match head.uri.path() {
        "/login" => {
            let who = body.collect().await.unwrap().to_bytes();
            let who = String::from_utf8(who.to_vec()).unwrap();
            session.login(Identity::local(who).build())
        }
        "/logout" => session.logout().await,
        "/count" => session.update("count", |count: Option<u32>| count.unwrap_or(0) + 1),
        "/echo" => return Ok(text(body.collect().await.unwrap().to_bytes())),
        _ => Ok(()),
    };
    if let Err(error) = done {
        let mut answer = text("");
        *answer.status_mut() = Rejection::from(error).status();
        return Ok(answer);
    }
    let who = head.extensions.get::<Identity>();
    Ok(text(who.map_or("anonymous".to_owned(), |it| {
        format!("{} via {}", it.subject(), it.method().as_str())
    })))
}

#[tokio::test]
async fn the_whole_stack_around_a_function() {
    for version in BOTH {
        let fixture = Fixture::new();
        let address = serve(fixture.whole().layer(service_fn(handle))).await;
        let mut alice = Connection::open(address, version).await;

        assert_eq!(alice.get("/", &[]).await.text, "anonymous", "{version:?}");
        assert_eq!(fixture.store.steps().total(), 0);
        let login = alice.post("/login", &[], "alice").await;
        let cookie = login.cookie().unwrap();
        assert_eq!(login.headers[CACHE_CONTROL], "no-store");
        assert_eq!(fixture.look(&cookie).await, "alice 0");
        assert_eq!(alice.get("/", &[("cookie", &cookie)]).await.text, "alice via session");

        // The layers pass a body through unchanged, however large it is.
        let large = "0123456789abcdef".repeat(20_000);
        assert_eq!(alice.post("/echo", &[("cookie", &cookie)], &large).await.text, large);

        // A form of another site is refused before any store command.
        fixture.store.reset_steps();
        let forged = [("cookie", &*cookie), ("origin", "https://evil.example")];
        let refused = alice.send("POST", "/count", &forged, "").await;
        assert_eq!((refused.status, &*refused.text), (StatusCode::FORBIDDEN, ""));
        assert_eq!(fixture.store.steps().total(), 0);
        assert_eq!(fixture.look(&cookie).await, "alice 0");
        assert_eq!(alice.post("/count", &[("cookie", &cookie)], "").await.status, StatusCode::OK);
        assert_eq!(fixture.look(&cookie).await, "alice 1");

        let token = fixture.token("robot");
        let robot = alice.get("/", &[("authorization", &token)]).await;
        assert_eq!(robot.text, "robot via bearer");
        let garbage = alice.get("/", &[("authorization", "Bearer x")]).await;
        assert_eq!(garbage.status, StatusCode::UNAUTHORIZED);
        assert_eq!(garbage.headers.get_all(WWW_AUTHENTICATE).iter().count(), 2);

        assert_eq!(alice.post("/logout", &[("cookie", &cookie)], "").await.status, StatusCode::OK);
        assert_eq!(fixture.look(&cookie).await, "anonymous 0");
        assert_eq!(alice.get("/", &[("cookie", &cookie)]).await.text, "anonymous");
    }
}

#[tokio::test]
async fn d22_xx_01_a_missing_prerequisite_is_never_a_success() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    // A guard without other layers, and a guard outside of the layer that it needs.
    let alone = serve(RequireLayer::new().layer(service_fn(handle))).await;
    let outside = serve((RequireLayer::new(), fixture.whole()).layer(service_fn(handle))).await;
    let twice = serve((fixture.session(), fixture.session()).layer(service_fn(handle))).await;
    for address in [alone, outside, twice] {
        for version in BOTH {
            let mut client = Connection::open(address, version).await;
            for lines in [&[][..], &[("cookie", &*cookie)]] {
                fixture.store.reset_steps();
                let reply = client.post("/count", lines, "").await;
                assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
                // Only the log contains the reason.
                assert_eq!((&*reply.text, reply.cookie()), ("", None));
                assert_eq!(fixture.store.steps().save + fixture.store.steps().create, 0);
                // A gRPC client does not see a success either.
                let grpc = [lines, &[("content-type", "application/grpc")]].concat();
                let reply = client.post("/count", &grpc, "").await;
                assert_eq!(reply.header("grpc-status"), Some("13"));
            }
        }
    }
    assert_eq!(fixture.look(&cookie).await, "alice 0");
}

#[tokio::test]
async fn a_refusal_does_not_wait_for_the_body() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    let address = serve(fixture.whole().layer(service_fn(handle))).await;
    // The head announces a body that never arrives.
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /login HTTP/1.1\r\nhost: {address}\r\ncontent-length: 1000000\r\n\
         cookie: {cookie}\r\norigin: https://evil.example\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 403");

    let stream = TcpStream::connect(address).await.unwrap();
    let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let request = Request::post(format!("http://{address}/login"))
        .header("cookie", &cookie)
        .header("origin", "https://evil.example");
    let (response, _open) = client.send_request(request.body(()).unwrap(), false).unwrap();
    assert_eq!(response.await.unwrap().status(), StatusCode::FORBIDDEN);
    assert_eq!(fixture.look(&cookie).await, "alice 0");
}
