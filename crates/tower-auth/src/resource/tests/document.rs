//! The document and its service.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL,
    CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, ORIGIN, SET_COOKIE,
};
use http::{Method, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::{Service, ServiceExt};

use super::*;
use crate::RequireLayer;

fn parsed(resource: &ProtectedResource) -> Value {
    serde_json::from_str(resource.document()).unwrap()
}

async fn sent(app: &Router, request: Request<Body>) -> (http::response::Parts, String) {
    let (head, body) = app.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (head, String::from_utf8(body.to_vec()).unwrap())
}

fn from(method: Method, uri: &str) -> Request<Body> {
    Request::builder().method(method).uri(uri).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn pr_01_the_document_is_at_the_well_known_path_before_the_path_of_the_resource() {
    let well_known = "/.well-known/oauth-protected-resource";
    for (identifier, origin, suffix) in [
        ("https://api.example", "https://api.example", ""),
        ("https://api.example/", "https://api.example", ""),
        ("https://api.example/mcp", "https://api.example", "/mcp"),
        ("https://api.example/a/b/", "https://api.example", "/a/b/"),
        ("https://api.example:8443/a%20b", "https://api.example:8443", "/a%20b"),
        ("http://localhost:3000/mcp", "http://localhost:3000", "/mcp"),
        ("http://127.1.2.3/mcp", "http://127.1.2.3", "/mcp"),
        ("http://[::1]:3000/mcp", "http://[::1]:3000", "/mcp"),
    ] {
        let resource = ProtectedResource::builder(identifier, ISSUER).build().unwrap();
        assert_eq!(resource.path(), format!("{well_known}{suffix}"), "{identifier}");
        assert_eq!(resource.metadata_url(), format!("{origin}{well_known}{suffix}"));
        let app = Router::new().route_service(resource.path(), resource.service());
        let (head, body) = sent(&app, from(Method::GET, resource.path())).await;
        assert_eq!((head.status.as_u16(), &*body), (200, resource.document()), "{identifier}");
        assert_eq!(head.headers[CONTENT_TYPE], "application/json");
    }
}

#[test]
fn pr_02_the_document_repeats_the_identifier_exactly() {
    for identifier in ["https://api.example", "https://api.example/", "https://api.example/a/"] {
        let resource = ProtectedResource::builder(identifier, ISSUER).build().unwrap();
        assert_eq!(parsed(&resource)["resource"], identifier);
        assert_eq!(resource.identifier(), identifier);
    }
}

#[test]
fn pr_03_members_without_values_are_left_out_and_the_others_are_said_once() {
    let resource = builder().build().unwrap();
    let least = json!({
        "resource": API,
        "authorization_servers": [ISSUER],
        "bearer_methods_supported": ["header"],
    });
    assert_eq!(parsed(&resource), least);
    let resource = builder().bearer_methods([]).scopes([""; 0]).build().unwrap();
    assert_eq!(parsed(&resource), json!({ "resource": API, "authorization_servers": [ISSUER] }));
    let resource = builder()
        .authorization_server("https://partner.example/v2.0")
        .authorization_server(ISSUER)
        .scopes(["read", "write"])
        .scopes(["read"])
        .default_scope("read")
        .bearer_methods([BearerMethod::Header, BearerMethod::Body, BearerMethod::Query])
        .name("The \"weather\" API")
        .documentation("https://docs.example/api#start")
        .policy("https://docs.example/policy?page=1")
        .terms_of_service("https://docs.example/terms")
        .build()
        .unwrap();
    let most = json!({
        "resource": API,
        "authorization_servers": [ISSUER, "https://partner.example/v2.0"],
        "scopes_supported": ["read", "write"],
        "bearer_methods_supported": ["header", "body", "query"],
        "resource_name": "The \"weather\" API",
        "resource_documentation": "https://docs.example/api#start",
        "resource_policy_uri": "https://docs.example/policy?page=1",
        "resource_tos_uri": "https://docs.example/terms",
    });
    assert_eq!(parsed(&resource), most);
}

#[tokio::test]
async fn pr_07_the_document_is_public_cacheable_and_readable_across_origins() {
    let resource = builder().build().unwrap();
    // A route that is added after a layer is outside of it.
    let app = Router::new()
        .route("/mcp", get(async || "called"))
        .layer(RequireLayer::new())
        .route_service(resource.path(), resource.service());
    let (head, body) = sent(&app, from(Method::GET, resource.path())).await;
    assert_eq!((head.status.as_u16(), &*body), (200, resource.document()));
    assert_eq!(head.headers[CACHE_CONTROL], "public, max-age=300");
    assert_eq!(head.headers[ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    let (head, body) = sent(&app, from(Method::HEAD, resource.path())).await;
    assert_eq!((head.status.as_u16(), &*body), (200, ""));
    assert_eq!(head.headers[CONTENT_LENGTH], resource.document().len().to_string());
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let (head, body) = sent(&app, from(method.clone(), resource.path())).await;
        assert_eq!((head.status.as_u16(), &*body), (405, ""), "{method}");
        assert_eq!(head.headers[ALLOW], "GET, HEAD");
    }
}

#[tokio::test]
async fn pr_07_a_browser_may_ask_with_the_header_of_mcp() {
    let resource = builder().build().unwrap();
    let request = Request::builder()
        .method(Method::OPTIONS)
        .header(ORIGIN, "https://client.example")
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "mcp-protocol-version")
        .body(())
        .unwrap();
    let response = resource.service().call(request).await.unwrap();
    assert_eq!(response.status(), 204);
    assert_eq!(response.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    assert_eq!(response.headers()[ACCESS_CONTROL_ALLOW_HEADERS], "*");
}

#[tokio::test]
async fn pr_07_no_header_of_the_request_changes_the_answer() {
    let resource = builder().build().unwrap();
    let ask = async |request: http::request::Builder| {
        let response = resource.service().call(request.body(()).unwrap()).await.unwrap();
        let (head, body) = response.into_parts();
        (head.status, head.headers, body.collect().await.unwrap().to_bytes())
    };
    let plain = ask(Request::builder()).await;
    let other = Request::builder()
        .uri("https://evil.example/.well-known/oauth-protected-resource?resource=evil")
        .header(HOST, "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("forwarded", "host=evil.example;proto=http")
        .header(ORIGIN, "https://evil.example")
        .header(COOKIE, "a=b");
    let other = ask(other).await;
    assert_eq!(plain, other);
    assert!(!plain.1.contains_key(SET_COOKIE));
    assert!(!String::from_utf8_lossy(&other.2).contains("evil"));
}
