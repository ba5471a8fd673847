//! Metadata of a protected resource (RFC 9728): the document from which a client learns the
//! authorization servers whose tokens an API accepts.
//!
//! A client that knows only the API's address needs three steps. The API answers its first request
//! with 401. The challenge names the address of the document. The document names the authorization
//! servers, at which the client gets a token for this API. MCP clients require these steps.
//!
//! ```
//! # #[cfg(all(feature = "axum", feature = "stack", feature = "require"))] {
//! use axum::{Router, routing::post};
//! use tower_auth::bearer::{Algorithm, Key};
//! use tower_auth::{AuthStack, KeyRing, ProtectedResource};
//!
//! let resource = ProtectedResource::builder("https://api.example/mcp", "https://id.example")
//!     .scopes(["tools:read", "tools:write"])
//!     .default_scope("tools:read")
//!     .name("Weather")
//!     .build()?;
//! let stack = AuthStack::new(&KeyRing::random())
//!     .bearer_for_resource("https://id.example", &resource, |bearer| {
//!         bearer.algorithms([Algorithm::HS256]).key(Key::from_secret(Algorithm::HS256, [7; 32]))
//!     })
//!     .require()
//!     .build()?;
//! let app: Router = Router::new()
//!     .route("/mcp", post(async || "called"))
//!     .layer(stack)
//!     // After `.layer`, so the document is outside of it: clients read it without a token.
//!     .route_service(resource.path(), resource.service());
//! # }
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # Guarantees
//!
//! - Each bearer challenge of the layer has `resource_metadata` with the absolute address of the
//!   document. A handler's own bearer challenge gets this parameter too, if it has none.
//! - A 401 names the scopes of the [`RequireLayer`](crate::RequireLayer) that refused the request,
//!   otherwise the [default scopes](ProtectedResourceBuilder::default_scope). A 403 names all scopes
//!   of the route. The challenges of a layer without a protected resource name no scope in a 401.
//! - The audience of accepted tokens is the resource's identifier (RFC 8707), unless you set
//!   another: see [`BearerJwtLayer::for_resource`](crate::BearerJwtLayer::for_resource).
//! - The document depends on the configuration only, never on a header of the request.

mod address;
mod builder;
mod error;
mod service;
#[cfg(all(test, feature = "full"))]
mod tests;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

pub use builder::{BearerMethod, ProtectedResourceBuilder};
pub use error::ResourceConfigError;
pub use service::MetadataService;

/// An API that accepts access tokens, and its metadata document. See the
/// [module documentation](crate::resource).
///
/// A clone is cheap.
#[derive(Clone)]
#[must_use]
pub struct ProtectedResource(Arc<Inner>);

struct Inner {
    identifier: String,
    /// The address of the document, and the position of its path.
    metadata_url: String,
    path: usize,
    default_scope: Option<String>,
    bearer_methods: Vec<BearerMethod>,
    document: Bytes,
}

impl ProtectedResource {
    /// Returns a builder for the API with this identifier, whose tokens come from
    /// `authorization_server`.
    ///
    /// The identifier is the address under which clients know the API, and also the audience of its
    /// tokens. Clients compare it exactly with the address that they call, so write it as they do:
    /// `https`, without fragment and query, and usually without a slash at the end. The
    /// authorization server is named by its issuer, as in `iss` of its tokens.
    ///
    /// ```
    /// use tower_auth::ProtectedResource;
    ///
    /// let resource =
    ///     ProtectedResource::builder("https://api.example/mcp", "https://id.example").build()?;
    /// assert_eq!(
    ///     resource.metadata_url(),
    ///     "https://api.example/.well-known/oauth-protected-resource/mcp",
    /// );
    /// # Ok::<_, tower_auth::resource::ResourceConfigError>(())
    /// ```
    pub fn builder(
        identifier: impl Into<String>,
        authorization_server: impl Into<String>,
    ) -> ProtectedResourceBuilder {
        ProtectedResourceBuilder::new(identifier.into(), authorization_server.into())
    }

    /// Returns the identifier, exactly as it was given.
    #[must_use]
    pub fn identifier(&self) -> &str {
        &self.0.identifier
    }

    /// Returns the path of the document on the API's host, for a router:
    /// `/.well-known/oauth-protected-resource`, followed by the path of the identifier.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.metadata_url[self.0.path..]
    }

    /// Returns the absolute address of the document.
    #[must_use]
    pub fn metadata_url(&self) -> &str {
        &self.0.metadata_url
    }

    /// Returns the document, as JSON.
    #[must_use]
    pub fn document(&self) -> &str {
        // The builder wrote valid UTF-8.
        std::str::from_utf8(&self.0.document).unwrap_or_default()
    }

    /// Returns a service that answers with the document. Mount it at [`path`](Self::path), outside
    /// of layers that require an identity.
    pub fn service(&self) -> MetadataService {
        MetadataService::new(self.0.document.clone())
    }

    pub(crate) fn bearer_methods(&self) -> &[BearerMethod] {
        &self.0.bearer_methods
    }

    pub(crate) fn default_scope(&self) -> Option<&str> {
        self.0.default_scope.as_deref()
    }
}

impl fmt::Debug for ProtectedResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProtectedResource")
            .field("identifier", &self.0.identifier)
            .finish_non_exhaustive()
    }
}
