use serde_json::{Value, json};

use crate::{ALICE, Client, browser};

const ROOT: [(&str, &str); 2] = [("username", "root"), ("password", "looking-glass")];

/// Three browsers of one application: two with alice, the third with root.
async fn three() -> (Client, Client, Client) {
    let one = browser();
    // A fork copies the jar, which is still empty.
    let (two, root) = (one.fork(), one.fork());
    one.post("/login").form(&ALICE).await;
    two.post("/login").form(&ALICE).await;
    root.post("/login").form(&ROOT).await;
    (one, two, root)
}

async fn list(browser: &Client) -> Vec<Value> {
    let answer: Value = browser.get("/sessions").await.json();
    answer["sessions"].as_array().unwrap().clone()
}

/// The name of the requesting session, or of another.
async fn id(browser: &Client, this: bool) -> String {
    let list = list(browser).await;
    let found = list.iter().find(|it| it["this"] == this).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn se_08_one_sees_ones_own_sessions_and_no_one_elses() {
    let (one, two, root) = three().await;
    assert_eq!((list(&one).await.len(), list(&root).await.len()), (2, 1));
    assert_eq!(id(&one, true).await, id(&two, false).await);
    let listed = &list(&root).await[0];
    assert!(listed["last_used_at"].as_u64() < listed["expires_at"].as_u64(), "{listed}");
    assert!(listed["authenticated_at"].is_u64(), "{listed}");
    assert_eq!(browser().get("/sessions").await.status(), 401);
    assert_eq!(browser().delete("/sessions/garbage").await.status(), 401);
}

#[tokio::test]
async fn se_08_one_ends_another_of_ones_sessions_and_no_one_elses() {
    let (one, two, root) = three().await;
    let roots = id(&root, true).await;
    for not_ones_own in [roots.as_str(), "AAAAAAAAAAAAAAAAAAAAAA", "garbage"] {
        let answer = one.delete(&format!("/sessions/{not_ones_own}")).await;
        assert_eq!(answer.status(), 404);
        assert_eq!(answer.json::<Value>()["code"], "no_session");
    }
    assert_eq!(root.get("/me").await.status(), 200);
    let other = id(&one, false).await;
    assert_eq!(one.delete(&format!("/sessions/{other}")).await.status(), 204);
    assert_eq!(two.get("/me").await.status(), 401);
    assert_eq!(one.get("/me").await.status(), 200);
    assert_eq!(list(&one).await.len(), 1);
}

#[tokio::test]
async fn se_08_out_everywhere_is_sessions_and_refresh_tokens() {
    let (one, two, root) = three().await;
    let body = json!({ "username": "alice", "password": "wonderland" });
    assert_eq!(two.post("/auth/token").json(&body).await.status(), 200);
    let out = one.post("/logout/everywhere").header("accept", "application/json").await;
    assert_eq!(out.json::<Value>(), json!({ "sessions": 2, "refresh_tokens": 1 }));
    assert!(out.set_cookies().iter().any(|it| it.starts_with("__Host-showcase-session=;")));
    assert_eq!(one.get("/me").await.status(), 401);
    assert_eq!(two.get("/me").await.status(), 401);
    assert_eq!(two.post("/auth/refresh").await.status(), 400);
    assert_eq!(root.get("/me").await.status(), 200);
    assert_eq!(
        one.post("/logout/everywhere").await.status(),
        401,
        "an anonymous visitor has no sessions"
    );
}

#[tokio::test]
async fn another_site_logs_no_one_out() {
    let (one, two, _) = three().await;
    let other = id(&one, false).await;
    let evil = "https://evil.example";
    assert_eq!(one.post("/logout/everywhere").cross_site(evil).await.status(), 403);
    let end = one.delete(&format!("/sessions/{other}")).cross_site(evil);
    assert_eq!(end.await.status(), 403);
    assert_eq!(two.get("/me").await.status(), 200);
}
