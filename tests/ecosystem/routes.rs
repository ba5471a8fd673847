//! A small axum application.

use std::future::pending;

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use http::header::SET_COOKIE;
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use tower::ServiceExt as _;
use tower_auth::session::SessionError;
use tower_auth::{Cookies, CsrfToken, Identity, Rejection, Session};

use crate::fixture::{Fixture, pair};

async fn me(identity: Identity) -> String {
    format!("{} via {}", identity.subject(), identity.method().as_str())
}

async fn maybe(identity: Option<Identity>) -> String {
    identity.map_or("anonymous".into(), |it| it.subject().to_owned())
}

async fn count(session: Session) -> Result<String, SessionError> {
    session.update("count", |count: Option<u32>| count.unwrap_or(0) + 1)?;
    Ok(session.get::<u32>("count")?.unwrap_or(0).to_string())
}

/// Logs in as the user in the query.
async fn log_in(session: Session, uri: Uri) -> Result<(), SessionError> {
    session.login(Identity::local(uri.query().unwrap_or("alice").to_owned()).build())
}

async fn log_out(session: Session) -> Result<(), SessionError> {
    session.logout().await
}

async fn token(token: CsrfToken) -> String {
    token.issue().unwrap()
}

/// Does everything that a request can do, and never answers.
async fn stall(session: Session, cookies: Cookies) -> Result<(), SessionError> {
    count(session.clone()).await?;
    cookies.set(("theme", "dark")).unwrap();
    session.login(Identity::local("mallory").build())?;
    pending().await
}

/// Does the same, and panics.
async fn panics(session: Session, cookies: Cookies) -> Result<(), SessionError> {
    count(session.clone()).await?;
    cookies.set(("theme", "dark")).unwrap();
    session.login(Identity::local("mallory").build())?;
    panic!("the handler's, on purpose")
}

/// A page that is long enough to compress, with a cookie and a `Vary` of its own.
async fn page(
    session: Session,
    cookies: Cookies,
) -> Result<([(&'static str, &'static str); 1], String), SessionError> {
    count(session).await?;
    cookies.set(("theme", "dark")).unwrap();
    Ok(([("vary", "accept-language")], "all work and no play ".repeat(50)))
}

/// Puts all routes behind all layers.
pub(crate) fn behind(fixture: &Fixture, routes: Router) -> Router {
    routes.layer(fixture.whole())
}

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/me", get(me))
        .route("/maybe", get(maybe))
        .route("/count", get(count).post(count).put(count))
        .route("/login", post(log_in))
        .route("/logout", post(log_out))
        .route("/token", get(token))
        .route("/stall", post(stall))
        .route("/panics", post(panics))
        .route("/page", get(page))
}

/// A response, with its rejection if there is one.
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) why: Option<Rejection>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// Returns `name=value` of each cookie that the response sets.
    pub(crate) fn cookies(&self) -> Vec<String> {
        let lines = self.headers.get_all(SET_COOKIE).iter();
        lines.map(|line| pair(line.to_str().unwrap())).collect()
    }

    /// Returns the session's cookie that the response sets.
    pub(crate) fn session(&self) -> Option<String> {
        self.cookies().into_iter().find(|it| it.starts_with("__Host-session="))
    }
}

/// Sends a request in this process, so that the response's extensions are visible.
pub(crate) async fn send(app: &Router, method: Method, path: &str, lines: &[(&str, &str)]) -> Seen {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in lines {
        request = request.header(*name, *value);
    }
    let response = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (head, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Seen { status: head.status, headers: head.headers, why: head.extensions.get().cloned(), body }
}

/// Sends a form as a page of the application does.
pub(crate) async fn submit(app: &Router, path: &str, cookie: &str) -> Seen {
    send(app, Method::POST, path, &[("sec-fetch-site", "same-origin"), ("cookie", cookie)]).await
}
