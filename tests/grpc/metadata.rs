//! Credentials in metadata: the headers that carry them, and their size.

use std::net::SocketAddr;

use http::header::{AUTHORIZATION, COOKIE};
use tonic::Code;
use tower::ServiceBuilder;
use tower_auth::{Identity, Rejection, RequireLayer};

use crate::codes::{outcome, refused};
use crate::fixture::{Fixture, log_in, request, text};
use crate::raw::{Connection, call};

/// The size of metadata that gRPC suggests a server should accept (PROTOCOL-HTTP2,
/// "Request-Headers").
const BUDGET: usize = 8 * 1024;

async fn ask(address: SocketAddr, lines: &[String]) -> Result<String, (Code, String)> {
    let metadata: Vec<_> = lines.iter().map(|line| ("authorization", line.clone())).collect();
    outcome(address, request(text("who"), &metadata)).await
}

#[tokio::test]
async fn gr_07_a_token_is_read_from_the_metadata_authorization() {
    let fixture = Fixture::new();
    let address = fixture.guarded().await;
    let token = fixture.token("alice");
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let answer = ask(address, &[format!("{scheme} {token}")]).await;
        assert_eq!(answer.unwrap(), "alice via bearer", "{scheme}");
    }
    // The same value in other metadata has no effect.
    for name in ["x-authorization", "authentication", "token"] {
        let elsewhere = request(text("who"), &[(name, format!("Bearer {token}"))]);
        let anonymous = outcome(address, elsewhere).await;
        assert_eq!(anonymous, refused(Code::Unauthenticated, &Rejection::Anonymous), "{name}");
    }
}

#[tokio::test]
async fn gr_07_a_token_that_came_twice_or_was_joined_by_a_comma_is_refused() {
    let fixture = Fixture::new();
    let address = fixture.guarded().await;
    let (alice, root) = (fixture.token("alice"), fixture.token("root"));
    let (alice, root) = (format!("Bearer {alice}"), format!("Bearer {root}"));
    let twice = [
        vec![alice.clone(), alice.clone()],
        vec![alice.clone(), root.clone()],
        vec![alice.clone(), "Basic YTpi".to_owned()],
        vec![format!("{alice},{root}")],
        vec![format!("{alice}, {alice}")],
        vec![format!("Basic YTpi, {alice}")],
        vec![format!("{alice},")],
    ];
    for lines in twice {
        let answer = ask(address, &lines).await;
        let invalid = refused(Code::InvalidArgument, &Rejection::InvalidRequest);
        assert_eq!(answer, invalid, "{} lines", lines.len());
    }
}

#[tokio::test]
async fn gr_09_what_a_client_is_given_fits_in_what_it_may_send() {
    let fixture = Fixture::new();
    let address = fixture.guarded().await;
    let cookie = log_in(fixture.public().await, "alice").await;
    // A user with many roles.
    let mut identity = Identity::local("alice");
    for n in 0..40 {
        identity = identity.scope(format!("reports:read:department-{n}")).role(format!("role-{n}"));
    }
    let bearer = format!("Bearer {}", fixture.token_of(&identity.build()));
    let octets = AUTHORIZATION.as_str().len() + bearer.len() + COOKIE.as_str().len() + cookie.len();
    assert!(octets < BUDGET, "{octets}");
    let lines = [("authorization", bearer), ("cookie", cookie)];
    let answer = outcome(address, request(text("who"), &lines)).await;
    assert_eq!(answer.unwrap(), "alice via bearer");
}

#[tokio::test]
async fn gr_09_a_token_beyond_the_budget_is_refused_with_a_status() {
    let fixture = Fixture::new();
    let bearer = fixture.issuer.layer().max_token_bytes(BUDGET).build().unwrap();
    let stack = ServiceBuilder::new().layer(bearer).layer(RequireLayer::new());
    let address = fixture.serve(stack).await;
    let mut identity = Identity::local("alice");
    for n in 0..400 {
        identity = identity.scope(format!("reports:read:department-{n}"));
    }
    let token = fixture.token_of(&identity.build());
    assert!(token.len() > BUDGET);
    let bearer = [format!("Bearer {token}")];
    let answer = ask(address, &bearer).await;
    assert_eq!(answer, refused(Code::Unauthenticated, &Rejection::InvalidToken));
    // The token is valid, and only too long for that setting.
    assert_eq!(ask(fixture.guarded().await, &bearer).await.unwrap(), "alice via bearer");
}

#[tokio::test]
async fn gr_09_beyond_what_the_server_reads_the_connection_lives_on() {
    let address = Fixture::new().guarded().await;
    let connection = Connection::to(address).await;
    let head = call(address, "Unary").header("authorization", "a".repeat(20 * 1024));
    let answer = connection.call(head.body(()).unwrap(), "who").await;
    // The HTTP/2 server answers this itself, before any layer.
    assert_eq!(answer.head.status(), 431);
    let anonymous = connection.call(call(address, "Unary").body(()).unwrap(), "who").await;
    assert_eq!(anonymous.header("grpc-status"), Some("16"));
}
