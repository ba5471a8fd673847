//! Settings that the builder refuses.

use std::time::Duration;

use cookie::SameSite;

use crate::session::{SessionConfigError, SessionLayerBuilder};
use crate::{Clock, KeyRing, MemoryStore, SessionLayer, Settings};

fn fault(
    settings: impl FnOnce(SessionLayerBuilder) -> SessionLayerBuilder,
) -> Option<SessionConfigError> {
    let store = MemoryStore::new(Clock::system());
    settings(SessionLayer::builder(store, &KeyRing::random())).build().err()
}

fn plain_http() -> Settings {
    Settings::new().insecure_allow_plain_http()
}

#[test]
fn the_defaults_are_fine() {
    assert_eq!(fault(|builder| builder), None);
}

#[test]
fn ck_11_ck_13_what_a_browser_would_drop_is_refused_at_build() {
    let cookie = |error| matches!(error, Some(SessionConfigError::Cookie(_)));
    assert!(cookie(fault(|b| b.cookie_name("__Host-id").cookie_domain("shop.example"))));
    assert!(cookie(fault(|b| b.cookie_name("__Host-id").cookie_path("/app"))));
    assert!(cookie(fault(|b| b.cookie_name("__host-id").settings(&plain_http()))));
    assert!(cookie(fault(|b| b.cookie_name("__Secure-id").settings(&plain_http()))));
    assert!(cookie(fault(|b| b.same_site(SameSite::None).settings(&plain_http()))));
    assert!(cookie(fault(|b| b.partitioned().settings(&plain_http()))));
    assert!(cookie(fault(|b| b.cookie_name("two words"))));
    assert!(cookie(fault(|b| b.cookie_name(""))));
    assert!(cookie(fault(|b| b.cookie_path("/; Domain=evil.example"))));
    for domain in
        ["https://x.example", "x.example:3000", "x.example/a", "*.x.example", "x..example"]
    {
        assert!(cookie(fault(|b| b.cookie_domain(domain))), "{domain}");
    }
    // The correct forms are accepted.
    assert_eq!(fault(|b| b.cookie_domain(".shop.example")), None);
    assert_eq!(fault(|b| b.cookie_domain("shop.example")), None);
    assert_eq!(fault(|b| b.cookie_path("/app")), None);
    assert_eq!(fault(|b| b.settings(&plain_http())), None);
    assert_eq!(fault(|b| b.same_site(SameSite::None)), None);
}

#[test]
fn a_cookie_that_browsers_would_drop_is_told_by_its_setter() {
    let text = |error: Option<SessionConfigError>| error.unwrap().to_string();
    assert_eq!(
        text(fault(|b| b.cookie_name("__Host-id").cookie_domain("shop.example"))),
        "cookie_domain: leave it out, or give cookie_name a name without __Host-: browsers drop a \
         cookie with prefix __Host- unless it has no Domain"
    );
    let starts = |error, setter| assert!(text(error).starts_with(setter), "{setter}");
    starts(fault(|b| b.cookie_name("__Host-id").cookie_path("/app")), "cookie_path: leave it out");
    starts(fault(|b| b.cookie_path("app")), "cookie_path: ");
    starts(fault(|b| b.cookie_domain("https://x.example")), "cookie_domain: ");
    starts(fault(|b| b.cookie_name("two words")), "cookie_name: ");
    let plain = |name| fault(|b| b.cookie_name(name).settings(&plain_http()));
    starts(plain("__Secure-id"), "insecure_allow_plain_http: ");
    let cross = fault(|b| b.same_site(SameSite::None).settings(&plain_http()));
    starts(cross, "same_site: ");
    let both = text(fault(|b| b.partitioned().settings(&plain_http())));
    assert!(both.starts_with("partitioned: "), "{both}");
}

#[test]
fn ck_16_a_persistent_cookie_lives_at_most_400_days() {
    let days = |n: u64| Duration::from_secs(n * 24 * 3600);
    let persistent = |n| fault(move |b| b.persistent().absolute_timeout(days(n)));
    assert_eq!(persistent(400), None);
    assert_eq!(persistent(401), Some(SessionConfigError::PersistentTooLong));
}

#[test]
fn timeouts_must_make_sense_together() {
    assert!(fault(|b| b.idle_timeout(Duration::ZERO)).is_some());
    assert!(fault(|b| b.absolute_timeout(Duration::ZERO)).is_some());
    let error = fault(|b| b.absolute_timeout(Duration::from_secs(60))).unwrap();
    let text = error.to_string();
    assert!(text.contains("idle_timeout") && text.contains("absolute_timeout"), "{text}");
}

#[test]
fn words_that_could_not_be_quoted_are_refused() {
    assert_eq!(fault(|b| b.realm("a\"b")), Some(SessionConfigError::Realm));
    assert_eq!(fault(|b| b.realm("a\r\nb")), Some(SessionConfigError::Realm));
    assert_eq!(
        fault(|b| b.settings(&Settings::new().issuer(""))),
        Some(SessionConfigError::Issuer)
    );
}

#[test]
fn a_store_too_small_for_sessions_is_refused() {
    let store = MemoryStore::new(Clock::system()).max_value(4095);
    let layer = SessionLayer::builder(store, &KeyRing::random()).build();
    assert_eq!(layer.err(), Some(SessionConfigError::Store));
}
