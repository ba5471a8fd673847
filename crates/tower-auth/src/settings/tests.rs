//! The settings as the layers use them.

use super::Settings;

#[test]
fn the_application_is_local_unless_it_is_named() {
    assert_eq!(Settings::new().name(), "local");
    assert_eq!(Settings::new().issuer("https://me.example").name(), "https://me.example");
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
