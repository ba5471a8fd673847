//! Requests on one connection share nothing.

use http::StatusCode;
use tower::service_fn;
use tower_layer::Layer as _;

use crate::fixture::Fixture;
use crate::hyper_bare::handle;
use crate::wire::{BOTH, Connection, Version, serve};

#[tokio::test]
async fn ck_06_cookies_come_in_crumbs() {
    let fixture = Fixture::new();
    let (cookie, bob) = (fixture.log_in("alice").await, fixture.log_in("bob").await);
    let address = serve(fixture.whole().layer(service_fn(handle))).await;
    for version in BOTH {
        let mut client = Connection::open(address, version).await;
        // A line for each cookie, as browsers send them over HTTP/2, with the session at every
        // place.
        for place in 0..3 {
            let mut lines = vec![("cookie", "theme=dark"), ("cookie", "lang=en; tz=utc")];
            lines.insert(place, ("cookie", &cookie));
            let reply = client.get("/", &lines).await;
            assert_eq!(reply.text, "alice via session", "{version:?} {place}");
            assert_eq!(client.post("/count", &lines, "").await.status, StatusCode::OK);
        }
        // The same value in two separate lines counts once.
        let twice = [("cookie", &*cookie), ("cookie", "theme=dark"), ("cookie", &cookie)];
        assert_eq!(client.get("/", &twice).await.text, "alice via session", "{version:?}");
        // One of two different sessions may be that of another user (CK-07).
        fixture.store.reset_steps();
        let both = [("cookie", &*cookie), ("cookie", "theme=dark"), ("cookie", &bob)];
        assert_eq!(client.get("/", &both).await.text, "anonymous", "{version:?}");
        assert_eq!(fixture.store.steps().total(), 0);
    }
    assert_eq!(fixture.look(&cookie).await, "alice 6");
}

#[tokio::test]
async fn one_connection_serves_many_users_and_mixes_none() {
    let fixture = Fixture::new();
    let (alice, bob) = (fixture.log_in("alice").await, fixture.log_in("bob").await);
    let robot = fixture.token("robot");
    let address = serve(fixture.whole().layer(service_fn(handle))).await;
    for version in BOTH {
        // The connection is that of a proxy which reuses it for all clients.
        let mut proxy = Connection::open(address, version).await;
        for _ in 0..3 {
            for (lines, expected) in [
                (&[("cookie", &*alice)][..], "alice via session"),
                (&[], "anonymous"),
                (&[("cookie", &*bob)], "bob via session"),
                (&[("authorization", &*robot)], "robot via bearer"),
                (&[("cookie", "__Host-session=x")], "anonymous"),
            ] {
                let reply = proxy.get("/", lines).await;
                assert_eq!(reply.text, expected, "{version:?}");
                // No client receives a credential that it did not send; a broken credential is
                // removed.
                assert!(reply.cookie().is_none_or(|cookie| cookie == "__Host-session="));
            }
        }
        // A refusal, an outage and a login in between leave nothing on the connection either.
        proxy.send("POST", "/", &[("cookie", &alice), ("origin", "null")], "").await;
        assert_eq!(proxy.get("/", &[]).await.text, "anonymous");
        fixture.store.down();
        assert_eq!(proxy.get("/", &[("cookie", &alice)]).await.text, "anonymous");
        fixture.store.up();
        assert_eq!(proxy.get("/", &[("cookie", &bob)]).await.text, "bob via session");
        let carol = proxy.post("/login", &[], "carol").await.cookie().unwrap();
        assert_eq!(proxy.get("/", &[]).await.text, "anonymous");
        assert_eq!(proxy.get("/", &[("cookie", &carol)]).await.text, "carol via session");
    }
}

#[tokio::test]
async fn at_once_on_one_connection() {
    let fixture = Fixture::new();
    let users = ["alice", "bob", "carol"];
    let mut cookies = Vec::new();
    for who in users {
        cookies.push(fixture.log_in(who).await);
    }
    // Every load waits, so that the requests really are concurrent.
    fixture.store.pending_once();
    let address = serve(fixture.whole().layer(service_fn(handle))).await;
    let client = Connection::open(address, Version::Two).await;
    let mut all = tokio::task::JoinSet::new();
    for turn in 0..30 {
        let (who, cookie) = (users[turn % 3], cookies[turn % 3].clone());
        let mut client = client.fork();
        all.spawn(async move {
            let reply = client.post("/count", &[("cookie", &cookie)], "").await;
            assert_eq!(reply.text, format!("{who} via session"));
        });
    }
    while let Some(done) = all.join_next().await {
        done.unwrap();
    }
    for (who, cookie) in users.iter().zip(&cookies) {
        assert_eq!(fixture.look(cookie).await, format!("{who} 10"));
    }
}
