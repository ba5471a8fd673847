//! The application in this process, route by route.

mod csrf;
mod data;
mod headers;
mod login;
mod page;
mod store;

use axum::Router;
use axum::body::Body;
use showcase::users::Users;
use showcase::{Config, app};
use tower_auth::{AnyStore, Clock, KeyRing, MemoryStore};
use tower_auth_test::TestClient;

type Client = TestClient<Router, Body>;

/// A browser at a fresh application.
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
    Config::new(store, KeyRing::random(), Users::demo().unwrap())
}

/// A browser in which alice has logged in.
async fn alice() -> Client {
    let browser = browser();
    let login = browser.post("/login").form(&ALICE).await;
    assert_eq!(login.status(), 303);
    browser
}

const ALICE: [(&str, &str); 2] = [("username", "alice"), ("password", "wonderland")];
