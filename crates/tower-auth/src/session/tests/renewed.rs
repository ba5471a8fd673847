//! A request whose secret another request has renewed meanwhile, and a store without room.

use std::time::Duration;

use http::StatusCode;
use http::header::COOKIE;
use tower_auth_core::Identity;
use tower_auth_test::{EventLog, TestClock};

use super::fixture::{Fixture, NAME, request, send, who};
use crate::Settings;
use crate::session::record::meta::Meta;
use crate::session::{Session, SessionError, SessionLayer};

/// The logout must not end the session of the login that renewed the secret, and must report this.
#[tokio::test]
async fn a_logout_after_a_login_over_a_renewed_secret_ended_nothing_and_says_so() {
    for commits in [false, true] {
        let fixture = Fixture::new();
        let before = fixture.put(None, "cart", 3).await.credential().unwrap();
        let after = fixture.login(Some(&before), "alice").await;
        let reply = fixture
            .send(Some(&before), move |session| async move {
                session.login(Identity::local("alice").build())?;
                if commits {
                    session.commit().await?;
                }
                session.logout().await?;
                Ok(String::new())
            })
            .await;
        // The session that the request itself logged in and saved ends.
        let wanted = if commits { StatusCode::OK } else { StatusCode::CONFLICT };
        assert_eq!((reply.status, reply.credential()), (wanted, None));
        assert_eq!(fixture.who(&after).await, "alice");
    }
}

/// Another node, whose clock is ahead, has renewed the secret.
#[tokio::test]
async fn a_moment_in_the_future_holds_no_window_open() {
    let logout = |session: Session| async move {
        session.logout().await?;
        Ok(String::new())
    };
    for (ahead, is_recent) in [(0, true), (65, true), (66, false), (3600, false)] {
        let fixture = Fixture::new();
        let (old, other) = (fixture.login(None, "alice").await, fixture.login(None, "bob").await);
        let (time, log) = (TestClock::new(), EventLog::new());
        time.advance(Duration::from_secs(ahead));
        let builder = || SessionLayer::builder(fixture.store.clone(), &fixture.keys);
        let ahead_of_us = builder().settings(&Settings::new().clock(time.clock())).build().unwrap();
        let settings = Settings::new().clock(fixture.time.clock()).events(log.events());
        let here = builder().settings(&settings).build().unwrap();
        let login = |session: Session| async move {
            session.login(Identity::local("alice").build())?;
            Ok(String::new())
        };
        assert_eq!(send(&ahead_of_us, request(Some(&old)), login).await.status, StatusCode::OK);
        log.take();

        let told = |kind: &str| log.take().iter().filter(|line| line.contains(kind)).count();
        let reply = send(&here, request(Some(&old)), who).await;
        assert_eq!((&*reply.body, reply.removes()), ("anonymous", !is_recent), "{ahead}");
        assert_eq!(told("clock_skew"), usize::from(ahead > 5), "{ahead}");
        let wanted = if is_recent { StatusCode::CONFLICT } else { StatusCode::OK };
        assert_eq!(send(&here, request(Some(&old)), logout).await.status, wanted, "{ahead}");
        // The same for one of several credentials.
        log.take();
        let mut both = request(None);
        let line = format!("{NAME}={old}; {NAME}={other}");
        both.headers_mut().insert(COOKIE, line.parse().unwrap());
        assert_eq!(send(&here, both, logout).await.status, wanted, "{ahead}");
        assert_eq!(told("clock_skew"), usize::from(ahead > 5), "{ahead}");
    }
}

#[tokio::test]
async fn a_login_as_another_needs_room_for_an_empty_record() {
    let max = 4096;
    let fixture = Fixture::with_room(max);
    // The identity as the layer stores it, with an authentication that is not stored.
    let with = |octets: usize| Identity::local("bob").acr("a".repeat(octets)).build();
    let fills = (0..max).find(|octets| Meta::octets(&with(*octets)) == max).unwrap();
    for (free, fits) in [(0, false), (1, false), (2, true)] {
        let cookie = fixture.login(None, "alice").await;
        for cookie in [Some(&*cookie), None] {
            let reply = fixture
                .send(cookie, move |session| async move {
                    let login = session.login(with(fills - free));
                    assert_eq!(login.is_ok(), fits, "{free}");
                    assert!(matches!(login, Ok(()) | Err(SessionError::TooLarge)));
                    Ok(String::new())
                })
                .await;
            assert_eq!((reply.status, reply.credential().is_some()), (StatusCode::OK, fits));
        }
    }
}
