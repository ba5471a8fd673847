//! The builder of a provider.

use std::future::{Future, IntoFuture};
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use tower_auth::Settings;
use tower_auth::bearer::Algorithm;

use super::Provider;
use super::config::{self, Place};
use crate::error::ProviderError;
use crate::schedule::Bounds;

/// Builds a [`Provider`]. Await it.
///
/// Every duration is measured by the timer of the [`settings`](Self::settings).
#[must_use = "a builder does nothing until it is awaited"]
pub struct ProviderBuilder {
    pub(super) issuer: String,
    pub(super) place: Place,
    pub(super) document: Option<String>,
    pub(super) settings: Settings,
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) stale_for: Duration,
    pub(super) refetch_window: Duration,
    pub(super) max_waiting: usize,
    pub(super) max_wait: Duration,
    pub(super) bounds: Bounds,
    pub(super) timeout: Duration,
    pub(super) max_bytes: usize,
    pub(super) insecure_http: bool,
    pub(super) proxy: Option<String>,
    pub(super) certificates: Vec<Vec<u8>>,
    pub(super) token_file: Option<PathBuf>,
    pub(super) start_without_keys: bool,
}

impl Provider {
    /// Returns a builder for the provider with this issuer, whose discovery document names the
    /// address of the keys.
    ///
    /// `issuer` must be spelled exactly as in the document and in tokens, with or without a slash
    /// at the end. The document is at `{issuer}/.well-known/openid-configuration` (OpenID Connect
    /// Discovery 1.0), or if there is none, where RFC 8414 puts it.
    pub fn discover(issuer: impl Into<String>) -> ProviderBuilder {
        ProviderBuilder::new(issuer.into(), Place::Issuer)
    }

    /// Returns a builder for the provider with this issuer, whose keys are at `address`. Nothing is
    /// discovered.
    ///
    /// Use it if there is no discovery document, or if the document names an address that is not
    /// [accepted](crate#addresses), such as another one in the private network.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use tower_auth_oidc::Provider;
    ///
    /// // The API server of Kubernetes, for the tokens of its service accounts.
    /// let folder = "/var/run/secrets/kubernetes.io/serviceaccount";
    /// let provider = Provider::jwks(
    ///     "https://kubernetes.default.svc.cluster.local",
    ///     "https://kubernetes.default.svc/openid/v1/jwks",
    /// )
    /// .root_certificate(std::fs::read(format!("{folder}/ca.crt"))?)
    /// .bearer_token_file(format!("{folder}/token"))
    /// .await?;
    /// # let _ = provider; Ok(()) }
    /// ```
    pub fn jwks(issuer: impl Into<String>, address: impl Into<String>) -> ProviderBuilder {
        ProviderBuilder::new(issuer.into(), Place::Keys(address.into()))
    }
}

impl ProviderBuilder {
    fn new(issuer: String, place: Place) -> Self {
        Self {
            issuer,
            place,
            document: None,
            settings: Settings::new(),
            algorithms: config::ALGORITHMS.to_vec(),
            stale_for: Duration::from_secs(12 * 3600),
            refetch_window: Duration::from_secs(30),
            max_waiting: 256,
            max_wait: Duration::from_secs(5),
            bounds: Bounds::default(),
            timeout: Duration::from_secs(5),
            max_bytes: 256 * 1024,
            insecure_http: false,
            proxy: None,
            certificates: Vec::new(),
            token_file: None,
            start_without_keys: false,
        }
    }

    /// Sets the clock, the timer and the events. Default: [`Settings::new`], with tokio's timer.
    pub fn settings(mut self, settings: &Settings) -> Self {
        self.settings = settings.clone();
        self
    }

    /// Sets the algorithms that tokens may be signed with. Default: RS256, ES256, ES384, ES512,
    /// EdDSA.
    ///
    /// The default has one algorithm for each type of key, because a key without `alg` must fit
    /// exactly one of them. Microsoft Entra, for example, publishes RSA keys without `alg`, so a
    /// second algorithm for RSA would make them unusable. The HMAC algorithms are refused: a
    /// provider publishes public keys.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// Sets how long the keys may be used after they were last fetched. Default: 12 hours.
    ///
    /// A longer time outlasts a longer outage of the provider. It is also the time for which a key
    /// that the provider withdrew may still be used, if an attacker keeps this process from
    /// reaching the provider. After it, requests with a token get 503.
    pub fn stale_for(mut self, age: Duration) -> Self {
        self.stale_for = age;
        self
    }

