//! The client that a request names, and its secret.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use bytes::Bytes;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderValue, Request, StatusCode};
use http_body_util::Full;

use super::client::{Reply, form, json, send};
use super::fixture::{Fixture, alice, text};
use crate::refresh::RefreshBuilder;

fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

fn with(mut request: Request<Full<Bytes>>, lines: &[impl AsRef<str>]) -> Request<Full<Bytes>> {
    for line in lines {
        let line = HeaderValue::from_str(line.as_ref()).unwrap();
        request.headers_mut().append(AUTHORIZATION, line);
    }
    request
}

/// A token of alice, bound to a client.
struct Bound {
    fixture: Fixture,
    token: String,
}

impl Bound {
    async fn to(
        client: Option<&str>,
        options: impl FnOnce(RefreshBuilder) -> RefreshBuilder,
    ) -> Self {
        Self::in_fixture(Fixture::with(options), client).await
    }

    async fn in_fixture(fixture: Fixture, client: Option<&str>) -> Self {
        let token = text(&fixture.refresh.begin(&alice(), client).await.unwrap());
        fixture.steps();
        Self { fixture, token }
    }

    async fn refresh(&self, lines: &[impl AsRef<str>], rest: &str) -> Reply {
        let request = form(format!("refresh_token={}{rest}", self.token));
        send(self.fixture.refresh.endpoint(), with(request, lines)).await
    }

    async fn revoke(&self, lines: &[impl AsRef<str>], rest: &str) -> Reply {
        let request = form(format!("token={}{rest}", self.token));
        send(self.fixture.refresh.revoke_endpoint(), with(request, lines)).await
    }

    /// Asserts that both endpoints refuse the client without asking the store, with 401 for
    /// credentials in the header and 400 for credentials in the body.
    async fn refuses(&self, lines: &[impl AsRef<str>], rest: &str, by_header: bool) {
        self.fixture.steps();
        for reply in [self.refresh(lines, rest).await, self.revoke(lines, rest).await] {
            let status = if by_header { 401 } else { 400 };
            assert_eq!(reply.error(), (status, "invalid_client".into()), "{rest}");
            let challenge = reply.headers.get(WWW_AUTHENTICATE).map(HeaderValue::as_bytes);
            let expected = by_header.then_some(&b"Basic realm=\"refresh\""[..]);
            assert_eq!(challenge, expected);
            assert_eq!(reply.headers["cache-control"], "no-store");
        }
        assert_eq!(self.fixture.steps().total(), 0);
    }
}

#[tokio::test]
async fn rf_06_basic_alone_names_the_client_in_every_spelling() {
    let spellings = [
        ("app", basic("app:")),
        ("app", format!("basic {}", STANDARD.encode("app:"))),
        ("app", format!("BASIC   {} ", STANDARD.encode("app:"))),
        ("app", format!("Basic {}", STANDARD_NO_PAD.encode("app:"))),
        ("my app", basic("my+app:")),
        ("my app", basic("my%20app:")),
        ("a:b+c%", basic("a%3Ab%2Bc%25:")),
        ("https://client.example/?a=b&c", basic("https%3a%2f%2fclient.example%2f%3fa%3db%26c:")),
        ("größe", basic("gr%C3%B6%C3%9Fe:")),
        ("größe", basic("größe:")),
    ];
    for (client, line) in spellings {
        let bound = Bound::to(Some(client), |builder| builder).await;
        let named = bound.refresh(&[&line], "").await;
        assert_eq!(named.status, StatusCode::OK, "{line}: {}", named.body);
        assert_eq!(bound.revoke(&[&line], "").await.status, StatusCode::OK);
        // The revoked family is the client's.
        let ended = bound.refresh(&[&line], "").await;
        assert_eq!(ended.error(), (400, "invalid_grant".into()));
    }
}

