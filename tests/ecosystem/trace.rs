//! The layers beside `TraceLayer`, with every header that it can print.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use http::header::{AUTHORIZATION, COOKIE};
use http::{Method, StatusCode};
use tower_auth::Rejection;
use tower_http::classify::{ServerErrorsAsFailures, SharedClassifier};
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tower_http::trace::{DefaultMakeSpan, DefaultOnResponse, TraceLayer};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Metadata, Span, Subscriber};

use crate::fixture::Fixture;
use crate::routes::{behind, routes, send, submit};

/// Records every field of every span and event.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        writeln!(self.0, "{field}={value:?}").unwrap();
    }
}

impl Log {
    /// Listens on this thread. A second dispatcher exists because otherwise `tracing` would ask
    /// only the thread that first meets an event whether it is enabled, and that may be the thread
    /// of another test.
    fn listen(&self) -> (tracing::subscriber::DefaultGuard, Dispatch) {
        let second = Dispatch::new(Self::default());
        (tracing::subscriber::set_default(self.clone()), second)
    }

    fn take(&self) -> String {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Line(&mut self.0.lock().unwrap()));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Line(&mut self.0.lock().unwrap()));
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Line(&mut self.0.lock().unwrap()));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

type Talkative = TraceLayer<SharedClassifier<ServerErrorsAsFailures>>;

fn talkative() -> Talkative {
    TraceLayer::new_for_http()
        .make_span_with(DefaultMakeSpan::new().include_headers(true))
        .on_response(DefaultOnResponse::new().include_headers(true))
}

/// Logs in, reads and is refused. Returns the log, and every secret that must not be in it.
async fn life(fixture: &Fixture, app: &Router) -> (String, Vec<String>) {
    let log = Log::default();
    let _listening = log.listen();
    let login = submit(app, "/login", "theme=dark").await;
    let cookie = login.session().unwrap();
    let token = fixture.token("robot");
    let ask = async |lines: &[(&str, &str)]| send(app, Method::GET, "/me", lines).await;
    assert_eq!(
        ask(&[("cookie", "theme=dark"), ("cookie", &cookie)]).await.text(),
        "alice via session"
    );
    assert_eq!(ask(&[("authorization", &token)]).await.text(), "robot via bearer");
    assert_eq!(ask(&[("authorization", "Bearer rubbish-token")]).await.status, 401);
    let forged = [("origin", "https://evil.example"), ("cookie", &*cookie)];
    assert_eq!(send(app, Method::POST, "/count", &forged).await.status, StatusCode::FORBIDDEN);
    fixture.store.down();
    assert_eq!(ask(&[("cookie", &cookie)]).await.status, StatusCode::SERVICE_UNAVAILABLE);
    fixture.store.up();
    assert_eq!(submit(app, "/logout", &cookie).await.status, StatusCode::OK);
    let value = cookie.split_once('=').unwrap().1.to_owned();
    let token = token.rsplit(' ').next().unwrap().to_owned();
    // The complete values, and parts of them.
    let parts = [value[30..60].to_owned(), token[40..80].to_owned()];
    let secrets = [value, token, "rubbish-token".into()];
    (log.take(), secrets.into_iter().chain(parts).collect())
}

fn is_clean(log: &str, secrets: &[String]) {
    assert!(log.contains("headers={"), "no headers were logged: {log}");
    for secret in secrets {
        assert!(!log.contains(secret.as_str()), "{secret} is logged:\n{log}");
    }
}

#[tokio::test]
async fn d08_outside_with_the_request_marked_nothing_secret_is_logged() {
    let fixture = Fixture::new();
    let marked = SetSensitiveRequestHeadersLayer::new([COOKIE, AUTHORIZATION]);
    let app = behind(&fixture, routes()).layer((marked, talkative()));
    let (log, secrets) = life(&fixture, &app).await;
    is_clean(&log, &secrets);
    assert!(
        log.contains("\"cookie\": Sensitive") && log.contains("\"set-cookie\": Sensitive"),
        "{log}"
    );
}

#[tokio::test]
async fn d08_inside_the_layers_have_marked_what_is_secret() {
    let fixture = Fixture::new();
    let app = behind(&fixture, routes().layer(talkative()));
    let (log, secrets) = life(&fixture, &app).await;
    is_clean(&log, &secrets);
    assert!(log.contains("\"cookie\": Sensitive"), "{log}");
}

#[tokio::test]
async fn xx_04_the_reason_of_a_refusal_is_there_to_be_logged() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    let note = |response: &Response, _: Duration, _: &Span| {
        let why = response.extensions().get::<Rejection>().map_or("none", Rejection::code);
        tracing::info!(status = response.status().as_u16(), why);
    };
    let app = behind(&fixture, routes()).layer(TraceLayer::new_for_http().on_response(note));
    let log = Log::default();
    let _listening = log.listen();
    let told = async |lines: &[(&str, &str)]| {
        log.take();
        send(&app, Method::POST, "/count", lines).await;
        let log = log.take();
        let find = |name: &str| {
            log.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("").to_owned()
        };
        (find("status="), find("why="))
    };
    let why = |status: &str, why: &str| (status.to_owned(), format!("{why:?}"));
    assert_eq!(told(&[("cookie", &cookie)]).await, why("403", "csrf_missing_origin"));
    let cross = [("cookie", &*cookie), ("sec-fetch-site", "cross-site")];
    assert_eq!(told(&cross).await, why("403", "csrf_cross_site"));
    assert_eq!(told(&[("authorization", "Bearer x")]).await, why("401", "invalid_token"));
    let own = [("cookie", &*cookie), ("sec-fetch-site", "same-origin")];
    assert_eq!(told(&own).await, why("200", "none"));
    fixture.store.down();
    assert_eq!(told(&own).await, why("503", "unavailable"));
}
