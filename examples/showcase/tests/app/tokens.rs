use std::time::Duration;

use serde_json::{Value, json};
use tower_auth::{AnyStore, MemoryStore};
use tower_auth_test::client::TestResponse;
use tower_auth_test::{FaultyStore, TestClock};

use crate::{ALICE, CHALLENGES, Client, alice, browser, browser_at, challenges, config, config_on};

const INVALID: &str = "Bearer realm=\"showcase\", error=\"invalid_token\"";

/// The response of `/auth/token`; the jar has the refresh token.
async fn log_in(client: &Client, name: &str, password: &str) -> Value {
    let body = json!({ "username": name, "password": password });
    let answer = client.post("/auth/token").json(&body).await;
    assert_eq!(answer.status(), 200, "{}", answer.text());
    answer.json()
}

fn access(answer: &Value) -> &str {
    answer["access_token"].as_str().unwrap()
}

async fn alices_token(client: &Client) -> String {
    access(&log_in(client, "alice", "wonderland").await).to_owned()
}

fn is_invalid_grant(answer: &TestResponse) -> bool {
    answer.status() == 400 && answer.json::<Value>()["error"] == "invalid_grant"
}

#[tokio::test]
async fn a_token_is_told_as_oauth_tells_it_and_the_refresh_token_is_a_cookie() {
    let browser = browser();
    let body = json!({ "username": "alice", "password": "wonderland" });
    let answer = browser.post("/auth/token").json(&body).await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let [cookie] = answer.set_cookies()[..] else { panic!("one cookie") };
    assert!(
        cookie.starts_with("__Host-showcase-refresh=") && cookie.contains("HttpOnly"),
        "{cookie}"
    );
    let answer: Value = answer.json();
    assert_eq!((&answer["token_type"], &answer["expires_in"]), (&"Bearer".into(), &300.into()));
    assert!(answer.get("refresh_token").is_none());
}

#[tokio::test]
async fn who_asks_for_it_gets_the_refresh_token_in_the_body_and_no_cookie() {
    let body = json!({ "username": "alice", "password": "wonderland", "refresh": "body" });
    let browser = browser();
    let first = browser.post("/auth/token").json(&body).await;
    assert!(first.set_cookies().is_empty());
    let token = first.json::<Value>()["refresh_token"].as_str().unwrap().to_owned();
    for form in [true, false] {
        let request = browser.post("/auth/refresh");
        let request = if form {
            request.form(&[("refresh_token", &token)])
        } else {
            request.json(&json!({ "refresh_token": token }))
        };
        let answer = request.await;
        assert_eq!((answer.status().as_u16(), answer.set_cookies().len()), (200, 0));
        assert_ne!(answer.json::<Value>()["refresh_token"], token.as_str());
    }
}

#[tokio::test]
async fn what_is_wrong_gives_no_token() {
    let browser = browser();
    for name in ["alice", "anonymous-of-this-name"] {
        let body = json!({ "username": name, "password": "wrong" });
        let answer = browser.post("/auth/token").json(&body).await;
        assert_eq!((answer.status().as_u16(), answer.set_cookies().len()), (401, 0));
        assert_eq!(answer.json::<Value>()["code"], "wrong_login");
        assert_eq!(challenges(&answer), CHALLENGES);
    }
    let odd = json!({ "username": "alice", "password": "wonderland", "refresh": "odd" });
    assert_eq!(browser.post("/auth/token").json(&odd).await.status(), 400);
    assert_eq!(browser.post("/auth/token").form(&ALICE).await.status(), 400);
}

