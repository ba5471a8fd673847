//! A WebSocket through the whole stack: the handshake, and the identity after it.

use std::net::SocketAddr;

use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::any;
use bytes::Bytes;
use h2::ext::Protocol;
use h2::{RecvStream, SendStream};
use http::{Method, Request, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tower_auth::session::SessionError;
use tower_auth::{CookieLayer, CsrfLayer, Identity, Session};

use crate::fixture::Fixture;
use crate::routes::{behind, routes};
use crate::wire::serve;

/// Sends the identity, and whether the session can still be written. Then echoes everything.
async fn echo(who: Identity, session: Session, upgrade: WebSocketUpgrade) -> Response {
    session.update("count", |count: Option<u32>| count.unwrap_or(0) + 1).unwrap();
    upgrade.on_upgrade(async move |mut socket| {
        let late = session.insert("late", &1);
        let late = matches!(late, Err(SessionError::ResponseSent));
        let greeting = format!("{} {late}", who.subject());
        socket.send(Message::text(greeting)).await.unwrap();
        while let Some(Ok(Message::Text(text))) = socket.recv().await {
            socket.send(Message::Text(text)).await.unwrap();
        }
    })
}

/// Sends the handshake of RFC 6455, and returns the response's head.
async fn shake(address: SocketAddr, lines: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /ws HTTP/1.1\r\nhost: {address}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{lines}\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    (stream, String::from_utf8(head).unwrap())
}

/// Reads one short text frame of the server.
async fn hear(stream: &mut TcpStream) -> String {
    assert_eq!(stream.read_u8().await.unwrap(), 0x81, "not a complete text frame");
    let mut text = vec![0; stream.read_u8().await.unwrap().into()];
    stream.read_exact(&mut text).await.unwrap();
    String::from_utf8(text).unwrap()
}

/// Writes one short text frame of the client, masked by zeros.
async fn say(stream: &mut TcpStream, text: &str) {
    let length = u8::try_from(text.len()).unwrap();
    let frame = [&[0x81, 0x80 | length, 0, 0, 0, 0], text.as_bytes()].concat();
    stream.write_all(&frame).await.unwrap();
}

#[tokio::test]
async fn the_handshake_is_judged_and_the_identity_stays() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    let app = behind(&fixture, routes().route("/ws", any(echo)));
    let address = serve(app).await;
    let own = format!("cookie: {cookie}\r\norigin: http://{address}\r\n");

    // Pages of other sites open it with alice's cookies.
    for evil in [
        "origin: https://evil.example\r\n",
        "origin: null\r\n",
        "sec-fetch-site: cross-site\r\n",
        "",
    ] {
        fixture.store.reset_steps();
        let (_, head) = shake(address, &format!("cookie: {cookie}\r\n{evil}")).await;
        assert!(head.starts_with("HTTP/1.1 403 "), "{evil}: {head}");
        assert_eq!(fixture.store.steps().total(), 0, "refused before any I/O");
    }
    assert_eq!(fixture.look(&cookie).await, "alice 0");

    let (mut stream, head) = shake(address, &own).await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    // The answer of RFC 6455, 1.3, to this key.
    assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
    assert_eq!(hear(&mut stream).await, "alice true");
    say(&mut stream, "hello").await;
    assert_eq!(hear(&mut stream).await, "hello");
    // A change before the answer to the handshake is saved.
    assert_eq!(fixture.look(&cookie).await, "alice 1");

    // A program sends a token, and needs no origin.
    let robot = format!("authorization: {}\r\n", fixture.token("robot"));
    let (mut stream, head) = shake(address, &robot).await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    assert_eq!(hear(&mut stream).await, "robot true");

    // An anonymous client learns which credential is missing.
    let (_, head) = shake(address, &format!("origin: http://{address}\r\n")).await;
    assert!(head.starts_with("HTTP/1.1 401 ") && head.contains("www-authenticate: "), "{head}");
}

/// Sends the handshake of RFC 8441: a `CONNECT` with a protocol, which browsers use for a WebSocket
/// over HTTP/2.
async fn connect(
    address: SocketAddr,
    lines: &[(&str, &str)],
) -> (StatusCode, SendStream<Bytes>, RecvStream) {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let mut request = Request::builder()
        .method(Method::CONNECT)
        .uri(format!("http://{address}/ws"))
        .extension(Protocol::from_static("websocket"))
        .header("sec-websocket-version", "13");
    for (name, value) in lines {
        request = request.header(*name, *value);
    }
    let (response, send) = client.send_request(request.body(()).unwrap(), false).unwrap();
    let (head, body) = response.await.unwrap().into_parts();
    (head.status, send, body)
}

async fn hear_over_h2(body: &mut RecvStream, length: usize) -> Vec<u8> {
    let mut heard = Vec::new();
    while heard.len() < length {
        heard.extend_from_slice(&body.data().await.unwrap().unwrap());
    }
    heard
}

#[tokio::test]
async fn se_24_over_http_2_the_same_is_judged_alike() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    let address = serve(behind(&fixture, routes().route("/ws", any(echo)))).await;
    let (known, own) = (("cookie", &*cookie), format!("http://{address}"));
    for evil in [
        &[("origin", "https://evil.example")][..],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site")],
        // Browsers send no preflight before they open a WebSocket, whatever its method.
        &[],
    ] {
        let (status, ..) = connect(address, &[&[known], evil].concat()).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{evil:?}");
    }
    assert_eq!(fixture.look(&cookie).await, "alice 0");
    let (status, mut send, mut body) = connect(address, &[known, ("origin", &own)]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(hear_over_h2(&mut body, 12).await, b"\x81\x0aalice true");
    send.send_data(Bytes::from_static(b"\x81\x82\0\0\0\0hi"), false).unwrap();
    assert_eq!(hear_over_h2(&mut body, 4).await, b"\x81\x02hi");
    assert_eq!(fixture.look(&cookie).await, "alice 1");
}

#[tokio::test]
async fn se_24_no_token_is_asked_of_a_handshake_in_either_version() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    let csrf = CsrfLayer::builder(&fixture.keys).require_token().build().unwrap();
    let layers = (CookieLayer::new(), csrf, fixture.session(), fixture.bearer());
    let address = serve(routes().route("/ws", any(echo)).layer(layers)).await;
    let own = format!("http://{address}");
    let lines = format!("cookie: {cookie}\r\norigin: {own}\r\n");
    let (_, head) = shake(address, &lines).await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    let (status, ..) = connect(address, &[("cookie", &cookie), ("origin", &own)]).await;
    assert_eq!(status, StatusCode::OK);
}
