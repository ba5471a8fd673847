//! Sessions that the client keeps, with a store that knows the newest state of each.

use crate::Settings;
use tower_auth_core::store::{EndOwnedParams, EndReason, Owner, RecordKind, RecordKinds, Store};
use tower_auth_test::Steps;
use tower_auth_test::intercept::with_limits;

use super::*;
use crate::principal::owner;
use crate::session::SessionConfigError;

#[tokio::test]
async fn guarded_a_logout_ends_every_copy() {
    let server = Server::guarded();
    let mut client = server.logged_in("alice", "hello").await;
    let mut copy = client.clone();
    server.ask(&mut client, Does::Logout).await;
    assert!(server.ask(&mut copy, Does::Read).await.who.is_none());
    assert!(copy.0.is_empty());
}

#[tokio::test]
async fn guarded_a_logout_with_an_old_or_incomplete_record_ends_the_session() {
    for is_complete in [true, false] {
        let server = Server::guarded();
        let mut client = server.logged_in("alice", "one").await;
        let mut old = client.clone();
        server.ask(&mut client, Does::Insert("two".into())).await;
        if !is_complete {
            old.0.retain(|name, _| !name.ends_with("-0"));
        }
        server.time.advance(2 * MINUTE);
        let reply = server.ask(&mut old, Does::Logout).await;
        assert_eq!(reply.status, StatusCode::OK);
        let reply = server.ask(&mut client, Does::Read).await;
        assert!(reply.who.is_none(), "{is_complete}: logged out, and still logged in");
    }
}

#[tokio::test]
async fn guarded_a_credential_from_before_a_login_ends_nothing() {
    let server = Server::guarded();
    let mut client = server.logged_in("alice", "one").await;
    let mut old = client.clone();
    server.ask(&mut client, Does::Login("alice")).await;
    server.time.advance(2 * MINUTE);
    server.ask(&mut old, Does::Logout).await;
    assert!(server.ask(&mut client, Does::Read).await.who.is_some());
}

#[tokio::test]
async fn guarded_a_user_is_kicked_by_the_guards_store() {
    let server = Server::guarded();
    let mut clients = [server.logged_in("alice", "1").await, server.logged_in("alice", "2").await];
    let mut bob = server.logged_in("bob", "3").await;
    let alice: Owner = owner(&Identity::local("alice").build());
    let only = RecordKinds::Only(RecordKind::Replay);
    let ended = server
        .guard
        .end_owned(EndOwnedParams::new(alice, EndReason::Kicked, MINUTE).kinds(only))
        .await;
    assert_eq!(ended.unwrap(), 2);
    for client in &mut clients {
        assert!(server.ask(client, Does::Read).await.who.is_none());
    }
    assert!(server.ask(&mut bob, Does::Read).await.who.is_some());
}

#[tokio::test]
async fn guarded_an_old_state_is_anonymous() {
    let server = Server::guarded();
    let mut client = server.logged_in("alice", "one").await;
    let mut old = client.clone();
    server.ask(&mut client, Does::Insert("two".into())).await;

    // A request that was under way at the write may read, but may not overwrite a change that it
    // has not seen.
    let reply = server.ask(&mut old.clone(), Does::Read).await;
    assert_eq!((reply.text.as_deref(), reply.lines.len()), (Some("one"), 0));
    let reply = server.ask(&mut old.clone(), Does::Insert("mine".into())).await;
    assert_eq!((reply.status, reply.lines.len()), (StatusCode::CONFLICT, 0));

    server.time.advance(Duration::from_secs(10));
    let reply = server.ask(&mut old, Does::Read).await;
    assert!(reply.who.is_none() && reply.text.is_none() && reply.lines.is_empty());
    server.time.advance(MINUTE);
    let reply = server.ask(&mut old, Does::Read).await;
    assert!(reply.who.is_none() && old.0.is_empty());
    let reply = server.ask(&mut client, Does::Read).await;
    assert_eq!((reply.who.as_deref(), reply.text.as_deref()), (Some("alice"), Some("two")));
}

#[tokio::test]
async fn guarded_there_is_no_overlap_where_the_secret_changed() {
    let server = Server::guarded();
    for does in [Does::Login("alice"), Does::Login("bob"), Does::Update] {
        let mut client = server.logged_in("alice", "one").await;
        let mut old = client.clone();
        server.ask(&mut client, does).await;
        // At once, not only after ten seconds.
        let reply = server.ask(&mut old, Does::Read).await;
        assert_eq!((reply.who, reply.text, reply.lines.len()), (None, None, 0));
        assert!(server.ask(&mut client, Does::Read).await.who.is_some());
    }
}

