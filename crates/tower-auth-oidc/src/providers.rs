//! The configuration for each provider, the shape of its tokens, and its traps.
//!
//! This module has no items to call. Each block below creates a
//! [`TrustedIssuer`](tower_auth::bearer::TrustedIssuer) for
//! [`BearerJwtLayer::any`](tower_auth::BearerJwtLayer::any), or for `.bearer_any` of an
//! `AuthStack`:
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use tower_auth::BearerJwtLayer;
//! use tower_auth_oidc::Provider;
//!
//! let provider = Provider::discover("https://id.example").await?;
//! let issuer = provider.issuer("https://api.example"); // and the lines of the provider
//! let layer = BearerJwtLayer::any([issuer]).build()?;
//! # let _ = layer; Ok(()) }
//! ```
//!
//! # Rules for every provider
//!
//! - **The audience is the API's, not the client's.** If the provider cannot write one, the tokens
//!   of a client are valid at every API that the client calls.
//! - **The issuer is spelled as in the tokens**, with or without a slash at the end. Decode one
//!   token and copy `iss`.
//! - **Scopes are read** from `scope`, otherwise `scp`, and **roles** from `roles`, unless a line
//!   says otherwise. A claim in an unexpected shape gives no scopes or roles, and is never an
//!   error.
//! - **A client's own token** has `sub` equal to `client_id` or `azp`. Providers that write another
//!   `sub` need `.client_if_claim`. Without it, the client counts as a user with that subject.
//! - **The algorithms** are RS256, ES256, ES384, ES512 and EdDSA. If the provider signs with
//!   another one, name all that it uses: `Provider::discover(…).algorithms([Algorithm::PS256])`.
//!
//! # How far each provider was tested
//!
//! | provider | tested with |
//! |---|---|
//! | oidc-provider, Canaille | the real server, installed by `scripts/providers` |
//! | Keycloak, Entra, Auth0, Cognito, Okta, Google, Zitadel, Dex, GitHub Actions, Kubernetes | token shape only: tokens with the documented header and claims, signed by keys of the tests. Nothing was sent to the provider, so neither its discovery document nor its keys were read |
//!
//! # Keycloak
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use tower_auth_oidc::Provider;
//!
//! let provider = Provider::discover("https://id.example/realms/main").await?;
//! let issuer = provider
//!     .issuer("https://api.example")
//!     .roles_path(["realm_access", "roles"]); // or ["resource_access", "my-client", "roles"]
//! # let _ = issuer; Ok(()) }
//! ```
//!
//! Tokens: `"typ":"Bearer"` in the claims, the client in `azp`, scopes in `scope`, roles below
//! `realm_access` and `resource_access`.
//!
//! - **The audience is missing at first**: `aud` is `account`, or absent. Add a mapper of type
//!   *Audience* to a client scope, with the API's name.
//! - Since Keycloak 25, `sub` comes from the client scope `basic`. Without this scope, or with
//!   lightweight access tokens, `sub` is missing and the layer refuses the token.
//! - The realm's set also has a key for encryption. It is skipped, and the event
//!   `bearer_keys_skipped` names it.
//! - The keys come with `no-cache`, so they are fetched once a minute.
//! - The issuer is the public host name (`KC_HOSTNAME`). If this process reaches Keycloak only at
//!   an internal address, name the keys yourself: `Provider::jwks("https://id.example/realms/main",
//!   "https://keycloak.internal:8443/realms/main/protocol/openid-connect/certs")`. For plain http
//!   inside of a cluster, add `.insecure_http()`.
//! - The token of a service account has a `sub` of its own. It also has `client_id`, which tokens
//!   of users lack unless a mapper adds it: `.client_if_claim("client_id", ClaimValue::Any)` makes
//!   its principal a client.
//!
//! # Microsoft Entra, one tenant
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use tower_auth::bearer::ClaimValue;
//! use tower_auth_oidc::Provider;
//!
//! let tenant = "72f988bf-86f1-41af-91ab-2d7cd011db47";
//! let provider =
//!     Provider::discover(format!("https://login.microsoftonline.com/{tenant}/v2.0")).await?;
//! let issuer = provider
//!     .issuer("6e74172b-be56-4843-9ff4-e66a39bb12e3") // the application id of the API
//!     .client_if_claim("idtyp", "app")
//!     .refuse_claim("nonce", ClaimValue::Any);
//! # let _ = issuer; Ok(()) }
//! ```
//!
//! Tokens: version 2.0 has the API's application id in `aud`, the client in `azp`, the scopes of a
//! user in `scp` and application roles in `roles`.
//!
//! - **Version 1.0 is the default of a registration.** Its `iss` is
//!   `https://sts.windows.net/{tenant}/`, its `aud` usually `api://…`, and its client `appid`. Set
//!   `requestedAccessTokenVersion` to 2 in the manifest of the API.
//! - `idtyp` is an optional claim of the API's registration. Without it, a client's own token
//!   counts as a user's.
//! - `sub` of a user differs for each API. Use `.subject_claim("oid")` if several APIs share users.
//! - If the API is also a client, its ID tokens have the same audience. The line with `nonce`
//!   refuses them. A registration of its own for the API is better.
//! - The keys have no `alg`. Do not add a second RSA algorithm such as PS256: each key would fit
//!   two.
//! - Tokens for Microsoft's own APIs, such as Graph, cannot be verified by anyone else.
//!
//! # Microsoft Entra, several tenants
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use tower_auth::bearer::ClaimValue;
//! use tower_auth_oidc::Provider;
//!
//! let base = "https://login.microsoftonline.com";
//! let provider = Provider::discover(format!("{base}/{{tenantid}}/v2.0"))
//!     .discovery_address(format!("{base}/organizations/v2.0/.well-known/openid-configuration"))
//!     .await?;
//! let issuer = provider
//!     .issuer("6e74172b-be56-4843-9ff4-e66a39bb12e3")
//!     .tenants(["72f988bf-86f1-41af-91ab-2d7cd011db47"])
//!     .client_if_claim("idtyp", "app")
//!     .refuse_claim("nonce", ClaimValue::Any);
//! # let _ = issuer; Ok(()) }
//! ```
//!
//! Tokens: as above. `iss` contains the tenant, and so does the principal.
//!
//! - **Anyone can create a tenant**, and all tenants share one set of keys. List the tenants of
//!   your customers, or look them up with `.tenant_filter`, which runs before the signature is
//!   verified.
//! - The placeholder is written as in the document, `{tenantid}`.
//!
//! # Auth0
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use tower_auth_oidc::Provider;
//!
//! let provider = Provider::discover("https://tenant.eu.auth0.com/").await?;
//! let issuer = provider
//!     .issuer("https://api.example") // the identifier of the API
//!     .client_if_claim("gty", "client-credentials")
//!     .scopes_claim("permissions"); // only with RBAC and permissions in the token
//! # let _ = issuer; Ok(()) }
//! ```
//!
//! Tokens: the client in `azp`, scopes in `scope`, permissions in `permissions`, roles only in a
//! claim that an action adds, such as `.roles_claim("https://app.example/roles")`.
//!
//! - **The issuer ends in a slash.**
//! - A client that names no `audience` gets an opaque token, which the layer refuses.
//! - The API must sign with RS256, not HS256, and without encryption.
//! - An API with the *RFC 9068* profile needs `.profile(Profile::Rfc9068)`, which accepts no other
//!   kind of token. Its tokens have no `gty`, so a client's own token counts as that of a user
//!   `…@clients`.
//!
//! # Amazon Cognito
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use tower_auth_oidc::Provider;
//!
//! let pool = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI";
//! let provider = Provider::discover(pool).await?;
//! let issuer = provider
//!     .issuer("1example23456789") // the id of the app client
//!     .audience_claim("client_id")
//!     .roles_claim("cognito:groups");
//! # let _ = issuer; Ok(()) }
//! ```
//!
//! Tokens: `"token_use":"access"`, the client in `client_id`, scopes in `scope`, groups in
//! `cognito:groups`.
//!
//! - **Access tokens have no `aud`** unless the client names a resource (resource binding). With a
//!   resource, leave `.audience_claim` out and give the resource to `.issuer`.
//! - With `.audience_claim("client_id")`, each token of that app client is accepted. Add further
//!   app clients with `.audience`, and require a scope of your resource server on each route.
//! - ID tokens are refused by `token_use`.
//!
//! # Okta
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use tower_auth_oidc::Provider;
//!
//! let provider = Provider::discover("https://company.okta.com/oauth2/default").await?;
//! let issuer = provider
//!     .issuer("api://default") // the audience of the authorization server
//!     .client_id_claim("cid")
//!     .subject_claim("uid")
//!     .allow_missing_subject()
//!     .roles_claim("groups"); // if the authorization server has such a claim
//! # let _ = issuer; Ok(()) }
//! ```
//!
//! Tokens: the client in `cid`, scopes as an array in `scp`, the user's id in `uid` and the user's
//! login name in `sub`.
//!
//! - **`sub` is a login name**, often an address, that can be given to another person. The lines
//!   above take `uid`. A client's own token has no `uid` and its `sub` is the client:
//!   `.allow_missing_subject` accepts it.
//! - Use a custom authorization server (`/oauth2/…`). The tokens of the organisation's own server
//!   are for Okta's APIs and cannot be verified.
//! - An ID token without an accompanying access token has no mark of its kind. The client's id must
//!   not be an audience here; otherwise add `.require_claim("cid", ClaimValue::Any)`.
//!
//! # Google
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use tower_auth_oidc::Provider;
//!
//! let provider = Provider::discover("https://accounts.google.com").await?;
//! let issuer = provider
//!     .issuer("https://api.example") // the audience that the caller requests
//!     .or_spelled("accounts.google.com")
//!     .require_claim("email", "caller@project.iam.gserviceaccount.com")
//!     .require_claim("email_verified", true);
//! # let _ = issuer; Ok(()) }
//! ```
//!
//! Tokens: ID tokens of service accounts. `sub` and `azp` are the account's number, so the
//! principal is a client.
//!
//! - **Anyone with a Google account gets such tokens, for any audience.** Always require the
//!   callers, by `email` or `sub`.
//! - Google's access tokens are opaque and cannot be verified here.
//! - ID tokens of a login in the browser are for a client, not for an API, and refused by
//!   `at_hash`. If a caller has nothing else, `.profile(Profile::InsecureIdToken)` accepts them.
//!   Read its warning first.
//!
//! # Zitadel
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use tower_auth_oidc::Provider;
//!
//! let provider = Provider::discover("https://instance.zitadel.cloud").await?;
//! let issuer = provider
//!     .issuer("344374183645413380") // the id of the API's project
//!     .roles_claim("urn:zitadel:iam:org:project:344374183645413380:roles")
//!     .roles_from_members();
//! # let _ = issuer; Ok(()) }
//! ```
//!
//! Tokens: the client in `client_id`, ids of applications and projects in `aud`, roles as the names
//! of an object's members.
//!
//! - **Access tokens are opaque at first.** Set the application's token type to JWT.
//! - The project's id is in `aud` if the client requests the scope
//!   `urn:zitadel:iam:org:project:id:344374183645413380:aud`.
//! - Tokens have no `scope`, so guard routes by role.
//! - The `sub` of a service user is not its `client_id`, so it counts as a user.
//!
//! # Dex
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use tower_auth_oidc::Provider;
//!
//! let provider = Provider::discover("https://dex.example").await?;
//! let issuer = provider.issuer("api-client").roles_claim("groups");
//! # let _ = issuer; Ok(()) }
//! ```
//!
//! Tokens: the claims of an ID token, and groups in `groups`. No scopes.
//!
//! - **The audience is a client's id.** Register the API as a client of its own. Other clients then
//!   request the scope `audience:server:client_id:api-client`.
//! - An ID token differs from an access token only by `at_hash`. One without it cannot be
//!   recognised.
//!
//! # GitHub Actions
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use tower_auth::bearer::ClaimValue;
//! use tower_auth_oidc::Provider;
//!
//! let provider = Provider::discover("https://token.actions.githubusercontent.com").await?;
//! let issuer = provider
//!     .issuer("https://api.example") // the audience that the job requests
//!     .require_claim("repository", "octo-org/octo-repo")
//!     .require_claim("ref", "refs/heads/main")
//!     .client_if_claim("repository", ClaimValue::Any);
//! # let _ = issuer; Ok(()) }
//! ```
//!
//! Tokens: one per job, with the repository, branch, environment and workflow as claims. `sub`
//! combines some of them, such as `repo:octo-org/octo-repo:environment:prod`.
//!
//! - **Every repository on GitHub gets tokens for your audience.** Always require the repository or
//!   its owner.
//! - A name can be given to another repository. `repository_id` and `repository_owner_id` cannot.
//! - `ref` alone does not exclude pull requests that run in your repository. Also require
//!   `environment`, with its protection rules, for anything that writes.
//!
//! # Kubernetes service accounts
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use tower_auth::bearer::ClaimValue;
//! use tower_auth_oidc::Provider;
//!
//! let folder = "/var/run/secrets/kubernetes.io/serviceaccount";
//! let provider = Provider::jwks(
//!     "https://kubernetes.default.svc.cluster.local",
//!     "https://kubernetes.default.svc/openid/v1/jwks",
//! )
//! .root_certificate(std::fs::read(format!("{folder}/ca.crt"))?)
//! .bearer_token_file(format!("{folder}/token"))
//! .await?;
//! let issuer = provider
//!     .issuer("https://api.example") // the audience of the projected token
//!     .roles_path(["kubernetes.io", "namespace"])
//!     .client_if_claim("kubernetes.io", ClaimValue::Any);
//! # let _ = issuer; Ok(()) }
//! ```
//!
//! Tokens: `sub` is `system:serviceaccount:NAMESPACE:NAME`. The claim `kubernetes.io` is an object
//! with namespace, pod and service account. The lines above use the namespace as a role.
//!
//! - **The caller's pod needs a projected token** with your audience: a volume with
//!   `serviceAccountToken` and `audience`. The default token is for the API server.
//! - Tokens of secrets (before 1.24) have neither audience nor end. They are refused.
//! - The discovery document usually names the API server by a private address, which is not
//!   [accepted](crate#addresses). So the keys are named directly. Managed clusters with a public
//!   issuer, such as EKS and GKE, work with `Provider::discover`.
//! - `kubectl get --raw /.well-known/openid-configuration` prints the issuer.
//! - The keys need the role `system:service-account-issuer-discovery`, which service accounts have
//!   unless it was taken away.
//!
//! # oidc-provider
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use tower_auth::bearer::Profile;
//! use tower_auth_oidc::Provider;
//!
//! let provider = Provider::discover("https://id.example").await?;
//! let issuer = provider.issuer("https://api.example").profile(Profile::Rfc9068);
//! # let _ = issuer; Ok(()) }
//! ```
//!
//! Tokens: access tokens by RFC 9068 for the requested `resource`. A client's own token has `sub`
//! equal to `client_id`.
//!
//! - **Without a `resource`, access tokens are opaque.** Turn on `features.resourceIndicators`,
//!   with `accessTokenFormat: 'jwt'` in `getResourceServerInfo`.
//! - The default signature of the npm package is RS256; a resource server may name another
//!   algorithm.
//!
//! # Canaille
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use tower_auth_oidc::Provider;
//!
//! let provider = Provider::discover("https://canaille.example").await?;
//! let issuer = provider.issuer("client-id"); // the id of the client
//! # let _ = issuer; Ok(()) }
//! ```
//!
//! Tokens: the claims of an ID token, for a user. No scopes.
//!
//! - **The audience is the client**, whatever resource the client names.
//! - ID tokens have the same audience. They are refused by `at_hash`.
//! - A client's own token is opaque, and refused.
//! - Access tokens are valid for ten days at first.
//! - The keys have neither `alg` nor `use`. The default algorithms fit, because there is one for
//!   each type of key.
