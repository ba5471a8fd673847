//! Each route of the table, with and without the rights that it needs.

use std::collections::HashMap;

use axum::body::Bytes;
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};
use showcase::routes::{Access as Needs, RouteKind, Row, table};
use showcase::users::{DEMO, Demo};
use tonic::transport::Channel;
use tower::ServiceBuilder;
use tower_auth::Identity;
use tower_auth_test::TestClient;
use tower_auth_test::routes::{Access, Route, Routes};

use crate::{ALICE, Client, browser_at, config, grpc};

/// Converts the row for the check, with a body if the route needs one.
fn route(row: &Row, access: Access) -> Route {
    let (method, path) = (row.method.clone(), row.path);
    let route = match row.kind {
        RouteKind::Page => Route::page(method, path, access),
        RouteKind::Api => Route::api(method, path, access),
        RouteKind::Grpc => Route::grpc(path, access),
    };
    match (row.method.as_str(), path) {
        ("POST", "/login") => route.form(&ALICE).answers(StatusCode::SEE_OTHER),
        ("POST", "/auth/token") => {
            let body = json!({ "username": "alice", "password": "wonderland" });
            route.json(&body).answers(StatusCode::OK)
        }
        ("PUT", "/session/data/{key}") => route.json("blue").answers(StatusCode::NO_CONTENT),
        // No session has the name `name`.
        ("DELETE", "/sessions/{id}") => route.answers(StatusCode::NOT_FOUND),
        // The test users send no refresh token.
        ("POST", "/auth/refresh") => route.answers(StatusCode::BAD_REQUEST),
        ("POST", _) => route,
        ("DELETE", _) => route.answers(StatusCode::NO_CONTENT),
        _ => route.answers(StatusCode::OK),
    }
}

fn access(row: &Row) -> Access {
    match row.access {
        Needs::Public => Access::Public,
        Needs::LoggedIn => Access::Authenticated,
        Needs::Role(role) => Access::Role(role),
        Needs::Scope(scope) => Access::Scope(scope),
    }
}

fn routes(of: impl Fn(&Row) -> bool) -> Routes {
    table().iter().filter(|row| of(row)).map(|row| route(row, access(row))).collect()
}

/// The demo user who has these rights.
fn name_and_password(user: &Identity) -> [&'static str; 2] {
    if user.has_role("admin") {
        ["root", "looking-glass"]
    } else if user.has_scope("reports:read") {
        ["alice", "wonderland"]
    } else {
        ["bob", "tea-party"]
    }
}

/// A session with a value and a CSRF token, in which the user has logged in.
async fn session(app: &Client, user: Option<&Identity>, request: &mut Parts) {
    let browser = app.fork();
    if let Some([name, password]) = user.map(name_and_password) {
        let login = [("username", name), ("password", password)];
        assert_eq!(browser.post("/login").form(&login).await.status(), 303);
    }
    assert_eq!(browser.put("/session/data/key").json("blue").await.status(), 204);
    let token: Value = browser.get("/csrf").fetch().await.json();
    let token = token["token"].as_str().unwrap().parse().unwrap();
    request.headers.insert("x-csrf-token", token);
    request.headers.insert(COOKIE, browser.cookie_header().unwrap());
}

/// An access token for each demo user. No route ends them, so they serve for all requests.
struct Tokens {
    app: Client,
    tokens: HashMap<&'static str, HeaderValue>,
}

impl Tokens {
    async fn of(app: &Client) -> Self {
        let mut tokens = HashMap::new();
        for Demo { name, password, .. } in DEMO {
            let browser = app.fork();
            let body = json!({ "username": name, "password": password });
            let mut answer: Value = browser.post("/auth/token").json(&body).await.json();
            if name == "root" {
                // An admin without the scope for reports.
                let scope = [("scope", "reports:write")];
                answer = browser.post("/auth/refresh").form(&scope).await.json();
            }
            let line = format!("Bearer {}", answer["access_token"].as_str().unwrap());
            tokens.insert(name, line.parse().unwrap());
        }
        Self { app: app.clone(), tokens }
    }

