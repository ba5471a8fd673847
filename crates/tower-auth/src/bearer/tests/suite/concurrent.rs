//! Tests with other layers in the same request.

use serde_json::json;
use tower_auth_core::Rejection;
use tower_auth_test::WithIdentity;

use super::forge::with;
use super::*;

async fn beside(other: Identity, token: &str) -> Response<String> {
    let layer = shared().build().unwrap();
    let mut request = Request::new(());
    let line = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
    request.headers_mut().insert(AUTHORIZATION, line);
    let scopes = service_fn(async |request: Request<()>| {
        let identity = request.extensions().get::<Identity>().unwrap();
        let scopes: Vec<_> = identity.scopes().collect();
        Ok::<_, Infallible>(Response::new(format!("{:?} {scopes:?}", identity.method())))
    });
    WithIdentity::only(other).layer(layer.layer(scopes)).oneshot(request).await.unwrap()
}

#[tokio::test]
async fn se_22_two_principals_are_400_and_one_is_the_bearers() {
    let token = with(json!({ "scope": "a" }));
    let here = |sub: &str| {
        Identity::builder(tower_auth_core::Principal::new(ISSUER, sub)).scope("b").build()
    };
    assert_eq!(beside(here("alice"), &token).await.body(), "Bearer [\"a\"]");
    let response = beside(here("bob"), &token).await;
    assert_eq!(response.status(), 400);
    assert_eq!(challenges(&response), [INVALID_REQUEST]);
    assert_eq!(response.extensions().get(), Some(&Rejection::Ambiguous));
    // The same subject at another issuer is another principal.
    let response = beside(Identity::local("alice").build(), &token).await;
    assert_eq!(response.status(), 400);
    // Every token that is presented must verify.
    assert_refused(&beside(here("alice"), "x").await, "a bad token beside a good session");
}

#[tokio::test]
async fn d21_nested_in_itself_is_a_misconfiguration() {
    let layer = shared().build().unwrap();
    let nested = layer.layer(layer.layer(service_fn(whoami)));
    let response: Response<String> = nested.oneshot(Request::new(())).await.unwrap();
    assert_eq!(response.status(), 500);
}

#[tokio::test]
async fn an_error_passes_and_a_retry_may_come() {
    let layer = shared().build().unwrap();
    let failing = layer.layer(service_fn(async |_: Request<()>| Err::<Response<String>, _>("no")));
    assert_eq!(failing.oneshot(Request::new(())).await.unwrap_err(), "no");
    let mut request = Request::new(());
    let scope =
        crate::request::RequestScope::enter(&mut request, crate::request::LayerFlag::Cookie)
            .unwrap();
    let service = layer.layer(service_fn(whoami));
    for _ in 0..2 {
        let mut again = Request::new(());
        *again.extensions_mut() = request.extensions().clone();
        let response: Response<String> = service.clone().oneshot(again).await.unwrap();
        assert_eq!(response.body(), "anonymous");
    }
    drop(scope);
}

#[tokio::test]
async fn d09_the_service_that_was_polled_ready_is_called() {
    use tower::limit::ConcurrencyLimit;
    let layer = shared().build().unwrap();
    let mut service = layer.layer(ConcurrencyLimit::new(service_fn(whoami), 1));
    for _ in 0..3 {
        let response: Response<String> =
            service.ready().await.unwrap().call_once(Request::new(())).await;
        assert_eq!(response.body(), "anonymous");
    }
}

trait CallOnce: tower::Service<Request<()>> {
    async fn call_once(&mut self, request: Request<()>) -> Self::Response;
}

impl<S: tower::Service<Request<()>, Error = Infallible>> CallOnce for S {
    async fn call_once(&mut self, request: Request<()>) -> Self::Response {
        match self.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// The layer requires no bounds beyond those of a refusal, and its future is `Send`.
#[tokio::test]
async fn bodies_are_free() {
    struct Odd;
    let layer = shared().refuse_with(|_: &Rejection, _| Response::new(Odd)).build().unwrap();
    let service = layer.layer(service_fn(async |_: Request<Odd>| Ok::<_, ()>(Response::new(Odd))));
    fn send<T: Send>(it: T) -> T {
        it
    }
    let Ok(_) = send(service.oneshot(Request::new(Odd))).await else { unreachable!() };
}
