//! The bindings of an exchange, the end of a family, and the effects of failures.

use crate::Settings;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tower_auth_core::store::{EndReason, Load};
use tower_auth_core::{Identity, Principal};
use tower_auth_test::TestClock;

use super::fixture::{Fixture, alice, text};
use crate::refresh::{PresentedToken, RefreshError, RefreshRefusal};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn rf_05_scopes_narrow_the_access_token_alone() {
    let fixture = Fixture::new();
    let first = fixture.refresh.begin(&alice(), None).await.unwrap();
    let ask = |token, scope| fixture.refresh.refresh(PresentedToken::new(token).scope(scope));
    let first = text(&first);
    let narrow = ask(&first, "reports:read").await.unwrap();
    assert!(narrow.access().text.contains("scopes [reports:read] roles [user] acr Some(\"1\")"));
    assert!(narrow.access().text.contains("amr [pwd] claims Some([\"a claim\"])"));
    assert!(narrow.to_json().contains(r#""scope":"reports:read""#));
    // The family may request all of its scopes the next time.
    fixture.later();
    let wide = fixture.refresh.refresh(text(&narrow).as_str()).await.unwrap();
    assert!(wide.access().text.contains("scopes [reports:read reports:write]"));
    assert!(!wide.to_json().contains("\"scope\":"));
}

#[tokio::test]
async fn rf_05_a_scope_that_was_not_granted_is_refused_and_consumes_nothing() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    for scope in ["admin", "reports:read admin", "reports", "REPORTS:READ", " "] {
        let asked = fixture.refresh.refresh(PresentedToken::new(&first).scope(scope)).await;
        assert!(matches!(asked, Err(RefreshError::Scope)), "{scope}");
    }
    assert_eq!(fixture.store.steps().save, 0);
    assert_eq!(fixture.refusal(&first).await, None);
}

#[tokio::test]
async fn rf_06_another_client_is_refused_and_consumes_and_ends_nothing() {
    let fixture = Fixture::new();
    let first = text(&fixture.refresh.begin(&alice(), Some("app")).await.unwrap());
    let ask = |presented: PresentedToken<'static>| fixture.refresh.refresh(presented);
    let leaked: &'static str = first.clone().leak();
    for presented in [PresentedToken::new(leaked), PresentedToken::new(leaked).client("other")] {
        let asked = ask(presented).await;
        assert!(matches!(asked, Err(RefreshError::Refused(RefreshRefusal::Client))));
    }
    let second = text(&ask(PresentedToken::new(leaked).client("app")).await.unwrap());
    // A used token in other hands does not end the family either.
    fixture.later();
    assert_eq!(fixture.refusal(leaked).await, Some(RefreshRefusal::Client));
    let revoked = fixture.refresh.revoke(PresentedToken::new(&second).client("other")).await;
    assert!(matches!(revoked, Err(RefreshError::Refused(RefreshRefusal::Client))));
    assert!(fixture.refresh.refresh(PresentedToken::new(&second).client("app")).await.is_ok());
}

#[tokio::test]
async fn rf_06_a_family_that_is_bound_to_no_client_serves_any() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    let second = fixture.refresh.refresh(PresentedToken::new(&first).client("app")).await.unwrap();
    fixture.refresh.revoke(PresentedToken::new(&text(&second)).client("other")).await.unwrap();
    assert_eq!(fixture.refusal(&text(&second)).await, Some(RefreshRefusal::Ended));
}

#[tokio::test]
async fn rf_06_the_empty_name_is_a_name_and_a_long_one_is_refused() {
    let fixture = Fixture::new();
    let first = text(&fixture.refresh.begin(&alice(), Some("")).await.unwrap());
    assert_eq!(fixture.refusal(&first).await, Some(RefreshRefusal::Client));
    assert!(fixture.refresh.refresh(PresentedToken::new(&first).client("")).await.is_ok());
    let long = "x".repeat(1024);
    let bound = text(&fixture.refresh.begin(&alice(), Some(&long)).await.unwrap());
    assert!(fixture.refresh.refresh(PresentedToken::new(&bound).client(&long)).await.is_ok());
    let longer = fixture.refresh.begin(&alice(), Some(&"x".repeat(1025))).await;
    assert!(matches!(longer, Err(RefreshError::TooLarge)));
}

