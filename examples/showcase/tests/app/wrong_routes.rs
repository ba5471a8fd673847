//! Applications with real layers and a single mistake each. The check reports the mistake.

use axum::Router;
use axum::http::Method;
use axum::routing::{get, post};
use tower_auth::{CsrfLayer, KeyRing, RequireLayer};
use tower_auth_test::TestClient;
use tower_auth_test::routes::{Access, Fault, Route, Routes, with_identity};

/// An application with correct layers, unless a test replaces one.
struct Parts {
    account: RequireLayer,
    admin: RequireLayer,
    has_csrf: bool,
}

impl Parts {
    fn right() -> Self {
        Self {
            account: RequireLayer::builder().login_page("/login").build().unwrap(),
            admin: RequireLayer::builder().role("admin").build().unwrap(),
            has_csrf: true,
        }
    }

    fn router(self) -> Router {
        let router = Router::new()
            .route("/account", get(async || "yours").layer(self.account))
            .route("/admin", post(async || "done").layer(self.admin));
        if self.has_csrf { router.layer(CsrfLayer::new(&KeyRing::random())) } else { router }
    }
}

async fn faults(router: Router) -> Vec<Fault> {
    let table = Routes::from_iter([
        Route::page(Method::GET, "/account", Access::Authenticated),
        Route::api(Method::POST, "/admin", Access::Role("admin")),
    ]);
    let checked = table.login_page("/login").check(&TestClient::new(router), with_identity).await;
    checked.err().map_or_else(Vec::new, |found| found.iter().map(|it| it.fault()).collect())
}

#[tokio::test]
async fn without_a_mistake_there_is_no_fault() {
    assert_eq!(faults(Parts::right().router()).await, []);
}

#[tokio::test]
async fn a_guard_with_another_role_refuses_the_right_user() {
    let admin = RequireLayer::builder().role("editor").build().unwrap();
    let parts = Parts { admin, ..Parts::right() };
    assert_eq!(faults(parts.router()).await, [Fault::Refused]);
}

#[tokio::test]
async fn a_guard_without_the_role_ignores_it() {
    let parts = Parts { admin: RequireLayer::new(), ..Parts::right() };
    assert_eq!(faults(parts.router()).await, [Fault::RightIgnored]);
}

#[tokio::test]
async fn a_guard_without_the_login_page_refuses_otherwise() {
    let parts = Parts { account: RequireLayer::new(), ..Parts::right() };
    assert_eq!(faults(parts.router()).await, [Fault::OtherRefusal]);
}

#[tokio::test]
async fn without_a_csrf_layer_another_sites_requests_are_accepted() {
    let parts = Parts { has_csrf: false, ..Parts::right() };
    // A WebSocket handshake and a POST.
    assert_eq!(faults(parts.router()).await, [Fault::OtherSiteAccepted; 2]);
}

#[tokio::test]
async fn a_route_that_is_added_without_a_guard_is_unguarded() {
    let router = Router::new()
        .route("/account", get(async || "yours"))
        .layer(CsrfLayer::new(&KeyRing::random()));
    assert_eq!(faults(router).await, [Fault::Unguarded, Fault::NotRouted]);
}