#[tokio::test]
async fn by_bearer_alice_is_alice_with_her_scope_and_without_the_role() {
    let browser = browser();
    let token = alices_token(&browser).await;
    let me: Value = browser.get("/api/me").bearer(&token).await.json();
    assert_eq!((&me["subject"], &me["via"]), (&"alice".into(), &"bearer".into()));
    assert_eq!((&me["roles"], &me["scopes"]), (&json!(["user"]), &json!(["reports:read"])));
    assert_eq!(browser.get("/api/reports").bearer(&token).await.status(), 200);
    let admin = browser.get("/api/admin").bearer(&token).await;
    assert_eq!(admin.status(), 403);
    assert_eq!(challenges(&admin), ["Bearer realm=\"showcase\", error=\"insufficient_scope\""]);
    let root = access(&log_in(&browser, "root", "looking-glass").await).to_owned();
    assert_eq!(browser.get("/api/admin").bearer(&root).await.status(), 200);
}

#[tokio::test]
async fn by_session_it_is_the_same_identity() {
    let browser = alice().await;
    let me: Value = browser.get("/api/me").await.json();
    assert_eq!((&me["subject"], &me["via"]), (&"alice".into(), &"session".into()));
    assert_eq!(browser.get("/api/reports").await.status(), 200);
    let admin = browser.get("/api/admin").await;
    assert_eq!((admin.status().as_u16(), challenges(&admin).len()), (403, 0));
    // With a token of the same user, the session continues, and the token proves the identity.
    let token = alices_token(&browser).await;
    let me: Value = browser.get("/api/me").bearer(&token).await.json();
    assert_eq!((&me["subject"], &me["via"]), (&"alice".into(), &"bearer".into()));
}

#[tokio::test]
async fn beside_a_session_a_token_must_be_good_and_of_the_same_one() {
    let browser = alice().await;
    let bad = browser.get("/api/me").bearer("garbage").await;
    assert_eq!(bad.status(), 401);
    assert_eq!(challenges(&bad), [INVALID, "Session realm=\"showcase\""]);
    let root = access(&log_in(&browser, "root", "looking-glass").await).to_owned();
    assert_eq!(browser.get("/api/me").bearer(&root).await.status(), 400);
    assert_eq!(browser.get("/api/me").await.status(), 200);
}

#[tokio::test]
async fn no_one_is_told_both_ways_in() {
    for path in ["/api/me", "/api/reports", "/api/admin"] {
        let answer = browser().get(path).await;
        assert_eq!(answer.status(), 401, "{path}");
        assert_eq!(challenges(&answer), CHALLENGES, "{path}");
    }
}

#[tokio::test]
async fn a_token_may_be_narrowed_and_then_lacks_what_was_left_out() {
    let browser = browser();
    log_in(&browser, "root", "looking-glass").await;
    let request = browser.post("/auth/refresh").form(&[("scope", "reports:write")]);
    let narrow: Value = request.await.json();
    assert_eq!(narrow["scope"], "reports:write");
    let reports = browser.get("/api/reports").bearer(access(&narrow)).await;
    assert_eq!(reports.status(), 403);
    let says = "Bearer realm=\"showcase\", error=\"insufficient_scope\", scope=\"reports:read\"";
    assert_eq!(challenges(&reports), [says]);
}

#[tokio::test]
async fn a_refresh_rotates_and_within_the_window_a_used_token_is_served() {
    let browser = browser();
    log_in(&browser, "alice", "wonderland").await;
    let late = browser.fork();
    let second = browser.post("/auth/refresh").await;
    assert_eq!((second.status().as_u16(), second.set_cookies().len()), (200, 1));
    let again = late.post("/auth/refresh").await;
    assert_eq!(again.set_cookies(), second.set_cookies(), "the same successor");
    let me = browser.get("/api/me").bearer(access(&second.json())).await;
    assert_eq!(me.json::<Value>()["subject"], "alice");
}

#[tokio::test]
async fn after_the_window_a_used_token_ends_the_family() {
    let time = TestClock::new();
    let mut config = config_on(AnyStore::new(MemoryStore::new(time.clock())));
    config.clock = time.clock();
    let browser = browser_at(config).clock(time.clock());
    log_in(&browser, "alice", "wonderland").await;
    let thief = browser.fork();
    assert_eq!(browser.post("/auth/refresh").await.status(), 200);
    time.advance(Duration::from_secs(16));
    assert!(is_invalid_grant(&thief.post("/auth/refresh").await));
    assert!(is_invalid_grant(&browser.post("/auth/refresh").await));
}

