//! The start of a provider, with and without keys.

use http::StatusCode;

use super::{DOCUMENT, Fixture, token};
use crate::Provider;
use crate::error::ProviderErrorKind;
use crate::test_server::Answer;

#[tokio::test]
async fn the_keys_are_there_before_the_first_request() {
    let fixture = Fixture::new("1").await;
    let signer = fixture.signer("1");
    fixture.serve(&[&signer], &[]);
    let provider = fixture.discover().await.expect("the provider works");
    assert_eq!(fixture.present(&provider, &token(&signer)).await, StatusCode::OK);
    let status = provider.status();
    assert!(status.is_usable && status.last_error.is_none());
    assert_eq!(status.keys_age, Some(std::time::Duration::ZERO));
    assert_eq!(status.last_success, Some(fixture.time.now()));
    assert_eq!(fixture.events.take().len(), 2, "fetched, and an accepted token");
    let metadata = provider.metadata().expect("it was discovered");
    assert_eq!(metadata.issuer(), fixture.issuer());
    assert!(format!("{provider:?}").contains(&fixture.issuer()));
}

#[tokio::test]
async fn keys_without_discovery() {
    let fixture = Fixture::new("1").await;
    let signer = fixture.signer("1");
    fixture.serve(&[&signer], &[]);
    let builder = Provider::jwks(fixture.issuer(), fixture.server.url("/keys"));
    let provider = builder.settings(&fixture.settings()).await.expect("the provider works");
    assert_eq!(fixture.present(&provider, &token(&signer)).await, StatusCode::OK);
    assert!(provider.metadata().is_none());
    assert!(fixture.server.received().iter().all(|it| it.path == "/keys"));
}

/// A set that fixed configuration would refuse is a failed fetch.
#[tokio::test]
async fn jw_32_a_provider_without_valid_keys_is_not_built() {
    let fixture = Fixture::new("1").await;
    let public = r#"{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"1",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let secret = r#"{"kty":"oct","kid":"2","alg":"HS256",
        "k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#;
    let private =
        public.replace("\"x\"", "\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\",\"x\"");
    for keys in [
        String::new(),
        "{}".to_owned(),
        "<html>".to_owned(),
        r#"{"keys": []}"#.to_owned(),
        r#"{"keys": [{"kty": "RSA"}]}"#.to_owned(),
        format!(r#"{{"keys": [{public}, {secret}]}}"#),
        format!(r#"{{"keys": [{private}]}}"#),
        format!(r#"{{"keys": [{public}], "keys": []}}"#),
    ] {
        fixture.serve_text(&keys, &[]);
        let error = fixture.discover().await.expect_err(&keys);
        assert_eq!(error.kind(), ProviderErrorKind::Keys, "{keys}");
        assert!(error.to_string().starts_with(&fixture.server.url("/keys: ")), "{error}");
    }
    fixture.serve(&[&fixture.signer("1"), &fixture.signer("1")], &[]);
    let error = fixture.discover().await.expect_err("two keys of one name");
    assert!(error.to_string().contains("two different keys"), "{error}");
    fixture.serve_text(&format!(r#"{{"keys": [{public}]}}"#), &[]);
    fixture.discover().await.expect("this one is valid");
}

#[tokio::test]
async fn a_provider_that_is_down_is_not_built() {
    let fixture = Fixture::new("1").await;
    fixture.server.set("/keys", Answer::status("503 Service Unavailable"));
    let error = fixture.discover().await.expect_err("no keys");
    assert!(error.to_string().contains("/keys: answers 503"), "{error}");
    fixture.server.set(DOCUMENT, Answer::status("503 Service Unavailable"));
    let error = fixture.discover().await.expect_err("no document");
    assert!(error.to_string().contains(DOCUMENT), "{error}");
}

#[tokio::test]
async fn without_keys_requests_wait_for_no_one_and_get_503() {
    let fixture = Fixture::new("1").await;
    let signer = fixture.signer("1");
    fixture.server.set(DOCUMENT, Answer::status("503 Service Unavailable"));
    let provider = fixture.discover().start_without_keys().await.expect("it starts");
    fixture.settled(&provider).await;
    let status = provider.status();
    assert!(!status.is_usable && status.keys_age.is_none() && status.last_success.is_none());
    assert_eq!(status.failures, 1);
    assert!(status.last_error.expect("it failed").to_string().contains(DOCUMENT));
    let answered = fixture.present(&provider, &token(&signer)).await;
    assert_eq!(answered, StatusCode::SERVICE_UNAVAILABLE);

    let document = format!(
        r#"{{"issuer": "{}", "jwks_uri": "{}"}}"#,
        fixture.issuer(),
        fixture.server.url("/keys")
    );
    fixture.server.set(DOCUMENT, Answer::ok(document));
    fixture.serve(&[&signer], &[]);
    fixture.next_refresh(&provider).await;
    let status = provider.status();
    assert!(status.is_usable && status.last_error.is_none() && status.failures == 0);
    assert_eq!(fixture.present(&provider, &token(&signer)).await, StatusCode::OK);
}
