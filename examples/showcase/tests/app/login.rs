use serde_json::{Value, json};

use crate::{ALICE, CHALLENGES, alice, browser, challenges};

#[tokio::test]
async fn a_form_logs_in_and_is_sent_to_the_page() {
    let browser = browser();
    let login = browser.post("/login").form(&ALICE).await;
    assert_eq!((login.status().as_u16(), login.header("location")), (303, Some("/")));
    let me: Value = browser.get("/me").await.json();
    assert_eq!(me["subject"], "alice");
    assert_eq!(me["via"], "session");
    assert_eq!(me["roles"], json!(["user"]));
    assert_eq!(me["scopes"], json!(["reports:read"]));
    let (from, until) = (me["authenticated_at"].as_u64(), me["expires_at"].as_u64());
    assert!(from.unwrap() > 1_700_000_000 && until > from, "{me}");
}

#[tokio::test]
async fn json_logs_in_and_is_answered_with_the_identity() {
    let body = json!({ "username": "root", "password": "looking-glass" });
    let login = browser().post("/login").json(&body).await;
    assert_eq!(login.status(), 200);
    assert_eq!(login.json::<Value>()["roles"], json!(["user", "admin"]));
}

#[tokio::test]
async fn a_form_of_a_program_is_answered_in_json_if_it_says_so() {
    let request = browser().post("/login").form(&ALICE).header("accept", "application/json");
    assert_eq!(request.await.json::<Value>()["subject"], "alice");
}

#[tokio::test]
async fn xx_09_an_unknown_name_is_answered_like_a_wrong_password() {
    let browser = browser();
    let try_ = async |name: &str| {
        let fields = [("username", name), ("password", "wrong")];
        browser.post("/login").form(&fields).header("accept", "application/json").await
    };
    let (known, unknown) = (try_("alice").await, try_("anonymous-of-this-name").await);
    assert_eq!((known.status().as_u16(), unknown.status().as_u16()), (401, 401));
    assert_eq!(known.bytes(), unknown.bytes());
    assert_eq!(challenges(&known), challenges(&unknown));
    assert_eq!(challenges(&known), CHALLENGES);
    assert!(known.set_cookies().is_empty() && unknown.set_cookies().is_empty());
}

#[tokio::test]
async fn a_wrong_login_of_a_person_shows_the_page_again_with_the_name() {
    let browser = browser();
    let fresh = browser.get("/login").await;
    assert_eq!(fresh.status(), 200);
    assert!(focused(&fresh.text()).contains("username"), "{}", fresh.text());
    let fields = [("username", "mal<b>lory\""), ("password", "swordfish")];
    let login = browser.post("/login").form(&fields).await;
    assert_eq!(login.status(), 401);
    let page = login.text();
    assert!(page.contains("Name or password is wrong"), "{page}");
    // A reload shows the page with the name, and is not a 405.
    let again = browser.get("/login").await;
    assert_eq!(again.status(), 200);
    let again = again.text();
    assert!(!again.contains("is wrong"), "{again}");
    for page in [page, again] {
        assert!(page.contains("value=\"mal&lt;b&gt;lory&quot;\""), "{page}");
        assert!(!page.contains("swordfish"), "{page}");
        assert!(focused(&page).contains("type=\"password\""), "{page}");
    }
    // Only this browser's page shows the name, and a login removes it.
    assert!(!crate::browser().get("/login").await.text().contains("lory"));
    browser.post("/login").form(&ALICE).await;
    browser.post("/logout").await;
    assert!(!browser.get("/login").await.text().contains("lory"));
}

/// The single field that has the focus.
fn focused(page: &str) -> &str {
    let inputs: Vec<_> = page.split("<input").skip(1).collect();
    let mut inputs = inputs.iter().map(|it| it.split('>').next().unwrap_or_default());
    let mut focused = inputs.by_ref().filter(|it| it.contains("autofocus"));
    let one = focused.next().expect("a field has the focus");
    assert!(focused.next().is_none(), "two fields have the focus");
    one
}

#[tokio::test]
async fn a_name_that_is_too_long_to_be_kept_is_typed_again() {
    let browser = browser();
    let name = "m".repeat(5_000);
    let login = browser.post("/login").form(&[("username", &*name), ("password", "x")]).await;
    assert_eq!(login.status(), 401);
    assert!(login.set_cookies().is_empty() && !login.text().contains(&name));
}

#[tokio::test]
async fn what_cannot_be_read_is_400_and_not_quoted() {
    for body in ["username=alice&passwort=wonderland", "", "%ff=&"] {
        let request = browser().post("/login");
        let answer = request.body("application/x-www-form-urlencoded", body).await;
        assert_eq!(answer.status(), 400, "{body}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert!(!answer.text().contains("alice"), "{}", answer.text());
    }
    let json = json!({ "username": "alice", "password": 4_711 });
    let answer = browser().post("/login").json(&json).await;
    assert_eq!(answer.status(), 400);
    assert!(!answer.text().contains("4711"), "{}", answer.text());
}

#[tokio::test]
async fn another_site_cannot_log_anyone_in() {
    let browser = browser();
    let login = browser.post("/login").form(&ALICE).cross_site("https://evil.example").await;
    assert_eq!(login.status(), 403);
    assert!(login.set_cookies().is_empty());
}

#[tokio::test]
async fn after_the_login_the_cookie_from_before_is_dead_and_the_data_stays() {
    let browser = browser();
    browser.put("/session/data/colour").json("blue").await;
    let before = browser.fork();
    assert_eq!(before.get("/session/data/colour").await.json::<String>(), "blue");
    browser.post("/login").form(&ALICE).await;
    assert_eq!(browser.get("/session/data/colour").await.json::<String>(), "blue");
    assert_eq!(before.get("/session/data/colour").await.status(), 404);
    assert_eq!(before.get("/me").await.status(), 401);
}

#[tokio::test]
async fn after_the_logout_the_old_cookie_is_anonymous() {
    let browser = alice().await;
    let copy = browser.fork();
    let logout = browser.post("/logout").await;
    assert_eq!((logout.status().as_u16(), logout.header("location")), (303, Some("/")));
    for client in [&browser, &copy] {
        assert_eq!(client.get("/me").await.status(), 401);
    }
}

#[tokio::test]
async fn a_program_logs_out_without_a_redirect_and_twice_if_it_likes() {
    let browser = alice().await;
    for _ in 0..2 {
        let logout = browser.post("/logout").header("accept", "application/json").await;
        assert_eq!(logout.status(), 204);
    }
}

#[tokio::test]
async fn no_one_is_401_with_a_challenge_and_a_reason() {
    let me = browser().get("/me").await;
    assert_eq!(me.status(), 401);
    assert_eq!(challenges(&me), CHALLENGES);
    assert_eq!(me.json::<Value>()["code"], "unauthenticated");
}
