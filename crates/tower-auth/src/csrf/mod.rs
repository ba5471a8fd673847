//! Protection against cross-site request forgery: [`CsrfLayer`] and [`CsrfHeadersLayer`].
//!
//! The layers refuse requests that another site made a browser send. A request needs evidence: if
//! the evidence is missing, the layer refuses the request and does not wave it through.
//! [`CsrfLayer`] reads the same headers as `tower-http`'s layer of the same name. In addition it
//! has tokens, which are bound to the session and change at a login, and it refuses gRPC clients
//! with a gRPC status.
//!
//! [`CsrfLayer`] applies these rules to every request whose method is not exactly `GET`, `HEAD` or
//! `OPTIONS`, and to every request that opens a WebSocket:
//!
//! 1. [`Sec-Fetch-Site`] `same-origin` and `none` pass. `cross-site` and `same-site` are refused
//!    unless the `Origin` is [trusted](CsrfLayerBuilder::trusted_origin). An unknown value, or a repeated
//!    header, is no evidence.
//! 2. Otherwise the `Origin`, if there is one, must be the application's own or a trusted one.
//!    Scheme, host and port are compared whole. `null` is refused.
//! 3. Otherwise, if the request carries a credential that browsers attach on their own, only a
//!    valid token passes, or a request that no browser sends across sites without a preflight. Such
//!    credentials are cookies, and an `Authorization` other than `Bearer` and `DPoP`; `Basic` does
//!    not count if it names the client of a refresh, see `refresh_path`. A preflight precedes every
//!    method other than `POST` (and `CONNECT`, which a WebSocket over HTTP/2 uses), and content
//!    types such as `application/json`. Today's browsers send one of the two headers above with
//!    every unsafe request, so this rule applies to programs, and to requests whose headers a proxy
//!    strips.
//! 4. If a token is [required](CsrfLayerBuilder::require_token), the token decides as well. A WebSocket is
//!    exempt, because a page can add no token to its handshake. Also exempt is a request without a
//!    credential that browsers attach, if it authenticates by `Authorization: Bearer` or `DPoP`, or
//!    brings a refresh token in the body.
//!
//! The checks precede the call of the inner service: a refusal (403, gRPC 7) costs no I/O. The
//! layer never reads `Referer`, never honours a method override, and does not rely on `SameSite`.
//! It does not protect handlers that change state on `GET`, or that trust a network address or a
//! client certificate: nothing in the request shows these. Require a token there.
//!
//! [`CsrfToken::issue`] issues a token; the client sends it back in the header `X-CSRF-Token`. The
//! token is bound to the first of these that the client holds:
//!
//! - the secret of the session's cookie
//! - the family of the refresh token in `__Host-refresh`
//! - the signed cookie `__Host-csrf`, which stands in until there is a session
//!
//! A login changes each of them, and so invalidates every earlier token. Tokens need no store.
//!
//! A cookie binds only if this application's key ring created its value. A value that does not
//! verify is ignored. The same value twice counts once, and two different values that verify count
//! as none. The session cookie of another library, named by [`bind_to`](CsrfLayerBuilder::bind_to), binds by
//! its whole value. The layer refuses a request with two different values of that cookie, since it
//! cannot know which value the library reads.
//!
//! The session takes precedence because any visitor can get a validly signed `__Host-csrf`, and
//! plant it, together with a matching token, in a browser that does not know the prefix. The price:
//! a form that was opened before the session began, with or without a login, is refused once (403).
//! Reloaded, it has a token of the session. Issue a token after the first write to a new session,
//! not before it in the same response.
//!
//! The layer goes outside the `SessionLayer`. In the reverse order requests get a 500.
//!
//! [`CsrfHeadersLayer`] applies rules 1 to 3 without tokens. It needs no key ring, and costs a
//! fraction of this layer.
//!
//! # Examples
//!
//! ```
//! use http::{Request, Response};
//! use tower::{Layer, ServiceExt, service_fn};
//! use tower_auth::{CsrfLayer, KeyRing};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let handler = service_fn(async |_: Request<()>| Ok::<_, http::Error>(Response::new(())));
//! let service = CsrfLayer::new(&KeyRing::random()).layer(handler);
//!
//! let own = Request::post("/").header("sec-fetch-site", "same-origin").body(())?;
//! assert_eq!(service.clone().oneshot(own).await?.status(), 200);
//! let forged = Request::post("/").header("sec-fetch-site", "cross-site").body(())?;
//! assert_eq!(service.oneshot(forged).await?.status(), 403);
//! # Ok(())
//! # }
//! ```
//!
//! Behind a proxy, with a second origin, and with a token for every unsafe request except a
//! webhook:
//!
//! ```
//! use http::{Request, Response};
//! use tower::{Layer, ServiceExt, service_fn};
//! use tower_auth::{CsrfLayer, CsrfToken, KeyRing};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let layer = CsrfLayer::builder(&KeyRing::random())
//!     .public_origin("https://app.example")
//!     .trusted_origin("https://admin.example")
//!     .exempt("/webhook")
//!     .require_token()
//!     .build()?;
//! let service = layer.layer(service_fn(async |request: Request<()>| {
//!     let token = CsrfToken::of(request.extensions()).unwrap();
//!     Ok::<_, tower_auth::csrf::TokenError>(Response::new(token.issue()?))
//! }));
//!
//! // The form's page sets `__Host-csrf` and contains the token …
//! let page = service.clone().oneshot(Request::new(())).await?;
//! let cookie = page.headers()["set-cookie"].to_str()?.split(';').next().unwrap().to_owned();
//! // … and the form sends both back.
//! let sent = Request::post("/order")
//!     .header("origin", "https://app.example")
//!     .header("cookie", cookie)
//!     .header("x-csrf-token", page.into_body())
//!     .body(())?;
//! assert_eq!(service.clone().oneshot(sent).await?.status(), 200);
//!
//! let without = Request::post("/order").header("origin", "https://app.example").body(())?;
//! assert_eq!(service.oneshot(without).await?.status(), 403);
//! # Ok(())
//! # }
//! ```
//!
//! [`Sec-Fetch-Site`]: https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header

