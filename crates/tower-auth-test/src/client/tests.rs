use std::convert::Infallible;
use std::time::Duration;

use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::service_fn;
use tower::util::BoxCloneSyncService;
use tower_auth_core::Timestamp;

use super::*;

type App = BoxCloneSyncService<Request<Full<Bytes>>, Response<Full<Bytes>>, Infallible>;

/// A service that answers with the request it received; `?set=…` sets that cookie.
fn echo() -> App {
    let app = async |request: Request<Full<Bytes>>| {
        let (head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let headers: serde_json::Map<_, _> = head
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().into()))
            .collect();
        let echo = json!({
            "method": head.method.as_str(),
            "path": head.uri.path(),
            "headers": headers,
            "body": String::from_utf8(body.to_vec()).unwrap(),
        });
        let mut response = Response::new(Full::from(echo.to_string()));
        if let Some(set) = head.uri.query().and_then(|query| query.strip_prefix("set=")) {
            let set = set.replace('+', " ").parse().unwrap();
            response.headers_mut().append("set-cookie", set);
        }
        Ok(response)
    };
    BoxCloneSyncService::new(service_fn(app))
}

fn headers(echo: &TestResponse) -> Value {
    echo.json::<Value>()["headers"].clone()
}

async fn client_with(cookie: &str) -> TestClient<App> {
    let client = TestClient::new(echo());
    assert!(client.get(&format!("/?set={cookie}")).await.set_cookies().len() == 1);
    client
}

#[tokio::test]
async fn sends_what_it_is_told() {
    let client = TestClient::new(echo());
    let form = client.post("/login").form(&[("user", "a b&c"), ("p", "ü=+")]).await;
    let seen = form.json::<Value>();
    assert_eq!(seen["body"], "user=a+b%26c&p=%C3%BC%3D%2B");
    assert_eq!(seen["headers"]["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(seen["headers"]["host"], "app.example");
    assert_eq!((&seen["method"], &seen["path"]), (&"POST".into(), &"/login".into()));
    // The client is not a browser, so it adds no headers of its own.
    assert!(seen["headers"]["origin"].is_null() && seen["headers"]["sec-fetch-site"].is_null());

    let put = client.put("/x").json(&json!({"a": 1})).bearer("t").origin("null").await;
    let seen = put.json::<Value>();
    assert_eq!(seen["body"], "{\"a\":1}");
    assert_eq!(seen["headers"]["authorization"], "Bearer t");
    assert_eq!(seen["headers"]["origin"], "null");
    assert_eq!((put.status(), put.header("x")), (StatusCode::OK, None));
}

#[tokio::test]
async fn a_clone_shares_the_jar_and_a_fork_does_not() {
    let client = client_with("a=1").await;
    let (tab, fork) = (client.clone(), client.fork());
    client.get("/?set=a=2").await;
    assert_eq!(headers(&tab.get("/").await)["cookie"], "a=2");
    assert_eq!(headers(&fork.get("/").await)["cookie"], "a=1");
    fork.edit_jar(|jar| jar.remove("a"));
    assert!(headers(&fork.get("/").await)["cookie"].is_null());
    assert_eq!(client.jar().get("a").unwrap().value(), "2");
    assert_eq!(headers(&client.get("/").header("cookie", "b=1").await)["cookie"], "b=1");
}

#[tokio::test]
async fn cookies_expire_by_the_clients_clock() {
    struct Later(std::sync::atomic::AtomicU64);
    impl tower_auth_core::clock::TimeSource for Later {
        fn now(&self) -> Timestamp {
            let seconds = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Timestamp::from_unix_seconds(0) + Duration::from_secs(seconds)
        }
    }
    let client = TestClient::new(echo()).clock(Clock::new(Later(0.into())));
    client.get("/?set=a=1;+Max-Age=2").await; // read at 0, stored at 1
    assert_eq!(headers(&client.get("/").await)["cookie"], "a=1"); // at 2
    assert!(headers(&client.get("/").await)["cookie"].is_null()); // at 3
}

#[tokio::test]
async fn a_browser_says_where_a_request_comes_from() {
    let browser = TestClient::new(echo()).browser();
    let said = async |request: TestRequest<App, Full<Bytes>>| {
        let headers = headers(&request.await);
        ["sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest", "origin"]
            .map(|name| headers[name].as_str().unwrap_or("-").to_owned())
            .join(" ")
    };
    let (own, evil) = ("https://app.example", "https://evil.example");
    assert_eq!(said(browser.get("/")).await, "same-origin navigate document -");
    assert_eq!(said(browser.get("/").fetch()).await, "same-origin cors empty -");
    let form = browser.post("/").form(&[]);
    assert_eq!(said(form).await, format!("same-origin navigate document {own}"));
    let json = browser.post("/").json(&1);
    assert_eq!(said(json).await, format!("same-origin cors empty {own}"));
    assert_eq!(said(browser.delete("/")).await, format!("same-origin cors empty {own}"));

    let cross = |request: TestRequest<App, Full<Bytes>>| said(request.cross_site(evil));
    assert_eq!(cross(browser.get("/")).await, "cross-site navigate document -");
    assert_eq!(cross(browser.post("/")).await, format!("cross-site navigate document {evil}"));
    assert_eq!(cross(browser.get("/").fetch()).await, format!("cross-site cors empty {evil}"));
    let sibling = browser.post("/").cross_site("https://other.app.example:444");
    let sibling = said(sibling).await;
    assert_eq!(sibling, "same-site navigate document https://other.app.example:444");

    // Browsers send `Sec-Fetch-Site` over https only, but `Origin` always.
    let plain = browser.clone().base("http://app.example:80").post("/");
    assert_eq!(said(plain).await, "- - - http://app.example");
    // A header that the test sets is kept.
    let typed = browser.get("/").header("sec-fetch-site", "none");
    assert_eq!(said(typed).await, "none navigate document -");
}

#[tokio::test]
async fn another_site_gets_only_the_cookies_that_same_site_lets_go() {
    let client = client_with("strict=1;+SameSite=Strict").await;
    client.get("/?set=lax=1;+SameSite=Lax").await;
    client.get("/?set=none=1;+SameSite=None;+Secure").await;
    let sent =
        async |request: TestRequest<App, Full<Bytes>>| headers(&request.await)["cookie"].clone();

    assert_eq!(sent(client.post("/")).await, "strict=1; lax=1; none=1");
    let (evil, sibling) = ("https://evil.test", "https://sub.app.example");
    assert_eq!(sent(client.get("/").cross_site(evil)).await, "lax=1; none=1");
    assert_eq!(sent(client.post("/").cross_site(evil)).await, "none=1");
    assert_eq!(sent(client.get("/").fetch().cross_site(evil)).await, "none=1");
    assert_eq!(sent(client.post("/").cross_site(sibling)).await, "strict=1; lax=1; none=1");
}
