//! Every `OpenID` provider starts, issues tokens, rotates its keys, and comes back after an outage.

use std::net::TcpStream;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tower_auth_fixtures::server::OpenIdProvider;

const API: &str = "https://api.example";

/// Runs a scenario on each provider.
fn everywhere(scenario: impl Fn(OpenIdProvider)) {
    scenario(OpenIdProvider::oidc_provider());
    scenario(OpenIdProvider::canaille());
}

/// Returns the header and the claims of a JWT.
fn decode(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').take(2).map(|part| {
        let part = URL_SAFE_NO_PAD.decode(part).expect("Base64url");
        serde_json::from_slice(&part).expect("JSON")
    });
    (parts.next().expect("a header"), parts.next().expect("claims"))
}

/// Returns the `kid` of each published key.
fn published(provider: &OpenIdProvider) -> Vec<String> {
    let jwks = provider.jwks();
    let keys = jwks["keys"].as_array().expect("a list of keys");
    keys.iter().map(|key| key["kid"].as_str().expect("a kid").to_owned()).collect()
}

/// Returns the `kid` of a token.
fn signer(token: &str) -> String {
    decode(token).0["kid"].as_str().expect("a kid").to_owned()
}

#[test]
fn a_provider_describes_itself_registers_clients_and_issues_tokens() {
    everywhere(|provider| {
        let metadata = provider.metadata();
        assert_eq!(metadata["issuer"], provider.issuer());
        let redirects = json!(["http://127.0.0.1:8000/callback"]);
        let registered = provider.register(&json!({ "redirect_uris": redirects }));
        assert_eq!(registered["redirect_uris"], redirects);
        assert!(registered["client_id"].is_string(), "{registered}");
        for (client, algorithm) in [("rs256", "RS256"), ("es256", "ES256")] {
            let token = provider.token(client, API);
            let (header, claims) = decode(&token);
            assert_eq!(header["alg"], algorithm);
            assert_eq!(claims["iss"], provider.issuer());
            assert!(published(&provider).contains(&signer(&token)), "{header}");
        }
    });
}

#[test]
fn access_tokens_of_oidc_provider_are_rfc_9068() {
    let provider = OpenIdProvider::oidc_provider_with(&["tools:read", "tools:call"]);
    let (header, claims) = decode(&provider.token("eddsa", API));
    assert_eq!((&header["alg"], &header["typ"]), (&json!("EdDSA"), &json!("at+jwt")));
    assert_eq!((&claims["aud"], &claims["sub"]), (&json!(API), &json!("eddsa")));
    assert_eq!(claims["scope"], "tools:read tools:call");
    let form = [("grant_type", "client_credentials"), ("resource", API), ("scope", "tools:read")];
    assert_eq!(provider.tokens("rs256", &form)["scope"], "tools:read");
}

#[test]
fn a_client_library_obtains_tokens() {
    let provider = OpenIdProvider::oidc_provider();
    let tokens = provider.tokens_of_library("es256", API, "read write");
    let claims = |grant: &str, token: &str| decode(tokens[grant][token].as_str().unwrap()).1;
    assert_eq!(claims("client_credentials", "access_token")["sub"], "es256");
    let access = claims("authorization_code", "access_token");
    assert_eq!((&access["sub"], &access["aud"]), (&json!("alice"), &json!(API)));
    assert_eq!(access["scope"], "read write");
    assert_eq!(claims("authorization_code", "id_token")["aud"], "es256");
}

#[test]
fn a_client_library_logs_in_at_canaille() {
    let provider = OpenIdProvider::canaille();
    let tokens = provider.tokens_of_library("rs256", API, "profile email");
    for token in ["access_token", "id_token"] {
        let token = tokens["authorization_code"][token].as_str().unwrap();
        let claims = decode(token).1;
        assert_eq!((&claims["sub"], &claims["aud"]), (&json!("alice"), &json!(["rs256"])));
        assert_eq!(claims["email"], "alice@example.com");
    }
}

#[test]
fn a_rotation_signs_with_new_keys_and_removes_those_before_the_previous() {
    everywhere(|provider| {
        let first = published(&provider);
        let old = provider.token("rs256", API);
        provider.rotate();
        let second = published(&provider);
        assert_eq!(second.len(), 2 * first.len());
        let new = signer(&provider.token("rs256", API));
        assert!(second.contains(&new) && !first.contains(&new));
        assert!(second.contains(&signer(&old)));
        provider.rotate();
        let third = published(&provider);
        assert!(third.contains(&new) && first.iter().all(|kid| !third.contains(kid)));
    });
}

#[test]
fn a_restart_keeps_the_keys_and_the_address() {
    everywhere(|mut provider| {
        provider.rotate();
        let (issuer, keys) = (provider.issuer().to_owned(), published(&provider));
        provider.kill();
        assert!(TcpStream::connect(("127.0.0.1", provider.port())).is_err());
        provider.restart();
        assert_eq!(provider.issuer(), issuer);
        assert_eq!(published(&provider), keys);
        assert!(keys.contains(&signer(&provider.token("rs256", API))));
    });
}
