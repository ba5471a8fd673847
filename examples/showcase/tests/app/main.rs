//! The application in this process, route by route.

#![allow(clippy::disallowed_methods, reason = "runs real servers")]

mod csrf;
mod data;
mod grpc;
mod headers;
mod login;
mod page;
mod routes;
mod sessions;
mod store;
mod tls;
mod tokens;
mod wrong_routes;

use axum::Router;
use axum::body::Body;
use showcase::users::Users;
use showcase::{Config, app};
use tower_auth::{AnyStore, Clock, KeyRing, MemoryStore};
use tower_auth_test::TestClient;
use tower_auth_test::client::TestResponse;

type Client = TestClient<Router, Body>;

/// A browser of a new application.
fn browser() -> Client {
    browser_at(config())
}

fn browser_at(config: Config) -> Client {
    TestClient::new(app(config).unwrap()).with_body().browser()
}

fn config() -> Config {
    config_on(AnyStore::new(MemoryStore::new(Clock::system())))
}

fn config_on(store: AnyStore) -> Config {
    let signing_key = showcase::keys::signing_key(None).unwrap();
    Config::new(store, KeyRing::random(), signing_key, Users::demo().unwrap())
}

/// A browser in which alice is logged in.
async fn alice() -> Client {
    let browser = browser();
    let login = browser.post("/login").form(&ALICE).await;
    assert_eq!(login.status(), 303);
    browser
}

const ALICE: [(&str, &str); 2] = [("username", "alice"), ("password", "wonderland")];

/// The challenges of a 401 without a token: both authentication methods.
const CHALLENGES: [&str; 2] = ["Bearer realm=\"showcase\"", "Session realm=\"showcase\""];

fn challenges(answer: &TestResponse) -> Vec<String> {
    let lines = answer.headers().get_all("www-authenticate").iter();
    lines.map(|line| line.to_str().unwrap().to_owned()).collect()
}
