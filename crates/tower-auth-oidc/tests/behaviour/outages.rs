//! A provider that is killed, or that accepts connections and does not answer.

use std::task::Poll;

use http::StatusCode;
use tower_auth_fixtures::server::OpenIdProvider;

use crate::client::{API, Client, REFRESH, STALE, WAIT, WINDOW, at_once, poll_once, status};
use crate::unknown_keys::with_kid;

async fn fail(mut server: OpenIdProvider, audience: &str) {
    let client = Client::discover(server.issuer()).await;
    let layer = client.layer(audience);
    let token = server.token("es256", audience);
    let unknown = with_kid(&token, "unknown");
    // Also by a layer that did not remember the token.
    let known = async || {
        let other = client.layer(audience);
        (at_once(&layer, &token).await, at_once(&other, &token).await)
    };
    let accepted = (StatusCode::OK, StatusCode::OK);
    assert_eq!(known().await, accepted);

    // It accepts connections and never answers.
    server.pause();
    client.time.advance(WINDOW);
    let mut waiting = Box::pin(status(&layer, &unknown));
    assert_eq!(poll_once(&mut waiting).await, Poll::Pending);
    while client.provider.status().next_refresh.is_some() {
        tokio::task::yield_now().await;
    }
    assert_eq!(known().await, accepted);
    client.time.advance(WAIT);
    assert_eq!(waiting.await, StatusCode::SERVICE_UNAVAILABLE);
    client.fetched(2).await;
    assert_eq!(client.provider.status().failures, 1);
    assert_eq!(known().await, accepted);
    // Within the window, no other request waits.
    assert_eq!(at_once(&layer, &unknown).await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(client.fetches(), 2);
    server.resume();
    client.refresh().await;
    assert_eq!(client.provider.status().failures, 0);
    assert_eq!(at_once(&layer, &unknown).await, StatusCode::UNAUTHORIZED);

    // It is killed, past one refresh and past the bound.
    server.kill();
    let begun = client.time.now();
    while client.time.now().since(begun) < 3 * REFRESH {
        client.refresh().await;
        assert_eq!(known().await, accepted);
        assert_eq!(at_once(&layer, &unknown).await, StatusCode::SERVICE_UNAVAILABLE);
    }
    let failures = client.provider.status().failures;
    assert!(failures >= 3, "{failures}");
    let number = client.fetches() + 1;
    client.time.advance(STALE);
    let refused = (StatusCode::SERVICE_UNAVAILABLE, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(known().await, refused);
    assert!(!client.provider.status().is_usable);
    client.fetched(number).await;

    // It returns.
    server.restart();
    client.refresh().await;
    assert_eq!(known().await, accepted);
}

#[tokio::test]
async fn d10_d31_jw_32_keys_outlast_an_outage_of_oidc_provider() {
    fail(OpenIdProvider::oidc_provider(), API).await;
}

#[tokio::test]
async fn d10_d31_jw_32_keys_outlast_an_outage_of_canaille() {
    fail(OpenIdProvider::canaille(), "es256").await;
}
