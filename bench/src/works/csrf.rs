use http::header::{COOKIE, HeaderName, SET_COOKIE};
use tower::{Layer as _, ServiceBuilder, service_fn};
use tower_auth::{
    Clock, CsrfHeadersLayer, CsrfLayer, CsrfToken, Identity, KeyRing, MemoryStore, Session,
    SessionLayer,
};

use super::requests::{alone, get, pair, post, with_twenty_cookies};
use crate::Work;
use crate::call::{Request, Response, answer, bare, calls};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const X_CSRF_TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");

pub(crate) const WORKS: &[Work] = &[
    Work::new(
        "csrf: safe method",
        || alone(with_twenty_cookies()),
        || calls(CsrfLayer::new(&ring()).layer(service_fn(bare)), with_twenty_cookies()),
    )
    .aims(1_500)
    .allocates(5),
    Work::new(
        "csrf: POST of the same origin",
        || alone(same_origin()),
        || calls(CsrfLayer::new(&ring()).layer(service_fn(bare)), same_origin()),
    )
    .aims(1_500),
    Work::new(
        "csrf: the same, token of a session",
        || alone(with_session_token()),
        || {
            let layer = CsrfLayer::builder(&ring()).require_token().build().expect("sound");
            calls(layer.layer(service_fn(bare)), with_session_token())
        },
    )
    .aims(9_000),
    Work::new(
        "csrf: the same, beside 50 cookies",
        || alone(beside_fifty_cookies(with_session_token())),
        || {
            let layer = CsrfLayer::builder(&ring()).require_token().build().expect("sound");
            calls(layer.layer(service_fn(bare)), beside_fifty_cookies(with_session_token()))
        },
    )
    .aims(9_000),
    Work::new(
        "csrf: token of a visitor, beside 50 cookies",
        || alone(beside_fifty_cookies(with_visitors_token())),
        || {
            let layer = CsrfLayer::builder(&ring()).require_token().build().expect("sound");
            calls(layer.layer(service_fn(bare)), beside_fifty_cookies(with_visitors_token()))
        },
    )
    .aims(12_000),
    Work::new(
        "csrf: headers only, safe method",
        || alone(with_twenty_cookies()),
        || calls(CsrfHeadersLayer::new().layer(service_fn(bare)), with_twenty_cookies()),
    )
    .aims(300)
    .allocates(0),
    Work::new(
        "csrf: headers only, POST of the same origin",
        || alone(same_origin()),
        || calls(CsrfHeadersLayer::new().layer(service_fn(bare)), same_origin()),
    )
    .allocates(2),
];

fn ring() -> KeyRing {
    KeyRing::insecure_from_seed(7)
}

fn same_origin() -> Request {
    post(&[(SEC_FETCH_SITE, "same-origin")])
}

/// Returns a request of a browser that has a session and a token bound to it.
fn with_session_token() -> Request {
    with_token(true)
}

/// Returns a request of a visitor with a token, but without a session.
fn with_visitors_token() -> Request {
    with_token(false)
}

fn with_token(logs_in: bool) -> Request {
    let begin = move |request: Request| async move {
        if logs_in {
            let session = Session::of(request.extensions()).expect("a layer around the handler");
            session.login(Identity::local("alice").build()).expect("no earlier login");
        }
        let token = CsrfToken::of(request.extensions()).expect("a layer around the handler");
        let token = token.issue().expect("an unsent response");
        let mut response = Response::default();
        response.headers_mut().insert(X_CSRF_TOKEN, token.parse().expect("ASCII"));
        Ok(response)
    };
    let mut service = ServiceBuilder::new()
        .layer(CsrfLayer::new(&ring()))
        .layer(SessionLayer::new(MemoryStore::new(Clock::system()), &ring()))
        .service_fn(begin);
    let response = answer(&mut service, get(&[]));
    let cookie = pair(&response.headers()[SET_COOKIE]);
    let token = response.headers()[X_CSRF_TOKEN].to_str().expect("ASCII");
    post(&[(SEC_FETCH_SITE, "same-origin"), (COOKIE, cookie), (X_CSRF_TOKEN, token)])
}

/// Adds 50 foreign cookies in front, such as those of analytics and advertising.
fn beside_fifty_cookies(mut request: Request) -> Request {
    let own = request.headers()[COOKIE].to_str().expect("ASCII");
    let foreign = (0..50).map(|n| format!("_cookie_{n}=GA1.2.{n:012}; ")).collect::<String>();
    let line = format!("{foreign}{own}").parse().expect("ASCII");
    request.headers_mut().insert(COOKIE, line);
    request
}
