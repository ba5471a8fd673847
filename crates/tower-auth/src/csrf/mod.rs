//! Protection against cross-site request forgery: [`CsrfLayer`] and [`CsrfHeadersLayer`].
//!
//! The layers refuse requests that another site made a browser send. A request with a credential
//! that browsers attach on their own needs evidence of its origin: without evidence, the layers
//! refuse it. [`CsrfLayer`] reads the same headers as `tower-http`'s layer of the same name. In
//! addition, it has tokens, which are bound to the session and change at a login, and it answers
//! gRPC clients with a gRPC status.
//!
//! [`CsrfLayer`] applies these rules to every request whose method is not exactly `GET`, `HEAD` or
//! `OPTIONS`, and to every request that opens a WebSocket:
//!
//! 1. **`Sec-Fetch-Site`.** If [`Sec-Fetch-Site`] is `same-origin` or `none`, the request passes.
//!    If it is `cross-site` or `same-site`, the layer refuses the request unless the `Origin` is
//!    [trusted](CsrfLayerBuilder::trusted_origin). An unknown value, or a repeated header, counts
//!    as absent.
//! 2. **`Origin`.** Without `Sec-Fetch-Site`, the `Origin` decides. It must be the application's
//!    own or a trusted one, with the same scheme, host and port. `null` is refused.
//! 3. **No evidence in the headers.** Without both headers, a request passes if it has no
//!    credential that browsers attach on their own, or a valid token. It also passes if browsers
//!    send such a request to another site only after a preflight;
//!    [`strict`](CsrfLayerBuilder::strict) turns this off.
//!
//!    The credentials that browsers attach are cookies, and an `Authorization` other than `Bearer`
//!    and `DPoP`. At a `refresh_path`, `Basic` is not such a credential: it names the client there.
//!    Browsers send a preflight before every method except `GET`, `HEAD` and `POST`, and before a
//!    `POST` of content types such as `application/json`. They send none before a WebSocket, which
//!    over HTTP/2 is a `CONNECT`.
//!
//!    Today's browsers send one of the two headers with every unsafe request. So this rule applies
//!    to programs, and to requests from which a proxy has removed the headers.
//! 4. **Required tokens.** If a token is [required](CsrfLayerBuilder::require_token), the request
//!    must also have a valid token. A WebSocket is exempt, because a page cannot add a token to its
//!    handshake. A request without a credential that browsers attach is exempt if it authenticates
//!    by `Authorization: Bearer` or `DPoP`, or has a refresh token in its body.
//!
//! The layer checks a request before it calls the inner service, so a refusal (403, or gRPC status
//! 7) costs no I/O. The layer never reads `Referer`, never honours a method override, and does not
//! rely on `SameSite`. It does not protect a handler that changes state on `GET`: use another
//! method. It also cannot see that a handler trusts a network address or a client certificate:
//! require a token for such a handler.
//!
//! [`CsrfToken::issue`] issues a token; the client sends it back in the header `X-CSRF-Token`. The
//! token is bound to the first of these values that the client has:
//!
//! - the secret of the session's cookie
//! - the family of the refresh token in `__Host-refresh`
//! - the signed cookie `__Host-csrf`, which stands in until there is a session
//!
//! A login changes the value that a token is bound to, and so invalidates every earlier token.
//! Tokens need no store.
//!
//! A token is bound only to a cookie whose value this application's key ring created; the layer
//! ignores other values. The same value twice counts once. Two different valid values of one cookie
//! count as no value. If [`bind_to`](CsrfLayerBuilder::bind_to) names the session cookie of another
//! library, a token is bound to the whole value of that cookie. The layer refuses a request with
//! two different values of it, since it cannot know which value the library reads.
//!
//! The session takes precedence over `__Host-csrf`. Otherwise an attacker could get a signed
//! `__Host-csrf` and a matching token, and set both in a browser that does not enforce the prefix.
//! As a consequence, a form that was opened before the session began is refused once (403), with or
//! without a login. After a reload, the form has a token of the session. In a response that starts
//! a session, issue the token after the first write to the session.
//!
//! The layer goes outside the `SessionLayer`. In the reverse order, requests get a 500.
//!
//! [`CsrfHeadersLayer`] applies rules 1 to 3 without tokens. It needs no key ring, and costs a
//! fraction of [`CsrfLayer`].
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
/// since browsers refuse the prefix over plain HTTP.
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
