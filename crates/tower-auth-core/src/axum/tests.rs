use std::sync::Arc;

use http::Request;
use http::header::CONTENT_TYPE;

use super::*;
use crate::{Auth, AuthContext, Misconfigured};

struct Says(AuthState);

impl AuthContext for Says {
    fn state(&self) -> Result<AuthState, Misconfigured> {
        Ok(self.0.clone())
    }
}

fn parts(says: Option<AuthState>) -> Parts {
    let mut request = Request::new(());
    if let Some(says) = says {
        if let AuthState::Known(identity) = &says {
            request.extensions_mut().insert(identity.clone());
        }
        request.extensions_mut().insert(Auth(Arc::new(Says(says))));
    }
    request.into_parts().0
}

async fn required(mut parts: Parts) -> Result<Identity, Refusal> {
    <Identity as FromRequestParts<()>>::from_request_parts(&mut parts, &()).await
}

async fn optional(mut parts: Parts) -> Result<Option<Identity>, Refusal> {
    <Identity as OptionalFromRequestParts<()>>::from_request_parts(&mut parts, &()).await
}

fn known() -> AuthState {
    AuthState::Known(Identity::local("alice").build())
}

#[tokio::test]
async fn identity_is_the_identity_or_a_refusal() {
    assert_eq!(required(parts(Some(known()))).await.unwrap().subject(), "alice");
    for (says, status, retry) in [
        (Some(AuthState::Anonymous), 401, None),
        (Some(AuthState::Unknown), 503, Some("1")),
        (None, 500, None),
    ] {
        let refusal = required(parts(says)).await.unwrap_err();
        let rejection = refusal.rejection().clone();
        let response = refusal.into_response();
        assert_eq!(response.status(), status);
        let header = response.headers().get("retry-after").map(|it| it.to_str().unwrap());
        assert_eq!(header, retry);
        assert_eq!(response.extensions().get(), Some(&rejection));
    }
}

#[tokio::test]
async fn se_17_an_optional_identity_goes_on_without_a_store_but_not_without_a_layer() {
    assert_eq!(optional(parts(Some(known()))).await.unwrap().unwrap().subject(), "alice");
    assert!(optional(parts(Some(AuthState::Anonymous))).await.unwrap().is_none());
    assert!(optional(parts(Some(AuthState::Unknown))).await.unwrap().is_none());
    let refusal = optional(parts(None)).await.unwrap_err();
    assert_eq!(refusal.rejection(), &Misconfigured::NO_AUTHENTICATION.into());
    assert_eq!(refusal.into_response().status(), 500);
}

#[tokio::test]
async fn gr_01_a_grpc_client_is_refused_in_its_dialect() {
    let mut parts = parts(Some(AuthState::Anonymous));
    parts.method = http::Method::POST;
    parts.headers.insert(CONTENT_TYPE, "application/grpc".parse().unwrap());
    let response = required(parts).await.unwrap_err().into_response();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["grpc-status"]),
        (200, &"16".parse().unwrap())
    );
}

#[test]
fn a_handler_may_return_a_rejection() {
    let response = Rejection::Role { role: "admin".into() }.into_response();
    assert_eq!(response.status(), 403);
}