#[tokio::test]
async fn guarded_a_clock_that_was_ahead_holds_no_overlap_open() {
    for (ahead, skew_is_told, is_read) in [(5, false, true), (15, true, true), (16, true, false)] {
        let log = tower_auth_test::EventLog::new();
        let mut server = Server::guarded();
        let keys = KeyRing::insecure_from_seed(7);
        let settings = Settings::new().clock(server.time.clock()).events(log.events());
        let builder = SessionLayer::in_cookie(&keys).settings(&settings);
        let builder = builder.replay_guard(server.guard.clone());
        server.layer = builder.build().unwrap();
        let mut client = server.logged_in("alice", "one").await;
        let mut old = client.clone();
        let right = server.time.now();
        server.time.advance(Duration::from_secs(ahead));
        server.ask(&mut client, Does::Insert("two".into())).await;
        server.time.set(right);
        let reply = server.ask(&mut old, Does::Read).await;
        assert_eq!(reply.text.is_some(), is_read, "{ahead} s");
        let told = log.take().iter().any(|line| line.contains("clock_skew"));
        assert_eq!(told, skew_is_told, "{ahead} s");
        // The newest state is valid at any time of the clock.
        assert_eq!(server.ask(&mut client, Does::Read).await.text.as_deref(), Some("two"));
    }
}

#[tokio::test]
async fn guarded_an_older_state_is_not_even_read() {
    let server = Server::guarded();
    let mut client = server.logged_in("alice", "one").await;
    let mut old = client.clone();
    server.ask(&mut client, Does::Insert("two".into())).await;
    server.ask(&mut client, Does::Insert("three".into())).await;
    let reply = server.ask(&mut old, Does::Read).await;
    assert!(reply.who.is_none() && reply.text.is_none());
}

#[tokio::test]
async fn guarded_what_it_costs() {
    let server = Server::guarded();
    let mut client = server.logged_in("alice", "one").await;
    let counted = async |client: &mut Client, does| {
        server.guard.reset_steps();
        server.ask(client, does).await;
        server.guard.steps()
    };
    assert_eq!(counted(&mut Client::default(), Does::Read).await.total(), 0);
    let read = Steps { load: 1, ..Steps::default() };
    assert_eq!(counted(&mut client, Does::Read).await, read);
    let written = counted(&mut client, Does::Insert("two".into())).await;
    assert_eq!(written, Steps { save: 1, ..read });
    server.time.advance(5 * MINUTE);
    assert_eq!(counted(&mut client, Does::Read).await, Steps { touch: 1, ..read });
    // A touch moves the deadline: the session outlives its original deadline.
    server.time.advance(27 * MINUTE);
    assert!(server.ask(&mut client, Does::Read).await.who.is_some());
}

#[tokio::test]
async fn guarded_a_guard_that_does_not_answer_is_not_anonymous() {
    let server = Server::guarded();
    let mut client = server.logged_in("alice", "one").await;
    let before = client.0.clone();
    server.guard.fail_next(1);
    let cookies = before.iter().map(|(name, value)| format!("{name}={value}"));
    let line = cookies.collect::<Vec<_>>().join("; ");
    let request = Request::builder().header(COOKIE, line).body(()).unwrap();
    let service = service_fn(|request: Request<()>| async move {
        let session = Session::of(request.extensions()).unwrap();
        assert!(matches!(session.identity(), Err(SessionError::Unavailable)));
        Ok::<_, Infallible>(Response::new(String::new()))
    });
    let response = server.layer.layer(service).oneshot(request).await.unwrap();
    assert!(!response.headers().contains_key(SET_COOKIE));
    assert!(server.ask(&mut client, Does::Read).await.who.is_some());
}

#[test]
fn a_guard_must_fit() {
    let keys = KeyRing::random();
    let store = || crate::MemoryStore::new(crate::Clock::system());
    let guarded = SessionLayer::builder(store(), &keys).replay_guard(store()).build();
    assert_eq!(guarded.err(), Some(SessionConfigError::GuardedStore));
    assert!(SessionLayer::in_cookie(&keys).replay_guard(store()).build().is_ok());
    let evicting = with_limits(store(), |limits| limits.evicts(true));
    assert_eq!(
        SessionLayer::in_cookie(&keys).replay_guard(evicting).build().err(),
        Some(SessionConfigError::GuardEvicts)
    );
}