    /// Adds the user's token, or a session for an anonymous visitor.
    async fn insert(&self, user: Option<&Identity>, request: &mut Parts) {
        match user {
            Some(user) => {
                let token = self.tokens[name_and_password(user)[0]].clone();
                request.headers.insert(AUTHORIZATION, token);
            }
            None => session(&self.app, None, request).await,
        }
    }
}

/// A program without a session cannot use the session's values.
fn is_for_tokens(row: &Row) -> bool {
    !row.path.starts_with("/session/data/")
}

#[tokio::test]
async fn by_session_each_route_answers_as_the_table_says() {
    let app = browser_at(config());
    let by_session = async |user: Option<&Identity>, request: &mut Parts| {
        session(&app, user, request).await;
    };
    routes(|_| true).check(&app, by_session).await.unwrap();
}

#[tokio::test]
async fn by_token_each_route_answers_as_the_table_says() {
    let app = browser_at(config());
    let tokens = Tokens::of(&app).await;
    let by_token = async |user: Option<&Identity>, request: &mut Parts| {
        tokens.insert(user, request).await;
    };
    routes(is_for_tokens).check(&app, by_token).await.unwrap();
}

#[tokio::test]
async fn over_http2_each_grpc_method_answers_as_the_table_says() {
    let config = config();
    let app = browser_at(config.clone());
    let url = format!("http://{}", grpc::serve(&config).await);
    let channel = Channel::from_shared(url.clone()).unwrap().connect().await.unwrap();
    let body = |request: Request<Full<Bytes>>| request.map(tonic::body::Body::new);
    let channel = ServiceBuilder::new().map_request(body).service(channel);
    let server = TestClient::new(channel).base(&url);

    let methods = || routes(|row| row.kind == RouteKind::Grpc);
    let by_session = async |user: Option<&Identity>, request: &mut Parts| {
        session(&app, user, request).await;
    };
    methods().check(&server, by_session).await.unwrap();
    let tokens = Tokens::of(&app).await;
    let by_token = async |user: Option<&Identity>, request: &mut Parts| {
        tokens.insert(user, request).await;
    };
    methods().check(&server, by_token).await.unwrap();
}

/// The check notices a difference between any two kinds of access, on each route.
#[tokio::test]
async fn each_row_that_says_something_else_is_noticed() {
    let app = browser_at(config());
    let tokens = Tokens::of(&app).await;
    let by_token = async |user: Option<&Identity>, request: &mut Parts| {
        tokens.insert(user, request).await;
    };
    let all = [
        Access::Public,
        Access::Authenticated,
        Access::Role("admin"),
        Access::Scope("reports:read"),
    ];
    for row in table().iter().filter(|row| is_for_tokens(row)) {
        for other in all.into_iter().filter(|other| *other != access(row)) {
            let checked = Routes::from_iter([route(row, other)]).check(&app, by_token).await;
            assert!(checked.is_err(), "{} {} as {other:?}", row.method, row.path);
        }
    }
}

#[tokio::test]
async fn a_row_that_the_application_does_not_have_is_noticed() {
    let missing = Routes::from_iter([
        Route::api(Method::GET, "/nowhere", Access::Public),
        Route::grpc("/showcase.v1.Whoami/Nothing", Access::Authenticated),
    ]);
    let app = browser_at(config());
    let by_session = async |user: Option<&Identity>, request: &mut Parts| {
        session(&app, user, request).await;
    };
    let mismatches = missing.check(&app, by_session).await.unwrap_err();
    let found: Vec<_> = mismatches.iter().map(|it| it.fault().code()).collect();
    assert_eq!(found, ["not_routed", "not_routed"]);
}

#[test]
fn the_readme_names_each_path() {
    let readme = include_str!("../../README.md");
    for row in table() {
        let path = if row.kind == RouteKind::Grpc { &row.path[1..] } else { row.path };
        assert!(readme.contains(&format!("{path}`")), "{path}");
    }
}
