use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Verifier as _;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Answer, KeyAlgorithm, TestProvider};
use crate::TestClock;

const KEYS: &str = TestProvider::KEYS;

/// Sends a GET request with these header lines, and returns the answer's head and body.
async fn get(provider: &TestProvider, path: &str, lines: &str) -> (String, String) {
    let mut stream = TcpStream::connect(provider.address().unwrap()).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{lines}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    // A closed connection is an empty answer.
    let _ = stream.read_to_string(&mut answer).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    (head.to_lowercase(), body.to_owned())
}

async fn status(provider: &TestProvider, path: &str) -> String {
    let (head, _) = get(provider, path, "").await;
    head.split(' ').nth(1).unwrap_or("closed").to_owned()
}

async fn set(provider: &TestProvider) -> Vec<Value> {
    let set: Value = serde_json::from_str(&get(provider, KEYS, "").await.1).unwrap();
    set["keys"].as_array().unwrap().clone()
}

fn part(token: &str, at: usize) -> Value {
    let part = token.split('.').nth(at).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// Checks the token's signature by a published key, as another library would.
fn verifies(token: &str, jwk: &Value) -> bool {
    let decode = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    if jwk["kty"] == "EC" {
        let point = [&[4][..], &decode("x"), &decode("y")].concat();
        let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).unwrap();
        let signature = p256::ecdsa::Signature::from_slice(&signature).unwrap();
        key.verify(input.as_bytes(), &signature).is_ok()
    } else {
        let key = ed25519_dalek::VerifyingKey::try_from(&*decode("x")).unwrap();
        let signature = ed25519_dalek::Signature::from_slice(&signature).unwrap();
        key.verify_strict(input.as_bytes(), &signature).is_ok()
    }
}

#[tokio::test]
async fn discovery_leads_to_the_keys_and_the_keys_verify_the_tokens() {
    let provider = TestProvider::start().await;
    provider.add_key_for("2", KeyAlgorithm::EdDSA);
    let (head, document) = get(&provider, TestProvider::DISCOVERY, "").await;
    assert!(head.contains("200 ok") && head.contains("content-type: application/json"), "{head}");
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["issuer"], provider.issuer());
    assert_eq!(document["jwks_uri"], provider.url(KEYS));
    let keys = set(&provider).await;
    assert_eq!(keys.len(), 2);
    assert!(keys.iter().all(|key| key.get("d").is_none()));
    for (at, alg) in ["ES256", "EdDSA"].into_iter().enumerate() {
        let token = provider.token_by(&(at + 1).to_string(), json!({ "aud": "api" }));
        assert!(verifies(&token, &keys[at]), "{alg}");
        assert_eq!(part(&token, 0)["alg"], alg);
        assert_eq!(keys[at]["alg"], alg);
    }
    assert_eq!(part(&provider.token(json!({})), 0)["kid"], "2");
    assert_eq!(status(&provider, "/other").await, "404");
}

#[test]
fn tokens_have_what_the_test_says() {
    let time = TestClock::new();
    let provider = TestProvider::new("https://id.example");
    provider.set_clock(&time.clock());
    let now = time.now().as_unix_seconds();
    let token = provider.token(json!({ "aud": "api", "sub": "bob", "client_id": null }));
    let expected = json!({
        "iss": "https://id.example", "aud": "api", "sub": "bob", "jti": "1",
        "iat": now, "exp": now + 300,
    });
    assert_eq!(part(&token, 1), expected);
    assert_eq!(part(&token, 0), json!({ "alg": "ES256", "kid": "1", "typ": "at+jwt" }));
    time.advance(Duration::from_secs(5));
    let token = provider.token_with("1", json!({ "typ": null, "kid": "x" }), json!({}));
    assert_eq!(part(&token, 0), json!({ "alg": "ES256", "kid": "x" }));
    assert_eq!((&part(&token, 1)["iat"], &part(&token, 1)["jti"]), (&json!(now + 5), &json!("2")));
}