#[tokio::test]
async fn rf_06_basic_names_the_client_of_a_json_body_too() {
    let bound = Bound::to(Some("app"), |builder| builder).await;
    let request = json(format!(r#"{{"refresh_token":"{}"}}"#, bound.token));
    let reply = send(bound.fixture.refresh.endpoint(), with(request, &[basic("app:")])).await;
    assert_eq!(reply.status, StatusCode::OK);
}

#[tokio::test]
async fn rf_06_basic_of_another_client_is_an_invalid_grant() {
    let bound = Bound::to(Some("app"), |builder| builder).await;
    let other = bound.refresh(&[basic("other:")], "").await;
    assert_eq!(other.error(), (400, "invalid_grant".into()));
    assert_eq!(bound.refresh(&[basic("app:")], "").await.status, StatusCode::OK);
}

#[tokio::test]
async fn rf_06_header_and_body_must_name_one_client() {
    let bound = Bound::to(Some("app"), |builder| builder).await;
    bound.refuses(&[basic("app:")], "&client_id=other", true).await;
    bound.refuses(&[basic("other:")], "&client_id=app", true).await;
    bound.refuses(&[basic("App:")], "&client_id=app", true).await;
    // The refusals consumed and ended nothing. A body without a client is not refused.
    for rest in ["&client_id=app", "&client_id=", ""] {
        assert_eq!(bound.refresh(&[basic("app:")], rest).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn rf_06_a_secret_that_nothing_checks_is_refused_wherever_it_comes() {
    for client in [Some("app"), None] {
        let bound = Bound::to(client, |builder| builder).await;
        bound.refuses(&[basic("app:secret")], "", true).await;
        bound.refuses(&[basic("app::")], "", true).await;
        bound.refuses(&[basic("app:+")], "&client_id=app", true).await;
        let none: [&str; 0] = [];
        bound.refuses(&none, "&client_id=app&client_secret=secret", false).await;
        bound.refuses(&none, "&client_secret=secret", false).await;
        let empty = bound.refresh(&none, "&client_id=app&client_secret=").await;
        assert_eq!(empty.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn rf_06_the_application_decides_on_secrets_and_on_their_absence() {
    let settings = |builder: RefreshBuilder| {
        builder.client_secret_with(|client, secret| match client {
            "back end" => secret.is("s3cret+ü:"),
            "app" => secret.is_empty(),
            _ => false,
        })
    };
    let none: [&str; 0] = [];
    let bound = Bound::to(Some("back end"), settings).await;
    bound.refuses(&[basic("back+end:")], "", true).await;
    bound.refuses(&[basic("back+end:S3cret%2B%C3%BC:")], "", true).await;
    bound.refuses(&none, "&client_id=back+end", false).await;
    bound.refuses(&none, "&client_id=back+end&client_secret=s3cret", false).await;
    bound.refuses(&[basic("unknown:")], "", true).await;
    let right = "&client_id=back+end&client_secret=s3cret%2B%C3%BC:";
    assert_eq!(bound.refresh(&none, right).await.status, StatusCode::OK);
    for secret in ["s3cret%2B%C3%BC%3A", "s3cret%2Bü:"] {
        let line = basic(&format!("back+end:{secret}"));
        assert_eq!(bound.refresh(&[&line], "").await.status, StatusCode::OK);
    }
    // Without a client there is no secret to check, but tokens bound to a client are refused.
    assert_eq!(bound.refresh(&none, "").await.error(), (400, "invalid_grant".into()));

    let public = Bound::to(Some("app"), settings).await;
    assert_eq!(public.refresh(&[basic("app:")], "").await.status, StatusCode::OK);
    public.refuses(&[basic("app:guessed")], "", true).await;
    let unbound = Bound::to(None, settings).await;
    assert_eq!(unbound.refresh(&none, "").await.status, StatusCode::OK);
}

#[tokio::test]
async fn rf_06_basic_that_cannot_be_read_is_an_invalid_client() {
    let bound = Bound::to(None, |builder| builder).await;
    let lines = [
        "Basic".to_owned(),
        "Basic ".to_owned(),
        "Basic ???".to_owned(),
        format!("Basic {}", STANDARD.encode("no colon")),
        basic(":"),
        basic(":secret"),
        basic("%ff:"),
        format!("Basic {}", STANDARD.encode(b"\xff:")),
        format!("Basic {}, Bearer x", STANDARD.encode("app:")),
        format!("Basic {} x", STANDARD.encode("app:")),
    ];
    for line in lines {
        bound.refuses(&[&line], "", true).await;
    }
}

#[tokio::test]
async fn more_than_one_way_to_authenticate_is_an_invalid_request() {
    let bound = Bound::to(Some("app"), |builder| builder).await;
    let app = basic("app:");
    let bearer = "Bearer x".to_owned();
    for lines in [[&app, &app], [&app, &bearer], [&bearer, &app]] {
        let reply = bound.refresh(&lines, "").await;
        assert_eq!(reply.error(), (400, "invalid_request".into()));
    }
    let reply = bound.refresh(&[&app], "&client_id=app&client_secret=secret").await;
    assert_eq!(reply.error(), (400, "invalid_request".into()));
    assert_eq!(bound.fixture.steps().total(), 0);
}

#[tokio::test]
async fn an_access_token_in_the_header_names_no_client() {
    let bound = Bound::to(Some("app"), |builder| builder).await;
    for line in ["Bearer YXBwOg==", "DPoP x", "Basically YXBwOg=="] {
        let reply = bound.refresh(&[line], "&client_id=app").await;
        assert_eq!(reply.status, StatusCode::OK);
        assert_eq!(bound.refresh(&[line], "").await.error(), (400, "invalid_grant".into()));
    }
}

#[cfg(feature = "tracing")]
#[tokio::test]
async fn rf_18_a_refused_client_is_an_event_without_its_name_and_secret() {
    let log = tower_auth_test::EventLog::new();
    let bound = Bound::in_fixture(Fixture::with_settings(|it| it.events(log.events())), None).await;
    log.take();
    bound.refresh(&[basic("app:secret")], "").await;
    bound.refresh(&[basic("app:")], "&client_id=other").await;
    bound.refresh(&["Basic"], "").await;
    let codes = ["client_secret", "client_contradiction", "client_malformed"];
    let told = codes.map(|code| format!("WARN refresh_refused RefreshLayer reason={code}"));
    assert_eq!(log.take(), told);
}

#[test]
fn d08_a_secret_prints_nothing_of_itself() {
    use std::sync::{Arc, Mutex};
    let printed = Arc::new(Mutex::new(String::new()));
    let seen = printed.clone();
    let accepts: crate::refresh::client::Accepts = Box::new(move |_, secret| {
        *seen.lock().unwrap() = format!("{secret:?}");
        secret.expose() == "geheim"
    });
    let params =
        crate::refresh::params::Params { client_id: Some("app".into()), ..Default::default() };
    let secret = tower_auth_core::Secret::new("geheim".to_owned());
    let header = crate::refresh::client::Header::Basic { id: "app".into(), secret };
    let named = crate::refresh::client::named(&header, &params, &accepts);
    assert_eq!(named, Ok(Some("app")));
    assert_eq!(*printed.lock().unwrap(), "ClientSecret(…)");
}
