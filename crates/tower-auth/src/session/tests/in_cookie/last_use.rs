//! A use has its own cookie, and never replaces a newer state of the session.

use super::*;

const USED: &str = "__Host-session-used";

/// Sends a slow request that only reads in one tab, and does something else in another tab
/// meanwhile. The response to the slow request arrives last.
async fn overtaken(server: &Server, client: &mut Client, does: Does) -> Reply {
    let slow = server.ask_in(client, Does::Read, Duration::ZERO).await;
    server.ask(client, does).await;
    client.take(&slow);
    slow
}

#[tokio::test]
async fn d47_a_slow_answer_undoes_no_logout() {
    let server = Server::new();
    let mut client = server.logged_in("alice", "hello").await;
    server.time.advance(29 * MINUTE);
    let slow = overtaken(&server, &mut client, Does::Logout).await;
    assert_eq!(slow.lines, [USED]);
    assert_eq!(names(&client), [USED]);
    assert!(server.ask(&mut client, Does::Read).await.who.is_none());
    // The remaining cookie has no effect on a later session.
    server.ask(&mut client, Does::Login("bob")).await;
    server.time.advance(30 * MINUTE);
    assert!(server.ask(&mut client, Does::Read).await.who.is_none());
}

#[tokio::test]
async fn d47_a_slow_answer_undoes_no_login_and_no_write() {
    let server = Server::new();
    for (does, who, text) in [
        (Does::Login("alice"), "alice", Some("hello")),
        (Does::Login("bob"), "bob", None),
        (Does::Insert("newer".into()), "alice", Some("newer")),
    ] {
        let mut client = server.logged_in("alice", "hello").await;
        server.time.advance(29 * MINUTE);
        overtaken(&server, &mut client, does).await;
        let reply = server.ask(&mut client, Does::Read).await;
        assert_eq!((reply.who.as_deref(), reply.text.as_deref()), (Some(who), text));
    }
}

#[tokio::test]
async fn xx_03_a_slow_answer_undoes_no_login_after_a_key_was_added() {
    let mut client = Server::with(&[1]).logged_in("alice", "hello").await;
    let server = Server::with(&[2, 1]);
    let slow = overtaken(&server, &mut client, Does::Login("alice")).await;
    assert!(slow.lines.is_empty());
    assert_eq!(server.ask(&mut client, Does::Read).await.who.as_deref(), Some("alice"));
}

#[tokio::test]
async fn se_05_a_client_that_only_reads_stays_logged_in() {
    let server = Server::new();
    let mut client = server.logged_in("alice", "hello").await;
    for _ in 0..40 {
        server.time.advance(29 * MINUTE);
        let reply = server.ask(&mut client, Does::Read).await;
        assert_eq!((reply.who.as_deref(), &reply.lines[..]), (Some("alice"), &[USED.into()][..]));
    }
    // A write carries the use itself, and a logout removes all cookies.
    server.time.advance(29 * MINUTE);
    let reply = server.ask(&mut client, Does::Insert("again".into())).await;
    assert!(!reply.lines.contains(&USED.into()));
    server.ask(&mut client, Does::Logout).await;
    assert!(client.0.is_empty());
}

#[tokio::test]
async fn se_05_the_use_is_the_moment_at_which_the_answer_leaves() {
    let server = Server::new();
    let mut client = server.logged_in("alice", "hello").await;
    server.time.advance(29 * MINUTE);
    let slow = server.ask_in(&client, Does::Read, 45 * MINUTE).await;
    // Until the response arrives, the session has ended for other requests.
    assert!(server.ask(&mut client.clone(), Does::Read).await.who.is_none());
    client.take(&slow);
    server.time.advance(30 * MINUTE - Duration::from_micros(1));
    assert_eq!(server.ask(&mut client, Does::Read).await.who.as_deref(), Some("alice"));
}

