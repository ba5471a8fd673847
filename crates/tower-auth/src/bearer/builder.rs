//! What a layer is built from.

use std::time::Duration;

use serde::de::DeserializeOwned;
use tower_auth_core::{Clock, refuse};

use super::claims::{NoClaims, Typed};
use super::key::Key;
use super::layer::BearerJwtLayer;
use super::options::Options;
use super::{Algorithm, Backend, ClaimValue, ConfigError, Profile};
use crate::Settings;

/// Gathers a [`BearerJwtLayer`]'s settings; [`build`](Self::build) checks them together.
#[must_use]
pub struct Builder<C = NoClaims, R = refuse::Empty> {
    options: Options,
    claims: C,
    refuse: R,
}

impl BearerJwtLayer {
    /// Starts a layer that accepts tokens of this issuer for this audience: the texts that their
    /// `iss` and `aud` hold, compared exactly. Algorithms and keys must be added.
    pub fn builder(issuer: impl Into<String>, audience: impl Into<String>) -> Builder {
        Builder::new(issuer.into(), audience.into())
    }
}

impl Builder {
    fn new(issuer: String, audience: String) -> Self {
        let options = Options::new(issuer, audience);
        Self { options, claims: NoClaims, refuse: refuse::Empty }
    }
}

impl<C, R> Builder<C, R> {
    /// Names one more audience that tokens may be for: they must be for one of them, exactly.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.options.audiences.push(audience.into());
        self
    }

    /// The algorithms that tokens may be signed with, and no others; there is no default. More
    /// calls add more.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.options.algorithms.extend(algorithms);
        self
    }

    /// The library that checks signatures; [`Backend::default`] by default. It does not change what is
    /// accepted. The keys of a [`JwtIssuer`](super::JwtIssuer) stay with the issuer's.
    pub fn backend(mut self, backend: Backend) -> Self {
        self.options.backend = backend;
        self
    }

    /// Adds a key; more calls add more.
    pub fn key(mut self, key: Key) -> Self {
        self.options.keys.push(key);
        self
    }

    /// Adds the keys of a JWK set, as JSON.
    ///
    /// Keys in it that cannot check a token here (other types, other uses, other algorithms) are
    /// skipped. [`BearerJwtLayer::skipped_keys`] counts them, and the event `bearer_keys_skipped`
    /// says which and why. Two usable keys with one `kid` and one algorithm must be the same key.
    pub fn jwk_set(mut self, json: impl Into<String>) -> Self {
        self.options.sets.push(json.into());
        self
    }

    /// What tokens are held to beyond the signature, issuer, audience and lifetime;
    /// [`Profile::Jwt`] by default.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.options.profile = profile;
        self
    }

    /// By how much the issuer's clock may differ from ours; 60 seconds by default, 5 minutes at
    /// most.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.options.leeway = leeway;
        self
    }

    /// The claim that holds the roles, a string or an array of strings; `roles` by default. A value
    /// of another shape is no roles.
    ///
    /// The name is taken as it is, since names may be URLs. For roles below a claim call
    /// [`roles_path`](Self::roles_path) instead: whichever is called last counts. If a name has dots,
    /// is no URL, and is in none of the first 32 tokens that are accepted, the event
    /// `bearer_roles_missing` says so, once.
    pub fn roles_claim(mut self, name: impl Into<String>) -> Self {
        self.options.roles = vec![name.into()];
        self.options.roles_are_one_claim = true;
        self
    }

    /// The names that lead to the roles: a claim, a member of its value, and so on.
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
    /// # Ok::<_, tower_auth::bearer::ConfigError>(())
    /// ```
    pub fn roles_path<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.options.roles = names.into_iter().map(Into::into).collect();
        self.options.roles_are_one_claim = false;
        self
    }

    /// Takes the names of an object's members for roles, if the roles are an object:
    /// `{"admin": {…}, "guest": false}` is the role `admin`. A member that is `false` or null is none.
    /// By default an object is no roles.
    pub fn roles_from_members(mut self) -> Self {
        self.options.roles_from_members = true;
        self
    }

    /// Refuses tokens whose claim `name` is not exactly `value`: for the client (`azp`), the tenant,
    /// or the kind of token if its issuer has a word of its own for it.
    ///
    /// More calls add more. Of several values for one name a token needs one.
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
    /// # Ok::<_, tower_auth::bearer::ConfigError>(())
    /// ```
    pub fn require_claim(mut self, name: impl Into<String>, value: impl Into<ClaimValue>) -> Self {
        let values = self.options.demands.required.entry(name.into()).or_default();
        values.push(value.into());
        self
    }

    /// Refuses tokens whose claim `name` has `value`, in any case, alone or in an array: for issuers
    /// whose other tokens are recognised by it.
    ///
    /// The signs of other kinds of tokens in the [module docs](crate::bearer#kinds-of-tokens) are refused
    /// without it.
    ///
    /// ```
    /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, ClaimValue, Key};
    ///
    /// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
    ///     .algorithms([Algorithm::HS256])
    ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
    ///     // This issuer's ID tokens, and no others, answer with the client's nonce.
    ///     .refuse_claim("nonce", ClaimValue::Any)
    ///     .build()?;
    /// # Ok::<_, tower_auth::bearer::ConfigError>(())
    /// ```
    pub fn refuse_claim(mut self, name: impl Into<String>, value: impl Into<ClaimValue>) -> Self {
        self.options.demands.refused.push((name.into(), value.into()));
        self
    }

    /// Marks tokens whose claim `name` is exactly `value` as access tokens. They may then have `at_hash`,
    /// `c_hash` or `s_hash`, which otherwise only ID tokens have.
    ///
    /// Not needed for tokens with `scope`, `scp`, the type `at+jwt`, or a claim such as
    /// `"token_use":"access"`. Name a claim that this issuer's ID tokens do not have.
    ///
    /// ```
    /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, ClaimValue, Key};
    ///
    /// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
    ///     .algorithms([Algorithm::HS256])
    ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
    ///     .access_token_claim("permissions", ClaimValue::Any)
    ///     .build()?;
    /// # Ok::<_, tower_auth::bearer::ConfigError>(())
    /// ```
    pub fn access_token_claim(
        mut self,
        name: impl Into<String>,
        value: impl Into<ClaimValue>,
    ) -> Self {
        self.options.demands.access.push((name.into(), value.into()));
        self
    }

    /// The longest token that is looked at, in bytes; 16 KiB by default.
    pub fn max_token_bytes(mut self, bytes: usize) -> Self {
        self.options.max_bytes = bytes;
        self
    }

    /// The realm that challenges name. Default: that of the [settings](Self::settings), `app`.
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.options.realm = Some(realm.into());
        self
    }

    /// Leaves a response that needed an identity to what its handler says of caching. Default: where
    /// the handler says nothing, such a response gets `Cache-Control: no-store`, so that no cache
    /// keeps it and the browser does not show it again after a logout; see
    /// [`manual::attacks`](crate::manual::attacks). The outermost of tower-auth's layers decides.
    pub fn insecure_without_no_store(mut self) -> Self {
        self.options.allow_caching = true;
        self
    }

    /// Takes the settings that all layers share; a later call replaces an earlier one. Default:
    /// [`Settings::new`].
    pub fn settings(mut self, settings: &Settings) -> Self {
        self.options.settings = settings.clone();
        self
    }

    /// Reads the claims of each token into a `T`, once, and inserts them as
    /// [`Claims<T>`](super::Claims). A token whose claims do not fit is refused as any other that
    /// is not valid; the event `bearer_refused` then names the field and the position.
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
    /// # Ok::<_, tower_auth::bearer::ConfigError>(())
    /// ```
    pub fn claims<T: DeserializeOwned + Send + Sync + 'static>(self) -> Builder<Typed<T>, R> {
        Builder { options: self.options, claims: Typed::new(), refuse: self.refuse }
    }

    /// How refusals look, those of extractors inside too; [`refuse::Empty`] by default.
    pub fn refuse_with<R2>(self, refuse: R2) -> Builder<C, R2> {
        Builder { options: self.options, claims: self.claims, refuse }
    }

    /// The layer.
    ///
    /// # Errors
    /// What [`ConfigError`] says; the message names the setter and what to do.
    pub fn build(self) -> Result<BearerJwtLayer<C, R>, ConfigError> {
        let Self { options, claims, refuse } = self;
        Ok(BearerJwtLayer::from_config(options.check()?, claims, refuse))
    }
}

impl Builder {
    /// The tokens are of an issuer that names no client.
    pub(super) fn without_client(mut self) -> Self {
        self.options.without_client = true;
        self
    }
}

#[cfg(feature = "stack")]
impl<C, R> Builder<C, R> {
    /// The tokens are this application's own: a `JwtIssuer` with these settings mints them.
    pub(crate) fn own(mut self) -> Self {
        self.options.own = Some(self.options.settings.clone());
        self
    }

    /// The issuer if it is this application, and the clock that its tokens are dated by.
    pub(crate) fn named(&self) -> Option<(&str, &Clock)> {
        let own = self.options.own.as_ref()?;
        Some((&self.options.issuer, &own.clock))
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.options.settings.clock
    }
}

tower_auth_core::opaque_debug!([C, R] Builder<C, R>, "bearer::Builder");
