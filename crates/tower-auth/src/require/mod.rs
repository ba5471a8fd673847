//! [`RequireLayer`]: who may pass.
//!
//! It proves nobody. It reads what the authenticating layers outside of it found
//! ([`AuthState::of`](crate::AuthState::of)) and answers in their place, before the inner service
//! is called:
//!
//! | found | HTTP | gRPC |
//! |---|---|---|
//! | nobody | 401, or 303 to [`login_page`](Builder::login_page) | 16 |
//! | somebody without the scope or role | 403 | 7 |
//! | somebody who proved it too long ago | 401, or 303 | 16 |
//! | the store cannot be asked | 503 with `Retry-After` | 14 |
//! | no authenticating layer at all | 500, logged once by feature `tracing` | 13 |
//!
//! A refusal for a scope names every scope that the route needs, not only the missing one, so that a
//! client which requests what the challenge names gets in (RFC 6750, 3.1). It names those of the
//! `RequireLayer`s around this one too, the outermost first, and so does a
//! [`Rejection::Scope`](crate::Rejection::Scope) that a handler returns. An outer layer refuses
//! before an inner one is asked, so its refusal cannot name the inner one's scopes: the client learns
//! of those at its next attempt, together with the outer ones. A body that an inner layer's own
//! [`refuse_with`](Builder::refuse_with) writes sees that layer's scopes alone; leave `refuse_with` to
//! the layers outside, or to the `AuthStack`, if it shows scopes.
//!
//! [`login_page_with_return`](Builder::login_page_with_return) tells the login page which page was
//! asked for, and [`return_path`] checks what comes back.
//!
//! It fails closed, nests freely (every one of several must let the request pass), costs one look
//! into the extensions, and neither allocates nor boxes for a request that passes.
//!
//! A 401 must carry a challenge (RFC 9110, 15.5.2). The authenticating layers append theirs on the
//! way out; this layer adds a generic one only where none of them is there to do it, that is,
//! where a layer of your own inserted an `Identity` that is now too old.
//!
//! # Examples
//!
//! An identity, nothing more:
//!
//! ```
//! use std::convert::Infallible;
//! use http::{Request, Response, StatusCode};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_auth::RequireLayer;
//! use tower_auth_test::{WithIdentity, identity};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Infallible> {
//! let handler = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new("hello")));
//! let app = |who: WithIdentity| {
//!     // `who` stands for a SessionLayer.
//!     ServiceBuilder::new().layer(who).layer(RequireLayer::new()).service(handler)
//! };
//!
//! let response = app(WithIdentity::known(identity("alice"))).oneshot(Request::new(())).await?;
//! assert_eq!(response.status(), StatusCode::OK);
//! let response = app(WithIdentity::anonymous()).oneshot(Request::new(())).await?;
//! assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
//! let response = app(WithIdentity::unknown()).oneshot(Request::new(())).await?;
//! assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
//! # Ok(())
//! # }
//! ```
//!
//! An administrator who logged in within the last ten minutes; browsers are sent to the login
//! page, other clients get a problem document:
//!
//! ```
//! use std::time::Duration;
//! use tower_auth::{RequireLayer, refuse::Problem};
//!
//! let layer = RequireLayer::builder()
//!     .role("admin")
//!     .max_age(Duration::from_secs(600))
//!     .login_page("/login")
//!     .refuse_with(Problem)
//!     .build()?;
//! # Ok::<_, tower_auth::require::ConfigError>(())
//! ```

mod builder;
mod demands;
mod error;
mod flow;
mod layer;
mod login_page;
mod return_path;
mod scopes;
#[cfg(test)]
mod tests;

pub use builder::Builder;
pub use error::ConfigError;
pub use flow::RequireService;
pub use layer::RequireLayer;
pub use return_path::return_path;