#[tokio::test]
async fn without_a_window_the_second_use_ends_the_family() {
    let mut config = config();
    config.refresh_window = Duration::ZERO;
    let browser = browser_at(config);
    log_in(&browser, "alice", "wonderland").await;
    let thief = browser.fork();
    assert_eq!(browser.post("/auth/refresh").await.status(), 200);
    assert!(is_invalid_grant(&thief.post("/auth/refresh").await));
    assert!(is_invalid_grant(&browser.post("/auth/refresh").await));
}

#[tokio::test]
async fn revoking_ends_the_family_and_not_the_session() {
    let browser = alice().await;
    let token = alices_token(&browser).await;
    let copy = browser.fork();
    let revoked = browser.post("/auth/revoke").await;
    assert_eq!((revoked.status().as_u16(), revoked.set_cookies().len()), (200, 1));
    assert!(is_invalid_grant(&copy.post("/auth/refresh").await));
    // An issued access token stays valid until it expires. The session is another credential.
    assert_eq!(copy.get("/api/me").bearer(&token).await.status(), 200);
    assert_eq!(copy.get("/api/me").await.json::<Value>()["via"], "session");
}

#[tokio::test]
async fn another_site_refreshes_and_revokes_nothing() {
    let browser = browser();
    log_in(&browser, "alice", "wonderland").await;
    for path in ["/auth/refresh", "/auth/revoke"] {
        let answer = browser.post(path).cross_site("https://evil.example").await;
        assert_eq!(answer.status(), 403, "{path}");
    }
    assert_eq!(browser.post("/auth/refresh").await.status(), 200);
}

#[tokio::test]
async fn an_access_token_ends_by_itself() {
    let time = TestClock::new();
    let mut config = config_on(AnyStore::new(MemoryStore::new(time.clock())));
    config.clock = time.clock();
    let browser = browser_at(config).clock(time.clock());
    let token = alices_token(&browser).await;
    // Five minutes, plus a minute of leeway for different clocks.
    time.advance(Duration::from_secs(359));
    assert_eq!(browser.get("/api/me").bearer(&token).await.status(), 200);
    time.advance(Duration::from_secs(2));
    let late = browser.get("/api/me").bearer(&token).await;
    assert_eq!((late.status().as_u16(), challenges(&late)[0].as_str()), (401, INVALID));
}

#[tokio::test]
async fn a_store_that_does_not_answer_says_nothing_of_a_token() {
    let store = FaultyStore::new(MemoryStore::new(tower_auth::Clock::system()));
    let browser = browser_at(config_on(AnyStore::new(store.clone())));
    let token = alices_token(&browser).await;
    store.down();
    let body = json!({ "username": "alice", "password": "wonderland" });
    for answer in [
        browser.post("/auth/refresh").await,
        browser.post("/auth/revoke").await,
        browser.post("/auth/token").json(&body).await,
    ] {
        assert_eq!((answer.status().as_u16(), answer.header("retry-after")), (503, Some("1")));
        assert!(answer.set_cookies().is_empty());
    }
    // A request without a session cookie does not read the store.
    assert_eq!(browser.get("/api/me").bearer(&token).await.status(), 200);
    store.up();
    assert_eq!(browser.post("/auth/refresh").await.status(), 200);
}

#[tokio::test]
async fn the_key_is_published_by_the_name_that_tokens_say_and_nothing_private_is() {
    let keys: Value = browser().get("/.well-known/jwks.json").await.json();
    let key = &keys["keys"][0];
    assert_eq!((&key["alg"], &key["crv"]), (&"ES256".into(), &"P-256".into()));
    assert!(key["kid"].as_str().is_some_and(|kid| kid.len() == 12), "{key}");
    assert!(key.get("d").is_none());
}
