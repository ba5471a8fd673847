//! Settings that are invalid.

use std::time::Duration;

use tower_auth::bearer::Algorithm;

use crate::error::ProviderErrorKind;
use crate::provider::ProviderBuilder;
use crate::{Provider, ProviderError};

const SECOND: Duration = Duration::from_secs(1);

async fn refused(builder: ProviderBuilder) -> ProviderError {
    let error = builder.await.expect_err("it is invalid");
    assert_eq!(error.kind(), ProviderErrorKind::Config, "{error}");
    error
}

#[tokio::test]
async fn each_invalid_setting_is_named_with_a_fix() {
    let builder = || Provider::discover("https://id.example");
    for (builder, text) in [
        (builder().stale_for(Duration::ZERO), ".stale_for must not be zero"),
        (builder().refetch_window(Duration::ZERO), ".refetch_window"),
        (builder().max_waiting(0), ".max_waiting"),
        (builder().max_wait(Duration::ZERO), ".max_wait"),
        (builder().timeout(Duration::ZERO), ".timeout"),
        (builder().max_bytes(0), ".max_bytes"),
        (builder().refresh_between(SECOND / 2, SECOND), ".refresh_between"),
        (builder().refresh_between(SECOND * 3, SECOND * 2), ".refresh_between"),
        (builder().stale_for(SECOND * 60), "shorter than the time between two fetches"),
        (builder().algorithms([]), ".algorithms is empty"),
        (builder().algorithms([Algorithm::RS256, Algorithm::HS256]), "HS256"),
        (builder().root_certificate("not PEM"), ".root_certificate"),
        (builder().proxy("not an address"), ".proxy"),
        (builder().discovery_address("http://id.example"), ".discovery_address"),
        (Provider::discover("http://id.example"), "Provider::discover"),
        (Provider::discover("https://id.example?x=1"), "query"),
        (Provider::discover(""), "Provider::discover"),
        (Provider::jwks("https://id.example", "ftp://id.example"), "Provider::jwks"),
        (
            Provider::jwks("https://id.example", "https://id.example/keys")
                .discovery_address("https://id.example/document"),
            "use Provider::discover",
        ),
        (
            Provider::jwks("https://id.example", "http://id.internal/keys")
                .insecure_http()
                .bearer_token_file("/run/token"),
            ".bearer_token_file",
        ),
        (
            Provider::discover("http://id.internal")
                .insecure_http()
                .bearer_token_file("/run/token"),
            ".bearer_token_file",
        ),
    ] {
        let error = refused(builder).await;
        assert!(error.to_string().contains(text), "{text}: {error}");
    }
}

#[tokio::test]
async fn a_certificate_that_is_no_certificate_is_refused() {
    let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let error = refused(Provider::discover("https://id.example").root_certificate(pem)).await;
    assert!(error.to_string().contains(".root_certificate"), "{error}");
}

#[tokio::test]
async fn no_message_contains_the_proxys_password() {
    let builder = Provider::discover("https://id.example").proxy("http://me:wonderland@[");
    assert!(!refused(builder).await.to_string().contains("wonderland"));
}

#[test]
fn a_provider_needs_a_runtime() {
    let future = std::pin::pin!(std::future::IntoFuture::into_future(
        Provider::discover("https://id.example").start_without_keys()
    ));
    let mut task = std::task::Context::from_waker(std::task::Waker::noop());
    match future.poll(&mut task) {
        std::task::Poll::Ready(Err(error)) => {
            assert!(error.to_string().contains("tokio runtime"), "{error}");
        }
        _ => panic!("there is no runtime"),
    }
}
