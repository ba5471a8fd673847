use serde_json::{Value, json};

use crate::{Client, alice, browser};

async fn token(browser: &Client) -> String {
    browser.get("/csrf").fetch().await.json::<Value>()["token"].as_str().unwrap().into()
}

#[tokio::test]
async fn a_transfer_needs_a_token_of_this_session() {
    let browser = alice().await;
    let bare = browser.post("/transfer").await;
    assert_eq!(bare.json::<Value>()["code"], "csrf_missing_token");

    let token = token(&browser).await;
    let with = browser.post("/transfer").header("x-csrf-token", token).await;
    assert_eq!(with.status(), 200);
    assert_eq!(with.json::<Value>()["by"], "alice");
}

/// The client is a program with an access token and no cookies. No other site can send its request.
#[tokio::test]
async fn a_transfer_by_bearer_alone_needs_no_token() {
    let browser = browser();
    let body = json!({ "username": "alice", "password": "wonderland", "refresh": "body" });
    let answer: Value = browser.post("/auth/token").json(&body).await.json();
    let access = answer["access_token"].as_str().unwrap();

    let transfer = browser.post("/transfer").bearer(access).await;
    assert_eq!(transfer.status(), 200, "{}", transfer.text());
    assert_eq!(transfer.json::<Value>()["by"], "alice");
    // A cookie that is no credential has no effect; a cookie of the application does.
    for (cookie, status) in [("theme=dark", 200), ("theme=dark; __Host-showcase-session=x", 403)] {
        let request = browser.post("/transfer").bearer(access).header("cookie", cookie);
        assert_eq!(request.await.status(), status, "{cookie}");
    }
    // An invalid access token grants nothing.
    assert_eq!(browser.post("/transfer").bearer("a.b.c").await.status(), 401);
    let evil = browser.post("/transfer").bearer(access).cross_site("https://evil.example").await;
    assert_eq!(evil.status(), 403);
}

#[tokio::test]
async fn a_token_is_another_text_each_time_and_each_is_good() {
    let browser = alice().await;
    let (one, two) = (token(&browser).await, token(&browser).await);
    assert_ne!(one, two);
    for token in [one, two] {
        let transfer = browser.post("/transfer").header("x-csrf-token", token).await;
        assert_eq!(transfer.status(), 200);
    }
}

#[tokio::test]
async fn another_users_token_is_no_good() {
    let (alice, mallory) = (alice().await, browser());
    let theirs = token(&mallory).await;
    let transfer = alice.post("/transfer").header("x-csrf-token", theirs).await;
    assert_eq!(transfer.status(), 403);
    assert_eq!(transfer.json::<Value>()["code"], "csrf_bad_token");
}

#[tokio::test]
async fn a_token_does_not_help_another_site() {
    let browser = alice().await;
    let token = token(&browser).await;
    let request = browser.post("/transfer").header("x-csrf-token", token);
    let transfer = request.cross_site("https://evil.example").await;
    assert_eq!(transfer.status(), 403);
    assert_eq!(transfer.json::<Value>()["code"], "csrf_cross_site");
}

#[tokio::test]
async fn a_visitor_gets_a_token_of_the_browser_and_transfers_nothing() {
    let browser = browser();
    let token = token(&browser).await;
    let transfer = browser.post("/transfer").header("x-csrf-token", token).await;
    assert_eq!(transfer.status(), 401);
    assert_eq!(transfer.json::<Value>()["code"], "unauthenticated");
}

/// The layer selects the requests that need a token by the path, and the router routes by the path.
/// No other spelling of the path may reach the handler.
#[tokio::test]
async fn no_other_spelling_of_the_path_gets_round_the_token() {
    let browser = alice().await;
    for path in [
        "/transfer/",
        "//transfer",
        "/Transfer",
        "/%74ransfer",
        "/./transfer",
        "/x/../transfer",
        "/transfer%2f",
        "/transfer;x",
    ] {
        let transfer = browser.post(path).await;
        assert_eq!(transfer.status(), 404, "{path}: {}", transfer.text());
    }
    assert_eq!(browser.post("/transfer?x").await.status(), 403);
}
