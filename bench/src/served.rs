//! The stacks that are served over HTTP, around an axum router.

use axum::Router;
use axum::routing::get;
use http::HeaderMap;
use tower_auth::bearer::Algorithm;
use tower_auth::{AuthStack, CookieLayer, Cookies, Identity, RequireLayer, Session, Settings};

use crate::works::requests::{with_token, with_twenty_cookies};
use crate::works::session::live;
use crate::works::signed::{ISSUER, Signed};
use crate::works::stack::Parts;

/// One stack and its request.
pub struct Served {
    /// The name in the table.
    pub name: &'static str,
    /// The target: the least fraction of bare axum's requests per second.
    pub aim: f64,
    /// Answers [`HELLO`] at `/`.
    pub router: Router,
    /// The whole request, in the form of HTTP/1.1.
    pub request: String,
}

/// The body of every response.
pub const HELLO: &str = "hello";

/// Returns the router without any layer.
pub fn bare() -> Router {
    Router::new().route("/", get(async || HELLO))
}

/// Returns every stack, in the order of the table.
#[must_use]
pub fn all() -> [Served; 4] {
    [cookies(), session(), bearer(), whole()]
}

fn cookies() -> Served {
    let read = async |cookies: Cookies| cookies.get("cookie10").map(|_| HELLO).unwrap_or_default();
    let router = Router::new().route("/", get(read)).layer(CookieLayer::new());
    served("cookies: one of twenty read", 0.95, router, with_twenty_cookies().headers())
}

fn session() -> Served {
    let (layer, request) = live();
    let router = Router::new().route("/", get(read)).layer(layer);
    served("session in memory: one value read", 0.88, router, request.headers())
}

fn bearer() -> Served {
    let signed = Signed::new(Algorithm::HS256);
    let layer = signed.issuer.layer().build().expect("sound");
    let router = Router::new().route("/", get(async |_: Identity| HELLO)).layer(layer);
    served("bearer: HS256, remembered", 0.85, router, with_token(&signed.token).headers())
}

fn whole() -> Served {
    let parts = Parts::new();
    let router = Router::new().route("/", get(read)).layer(RequireLayer::new());
    let stack =
        AuthStack::new(&parts.keys).settings(&Settings::new().issuer(ISSUER)).cookies().csrf();
    let stack = stack.refresh(parts.refresh()).session(parts.store.clone());
    let stack = stack.bearer_of(&parts.signed.issuer).build().expect("sound");
    let router = router.layer(stack);
    served("whole stack: one session value", 0.80, router, parts.with_session().headers())
}

async fn read(session: Session) -> &'static str {
    match session.get::<u32>("n") {
        Ok(Some(_)) => HELLO,
        Ok(None) | Err(_) => "",
    }
}

fn served(name: &'static str, aim: f64, router: Router, headers: &HeaderMap) -> Served {
    let mut request = String::from("GET / HTTP/1.1\r\nhost: localhost\r\n");
    for (name, value) in headers {
        let value = value.to_str().expect("a valid header");
        request.extend([name.as_str(), ": ", value, "\r\n"]);
    }
    request.push_str("\r\n");
    Served { name, aim, router, request }
}
