//! Wrong applications, and the name of the mistake.

use super::app::Guard;
use super::*;

async fn only(app: App, expected: &[&str]) {
    assert_eq!(faults(&table(), app).await, expected);
}

#[tokio::test]
async fn a_route_without_a_guard_is_unguarded() {
    let app = App::right().with("POST /account", Guard::None);
    only(app, &["POST /account: unguarded"]).await;
    let app = App::right().with("DELETE /reports/id", Guard::None);
    let expected = ["DELETE /reports/{id}: unguarded", "DELETE /reports/{id}: right_ignored"];
    only(app, &expected).await;
}

#[tokio::test]
async fn a_guard_that_asks_for_a_login_alone_ignores_the_role() {
    let app = App::right().with("DELETE /reports/id", Guard::Login);
    only(app, &["DELETE /reports/{id}: right_ignored"]).await;
}

#[tokio::test]
async fn a_guard_with_another_role_refuses_the_right_user() {
    let app = App::right().with("DELETE /reports/id", Guard::Role("editor"));
    only(app, &["DELETE /reports/{id}: refused"]).await;
    // A scope is a different right from a role of the same name.
    let app = App::right().with("DELETE /reports/id", Guard::Scope("admin"));
    only(app, &["DELETE /reports/{id}: refused"]).await;
}

#[tokio::test]
async fn a_page_that_answers_401_in_place_of_303_is_refused_otherwise() {
    let app = App::right().with("GET /account", Guard::Login);
    only(app.clone(), &["GET /account: other_refusal"]).await;
    let text = try_all(&table(), app).await.unwrap_err().to_string();
    assert!(text.contains("without a credential: expected 303 to /login, got 401"), "{text}");
}

#[tokio::test]
async fn an_endpoint_that_answers_303_or_403_in_place_of_401_is_named() {
    let app = App::right().with("GET /reports/id", Guard::Always(403));
    let expected = [
        "GET /reports/{id}: other_refusal",
        "GET /reports/{id}: other_site_refused",
        "GET /reports/{id}: refused",
    ];
    only(app, &expected).await;
    // For a script a redirect is no refusal: it follows it and gets 200.
    let app = App::right().with("GET /reports/id", Guard::Always(303));
    let expected = ["GET /reports/{id}: unguarded", "GET /reports/{id}: right_ignored"];
    only(app, &expected).await;
}

#[tokio::test]
async fn without_a_csrf_layer_each_unsafe_route_and_each_handshake_is_named() {
    let app = App { csrf: false, ..App::right() };
    let expected = [
        "GET /: other_site_accepted",
        // With and without a credential.
        "POST /login: other_site_accepted",
        "POST /login: other_site_accepted",
        "GET /account: other_site_accepted",
        "POST /account: other_site_accepted",
        "GET /reports/{id}: other_site_accepted",
        "DELETE /reports/{id}: other_site_accepted",
        "POST /app.v1.Reports/List: other_site_accepted",
    ];
    only(app, &expected).await;
}

#[tokio::test]
async fn a_csrf_layer_that_lets_handshakes_pass_is_named_for_each_get() {
    let app = App { csrf_for_handshakes: false, ..App::right() };
    let gets = ["/", "/account", "/reports/{id}"];
    let expected = gets.map(|path| format!("GET {path}: other_site_accepted"));
    assert_eq!(faults(&table(), app.clone()).await, expected);
    let text = try_all(&table(), app).await.unwrap_err().to_string();
    assert!(text.contains("opening a WebSocket from another site: expected 403"), "{text}");
}

#[tokio::test]
async fn a_csrf_layer_that_refuses_links_is_named_for_each_get() {
    let app = App { csrf_refuses_reads: true, ..App::right() };
    let expected = [
        "GET /: other_site_refused",
        "GET /: other_site_refused",
        "GET /account: other_site_refused",
        "GET /reports/{id}: other_site_refused",
    ];
    only(app, &expected).await;
}

#[tokio::test]
async fn a_grpc_method_without_a_guard_is_unguarded() {
    let app = App::right().with("POST /app.v1.Reports/List", Guard::None);
    let expected =
        ["POST /app.v1.Reports/List: unguarded", "POST /app.v1.Reports/List: right_ignored"];
    only(app.clone(), &expected).await;
    let text = try_all(&table(), app).await.unwrap_err().to_string();
    assert!(text.contains("expected gRPC status 16, got a gRPC message"), "{text}");
    assert!(text.contains("expected gRPC status 7, got a gRPC message"), "{text}");
}

#[tokio::test]
async fn a_row_that_the_router_does_not_have_is_named_once() {
    for route in ["GET /", "POST /account", "DELETE /reports/id", "POST /app.v1.Reports/List"] {
        let app = App::right().without(route);
        let route = route.replace("/id", "/{id}");
        assert_eq!(faults(&table(), app).await, [format!("{route}: not_routed")]);
    }
    let app = App::right().with("POST /account", Guard::Always(405));
    only(app, &["POST /account: not_routed"]).await;
}

#[tokio::test]
async fn a_public_route_that_asks_for_a_login_refuses() {
    let app = App::right().with("GET /", Guard::Login);
    only(app, &["GET /: refused", "GET /: other_site_refused"]).await;
    let app = App::right().with("GET /", Guard::LoginPage);
    let mismatches = try_all(&table(), app).await.unwrap_err();
    assert_eq!(mismatches.iter().next().unwrap().fault(), Fault::Refused);
}

#[tokio::test]
async fn a_route_that_fails_is_named_whatever_the_row_expects() {
    let app = App::right().with("GET /account", Guard::Always(500));
    let faults = faults(&table(), app).await;
    assert_eq!(faults.first().unwrap(), "GET /account: failed");
    assert!(faults.iter().all(|it| it == "GET /account: failed"), "{faults:?}");
}

#[tokio::test]
async fn all_mistakes_are_reported_at_once() {
    let app = App::right()
        .with("GET /account", Guard::None)
        .with("GET /reports/id", Guard::Scope("reports:write"))
        .without("POST /login");
    let expected = [
        "POST /login: not_routed",
        "GET /account: unguarded",
        "GET /reports/{id}: other_site_refused",
        "GET /reports/{id}: refused",
    ];
    only(app, &expected).await;
}
