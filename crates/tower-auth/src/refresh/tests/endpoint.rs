//! The parameters and responses of the endpoints.

use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, PRAGMA};
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::Full;
use tower::ServiceExt as _;
use tower_auth_test::Step;

use super::client::{form, json, post, send};
use super::fixture::{Fixture, alice, text};
use crate::refresh::RefreshRefusal;

#[tokio::test]
async fn rf_17_post_alone_and_nothing_is_stored_by_a_cache() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    fixture.steps();
    for endpoint in [fixture.refresh.endpoint(), fixture.refresh.revoke_endpoint()] {
        for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "post"] {
            let mut request = form(format!("refresh_token={first}&token={first}"));
            *request.method_mut() = Method::from_bytes(method.as_bytes()).unwrap();
            let reply = send(endpoint.clone(), request).await;
            assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED);
            assert_eq!(reply.headers[ALLOW], "POST");
        }
    }
    assert_eq!(fixture.steps().total(), 0);
    let good = send(fixture.refresh.endpoint(), form(format!("refresh_token={first}"))).await;
    let bad = send(fixture.refresh.endpoint(), form("refresh_token=x")).await;
    let revoked = send(fixture.refresh.revoke_endpoint(), form(format!("token={first}"))).await;
    assert_eq!([good.status, bad.status, revoked.status].map(|it| it.as_u16()), [200, 400, 200]);
    for reply in [good, bad, revoked] {
        assert_eq!(reply.headers[CACHE_CONTROL], "no-store");
        assert_eq!(reply.headers[PRAGMA], "no-cache");
    }
}

