//! The builder of the bearer layer.

use serde::de::DeserializeOwned;
#[cfg(feature = "stack")]
use tower_auth_core::Clock;
use tower_auth_core::refuse;

use super::BearerConfigError;
use super::claims::{NoClaims, ReadClaims, Typed};
use super::layer::BearerJwtLayer;
use super::options::Options;
use super::remembered::Remembered;
use super::trusted_issuer::{IssuerOptions, TrustedIssuer, issuer_setters};
use crate::{ProtectedResource, Settings};

/// Collects the settings of a [`BearerJwtLayer`]; [`build`](Self::build) checks them together.
///
/// `I` is the [`TrustedIssuer`] whose setters the builder has too, or a list of them
/// ([`BearerJwtLayer::any`]).
#[must_use]
pub struct BearerJwtLayerBuilder<C = NoClaims, R = refuse::Empty, I = TrustedIssuer> {
    issuers: I,
    pub(super) options: Options,
    claims: C,
    refuse: R,
}

impl BearerJwtLayer {
    /// Returns a builder for a layer that accepts tokens of `issuer` for `audience`.
    ///
    /// A token's `iss` and `aud` are compared with these texts exactly. Add at least one algorithm
    /// and one key.
    ///
    /// ```
    /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key};
    ///
    /// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
    ///     .algorithms([Algorithm::HS256])
    ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
    ///     .build()?;
    /// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
    /// ```
    pub fn builder(
        issuer: impl Into<String>,
        audience: impl Into<String>,
    ) -> BearerJwtLayerBuilder {
        BearerJwtLayerBuilder::of(TrustedIssuer::new(issuer, audience))
    }

    /// Returns a builder for a layer that accepts tokens of `issuer` for `resource`, and names the
    /// resource's metadata document in its challenges.
    ///
    /// The audience is the identifier of `resource`, unless `.audience` sets others.
    ///
    /// ```
    /// use tower_auth::ProtectedResource;
    /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key};
    ///
    /// let resource =
    ///     ProtectedResource::builder("https://api.example", "https://id.example").build()?;
    /// let layer = BearerJwtLayer::for_resource("https://id.example", &resource)
    ///     .algorithms([Algorithm::HS256])
    ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
    ///     .build()?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn for_resource(
        issuer: impl Into<String>,
        resource: &ProtectedResource,
    ) -> BearerJwtLayerBuilder {
        BearerJwtLayerBuilder::of(TrustedIssuer::for_resource(issuer, resource))
            .protected_resource(resource)
    }

    /// Returns a builder for a layer that accepts tokens of several issuers.
    ///
    /// The token's unverified `iss` selects one of them, and only that issuer's keys and rules
    /// apply. A token of another issuer is refused like any invalid token.
    ///
    /// ```
    /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key, TrustedIssuer};
    ///
    /// let layer = BearerJwtLayer::any([
    ///     TrustedIssuer::new("https://id.example", "https://api.example")
    ///         .algorithms([Algorithm::HS256])
    ///         .key(Key::from_secret(Algorithm::HS256, [7; 32])),
    ///     TrustedIssuer::new("https://partner.example", "https://api.example")
    ///         .algorithms([Algorithm::HS512])
    ///         .key(Key::from_secret(Algorithm::HS512, [8; 64])),
    /// ])
    /// .build()?;
    /// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
    /// ```
    pub fn any(
        issuers: impl IntoIterator<Item = TrustedIssuer>,
    ) -> BearerJwtLayerBuilder<NoClaims, refuse::Empty, Vec<TrustedIssuer>> {
        BearerJwtLayerBuilder::of(issuers.into_iter().collect())
    }
}

impl<I> BearerJwtLayerBuilder<NoClaims, refuse::Empty, I> {
    fn of(issuers: I) -> Self {
        Self { issuers, options: Options::new(), claims: NoClaims, refuse: refuse::Empty }
    }
}

impl BearerJwtLayerBuilder {
    /// Returns a builder for a layer that accepts tokens of this issuer.
    pub(super) fn of_issuer(issuer: TrustedIssuer) -> Self {
        Self::of(issuer)
    }
}

/// Setters of the issuer, the same as those of [`TrustedIssuer`].
impl<C, R> BearerJwtLayerBuilder<C, R> {
    issuer_setters!();

    fn options_mut(&mut self) -> &mut IssuerOptions {
        self.issuers.options_mut()
    }
}

impl<C, R, I> BearerJwtLayerBuilder<C, R, I> {
    /// Sets the maximum length of a token, in bytes. A longer token is refused unread. Default: 16
    /// KiB.
    pub fn max_token_bytes(mut self, bytes: usize) -> Self {
        self.options.max_bytes = bytes;
        self
    }

