//! An issuer whose tokens a layer accepts.

mod audiences;
mod claim_options;
mod claim_setters;
mod name;
mod options;
mod setters;

use std::fmt;
use std::sync::Arc;

use audiences::Audiences;
pub(super) use claim_setters::claim_setters;
pub(super) use name::IssuerName;
pub(super) use options::IssuerOptions;
pub(super) use setters::issuer_setters;

use super::BearerConfigError;
use super::key::Skipped;
use super::token::Rules;
use crate::ProtectedResource;

/// An issuer whose tokens a [`BearerJwtLayer`](super::BearerJwtLayer) accepts: its names, keys and
/// rules. [`BearerJwtLayer::any`](super::BearerJwtLayer::any) takes several.
///
/// Keys are never shared between issuers (RFC 8725, 3.8).
///
/// ```
/// use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key, TrustedIssuer};
///
/// let issuer = TrustedIssuer::new("https://id.example", "https://api.example")
///     .algorithms([Algorithm::HS256])
///     .key(Key::from_secret(Algorithm::HS256, [7; 32]));
/// let layer = BearerJwtLayer::any([issuer]).build()?;
/// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
/// ```
///
/// An issuer that some tokens name with a slash at the end:
///
/// ```
/// use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key, TrustedIssuer};
///
/// let issuer = TrustedIssuer::new("https://id.example", "https://api.example")
///     .or_spelled("https://id.example/")
///     .algorithms([Algorithm::HS256])
///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
///     .roles_path(["realm_access", "roles"]);
/// let layer = BearerJwtLayer::any([issuer]).build()?;
/// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
/// ```
#[must_use]
pub struct TrustedIssuer {
    options: IssuerOptions,
}

impl TrustedIssuer {
    /// Creates an issuer whose tokens have exactly this `iss`, for `audience`.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        let name = IssuerName::Exact(vec![issuer.into()]);
        Self { options: IssuerOptions::new(name, Audiences::of(audience.into())) }
    }

    /// Creates an issuer whose tokens have exactly this `iss`, for `resource`.
    ///
    /// The audience is the identifier of `resource` (RFC 8707), unless
    /// [`audience`](Self::audience) sets others: some providers name an API otherwise, for example
    /// Entra, Auth0 and Keycloak.
    ///
    /// ```
    /// use tower_auth::ProtectedResource;
    /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key, TrustedIssuer};
    ///
    /// let resource = ProtectedResource::builder("https://api.example", "https://id.example")
    ///     .authorization_server("https://partner.example")
    ///     .build()?;
    /// let issuers = ["https://id.example", "https://partner.example"].map(|issuer| {
    ///     TrustedIssuer::for_resource(issuer, &resource)
    ///         .algorithms([Algorithm::HS256])
    ///         .key(Key::from_secret(Algorithm::HS256, [7; 32]))
    /// });
    /// let layer = BearerJwtLayer::any(issuers).protected_resource(&resource).build()?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn for_resource(issuer: impl Into<String>, resource: &ProtectedResource) -> Self {
        let name = IssuerName::Exact(vec![issuer.into()]);
        let audience = Audiences::unless_set(resource.identifier().to_owned());
        Self { options: IssuerOptions::new(name, audience) }
    }

    /// Creates an issuer of many tenants with one key set. The template has one placeholder in
    /// braces, written as in the provider's own document.
    ///
    /// The placeholder is one segment of the path: 1 to 64 letters, digits, dots and hyphens. Add
    /// the tenants with [`tenants`](Self::tenants) or [`tenant_filter`](Self::tenant_filter). A
    /// principal has the token's whole `iss`, so equal subjects of two tenants are two principals.
    ///
    /// A key of the set with a member `issuer` signs only for the tenants that this member names, as
    /// keys of Microsoft Entra have it.
    ///
    /// ```
    /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key, TrustedIssuer};
    ///
    /// let issuer = TrustedIssuer::template("https://login.example/{tenantid}/v2.0", "my-api")
    ///     .tenants(["72f988bf-86f1-41af-91ab-2d7cd011db47"])
    ///     .algorithms([Algorithm::HS256])
    ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]));
    /// let layer = BearerJwtLayer::any([issuer]).build()?;
    /// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
    /// ```
    pub fn template(template: impl Into<String>, audience: impl Into<String>) -> Self {
        let name = IssuerName::template(template.into());
        Self { options: IssuerOptions::new(name, Audiences::of(audience.into())) }
    }

    issuer_setters!();

    /// Adds tenants that a [`template`](Self::template) accepts, compared exactly.
    pub fn tenants<T: Into<String>>(mut self, tenants: impl IntoIterator<Item = T>) -> Self {
        self.options.name.allow(tenants.into_iter().map(Into::into));
        self
    }

    /// Accepts the tenants of a [`template`](Self::template) for which `allowed` returns `true`.
    ///
    /// The predicate runs for each request with a token of this issuer, also if the token is
    /// remembered, so it must be cheap. It may run before the token's signature is verified. A
    /// tenant for which it now returns `false` is refused from then on. It adds to the tenants of
    /// [`tenants`](Self::tenants).
    pub fn tenant_filter(mut self, allowed: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.options.name.allow_if(Arc::new(allowed));
        self
    }

    pub(super) fn options_mut(&mut self) -> &mut IssuerOptions {
        &mut self.options
    }

    /// Returns the issuer's first name.
    pub(super) fn name(&self) -> &str {
        self.options.name.spellings().first().map_or("", String::as_str)
    }

    pub(super) fn check(self, skipped: &mut Vec<Skipped>) -> Result<Rules, BearerConfigError> {
        self.options.check(skipped)
    }

    /// Records that the tokens' issuer names no client.
    pub(super) fn without_client(mut self) -> Self {
        self.options.without_client = true;
        self
    }

    /// Records that this application's own `JwtIssuer` mints the tokens, with these settings.
    #[cfg(feature = "stack")]
    pub(super) fn owned(mut self, settings: &crate::Settings) -> Self {
        self.options.own = Some(settings.clone());
        self
    }

    /// Returns the issuer and the clock that dates its tokens, if the issuer is this application.
    #[cfg(feature = "stack")]
    pub(super) fn own(&self) -> Option<(&str, &tower_auth_core::Clock)> {
        let own = self.options.own.as_ref()?;
        Some((self.name(), &own.clock))
    }
}

impl fmt::Debug for TrustedIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrustedIssuer").field("name", &self.options.name).finish_non_exhaustive()
    }
}
