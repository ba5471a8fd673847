//! An application with one way of stacking, and a browser.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, ORIGIN};
use http::{Request, Response};
use http_body_util::BodyExt as _;
use tower::Service as _;
use tower_auth::session::Sessions;
use tower_auth::{JwtIssuer, KeyRing, MemoryStore, Refresh, Rejection, Settings};
use tower_auth_test::{EventLog, TestClock};

use crate::browser::Browser;
use crate::cases::{Authorization, Step, Token};
use crate::handler::{App, Failure, Order, user};
use crate::records::Recorder;
use crate::words::Words;

/// The shared parts of a stack and its handler.
#[derive(Clone)]
pub(crate) struct Tools {
    pub(crate) keys: KeyRing,
    pub(crate) settings: Settings,
    pub(crate) time: TestClock,
    pub(crate) store: Recorder,
    pub(crate) events: EventLog,
    pub(crate) issuer: JwtIssuer,
    pub(crate) refresh: Refresh,
    sessions: Arc<OnceLock<Sessions>>,
}

impl Tools {
    fn new() -> Self {
        let keys = KeyRing::insecure_from_seed(7);
        let time = TestClock::new();
        let store = Recorder::new(MemoryStore::new(time.clock()));
        let events = EventLog::new();
        let settings = Settings::new()
            .issuer("me")
            .realm("here")
            .clock(time.clock())
            .timer(time.clone())
            .events(events.events());
        let issuer = JwtIssuer::builder("me", "me").generated_key("1").settings(&settings);
        let issuer = issuer.build().unwrap();
        let refresh = Refresh::builder(store.clone(), &keys, issuer.clone());
        let refresh = refresh.settings(&settings).build().unwrap();
        Self { keys, settings, time, store, events, issuer, refresh, sessions: Arc::default() }
    }

    pub(crate) fn sessions(&self) -> Option<&Sessions> {
        self.sessions.get()
    }

    fn mint(&self, name: &str) -> String {
        self.issuer.mint(&user(name)).unwrap().text
    }
}

/// The application, and its `Sessions` on demand.
pub(crate) struct Built {
    pub(crate) app: App,
    pub(crate) sessions: Box<dyn Fn() -> Option<Sessions>>,
}

pub(crate) struct Fixture {
    tools: Tools,
    app: App,
    browser: Browser,
    words: Words,
    expired: String,
    csrf: Option<String>,
}

impl Fixture {
    pub(crate) fn new(build: impl FnOnce(&Tools) -> Built, watched: bool) -> Self {
        let tools = Tools::new();
        let Built { app, sessions } = build(&tools);
        if watched && let Some(sessions) = sessions() {
            let _ = tools.sessions.set(sessions);
        }
        let expired = tools.mint("alice");
        tools.time.advance(Duration::from_secs(24 * 60 * 60));
        tools.events.take();
        let (browser, words) = (Browser::default(), Words::default());
        Self { tools, app, browser, words, expired, csrf: None }
    }

    fn request(&self, step: &Step) -> Request<Body> {
        let mut request = Request::builder()
            .method(step.method)
            .uri(step.path)
            .header("host", "app.example")
            .extension(Order { act: step.act, waits: step.waits });
        if let Some(site) = step.fetch_site {
            let mode = if step.navigates { "navigate" } else { "cors" };
            let dest = if step.navigates { "document" } else { "empty" };
            request = request.header("sec-fetch-site", site).header("sec-fetch-mode", mode);
            request = request.header("sec-fetch-dest", dest);
        }
        if let Some(origin) = step.origin {
            request = request.header(ORIGIN, origin);
        }
        if let Some(cookies) = self.browser.header(step.cookies) {
            request = request.header(COOKIE, cookies);
        }
        let authorization = step.authorization.map(|it| match it {
            Authorization::Valid(name) => format!("Bearer {}", self.tools.mint(name)),
            Authorization::Expired => format!("Bearer {}", self.expired),
            Authorization::Malformed => "Bearer a b".to_owned(),
            Authorization::Basic => "Basic YXBwOg==".to_owned(),
        });
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let token = step.token.map(|it| match it {
            Token::Right => self.csrf.as_deref().unwrap_or("none yet"),
            Token::Wrong => "wrong",
        });
        if let Some(token) = token {
            request = request.header("x-csrf-token", token);
        }
        if let Some(content_type) = step.content_type {
            request = request.header(CONTENT_TYPE, content_type);
        } else if step.form {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let form = step.form.then(|| self.browser.get("__Host-refresh")).flatten();
        let body = form.map_or(Body::empty(), |token| {
            Body::from(format!("refresh_token={token}&token={token}"))
        });
        request.body(body).unwrap()
    }

    /// Sends one request, and returns everything that is visible from outside.
    pub(crate) fn send(&mut self, step: &Step) -> Vec<String> {
        self.tools.time.advance(Duration::from_secs(step.later));
        self.tools.store.behave(step.slow, step.fails);
        let request = self.request(step);
        let mut task = Context::from_waker(Waker::noop());
        let polled = catch_unwind(AssertUnwindSafe(|| {
            assert!(self.app.poll_ready(&mut task).is_ready());
            let mut future = self.app.call(request);
            let polls = step.dropped.unwrap_or(100);
            for poll in 1..=polls {
                if let Poll::Ready(result) = future.as_mut().poll(&mut task) {
                    return Some((poll, result));
                }
            }
            assert!(step.dropped.is_some(), "the request hangs");
            None
        }));
        let mut seen = self.tools.store.take();
        seen.extend(self.tools.events.take());
        match polled {
            Err(_) => seen.push("panicked".to_owned()),
            Ok(None) => seen.push("dropped".to_owned()),
            Ok(Some((polls, result))) => {
                seen.push(format!("{polls} polls"));
                self.receive(result, &mut seen);
            }
        }
        seen.into_iter().map(|line| self.words.replace(&line)).collect()
    }

    fn receive(&mut self, result: Result<Response<Body>, Failure>, seen: &mut Vec<String>) {
        let response = match result {
            Ok(response) => response,
            Err(error) => return seen.push(format!("error: {error}")),
        };
        let (head, body) = response.into_parts();
        self.browser.store(&head.headers);
        seen.push(format!("status {}", head.status.as_u16()));
        let line = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            let text = value.to_str().unwrap();
            // A removal contains a past date, by the system's clock.
            let text = match text.split_once("; Max-Age=0; Expires=") {
                Some((cookie, _)) => format!("{cookie}; Max-Age=0"),
                None => text.to_owned(),
            };
            let sensitive = if value.is_sensitive() { " (sensitive)" } else { "" };
            format!("{name}: {text}{sensitive}")
        };
        seen.extend(head.headers.iter().map(line));
        seen.push(format!("{:?}", head.extensions.get::<Rejection>()));
        let mut task = Context::from_waker(Waker::noop());
        let Poll::Ready(body) = pin!(body.collect()).poll(&mut task) else {
            panic!("the body is complete")
        };
        let body = String::from_utf8(body.unwrap().to_bytes().to_vec()).unwrap();
        if let Some((_, token)) = body.split_once("issued=") {
            self.csrf = token.split(';').next().map(str::to_owned);
        }
        seen.push(body);
    }

    /// Returns the remaining records in the store.
    pub(crate) fn left(&self) -> Vec<String> {
        self.tools.store.left()
    }
}