#[tokio::test]
async fn rf_16_a_token_that_came_in_the_body_goes_in_the_body_and_sets_no_cookie() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    let bodies = [
        json(format!(r#"{{"refresh_token":"{first}"}}"#)),
        json(format!(r#" {{"grant_type":"refresh_token","refresh_token":"{first}","x":[{{}}]}}"#)),
        form(format!("grant_type=refresh_token&refresh_token={first}&x=1&x=2&client_id=&scope=")),
    ];
    for request in bodies {
        let reply = send(fixture.refresh.endpoint(), request).await;
        assert_eq!(reply.status, StatusCode::OK);
        assert!(reply.set_cookies().is_empty());
        let next = fixture.next(&first).await.unwrap();
        assert_eq!(reply.json()["refresh_token"], next.as_str());
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_an_invalid_request_and_asks_no_store() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    fixture.steps();
    let typed = |content_type: &'static str| {
        let body = Full::from(format!("refresh_token={first}"));
        post().header(CONTENT_TYPE, content_type).body(body).unwrap()
    };
    let mut twice = typed("application/x-www-form-urlencoded");
    twice.headers_mut().append(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let filler = "x".repeat(64 * 1024);
    let requests = [
        post().body(Full::default()).unwrap(),
        post().body(Full::from(format!("refresh_token={first}"))).unwrap(),
        typed("text/plain"),
        typed("multipart/form-data; boundary=x"),
        typed("application/jsonx"),
        twice,
        form(format!("refresh_token={first}&refresh_token={first}")),
        form("token=x"),
        form(format!("refresh_token={first}&x={filler}")),
        json(format!(r#"{{"refresh_token":"{first}","x":"{filler}"}}"#)),
        json(format!(r#"{{"refresh_token":"{first}","refresh_token":"{first}"}}"#)),
        json(format!(r#"{{"refresh_token":"{first}","refresh_token":null}}"#)),
        json(r#"{"refresh_token":7}"#),
        json(r#"{"refresh_token":["x"]}"#),
        json(format!(r#"["{first}"]"#)),
        json(format!(r#""{first}""#)),
        json(format!(r#"{{"refresh_token":"{first}"}}x"#)),
        json(format!(r#"{{"x":{}1{}}}"#, "[".repeat(9000), "]".repeat(9000))),
        json("{"),
        json("null"),
        json("\u{0}"),
    ];
    for (at, request) in requests.into_iter().enumerate() {
        let reply = send(fixture.refresh.endpoint(), request).await;
        assert_eq!(reply.error(), (400, "invalid_request".into()), "request {at}");
    }
    let grant = form(format!("grant_type=password&refresh_token={first}"));
    let reply = send(fixture.refresh.endpoint(), grant).await;
    assert_eq!(reply.error(), (400, "unsupported_grant_type".into()));
    assert_eq!(fixture.steps().total(), 0);
}

#[tokio::test]
async fn a_body_of_many_frames_is_read_up_to_the_limit_and_one_that_fails_is_refused() {
    /// Gives no size hint.
    struct Frames(Vec<Result<http_body::Frame<Bytes>, &'static str>>);

    impl http_body::Body for Frames {
        type Data = Bytes;
        type Error = &'static str;

        fn poll_frame(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> Poll<Option<Result<http_body::Frame<Bytes>, &'static str>>> {
            Poll::Ready(if self.0.is_empty() { None } else { Some(self.0.remove(0)) })
        }
    }

    let fixture = Fixture::new();
    let first = fixture.login().await;
    let status = async |frames: Vec<_>| {
        let form = "application/x-www-form-urlencoded";
        let request = Request::post("/").header(CONTENT_TYPE, form).body(Frames(frames));
        fixture.refresh.endpoint().oneshot(request.unwrap()).await.unwrap().status().as_u16()
    };
    let data = |text: String| Ok(http_body::Frame::data(Bytes::from(text)));
    let token = || vec![data("refresh_".into()), data(format!("token={first}"))];
    let filled = |filler: usize| {
        let mut frames = token();
        frames.push(data("&x=".into()));
        frames.extend((0..filler / 64).map(|_| data("x".repeat(64))));
        frames.push(data("x".repeat(filler % 64)));
        frames
    };
    let room = 64 * 1024 - "refresh_token=".len() - first.len() - "&x=".len();
    assert_eq!(status(token()).await, 200);
    assert_eq!(status(filled(room)).await, 200);
    assert_eq!(status(filled(room + 1)).await, 400);
    let trailers = || Ok(http_body::Frame::trailers(http::HeaderMap::new()));
    assert_eq!(status(token().into_iter().chain([trailers()]).collect()).await, 200);
    assert_eq!(status(token().into_iter().chain([Err("broken")]).collect()).await, 400);
    assert_eq!(status(vec![data("x".repeat(1 << 20))]).await, 400);
}

#[tokio::test]
async fn rf_05_rf_06_scope_and_client_come_with_the_request() {
    let fixture = Fixture::new();
    let first = text(&fixture.refresh.begin(&alice(), Some("app")).await.unwrap());
    let ask = async |rest: &str| {
        let body = format!("refresh_token={first}{rest}");
        send(fixture.refresh.endpoint(), form(body)).await
    };
    assert_eq!(ask("").await.error(), (400, "invalid_grant".into()));
    assert_eq!(ask("&client_id=other").await.error(), (400, "invalid_grant".into()));
    let wide = ask("&client_id=app&scope=admin").await;
    assert_eq!(wide.error(), (400, "invalid_scope".into()));
    let narrow = ask("&client_id=app&scope=reports%3Aread+reports:read").await;
    assert_eq!(narrow.json()["scope"], "reports:read");
    assert_eq!(narrow.status, StatusCode::OK);
}

#[tokio::test]
async fn rf_12_revoking_says_200_of_whatever_is_not_good_anyway() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    let second = fixture.next(&first).await.unwrap();
    let revoke = async |body: String| send(fixture.refresh.revoke_endpoint(), form(body)).await;
    for token in ["x", &first[1..], &first.replace('A', "B")] {
        assert_eq!(revoke(format!("token={token}")).await.status, StatusCode::OK);
    }
    assert_eq!(fixture.refusal(&second).await, None);
    // The hint does not stop the lookup, and an exchanged token revokes as well.
    let hint = "&token_type_hint=access_token";
    assert_eq!(revoke(format!("token={first}{hint}")).await.status, StatusCode::OK);
    assert!(fixture.refusal(&second).await.is_some());
    assert_eq!(revoke(format!("token={second}")).await.status, StatusCode::OK);
    assert_eq!(revoke("token=".into()).await.error(), (400, "invalid_request".into()));
}

#[tokio::test]
async fn rf_12_while_the_store_is_down_nothing_is_said_to_be_revoked() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    fixture.store.down();
    let reply = send(fixture.refresh.revoke_endpoint(), form(format!("token={first}"))).await;
    assert_eq!(reply.error(), (503, "temporarily_unavailable".into()));
    assert_eq!(reply.headers["retry-after"], "1");
    fixture.store.up();
    assert_eq!(fixture.refusal(&first).await, None);
}

/// An end may succeed and still be an error, if no replica confirms it.
#[tokio::test]
async fn rf_12_what_was_not_confirmed_is_no_better_confirmed_by_asking_again() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    let revoke = async || {
        let reply = send(fixture.refresh.revoke_endpoint(), form(format!("token={first}"))).await;
        reply.status
    };
    for _ in 0..2 {
        fixture.store.fail_after_of(Step::End, 1);
        assert_eq!(revoke().await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(fixture.refusal(&first).await, Some(RefreshRefusal::Ended), "it was done");
    }
    fixture.steps();
    assert_eq!(revoke().await, StatusCode::OK);
    assert_eq!(fixture.steps().end, 1, "this one was confirmed");
}

#[tokio::test]
async fn rf_12_a_token_of_no_family_puts_nothing_into_the_store() {
    let fixture = Fixture::new();
    let old = fixture.login().await;
    fixture.time.advance(Duration::from_secs(400 * 24 * 60 * 60));
    assert_eq!(fixture.refusal(&old).await, Some(RefreshRefusal::Ended));
    fixture.steps();
    for _ in 0..3 {
        let reply = send(fixture.refresh.revoke_endpoint(), form(format!("token={old}"))).await;
        assert_eq!(reply.status, StatusCode::OK);
    }
    let steps = fixture.steps();
    assert_eq!((steps.load, steps.total()), (3, 3), "it was only looked for");
}
