//! Log in, who am I, log out: the layers on hyper, without a framework.

#![allow(clippy::disallowed_methods, reason = "an application uses the clock and spawns tasks")]

use std::convert::Infallible;
use std::error::Error;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_auth::refuse::{self, Problem};
use tower_auth::{
    AuthState, Clock, CookieLayer, CsrfLayer, Dialect, Identity, KeyRing, MemoryStore,
    Misconfigured, Rejection, Session, SessionLayer,
};

type Answer = Response<Full<Bytes>>;

fn text(status: StatusCode, text: impl Into<Bytes>) -> Answer {
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    response
}

/// Handles a request without extractors: the layers put their results into the request's
/// extensions.
async fn handle(request: Request<Incoming>) -> Result<Answer, Infallible> {
    let dialect = Dialect::of(request.method(), request.headers());
    let answer = match (request.method(), request.uri().path()) {
        // hyper omits the body of a response to HEAD.
        (&(Method::GET | Method::HEAD), "/me") => me(&request),
        (&Method::POST, "/login") => log_in(&request),
        (&Method::POST, "/logout") => log_out(&request).await,
        _ => Ok(text(StatusCode::NOT_FOUND, "no such page\n")),
    };
    Ok(answer.unwrap_or_else(|rejection| refuse::write(&Problem, rejection, dialect)))
}

fn me(request: &Request<Incoming>) -> Result<Answer, Rejection> {
    // There are three cases, because the store may not respond. A missing layer is a 500. `used`
    // marks the identity as used, so that no cache stores the response.
    match AuthState::used(request.extensions())? {
        AuthState::Known(who) => Ok(text(StatusCode::OK, format!("{}\n", who.subject()))),
        AuthState::Unknown => Err(Rejection::Unavailable),
        _ => Err(Rejection::Anonymous),
    }
}

/// A real application verifies a password first, as the showcase does with Argon2.
fn log_in(request: &Request<Incoming>) -> Result<Answer, Rejection> {
    session(request)?.login(Identity::local("alice").build())?;
    Ok(text(StatusCode::OK, "welcome\n"))
}

async fn log_out(request: &Request<Incoming>) -> Result<Answer, Rejection> {
    session(request)?.logout().await?;
    Ok(text(StatusCode::OK, "goodbye\n"))
}

/// Returns the session. Without a `SessionLayer` the response is a 500, never a success.
fn session(request: &Request<Incoming>) -> Result<Session, Misconfigured> {
    let missing =
        Misconfigured { layer: "Session", problem: "no SessionLayer is outside of this route" };
    Session::of(request.extensions()).ok_or(missing)
}

/// A name of its own, because other applications on this host have cookies too.
const SESSION: &str = "__Host-bare-session";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let keys = KeyRing::random(); // KeyRing::from_file("keys") keeps them over a restart
    let store = MemoryStore::new(Clock::system());
    let csrf = CsrfLayer::builder(&keys).session_cookie(SESSION).refuse_with(Problem).build()?;
    let session =
        SessionLayer::builder(store, &keys).cookie_name(SESSION).refuse_with(Problem).build()?;
    let service = ServiceBuilder::new()
        .layer(CookieLayer::new())
        .layer(csrf)
        .layer(session)
        .service_fn(handle);
    // `TowerToHyperService` waits until each clone is ready before it calls it, as tower requires.
    let service = TowerToHyperService::new(service);

    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3003".into());
    let listener = TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let service = service.clone();
        tokio::spawn(async move {
            // Accepts HTTP/1 and HTTP/2, depending on the client's first bytes.
            let server = auto::Builder::new(TokioExecutor::new());
            if let Err(error) = server.serve_connection(TokioIo::new(stream), service).await {
                eprintln!("a connection ended: {error}");
            }
        });
    }
}
