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
//! - `iss`, `aud`, `sub` and `exp` must be there. They, `nbf`, `iat`, `cnf`, `jti`, `sid`, `client_id`,
//!   `azp` and the claims that name the kind of token must be of their type, and nothing may stand
//!   twice.
//! - Claims that are only handed on (`scope`, `scp`, roles, `acr`, `amr`, `auth_time`) never refuse a
//!   token. One of an unknown shape is absent, a list with one wrong member as a whole, so that a
//!   demand for it, such as `max_age`, is not met.
//! - Without a token the request goes on as nobody's. With one that is not accepted it is answered
//!   401, always in the same words; with several credentials 400. Never 5xx.
//! - A token bound to a key (`cnf`) is refused, since the binding is not checked.
//! - Tokens come in the header only, never in the address or the body.
//!
//! # Libraries for signatures
//!
//! Feature `bearer` takes aws-lc, whose build needs a C compiler. Feature `bearer-rust-crypto` is the same
//! module in pure Rust. Where both are compiled in, aws-lc is used unless [`.backend`](Builder::backend) says
//! otherwise.
//!
//! # Kinds of tokens
//!
//! One issuer signs access tokens, ID tokens, refresh tokens and logout tokens with the same keys. The
//! layer refuses a token that says it is not an access token:
//!
//! - by its header: a `typ` other than `at+jwt`, `application/at+jwt` or `JWT`;
//! - by a claim that names the kind, in any case: `typ` (Keycloak), `token_use` (Cognito),
//!   `token_type`, `tokenName`, `tok_type` (Oracle), `tty` (FusionAuth), and, for unmistakable values,
//!   `purpose` (Curity), `type` and `use`. A value that is not known belongs to the application;
//! - by `events`, if it is an object: a security event, such as a logout token;
//! - by `at_hash`, `c_hash` or `s_hash`, unless something marks an access token: the type `at+jwt`, a
//!   claim such as `"token_use":"access"`, `scope` or `scp`.
//!   [`access_token_claim`](Builder::access_token_claim) adds marks.
//!
//! **Some ID tokens cannot be distinguished from access tokens:** those without any of these signs, if their
//! audience, the client's id, is an audience of this layer. That is so where an API is its own client
//! (Entra, Okta without an access token, Spring Authorization Server's defaults, Google, Dex). Give
//! the API an audience of its own and use [`Profile::Rfc9068`] if the issuer has it; it accepts nothing
//! but access tokens. Otherwise name a claim that only one kind has, by
//! [`require_claim`](Builder::require_claim) or [`refuse_claim`](Builder::refuse_claim).

mod algorithm;
mod authorization;
#[cfg(feature = "axum")]
mod axum;
mod backend;
mod builder;
mod challenge;
mod claim_value;
mod claims;
mod dotted;
mod error;
mod flow;
pub mod issuer;
#[cfg(feature = "jsonwebtoken-12")]
mod jsonwebtoken;
mod key;
mod layer;
mod options;
mod profile;
#[cfg(test)]
mod tests;
mod token;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use backend::Backend;
pub use builder::Builder;
pub use claim_value::ClaimValue;
pub use claims::{Claims, NoClaims, ReadClaims, Typed};
pub use error::ConfigError;
pub use issuer::{AccessToken, JwtIssuer, SigningKey};
pub use key::Key;
pub use layer::{BearerJwtLayer, BearerService};
pub use profile::Profile;
