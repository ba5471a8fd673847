//! The server over HTTP, with the SDK's own client.

#![allow(clippy::disallowed_methods, reason = "starts the server in a task")]

mod discovery;
mod tools;

use rmcp::model::{CallToolRequestParams, ContentBlock};
use rmcp::service::RunningService;
use rmcp::{RoleClient, ServiceError};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower_auth::ProtectedResource;
use tower_auth::bearer::TrustedIssuer;

/// A server on the loopback.
struct Server {
    /// The address of the protocol's endpoint.
    address: String,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Starts the server for the tokens of `issuer`. `trust` returns its keys and rules.
    async fn start(
        issuer: &str,
        trust: impl AsyncFnOnce(&ProtectedResource) -> TrustedIssuer,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/mcp", listener.local_addr().unwrap());
        let resource = mcp_server::resource(&address, issuer).unwrap();
        let app = mcp_server::app(&resource, trust(&resource).await).unwrap();
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, task }
    }
}

type Client = RunningService<RoleClient, ()>;

/// Calls a tool, and returns the text of its result.
async fn call(client: &Client, tool: &'static str) -> Result<String, ServiceError> {
    let arguments = json!({ "city": "Oslo" }).as_object().unwrap().clone();
    let request = CallToolRequestParams::new(tool).with_arguments(arguments);
    let result = client.call_tool(request).await?;
    let text = result.content.iter().find_map(ContentBlock::as_text);
    Ok(text.expect("the tools return text").text.clone())
}

/// Returns the value of a parameter of a challenge.
fn parameter<'c>(challenge: &'c str, name: &str) -> Option<&'c str> {
    let (_, rest) = challenge.split_once(&format!("{name}=\""))?;
    rest.split('"').next()
}
