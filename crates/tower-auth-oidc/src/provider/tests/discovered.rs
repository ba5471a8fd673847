//! The discovery document while the provider runs.

use std::time::Duration;

use http::StatusCode;
use tower_auth::bearer::BearerJwtLayer;

use super::{DOCUMENT, Fixture, token};
use crate::Provider;
use crate::error::ProviderErrorKind;
use crate::test_server::Answer;

fn documents(fixture: &Fixture) -> usize {
    fixture.server.received().iter().filter(|it| it.path == DOCUMENT).count()
}

#[tokio::test]
async fn the_keys_move_with_the_document() {
    let fixture = Fixture::new("1").await;
    let (old, new) = (fixture.signer("1"), fixture.signer("2"));
    fixture.serve(&[&old], &[("Cache-Control", "no-cache"), ("ETag", "\"old\"")]);
    let provider = fixture.discover().await.expect("the provider works");
    assert_eq!(documents(&fixture), 1);
    fixture.next_refresh(&provider).await;
    assert_eq!(documents(&fixture), 1, "the document has its own time");
    let document = format!(
        r#"{{"issuer": "{}", "jwks_uri": "{}"}}"#,
        fixture.issuer(),
        fixture.server.url("/new-keys")
    );
    fixture.server.set(DOCUMENT, Answer::ok(document));
    fixture.server.set("/new-keys", Answer::ok(new.jwks()));
    fixture.time.advance(Duration::from_secs(600));
    fixture.settled(&provider).await;
    assert_eq!(documents(&fixture), 2);
    let last = fixture.server.received().pop().expect("it arrived");
    assert_eq!(last.path, "/new-keys");
    assert_eq!(last.header("if-none-match"), None, "the version is that of other keys");
    let metadata = provider.metadata().expect("it was discovered");
    assert_eq!(metadata.jwks_uri(), Some(&*fixture.server.url("/new-keys")));
    assert_eq!(fixture.present(&provider, &token(&new)).await, StatusCode::OK);
}

/// An address that stopped working is looked up again, although the document is not due.
#[tokio::test]
async fn keys_that_moved_are_found_at_the_second_attempt() {
    let fixture = Fixture::new("1").await;
    let new = fixture.signer("2");
    let provider = fixture.discover().await.expect("the provider works");
    fixture.server.set("/keys", Answer::status("404 Not Found"));
    let document = format!(
        r#"{{"issuer": "{}", "jwks_uri": "{}"}}"#,
        fixture.issuer(),
        fixture.server.url("/new-keys")
    );
    fixture.server.set("/new-keys", Answer::ok(new.jwks()));
    // A token with an unknown key causes the fetch, before the document's own time is over.
    fixture.time.advance(Duration::from_secs(31));
    let answered = fixture.present(&provider, &token(&new)).await;
    assert_eq!(answered, StatusCode::SERVICE_UNAVAILABLE);
    fixture.server.set(DOCUMENT, Answer::ok(document));
    assert_eq!((documents(&fixture), provider.status().failures), (1, 1));
    fixture.next_refresh(&provider).await;
    assert_eq!((documents(&fixture), provider.status().failures), (2, 0));
    assert_eq!(fixture.present(&provider, &token(&new)).await, StatusCode::OK);
}

#[tokio::test]
async fn keys_are_fetched_while_only_the_document_is_missing() {
    let fixture = Fixture::new("1").await;
    let signer = fixture.signer("1");
    fixture.serve(&[&signer], &[]);
    let provider = fixture.discover().await.expect("the provider works");
    fixture.server.set(DOCUMENT, Answer::status("500 Internal Server Error"));
    fixture.time.advance(Duration::from_secs(3600));
    fixture.settled(&provider).await;
    assert_eq!(provider.status().failures, 0);
    assert_eq!((documents(&fixture), fixture.fetches()), (2, 2));
}

/// The provider says that it is another one, so its keys are not confirmed.
#[tokio::test]
async fn d33_a_document_that_becomes_another_issuers_is_a_failed_fetch() {
    let fixture = Fixture::new("1").await;
    let signer = fixture.signer("1");
    fixture.serve(&[&signer], &[]);
    let provider = fixture.discover().await.expect("the provider works");
    for (document, kind) in [
        (r#"{"issuer": "https://evil.example"}"#.to_owned(), ProviderErrorKind::Document),
        (
            format!(r#"{{"issuer": "{}", "jwks_uri": "http://10.0.0.1/"}}"#, fixture.issuer()),
            ProviderErrorKind::Address,
        ),
    ] {
        fixture.server.set(DOCUMENT, Answer::ok(document));
        fixture.time.advance(Duration::from_secs(3600));
        fixture.settled(&provider).await;
        assert_eq!(provider.status().last_error.expect("it failed").kind(), kind);
        assert_eq!(fixture.fetches(), 1);
        assert_eq!(fixture.present(&provider, &token(&signer)).await, StatusCode::OK);
    }
}

/// The document names the template itself, and the keys are those of all tenants.
#[tokio::test]
async fn a_template_of_tenants_is_discovered_at_its_own_address() {
    let fixture = Fixture::new("1").await;
    let template = fixture.server.url("/{tenantid}/v2.0");
    let error = Provider::discover(&template).await.expect_err("the document is elsewhere");
    assert!(error.to_string().contains(".discovery_address"), "{error}");

    let keys = fixture.server.url("/keys");
    let document = format!(r#"{{"issuer": "{template}", "jwks_uri": "{keys}"}}"#);
    fixture.server.set("/organizations/document", Answer::ok(document));
    let builder = Provider::discover(&template).settings(&fixture.settings());
    let address = fixture.server.url("/organizations/document");
    let provider = builder.discovery_address(address).await.expect("the provider works");
    let issuer = provider.issuer(super::AUDIENCE).tenants(["a"]);
    assert!(format!("{issuer:?}").contains("tenantid"));
    let _ = BearerJwtLayer::any([issuer]).build().expect("a valid issuer");
}