    /// Sets the minimum time between a fetch and the next one for a token with an unknown key.
    /// Default: 30 seconds.
    ///
    /// Such a token gets 401 within this time after a successful fetch, so a key that the provider
    /// uses as soon as it is published is refused for at most this time.
    ///
    /// Anyone can send such tokens, so this bounds what they cost the provider. See
    /// [`LiveKeysBuilder::refetch_window`](tower_auth::bearer::LiveKeysBuilder::refetch_window).
    pub fn refetch_window(mut self, window: Duration) -> Self {
        self.refetch_window = window;
        self
    }

    /// Sets how many requests may wait for such a fetch at once. Default: 256. Others get 503.
    pub fn max_waiting(mut self, requests: usize) -> Self {
        self.max_waiting = requests;
        self
    }

    /// Sets how long a request waits for such a fetch. Default: 5 seconds. After that it gets 503.
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    /// Sets the bounds of the time between two fetches. Default: 1 minute to 1 hour.
    ///
    /// The provider decides within the bounds, by `max-age`; the time is 10 minutes if it does not
    /// say. The fetch happens at 80 to 88 % of the time, at random.
    ///
    /// - `floor` is for providers that say `no-cache`, as Keycloak does. One small request a minute
    ///   costs a provider little, and a key that it withdrew is unknown here a minute later.
    /// - `ceiling` is for providers that say a day. A key that they withdraw is unknown here an
    ///   hour later.
    ///
    /// A failed fetch is repeated after 1 second, then 2, 4 and so on up to `floor`.
    pub fn refresh_between(mut self, floor: Duration, ceiling: Duration) -> Self {
        self.bounds = Bounds { floor, ceiling };
        self
    }

    /// Sets the time limit of one fetch, from the look-up of the name to the last byte. Default: 5
    /// seconds, as long as a request waits for it.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the maximum size of a document, in bytes. Default: 256 KiB. The largest known set of
    /// keys, with certificates, has about 50 KiB.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Sets the address of the discovery document, if it is not below the issuer.
    ///
    /// A provider of many tenants needs it, because its issuer contains a placeholder. The document
    /// must name the issuer exactly as given, with the placeholder.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use tower_auth_oidc::Provider;
    ///
    /// let tenants = ["72f988bf-86f1-41af-91ab-2d7cd011db47"];
    /// let entra = Provider::discover("https://login.microsoftonline.com/{tenantid}/v2.0")
    ///     .discovery_address(
    ///         "https://login.microsoftonline.com/organizations/v2.0/.well-known/openid-configuration",
    ///     )
    ///     .await?;
    /// let issuer = entra.issuer("api://my-api").tenants(tenants);
    /// # let _ = issuer; Ok(()) }
    /// ```
    pub fn discovery_address(mut self, address: impl Into<String>) -> Self {
        self.document = Some(address.into());
        self
    }

    /// Allows plain http to other hosts than loopback, for the addresses that you configured and
    /// for others of the same origin.
    ///
    /// Anyone on the path can then replace the keys, and sign tokens for any user.
    pub fn insecure_http(mut self) -> Self {
        self.insecure_http = true;
        self
    }

    /// Sends requests through an HTTP proxy, except those to plain http on loopback. Default: no
    /// proxy, whatever the environment says.
    ///
    /// The proxy resolves the names, so the check of the
    /// [addresses behind the names](crate#addresses) is up to the proxy.
    pub fn proxy(mut self, address: impl Into<String>) -> Self {
        self.proxy = Some(address.into());
        self
    }

    /// Trusts the certificates in this PEM, in addition to the system's. Each call adds some.
    pub fn root_certificate(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.certificates.push(pem.as_ref().to_vec());
        self
    }

    /// Sends the token in this file to the provider. The file is read at each fetch, because
    /// Kubernetes replaces the token before it expires.
    ///
    /// The token is sent only to the origin of the address that you configured, and only over
    /// https or loopback.
    pub fn bearer_token_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.token_file = Some(path.into());
        self
    }

    /// Builds the provider before its keys have been fetched. Until they arrive, requests with a
    /// token get 503. Default: the build waits for the keys, and fails without them.
    ///
    /// The application then starts while the provider is down. Use [`Provider::status`] in its
    /// readiness check.
    pub fn start_without_keys(mut self) -> Self {
        self.start_without_keys = true;
        self
    }
}

impl IntoFuture for ProviderBuilder {
    type Output = Result<Provider, ProviderError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    /// Checks the settings, fetches the keys, and starts the task that fetches them again.
    ///
    /// Fails for an invalid setting, without a tokio runtime, and if the keys cannot be fetched.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(config::build(self))
    }
}

tower_auth_core::opaque_debug!(ProviderBuilder, "ProviderBuilder");
