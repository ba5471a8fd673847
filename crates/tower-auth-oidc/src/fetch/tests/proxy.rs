//! Proxies: none of the environment, and the one that is configured.

use std::process::Command;

use tower_auth_test::TestClock;

use super::{content, fetch, fetch_with, loopback, settings};
use crate::address::Address;
use crate::fetch::{ClientSettings, Fetched};
use crate::test_server::{Answer, TestServer};

/// The name of the variable that the second process gets.
const SECOND: &str = "TOWER_AUTH_OIDC_SECOND_PROCESS";

/// Runs this test again in a process whose environment names a proxy that is not there.
#[tokio::test]
async fn d33_no_proxy_is_taken_from_the_environment() {
    if std::env::var_os(SECOND).is_none() {
        let this = std::env::current_exe().expect("the test's own file");
        let mut command = Command::new(this);
        command
            .args(["--exact", "fetch::tests::proxy::d33_no_proxy_is_taken_from_the_environment"]);
        for name in
            ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]
        {
            command.env(name, "http://127.0.0.1:9");
        }
        let output = command.env(SECOND, "1").env_remove("no_proxy").output().expect("it runs");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
        return;
    }
    let (server, _arrivals) = TestServer::start().await;
    server.set("/keys", Answer::ok("{}"));
    content(&fetch(&TestClock::new()), &server.url("/keys")).await.expect("without a proxy");
    let insecure = Address::configured(&server.url_at("id.example", "/keys"), "test", true);
    let fetched = fetch(&TestClock::new()).get(&insecure.expect("allowed"), None).await;
    assert!(matches!(fetched, Ok(Fetched::Content(_))), "{fetched:?}");
}

#[tokio::test]
async fn a_configured_proxy_is_used_except_for_loopback() {
    let (proxy, _arrivals) = TestServer::start().await;
    let (server, _arrivals) = TestServer::start().await;
    let target = "http://id.internal/keys";
    proxy.set(target, Answer::ok("by the proxy"));
    server.set("/keys", Answer::ok("direct"));
    let url = proxy.url_at("127.0.0.1", "");
    let clients = ClientSettings {
        proxy: Some(reqwest::Proxy::all(&url).expect("a proxy's address")),
        ..loopback()
    };
    let fetch = fetch_with(&TestClock::new(), clients, settings());
    let address = Address::configured(target, "test", true).expect("allowed");
    match fetch.get(&address, None).await {
        Ok(Fetched::Content(content)) => assert_eq!(content.text, "by the proxy"),
        other => panic!("{other:?}"),
    }
    let direct = content(&fetch, &server.url("/keys")).await.expect("it answers");
    assert_eq!(direct.text, "direct");
    assert_eq!(proxy.received().len(), 1);
}
