//! Tokens of an issuer whose key the test has.

use reqwest::header::WWW_AUTHENTICATE;
use rmcp::ServiceExt;
use rmcp::service::ClientInitializeError;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::{Value, json};
use tower_auth::bearer::JwtIssuer;
use tower_auth::{Identity, Principal};

use super::{Client, Server, call, parameter};

const ISSUER: &str = "https://id.example";
const BOTH: &str = "weather:read weather:write";

/// Starts the server, and returns it with an issuer of tokens for it.
async fn server() -> (Server, JwtIssuer) {
    let mut issuer = None;
    let server = Server::start(ISSUER, async |resource| {
        issuer.insert(issuer_for(resource.identifier())).trusted()
    })
    .await;
    (server, issuer.unwrap())
}

fn issuer_for(audience: &str) -> JwtIssuer {
    JwtIssuer::builder(ISSUER, audience).generated_key("1").build().unwrap()
}

fn token(issuer: &JwtIssuer, scopes: &str) -> String {
    let alice = Identity::builder(Principal::new(ISSUER, "alice"));
    issuer.mint(&alice.scopes(scopes.split_whitespace()).build()).unwrap().text
}

/// Connects the SDK's client with this token.
async fn connect(server: &Server, token: Option<String>) -> Result<Client, ClientInitializeError> {
    let mut config = StreamableHttpClientTransportConfig::with_uri(&*server.address);
    if let Some(token) = token {
        config = config.auth_header(token);
    }
    ().serve(StreamableHttpClientTransport::from_config(config)).await
}

/// Posts a body with this token. Returns the status, the challenge and the body.
async fn post(server: &Server, token: &str, body: String) -> (u16, String, String) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client
        .post(&server.address)
        .bearer_auth(token)
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .body(body);
    let response = request.send().await.unwrap();
    let challenge = response.headers().get(WWW_AUTHENTICATE);
    let challenge = challenge.map_or("", |line| line.to_str().unwrap()).to_owned();
    (response.status().as_u16(), challenge, response.text().await.unwrap())
}

fn calling(tool: &str) -> Value {
    let params = json!({ "name": tool, "arguments": { "city": "Oslo" } });
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params })
}

#[tokio::test]
async fn a_token_with_the_scopes_calls_every_tool() {
    let (server, issuer) = server().await;
    let client = connect(&server, Some(token(&issuer, BOTH))).await.unwrap();
    assert_eq!(client.list_all_tools().await.unwrap().len(), 2);
    assert_eq!(call(&client, "forecast").await.unwrap(), "sunny in Oslo");
    assert_eq!(call(&client, "report").await.unwrap(), "alice reported rain in Oslo");
    client.cancel().await.unwrap();
}

#[tokio::test]
async fn pr_04_pr_06_a_client_without_a_token_learns_the_document_and_the_first_scope() {
    let (server, _) = server().await;
    let error = connect(&server, None).await.unwrap_err();
    let challenge = error.auth_challenge().expect("the SDK finds the challenge");
    let document = server.address.replace("/mcp", "/.well-known/oauth-protected-resource/mcp");
    assert_eq!(parameter(challenge, "resource_metadata"), Some(&*document));
    assert_eq!(parameter(challenge, "scope"), Some("weather:read"));
    assert_eq!(parameter(challenge, "error"), None);
}

#[tokio::test]
async fn pr_05_a_token_for_another_server_is_refused() {
    let (server, issuer) = server().await;
    // The same issuer and key; only the audience differs.
    let alice = Identity::builder(Principal::new(ISSUER, "alice")).build();
    let other = issuer_for("https://other.example/mcp");
    for foreign in [other.mint(&alice).unwrap().text, "x".into()] {
        let error = connect(&server, Some(foreign)).await.unwrap_err();
        let challenge = error.auth_challenge().expect("the SDK finds the challenge");
        assert_eq!(parameter(challenge, "error"), Some("invalid_token"));
    }
    assert!(connect(&server, Some(token(&issuer, ""))).await.is_ok());
}

#[tokio::test]
async fn pr_06_a_call_without_a_scope_is_403_and_names_all_scopes_of_the_tool() {
    let (server, issuer) = server().await;
    let client = connect(&server, Some(token(&issuer, "weather:read"))).await.unwrap();
    assert_eq!(call(&client, "forecast").await.unwrap(), "sunny in Oslo");
    let error = call(&client, "report").await.unwrap_err();
    let challenge = error.auth_challenge().expect("the SDK finds the challenge");
    assert_eq!(parameter(challenge, "error"), Some("insufficient_scope"));
    assert_eq!(parameter(challenge, "scope"), Some(BOTH));
    assert!(parameter(challenge, "resource_metadata").is_some());
    let (status, _, body) =
        post(&server, &token(&issuer, "weather:write"), calling("report").to_string()).await;
    assert_eq!((status, &*body), (403, ""));
}

#[tokio::test]
async fn pr_06_a_batch_needs_the_scopes_of_all_its_calls() {
    let (server, issuer) = server().await;
    let read = token(&issuer, "weather:read");
    let batch =
        |tools: &[&str]| Value::Array(tools.iter().map(|tool| calling(tool)).collect()).to_string();
    for tools in [&["forecast", "report"][..], &["report"], &["no-tool", "report", "forecast"]] {
        for spaces in ["", " \r\n\t"] {
            let body = format!("{spaces}{}", batch(tools));
            let (status, challenge, _) = post(&server, &read, body).await;
            assert_eq!(status, 403, "{tools:?}");
            assert_eq!(parameter(&challenge, "scope"), Some(BOTH), "{tools:?}");
        }
    }
    // This version of the SDK takes no batch.
    let (status, ..) = post(&server, &read, batch(&["forecast"])).await;
    assert_ne!(status, 403);
}

#[tokio::test]
async fn a_message_that_could_be_read_in_two_ways_reaches_no_tool() {
    let (server, issuer) = server().await;
    let read = token(&issuer, "weather:read");
    let twice = [
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call",
            "params":{"name":"report","arguments":{"city":"Oslo"}}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call",
            "params":{"name":"forecast","name":"report","arguments":{"city":"Oslo"}}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"forecast"},
            "params":{"name":"report","arguments":{"city":"Oslo"}}}"#,
        "",
        "{",
        "{} {}",
        "\u{feff}{}",
    ];
    for body in twice {
        assert_eq!(post(&server, &read, body.into()).await.0, 400, "{body}");
    }
    // An escape in a name changes nothing.
    let escaped = calling("report").to_string().replace("report", r"rep\u006frt");
    assert_eq!(
        post(&server, &read, escaped.replace("tools/call", r"tools\/c\u0061ll")).await.0,
        403
    );
    let (status, _, body) = post(&server, &read, calling("no-tool").to_string()).await;
    assert!(body.contains("error") && status != 403, "{status} {body}");
}

#[tokio::test]
async fn a_message_has_a_maximum_length() {
    let (server, issuer) = server().await;
    let read = token(&issuer, "weather:read");
    let message = calling("forecast").to_string();
    let padded = |length: usize| message.clone() + &" ".repeat(length - message.len());
    assert_eq!(post(&server, &read, padded(mcp_server::MAX_MESSAGE)).await.0, 200);
    assert_eq!(post(&server, &read, padded(mcp_server::MAX_MESSAGE + 1)).await.0, 413);
    // Without a token, the body is not read.
    assert_eq!(post(&server, "x", padded(mcp_server::MAX_MESSAGE + 1)).await.0, 401);
}
