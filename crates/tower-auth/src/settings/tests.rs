//! The settings as the layers use them.

use super::Settings;

#[test]
fn the_application_is_local_unless_it_is_named() {
    assert_eq!(Settings::new().name(), "local");
    assert_eq!(Settings::new().issuer("https://me.example").name(), "https://me.example");
}

#[test]
fn other_crates_read_what_was_set() {
    assert!(Settings::new().clock_ref().is_system());
    assert!(Settings::new().timer_ref().is_none());
    assert!(Settings::new().events_ref().is_none());
    let time = tower_auth_test::TestClock::new();
    let events = tower_auth_test::EventLog::new().events();
    let settings = Settings::new().clock(time.clock()).timer(time.clone()).events(events);
    assert!(settings.clock_ref().is_same_as(&time.clock()));
    assert!(settings.timer_ref().is_some());
    assert!(!settings.events_ref().is_none());
}

#[test]
fn a_layers_own_realm_takes_precedence() {
    let shared = Settings::new().realm("shop");
    assert_eq!(Settings::new().realm_or(None), "app");
    assert_eq!(shared.realm_or(None), "shop");
    assert_eq!(shared.realm_or(Some("own".into())), "own");
}

/// The later settings replace the earlier ones entirely; they are not merged.
#[cfg(feature = "full")]
#[test]
fn settings_replace_those_given_before() {
    use crate::{Clock, KeyRing, MemoryStore, SessionLayer, session::SessionConfigError};

    let builder = || {
        let builder = SessionLayer::builder(MemoryStore::new(Clock::system()), &KeyRing::random());
        builder.settings(&Settings::new().issuer(""))
    };
    assert_eq!(builder().build().unwrap_err(), SessionConfigError::Issuer);
    assert!(builder().settings(&Settings::new()).build().is_ok());
}
