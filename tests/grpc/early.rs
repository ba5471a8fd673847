//! A refusal does not wait for the rest of the client's stream.

use std::future::poll_fn;

use h2::Reason;
use tonic::Code;

use crate::fixture::{Fixture, client, request, text};
use crate::raw::{Answer, Connection, call, framed};

#[tokio::test]
async fn gr_08_the_answer_comes_while_the_request_is_open() {
    let address = Fixture::new().guarded().await;
    let connection = Connection::to(address).await;
    for method in ["Collect", "Chat"] {
        let (response, mut body) = connection.open(call(address, method).body(()).unwrap()).await;
        // One message was sent and the stream is open: no one will ever end it.
        body.send_data(framed(&text("who")), false).unwrap();
        let answer = Answer::read(response.await.unwrap()).await;
        assert_eq!(answer.header("grpc-status"), Some("16"), "{method}");
        assert!(answer.data.is_empty() && answer.trailers.is_none());
        // The server asks the client to stop sending, without an error (RFC 9113, 8.1).
        let reset = poll_fn(|task| body.poll_reset(task)).await.unwrap();
        assert_eq!(reset, Reason::NO_ERROR, "{method}");
    }
}

#[tokio::test]
async fn gr_08_a_head_without_a_message_is_answered_too() {
    let address = Fixture::new().guarded().await;
    let connection = Connection::to(address).await;
    let (response, body) = connection.open(call(address, "Chat").body(()).unwrap()).await;
    let answer = Answer::read(response.await.unwrap()).await;
    assert_eq!(answer.header("grpc-status"), Some("16"));
    drop(body);
}

#[tokio::test]
async fn gr_08_a_client_in_the_middle_of_its_stream_sees_the_status() {
    let address = Fixture::new().guarded().await;
    let mut client = client(address).await;
    let endless =
        || tokio_stream::StreamExt::chain(tokio_stream::once(text("who")), tokio_stream::pending());
    let status = client.chat(endless()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    let garbage = [("authorization", "Bearer garbage".to_owned())];
    let status = client.collect(request(endless(), &garbage)).await.unwrap_err();
    assert_eq!(status.message(), "the token is not accepted");
    // The connection survives the refusals.
    assert_eq!(client.unary(text("who")).await.unwrap_err().code(), Code::Unauthenticated);
}

#[tokio::test]
async fn gr_08_a_client_that_never_stops_talking_hears_the_answer() {
    let address = Fixture::new().guarded().await;
    let long = "x".repeat(10_000);
    // Longer than any window: a server that waited for its end, or read it, would never answer.
    let endless = || {
        let long = long.clone();
        tokio_stream::iter(std::iter::repeat_with(move || text(&long)))
    };
    let mut client = client(address).await;
    for _ in 0..3 {
        let status = client.chat(endless()).await.unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated, "{status:?}");
        let status = client.collect(endless()).await.unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated, "{status:?}");
    }
}