#[tokio::test]
async fn keys_come_and_go() {
    let provider = TestProvider::start().await;
    let first = set(&provider).await.remove(0);
    provider.rotate("2");
    let keys = set(&provider).await;
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0]["kid"], "2");
    assert!(verifies(&provider.token(json!({})), &keys[0]));
    // The old key is no longer published, and still signs.
    assert!(verifies(&provider.token_by("1", json!({})), &first));
    // Two keys of one name; the newer one signs.
    provider.add_key("2");
    let keys = set(&provider).await;
    assert_eq!((&keys[0]["kid"], &keys[1]["kid"]), (&json!("2"), &json!("2")));
    let token = provider.token(json!({}));
    assert!(!verifies(&token, &keys[0]) && verifies(&token, &keys[1]));
    provider.publish(provider.private_jwk("1"));
    assert!(set(&provider).await[2]["d"].is_string());
    provider.remove_key("2");
    assert_eq!(set(&provider).await.len(), 1);
    // No two providers have a key in common.
    let other = TestProvider::new("https://id.example");
    assert!(!verifies(&other.token(json!({})), &first));
}

#[tokio::test]
async fn every_fault_can_be_set_and_taken_back() {
    let provider = TestProvider::start().await;
    provider.answer(KEYS, Answer::status(500));
    assert_eq!(status(&provider, KEYS).await, "500");
    provider.answer(KEYS, Answer::redirect("https://evil.example/"));
    let (head, _) = get(&provider, KEYS, "").await;
    assert!(head.contains("302 found") && head.contains("location: https://evil.example/"));
    provider.answer(KEYS, Answer::body("<html>"));
    assert_eq!(get(&provider, KEYS, "").await.1, "<html>");
    provider.answer(KEYS, Answer::disconnect());
    assert_eq!(status(&provider, KEYS).await, "closed");
    provider.answer(KEYS, Answer::huge(1_000_000));
    let (head, body) = get(&provider, KEYS, "").await;
    assert!(!head.contains("content-length") && body.len() >= 1_000_000, "{head}");
    provider.answer(KEYS, Answer::keys());
    assert_eq!(get(&provider, KEYS, "").await.1, provider.jwks());

    provider.set_metadata("issuer", "https://evil.example");
    provider.set_metadata("token_endpoint", Value::Null);
    provider.set_metadata("jwks_uri", provider.url("/new"));
    let document = get(&provider, TestProvider::DISCOVERY, "").await.1;
    assert_eq!(document, provider.discovery_document());
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["issuer"], "https://evil.example");
    assert!(document.get("token_endpoint").is_none());
    provider.answer("/new", Answer::keys());
    assert_eq!(get(&provider, "/new", "").await.1, provider.jwks());
}

#[tokio::test]
async fn unchanged_keys_are_304_and_headers_are_sent() {
    let provider = TestProvider::start().await;
    provider.set_header(KEYS, "ETag", "\"1\"");
    provider.set_header(KEYS, "cache-control", "max-age=100");
    let (head, _) = get(&provider, KEYS, "if-none-match: \"0\"\r\n").await;
    assert!(head.contains("200 ok") && head.contains("etag: \"1\""), "{head}");
    let (head, body) = get(&provider, KEYS, "if-none-match: \"1\"\r\n").await;
    assert!(head.contains("304 not modified") && head.contains("cache-control: max-age=100"));
    assert_eq!(body, "");
    provider.answer(KEYS, Answer::status(503));
    let (head, _) = get(&provider, KEYS, "if-none-match: \"1\"\r\n").await;
    assert!(head.contains("503 "), "{head}");
    assert_eq!(provider.fetches(KEYS), 3);
    assert_eq!(provider.requests(KEYS)[1]["if-none-match"], "\"1\"");
    assert_eq!(provider.fetches("/other"), 0);
}

#[tokio::test]
async fn a_held_request_is_answered_after_its_release() {
    let provider = TestProvider::start().await;
    provider.hold(KEYS);
    let mut fetch = Box::pin(get(&provider, KEYS, ""));
    tokio::select! {
        biased;
        answer = &mut fetch => panic!("{answer:?}"),
        () = provider.fetched(KEYS, 1) => {}
    }
    // Other paths are served.
    assert_eq!(status(&provider, TestProvider::DISCOVERY).await, "200");
    // The answer is the one at the time of the release.
    provider.answer(KEYS, Answer::body("late"));
    provider.release(KEYS);
    assert_eq!(fetch.await.1, "late");
    provider.fetched(KEYS, 1).await;
}

#[tokio::test]
async fn the_server_ends_with_the_last_clone() {
    let provider = TestProvider::start().await;
    let address = provider.address().unwrap();
    let second = provider.clone();
    drop(provider);
    assert_eq!(status(&second, KEYS).await, "200");
    let mut open = TcpStream::connect(address).await.unwrap();
    drop(second);
    // The connection ends, too.
    assert!(
        matches!(open.read_u8().await, Err(error) if error.kind() != std::io::ErrorKind::Other)
    );
}
