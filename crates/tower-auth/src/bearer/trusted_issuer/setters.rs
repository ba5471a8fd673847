//! The setters of an issuer, written once for [`TrustedIssuer`](super::TrustedIssuer) and for the
//! builder of a layer with one issuer.

/// Expands to the setters, in an `impl` of a type that has `options_mut`.
macro_rules! issuer_setters {
    () => {
        crate::bearer::trusted_issuer::claim_setters!();

        /// Adds an audience. A token must name at least one of the layer's audiences, compared exactly.
        pub fn audience(mut self, audience: impl Into<String>) -> Self {
            self.options_mut().audiences.add(audience.into());
            self
        }

        /// Adds another spelling of the issuer's name that its tokens may have in `iss`, compared
        /// exactly.
        ///
        /// All spellings are one issuer with one set of principals, which have the first spelling.
        /// A [`template`](crate::bearer::TrustedIssuer::template) has no other spelling.
        pub fn or_spelled(mut self, issuer: impl Into<String>) -> Self {
            self.options_mut().or_spelled(issuer.into());
            self
        }

        /// Adds signature algorithms that tokens may use. There is no default, and every other
        /// algorithm is refused.
        pub fn algorithms(
            mut self,
            algorithms: impl IntoIterator<Item = crate::bearer::Algorithm>,
        ) -> Self {
            self.options_mut().algorithms.extend(algorithms);
            self
        }

        /// Sets the library that verifies signatures. Default:
        /// [`Backend::default`](crate::bearer::Backend).
        ///
        /// The choice does not change which tokens are accepted. The keys of a
        /// [`JwtIssuer`](crate::bearer::JwtIssuer) keep the issuer's library.
        pub fn backend(mut self, backend: crate::bearer::Backend) -> Self {
            self.options_mut().backend = backend;
            self
        }

        /// Adds a key that tokens may be signed with.
        pub fn key(mut self, key: crate::bearer::Key) -> Self {
            self.options_mut().keys.push(key);
            self
        }

        /// Adds the keys of a JWK set (RFC 7517), given as JSON.
        ///
        /// Keys that cannot verify a token here (other types, other uses, other algorithms) are
        /// skipped. [`skipped_keys`](crate::bearer::BearerJwtLayer::skipped_keys) counts them, and
        /// the event `bearer_keys_skipped` lists them with the reasons. Two usable keys with the
        /// same `kid` and algorithm must be the same key.
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
            self.options_mut().sets.push(json.into());
            self
        }

        /// Sets keys that can change while the process runs, such as a provider's.
        ///
        /// They replace [`key`](Self::key) and [`jwk_set`](Self::jwk_set), and
        /// [`algorithms`](Self::algorithms) is theirs unless it is set too.
        ///
        /// ```
        /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, LiveKeys};
        ///
        /// let keys = LiveKeys::new([Algorithm::EdDSA]);
        /// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
        ///     .live_keys(&keys)
        ///     .build()?;
        /// // Until the keys arrive, requests with a token get 503.
        /// keys.replace(r#"{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"1",
        ///     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#)?;
        /// # Ok::<_, Box<dyn std::error::Error>>(())
        /// ```
        pub fn live_keys(mut self, keys: &crate::bearer::LiveKeys) -> Self {
            self.options_mut().live = Some(keys.clone());
            self
        }

        /// Sets the rules for tokens beyond signature, issuer, audience and lifetime. Default:
        /// [`Profile::Jwt`](crate::bearer::Profile::Jwt).
        pub fn profile(mut self, profile: crate::bearer::Profile) -> Self {
            self.options_mut().profile = profile;
            self
        }

        /// Sets the tolerated difference between the issuer's clock and this one. Default: 60 seconds,
        /// at most 5 minutes.
        pub fn leeway(mut self, leeway: std::time::Duration) -> Self {
            self.options_mut().leeway = leeway;
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
        pub fn require_claim(
            mut self,
            name: impl Into<String>,
            value: impl Into<crate::bearer::ClaimValue>,
        ) -> Self {
            let values = self.options_mut().demands.required.entry(name.into()).or_default();
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
        pub fn refuse_claim(
            mut self,
            name: impl Into<String>,
            value: impl Into<crate::bearer::ClaimValue>,
        ) -> Self {
            self.options_mut().demands.refused.push((name.into(), value.into()));
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
            value: impl Into<crate::bearer::ClaimValue>,
        ) -> Self {
            self.options_mut().demands.access.push((name.into(), value.into()));
            self
        }
    };
}

pub(in crate::bearer) use issuer_setters;
