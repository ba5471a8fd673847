//! Pages in browsers: gRPC-Web, as bytes and as text, over HTTP/1.1.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST};
use http::{HeaderMap, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tonic::body::Body;
use tonic_web::GrpcWebLayer;
use tower::ServiceBuilder;
use tower::util::MapResponseLayer;
use tower_auth::{CookieLayer, RequireLayer};

use crate::fixture::{Fixture, cookie_of, text};
use crate::raw::{framed, texts};

/// The content types of requests, and that of a refusal of each.
const FLAVOURS: [(&str, &str); 4] = [
    ("application/grpc-web", "application/grpc-web"),
    ("application/grpc-web+proto", "application/grpc-web"),
    ("application/grpc-web-text", "application/grpc-web-text"),
    ("application/grpc-web-text+proto", "application/grpc-web-text"),
];

struct Answer {
    head: Response<()>,
    body: Bytes,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.headers().get(name).map(|value| value.to_str().unwrap())
    }

    /// Returns the messages, and the trailers from the body's last frame.
    fn read(&self) -> (Vec<String>, String) {
        let is_text = self.header("content-type").unwrap().starts_with("application/grpc-web-text");
        let bytes = if is_text { decode(&self.body) } else { self.body.to_vec() };
        let mut at = 0;
        while bytes[at] & 0x80 == 0 {
            let length: [u8; 4] = bytes[at + 1..at + 5].try_into().unwrap();
            at += 5 + u32::from_be_bytes(length) as usize;
        }
        let trailers = String::from_utf8(bytes[at + 5..].to_vec()).unwrap();
        (texts(&bytes[..at]), trailers)
    }
}

/// Decodes base64. Each chunk was encoded separately, so there may be padding in the middle.
fn decode(encoded: &[u8]) -> Vec<u8> {
    let groups = encoded.chunks(4).map(|group| BASE64_STANDARD.decode(group).unwrap());
    groups.collect::<Vec<_>>().concat()
}

/// Sends a request as a page of this origin does, over HTTP/1.1.
async fn post(
    address: SocketAddr,
    method: &str,
    flavour: &str,
    asked: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (mut send, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let message = framed(&text(asked));
    let is_text = flavour.starts_with("application/grpc-web-text");
    let body = if is_text { BASE64_STANDARD.encode(&message).into() } else { message };
    let mut request = Request::post(format!("/test.v1.Echo/{method}"))
        .header(HOST, address.to_string())
        .header(CONTENT_TYPE, flavour)
        .header("accept", flavour)
        .header("x-grpc-web", "1");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(body)).unwrap();
    let (parts, body) = send.send_request(request).await.unwrap().into_parts();
    assert_eq!(parts.version, Version::HTTP_11);
    let body = body.collect().await.unwrap().to_bytes();
    Answer { head: Response::from_parts(parts, ()), body }
}

/// Serves with the layers outside of the translation, where they belong: they see the browser's
/// request.
async fn outside(fixture: &Fixture, guard: Option<RequireLayer>) -> SocketAddr {
    let stack = ServiceBuilder::new()
        .layer(CookieLayer::new())
        .layer(fixture.csrf())
        .layer(fixture.refresh())
        .layer(fixture.session())
        .layer(fixture.bearer())
        .option_layer(guard)
        .layer(MapResponseLayer::new(|it: Response<Body>| it.map(axum::body::Body::new)))
        .layer(GrpcWebLayer::new());
    fixture.serve(stack).await
}

fn is_refusal(answer: &Answer, flavour: &str, code: &str) {
    assert_eq!(answer.head.status(), StatusCode::OK);
    assert_eq!(answer.header("content-type"), Some(flavour));
    assert_eq!(answer.header("grpc-status"), Some(code));
    assert_eq!(answer.header("content-length"), Some("0"));
    assert!(answer.body.is_empty());
}

#[tokio::test]
async fn gr_05_a_refusal_speaks_the_flavour_of_the_request() {
    let address = outside(&Fixture::new(), Some(RequireLayer::new())).await;
    for (asked, answered) in FLAVOURS {
        let anonymous = post(address, "Unary", asked, "who", &[]).await;
        is_refusal(&anonymous, answered, "16");
        let garbage = [("authorization", "Bearer garbage")];
        let garbage = post(address, "Repeat", asked, "who", &garbage).await;
        is_refusal(&garbage, answered, "16");
        assert_eq!(garbage.header("grpc-message"), Some("the token is not accepted"));
        let elsewhere = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
        is_refusal(&post(address, "Unary", asked, "who", &elsewhere).await, answered, "7");
    }
}

