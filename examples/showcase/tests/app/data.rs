use serde_json::{Value, json};

use crate::browser;

#[tokio::test]
async fn a_value_of_any_type_is_written_read_and_deleted() {
    let browser = browser();
    for value in [json!("blue"), json!(7), json!(null), json!({ "a": [1, 2] }), json!("a\"<ü>")] {
        assert_eq!(browser.put("/session/data/it").json(&value).await.status(), 204);
        assert_eq!(browser.get("/session/data/it").await.json::<Value>(), value);
    }
    assert_eq!(browser.delete("/session/data/it").await.status(), 204);
    assert_eq!(browser.get("/session/data/it").await.status(), 404);
    assert_eq!(browser.delete("/session/data/it").await.status(), 404);
}

#[tokio::test]
async fn se_19_only_a_write_makes_a_session() {
    let browser = browser();
    let read = browser.get("/session/data/colour").await;
    assert_eq!((read.status().as_u16(), read.set_cookies().len()), (404, 0));
    assert!(browser.delete("/session/data/colour").await.set_cookies().is_empty());
    assert_eq!(browser.put("/session/data/colour").json("blue").await.set_cookies().len(), 1);
    // The session already exists, so the second value needs no new cookie.
    assert!(browser.put("/session/data/shape").json("round").await.set_cookies().is_empty());
}

#[tokio::test]
async fn keys_are_taken_as_they_are() {
    let browser = browser();
    browser.put("/session/data/%C3%BC%20x").json(&1).await;
    assert_eq!(browser.get("/session/data/%C3%BC%20x").await.json::<u8>(), 1);
    assert_eq!(browser.get("/session/data/x").await.status(), 404);
}

#[tokio::test]
async fn what_is_no_json_is_refused_and_makes_no_session() {
    let put = browser().put("/session/data/colour").body("application/json", "{blue").await;
    assert_eq!((put.status().as_u16(), put.set_cookies().len()), (400, 0));
    let large = format!("\"{}\"", "a".repeat(17 * 1024));
    let put = browser().put("/session/data/colour").body("application/json", large).await;
    assert_eq!((put.status().as_u16(), put.set_cookies().len()), (400, 0));
}
