//! Signed access tokens (JWT, RFC 7519 and RFC 9068), in the `Authorization` header (RFC 6750) or
//! in other places that the application names.
//!
//! [`BearerJwtLayer`] verifies the token and adds the [`Identity`](crate::Identity) that it proves
//! to the request. The issuer, the audience, the algorithms and the keys have no defaults:
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
//! # Ok::<_, tower_auth::bearer::BearerConfigError>(())
//! ```
//!
//! Tokens from a provider that follows RFC 9068, with application-defined claims:
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
//! # Ok::<_, tower_auth::bearer::BearerConfigError>(())
//! ```
//!
//! # Guarantees
//!
//! - Until the signature is verified, the layer reads only the token's header, which names the key,
//!   and with several issuers also `iss`. Each key is bound to one algorithm, and the header cannot
//!   select another.
//! - `iss`, `aud`, `sub` and `exp` are required, unless a setting names other claims. These claims,
//!   `nbf`, `iat`, `cnf`, `jti`, `sid`, `client_id`, `azp` and the claims that name the kind of
//!   token must have the right type. No member may appear twice.
//! - Claims that the layer only passes on (`scope`, `scp`, roles, `acr`, `amr`, `auth_time`, `act`)
//!   never cause a refusal. A claim of an unknown shape counts as absent, and so does a whole list
//!   with one wrong member. A requirement of a `RequireLayer` on such a claim, for example
//!   `max_age`, is then not met.
//! - A request without a token continues as anonymous. A request with a token that is not accepted
//!   gets 401, always with the same text. A request with several credentials gets 400. With
//!   [`LiveKeys`], a request with a token gets 503 while the keys are missing or too old, or if the
//!   token's key could not be fetched. The layer answers 500 only if it is misconfigured, for
//!   example nested in itself.
//! - A token bound to a key (`cnf`) is refused, since the layer does not check the binding.
//! - The layer reads tokens from the `Authorization` header, never from the body. Setters add another
//!   header, a cookie or a query parameter:
//!   [`from_header`](BearerJwtLayerBuilder::from_header),
//!   [`from_header_with_prefix`](BearerJwtLayerBuilder::from_header_with_prefix),
//!   [`from_cookie`](BearerJwtLayerBuilder::from_cookie) and
//!   [`insecure_from_query`](BearerJwtLayerBuilder::insecure_from_query).
//!
//! # Several issuers
//!
//! [`BearerJwtLayer::any`] takes several [`TrustedIssuer`]s, each with its own keys and rules. The
//! token's `iss`, which is not verified yet, selects one of them. A token of any other issuer is
//! refused, and nothing is fetched for it. The name of an issuer may have several spellings, or be
//! a [template](TrustedIssuer::template) with a tenant.
//!
//! # Keys that change
//!
//! [`LiveKeys`] can be replaced while the process runs. The crate `tower-auth-oidc` fetches those of
//! a provider. A key that disappeared verifies no token from then on. While the provider is down,
//! the keys stay valid up to a [bound](LiveKeysBuilder::stale_for).
//!
//! # Remembered tokens
//!
//! A token that was verified once is [remembered](BearerJwtLayerBuilder::remember), so its signature
//! is not verified again. It is found by a hash of all its bytes under a random key of the process,
//! and accepted only if all its bytes are equal. The entry depends on the issuer's configuration,
//! on the key itself, and on `exp`, `nbf` and `iat`. If one of them no longer fits, the token is
//! verified again. Refused tokens are not remembered.
//!
//! # Signature libraries
//!
//! Feature `bearer` uses aws-lc, whose build needs a C compiler. Feature `bearer-rust-crypto`
//! provides the same module in pure Rust. Both support every [`Algorithm`]. If both are enabled, the
//! default is aws-lc; [`.backend`](BearerJwtLayerBuilder::backend) selects the other.
//!
//! # Users and clients
//!
//! A token belongs to a user, or to a client that acts for itself ([`is_client`] of
//! its principal). Both can have the same name, and are two principals then. A token is a client's
//! own:
//!
//! - if `sub` equals `client_id` or `azp`, or the claim of
//!   [`client_id_claim`](BearerJwtLayerBuilder::client_id_claim). An issuer whose users choose their
//!   own `sub` must not let them choose a client's id (RFC 9068, 5);
//! - if the issuer's rule says so:
//!   [`client_if_claim`](BearerJwtLayerBuilder::client_if_claim);
//! - if it has no `sub`. The layer refuses such a token, unless
//!   [`allow_missing_subject`](BearerJwtLayerBuilder::allow_missing_subject) is set.
//!
//! [`Identity::client_id`](crate::Identity::client_id) is the client of either kind of token, and
//! [`Identity::actors`](crate::Identity::actors) the parties of `act`, the current one first. A
//! chain of more than 8 actors counts as absent.
//!
//! [`is_client`]: crate::Principal::is_client
//!
//! # Kinds of tokens
//!
//! An issuer signs access tokens, ID tokens, refresh tokens and logout tokens with the same keys.
//! The layer refuses a token that is marked as another kind:
//!
//! - by its header: a `typ` other than `at+jwt`, `application/at+jwt` or `JWT`;
//! - by a claim that names the kind, ignoring case: `typ` (Keycloak), `token_use` (Cognito),
//!   `token_type`, `tokenName`, `tok_type` (Oracle), `tty` (FusionAuth), and, if the value is
//!   unambiguous, `purpose` (Curity), `type` and `use`. The layer ignores unknown values, which
//!   belong to the application;
//! - by `events`, if it is an object: a security event, such as a logout token;
//! - by `at_hash`, `c_hash` or `s_hash`, unless the token is also marked as an access token: by the
//!   type `at+jwt`, a claim such as `"token_use":"access"`, `scope` or `scp`.
//!   [`access_token_claim`](BearerJwtLayerBuilder::access_token_claim) adds marks.
//!
//! **Some ID tokens cannot be distinguished from access tokens.** Such a token has none of these
//! marks, and its audience (the client's id) is an audience of this layer. This happens if the API
//! and the client are registered as one application (Entra, Okta without an access token, Spring
//! Authorization Server's defaults, Google, Dex). Give the API an audience of its own. If the
//! issuer supports [`Profile::Rfc9068`], use that profile, which accepts only access tokens.
//! Otherwise name a claim that only one kind has, with
//! [`require_claim`](BearerJwtLayerBuilder::require_claim) or
//! [`refuse_claim`](BearerJwtLayerBuilder::refuse_claim).
//!
//! A caller that can obtain only ID tokens needs [`Profile::InsecureIdToken`], which accepts no
//! access tokens.

