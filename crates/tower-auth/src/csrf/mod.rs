//! Refuses what another site made a browser send, with evidence that must be there: where it is
//! missing the request is refused, not waved through. Beside the headers that `tower-http`'s layer
//! of the same name reads, it has tokens that are bound to the session and change when somebody
//! logs in, and it refuses gRPC clients in gRPC's manner.
//!
//! [`CsrfLayer`] promises, for every request whose method is not exactly `GET`, `HEAD` or
//! `OPTIONS`, and for every one that opens a WebSocket:
//!
//! 1. [`Sec-Fetch-Site`] `same-origin` and `none` pass; `cross-site` and `same-site` are refused
//!    unless the `Origin` is [trusted](Builder::trusted_origin). A value that nobody knows, or a
//!    header that comes twice, says nothing.
//! 2. Else the `Origin`, if there is one, must be the application's own or a trusted one: scheme,
//!    host and port, compared whole. `null` is refused.
//! 3. Else, where browsers attach a credential unasked (a cookie, or an `Authorization` other than
//!    `Bearer` and `DPoP`; not `Basic` where it names the client of a refresh, see `refresh_path`), only a valid token passes, or a request that no browser sends across
//!    sites without asking first (a preflight): another method than `POST` (and `CONNECT`, which a
//!    WebSocket is over HTTP/2), or a content type such as `application/json`. Today's browsers send
//!    one of the two headers above with every unsafe request; what gets here is a program, or a
//!    proxy that strips headers.
//! 4. Where a token is [required](Builder::require_token), the token decides as well; not for a
//!    WebSocket, to whose handshake a page can add none, and not for a request that authenticates
//!    by `Authorization: Bearer` or `DPoP`, or brings a refresh token in its body, and carries no
//!    credential that browsers attach.
//!
//! All of that happens before the inner service is called: a refusal (403, gRPC 7) costs no I/O.
//! `Referer` is never read, a method override is never honoured, and `SameSite` is relied on for
//! nothing. What changes state on `GET` is not protected, and neither is what trusts a network
//! address or a client certificate: nothing in the request shows these. Require a token there.
//!
//! [`CsrfToken::issue`] gives a token; the client sends it back in the header `X-CSRF-Token`. It is
//! bound to the first of these that the client holds: the secret of the session's cookie, the family
//! of the refresh token in `__Host-refresh`, the signed cookie `__Host-csrf` that stands in until
//! there is a session. A login changes each, and so ends every token from before.
//! Nothing is stored and nothing is loaded.
//!
//! A cookie binds only if this application's key ring made its value; a value that does not verify
//! counts as none, the same value twice is one, and two different ones that verify count as none. The
//! session cookie of another library, named by [`bind_to`](Builder::bind_to), binds by its whole value; a
//! request with two different values of it is refused, since nothing tells which one that library
//! reads.
//!
//! The session goes first because everybody can get a validly signed `__Host-csrf`, and plant it in
//! a browser that does not know the prefix, together with a token that fits. The price: a form that
//! was opened before the session began, with or without a login, is refused once (403). Loaded
//! again it has a token of the session. Issue a token after the first write to a new session, and
//! not before it in the same response.
//!
//! The layer goes outside of the `SessionLayer`; the other way round is answered 500.
//!
//! [`CsrfHeadersLayer`] applies rules 1 to 3 without tokens. It needs no key ring, and costs a fraction
//! of this layer.
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
//! Behind a proxy, with a second origin, and with a token for everything that is not a webhook:
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
//! // The form's page sets `__Host-csrf` and says the token …
//! let page = service.clone().oneshot(Request::new(())).await?;
//! let cookie = page.headers()["set-cookie"].to_str()?.split(';').next().unwrap().to_owned();
//! // … and the form comes back with both.
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
mod config;
mod error;
mod flow;
mod forwarded;
mod headers_only;
mod judge;
mod layer;
mod origin;
mod path;
mod policy;
mod pre_session;
mod seal;
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

pub use builder::Builder;

/// The name of the layer's own cookie, to which tokens are bound while there is no session, unless
/// [`pre_session_cookie`](Builder::pre_session_cookie) says otherwise.
pub const DEFAULT_COOKIE: &str = crate::jar::names::CSRF;
/// The same with [`insecure_allow_plain_http`](crate::Settings::insecure_allow_plain_http), which
/// rules the prefix out.
pub const DEFAULT_COOKIE_INSECURE: &str = crate::jar::names::CSRF_INSECURE;

pub(crate) use config::Config;
pub use error::{ConfigError, TokenError};
#[cfg(feature = "refresh")]
pub(crate) use flow::emit;
#[cfg(feature = "refresh")]
pub(crate) use headers_only::Checked;
pub use headers_only::{CsrfHeadersLayer, CsrfHeadersService, HeadersOnly};
/// For endpoints of ours that nobody put a layer around.
#[cfg(feature = "refresh")]
pub(crate) use judge::judge;
pub use layer::{CsrfLayer, CsrfService};
#[cfg(feature = "refresh")]
pub(crate) use path::fault as path_fault;
pub(crate) use pre_session::{PreSession, forget_pre_session};
pub use token::CsrfToken;
pub use token_builder::Tokens;