mod ambient;
#[cfg(feature = "axum")]
mod axum;
mod binding;
mod builder;
mod check;
mod config;
mod error;
mod flow;
mod forwarded;
mod headers_only;
mod layer;
mod mac;
mod origin;
mod path;
mod policy;
mod pre_session;
mod session_cookie;
mod single;
mod sought;
mod target;
#[cfg(test)]
mod tests;
mod token;
mod token_builder;
mod token_options;
mod trusted;

pub use builder::CsrfLayerBuilder;

/// The default name of the layer's own cookie, which binds tokens while there is no session. See
/// [`pre_session_cookie`](CsrfLayerBuilder::pre_session_cookie).
pub const DEFAULT_COOKIE: &str = crate::jar::names::CSRF;
/// The default name with [`insecure_allow_plain_http`](crate::Settings::insecure_allow_plain_http),
/// which rules out the prefix.
pub const DEFAULT_COOKIE_INSECURE: &str = crate::jar::names::CSRF_INSECURE;

/// Used by refresh endpoints that have no CSRF layer around them.
#[cfg(feature = "refresh")]
pub(crate) use check::check;
pub(crate) use config::Config;
pub use error::{CsrfConfigError, TokenError};
#[cfg(feature = "refresh")]
pub(crate) use flow::emit;
#[cfg(feature = "refresh")]
pub(crate) use headers_only::Checked;
pub use headers_only::{CsrfHeadersLayer, CsrfHeadersService, HeadersOnly};
pub use layer::{CsrfLayer, CsrfService};
#[cfg(feature = "refresh")]
pub(crate) use path::fault as path_fault;
pub(crate) use pre_session::{PreSession, forget_pre_session};
pub use token::CsrfToken;
pub use token_builder::Tokens;