#[tokio::test]
async fn se_05_no_use_outlives_the_absolute_timeout() {
    let server = Server::new();
    let mut client = server.logged_in("alice", "hello").await;
    for _ in 0..71 {
        server.time.advance(20 * MINUTE);
        server.ask(&mut client, Does::Read).await;
    }
    server.time.advance(19 * MINUTE);
    for does in [Does::Read, Does::Insert("late".into())] {
        let (is_read, at) = (matches!(does, Does::Read), server.time.now());
        let reply = server.ask_in(&client, does, MINUTE).await;
        assert_eq!(reply.sets.iter().filter(|(_, value)| value.is_some()).count(), 0);
        assert_eq!(reply.status == StatusCode::OK, is_read);
        server.time.set(at);
    }
}

#[tokio::test]
async fn uses_that_arrive_out_of_order_go_a_small_step_back_and_no_further() {
    let server = Server::new();
    let mut client = server.logged_in("alice", "hello").await;
    server.time.advance(10 * MINUTE);
    let early = server.ask_in(&client, Does::Read, Duration::ZERO).await;
    server.time.advance(10 * MINUTE);
    server.ask(&mut client, Does::Read).await;
    client.take(&early);
    server.time.advance(20 * MINUTE - Duration::from_micros(1));
    assert!(server.ask(&mut client.clone(), Does::Read).await.who.is_some());
    server.time.advance(Duration::from_micros(1));
    assert!(server.ask(&mut client, Does::Read).await.who.is_none());
}

#[tokio::test]
async fn a_use_counts_for_its_session_alone_and_not_from_the_future() {
    let server = Server::new();
    let mut alice = server.logged_in("alice", "hello").await;
    let mut bob = server.logged_in("bob", "hello").await;
    server.time.advance(29 * MINUTE);
    server.ask(&mut bob, Does::Read).await;
    server.time.advance(MINUTE);
    let read = async |client: &Client| server.ask(&mut client.clone(), Does::Read).await.who;
    assert!(read(&bob).await.is_some());

    let with = |client: &Client, used: &str| {
        let mut client = client.clone();
        client.0.insert(USED.into(), used.into());
        client
    };
    let used = bob.0[USED].clone();
    assert!(read(&with(&alice, &used)).await.is_none(), "another session's");
    // No cookie is accepted in place of another.
    assert!(read(&with(&bob, &bob.0[NAMES[0]].clone())).await.is_none());
    for at in 0..used.len() {
        let other = if used.as_bytes()[at] == b'A' { "B" } else { "A" };
        let forged = format!("{}{other}{}", &used[..at], &used[at + 1..]);
        assert!(read(&with(&bob, &forged)).await.is_none(), "character {at}");
    }
    // A clock that was ahead for a while must not prolong a session.
    let start = server.time.now();
    alice = server.logged_in("alice", "hello").await;
    for _ in 0..2 {
        server.time.advance(29 * MINUTE);
        assert!(server.ask(&mut alice, Does::Read).await.who.is_some());
    }
    for (seconds, is_known) in [(40 * 60, false), (58 * 60 - 6, false), (58 * 60 - 5, true)] {
        server.time.set(start + Duration::from_secs(seconds));
        assert_eq!(read(&alice).await.is_some(), is_known, "{seconds}");
    }
}

#[tokio::test]
async fn guarded_the_store_is_touched_and_no_cookie_is_sent() {
    let server = Server::guarded();
    let mut client = server.logged_in("alice", "hello").await;
    for _ in 0..5 {
        server.time.advance(29 * MINUTE);
        server.guard.reset_steps();
        let reply = server.ask(&mut client, Does::Read).await;
        assert_eq!((reply.who.as_deref(), reply.lines.len()), (Some("alice"), 0));
        assert_eq!(server.guard.steps().touch, 1);
    }
    // The arrival counts, as with a store that has the record.
    server.time.advance(29 * MINUTE);
    server.ask_in(&client, Does::Read, 2 * MINUTE).await;
    assert!(server.ask(&mut client, Does::Read).await.who.is_some());
    server.time.advance(30 * MINUTE);
    assert!(server.ask(&mut client, Does::Read).await.who.is_none());
}
