//! The document, as servers on loopback serve it.

use tower_auth_test::TestClock;

use crate::discovery::{Rediscovered, candidates, discover, rediscover};
use crate::error::{ProviderError, ProviderErrorKind};
use crate::fetch::tests::fetch;
use crate::test_server::{Answer, TestServer};

const APPENDED: &str = "/main/.well-known/openid-configuration";
const INSERTED: &str = "/.well-known/oauth-authorization-server/main";

fn document(issuer: &str, keys: &str) -> String {
    format!(r#"{{"issuer": "{issuer}", "jwks_uri": "{keys}"}}"#)
}

async fn refused(server: &TestServer) -> ProviderError {
    let issuer = server.url("/main");
    let addresses = candidates(&issuer, false).expect("loopback");
    let error = discover(&fetch(&TestClock::new()), &issuer, &addresses).await;
    error.expect_err("discovery fails")
}

#[tokio::test]
async fn the_document_is_found_at_either_place() {
    for (path, requests) in [(APPENDED, 1), (INSERTED, 2)] {
        let (server, _arrivals) = TestServer::start().await;
        let (issuer, keys) = (server.url("/main"), server.url("/keys"));
        server.set(path, Answer::ok(document(&issuer, &keys)));
        let addresses = candidates(&issuer, false).expect("loopback");
        let fetch = fetch(&TestClock::new());
        let found = discover(&fetch, &issuer, &addresses).await.expect("it is found");
        assert_eq!(found.metadata.issuer(), issuer);
        assert_eq!(found.from.url().path(), path);
        assert_eq!(found.keys.url().as_str(), keys);
        assert_eq!(server.received().len(), requests);
    }
}

#[tokio::test]
async fn only_a_document_that_is_not_found_is_looked_for_elsewhere() {
    let (server, _arrivals) = TestServer::start().await;
    server.set(INSERTED, Answer::ok(document(&server.url("/main"), &server.url("/keys"))));
    for status in ["403 Forbidden", "500 Internal Server Error", "301 Moved"] {
        server.set(APPENDED, Answer::status(status));
        let error = refused(&server).await;
        assert!(error.to_string().contains(APPENDED), "{error}");
    }
    assert!(server.received().iter().all(|it| it.path == APPENDED));
    let (empty, _arrivals) = TestServer::start().await;
    let error = refused(&empty).await;
    assert!(error.to_string().contains(APPENDED) && error.to_string().contains("404"), "{error}");
    assert_eq!(empty.received().len(), 2);
}

#[tokio::test]
async fn d33_the_document_of_another_issuer_is_refused() {
    let (server, _arrivals) = TestServer::start().await;
    let keys = server.url("/keys");
    for issuer in ["https://evil.example".to_owned(), server.url("/main/"), server.url("/other")] {
        server.set(APPENDED, Answer::ok(document(&issuer, &keys)));
        let error = refused(&server).await;
        assert_eq!(error.kind(), ProviderErrorKind::Document);
        let text = error.to_string();
        assert!(text.contains(&issuer) && text.contains(APPENDED), "{text}");
    }
}

#[tokio::test]
async fn d33_the_address_of_the_keys_follows_the_rules() {
    let (server, _arrivals) = TestServer::start().await;
    let issuer = server.url("/main");
    for keys in ["http://10.0.0.1/keys", "https://169.254.169.254/", "http://keys.example/", "keys"]
    {
        server.set(APPENDED, Answer::ok(document(&issuer, keys)));
        assert_eq!(refused(&server).await.kind(), ProviderErrorKind::Address, "{keys}");
    }
    server.set(APPENDED, Answer::ok(format!(r#"{{"issuer": "{issuer}"}}"#)));
    let error = refused(&server).await;
    assert!(error.to_string().contains("no \"jwks_uri\""), "{error}");
    assert!(server.received().iter().all(|it| it.path == APPENDED));
}

#[tokio::test]
async fn a_document_is_fetched_again_only_if_it_changed() {
    let (server, _arrivals) = TestServer::start().await;
    let issuer = server.url("/main");
    let headers = [("ETag", "\"1\"")];
    let before = document(&issuer, &server.url("/keys"));
    server.set(APPENDED, Answer::with("200 OK", &headers, &before));
    let fetch = fetch(&TestClock::new());
    let addresses = candidates(&issuer, false).expect("loopback");
    let found = discover(&fetch, &issuer, &addresses).await.expect("it is found");

    server.set(APPENDED, Answer::Bytes(b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec()));
    let again = rediscover(&fetch, &issuer, &found).await.expect("it is unchanged");
    assert!(matches!(again, Rediscovered::Unchanged(_)));
    assert_eq!(server.received()[1].header("if-none-match"), Some("\"1\""));

    server.set(APPENDED, Answer::ok(document(&issuer, &server.url("/new-keys"))));
    match rediscover(&fetch, &issuer, &found).await.expect("it has changed") {
        Rediscovered::Changed(found) => assert_eq!(found.keys.url().path(), "/new-keys"),
        Rediscovered::Unchanged(_) => panic!("the address of the keys has changed"),
    }
    server.set(APPENDED, Answer::ok(document("https://evil.example", &server.url("/keys"))));
    let error = rediscover(&fetch, &issuer, &found).await.expect_err("another issuer");
    assert_eq!(error.kind(), ProviderErrorKind::Document);
}
