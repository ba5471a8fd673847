//! [`RequireLayer`]: access control for routes.
//!
//! The layer does not authenticate. It reads the result of the authenticating layers around it
//! ([`AuthState::of`](crate::AuthState::of)) and refuses requests before the inner service is
//! called:
//!
//! | result | HTTP | gRPC |
//! |---|---|---|
//! | anonymous | 401, or 303 to [`login_page`](RequireLayerBuilder::login_page) | 16 |
//! | an identity without the scope or role | 403 | 7 |
//! | an identity whose login is too old | 401, or 303 | 16 |
//! | unknown: the store cannot be reached | 503 with `Retry-After` | 14 |
//! | no authenticating layer | 500, logged once by feature `tracing` | 13 |
//!
//! A refusal for a scope names all scopes that the route requires, not only the missing ones. A
//! client that requests the scopes of the challenge is therefore admitted (RFC 6750, 3.1). The
//! refusal also names the scopes of the `RequireLayer`s around this one, the outermost first. The
//! same holds for a [`Rejection::Scope`](crate::Rejection::Scope) that a handler returns.
//!
//! An outer layer refuses before an inner layer sees the request, so its refusal cannot name the
//! inner layer's scopes. The client learns those in its next attempt, together with the outer ones.
//! If an inner layer has its own [`refuse_with`](RequireLayerBuilder::refuse_with), its body contains only that
//! layer's scopes. If bodies show scopes, set `refuse_with` on the outer layers, or on the
//! `AuthStack`.
//!
//! [`login_page_with_return`](RequireLayerBuilder::login_page_with_return) passes the requested page to the
//! login page, and [`return_path`] checks the value that comes back.
//!
//! The layer fails closed. Several may be nested, and each must let the request pass. The cost is
//! one lookup in the extensions; a request that passes causes no allocation.
//!
//! A 401 needs a challenge (RFC 9110, 15.5.2). The authenticating layers append theirs to the
//! response. This layer adds a generic challenge only if there is no such layer, that is, if a
//! layer of your own inserted an `Identity` that is now too old.
//!
//! # Examples
//!
//! Require an identity:
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
//!     // `who` takes the place of a SessionLayer.
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
//! Require an administrator who logged in within the last ten minutes. Browsers are redirected to
//! the login page, and other clients get a problem document:
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
//! # Ok::<_, tower_auth::require::RequireConfigError>(())
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

pub use builder::RequireLayerBuilder;
pub use error::RequireConfigError;
pub use layer::{RequireLayer, RequireService};
pub use return_path::return_path;
