//! The caching headers of responses from the session layer.

use http::header::{CACHE_CONTROL, HeaderName};
use tower_auth_test::Step;

use super::fixture::{Fixture, who};
use crate::session::{Session, SessionError};

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

async fn log_out(session: Session) -> Result<String, SessionError> {
    session.logout().await?;
    Ok(String::new())
}

#[tokio::test]
async fn a_response_that_was_given_the_identity_is_not_stored() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    assert_eq!(fixture.send(Some(&cookie), who).await.headers[CACHE_CONTROL], "no-store");
    assert!(!fixture.send(None, who).await.headers.contains_key(CACHE_CONTROL));
}

#[tokio::test]
async fn a_logout_that_failed_clears_no_cache() {
    let fixture = Fixture::with(|builder| builder.clear_cache_on_logout());
    let cookie = fixture.login(None, "alice").await;
    fixture.store.fail_next_of(Step::End, 1);
    let failed = fixture.send(Some(&cookie), log_out).await;
    assert!(!failed.headers.contains_key(CLEAR_SITE_DATA));
    let done = fixture.send(Some(&cookie), log_out).await;
    assert_eq!(done.headers[CLEAR_SITE_DATA], "\"cache\"");
    // The request has no session to end, but the user pressed the button.
    assert_eq!(fixture.send(None, log_out).await.headers[CLEAR_SITE_DATA], "\"cache\"");
}

#[tokio::test]
async fn a_persistent_cookies_lifetime_is_rounded_up() {
    use std::time::Duration;
    for (absolute, said) in [(1, 1), (999, 1), (1000, 1), (1001, 2), (59_999, 60)] {
        let (idle, absolute) = (Duration::from_millis(1), Duration::from_millis(absolute));
        let fixture = Fixture::with(|builder| {
            builder.persistent().idle_timeout(idle).absolute_timeout(absolute)
        });
        let line = fixture.put(None, "a", 1).await.set_cookies().remove(0);
        assert!(line.ends_with(&format!("; Max-Age={said}")), "{absolute:?}: {line}");
    }
}
