//! Names that resolve to addresses that are not allowed.

use std::sync::Arc;

use reqwest::dns::{Name, Resolve as _};
use tower_auth_test::TestClock;

use super::{Names, configured, content, fetch_with, refused, settings};
use crate::address::Allowed;
use crate::error::ProviderErrorKind;
use crate::fetch::ClientSettings;
use crate::fetch::resolver::Resolver;
use crate::test_server::{Answer, TestServer};

fn clients(names: &Names) -> ClientSettings {
    ClientSettings { lookup: Arc::new(names.clone()), ..ClientSettings::default() }
}

#[tokio::test]
async fn d33_a_named_address_that_resolves_into_a_private_network_is_refused() {
    let from = configured("https://id.example");
    let named = from.named("https://keys.example/jwks", "jwks_uri").expect("public so far");
    for ip in [
        "10.0.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "::1",
        "::ffff:10.0.0.1",
        "fd00::1",
        "64:ff9b::10.0.0.1",
    ] {
        let names = Names::of(&[ip]);
        let fetch = fetch_with(&TestClock::new(), clients(&names), settings());
        let error = crate::ProviderError::from(fetch.get(&named, None).await.expect_err(ip));
        assert_eq!(error.kind(), ProviderErrorKind::Address);
        let text = error.to_string();
        assert!(text.contains("https://keys.example/jwks") && text.contains("Provider::jwks"));
        assert!(text.contains("a public address"), "{text}");
        assert_eq!(names.asked(), ["keys.example"]);
    }
}

/// A name that is reserved for loopback must resolve to it: plain http must not leave the machine.
#[tokio::test]
async fn jw_32_localhost_is_loopback_or_refused() {
    let (server, _arrivals) = TestServer::start().await;
    server.set("/keys", Answer::ok("{}"));
    let names = Names::of(&["10.0.0.1", "192.0.2.1"]);
    let fetch = fetch_with(&TestClock::new(), clients(&names), settings());
    let url = server.url("/keys");
    let error = refused(&fetch, &url).await;
    assert_eq!(error.kind(), ProviderErrorKind::Address);
    assert!(error.to_string().contains(".insecure_http()"), "{error}");
    names.set(&["10.0.0.1", "127.0.0.1"]);
    content(&fetch, &url).await.expect("the loopback address is kept");
}

/// The next connection resolves the name again, and judges the new answer.
#[tokio::test]
async fn d33_a_name_is_judged_again_on_each_connection() {
    let (server, _arrivals) = TestServer::start().await;
    server.set("/keys", Answer::ok("{}"));
    let names = Names::of(&["127.0.0.1"]);
    let fetch = fetch_with(&TestClock::new(), clients(&names), settings());
    let url = server.url("/keys");
    content(&fetch, &url).await.expect("loopback");
    names.set(&["10.0.0.1"]);
    assert_eq!(refused(&fetch, &url).await.kind(), ProviderErrorKind::Address);
    names.set(&["127.0.0.1"]);
    content(&fetch, &url).await.expect("loopback again");
    assert_eq!(names.asked().len(), 3);
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn of_several_addresses_the_allowed_ones_are_kept() {
    let names = Names::of(&["10.0.0.1", "8.8.8.8", "127.0.0.1", "2606:4700::1111"]);
    for (allowed, kept) in [
        (Allowed::PUBLIC, &["8.8.8.8", "2606:4700::1111"][..]),
        (Allowed::LOOPBACK, &["127.0.0.1"]),
        (Allowed::PUBLIC_OR_LOOPBACK, &["8.8.8.8", "127.0.0.1", "2606:4700::1111"]),
        (Allowed::ANY, &["10.0.0.1", "8.8.8.8", "127.0.0.1", "2606:4700::1111"]),
    ] {
        let resolver = Resolver { lookup: Arc::new(names.clone()), allowed };
        let name: Name = "keys.example".parse().expect("a name");
        let found = resolver.resolve(name).await.expect("some are allowed");
        let found: Vec<_> = found.map(|it| it.ip().to_string()).collect();
        assert_eq!(found, kept);
    }
}

#[tokio::test]
async fn a_name_without_an_address_is_unreachable() {
    let fetch = fetch_with(&TestClock::new(), clients(&Names::default()), settings());
    let error = refused(&fetch, "https://id.example/keys").await;
    assert_eq!(error.kind(), ProviderErrorKind::Unreachable, "{error}");
}
