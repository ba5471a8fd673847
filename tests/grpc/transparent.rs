//! The layers do not change answers that pass them.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use http::HeaderMap;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};
use tower_layer::Identity as NoLayer;

use crate::fixture::{Fixture, bearing, client, text};
use crate::raw::{Answer, Connection, DATA, END_HEADERS, END_STREAM, HEADERS, call, framed, texts};

/// The only header that the layers add, except `no-store` if an identity was needed.
const OURS: &str = "vary";

const METHODS: [&str; 4] = ["Unary", "Collect", "Repeat", "Chat"];

/// Returns the headers for comparison, without the date, which always differs.
fn plain(headers: &HeaderMap) -> BTreeMap<String, Vec<Vec<u8>>> {
    let mut all = BTreeMap::<_, Vec<_>>::new();
    for (name, value) in headers {
        let is_ours = name == OURS || (name == "cache-control" && value == "no-store");
        if name != "date" && !is_ours {
            all.entry(name.to_string()).or_default().push(value.as_bytes().to_vec());
        }
    }
    all
}

/// Sends these messages, and reads the complete answer.
async fn send(address: SocketAddr, method: &str, token: &str, messages: &[&str]) -> Answer {
    let connection = Connection::to(address).await;
    let head = call(address, method).header("authorization", format!("Bearer {token}"));
    let (response, mut body) = connection.open(head.body(()).unwrap()).await;
    let bytes: Vec<_> = messages.iter().map(|message| framed(&text(message))).collect();
    body.send_data(bytes.concat().into(), true).unwrap();
    Answer::read(response.await.unwrap()).await
}

#[tokio::test]
async fn gr_11_answers_are_the_same_with_and_without_layers() {
    let fixture = Fixture::new();
    let (bare, layered) = (fixture.serve(NoLayer::new()).await, fixture.guarded().await);
    let token = fixture.token("alice");
    let long = "x".repeat(100_000);
    for method in METHODS {
        for messages in [&["a"][..], &["fail"], &["a", "b"], &[""], &[], &[&long], &["a", "fail"]] {
            let without = send(bare, method, &token, messages).await;
            let with = send(layered, method, &token, messages).await;
            let case = format!("{method} {}", messages.len());
            assert_eq!(with.head.status(), without.head.status(), "{case}");
            assert_eq!(plain(with.head.headers()), plain(without.head.headers()), "{case}");
            // `Repeat` returns the caller, which the server without layers does not know.
            if method == "Repeat" {
                assert_eq!(with.texts().get(1..), without.texts().get(1..), "{case}");
            } else {
                assert!(with.data == without.data, "{case}");
            }
            let trailers = |answer: &Answer| answer.trailers.as_ref().map(plain);
            assert_eq!(trailers(&with), trailers(&without), "{case}");
        }
    }
    // An unknown method, and an unknown service.
    let unknown = send(layered, "Nothing", &token, &["a"]).await;
    assert_eq!(unknown.header("grpc-status"), Some("12"));
}

#[tokio::test]
async fn gr_11_a_status_of_the_applications_own_arrives_whole() {
    let fixture = Fixture::new();
    let mut client = client(fixture.guarded().await).await;
    let token = fixture.token("alice");
    let whole = |status: &Status| {
        assert_eq!(status.code(), Code::FailedPrecondition);
        assert_eq!(status.message(), "50% of a café");
        assert_eq!(status.details(), b"details");
        assert_eq!(status.metadata().get("x-why").unwrap(), "because");
    };
    whole(&client.unary(bearing(text("fail"), &token)).await.unwrap_err());
    let mut stream = client.repeat(bearing(text("fail"), &token)).await.unwrap().into_inner();
    for expected in ["alice via bearer", "fail"] {
        assert_eq!(stream.message().await.unwrap().unwrap().text, expected);
    }
    whole(&stream.message().await.unwrap_err());
}

#[tokio::test]
async fn gr_11_metadata_of_the_applications_own_arrives() {
    let fixture = Fixture::new();
    let mut client = client(fixture.guarded().await).await;
    let answer = client.unary(bearing(text("a"), &fixture.token("alice"))).await.unwrap();
    assert_eq!(answer.metadata().get("x-first").unwrap(), "1");
    assert_eq!(answer.metadata().get_bin("x-first-bin").unwrap().to_bytes().unwrap()[..], [0, 255]);
}

#[tokio::test]
async fn gr_12_d42_trailers_come_after_the_data_and_end_the_stream() {
    let fixture = Fixture::new();
    let address = fixture.guarded().await;
    let connection = Connection::to(address).await;
    let token = format!("Bearer {}", fixture.token("alice"));
    for (asked, stream, status) in [("x", 1, "0"), ("fail", 3, "9")] {
        let head = call(address, "Repeat").header("authorization", &token).body(()).unwrap();
        let answer = connection.call(head, asked).await;
        assert_eq!(texts(&answer.data), ["alice via bearer", asked]);
        let trailers = answer.trailers.as_ref().unwrap();
        assert_eq!(trailers["grpc-status"], status);
        assert_eq!(trailers.contains_key("x-why"), asked == "fail");
        assert_eq!(answer.header("grpc-status"), None, "the status belongs in the trailers");

        let frames = connection.frames(stream);
        let (first, rest) = frames.split_first().unwrap();
        let (last, middle) = rest.split_last().unwrap();
        assert_eq!((first.kind, first.flags), (HEADERS, END_HEADERS), "{frames:?}");
        assert_eq!((last.kind, last.flags), (HEADERS, END_HEADERS | END_STREAM), "{frames:?}");
        assert!(!middle.is_empty());
        assert!(middle.iter().all(|it| (it.kind, it.flags) == (DATA, 0)), "{frames:?}");
    }
}

#[tokio::test]
async fn gr_12_messages_pass_while_both_sides_are_still_talking() {
    let fixture = Fixture::new();
    let mut client = client(fixture.guarded().await).await;
    let (send, messages) = tokio::sync::mpsc::channel(1);
    let messages = ReceiverStream::new(messages);
    let call = bearing(messages, &fixture.token("alice"));
    let mut answers = client.chat(call).await.unwrap().into_inner();
    // The client reads each answer before it sends the next message: no layer collects a stream.
    for asked in ["a", "b", "c"] {
        send.send(text(asked)).await.unwrap();
        assert_eq!(answers.message().await.unwrap().unwrap().text, asked);
    }
    drop(send);
    assert_eq!(answers.message().await.unwrap(), None);
    assert!(answers.trailers().await.unwrap().is_some());
}