#[tokio::test]
async fn rf_07_a_forged_token_reaches_no_store_and_a_forged_tag_ends_nothing() {
    let fixture = Fixture::new();
    let first = fixture.refresh.begin(&alice(), None).await.unwrap();
    fixture.steps();
    for forged in ["", "x", &text(&first)[1..], &format!("{}=", text(&first))] {
        assert_eq!(fixture.refusal(forged).await, Some(RefreshRefusal::Forged));
        fixture.refresh.revoke(forged).await.unwrap();
    }
    assert_eq!(fixture.steps().total(), 0);
    // An attacker with the ring but without the record.
    for generation in [0, 1, 7] {
        let forged = fixture.by_ring(first.family(), generation);
        assert_eq!(fixture.refusal(&forged).await, Some(RefreshRefusal::Forged));
        fixture.refresh.revoke(forged.as_str()).await.unwrap();
    }
    assert_eq!(fixture.steps().end, 0);
    assert_eq!(fixture.refusal(&text(&first)).await, None);
}

#[tokio::test]
async fn rf_08_the_store_holds_no_token() {
    let fixture = Fixture::new();
    let tokens = fixture.refresh.begin(&alice(), None).await.unwrap();
    let token = {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text(&tokens)).unwrap()
    };
    let Load::Found(stored) = fixture.record(tokens.family()).await else { panic!() };
    let record = stored.to_bytes();
    // The record contains neither the tag nor the MAC, whole or in halves.
    for part in token[29..].chunks(8).filter(|part| part.len() == 8) {
        assert!(!record.windows(8).any(|it| it == part));
    }
    // Under another key of the ring, the tag is the same but the text differs.
    let text = text(&tokens);
    assert!(!record.windows(16).any(|it| it == &text.as_bytes()[..16]));
}

#[tokio::test]
async fn rf_09_an_unused_family_ends() {
    let fixture = Fixture::new();
    let (used, unused) = (fixture.login().await, fixture.login().await);
    fixture.time.advance(13 * DAY);
    let used = fixture.next(&used).await.unwrap();
    fixture.time.advance(DAY);
    assert_eq!(fixture.refusal(&unused).await, Some(RefreshRefusal::Ended));
    assert_eq!(fixture.refusal(&used).await, None);
}

#[tokio::test]
async fn rf_09_a_family_ends_however_much_it_is_used() {
    let fixture = Fixture::new();
    let mut token = fixture.login().await;
    for _ in 0..89 {
        fixture.time.advance(DAY);
        token = fixture.next(&token).await.unwrap();
    }
    fixture.time.advance(DAY - Duration::from_micros(1));
    token = fixture.next(&token).await.unwrap();
    fixture.time.advance(Duration::from_micros(1));
    assert_eq!(fixture.refusal(&token).await, Some(RefreshRefusal::Ended));
}

#[tokio::test]
async fn rf_09_lifetime_counts_from_the_authentication() {
    let fixture = Fixture::new();
    fixture.time.advance(80 * DAY);
    let old = alice().to_builder().authenticated_at(TestClock::START).build();
    let tokens = fixture.refresh.begin(&old, None).await.unwrap();
    assert_eq!(tokens.lifetime(), 10 * DAY);
    // A provider's clock that is ahead extends no lifetime.
    let ahead = alice().to_builder().authenticated_at(fixture.time.now() + DAY).build();
    assert_eq!(fixture.refresh.begin(&ahead, None).await.unwrap().lifetime(), 90 * DAY);
    fixture.time.advance(10 * DAY);
    let begun = fixture.refresh.begin(&old, None).await;
    assert!(matches!(begun, Err(RefreshError::Refused(RefreshRefusal::Ended))));
}

