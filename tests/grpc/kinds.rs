//! Each kind of method through the whole stack.

use tokio_stream::StreamExt as _;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Code, Status};
use tower::ServiceBuilder;
use tower_auth::Identity;

use crate::codes::outcome;
use crate::fixture::{Fixture, bearing, client, listen, log_in, request, text};
use crate::proto::echo_server::EchoServer;

#[tokio::test]
async fn a_call_of_each_kind_knows_who_is_calling() {
    let fixture = Fixture::new();
    let mut client = client(fixture.guarded().await).await;
    let token = fixture.token("alice");

    let answer = client.unary(bearing(text("who"), &token)).await.unwrap();
    assert_eq!(answer.get_ref().text, "alice via bearer");

    let messages = tokio_stream::iter([text("who"), text("else")]);
    let answer = client.collect(bearing(messages, &token)).await.unwrap();
    assert_eq!(answer.get_ref().text, "alice via bearer");

    let answer = client.repeat(bearing(text("x"), &token)).await.unwrap();
    let texts: Vec<_> = answer.into_inner().map(|it| it.unwrap().text).collect().await;
    assert_eq!(texts, ["alice via bearer", "x"]);

    let messages = tokio_stream::iter([text("a"), text("who")]);
    let answer = client.chat(bearing(messages, &token)).await.unwrap();
    let texts: Vec<_> = answer.into_inner().map(|it| it.unwrap().text).collect().await;
    assert_eq!(texts, ["a", "alice via bearer"]);
}

#[tokio::test]
async fn a_stream_knows_its_session_and_is_told_that_it_is_too_late_to_change_it() {
    let fixture = Fixture::new();
    let address = fixture.public().await;
    let metadata = [("cookie", log_in(address, "alice").await)];
    let messages = tokio_stream::iter(["who", "count", "who"].map(text));
    let answer = client(address).await.chat(request(messages, &metadata)).await.unwrap();
    let mut answers = answer.into_inner();
    // Messages flow after the response's head, and the session was saved by then.
    assert_eq!(answers.message().await.unwrap().unwrap().text, "alice via session");
    let late = answers.message().await.unwrap_err();
    assert_eq!(late.code(), Code::Internal, "{late:?}");
    let count = outcome(address, request(text("count"), &metadata)).await;
    assert_eq!(count.unwrap(), "1", "a late change was saved in part");
}

#[tokio::test]
async fn an_interceptor_of_tonics_sees_who_is_calling() {
    let fixture = Fixture::new();
    let only_alice = |call: tonic::Request<()>| {
        let identity = call.extensions().get::<Identity>();
        let is_alice = identity.is_some_and(|identity| identity.subject() == "alice");
        if is_alice { Ok(call) } else { Err(Status::permission_denied("alice only")) }
    };
    let service = EchoServer::with_interceptor(fixture.echo.clone(), only_alice);
    let (listener, address) = listen().await;
    let stack = ServiceBuilder::new().layer(fixture.session()).layer(fixture.bearer());
    let server = Server::builder().layer(stack.into_inner()).add_service(service);
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    let ask = async |who: &str| outcome(address, bearing(text("who"), &fixture.token(who))).await;
    assert_eq!(ask("alice").await.unwrap(), "alice via bearer");
    assert_eq!(ask("root").await, Err((Code::PermissionDenied, "alice only".into())));
}
