//! The way of a client that knows only the address of the server, with a real provider.

use std::process::Command;

use reqwest::header::WWW_AUTHENTICATE;
use rmcp::ServiceExt;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::auth::{AuthClient, AuthorizationRequest, OAuthState};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::{Value, json};
use tower_auth_fixtures::server::OpenIdProvider;
use tower_auth_oidc::Provider;

use super::{Client, Server, call, parameter};

const SCOPES: [&str; 2] = ["weather:read", "weather:write"];

/// Starts the provider, and the server with the provider's keys.
async fn start() -> (OpenIdProvider, Server) {
    let provider = OpenIdProvider::oidc_provider_with(&SCOPES);
    let issuer = provider.issuer().to_owned();
    let server = Server::start(&issuer, async |resource| {
        Provider::discover(&issuer).await.unwrap().issuer(resource.identifier())
    })
    .await;
    (provider, server)
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn get(address: &str) -> Value {
    let response = http().get(address).send().await.unwrap().error_for_status().unwrap();
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

async fn post(request: reqwest::RequestBuilder, content_type: &str, body: String) -> Value {
    let request = request.header("content-type", content_type).body(body);
    let response = request.send().await.unwrap();
    let (status, text) = (response.status(), response.text().await.unwrap());
    assert!(status.is_success(), "{status} {text}");
    serde_json::from_str(&text).unwrap()
}

/// Opens the address as a browser does, and returns the address of the redirect to the client. No
/// program listens there, so `curl` ends with an error.
fn browse(address: &str) -> String {
    let output = Command::new("curl")
        .args(["--disable", "--noproxy", "*", "--silent", "--location", "--cookie", ""])
        .args(["--max-time", "30", "--output", "/dev/null", "--write-out", "%{url_effective}"])
        .arg(address)
        .output()
        .expect("curl runs");
    let address = String::from_utf8(output.stdout).unwrap();
    assert!(address.starts_with(CALLBACK), "{address}");
    address
}

const CALLBACK: &str = "http://127.0.0.1:1/callback";

/// Authorizes the SDK's client as the challenge demands.
async fn authorize(server: &Server, challenge: &str) -> Client {
    let mut state = OAuthState::new(&server.address, Some(http())).await.unwrap();
    let request = AuthorizationRequest::new(CALLBACK)
        .with_client_name("test")
        // Only the scopes of the challenge, not all that the document lists.
        .with_initial_scope_selection();
    state.start_authorization(request.with_challenge(challenge)).await.unwrap();
    let callback = browse(&state.get_authorization_url().await.unwrap());
    state.handle_callback_url(&callback).await.unwrap();
    let manager = state.into_authorization_manager().expect("the client is authorized");
    let transport = StreamableHttpClientTransport::with_client(
        AuthClient::new(http(), manager),
        StreamableHttpClientTransportConfig::with_uri(&*server.address),
    );
    ().serve(transport).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn pr_04_pr_06_the_sdks_client_finds_the_provider_and_asks_for_more_scopes_when_it_must() {
    let (_provider, server) = start().await;
    let response = http().post(&server.address).send().await.unwrap();
    assert_eq!(response.status(), 401);
    let challenge = response.headers()[WWW_AUTHENTICATE].to_str().unwrap();

    let client = authorize(&server, challenge).await;
    assert_eq!(call(&client, "forecast").await.unwrap(), "sunny in Oslo");
    let refused = call(&client, "report").await.unwrap_err();
    let challenge = refused.auth_challenge().expect("the SDK finds the challenge");
    assert_eq!(parameter(challenge, "scope"), Some("weather:read weather:write"));

    let client = authorize(&server, challenge).await;
    assert_eq!(call(&client, "report").await.unwrap(), "alice reported rain in Oslo");
}

#[tokio::test(flavor = "multi_thread")]
async fn pr_01_pr_02_pr_04_pr_05_each_step_leads_to_the_next() {
    let (_provider, server) = start().await;

    // 1. The 401 names the document of the server.
    let response = http().post(&server.address).send().await.unwrap();
    assert_eq!(response.status(), 401);
    let challenge = response.headers()[WWW_AUTHENTICATE].to_str().unwrap();
    let document = get(parameter(challenge, "resource_metadata").unwrap()).await;
    let scope = parameter(challenge, "scope").unwrap();

    // 2. The document is for this server, and names the authorization server.
    assert_eq!(document["resource"], server.address);
    let issuer = document["authorization_servers"][0].as_str().unwrap();
    let metadata = get(&format!("{issuer}/.well-known/openid-configuration")).await;
    assert_eq!(metadata["issuer"], issuer);

    // 3. The client registers itself.
    let endpoint = |name: &str| metadata[name].as_str().unwrap();
    let client = json!({
        "client_name": "test",
        "grant_types": ["client_credentials"],
        "redirect_uris": [],
        "response_types": [],
    });
    let registration = http().post(endpoint("registration_endpoint"));
    let client = post(registration, "application/json", client.to_string()).await;
    let (id, secret) = (client["client_id"].as_str(), client["client_secret"].as_str());

    // 4. It gets a token for this server (RFC 8707), and for no other.
    let token = async |resource: &str| {
        let request = http().post(endpoint("token_endpoint")).basic_auth(id.unwrap(), secret);
        let form = format!("grant_type=client_credentials&scope={scope}&resource={resource}");
        let tokens = post(request, "application/x-www-form-urlencoded", form).await;
        tokens["access_token"].as_str().unwrap().to_owned()
    };

    // 5. The token opens the tools of its scopes.
    let connect = async |token: String| {
        let config = StreamableHttpClientTransportConfig::with_uri(&*server.address);
        let config = config.auth_header(token);
        ().serve(StreamableHttpClientTransport::with_client(http(), config)).await
    };
    let connected = connect(token(document["resource"].as_str().unwrap()).await).await.unwrap();
    assert_eq!(call(&connected, "forecast").await.unwrap(), "sunny in Oslo");
    let refused = connect(token("https://other.example/mcp").await).await.unwrap_err();
    assert_eq!(parameter(refused.auth_challenge().unwrap(), "error"), Some("invalid_token"));
}
