//! The builder of the bearer layer.

use std::time::Duration;

use serde::de::DeserializeOwned;
use tower_auth_core::{Clock, refuse};

use super::claims::{NoClaims, Typed};
use super::key::Key;
use super::layer::BearerJwtLayer;
use super::options::Options;
use super::{Algorithm, Backend, BearerConfigError, ClaimValue, Profile};
use crate::Settings;

/// Collects the settings of a [`BearerJwtLayer`]; [`build`](Self::build) checks them together.
#[must_use]
pub struct BearerJwtLayerBuilder<C = NoClaims, R = refuse::Empty> {
    options: Options,
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
        BearerJwtLayerBuilder::new(issuer.into(), audience.into())
    }
}

impl BearerJwtLayerBuilder {
    fn new(issuer: String, audience: String) -> Self {
        let options = Options::new(issuer, audience);
        Self { options, claims: NoClaims, refuse: refuse::Empty }
    }
}

impl<C, R> BearerJwtLayerBuilder<C, R> {
    /// Adds an audience. A token must name at least one of the layer's audiences, compared exactly.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.options.audiences.push(audience.into());
        self
    }

    /// Adds signature algorithms that tokens may use. There is no default, and every other
    /// algorithm is refused.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.options.algorithms.extend(algorithms);
        self
    }

    /// Sets the library that verifies signatures. Default: [`Backend::default`].
    ///
    /// The choice does not change which tokens are accepted. The keys of a
    /// [`JwtIssuer`](super::JwtIssuer) keep the issuer's library.
    pub fn backend(mut self, backend: Backend) -> Self {
        self.options.backend = backend;
        self
    }

    /// Adds a key that tokens may be signed with.
    pub fn key(mut self, key: Key) -> Self {
        self.options.keys.push(key);
        self
    }

    /// Adds the keys of a JWK set (RFC 7517), given as JSON.
    ///
    /// Keys that cannot verify a token here (other types, other uses, other algorithms) are
    /// skipped. [`BearerJwtLayer::skipped_keys`] counts them, and the event `bearer_keys_skipped`
    /// lists them with the reasons. Two usable keys with the same `kid` and algorithm must be the
    /// same key.
    ///
    /// ```
    /// use tower_auth::bearer::{Algorithm, BearerJwtLayer};
    ///
    /// let jwks = r#"{"keys": [
    ///     {"kty": "OKP", "crv": "Ed25519", "kid": "1", "use": "sig",
    ///      "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
    ///     {"kty": "OKP", "crv": "X25519", "kid": "2", "use": "enc",
    ///      "x": "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}]}"#;
    /// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
    ///     .algorithms([Algorithm::EdDSA])
    ///     .jwk_set(jwks)
    ///     .build()?;
    /// assert_eq!(layer.skipped_keys(), 1);
    /// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
    /// ```
    pub fn jwk_set(mut self, json: impl Into<String>) -> Self {
        self.options.sets.push(json.into());
        self
    }

    /// Sets the rules for tokens beyond signature, issuer, audience and lifetime. Default:
    /// [`Profile::Jwt`].
    pub fn profile(mut self, profile: Profile) -> Self {
        self.options.profile = profile;
        self
    }

    /// Sets the tolerated difference between the issuer's clock and this one. Default: 60 seconds,
    /// at most 5 minutes.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.options.leeway = leeway;
        self
    }

    /// Sets the claim that holds the roles. Default: `roles`.
    ///
    /// The claim is a string or an array of strings; a value of another shape gives no roles.
    ///
    /// The name is not split at dots, since names may be URLs. For roles nested below a claim use
    /// [`roles_path`](Self::roles_path) instead; the last call of either setter counts. If a name
    /// has dots, is not a URL, and does not occur in the first 32 accepted tokens, the layer emits
    /// the event `bearer_roles_missing` once.
    pub fn roles_claim(mut self, name: impl Into<String>) -> Self {
        self.options.roles = vec![name.into()];
        self.options.roles_are_one_claim = true;
        self
    }

    /// Sets the path to the roles: a claim, then a member of its value, and so on.
    ///
    /// ```
    /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key};
    ///
    /// // {"realm_access": {"roles": ["admin", "user"]}}
    /// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
    ///     .algorithms([Algorithm::HS256])
    ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
    ///     .roles_path(["realm_access", "roles"])
    ///     .build()?;
    /// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
    /// ```
    pub fn roles_path<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.options.roles = names.into_iter().map(Into::into).collect();
        self.options.roles_are_one_claim = false;
        self
    }

    /// Accepts an object as the value of the roles, and uses its members' names as roles.
    ///
    /// For example `{"admin": {…}, "guest": false}` gives the role `admin`: a member that is
    /// `false` or null is skipped. By default an object gives no roles.
    pub fn roles_from_members(mut self) -> Self {
        self.options.roles_from_members = true;
        self
    }

    /// Requires that the claim `name` is exactly `value`; a token without this claim is refused.
    ///
    /// Use it for the client (`azp`), the tenant, or an issuer's own mark for the kind of token.
    ///
    /// Each call adds a requirement. A token must meet the requirements for all names. If several
    /// calls have the same name, a token needs only one of their values.
    ///
    /// ```
    /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, ClaimValue, Key};
    ///
    /// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
    ///     .algorithms([Algorithm::HS256])
    ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
    ///     .require_claim("azp", "web")
    ///     .require_claim("azp", "mobile")
    ///     .require_claim("email_verified", true)
    ///     .require_claim("tenant", ClaimValue::Any)
    ///     .build()?;
    /// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
    /// ```
    pub fn require_claim(mut self, name: impl Into<String>, value: impl Into<ClaimValue>) -> Self {
        let values = self.options.demands.required.entry(name.into()).or_default();
        values.push(value.into());
        self
    }

    /// Refuses tokens whose claim `name` is `value`, or an array that contains it. The comparison
    /// ignores case.
    ///
    /// Use it if this value identifies a kind of token that is not an access token.
    ///
    /// The marks listed in the [module docs](crate::bearer#kinds-of-tokens) are always refused and
    /// need no call.
    ///
    /// ```
    /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, ClaimValue, Key};
    ///
    /// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
    ///     .algorithms([Algorithm::HS256])
    ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
    ///     // Only this issuer's ID tokens contain the client's nonce.
    ///     .refuse_claim("nonce", ClaimValue::Any)
    ///     .build()?;
    /// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
    /// ```
    pub fn refuse_claim(mut self, name: impl Into<String>, value: impl Into<ClaimValue>) -> Self {
        self.options.demands.refused.push((name.into(), value.into()));
        self
    }

    /// Marks tokens whose claim `name` is exactly `value` as access tokens.
    ///
    /// A marked token may have `at_hash`, `c_hash` or `s_hash`, which otherwise only ID tokens
    /// have.
    ///
    /// Tokens with `scope`, `scp`, the type `at+jwt`, or a claim such as `"token_use":"access"`
    /// need no such mark. Name a claim that this issuer's ID tokens do not have.
    ///
    /// ```
    /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, ClaimValue, Key};
    ///
    /// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
    ///     .algorithms([Algorithm::HS256])
    ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
    ///     .access_token_claim("permissions", ClaimValue::Any)
    ///     .build()?;
    /// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
    /// ```
    pub fn access_token_claim(
        mut self,
        name: impl Into<String>,
        value: impl Into<ClaimValue>,
    ) -> Self {
        self.options.demands.access.push((name.into(), value.into()));
        self
    }

    /// Sets the maximum length of a token, in bytes. A longer token is refused unread. Default: 16
    /// KiB.
    pub fn max_token_bytes(mut self, bytes: usize) -> Self {
        self.options.max_bytes = bytes;
        self
    }

    /// Sets the realm named in challenges. Default: the realm of the [settings](Self::settings),
    /// which is `app` unless it is set.
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.options.realm = Some(realm.into());
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
    ) -> BearerJwtLayerBuilder<Typed<T>, R> {
        BearerJwtLayerBuilder { options: self.options, claims: Typed::new(), refuse: self.refuse }
    }

    /// Sets the format of refusals, including those of extractors inside the layer. Default:
    /// [`refuse::Empty`].
    pub fn refuse_with<R2>(self, refuse: R2) -> BearerJwtLayerBuilder<C, R2> {
        BearerJwtLayerBuilder { options: self.options, claims: self.claims, refuse }
    }

    /// Checks the settings and builds the layer.
    ///
    /// # Errors
    /// Returns a [`BearerConfigError`] for a setting that is invalid. The message names the setter and
    /// the fix.
    pub fn build(self) -> Result<BearerJwtLayer<C, R>, BearerConfigError> {
        let Self { options, claims, refuse } = self;
        Ok(BearerJwtLayer::from_config(options.check()?, claims, refuse))
    }
}

impl BearerJwtLayerBuilder {
    /// Records that the tokens' issuer names no client.
    pub(super) fn without_client(mut self) -> Self {
        self.options.without_client = true;
        self
    }
}

#[cfg(feature = "stack")]
impl<C, R> BearerJwtLayerBuilder<C, R> {
    /// Records that this application's own `JwtIssuer` mints the tokens, with these settings.
    pub(crate) fn own(mut self) -> Self {
        self.options.own = Some(self.options.settings.clone());
        self
    }

    /// Returns the issuer and the clock that dates its tokens, if the issuer is this application.
    pub(crate) fn named(&self) -> Option<(&str, &Clock)> {
        let own = self.options.own.as_ref()?;
        Some((&self.options.issuer, &own.clock))
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.options.settings.clock
    }
}

tower_auth_core::opaque_debug!([C, R] BearerJwtLayerBuilder<C, R>, "BearerJwtLayerBuilder");
