use crate::{browser, browser_at, config};

#[tokio::test]
async fn every_answer_tells_the_browser_what_it_must_not_do() {
    let browser = browser();
    let forged = browser.post("/transfer").cross_site("https://evil.example").await;
    let answers = [
        (200, browser.get("/").await),
        (401, browser.get("/me").await),
        (403, forged),
        (404, browser.get("/nowhere").await),
        (405, browser.get("/logout").await),
    ];
    for (status, answer) in answers {
        assert_eq!(answer.status(), status);
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'"), "{status}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{status}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{status}");
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"), "{status}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{status}");
        assert_eq!(answer.header("strict-transport-security"), None, "{status}");
    }
}

#[tokio::test]
async fn over_https_the_browser_is_told_to_stay_there() {
    let mut config = config();
    config.https = true;
    let page = browser_at(config).get("/").await;
    assert_eq!(page.header("strict-transport-security"), Some("max-age=31536000"));
}

#[tokio::test]
async fn the_page_allows_its_own_script_and_style_and_each_time_by_another_nonce() {
    let browser = browser();
    let mut seen = Vec::new();
    for _ in 0..2 {
        let page = browser.get("/").await;
        let policy = page.header("content-security-policy").unwrap().to_owned();
        let nonce = policy.split("script-src 'nonce-").nth(1).unwrap().split('\'').next().unwrap();
        assert!(nonce.len() >= 22, "{policy}");
        assert!(page.text().contains(&format!("<style nonce=\"{nonce}\">")));
        assert!(!policy.contains("unsafe"), "{policy}");
        seen.push(nonce.to_owned());
    }
    assert_ne!(seen[0], seen[1]);
}