    /// Sets the memory for tokens that were verified once, in bytes. Default: 8 MiB, which holds
    /// about five thousand tokens of 500 bytes. 0 remembers nothing.
    ///
    /// A remembered token is accepted without a second verification of its signature while its key
    /// is one of the issuer's keys and its times allow it. Tokens that were refused are not
    /// remembered. The least recently used tokens give way.
    ///
    /// ```
    /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key};
    ///
    /// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
    ///     .algorithms([Algorithm::HS256])
    ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
    ///     .remember(64 * 1024 * 1024)
    ///     .build()?;
    /// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
    /// ```
    pub fn remember(mut self, bytes: usize) -> Self {
        self.options.remember = bytes;
        self
    }

    /// Sets the realm named in challenges. Default: the realm of the [settings](Self::settings),
    /// which is `app` unless it is set.
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.options.realm = Some(realm.into());
        self
    }

    /// Names the metadata document of `resource` in every challenge (RFC 9728, 5.1), and the
    /// scopes of the route in a 401. Default: no document.
    ///
    /// The audience is not changed: see
    /// [`TrustedIssuer::for_resource`](super::TrustedIssuer::for_resource). Serve the document with
    /// [`ProtectedResource::service`].
    ///
    /// ```
    /// use tower_auth::ProtectedResource;
    /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key};
    ///
    /// let resource =
    ///     ProtectedResource::builder("https://api.example", "https://login.example/v2.0").build()?;
    /// // The provider names another audience than the API's address.
    /// let layer = BearerJwtLayer::builder("https://login.example/v2.0", "api://weather")
    ///     .protected_resource(&resource)
    ///     .algorithms([Algorithm::HS256])
    ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
    ///     .build()?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn protected_resource(mut self, resource: &ProtectedResource) -> Self {
        self.options.resource = Some(resource.clone());
        self
    }

    /// Leaves the caching of responses that used an identity to the handler.
    ///
    /// Default: if the handler does not set `Cache-Control`, such a response gets `no-store`. Then
    /// no cache keeps it, and the browser does not show it again after a logout; see
    /// [`manual::attacks`](crate::manual::attacks). The setting of the outermost layer of
    /// tower-auth applies.
    pub fn insecure_without_no_store(mut self) -> Self {
        self.options.allow_caching = true;
        self
    }

    /// Sets the settings that all layers share; a later call replaces an earlier one. Default:
    /// [`Settings::new`].
    pub fn settings(mut self, settings: &Settings) -> Self {
        self.options.settings = settings.clone();
        self
    }

    /// Deserializes the claims of each token into a `T`, once, and inserts them as
    /// [`Claims<T>`](super::Claims).
    ///
    /// A token whose claims do not fit `T` is refused like any other invalid token. The event
    /// `bearer_refused` then names the field and the position.
    ///
    /// ```
    /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Mine { tenant: u32 }
    ///
    /// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
    ///     .algorithms([Algorithm::HS256])
    ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
    ///     .claims::<Mine>()
    ///     .build()?;
    /// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
    /// ```
    pub fn claims<T: DeserializeOwned + Send + Sync + 'static>(
        self,
    ) -> BearerJwtLayerBuilder<Typed<T>, R, I> {
        let Self { issuers, options, refuse, .. } = self;
        BearerJwtLayerBuilder { issuers, options, claims: Typed::new(), refuse }
    }

    /// Sets the format of refusals, including those of extractors inside the layer. Default:
    /// [`refuse::Empty`].
    pub fn refuse_with<R2>(self, refuse: R2) -> BearerJwtLayerBuilder<C, R2, I> {
        let Self { issuers, options, claims, .. } = self;
        BearerJwtLayerBuilder { issuers, options, claims, refuse }
    }

    /// Checks the settings and builds the layer.
    ///
    /// # Errors
    /// Returns a [`BearerConfigError`] for a setting that is invalid. The message names the setter and
    /// the fix.
    pub fn build(self) -> Result<BearerJwtLayer<C, R>, BearerConfigError>
    where
        C: ReadClaims,
        I: Issuers,
    {
        let Self { issuers, options, claims, refuse } = self;
        let remembered = Remembered::new(options.remember);
        let config = options.check(issuers.into_list())?;
        Ok(BearerJwtLayer::from_config(config, claims, remembered, refuse))
    }
}

/// One [`TrustedIssuer`], or a list of them.
pub trait Issuers: sealed::IntoList {}
impl Issuers for TrustedIssuer {}
impl Issuers for Vec<TrustedIssuer> {}

mod sealed {
    use super::TrustedIssuer;

    pub trait IntoList {
        fn into_list(self) -> Vec<TrustedIssuer>;
        #[cfg(feature = "stack")]
        fn list(&self) -> &[TrustedIssuer];
    }
}

impl sealed::IntoList for TrustedIssuer {
    fn into_list(self) -> Vec<TrustedIssuer> {
        vec![self]
    }

    #[cfg(feature = "stack")]
    fn list(&self) -> &[TrustedIssuer] {
        std::slice::from_ref(self)
    }
}

impl sealed::IntoList for Vec<TrustedIssuer> {
    fn into_list(self) -> Vec<TrustedIssuer> {
        self
    }

    #[cfg(feature = "stack")]
    fn list(&self) -> &[TrustedIssuer] {
        self
    }
}

#[cfg(feature = "stack")]
impl<C, R, I: Issuers> BearerJwtLayerBuilder<C, R, I> {
    /// Returns the issuers that are this application, each with the clock that dates its tokens.
    pub(crate) fn own(&self) -> impl Iterator<Item = (&str, &Clock)> {
        self.issuers.list().iter().filter_map(TrustedIssuer::own)
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.options.settings.clock
    }

    /// Returns the names of the cookies that may carry a token.
    pub(crate) fn cookies(&self) -> &[String] {
        self.options.carriers.cookies()
    }
}

tower_auth_core::opaque_debug!([C, R, I] BearerJwtLayerBuilder<C, R, I>, "BearerJwtLayerBuilder");
