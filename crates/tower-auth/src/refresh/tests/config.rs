use std::time::Duration;

use tower_auth_core::{Clock, Identity};
use tower_auth_test::intercept::with_limits;

use crate::refresh::{AccessToken, Refresh, RefreshBuilder, RefreshConfigError, RefreshLayer};
use crate::{KeyRing, MemoryStore, Settings};

const HOUR: Duration = Duration::from_secs(60 * 60);

fn builder() -> RefreshBuilder {
    let access = |_: &Identity| Ok(AccessToken { text: String::new(), expires_in: HOUR });
    Refresh::builder(MemoryStore::new(Clock::system()), &KeyRing::random(), access)
}

#[test]
fn every_mistake_names_its_setter() {
    let long = Duration::from_secs(5 * 60 + 1);
    let table = [
        (builder().cookie_name("with space"), "cookie_name"),
        (builder().cookie_name(""), "cookie_name"),
        (builder().idle_timeout(Duration::ZERO), "idle_timeout"),
        (builder().absolute_timeout(Duration::ZERO), "absolute_timeout"),
        (builder().idle_timeout(2 * HOUR).absolute_timeout(HOUR), "absolute_timeout"),
        (builder().window(long), "window"),
        (builder().window(HOUR / 60).idle_timeout(HOUR / 60), "window"),
        (builder().settings(&Settings::new().issuer("")), "issuer"),
    ];
    for (builder, setter) in table {
        let said = builder.build().unwrap_err().to_string();
        assert!(said.contains(setter), "{said}");
    }
    assert!(builder().window(Duration::from_secs(5 * 60)).build().is_ok());
    assert!(builder().absolute_timeout(2 * HOUR).idle_timeout(2 * HOUR).build().is_ok());
}

#[test]
fn a_store_too_small_for_an_identity_is_refused() {
    let access = |_: &Identity| Ok(AccessToken { text: String::new(), expires_in: HOUR });
    let small = MemoryStore::new(Clock::system()).max_value(4095);
    let built = Refresh::builder(small, &KeyRing::random(), access).build();
    assert_eq!(built.unwrap_err(), RefreshConfigError::Store);
}

#[tokio::test]
async fn rf_10_who_cannot_list_says_so_when_it_is_built() {
    let access = |_: &Identity| Ok(AccessToken { text: String::new(), expires_in: HOUR });
    let store = with_limits(MemoryStore::new(Clock::system()), |limits| limits.lists(false));
    let refresh = Refresh::builder(store, &KeyRing::random(), access).build().unwrap();
    let error = refresh.revocations().unwrap_err();
    assert_eq!(error, RefreshConfigError::StoreCannotList);
    assert!(error.to_string().contains("limits().lists"), "{error}");
    assert!(builder().build().unwrap().revocations().is_ok());
}

#[test]
fn paths_mean_one_thing() {
    let refresh = builder().build().unwrap();
    let layer = |one: &str, other: &str| {
        RefreshLayer::builder(refresh.clone()).refresh_path(one).revoke_path(other).build()
    };
    assert!(layer("/a", "/b").is_ok());
    for bad in ["", "a", "/a?b", "/a#b", "/%61", "/a//b", "/a/../b", "/a b"] {
        assert!(layer(bad, "/b").unwrap_err().to_string().starts_with("refresh_path("), "{bad}");
        assert!(layer("/a", bad).unwrap_err().to_string().starts_with("revoke_path("), "{bad}");
    }
    assert_eq!(layer("/a", "/a").unwrap_err(), RefreshConfigError::SamePath { path: "/a".into() });
}

#[test]
fn a_handler_can_refuse_with_what_the_engine_said() {
    use tower_auth_core::Rejection;

    use crate::refresh::{RefreshError, RefreshRefusal};
    let status = |error| Rejection::from(error).status().as_u16();
    assert_eq!(status(RefreshError::Refused(RefreshRefusal::Reused)), 401);
    assert_eq!(status(RefreshError::Scope), 400);
    assert_eq!(status(RefreshError::Unavailable), 503);
    assert_eq!(status(RefreshError::Busy), 503);
    assert_eq!(status(RefreshError::TooLarge), 500);
}
