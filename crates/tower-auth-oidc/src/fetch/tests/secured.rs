//! TLS with an authority of one's own, and the token for the configured origin.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use reqwest::Certificate;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;
use tower_auth_test::TestClock;

use super::{configured, content, fetch, fetch_with, loopback, refused, settings};
use crate::error::ProviderErrorKind;
use crate::fetch::{ClientSettings, FetchSettings, Fetched};
use crate::test_server::{Answer, TestServer};

/// Creates an authority, in PEM, and a server's certificate for `name` that it signed.
fn certified(name: &str) -> (String, TlsAcceptor) {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key"));
    let authority = authority.expect("a certificate");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, &authority).expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("TLS 1.3")
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).expect("a key"),
        )
        .expect("the key of the certificate");
    (authority.pem(), TlsAcceptor::from(Arc::new(config)))
}

fn trusting(pem: &str) -> ClientSettings {
    let certificates = vec![Certificate::from_pem(pem.as_bytes()).expect("a certificate")];
    ClientSettings { certificates, ..loopback() }
}

#[tokio::test]
async fn jw_32_a_certificate_of_an_unknown_authority_is_refused() {
    let (authority, tls) = certified("id.example");
    let (server, _arrivals) = TestServer::start_with(Some(tls)).await;
    server.set("/keys", Answer::ok("{}"));
    let url = server.url_at("id.example", "/keys");
    let error = refused(&fetch(&TestClock::new()), &url).await;
    assert_eq!(error.kind(), ProviderErrorKind::Unreachable);
    assert!(error.to_string().contains(".root_certificate"), "{error}");
    let trusted = fetch_with(&TestClock::new(), trusting(&authority), settings());
    assert_eq!(content(&trusted, &url).await.expect("it is trusted").text, "{}");
    // The name must be the certificate's, too.
    let other = server.url_at("other.example", "/keys");
    assert_eq!(refused(&trusted, &other).await.kind(), ProviderErrorKind::Unreachable);
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn the_token_is_read_at_each_fetch_and_stays_at_its_origin() {
    let (server, _arrivals) = TestServer::start().await;
    let (other, _arrivals) = TestServer::start().await;
    for server in [&server, &other] {
        server.set("/keys", Answer::ok("{}"));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("token");
    let settings = FetchSettings { token_file: Some(path.clone()), ..settings() };
    let fetch = fetch_with(&TestClock::new(), loopback(), settings);
    let address = configured(&server.url("/keys"));
    for token in ["first.token", "second.token"] {
        std::fs::write(&path, format!("{token}\n")).expect("written");
        fetch.get(&address, None).await.expect("it answers");
        let received = server.received();
        let sent = received.last().expect("it arrived").header("authorization");
        assert_eq!(sent, Some(&*format!("Bearer {token}")));
    }
    let same = address.named(&server.url("/keys"), "jwks_uri").expect("the same origin");
    fetch.get(&same, None).await.expect("it answers");
    assert!(server.received()[2].header("authorization").is_some());
    let named = address.named(&other.url("/keys"), "jwks_uri").expect("loopback");
    let fetched = fetch.get(&named, None).await;
    assert!(matches!(fetched, Ok(Fetched::Content(_))));
    assert_eq!(other.received()[0].header("authorization"), None);
}

#[tokio::test]
async fn a_token_file_that_is_no_token_is_named_and_not_shown() {
    let (server, _arrivals) = TestServer::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("token");
    let settings = FetchSettings { token_file: Some(path.clone()), ..settings() };
    let fetch = fetch_with(&TestClock::new(), loopback(), settings);
    let address = configured(&server.url("/keys"));
    let error = || async {
        let error =
            crate::ProviderError::from(fetch.get(&address, None).await.expect_err("no token"));
        assert_eq!(error.kind(), ProviderErrorKind::Config);
        let text = error.to_string();
        assert!(text.contains(".bearer_token_file") && text.contains("token: "), "{text}");
        assert!(!text.contains("wonderland"), "{text}");
        text
    };
    assert!(error().await.contains("cannot be read"));
    for content in ["", "\n", "wonderland\r\nX-Other: 1", "two wonderland", "wonderländ"] {
        std::fs::write(&path, content).expect("written");
        assert!(error().await.contains("one token"));
    }
    std::fs::write(&path, "wonderland".repeat(10_000)).expect("written");
    assert!(error().await.contains("larger than a token"));
    assert!(server.received().is_empty());
}