#[tokio::test]
async fn rf_10_all_families_of_a_principal_are_revoked_and_no_one_elses() {
    let fixture = Fixture::with_settings(|it| it.issuer("https://app.example"));
    let revocations = fixture.refresh.revocations().unwrap();
    let (one, two) = (fixture.login().await, fixture.login().await);
    let bob = text(&fixture.refresh.begin(&Identity::local("bob").build(), None).await.unwrap());
    let elsewhere = Identity::builder(Principal::new("https://id.example", "alice")).build();
    let elsewhere = text(&fixture.refresh.begin(&elsewhere, None).await.unwrap());
    assert_eq!(revocations.revoke_all(&Principal::local("alice")).await.unwrap(), 2);
    for token in [&one, &two] {
        assert_eq!(fixture.refusal(token).await, Some(RefreshRefusal::Ended));
    }
    for token in [&bob, &elsewhere] {
        assert_eq!(fixture.refusal(token).await, None);
    }
    let named = Principal::new("https://app.example", "bob");
    assert_eq!(revocations.revoke_all(&named).await.unwrap(), 1);
}

#[tokio::test]
async fn jw_21_rf_10_a_client_and_a_user_of_one_name_have_their_own_families() {
    let fixture = Fixture::with_settings(|it| it.issuer("https://app.example"));
    let revocations = fixture.refresh.revocations().unwrap();
    let user = fixture.login().await;
    let client = Principal::client(Principal::LOCAL_ISSUER, "alice");
    let begun = Identity::builder(client.clone()).build();
    let of_client = text(&fixture.refresh.begin(&begun, None).await.unwrap());
    assert_eq!(revocations.revoke_all(&client).await.unwrap(), 1);
    assert_eq!(fixture.refusal(&of_client).await, Some(RefreshRefusal::Ended));
    assert_eq!(fixture.refusal(&user).await, None);
    let named = Principal::client("https://app.example", "alice");
    let _ = fixture.refresh.begin(&begun, None).await.unwrap();
    assert_eq!(revocations.revoke_all(&Principal::local("alice")).await.unwrap(), 1);
    assert_eq!(revocations.revoke_all(&named).await.unwrap(), 1);
}

#[tokio::test]
async fn rf_10_any_token_of_a_family_revokes_it() {
    let fixture = Fixture::new();
    let begun = fixture.refresh.begin(&alice(), None).await.unwrap();
    let first = text(&begun);
    let second = fixture.next(&first).await.unwrap();
    fixture.later();
    fixture.refresh.revoke(first.as_str()).await.unwrap();
    assert_eq!(fixture.refusal(&second).await, Some(RefreshRefusal::Ended));
    let record = fixture.record(begun.family()).await;
    assert!(matches!(record, Load::Ended { reason: EndReason::Revoked, .. }));
}

#[tokio::test]
async fn rf_02_an_access_token_can_name_its_family_and_the_store_says_why_it_ended() {
    let fixture = Fixture::new();
    let begun = fixture.refresh.begin(&alice(), None).await.unwrap();
    let next = fixture.refresh.refresh(text(&begun).as_str()).await.unwrap();
    for tokens in [&begun, &next] {
        assert!(tokens.access().text.contains(&format!("of {} ", begun.family())));
    }
    fixture.later();
    assert_eq!(fixture.refusal(&text(&begun)).await, Some(RefreshRefusal::Reused));
    let record = fixture.record(begun.family()).await;
    assert!(matches!(record, Load::Ended { reason: EndReason::Reuse, .. }));
}

#[tokio::test]
async fn an_access_token_says_who_and_since_when() {
    let fixture = Fixture::with_settings(|it| it.issuer("https://app.example"));
    let begun = fixture.refresh.begin(&alice(), None).await.unwrap();
    fixture.time.advance(DAY);
    let next = fixture.refresh.refresh(text(&begun).as_str()).await.unwrap();
    let start = TestClock::START.as_unix_seconds();
    let says = format!(
        "alice@https://app.example by refresh since {start} until {} of {} scopes \
         [reports:read reports:write] roles [user] acr Some(\"1\") amr [pwd] claims \
         Some([\"a claim\"])",
        start + 90 * 24 * 60 * 60,
        begun.family()
    );
    assert_eq!(begun.access().text, says);
    assert_eq!(next.access().text, says);
}

