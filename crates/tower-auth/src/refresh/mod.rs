//! Refresh tokens that rotate, and show when they were stolen.
//!
//! A login begins a *family* of refresh tokens, of which one is current. Each refresh exchanges it
//! for its successor, together with a new, short-lived access token. A token that comes when its
//! time is over was copied: its family ends at once, for the thief and for the victim, who logs in
//! again.
//!
//! [`Refresh`] is the engine. [`RefreshLayer`] serves its two endpoints under their paths;
//! [`Refresh::endpoint`] and [`Refresh::revoke_endpoint`] are the same as plain services.
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
//! // Somebody has proven who they are:
//! let first = refresh.begin(&Identity::local("alice").build(), None).await?;
//! // Five minutes later:
//! let second = refresh.refresh(first.refresh().expose().as_str()).await?;
//! assert_eq!(second.access().text, "signed for alice");
//! assert!(second.refresh().expose() != first.refresh().expose());
//! # Ok(())
//! # }
//! ```
//!
//! The layer, with settings of its own, in an application that keeps the refresh token in a cookie
//! and the access token in the page's memory:
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
//!     // … once the password was right:
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
//! # Ok::<_, tower_auth::refresh::ConfigError>(())
//! ```
//!
//! # What it promises
//!
//! - **Of a family one token lives.** An exchange is one compare-and-swap in the store, so that
//!   however many present a token, on however many nodes, there is one successor.
//! - **Two tabs log nobody out.** Within the [window](Builder::window) after an exchange the token
//!   that was exchanged gets the same successor again, and the successor itself. So does a client
//!   that never got its answer. [`strict`](Builder::strict) turns that off.
//! - **A store that does not answer says nothing of a token**: 503 with `Retry-After`, no cookie is
//!   taken away, nothing is consumed. Neither is it where no access token could be minted.
//! - **A leak mints nothing.** A token needs the ring of keys and the family's record, the one for
//!   its MAC and the other for its tag. The store holds no token, not even the current one.
//! - **What comes by cookie goes by cookie**, which no script reads, and is guarded against other
//!   sites: by a [`CsrfLayer`](crate::CsrfLayer) outside, else by the same rules here.
//!
//! Access tokens that are out stay good until they expire, unless their readers look up their
//! family: keep them short. Both endpoints are open to everybody: put a rate limit around them.
//!
//! # What the endpoints say
//!
//! `POST` alone (else 405). A form or a JSON object, of 64 KiB at most, may say `refresh_token`
//! (`token` where one revokes), `client_id`, `client_secret`, `scope` and `grant_type`. HTTP Basic
//! names the client too (RFC 6749, 2.3.1): a body that names another one, and a secret that
//! [`client_secret_with`](Builder::client_secret_with) does not accept, are `invalid_client`. A token
//! that comes by cookie and another one in the body: 400. Answers and errors are OAuth's: `access_token`, `token_type`,
//! `expires_in`, and `refresh_token` where the old one came in the body;
//! `{"error":"invalid_grant"}` with 400. Revoking an unknown token is 200 (RFC 7009).

mod access;
mod answer;
mod builder;
mod carrier;
mod client;
mod decide;
mod endpoint;
mod engine;
mod error;
mod family;
mod flow;
mod layer;
mod params;
mod revocations;
mod scope;
mod serve;
#[cfg(test)]
mod tests;
mod token;
mod tokens;

use std::fmt;
use std::sync::Arc;

use tower_auth_core::event::LogId;
use tower_auth_core::store::Handle;

pub use access::{AccessToken, AccessTokens, MintError};
pub use builder::Builder;

/// The name of the refresh token's cookie, unless [`cookie_name`](Builder::cookie_name) says
/// otherwise.
pub const DEFAULT_COOKIE: &str = crate::jar::names::REFRESH;

pub use client::ClientSecret;
pub use endpoint::{Endpoint, EndpointFuture};
pub use error::{ConfigError, RefreshError, Refusal};
pub use flow::RefreshService;
pub use layer::{LayerBuilder, RefreshLayer};
pub use revocations::Revocations;
pub use tokens::{Presented, Tokens};

/// Begins families of refresh tokens, exchanges their tokens, and ends them. A clone is the same
/// engine.
///
/// See the [module documentation](self) for what it promises.
#[derive(Clone)]
pub struct Refresh(Arc<engine::Engine>);

impl Refresh {
    /// The name in logs of the family of that name, as in the [events](crate::event).
    ///
    /// [`Tokens::family`] has the family; so has the identity that
    /// [`AccessTokens::mint`] gets, as its [session](crate::Identity::session).
    #[must_use]
    pub fn log_id(&self, family: Handle) -> LogId {
        self.0.log_id(&family)
    }
}

/// What a stack compares and passes on.
#[cfg(feature = "stack")]
impl Refresh {
    pub(crate) fn named(&self) -> &str {
        &self.0.issuer
    }

    pub(crate) fn clock(&self) -> &crate::Clock {
        &self.0.clock
    }

    pub(crate) fn is_of(&self, keys: &crate::KeyRing) -> bool {
        self.0.mint.is_of(&crate::crypto::credential::Families::new(keys, self.cookie()))
    }

    pub(crate) fn cookie(&self) -> &str {
        self.0.template.name()
    }
}

impl fmt::Debug for Refresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refresh").finish_non_exhaustive()
    }
}
