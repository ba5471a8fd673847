use crate::Settings;
use http::StatusCode;
use tower_auth_test::WithIdentity;
use tower_auth_test::client::{TestRequest, TestResponse};

use super::*;
use crate::Rejection;
use crate::refuse::Problem;

const NAVIGATION: [(&str, &str); 2] =
    [("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"), ("sec-fetch-mode", "navigate")];

fn anonymous() -> Client {
    let layer = RequireLayer::builder().login_page("/login?from=here").build().unwrap();
    client(WithIdentity::anonymous(), layer)
}

fn with<S, B>(request: TestRequest<S, B>, headers: &[(&'static str, &str)]) -> TestRequest<S, B> {
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
}

async fn get(headers: &[(&'static str, &str)]) -> TestResponse {
    with(anonymous().get("/private"), headers).await
}

#[tokio::test]
async fn d25_a_navigation_is_sent_to_the_login_page_with_303() {
    for response in [get(&NAVIGATION).await, anonymous().browser().get("/private").await] {
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        assert_eq!(response.header("location"), Some("/login?from=here"));
        assert_eq!(response.header("cache-control"), Some("no-store"));
        assert_eq!(response.header("vary"), Some("accept, sec-fetch-mode"));
        assert_eq!(response.rejection(), Some(&Rejection::Anonymous));
        assert_eq!(response.text(), "");
    }
    // A browser without Fetch Metadata, as on plain http.
    assert_eq!(get(&NAVIGATION[..1]).await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn d25_a_head_is_answered_as_its_get() {
    let head = |headers: &'static [(&'static str, &'static str)]| {
        with(anonymous().request(http::Method::HEAD, "/private"), headers)
    };
    for headers in [&NAVIGATION[..], &NAVIGATION[..1], &NAVIGATION[1..], &[]] {
        let (head, get) = (head(headers).await, get(headers).await);
        assert_eq!(head.status(), get.status(), "{headers:?}");
        assert_eq!(head.headers(), get.headers(), "{headers:?}");
    }
    assert_eq!(head(&NAVIGATION).await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn d25_no_other_method_is_redirected() {
    use http::Method;
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "get", "head", "QUERY"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let response = with(anonymous().request(method.clone(), "/private"), &NAVIGATION).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{method}");
        assert!(response.header("location").is_none());
    }
    let form = anonymous().browser().post("/private").form(&[("a", "b")]).await;
    assert_eq!(form.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn d25_no_script_is_redirected() {
    for mode in ["cors", "no-cors", "same-origin", "websocket", "Navigate", "", "x"] {
        let response = get(&[NAVIGATION[0], ("sec-fetch-mode", mode)]).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{mode:?}");
    }
    let two = get(&[NAVIGATION[0], NAVIGATION[1], ("sec-fetch-mode", "cors")]).await;
    assert_eq!(two.status(), StatusCode::UNAUTHORIZED);
    let fetch = anonymous().browser().get("/private").header("accept", "text/html").fetch().await;
    assert_eq!(fetch.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn d25_only_who_accepts_html_is_redirected() {
    for (accept, redirected) in [
        ("text/html", true),
        ("TEXT/HTML", true),
        ("application/json, text/html ; q=0.1", true),
        ("text/html;level=1;q=1.000", true),
        ("text/html;q=0, text/html;level=1", true),
        ("text/html;q=0", false),
        ("text/html; Q=0.000", false),
        ("text/html;q=x", false),
        ("text/html;q=", false),
        ("text/html;q=NaN", false),
        ("text/html;q=-1", false),
        ("text/html;q=2", false),
        ("*/*", false),
        ("text/*", false),
        ("application/xhtml+xml", false),
        ("text/htmlx", false),
        ("application/json;profile=text/html", false),
        ("", false),
    ] {
        let response = get(&[("accept", accept)]).await;
        let expected = if redirected { StatusCode::SEE_OTHER } else { StatusCode::UNAUTHORIZED };
        assert_eq!(response.status(), expected, "{accept:?}");
    }
    assert_eq!(get(&[]).await.status(), StatusCode::UNAUTHORIZED);
    // Several header lines count as one list.
    let two = get(&[("accept", "application/json"), ("accept", "text/html")]).await;
    assert_eq!(two.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn d25_only_where_logging_in_helps() {
    let second = std::time::Duration::from_secs(1);
    let ask = async |who: WithIdentity| {
        let builder = RequireLayer::builder()
            .scope("read")
            .max_age(second)
            .settings(&Settings::new().clock(clock()));
        let layer = builder.login_page("https://id.example/login").build().unwrap();
        client(who, layer).browser().get("/").await
    };
    let too_old = ask(WithIdentity::known(alice_since(None))).await;
    assert_eq!(too_old.status(), StatusCode::SEE_OTHER);
    assert_eq!(too_old.header("location"), Some("https://id.example/login"));
    assert_eq!(too_old.rejection(), Some(&Rejection::TooOld { max_age: second }));

    let no_scope = tower_auth_test::identity("alice");
    assert_eq!(ask(WithIdentity::known(no_scope)).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(ask(WithIdentity::unknown()).await.status(), StatusCode::SERVICE_UNAVAILABLE);

    let layer = RequireLayer::builder().login_page("/login").build().unwrap();
    let unwired = TestClient::new(layer.layer(handler())).browser().get("/").await;
    assert_eq!(unwired.status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn br_14_no_document_of_401_lies_in_a_303() {
    let layer = RequireLayer::builder().login_page("/login").refuse_with(Problem).build().unwrap();
    let client = client(WithIdentity::anonymous(), layer);
    let redirect = client.browser().get("/").await;
    assert_eq!((redirect.status(), redirect.text().as_str()), (StatusCode::SEE_OTHER, ""));
    assert!(redirect.header("content-type").is_none());
    let document = client.get("/").await;
    assert_eq!(document.header("content-type"), Some("application/problem+json"));
    assert_eq!(document.json::<serde_json::Value>()["status"], 401);
}
