//! The code and the message that a gRPC client receives for each refusal.

use std::net::SocketAddr;

use tokio_stream::wrappers::ReceiverStream;
use tonic::Code;
use tower::ServiceBuilder;
use tower_auth::{Identity, Rejection, RequireLayer};
use tower_auth_core::store::EndReason;

use crate::fixture::{Fixture, bearing, client, log_in, request, session_cookie, text};
use crate::proto::Text;

/// Calls the service, and returns the answer as a gRPC client sees it.
pub(crate) async fn outcome(
    address: SocketAddr,
    call: tonic::Request<Text>,
) -> Result<String, (Code, String)> {
    match client(address).await.unary(call).await {
        Ok(answer) => Ok(answer.into_inner().text),
        Err(status) => Err((status.code(), status.message().to_owned())),
    }
}

pub(crate) fn refused(code: Code, rejection: &Rejection) -> Result<String, (Code, String)> {
    assert_eq!(code, Code::from_i32(rejection.grpc_code().into()));
    Err((code, rejection.to_string()))
}

#[tokio::test]
async fn gr_02_who_is_not_known_is_16_and_who_may_not_is_7() {
    let fixture = Fixture::new();
    let scope = Rejection::Scope { scope: "echo:write".into() };
    let role = Rejection::Role { role: "admin".into() };
    let guards = [
        (RequireLayer::builder().scope("echo:write"), scope),
        (RequireLayer::builder().role("admin"), role),
    ];
    let token = fixture.token("alice");
    for (guard, lacks) in guards {
        let address = fixture.guarded_by(guard.build().unwrap()).await;
        // Code 7 must not be used if the caller cannot be identified.
        let anonymous = outcome(address, tonic::Request::new(text("who"))).await;
        assert_eq!(anonymous, refused(Code::Unauthenticated, &Rejection::Anonymous));
        let garbage = outcome(address, bearing(text("who"), "garbage")).await;
        assert_eq!(garbage, refused(Code::Unauthenticated, &Rejection::InvalidToken));
        let alice = outcome(address, bearing(text("who"), &token)).await;
        assert_eq!(alice, refused(Code::PermissionDenied, &lacks));
        let may = Identity::local("root").scope("echo:write").role("admin").build();
        let root = outcome(address, bearing(text("who"), &fixture.token_of(&may))).await;
        assert_eq!(root.unwrap(), "root via bearer");
    }
}

#[tokio::test]
async fn gr_02_a_store_that_does_not_answer_is_14_for_those_who_need_it() {
    let fixture = Fixture::new();
    let (guarded, public) = (fixture.guarded().await, fixture.public().await);
    let cookie = log_in(public, "alice").await;
    let with_cookie = || request(text("who"), &[("cookie", cookie.clone())]);
    assert_eq!(outcome(guarded, with_cookie()).await.unwrap(), "alice via session");
    fixture.store.down();
    let unknown = outcome(guarded, with_cookie()).await;
    assert_eq!(unknown, refused(Code::Unavailable, &Rejection::Unavailable));
    assert_eq!(outcome(public, with_cookie()).await.unwrap(), "anonymous");
    let token = fixture.token("alice");
    let by_token = outcome(guarded, bearing(text("who"), &token)).await;
    assert_eq!(by_token.unwrap(), "alice via bearer");
    // A login that cannot be saved must not be reported as done.
    let login = outcome(public, tonic::Request::new(text("login alice"))).await;
    assert_eq!(login, refused(Code::Unavailable, &Rejection::Unavailable));
    fixture.store.up();
    assert_eq!(outcome(guarded, with_cookie()).await.unwrap(), "alice via session");
}

#[tokio::test]
async fn gr_04_a_session_that_was_renewed_during_the_call_is_10() {
    let fixture = Fixture::new();
    let address = fixture.public().await;
    let cookie = log_in(address, "alice").await;
    let metadata = [("cookie", cookie.clone())];
    let (send, messages) = tokio::sync::mpsc::channel(2);
    let mut caller = client(address).await;
    let call = request(ReceiverStream::new(messages), &metadata);
    let collecting = tokio::spawn(async move { caller.collect(call).await });
    send.send(text("count")).await.unwrap();
    fixture.echo.entered.notified().await;
    // The session was loaded. Now a login gives it a new secret.
    let login = client(address).await.unary(request(text("login alice"), &metadata)).await;
    let renewed = session_cookie(login.unwrap().metadata());
    drop(send);
    let status = collecting.await.unwrap().unwrap_err();
    assert_eq!(
        Err((status.code(), status.message().to_owned())),
        refused(Code::Aborted, &Rejection::Rotated)
    );
    let count = outcome(address, request(text("count"), &[("cookie", renewed)])).await;
    assert_eq!(count.unwrap(), "1", "the refused call saved something");
}

#[tokio::test]
async fn gr_02_a_session_that_was_ended_during_the_call_is_16() {
    let fixture = Fixture::new();
    let address = fixture.public().await;
    let cookie = log_in(address, "alice").await;
    let metadata = [("cookie", cookie)];
    let (send, messages) = tokio::sync::mpsc::channel(2);
    let mut caller = client(address).await;
    let call = request(ReceiverStream::new(messages), &metadata);
    let collecting = tokio::spawn(async move { caller.collect(call).await });
    send.send(text("count")).await.unwrap();
    fixture.echo.entered.notified().await;
    let logout = outcome(address, request(text("logout"), &metadata)).await;
    assert_eq!(logout.unwrap(), "logout");
    drop(send);
    let status = collecting.await.unwrap().unwrap_err();
    let told = Err((status.code(), status.message().to_owned()));
    let ended = Rejection::Ended(EndReason::LoggedOut);
    assert_eq!(told, refused(Code::Unauthenticated, &ended));
    let after = outcome(address, request(text("who"), &metadata)).await;
    assert_eq!(after.unwrap(), "anonymous");
}

#[tokio::test]
async fn gr_04_d22_layers_put_together_wrongly_are_13() {
    let fixture = Fixture::new();
    let nested = ServiceBuilder::new().layer(fixture.session()).layer(fixture.session());
    for address in [fixture.serve(RequireLayer::new()).await, fixture.serve(nested).await] {
        let (code, message) = outcome(address, tonic::Request::new(text("who"))).await.unwrap_err();
        assert_eq!(code, Code::Internal);
        assert!(!message.is_empty() && !message.contains("Layer"), "told generically: {message}");
    }
}

#[tokio::test]
async fn gr_04_what_http_calls_400_is_no_internal_error() {
    let fixture = Fixture::new();
    let address = fixture.guarded().await;
    let cookie = log_in(fixture.public().await, "alice").await;
    let bearer = |token: &str| ("authorization", format!("Bearer {token}"));
    let both = [("cookie", cookie), bearer(&fixture.token("root"))];
    let two = outcome(address, request(text("who"), &both)).await;
    assert_eq!(two, refused(Code::InvalidArgument, &Rejection::Ambiguous));
    let empty = [("authorization", "Bearer".to_owned())];
    let malformed = outcome(address, request(text("who"), &empty)).await;
    assert_eq!(malformed, refused(Code::InvalidArgument, &Rejection::InvalidRequest));
}
