mod challenges;
mod config;
mod document;

use http::Response;
use http::header::WWW_AUTHENTICATE;

use super::*;

const API: &str = "https://api.example/mcp";
const ISSUER: &str = "https://id.example";
const METADATA: &str = "https://api.example/.well-known/oauth-protected-resource/mcp";

fn builder() -> ProtectedResourceBuilder {
    ProtectedResource::builder(API, ISSUER)
}

fn challenges<B>(response: &Response<B>) -> Vec<&str> {
    let lines = response.headers().get_all(WWW_AUTHENTICATE).iter();
    lines.map(|line| line.to_str().unwrap()).collect()
}
