use serde_json::Value;
use tower_auth::{AnyStore, Clock, MemoryStore};
use tower_auth_test::{FaultyStore, Step, Steps};

use crate::{ALICE, Client, browser_at, config_on};

/// A browser, and the store behind its application. The store counts its calls and can fail on
/// demand.
fn browser() -> (Client, FaultyStore<MemoryStore>) {
    let store = FaultyStore::new(MemoryStore::new(Clock::system()));
    (browser_at(config_on(AnyStore::new(store.clone()))), store)
}

#[tokio::test]
async fn se_19_the_visitor_who_writes_nothing_costs_no_store_command() {
    let (browser, store) = browser();
    for path in ["/", "/me", "/csrf", "/session/data/colour", "/nowhere"] {
        browser.get(path).await;
    }
    browser.post("/logout").await;
    browser.post("/login").form(&[("username", "alice"), ("password", "wrong")]).await;
    assert_eq!(store.steps(), Steps::default());
    // A write is one command, and a read with the cookie is another.
    browser.put("/session/data/colour").json("blue").await;
    browser.get("/").await;
    assert_eq!(store.steps(), Steps::of([Step::Create, Step::Load]));
}

#[tokio::test]
async fn se_17_a_store_that_does_not_answer_logs_no_one_out() {
    let (browser, store) = browser();
    browser.post("/login").form(&ALICE).await;
    store.down();
    let page = browser.get("/").await;
    assert_eq!((page.status().as_u16(), page.set_cookies().len()), (200, 0));
    assert!(page.text().contains("Your identity cannot be checked"), "{}", page.text());
    let me = browser.get("/me").await;
    assert_eq!((me.status().as_u16(), me.header("retry-after")), (503, Some("1")));
    assert_eq!(me.json::<Value>()["code"], "unavailable");
    store.up();
    assert_eq!(browser.get("/me").await.json::<Value>()["subject"], "alice");
}
