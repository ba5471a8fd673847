//! OpenID Connect and OAuth providers for `tower-auth`: discovery, and keys that refresh while the
//! program runs.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use tower_auth::BearerJwtLayer;
//! use tower_auth_oidc::Provider;
//!
//! let provider = Provider::discover("https://id.example").await?;
//! let layer = BearerJwtLayer::any([provider.issuer("https://api.example")]).build()?;
//! # let _ = layer; Ok(()) }
//! ```
//!
//! `tower-auth` itself opens no connection. Everything that speaks HTTP to a provider is in this
//! crate. The page [`providers`] has the configuration for Keycloak, Entra, Auth0, Cognito, Okta,
//! Google, Zitadel, Dex, GitHub Actions, Kubernetes and others.
//!
//! # Keys
//!
//! - The keys are fetched before the provider is built. With
//!   [`start_without_keys`](ProviderBuilder::start_without_keys) the application starts without
//!   them, and requests with a token get 503 until they arrive.
//! - A task fetches them again before the provider's `max-age` is over, at a random time, at least
//!   once an hour and at most once a minute. A key that disappeared verifies no token from then on.
//! - A token with an unknown `kid` causes one fetch, unless one succeeded in the last 30 seconds,
//!   the first fetch included: then it gets 401 at once. So a provider that signs with a key as
//!   soon as it publishes the key is refused for at most 30 seconds. Requests wait for a fetch at
//!   most 5 seconds, and at most 256 of them. If the key is not in the new set, they get 401. If
//!   the fetch failed, they get 503.
//! - While the provider is down, the keys stay valid for 12 hours, and no longer. After that,
//!   requests with a token get 503.
//! - A key that cannot be used is skipped, and the event `bearer_keys_skipped` names it. A set
//!   without one usable key, with a private key, with public and secret keys, or with two different
//!   keys of one name is a failed fetch. Then the keys stay as they are.
//!
//! Every number is a setting of the [`ProviderBuilder`]. [`Provider::status`] is for health checks.
//! Each failed fetch is an event `provider_failed`, whose detail names the address, the problem and
//! the fix.
//!
//! # Addresses
//!
//! A discovery document must not make this process connect to servers that only this process can
//! reach (server-side request forgery).
//!
//! | address | accepted |
//! |---|---|
//! | configured | `https`, also in a private network; `http` on loopback; other `http` only with [`insecure_http`](ProviderBuilder::insecure_http) |
//! | named by a document, of the configured origin | yes |
//! | named by a document, of another origin | `https` with a public IP address; loopback only if the configured origin is on loopback |
//!
//! - Public is what IANA's registries say: not private, shared, link-local, multicast, reserved or
//!   for documentation. IPv4 addresses inside of IPv6 (mapped, NAT64) are judged as IPv4; 6to4,
//!   Teredo and local NAT64 are never public.
//! - An IP address in the text is checked in any spelling. The addresses of a name are checked
//!   after each resolution, and each fetch opens a new connection.
//! - A redirect is an error that names the target. Proxies in the environment are ignored. With
//!   [`proxy`](ProviderBuilder::proxy), the proxy resolves the names, so the check of their
//!   addresses is the proxy's.
//! - The document's `issuer` must be exactly the one that was asked for (OpenID Connect Discovery
//!   1.0, 4.3).
//! - A fetch ends after 5 seconds, and an answer has at most 256 KiB. The answer must be UTF-8, and
//!   a member may not appear twice.
//!
//! Configure the address with [`Provider::jwks`] if a provider that you trust names one that is
//! refused.
//!
//! # Building
//!
//! The client is [reqwest] with rustls, without its other features. rustls and the feature `bearer`
//! of `tower-auth` both use aws-lc, whose build needs a C compiler. The certificates are those of
//! the system, so an image needs the package `ca-certificates`, or
//! [`root_certificate`](ProviderBuilder::root_certificate).
//!
//! A provider needs a tokio runtime with I/O and time enabled, as `#[tokio::main]` creates it.
//!
//! [reqwest]: https://docs.rs/reqwest

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(missing_debug_implementations)]
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests run tasks and threads"))]

mod address;
mod discovery;
mod error;
mod fetch;
mod provider;
pub mod providers;
mod race;
mod random;
mod runtime;
mod schedule;
mod shown;
#[cfg(test)]
mod test_server;

pub use discovery::ProviderMetadata;
pub use error::{ProviderError, ProviderErrorKind};
pub use provider::{Provider, ProviderBuilder, ProviderStatus};

/// Compiles the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
