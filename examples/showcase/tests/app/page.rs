use crate::{alice, browser};

#[tokio::test]
async fn the_page_says_who_one_is_and_how_it_was_proven() {
    let anonymous = browser().get("/").await.text();
    assert!(anonymous.contains("You are not logged in") && anonymous.contains("action=\"/login\""));
    let alice = alice().await.get("/").await.text();
    assert!(alice.contains("You are <em>alice</em>") && alice.contains("a session"), "{alice}");
    assert!(alice.contains("action=\"/logout\"") && !alice.contains("action=\"/login\""));
}

#[tokio::test]
async fn the_page_names_cookies_and_shows_no_value() {
    let browser = alice().await;
    let cookie = browser.put("/session/data/colour").json("blue").await;
    assert!(cookie.set_cookies().is_empty());
    let page = browser.get("/?token=in-the-query").header("cookie", "theme=dark; <b>=1").await;
    let page = page.text();
    assert!(page.contains("theme") && page.contains("&lt;b&gt;"), "{page}");
    assert!(!page.contains("dark<") && !page.contains("in-the-query"), "{page}");
    let page = browser.get("/").await.text();
    assert!(page.contains("__Host-showcase-session"), "{page}");
}

#[tokio::test]
async fn a_visitor_with_a_session_is_told_so() {
    let browser = browser();
    browser.put("/session/data/colour").json("blue").await;
    assert!(browser.get("/").await.text().contains("a session without a login"));
}

#[tokio::test]
async fn the_page_lets_everyone_try_tokens() {
    for browser in [browser(), alice().await] {
        let page = browser.get("/").await.text();
        assert!(page.contains("Try tokens") && page.contains("data-post=\"/auth/refresh\""));
    }
}

#[tokio::test]
async fn the_page_has_one_form_for_name_and_password() {
    for browser in [browser(), alice().await] {
        for path in ["/", "/login"] {
            let page = browser.get(path).await.text();
            assert_eq!(page.matches("name=\"password\"").count(), 1, "{page}");
            assert_eq!(page.matches("name=\"username\"").count(), 1, "{page}");
        }
    }
}

#[tokio::test]
async fn the_page_says_how_the_request_came() {
    let page = browser().get("/").await.text();
    assert!(page.contains("GET /") && page.contains("<code>same-origin</code>"), "{page}");
    let linked = browser().get("/").cross_site("https://elsewhere.example").await.text();
    assert!(linked.contains("<code>cross-site</code>"), "{linked}");
}

#[tokio::test]
async fn se_08_the_page_ends_all_of_ones_sessions_without_a_script() {
    assert!(!browser().get("/").await.text().contains("Log out everywhere"));
    let browser = alice().await;
    let other = browser.fork();
    let page = browser.get("/").await.text();
    assert!(page.contains("action=\"/logout/everywhere\""), "{page}");
    let out = browser.post("/logout/everywhere").await;
    assert_eq!((out.status().as_u16(), out.header("location")), (303, Some("/")));
    assert_eq!(other.get("/me").await.status(), 401);
}
