//! An MCP server over HTTP (streamable HTTP), which accepts the access tokens of a provider.
//!
//! The stack verifies the tokens. The metadata document shows clients the way to the provider. Each
//! tool has scopes of its own, which `tool_scopes` checks before the SDK sees the call.

mod tool_scopes;
mod weather;

use std::error::Error;
use std::sync::Arc;

use axum::{Router, middleware};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use tower_auth::bearer::TrustedIssuer;
use tower_auth::resource::ResourceConfigError;
use tower_auth::{AuthStack, KeyRing, ProtectedResource};

pub use tool_scopes::MAX_MESSAGE;
use tool_scopes::{ToolScopes, require_tool_scopes};
use weather::Weather;

/// The address under which clients know this server. It is also the audience of their tokens.
pub const ADDRESS: &str = "http://127.0.0.1:3007/mcp";

/// Describes the server at `address` to clients, whose tokens come from `issuer`.
///
/// # Errors
/// Returns an error if one of the two is not an address.
pub fn resource(address: &str, issuer: &str) -> Result<ProtectedResource, ResourceConfigError> {
    ProtectedResource::builder(address, issuer)
        .scopes(["weather:read", "weather:write"])
        // Enough for a first call. A call of a tool that needs more names its scopes.
        .default_scope("weather:read")
        .name("Weather")
        .build()
}

/// Creates the server, which accepts the tokens of `issuer`.
///
/// # Errors
/// Returns an error if a setting is invalid, or if a tool has no scopes.
pub fn app(resource: &ProtectedResource, issuer: TrustedIssuer) -> Result<Router, Box<dyn Error>> {
    // The SDK accepts requests to loopback hosts only, against DNS rebinding. Name your public host
    // with `.with_allowed_hosts`.
    let config = StreamableHttpServerConfig::default()
        .with_max_request_body_bytes(MAX_MESSAGE)
        // Without sessions, each request has only the rights of its own token.
        .with_legacy_session_mode(false)
        .with_json_response(true);
    let mcp = StreamableHttpService::new(
        || Ok(Weather::new()),
        Arc::new(NeverSessionManager::default()),
        config,
    );
    let scopes = ToolScopes::new(
        &Weather::new().tools(),
        [("forecast", &["weather:read"][..]), ("report", &["weather:read", "weather:write"])],
    )?;
    // The stack derives keys for cookies from the ring, and this server sets none.
    let stack = AuthStack::new(&KeyRing::random())
        .bearer_any_with([issuer], |bearer| bearer.protected_resource(resource))
        .require()
        .build()?;
    Ok(Router::new()
        .route_service("/mcp", mcp)
        .layer(middleware::from_fn_with_state(scopes, require_tool_scopes))
        .layer(stack)
        // After the layers, so clients read the document without a token.
        .route_service(resource.path(), resource.service()))
}
