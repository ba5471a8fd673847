//! The removal of cookies beside the credential: only cookies that this key ring made.

use super::*;
use crate::Settings;

const NAME: &str = NAMES[0];
const FIRST: &str = NAMES[1];
const SECOND: &str = NAMES[2];
const USED: &str = "__Host-session-used";
const SHARED: [&str; 3] = ["__Secure-id", "__Secure-id-0", "__Secure-id-1"];

fn both(name: &str, values: [&str; 2]) -> String {
    format!("{}; {name}={}", values[0], values[1])
}

fn large() -> String {
    "x".repeat(3_000)
}

fn with(client: &Client, cookies: &[(&str, &str)]) -> Client {
    let mut client = client.clone();
    client.0.extend(cookies.iter().map(|(name, value)| ((*name).into(), (*value).into())));
    client
}

#[tokio::test]
async fn a_cookie_under_the_name_of_a_piece_that_is_not_ours_is_never_removed() {
    for server in [Server::new(), Server::guarded()] {
        let other = Server::with(&[8]).logged_in("alice", &large()).await;
        let junk = "j".repeat(100);
        for foreign in [&*junk, "", &other.0[SECOND]] {
            for does in [Does::Insert("new".into()), Does::Login("bob"), Does::Logout] {
                let client = server.logged_in("alice", "small").await;
                let planted = with(&client, &[(SECOND, foreign), (USED, foreign)]);
                let reply = server.ask_in(&planted, does, Duration::ZERO).await;
                assert_eq!(reply.status, StatusCode::OK);
                let (second, used) = (SECOND.to_owned(), USED.to_owned());
                assert!(!reply.lines.contains(&second) && !reply.lines.contains(&used));
                assert!(reply.lines.contains(&FIRST.to_owned()));
            }
        }
        // The pieces of an ended session, and of a session whose record is another application's.
        let client = server.logged_in("alice", "small").await;
        let planted = with(&client, &[(FIRST, &other.0[FIRST]), (SECOND, &other.0[SECOND])]);
        let dead = server.ask_in(&planted, Does::Logout, Duration::ZERO).await;
        assert_eq!(dead.lines, [NAME]);
        server.time.advance(24 * 60 * MINUTE);
        let dead = server.ask_in(&planted, Does::Read, Duration::ZERO).await;
        assert_eq!(dead.lines, [NAME]);
    }
}

#[tokio::test]
async fn a_piece_of_ours_is_removed_beside_one_that_is_not() {
    for server in [Server::new(), Server::guarded()] {
        let client = server.logged_in("alice", &large()).await;
        let values = both(SECOND, ["junk", &client.0[SECOND]]);
        let planted = with(&client, &[(SECOND, &values)]);
        let reply = server.ask_in(&planted, Does::Insert("small".into()), Duration::ZERO).await;
        assert_eq!(reply.sets.last(), Some(&(SECOND.to_owned(), None)));
        let reply = server.ask_in(&planted, Does::Logout, Duration::ZERO).await;
        assert!(reply.lines.contains(&SECOND.to_owned()));
    }
}

/// The record was large in the cookie's previous scope, and is small in the present one.
#[tokio::test]
async fn d46_a_piece_that_is_left_in_another_scope_goes_with_the_conflict() {
    for mut server in [Server::new(), Server::guarded()] {
        let guard = (server.layer.config().transport.held.as_ref())
            .is_some_and(|held| held.guarded)
            .then(|| server.guard.clone());
        let keys = KeyRing::insecure_from_seed(7);
        let builder =
            SessionLayer::in_cookie(&keys).settings(&Settings::new().clock(server.time.clock()));
        let builder = builder.cookie_name(SHARED[0]).cookie_domain("app.example");
        let builder = match guard {
            Some(guard) => builder.replay_guard(guard),
            None => builder,
        };
        server.layer = builder.build().unwrap();
        let old = server.logged_in("alice", &large()).await;
        let new = server.logged_in("alice", "small").await;
        let twice = |name: &str| both(name, [&old.0[name], &new.0[name]]);
        let [name, first, second] = SHARED;
        let conflict = with(&old, &[(name, &twice(name)), (first, &twice(first))]);
        // The configured scope keeps its cookies. No domain but the configured one is known.
        let reply = server.ask_in(&conflict, Does::Read, Duration::ZERO).await;
        assert_eq!(reply.lines, SHARED);
        let reply = server.ask_in(&conflict, Does::Login("alice"), Duration::ZERO).await;
        assert_eq!(reply.sets[..3], SHARED.map(|name| (name.to_owned(), None)));
        // Beside a foreign cookie, nothing is removed in other scopes.
        let planted = with(&conflict, &[(second, &both(second, ["junk", &old.0[second]]))]);
        let reply = server.ask_in(&planted, Does::Read, Duration::ZERO).await;
        assert_eq!(reply.lines, SHARED[..2]);
    }
}

/// The limit holds for any number of credentials and pieces in a request.
#[tokio::test]
async fn pieces_are_looked_for_in_the_records_of_a_few_sessions_only() {
    let server = Server::new();
    let client = server.logged_in("alice", "small").await;
    let mut values = Vec::new();
    for _ in 0..20 {
        values.push(server.logged_in("bob", "small").await.0[NAME].clone());
    }
    values.push(client.0[NAME].clone());
    let crowded = with(&client, &[(NAME, &values.join(&format!("; {NAME}=")))]);
    let reply = server.ask_in(&crowded, Does::Logout, Duration::ZERO).await;
    assert_eq!(reply.lines, [NAME]);
}
