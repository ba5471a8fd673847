use std::sync::Arc;

use http::StatusCode;
use tower_auth_core::{Auth, AuthContext, AuthState, Misconfigured};
use tower_auth_test::{WithIdentity, identity};

use super::*;
use crate::Rejection;

#[tokio::test]
async fn d22_no_authenticating_layer_is_500_and_names_this_one() {
    let response = TestClient::new(RequireLayer::new().layer(handler())).get("/").await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(response.text(), "");
    assert!(response.header("www-authenticate").is_none());
    let Some(Rejection::Misconfigured(misconfigured)) = response.rejection() else {
        panic!("{:?}", response.rejection());
    };
    assert_eq!(misconfigured.layer, "RequireLayer");
    assert!(misconfigured.problem.contains("add a SessionLayer"));
}

/// A layer that is configured to skip a route, like `SessionLayer` with `.skip`.
#[derive(Clone)]
pub(super) struct LeftOut<S>(pub(super) S, pub(super) Misconfigured);

impl AuthContext for Wired {
    fn state(&self) -> Result<AuthState, Misconfigured> {
        Err(self.0)
    }
}

struct Wired(Misconfigured);

impl<S: Service<Request<Body>>> Service<Request<Body>> for LeftOut<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(
        &mut self,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> S::Future {
        request.extensions_mut().insert(Auth(Arc::new(Wired(self.1))));
        self.0.call(request)
    }
}

#[tokio::test]
async fn d22_a_layer_that_was_left_out_is_500_unless_another_authenticated() {
    let skipped = Misconfigured { layer: "SessionLayer", problem: "skip left this route out" };
    let guarded = RequireLayer::new().layer(handler());
    let response = TestClient::new(LeftOut(guarded.clone(), skipped)).get("/").await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(response.rejection(), Some(&skipped.into()));

    let another = WithIdentity::only(identity("alice")).layer(guarded);
    let response = TestClient::new(LeftOut(another, skipped)).get("/").await;
    assert_eq!(response.text(), "in");
}

#[tokio::test]
async fn a_layer_of_ones_own_that_inserts_an_identity_is_enough() {
    let layer = RequireLayer::builder().scope("read").role("user").build().unwrap();
    let response = client(WithIdentity::only(alice_since(None)), layer).get("/").await;
    assert_eq!(response.text(), "in");
}
