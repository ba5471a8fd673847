//! Refresh tokens with rotation and theft detection.
//!
//! A login begins a *family* of refresh tokens, of which one is current. Each refresh exchanges the
//! current token for its successor, together with a new, short-lived access token. If a used token
//! is presented after its window, a copy exists. The family then ends at once, for the thief and
//! for the victim, who logs in again.
//!
//! [`Refresh`] is the engine. [`RefreshLayer`] serves its two endpoints under their paths.
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
//! - **One token of a family is current.** An exchange is one compare-and-swap in the store.
//!   However many clients present a token, on however many nodes, there is one successor.
//! - **Two tabs do not log the user out.** Within the [window](RefreshBuilder::window) after an exchange,
//!   a request with the exchanged token, or with its successor, gets that same successor. This also
//!   helps a client that lost the response. [`strict`](RefreshBuilder::strict) turns it off.
//! - **A failing store does not invalidate tokens.** The response is 503 with `Retry-After`. The
//!   cookie stays and no token is consumed. The same holds if no access token can be minted.
//! - **A leak mints no tokens.** A token needs the key ring for its MAC and the family's record for
//!   its tag. The store contains no token, not even the current one.
//! - **A token that comes in a cookie is replaced in a cookie**, which no script can read. Such
//!   requests are protected against other sites by an outer [`CsrfLayer`](crate::CsrfLayer), or
//!   otherwise by the same rules here.
//!
//! Issued access tokens stay valid until they expire, unless their readers look up the family. Keep
//! their lifetime short. Both endpoints are public: put a rate limit around them.
//!
//! # Requests and responses
//!
//! - **Method**: only `POST`; otherwise 405.
//! - **Parameters**: a form or a JSON object of at most 64 KiB. It may contain `refresh_token`
//!   (`token` for a revocation), `client_id`, `client_secret`, `scope` and `grant_type`.
//! - **Client**: HTTP Basic also names the client (RFC 6749, 2.3.1). The response is
//!   `invalid_client` if the body names another client, or if
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