#[tokio::test]
async fn gr_05_a_good_token_goes_through_in_each_flavour() {
    let fixture = Fixture::new();
    let address = outside(&fixture, Some(RequireLayer::new())).await;
    let bearer = format!("Bearer {}", fixture.token("alice"));
    for (flavour, _) in FLAVOURS {
        let answer = post(address, "Repeat", flavour, "x", &[("authorization", &bearer)]).await;
        let (texts, trailers) = answer.read();
        assert_eq!(texts, ["alice via bearer", "x"], "{flavour}");
        assert!(trailers.contains("grpc-status:0"), "{trailers}");
        assert_eq!(answer.header(CONTENT_LENGTH.as_str()), None, "a stream");
    }
}

#[tokio::test]
async fn gr_05_a_session_cookie_works() {
    let fixture = Fixture::new();
    let (public, guarded) =
        (outside(&fixture, None).await, outside(&fixture, Some(RequireLayer::new())).await);
    for (flavour, plain) in FLAVOURS {
        // A browser names its origin with every POST.
        let page = |address: SocketAddr| format!("http://{address}");
        let (at_public, at_guarded) = (page(public), page(guarded));
        let own = |origin| [("origin", origin), ("sec-fetch-site", "same-origin")];
        let login = post(public, "Unary", flavour, "login alice", &own(&at_public)).await;
        assert_eq!(login.read().0, ["logged in"]);
        let cookie = cookie_of(login.head.headers());
        let headers = [&own(&at_guarded)[..], &[(COOKIE.as_str(), &cookie)]].concat();
        let answer = post(guarded, "Unary", flavour, "who", &headers).await;
        assert_eq!(answer.read().0, ["alice via session"], "{flavour}");
        // Its changes are saved, and streams have the identity too.
        let headers = [&own(&at_public)[..], &[(COOKIE.as_str(), &cookie)]].concat();
        for count in ["1", "2"] {
            let answer = post(public, "Unary", flavour, "count", &headers).await;
            assert_eq!(answer.read().0, [count], "{flavour}");
        }
        // A page of another site may make the browser attach the cookie, but the layer refuses the
        // request.
        let forged = [("origin", "https://evil.example"), (COOKIE.as_str(), &cookie)];
        is_refusal(&post(guarded, "Unary", flavour, "who", &forged).await, plain, "7");
    }
}

#[tokio::test]
async fn gr_05_the_translation_outside_of_the_layers_translates_refusals() {
    let fixture = Fixture::new();
    let stack = ServiceBuilder::new()
        .layer(GrpcWebLayer::new())
        .layer(fixture.bearer())
        .layer(RequireLayer::new());
    let address = fixture.serve(stack).await;
    for (flavour, plain) in FLAVOURS {
        let anonymous = post(address, "Unary", flavour, "who", &[]).await;
        assert_eq!(anonymous.head.status(), StatusCode::OK);
        assert_eq!(anonymous.header("grpc-status"), Some("16"));
        let answered = anonymous.header("content-type").unwrap();
        assert_eq!(answered.trim_end_matches("+proto"), plain);
        let bearer = format!("Bearer {}", fixture.token("alice"));
        let alice = post(address, "Unary", flavour, "who", &[("authorization", &bearer)]).await;
        assert_eq!(alice.read().0, ["alice via bearer"]);
    }
}

#[tokio::test]
async fn gr_06_the_content_type_alone_says_in_which_manner_to_refuse() {
    let address = outside(&Fixture::new(), Some(RequireLayer::new())).await;
    for flavour in [
        "application/grpc",
        "application/grpc+proto",
        "application/grpc;charset=utf-8",
        "APPLICATION/GRPC",
        "application/grpc+cbor",
    ] {
        let answer = post(address, "Unary", flavour, "who", &[]).await;
        is_refusal(&answer, "application/grpc", "16");
    }
    for json in ["application/grpc+json", "application/grpc-web+json"] {
        let answer = post(address, "Unary", json, "who", &[]).await;
        is_refusal(&answer, json, "16");
    }
    for other in [
        "application/json",
        "application/grpcx",
        "application/grpc-websocket",
        "text/plain; application/grpc",
        "application/x-www-form-urlencoded",
        "",
    ] {
        let answer = post(address, "Unary", other, "who", &[]).await;
        let challenges = |headers: &HeaderMap| headers.get_all("www-authenticate").iter().count();
        assert_eq!(answer.head.status(), StatusCode::UNAUTHORIZED, "{other}");
        assert_eq!(challenges(answer.head.headers()), 2, "{other}");
        assert_eq!(answer.header("grpc-status"), None, "{other}");
    }
}
