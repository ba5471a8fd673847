//! Refresh tokens with rotation and theft detection.
//!
//! A login starts a *family* of refresh tokens, one of which is current. A refresh exchanges the
//! current token for its successor, and for a new, short-lived access token. For a short
//! [window](RefreshBuilder::window) after the exchange, the used token still gets the same
//! successor. If a client presents a used token after that, two clients have a copy of it. The
//! whole family then ends at once: the thief and the user are both refused, and the user logs in
//! again.
//!
//! A [`Refresh`], also called the engine, issues, exchanges and revokes the tokens. A
//! [`RefreshLayer`] serves its two endpoints, by default at `/auth/refresh` and `/auth/revoke`.
//! [`Refresh::endpoint`] and [`Refresh::revoke_endpoint`] are the same endpoints as plain services.
//!
//! ```
//! use std::time::Duration;
//!
//! use tower_auth::refresh::{AccessToken, Refresh};
//! use tower_auth::{Clock, Identity, KeyRing, MemoryStore};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mint = |identity: &Identity| {
//!     let text = format!("signed for {}", identity.subject());
//!     Ok(AccessToken { text, expires_in: Duration::from_secs(300) })
//! };
//! let store = MemoryStore::new(Clock::system());
//! let refresh = Refresh::builder(store, &KeyRing::random(), mint).build()?;
//!
//! // The user has logged in:
//! let first = refresh.begin(&Identity::local("alice").build(), None).await?;
//! // Five minutes later:
//! let second = refresh.refresh(first.refresh().expose().as_str()).await?;
//! assert_eq!(second.access().text, "signed for alice");
//! assert!(second.refresh().expose() != first.refresh().expose());
//! # Ok(())
//! # }
//! ```
//!
//! The layer with its own settings, in an application that keeps the refresh token in a cookie and
//! the access token in the page's memory:
//!
//! ```
//! use std::time::Duration;
//!
//! use axum::extract::{Request, State};
//! use axum::{Router, response::Response, routing::post};
//! use tower_auth::refresh::{AccessToken, Refresh, RefreshLayer};
//! use tower_auth::{Clock, Identity, KeyRing, MemoryStore};
//!
//! async fn login(State(refresh): State<Refresh>, request: Request) -> Response<String> {
//!     // … after the password has been verified:
//!     let tokens = refresh.begin(&Identity::local("alice").build(), None).await.unwrap();
//!     refresh.set_cookie(request.extensions(), &tokens).unwrap();
//!     Response::new(tokens.to_json())
//! }
//!
//! # let mint = |_: &Identity| {
//! #     Ok(AccessToken { text: "…".into(), expires_in: Duration::from_secs(300) })
//! # };
//! let refresh = Refresh::builder(MemoryStore::new(Clock::system()), &KeyRing::random(), mint)
//!     .idle_timeout(Duration::from_secs(7 * 24 * 60 * 60))
//!     .strict()
//!     .build()?;
//! let app: Router = Router::new()
//!     .route("/login", post(login))
//!     .with_state(refresh.clone())
//!     .layer(RefreshLayer::builder(refresh).refresh_path("/token").build()?);
//! # Ok::<_, tower_auth::refresh::RefreshConfigError>(())
//! ```
//!
//! # Guarantees
//!
//! - **One token of a family is current.** An exchange is one compare-and-swap in the store. A
//!   token has one successor, even if many clients present the token at once, on several nodes.
//! - **Two tabs do not log the user out.** Within the [window](RefreshBuilder::window) after an
//!   exchange, a request with the exchanged token, or with its successor, gets that same successor.
//!   The window also helps a client that lost the response. [`strict`](RefreshBuilder::strict)
//!   turns the window off.
//! - **A failing store does not invalidate tokens.** The response is 503 with `Retry-After`. The
//!   cookie stays and no token is consumed. The same holds if no access token can be minted.
//! - **Neither the keys nor the store alone suffice to forge a token.** A token contains a MAC,
//!   which needs the key ring, and a tag, which needs the family's record. The store contains no
//!   token, not even the current one.
//! - **The successor of a token from a cookie is sent in a cookie**, which no script can read. An
//!   outer [`CsrfLayer`](crate::CsrfLayer) protects such requests from other sites. Without one,
//!   the endpoints apply the same rules themselves.
//!
//! Access tokens that were issued stay valid until they expire, even if the family ends, unless the
//! services that accept them look up the family. Keep their lifetime short. Both endpoints are
//! public: put a rate limit around them.
//!
//! # Requests and responses
//!
//! - **Method**: only `POST`; otherwise 405.
//! - **Parameters**: a form or a JSON object of at most 64 KiB. It may contain `refresh_token`
//!   (`token` for a revocation), `client_id`, `client_secret`, `scope` and `grant_type`.
//! - **Client**: `client_id` or HTTP Basic names the client (RFC 6749, 2.3.1). The response is
//!   `invalid_client` if the two differ, or if
//!   [`client_secret_with`](RefreshBuilder::client_secret_with) does not accept the secret.
//! - **Two tokens**, one in the cookie and another one in the body: 400.
//! - **Response**: as in OAuth, `access_token`, `token_type`, `expires_in`, and `refresh_token` if
//!   the old one came in the body.
//! - **Errors**: as in OAuth, for example `{"error":"invalid_grant"}` with 400. The revocation of
//!   an unknown token is 200 (RFC 7009).

mod access;
mod answer;
mod builder;
mod client;
mod decide;
mod endpoint;
mod engine;
mod error;
mod family;
mod flow;
mod handle;
mod layer;
mod params;
mod revocations;
mod scope;
mod serve;
#[cfg(test)]
mod tests;
mod token;
mod tokens;
mod transport;

pub use access::{AccessToken, AccessTokens, MintError};
pub use builder::RefreshBuilder;

/// The default name of the refresh token's cookie. Change it with
/// [`cookie_name`](RefreshBuilder::cookie_name).
pub const DEFAULT_COOKIE: &str = crate::jar::names::REFRESH;

pub use client::ClientSecret;
pub use endpoint::{RefreshEndpoint, RefreshEndpointFuture};
pub use error::{RefreshConfigError, RefreshError, RefreshRefusal};
pub use handle::Refresh;
pub use layer::{RefreshLayer, RefreshLayerBuilder, RefreshService};
pub use revocations::Revocations;
pub use tokens::{PresentedToken, TokenPair};
