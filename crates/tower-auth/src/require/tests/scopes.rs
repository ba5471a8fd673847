//! The scopes that a refusal names.

use http::StatusCode;
use tower::layer::util::{Identity as Unchanged, Stack};
use tower_auth_core::refuse;
use tower_auth_test::WithIdentity;

use super::*;
use crate::{Dialect, Rejection};

fn needs(scopes: &[&'static str]) -> RequireLayer {
    let named = scopes.iter().fold(RequireLayer::builder(), |builder, scope| builder.scope(*scope));
    named.build().unwrap()
}

fn alice(scopes: &[&str]) -> WithIdentity {
    WithIdentity::known(Identity::local("alice").scopes(scopes).build())
}

/// Returns the scopes that a refusal names to alice, who has `has`; `None` if she is admitted.
async fn named<R>(has: &[&str], requires: R) -> Option<String>
where
    R: Layer<App>,
    R::Service: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    <R::Service as Service<Request<Body>>>::Future: Send,
{
    let response = client(alice(has), requires).get("/").await;
    match response.rejection() {
        None => None,
        Some(Rejection::Scope { scope }) => {
            assert_eq!(response.status(), StatusCode::FORBIDDEN);
            Some(scope.to_string())
        }
        Some(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn br_05_a_refusal_names_every_scope_that_the_layer_needs_in_the_order_given() {
    let both = || needs(&["a", "b"]);
    for has in [&["a"][..], &["b"], &[], &["c"]] {
        assert_eq!(named(has, both()).await.as_deref(), Some("a b"), "{has:?}");
    }
    assert_eq!(named(&["b", "a"], both()).await, None);
    assert_eq!(named(&[], needs(&["b", "a", "b", "a"])).await.as_deref(), Some("b a"));
    assert_eq!(named(&[], needs(&["ab", "a", "b"])).await.as_deref(), Some("ab a b"));
}

#[tokio::test]
async fn br_05_an_inner_layer_names_the_outer_layers_scopes_too_and_each_once() {
    // `Stack::new` takes the inner layer first.
    let two = || Stack::new(needs(&["b"]), needs(&["a"]));
    assert_eq!(named(&["a"], two()).await.as_deref(), Some("a b"));
    assert_eq!(named(&["a", "b"], two()).await, None);
    // The outer layer refuses before the inner layer sees the request.
    assert_eq!(named(&["b"], two()).await.as_deref(), Some("a"));
    let three = || Stack::new(needs(&["c", "a"]), Stack::new(needs(&["b", "a"]), needs(&["a"])));
    assert_eq!(named(&["a"], three()).await.as_deref(), Some("a b"));
    assert_eq!(named(&["a", "b"], three()).await.as_deref(), Some("a b c"));
    // A layer without scopes changes nothing.
    let between = Stack::new(needs(&["b"]), Stack::new(RequireLayer::new(), needs(&["a"])));
    assert_eq!(named(&["a"], between).await.as_deref(), Some("a b"));
}

#[tokio::test]
async fn br_05_a_client_that_requests_what_it_is_told_gets_in() {
    let route = || Stack::new(needs(&["d", "c"]), Stack::new(needs(&["b"]), needs(&["a"])));
    for start in [&[][..], &["a"], &["b"], &["c"], &["d", "b"]] {
        let mut has: Vec<String> = start.iter().map(ToString::to_string).collect();
        let mut attempts = 0;
        loop {
            let now: Vec<&str> = has.iter().map(String::as_str).collect();
            let Some(told) = named(&now, route()).await else { break };
            // The client gives up the scopes that the refusal does not name.
            has = told.split(' ').map(str::to_owned).collect();
            attempts += 1;
            assert!(attempts <= 3, "one refusal for each layer");
        }
    }
}

/// Refuses like a handler that requires more than the route.
fn refusing(scope: &'static str) -> App {
    BoxCloneSyncService::new(service_fn(async move |_| {
        let rejection = Rejection::Scope { scope: scope.into() };
        Ok(refuse::write(&refuse::Empty, rejection, Dialect::Http))
    }))
}

#[tokio::test]
async fn br_05_what_a_handler_refuses_for_a_scope_names_the_routes_scopes_too() {
    let app = |who: WithIdentity, handler| {
        let service = who.layer(needs(&["a", "b"]).layer(handler));
        TestClient::new(BoxCloneSyncService::new(service))
    };
    let response = app(alice(&["a", "b"]), refusing("c b")).get("/").await;
    let scope = "a b c".into();
    assert_eq!(response.rejection(), Some(&Rejection::Scope { scope }));
}

#[tokio::test]
async fn other_refusals_from_inside_go_out_as_they_are() {
    let inner = RequireLayer::builder().role("admin").build().unwrap();
    let response = client(alice(&["a"]), Stack::new(inner, needs(&["a"]))).get("/").await;
    assert_eq!(response.rejection(), Some(&Rejection::Role { role: "admin".into() }));
    // Admitted responses carry no refusal.
    let response =
        client(alice(&["a"]), Stack::new(Unchanged::new(), needs(&["a"]))).get("/").await;
    assert_eq!((response.text(), response.rejection()), ("in".into(), None));
}
