//! Tests of layers with several issuers, and of templates for tenants.

use serde_json::json;

use super::forge::{self, b64, claims};
use super::*;

const OTHER: &str = "https://partner.example";

fn issuer(name: &str) -> TrustedIssuer {
    TrustedIssuer::new(name, AUDIENCE).backend(BACKEND).algorithms([Algorithm::HS256])
}

fn key(secret: u8) -> Key {
    Key::from_secret(Algorithm::HS256, [secret; 32])
}

fn layer_of(issuers: impl IntoIterator<Item = TrustedIssuer>) -> BearerJwtLayer {
    build(issuers).unwrap()
}

fn build(
    issuers: impl IntoIterator<Item = TrustedIssuer>,
) -> Result<BearerJwtLayer, BearerConfigError> {
    BearerJwtLayer::any(issuers).settings(&Settings::new().clock(clock())).build()
}

/// A token of this issuer, signed with this secret.
fn token(iss: &str, secret: u8) -> String {
    signed(r#"{"alg":"HS256"}"#, &claims(json!({ "iss": iss })), secret)
}

fn signed(header: &str, claims: &str, secret: u8) -> String {
    let input = forge::input(header, claims);
    forge::join(&input, forge::hmac_with(aws_lc_rs::hmac::HMAC_SHA256, &[secret; 32], &input))
}

#[tokio::test]
async fn jw_20_each_issuer_has_its_own_keys() {
    let layer = layer_of([issuer(ISSUER).key(key(1)), issuer(OTHER).key(key(2))]);
    for (iss, secret) in [(ISSUER, 1), (OTHER, 2)] {
        let identity = identity(&layer, &token(iss, secret)).await.unwrap();
        assert_eq!((identity.issuer(), identity.subject()), (iss, "alice"));
    }
    for (iss, secret) in [(ISSUER, 2), (OTHER, 1), ("https://id.example/", 1), ("", 1)] {
        assert_refused(&present(&layer, &token(iss, secret)).await, iss);
    }
}

#[tokio::test]
async fn jw_20_each_issuer_has_its_own_rules() {
    let layer = layer_of([
        issuer(ISSUER).key(key(1)).profile(Profile::Rfc9068),
        TrustedIssuer::new(OTHER, "other-api")
            .backend(BACKEND)
            .algorithms([Algorithm::HS512])
            .key(Key::from_secret(Algorithm::HS512, [1; 64])),
    ]);
    assert_refused(&present(&layer, &token(ISSUER, 1)).await, "profile");
    let full = claims(json!({ "client_id": "web", "iat": NOW, "jti": "1" }));
    let at = signed(r#"{"alg":"HS256","typ":"at+jwt"}"#, &full, 1);
    assert_accepted(&present(&layer, &at).await, "profile");
    assert_refused(&present(&layer, &token(OTHER, 1)).await, "algorithm");
    let other = claims(json!({ "iss": OTHER }));
    let input = forge::input(r#"{"alg":"HS512"}"#, &other);
    let hmac = forge::hmac_with(aws_lc_rs::hmac::HMAC_SHA512, &[1; 64], &input);
    assert_refused(&present(&layer, &forge::join(&input, hmac)).await, "audience");
}

/// The unverified `iss` selects the issuer, and the verified one must be the same.
#[tokio::test]
async fn jw_20_a_token_with_two_issuers_or_none_is_refused() {
    let layer = layer_of([issuer(ISSUER).key(key(1)), issuer(OTHER).key(key(2))]);
    for claims in [
        claims(json!({})).replacen('{', &format!("{{\"iss\":\"{OTHER}\","), 1),
        claims(json!({ "iss": null })),
        claims(json!({ "iss": [ISSUER] })),
        claims(json!({ "iss": 7 })),
        "[]".into(),
        "not JSON".into(),
    ] {
        for secret in [1, 2] {
            let token = signed(r#"{"alg":"HS256"}"#, &claims, secret);
            assert_refused(&present(&layer, &token).await, &claims);
        }
    }
}

#[tokio::test]
async fn jw_21_all_spellings_of_an_issuer_are_one_principal() {
    let layer = layer_of([issuer(ISSUER).or_spelled("https://id.example/").key(key(1))]);
    let one = identity(&layer, &token(ISSUER, 1)).await.unwrap();
    let two = identity(&layer, &token("https://id.example/", 1)).await.unwrap();
    assert!(one.same_principal(&two) && two.issuer() == ISSUER);
    assert_refused(&present(&layer, &token("https://id.example//", 1)).await, "another spelling");
}

const TEMPLATE: &str = "https://login.example/{tenantid}/v2.0";

fn tenants() -> TrustedIssuer {
    TrustedIssuer::template(TEMPLATE, AUDIENCE)
        .backend(BACKEND)
        .algorithms([Algorithm::HS256])
        .key(key(1))
}

#[tokio::test]
async fn jw_21_a_template_accepts_listed_tenants_and_keeps_the_whole_issuer() {
    let layer = layer_of([tenants().tenants(["one", "t-w.o"])]);
    for tenant in ["one", "t-w.o"] {
        let iss = format!("https://login.example/{tenant}/v2.0");
        assert_eq!(identity(&layer, &token(&iss, 1)).await.unwrap().issuer(), iss);
    }
    for iss in [
        TEMPLATE,
        "https://login.example//v2.0",
        "https://login.example/three/v2.0",
        "https://login.example/ONE/v2.0",
        "https://login.example/one/v2.0/",
        "https://login.example/one/x/v2.0",
        "https://login.example/one",
        "https://login.example/one%2Fv2.0",
        "http://login.example/one/v2.0",
        "https://login.example.evil/one/v2.0",
        "https://login.example/v2.0",
    ] {
        assert_refused(&present(&layer, &token(iss, 1)).await, iss);
    }
}

#[tokio::test]
async fn a_tenant_is_one_segment_even_if_the_predicate_accepts_anything() {
    let layer = layer_of([tenants().tenant_filter(|_| true)]);
    let iss = |tenant: &str| format!("https://login.example/{tenant}/v2.0");
    assert_accepted(&present(&layer, &token(&iss(&"a".repeat(64)), 1)).await, "64");
    let long = "a".repeat(65);
    for tenant in [&*long, "", "a/b", "a?b", "a b", "a%20b", "ä", "{tenantid}", "a\\b", "a:b"] {
        assert_refused(&present(&layer, &token(&iss(tenant), 1)).await, tenant);
    }
}

#[tokio::test]
async fn a_tenant_that_was_withdrawn_is_refused_also_if_its_token_is_remembered() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    let allowed = Arc::new(AtomicBool::new(true));
    let asked = allowed.clone();
    let layer = layer_of([tenants().tenant_filter(move |_| asked.load(Ordering::Relaxed))]);
    let token = token("https://login.example/one/v2.0", 1);
    for _ in 0..2 {
        assert_accepted(&present(&layer, &token).await, "allowed");
    }
    allowed.store(false, Ordering::Relaxed);
    assert_refused(&present(&layer, &token).await, "withdrawn");
}

/// Entra publishes keys of single tenants in a common set.
#[tokio::test]
async fn jw_20_a_key_with_an_issuer_signs_for_that_tenant_alone() {
    let jwk = |kid: &str, issuer: &str| json!({ "kty": "oct", "alg": "HS256", "kid": kid, "k": b64([9; 32]), "issuer": issuer });
    let set = json!({ "keys": [
        jwk("common", TEMPLATE),
        jwk("single", "https://login.example/one/v2.0"),
        jwk("foreign", "https://elsewhere.example/{tenantid}/v2.0"),
        { "kty": "oct", "alg": "HS256", "kid": "odd", "k": b64([9; 32]), "issuer": [TEMPLATE] },
    ] });
    let layer = layer_of([TrustedIssuer::template(TEMPLATE, AUDIENCE)
        .backend(BACKEND)
        .tenants(["one", "two"])
        .algorithms([Algorithm::HS256])
        .jwk_set(set.to_string())]);
    for (kid, tenant, accepted) in [
        ("common", "one", true),
        ("common", "two", true),
        ("single", "one", true),
        ("single", "two", false),
        ("foreign", "one", false),
        ("odd", "one", false),
    ] {
        let iss = format!("https://login.example/{tenant}/v2.0");
        let header = json!({ "alg": "HS256", "kid": kid }).to_string();
        let token = signed(&header, &claims(json!({ "iss": iss })), 9);
        let status = present(&layer, &token).await.status();
        assert_eq!(status == 200, accepted, "{kid} {tenant}");
    }
}

#[tokio::test]
async fn an_exact_issuer_comes_before_a_template_that_it_fits() {
    let one = "https://login.example/one/v2.0";
    let layer = layer_of([tenants().tenants(["one", "two"]), issuer(one).key(key(2))]);
    assert_accepted(&present(&layer, &token(one, 2)).await, "its own keys");
    assert_refused(&present(&layer, &token(one, 1)).await, "the template's keys");
    assert_accepted(&present(&layer, &token("https://login.example/two/v2.0", 1)).await, "two");
}

#[test]
fn what_cannot_work_fails_at_build_and_says_what_to_do() {
    let text = |issuers: Vec<TrustedIssuer>| build(issuers).unwrap_err().to_string();
    assert!(text(vec![]).contains("at least one TrustedIssuer"));
    let twice = text(vec![issuer(ISSUER).key(key(1)), issuer(ISSUER).key(key(2))]);
    assert!(twice.contains("two issuers have the name"), "{twice}");
    let spelled = issuer(OTHER).or_spelled(ISSUER).key(key(2));
    assert!(text(vec![issuer(ISSUER).key(key(1)), spelled]).contains("two issuers"));
    let templates = || tenants().tenants(["one"]);
    assert!(text(vec![templates(), templates()]).contains("two issuers"));
    let named = text(vec![issuer(ISSUER).key(key(1)), issuer(OTHER)]);
    assert!(named.contains(OTHER) && named.contains("no key was given"), "{named}");
    assert!(text(vec![tenants()]).contains(".tenant_filter"));
    assert!(text(vec![tenants().tenants(["a/b"])]).contains("no token can have"));
    assert!(text(vec![templates().or_spelled(ISSUER)]).contains(".or_spelled"));
    for template in [
        "https://login.example/v2.0",
        "https://{tenant}/v2.0",
        "https://{tenant}.example/v2.0",
        "https://login.example/x{tenant}/v2.0",
        "https://login.example/{tenant}x",
        "https://login.example/{}/v2.0",
        "https://login.example/{a}/{b}",
        "https://login.example/{a",
    ] {
        let one = TrustedIssuer::template(template, AUDIENCE)
            .tenants(["one"])
            .algorithms([Algorithm::HS256])
            .key(key(1));
        assert!(text(vec![one]).contains("placeholder"), "{template}");
    }
}
