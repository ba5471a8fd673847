use crate::Settings;
use std::time::Duration;

use http::StatusCode;
use tower::layer::util::Stack;
use tower_auth_test::WithIdentity;

use super::*;
use crate::Rejection;
use crate::require::RequireLayerBuilder;

const TEN_MINUTES: Duration = Duration::from_secs(600);

/// Returns the reason why alice, with these scopes and roles, is refused; `None` if she is
/// admitted.
async fn refused(
    scopes: &[&str],
    roles: &[&str],
    builder: RequireLayerBuilder,
) -> Option<Rejection> {
    let alice = Identity::local("alice").scopes(scopes).roles(roles).build();
    let response = client(WithIdentity::known(alice), builder.build().unwrap()).get("/").await;
    assert_eq!(response.rejection().is_none(), response.text() == "in");
    response.rejection().cloned()
}

fn role(role: &'static str) -> Option<Rejection> {
    Some(Rejection::Role { role: role.into() })
}

fn scope(scope: &'static str) -> Option<Rejection> {
    Some(Rejection::Scope { scope: scope.into() })
}

#[tokio::test]
async fn every_scope_that_is_named_is_needed() {
    let both = || RequireLayer::builder().scope("a").scope("b");
    assert_eq!(refused(&["b", "c", "a"], &[], both()).await, None);
    assert_eq!(refused(&["a"], &[], both()).await, scope("a b"));
    assert_eq!(refused(&["b"], &[], both()).await, scope("a b"));
    // A role does not count as a scope.
    assert_eq!(refused(&[], &["a", "b"], both()).await, scope("a b"));
}

#[tokio::test]
async fn scopes_and_roles_are_compared_exactly() {
    let read = || RequireLayer::builder().scope("reports:read");
    for near in ["reports", "reports:", "reports:*", "reports:reader", "Reports:Read", "*", ""] {
        assert_eq!(refused(&[near], &[], read()).await, scope("reports:read"), "{near:?}");
    }
    assert_eq!(refused(&["reports:read other"], &[], read()).await, scope("reports:read"));
    let admin = || RequireLayer::builder().role("admin");
    for near in ["Admin", "administrator", "admin ", "5:admin", ""] {
        assert_eq!(refused(&[], &[near], admin()).await, role("admin"), "{near:?}");
    }
}

#[tokio::test]
async fn every_role_and_one_of_each_list_are_needed() {
    let builder = || {
        let staff = RequireLayer::builder().role("staff");
        staff.any_role(["editor", "admin"]).any_role(vec![String::from("de"), "at".into()])
    };
    assert_eq!(refused(&[], &["staff", "admin", "at"], builder()).await, None);
    assert_eq!(refused(&[], &["staff", "editor", "de"], builder()).await, None);
    assert_eq!(refused(&[], &["editor", "admin", "de", "at"], builder()).await, role("staff"));
    assert_eq!(refused(&[], &["staff", "de"], builder()).await, role("editor"));
    assert_eq!(refused(&[], &["staff", "editor", "admin"], builder()).await, role("de"));
    let two = || RequireLayer::builder().role("a").role("b");
    assert_eq!(refused(&[], &["a"], two()).await, role("b"));
    assert_eq!(refused(&[], &["b", "a"], two()).await, None);
}

async fn is_let_in(authenticated_at: Option<Timestamp>) -> bool {
    let layer = RequireLayer::builder()
        .max_age(TEN_MINUTES)
        .settings(&Settings::new().clock(clock()))
        .build()
        .unwrap();
    let who = WithIdentity::known(alice_since(authenticated_at));
    let response = client(who, layer).get("/").await;
    if response.status() != StatusCode::OK {
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.rejection(), Some(&Rejection::TooOld { max_age: TEN_MINUTES }));
    }
    response.text() == "in"
}

#[tokio::test]
async fn se_23_proven_no_longer_ago_than() {
    let micros = |ago: u64| Timestamp::from_unix_micros(NOW.as_unix_micros() - ago);
    assert!(is_let_in(Some(NOW)).await);
    assert!(is_let_in(Some(micros(600_000_000))).await, "exactly");
    assert!(!is_let_in(Some(micros(600_000_001))).await, "a microsecond more");
    assert!(!is_let_in(Some(Timestamp::from_unix_seconds(0))).await);
    assert!(!is_let_in(None).await, "the time is unknown");
}

#[tokio::test]
async fn se_23_a_clock_may_be_a_minute_ahead() {
    let micros = |ahead: u64| NOW + Duration::from_micros(ahead);
    assert!(is_let_in(Some(micros(60_000_000))).await, "exactly");
    assert!(!is_let_in(Some(micros(60_000_001))).await, "a microsecond more");
    assert!(!is_let_in(Some(Timestamp::MAX)).await);
}

#[tokio::test]
async fn se_23_the_longest_age_still_wants_a_moment() {
    let layer = || {
        RequireLayer::builder()
            .max_age(Duration::MAX)
            .settings(&Settings::new().clock(clock()))
            .build()
            .unwrap()
    };
    let ask =
        async |at| client(WithIdentity::known(alice_since(at)), layer()).get("/").await.text();
    assert_eq!(ask(Some(Timestamp::from_unix_seconds(0))).await, "in");
    assert_eq!(ask(None).await, "");
}

#[tokio::test]
async fn se_23_no_one_logs_in_again_for_nothing() {
    let layer = RequireLayer::builder()
        .role("admin")
        .max_age(TEN_MINUTES)
        .settings(&Settings::new().clock(clock()));
    let who = WithIdentity::known(alice_since(None));
    let response = client(who, layer.build().unwrap()).get("/").await;
    assert_eq!(response.rejection(), role("admin").as_ref());
}

#[tokio::test]
async fn it_nests_and_every_one_must_let_pass() {
    let layers = || {
        let inner = RequireLayer::builder().role("admin").build().unwrap();
        Stack::new(Stack::new(inner, RequireLayer::new()), RequireLayer::new())
    };
    let as_role = async |role: &str| {
        let who = WithIdentity::known(Identity::local("alice").role(role).build());
        client(who, layers()).get("/").await.status()
    };
    assert_eq!(as_role("admin").await, StatusCode::OK);
    assert_eq!(as_role("user").await, StatusCode::FORBIDDEN);
    let anonymous = client(WithIdentity::anonymous(), layers()).get("/").await;
    assert_eq!(anonymous.status(), StatusCode::UNAUTHORIZED);
}