mod algorithm;
mod authorization;
#[cfg(feature = "axum")]
mod axum;
mod backend;
mod builder;
mod carriers;
mod challenge;
mod claim_value;
mod claims;
mod dotted;
mod error;
mod flow;
pub mod issuer;
mod issuers;
#[cfg(feature = "jsonwebtoken-12")]
mod jsonwebtoken;
mod key;
mod layer;
mod live;
mod options;
mod profile;
mod remembered;
#[cfg(test)]
mod tests;
mod token;
mod token_claims;
mod trusted_issuer;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use backend::Backend;
pub use builder::{BearerJwtLayerBuilder, Issuers};
pub use claim_value::ClaimValue;
pub use claims::{Claims, NoClaims, ReadClaims, Typed};
pub use error::BearerConfigError;
pub use issuer::{AccessToken, JwtIssuer, SigningKey};
#[cfg(feature = "jsonwebtoken-12")]
pub use jsonwebtoken::NotInJsonwebtoken;
pub use key::Key;
pub use layer::{BearerJwtLayer, BearerService};
pub use live::{
    Fetch, KeyFetcher, KeySetError, LiveKeys, LiveKeysBuilder, Replaced, Wanted, WeakLiveKeys,
};
pub use profile::Profile;
pub use token_claims::{ClaimError, TokenClaims};
pub use trusted_issuer::TrustedIssuer;
