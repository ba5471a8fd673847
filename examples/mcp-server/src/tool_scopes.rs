//! Scopes of tools. All tools of an MCP server have one path, so the name of the tool is in the body
//! of the request.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use rmcp::model::Tool;
use serde::Deserialize;
use serde_json::Value;
use tower_auth::{Dialect, Identity, Rejection, refuse};

/// The maximum length of a message, in bytes. A longer one is refused with 413.
pub const MAX_MESSAGE: usize = 64 * 1024;

/// The scopes that each tool requires.
#[derive(Clone, Debug)]
pub(crate) struct ToolScopes(Arc<HashMap<&'static str, &'static [&'static str]>>);

impl ToolScopes {
    /// Fails if one of `tools` has no entry, because it would be open to every token.
    pub(crate) fn new<const N: usize>(
        tools: &[Tool],
        scopes: [(&'static str, &'static [&'static str]); N],
    ) -> Result<Self, String> {
        let scopes = HashMap::from(scopes);
        match tools.iter().find(|tool| !scopes.contains_key(&*tool.name)) {
            Some(tool) => Err(format!("the tool {:?} has no scopes: add an entry", tool.name)),
            None => Ok(Self(Arc::new(scopes))),
        }
    }

    /// Returns all scopes that `messages` require, each once. The SDK itself refuses a tool that
    /// does not exist.
    fn required(&self, messages: &[Message]) -> Vec<&'static str> {
        let mut required = Vec::new();
        for scope in messages.iter().filter_map(Message::tool).flat_map(|tool| self.of(tool)) {
            if !required.contains(scope) {
                required.push(scope);
            }
        }
        required
    }

    fn of(&self, tool: &str) -> &'static [&'static str] {
        self.0.get(tool).copied().unwrap_or_default()
    }
}

/// Answers 403 to a request whose token does not have all scopes of the tools that it calls. The
/// bearer layer adds the challenge, which names all of them.
pub(crate) async fn require_tool_scopes(
    State(scopes): State<ToolScopes>,
    request: Request,
    next: Next,
) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_MESSAGE).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    // Refused here, because the SDK might read such a message in another way.
    let Ok(messages) = messages(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let required = scopes.required(&messages);
    let identity = head.extensions.get::<Identity>();
    let is_granted = |scope: &&str| identity.is_some_and(|identity| identity.has_scope(scope));
    if !required.iter().all(is_granted) {
        let rejection = Rejection::Scope { scope: required.join(" ").into() };
        return refuse::write(&refuse::Empty, rejection, Dialect::Http);
    }
    next.run(Request::from_parts(head, Body::from(body))).await
}

/// The members of a JSON-RPC message that name a tool. A member that occurs twice is an error.
#[derive(Deserialize)]
struct Message {
    method: Option<String>,
    params: Option<Params>,
}

#[derive(Deserialize)]
struct Params {
    name: Option<Value>,
}

impl Message {
    /// Returns the tool that the message calls.
    fn tool(&self) -> Option<&str> {
        let params = self.params.as_ref().filter(|_| self.method.as_deref() == Some("tools/call"));
        params?.name.as_ref()?.as_str()
    }
}

/// Reads one message, or a batch of them.
fn messages(body: &Bytes) -> serde_json::Result<Vec<Message>> {
    if body.trim_ascii_start().starts_with(b"[") {
        serde_json::from_slice(body)
    } else {
        Ok(vec![serde_json::from_slice(body)?])
    }
}
