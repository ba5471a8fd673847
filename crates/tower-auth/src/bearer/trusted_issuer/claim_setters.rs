//! The setters for the claims of an issuer's tokens, a part of `issuer_setters`.

/// Expands to the setters, in an `impl` of a type that has `options_mut`.
macro_rules! claim_setters {
    () => {
        /// Sets the claim that is compared with the audiences. Default: `aud`.
        ///
        /// Use it for providers whose access tokens name only the client: `client_id` (Amazon
        /// Cognito) or `azp` (Keycloak without an audience mapper). The claim is a string, or
        /// except for a client's id an array of strings.
        ///
        /// **`aud` is then not read.** Every token that the named client obtained is accepted, also
        /// one that was meant for another API, and that API's owner can use it here. If the
        /// provider can write the API's own audience into `aud`, use that instead.
        ///
        /// ```
        /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key};
        ///
        /// // Cognito: {"client_id": "1example", "token_use": "access", …}
        /// let layer = BearerJwtLayer::builder("https://id.example", "1example")
        ///     .algorithms([Algorithm::HS256])
        ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
        ///     .audience_claim("client_id")
        ///     .build()?;
        /// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
        /// ```
        pub fn audience_claim(mut self, name: impl Into<String>) -> Self {
            self.options_mut().claims.audience = Some(name.into());
            self
        }

        /// Accepts tokens that have no audience at all.
        ///
        /// A token with an audience must still name one of this layer's. Without an audience, a
        /// token is valid at every API that trusts the issuer: each of them can use it here. Prefer
        /// an audience at the provider, or [`audience_claim`](Self::audience_claim).
        pub fn insecure_without_audience(mut self) -> Self {
            self.options_mut().claims.without_audience = true;
            self
        }

        /// Sets the claim that holds the subject. Default: `sub`.
        ///
        /// For example, `sub` of Microsoft Entra differs for each application, and `oid` does not.
        /// A token without the claim is refused.
        ///
        /// Name a claim whose value the provider never gives to another user, and that users cannot
        /// choose. `email`, user names and phone numbers are not such claims: a new owner of the
        /// text becomes the former user.
        ///
        /// ```
        /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key};
        ///
        /// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
        ///     .algorithms([Algorithm::HS256])
        ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
        ///     .subject_claim("oid")
        ///     .build()?;
        /// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
        /// ```
        pub fn subject_claim(mut self, name: impl Into<String>) -> Self {
            let claims = &mut self.options_mut().claims;
            (claims.subject, claims.subject_from_email) = (Some(name.into()), false);
            self
        }

        /// Takes the subject from `email`.
        ///
        /// An address is not an identity: the provider may give it to another person, let a user
        /// change it, or never have verified it. The next owner of the address is then the former
        /// user to this application. Require at least `email_verified`:
        ///
        /// ```
        /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key};
        ///
        /// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
        ///     .algorithms([Algorithm::HS256])
        ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
        ///     .insecure_subject_from_email()
        ///     .require_claim("email_verified", true)
        ///     .build()?;
        /// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
        /// ```
        pub fn insecure_subject_from_email(mut self) -> Self {
            let claims = &mut self.options_mut().claims;
            (claims.subject, claims.subject_from_email) = (Some("email".into()), true);
            self
        }

        /// Accepts tokens without a subject, as tokens of the client to which they were issued.
        ///
        /// The subject is then `client_id`, otherwise `azp`, and the principal [is a
        /// client](crate::Principal::is_client). A token without either is refused. With
        /// [`subject_claim`](Self::subject_claim), this applies to tokens without that claim, if
        /// `sub` is absent too or names the client.
        ///
        /// [`Profile::Rfc9068`](crate::bearer::Profile::Rfc9068) requires a subject, so `build`
        /// fails for both.
        pub fn allow_missing_subject(mut self) -> Self {
            self.options_mut().claims.allow_missing_subject = true;
            self
        }

        /// Sets the claim that names the client. Default: `client_id`, otherwise `azp`.
        ///
        /// The value is [`Identity::client_id`](crate::Identity::client_id), and a token whose
        /// `sub` equals it is the client's own; see [users and
        /// clients](crate::bearer#users-and-clients). Okta writes `cid`, and version 1.0 of
        /// Microsoft Entra `appid`.
        pub fn client_id_claim(mut self, name: impl Into<String>) -> Self {
            self.options_mut().claims.client_id = Some(name.into());
            self
        }

        /// Marks tokens whose claim `name` is exactly `value` as a client's own.
        ///
        /// The principal of such a token [is a client](crate::Principal::is_client). The mark adds
        /// to the default rules; see [users and clients](crate::bearer#users-and-clients). Several
        /// calls mark several kinds of tokens.
        ///
        /// ```
        /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key};
        ///
        /// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
        ///     .algorithms([Algorithm::HS256])
        ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
        ///     // Microsoft Entra, with the optional claim `idtyp`
        ///     .client_if_claim("idtyp", "app")
        ///     .build()?;
        /// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
        /// ```
        pub fn client_if_claim(
            mut self,
            name: impl Into<String>,
            value: impl Into<crate::bearer::ClaimValue>,
        ) -> Self {
            self.options_mut().demands.client.push((name.into(), value.into()));
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
            self.options_mut().claims.roles.set_claim(name.into());
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
            let path = names.into_iter().map(Into::into).collect();
            self.options_mut().claims.roles.set_path(path);
            self
        }

        /// Accepts an object as the value of the roles, and uses its members' names as roles.
        ///
        /// For example `{"admin": {…}, "guest": false}` gives the role `admin`: a member that is
        /// `false` or null is skipped. By default an object gives no roles.
        pub fn roles_from_members(mut self) -> Self {
            self.options_mut().claims.roles.items.members = true;
            self
        }

        /// Accepts an array of objects as the value of the roles, and takes each role from this
        /// member.
        ///
        /// For example `roles_field("name")` reads `[{"name": "admin"}, {"name": "user"}]`. Strings
        /// of the array still count. If an object lacks the member, or the member is not a string,
        /// the whole array gives no roles.
        pub fn roles_field(mut self, name: impl Into<String>) -> Self {
            self.options_mut().claims.roles.items.field = Some(name.into());
            self
        }

        /// Sets the claim that holds the scopes. Default: `scope`, or `scp` if `scope` is absent or
        /// empty.
        ///
        /// The claim is a string of scopes with spaces between them, or an array of strings. The
        /// name is not split at dots. It replaces both defaults; the last call of this setter or
        /// [`scopes_path`](Self::scopes_path) counts. Roles and scopes may be the same claim.
        ///
        /// Only `scope` and `scp` mark an access token; see [kinds of
        /// tokens](crate::bearer#kinds-of-tokens).
        ///
        /// ```
        /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key};
        ///
        /// // Auth0 with RBAC: {"scope": "openid", "permissions": ["read:reports"]}
        /// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
        ///     .algorithms([Algorithm::HS256])
        ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
        ///     .scopes_claim("permissions")
        ///     .build()?;
        /// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
        /// ```
        pub fn scopes_claim(mut self, name: impl Into<String>) -> Self {
            self.options_mut().claims.scopes.set_claim(name.into());
            self
        }

        /// Sets the path to the scopes: a claim, then a member of its value, and so on. It does not
        /// lead into `scope` or `scp`.
        pub fn scopes_path<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
            let path = names.into_iter().map(Into::into).collect();
            self.options_mut().claims.scopes.set_path(path);
            self
        }

        /// Accepts an object as the value of the scopes, and uses its members' names as scopes,
        /// like [`roles_from_members`](Self::roles_from_members).
        pub fn scopes_from_members(mut self) -> Self {
            self.options_mut().claims.scopes.items.members = true;
            self
        }

        /// Accepts an array of objects as the value of the scopes, and takes each scope from this
        /// member, like [`roles_field`](Self::roles_field).
        pub fn scopes_field(mut self, name: impl Into<String>) -> Self {
            self.options_mut().claims.scopes.items.field = Some(name.into());
            self
        }

        /// Accepts ID tokens that have a `nonce`, under
        /// [`Profile::InsecureIdToken`](crate::bearer::Profile::InsecureIdToken).
        ///
        /// A nonce binds an ID token to one login in one browser, and only the client that began
        /// the login can check it. This layer cannot, so a token that was taken from another login
        /// is accepted.
        pub fn insecure_accept_nonce(mut self) -> Self {
            self.options_mut().claims.accept_nonce = true;
            self
        }

        /// Sets a function that completes the identity of each token from its claims. Use it only
        /// if the other setters cannot read the token.
        ///
        /// The function gets the claims of a token that satisfies all rules, and the identity's
        /// builder with all that the layer has read. An error refuses the token like any other
        /// invalid token, with the reason `token_claims`. The method and the expiry of the
        /// authentication stay the token's.
        ///
        /// **The result must depend only on the claims.** The layer remembers it with the token, so
        /// the function does not run for each request, and not again when something else changes.
        /// Do not look up users, permissions or the time in it.
        ///
        /// ```
        /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, ClaimError, Key};
        ///
        /// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
        ///     .algorithms([Algorithm::HS256])
        ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
        ///     // {"access": "reports=rw,users=r"}
        ///     .identity_from(|claims, builder| {
        ///         let access: String = claims.get("access")?.unwrap_or_default();
        ///         Ok::<_, ClaimError>(builder.scopes(access.split(',')))
        ///     })
        ///     .build()?;
        /// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
        /// ```
        pub fn identity_from<E: std::fmt::Display>(
            mut self,
            map: impl Fn(
                &crate::bearer::TokenClaims<'_>,
                tower_auth_core::identity::IdentityBuilder,
            ) -> Result<tower_auth_core::identity::IdentityBuilder, E>
            + Send
            + Sync
            + 'static,
        ) -> Self {
            let map = crate::bearer::token_claims::IdentityFrom::new(map);
            self.options_mut().claims.identity_from = Some(map);
            self
        }
    };
}

pub(in crate::bearer) use claim_setters;
