//! Tokens that a client library obtained.

use http::StatusCode;
use serde_json::Value;
use tower_auth::Identity;
use tower_auth::bearer::{BearerJwtLayer, ClaimValue, Profile};
use tower_auth_fixtures::server::OpenIdProvider;

use crate::client::{API, Client, send, status};

async fn accepted(layer: &BearerJwtLayer, token: &str) -> Identity {
    match send(layer, token).await {
        (StatusCode::OK, Some(identity)) => identity,
        (status, _) => panic!("{status}: {token}"),
    }
}

fn text<'v>(tokens: &'v Value, grant: &str, token: &str) -> &'v str {
    tokens[grant][token].as_str().unwrap_or_else(|| panic!("no {token} by {grant}: {tokens}"))
}

#[tokio::test]
async fn d50_oidc_provider_issues_access_tokens_to_clients_and_users() {
    let server = OpenIdProvider::oidc_provider();
    let client = Client::discover(server.issuer()).await;
    let layers =
        [client.layer(API), client.layer_with(API, |issuer| issuer.profile(Profile::Rfc9068))];
    // Signed with RS256, ES256 and EdDSA.
    for name in ["rs256", "es256", "eddsa"] {
        let tokens = server.tokens_of_library(name, API, "read write");
        let own = text(&tokens, "client_credentials", "access_token");
        let users = text(&tokens, "authorization_code", "access_token");
        for layer in &layers {
            let identity = accepted(layer, own).await;
            assert_eq!((identity.issuer(), identity.subject()), (server.issuer(), name));
            assert!(identity.is_client());
            let identity = accepted(layer, users).await;
            assert_eq!((identity.issuer(), identity.subject()), (server.issuer(), "alice"));
            assert_eq!(identity.client_id(), Some(name));
            assert!(!identity.is_client());
            assert_eq!(identity.scopes().collect::<Vec<_>>(), ["read", "write"]);
        }
        // Tokens for others. An ID token, too, even if its audience is right: no API expects the
        // audience of a client, and then the profile or a rule tells the two apart.
        let others = client.layer("https://other.example");
        let strict = client.layer_with(name, |issuer| issuer.profile(Profile::Rfc9068));
        let ruled = client.layer_with(name, |it| it.refuse_claim("nonce", ClaimValue::Any));
        let id_token = text(&tokens, "authorization_code", "id_token");
        for (layer, token) in [
            (&others, own),
            (&others, users),
            (&client.layer(name), users),
            (&layers[0], id_token),
            (&strict, id_token),
            (&ruled, id_token),
        ] {
            assert_eq!(status(layer, token).await, StatusCode::UNAUTHORIZED, "{token}");
        }
    }
}

#[tokio::test]
async fn d50_canaille_issues_access_tokens_to_users() {
    let server = OpenIdProvider::canaille();
    let client = Client::discover(server.issuer()).await;
    for name in ["rs256", "es256"] {
        let tokens = server.tokens_of_library(name, API, "profile email");
        let token = text(&tokens, "authorization_code", "access_token");
        let identity = accepted(&client.layer(name), token).await;
        assert_eq!((identity.issuer(), identity.subject()), (server.issuer(), "alice"));
        assert_eq!(status(&client.layer(API), token).await, StatusCode::UNAUTHORIZED);
        let id_token = text(&tokens, "authorization_code", "id_token");
        assert_eq!(status(&client.layer(name), id_token).await, StatusCode::UNAUTHORIZED);
    }
}