#[tokio::test]
async fn rf_14_where_no_access_token_can_be_minted_the_refresh_token_stays_good() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    fixture.mints.store(false, Ordering::SeqCst);
    fixture.steps();
    assert!(matches!(fixture.next(&first).await, Err(RefreshError::Mint(_))));
    assert!(matches!(fixture.refresh.begin(&alice(), None).await, Err(RefreshError::Mint(_))));
    let steps = fixture.steps();
    assert_eq!((steps.save, steps.create), (0, 0));
    fixture.mints.store(true, Ordering::SeqCst);
    // Outside the window: the token was never used.
    fixture.later();
    assert_eq!(fixture.refusal(&first).await, None);
}

#[tokio::test]
async fn rf_14_a_store_that_is_down_says_nothing_of_a_token_and_changes_nothing() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    let second = fixture.next(&first).await.unwrap();
    fixture.later();
    fixture.store.down();
    // The used token too: reuse is not decided without the store.
    for token in [&first, &second] {
        assert!(matches!(fixture.next(token).await, Err(RefreshError::Unavailable)));
        let revoked = fixture.refresh.revoke(token.as_str()).await;
        assert!(matches!(revoked, Err(RefreshError::Unavailable)));
    }
    assert!(matches!(fixture.refresh.begin(&alice(), None).await, Err(RefreshError::Unavailable)));
    let all = fixture.refresh.revocations().unwrap().revoke_all(&Principal::local("alice")).await;
    assert!(matches!(all, Err(RefreshError::Unavailable)));
    fixture.store.up();
    assert_eq!(fixture.refusal(&second).await, None);
}

#[tokio::test]
async fn xx_03_an_old_keys_token_is_exchanged_for_a_new_keys() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    let node = |keys: &crate::KeyRing| {
        let access =
            |_: &Identity| Ok(crate::refresh::AccessToken { text: String::new(), expires_in: DAY });
        let builder = crate::Refresh::builder(fixture.store.clone(), keys, access);
        builder.settings(&Settings::new().clock(fixture.time.clock())).build().unwrap()
    };
    let both = node(&crate::KeyRing::insecure_from_seeds([9, 7]));
    let new = node(&crate::KeyRing::insecure_from_seed(9));
    let forged = new.refresh(first.as_str()).await;
    assert!(matches!(forged, Err(RefreshError::Refused(RefreshRefusal::Forged))));
    let second = text(&both.refresh(first.as_str()).await.unwrap());
    fixture.later();
    assert!(new.refresh(second.as_str()).await.is_ok());
}

#[tokio::test]
async fn a_record_of_a_later_format_is_refused_and_left_alone() {
    use tower_auth_core::store::{Key, RecordKind, Store as _, Write};
    let fixture = Fixture::new();
    let begun = fixture.refresh.begin(&alice(), None).await.unwrap();
    let key = Key::new(RecordKind::Family, begun.family());
    let Load::Found(stored) = fixture.record(begun.family()).await else { panic!() };
    let mut record = stored.record;
    let good = record.meta.clone();
    for bad in [&b"\x02"[..], b"", &good[..40], &[&[9][..], &good[1..]].concat()] {
        let Load::Found(now) = fixture.record(begun.family()).await else { panic!("it was ended") };
        record.meta = bytes::Bytes::copy_from_slice(bad);
        let written = fixture.store.save(&key, now.version, &record).await.unwrap();
        assert!(matches!(written, Write::Done(_)));
        assert_eq!(fixture.refusal(&text(&begun)).await, Some(RefreshRefusal::Unreadable));
        // The token does not count as revoked either.
        let revoked = fixture.refresh.revoke(text(&begun).as_str()).await;
        assert!(matches!(revoked, Err(RefreshError::Unavailable)));
    }
}
