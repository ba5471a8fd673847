//! Signed access tokens (JWT, RFC 7519, 9068) in the `Authorization` header (RFC 6750).
//!
//! [`BearerJwtLayer`] checks the token and puts the [`Identity`](crate::Identity) that it proves
//! into the request. Issuer, audience, algorithms and keys must be named:
//!
//! ```
//! use tower_auth::bearer::{Algorithm, BearerJwtLayer};
//!
//! let jwks = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"1","use":"sig",
//!     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
//! let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
//!     .algorithms([Algorithm::EdDSA])
//!     .jwk_set(jwks)
//!     .build()?;
//! # Ok::<_, tower_auth::bearer::ConfigError>(())
//! ```
//!
//! Tokens of a provider that keeps to RFC 9068, with claims of one's own:
//!
//! ```
//! use std::time::Duration;
//! use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key, Profile};
//! use tower_auth::refuse::Problem;
//!
//! #[derive(serde::Deserialize)]
//! struct Mine { tenant: u32 }
//!
//! let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
//!     .algorithms([Algorithm::HS256])
//!     .key(Key::from_secret(Algorithm::HS256, [7; 32]).kid("2026-01"))
//!     .profile(Profile::Rfc9068)
//!     .roles_claim("groups")
//!     .leeway(Duration::ZERO)
//!     .claims::<Mine>()
//!     .refuse_with(Problem)
//!     .build()?;
//! # Ok::<_, tower_auth::bearer::ConfigError>(())
//! ```
//!
//! # What it promises
//!
//! - Nothing is looked at before the signature is right, but the header that says which key made
//!   it; each key is for one algorithm, and the header cannot choose another.
//! - `iss`, `aud`, `sub` and `exp` must be there; whatever is understood must be of its type, and
//!   nothing may stand twice.
//! - Without a token the request goes on as nobody's. With one that is not accepted it is answered
//!   401, always in the same words; with several credentials 400. Never 5xx.
//! - A token bound to a key (`cnf`) is refused, since the binding is not checked.
//! - Tokens come in the header only, never in the address or the body.

mod authorization;
#[cfg(feature = "axum")]
mod axum;
mod builder;
mod challenge;
mod claim_value;
mod claims;
mod dotted;
mod error;
mod future;
pub mod issuer;
mod key;
mod layer;
mod profile;
mod service;
#[cfg(test)]
mod tests;
mod token;
mod verify;

pub use builder::Builder;
pub use claim_value::ClaimValue;
pub use claims::{Claims, NoClaims, ReadClaims, Typed};
pub use error::ConfigError;
pub use future::ResponseFuture;
pub use issuer::{AccessToken, JwtIssuer};
pub use jsonwebtoken::{Algorithm, EncodingKey};
pub use key::Key;
pub use layer::BearerJwtLayer;
pub use profile::Profile;
pub use service::BearerService;
