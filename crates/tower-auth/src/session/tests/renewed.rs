//! A request whose secret was renewed by another request meanwhile, and a store without room.

use http::StatusCode;
use tower_auth_core::Identity;

use super::world::World;
use crate::session::SessionError;
use crate::session::record::meta::Meta;

/// The session of the login that renewed the secret is not ended, and this is no success.
#[tokio::test]
async fn a_logout_after_a_login_over_a_renewed_secret_ended_nothing_and_says_so() {
    for commits in [false, true] {
        let world = World::new();
        let before = world.put(None, "cart", 3).await.credential().unwrap();
        let after = world.login(Some(&before), "alice").await;
        let reply = world
            .send(Some(&before), move |session| async move {
                session.login(Identity::local("alice").build())?;
                if commits {
                    session.commit().await?;
                }
                session.logout().await?;
                Ok(String::new())
            })
            .await;
        // What the request itself has logged in and saved is what ends.
        let wanted = if commits { StatusCode::OK } else { StatusCode::CONFLICT };
        assert_eq!((reply.status, reply.credential()), (wanted, None));
        assert_eq!(world.who(&after).await, "alice");
    }
}

#[tokio::test]
async fn a_login_as_another_needs_room_for_an_empty_record() {
    let max = 4096;
    let world = World::with_room(max);
    // The identity as the layer stores it, with a proof that is not stored.
    let with = |octets: usize| Identity::local("bob").acr("a".repeat(octets)).build();
    let fills = (0..max).find(|octets| Meta::octets(&with(*octets)) == max).unwrap();
    for (free, fits) in [(0, false), (1, false), (2, true)] {
        let cookie = world.login(None, "alice").await;
        for cookie in [Some(&*cookie), None] {
            let reply = world
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
