//! [`TestProvider`]: an OpenID provider for tests, with faults on request.
//!
//! The provider serves a discovery document and a key set on a loopback port, and signs tokens.
//! Its keys change when the test says so. [`new`](TestProvider::new) creates a provider without a
//! port, for tests that only need keys and tokens.
//!
//! ```
//! use serde_json::json;
//! use tower_auth_test::TestProvider;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let provider = TestProvider::start().await;
//! let token = provider.token(json!({ "aud": "https://api.example", "scope": "reports:read" }));
//! assert_eq!(token.split('.').count(), 3);
//! // The code under test gets `provider.issuer()`, and accepts the token.
//! assert!(provider.issuer().starts_with("http://127.0.0.1:"));
//!
//! // The provider replaces its key. Tokens of the old key can still be signed.
//! provider.add_key("2");
//! provider.remove_key("1");
//! let old = provider.token_by("1", json!({ "aud": "https://api.example" }));
//! # assert_ne!(old, token);
//! # }
//! ```
//!
//! # Faults
//!
//! | fault | call |
//! |---|---|
//! | an error status | `provider.answer(TestProvider::KEYS, Answer::status(500))` |
//! | invalid JSON | `provider.answer(TestProvider::KEYS, Answer::body("<html>"))` |
//! | a huge answer | `provider.answer(TestProvider::KEYS, Answer::huge(1 << 30))` |
//! | a redirect | `provider.answer(TestProvider::KEYS, Answer::redirect("https://evil.example"))` |
//! | a closed connection | `provider.answer(TestProvider::KEYS, Answer::disconnect())` |
//! | no answer, until the test says so | [`hold`](TestProvider::hold), [`release`](TestProvider::release) |
//! | another issuer | `provider.set_metadata("issuer", "https://evil.example")` |
//! | keys at another address | `provider.set_metadata("jwks_uri", provider.url("/new"))` and `provider.answer("/new", Answer::keys())` |
//! | two keys with one `kid` | `provider.add_key("1")` twice |
//! | a private key in the set | `provider.publish(provider.private_jwk("1"))` |
//! | a key that no one can use | `provider.publish(json!({ "kty": "RSA", "kid": "broken" }))` |
//!
//! # Caching
//! Set `Cache-Control`, `ETag` or any other header with [`set_header`](TestProvider::set_header). A
//! request whose `If-None-Match` is the `ETag` gets 304.
//!
//! # Waiting
//! [`fetches`](TestProvider::fetches) counts requests, and [`fetched`](TestProvider::fetched) waits
//! for them, so a test needs no sleep:
//!
//! ```
//! # use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
//! use tower_auth_test::TestProvider;
//!
//! # async fn fetch(address: String) -> String {
//! #     let (host, path) = address["http://".len()..].split_once('/').unwrap();
//! #     let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
//! #     let request = format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
//! #     stream.write_all(request.as_bytes()).await.unwrap();
//! #     let mut answer = String::new();
//! #     stream.read_to_string(&mut answer).await.unwrap();
//! #     answer
//! # }
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let provider = TestProvider::start().await;
//! provider.hold(TestProvider::KEYS);
//! let fetching = tokio::spawn(fetch(provider.url(TestProvider::KEYS)));
//! provider.fetched(TestProvider::KEYS, 1).await;
//! // The fetch has arrived and has no answer yet. Known keys must still work here.
//! provider.release(TestProvider::KEYS);
//! assert!(fetching.await.unwrap().ends_with(&provider.jwks()));
//! # }
//! ```

mod answer;
mod key;
mod server;
mod state;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use tokio::sync::watch;
use tower_auth_core::Clock;

pub use answer::Answer;
pub use key::KeyAlgorithm;

use key::TestKey;
use server::Server;
use state::State;

/// An OpenID provider for tests; see the [module's documentation](self).
///
/// A clone is the same provider. Its server runs on the runtime that
/// [`start`](Self::start) was called in, and ends with the last clone.
#[derive(Clone)]
pub struct TestProvider(Arc<Inner>);

struct Inner {
    /// Also tells those who wait that something changed.
    state: watch::Sender<State>,
    server: Option<Server>,
}

impl TestProvider {
    /// The path of the discovery document.
    pub const DISCOVERY: &'static str = "/.well-known/openid-configuration";
    /// The path of the key set.
    pub const KEYS: &'static str = "/keys";
    /// The lifetime of a token, unless its claims say otherwise.
    pub const LIFETIME: Duration = Duration::from_secs(300);

    /// Creates a provider without a server, for tests that pass [`jwks`](Self::jwks) to the code
    /// under test. It has one key for ES256, whose `kid` is `1`.
    ///
    /// ```
    /// use serde_json::json;
    /// use tower_auth_test::TestProvider;
    ///
    /// let provider = TestProvider::new("https://id.example");
    /// let token = provider.token(json!({ "aud": "https://api.example" }));
    /// assert!(provider.jwks().contains("\"ES256\"") && token.starts_with("ey"));
    /// ```
    pub fn new(issuer: impl Into<String>) -> Self {
        let state = watch::Sender::new(State::new(issuer.into()));
        Self(Arc::new(Inner { state, server: None })).with_first_key()
    }

    /// Starts a provider on a free port of 127.0.0.1. It has one key for ES256, whose `kid` is `1`.
    ///
    /// # Panics
    /// Panics outside a tokio runtime with I/O, and if there is no free port.
    pub async fn start() -> Self {
        let listener = Server::listen().await;
        let address = listener.local_addr().expect("a bound socket has an address");
        let state = watch::Sender::new(State::new(format!("http://{address}")));
        let server = Server::start(listener, state.clone());
        Self(Arc::new(Inner { state, server: Some(server) })).with_first_key()
    }

    fn with_first_key(self) -> Self {
        self.add_key("1");
        self
    }

    /// Returns the issuer: the value of `iss`, and the address under which the discovery document
    /// is found.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.0.state.borrow().issuer.clone()
    }

    /// Returns the address of a path, such as [`KEYS`](Self::KEYS).
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer())
    }

    /// Returns the address of the server, if there is one.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.0.server.as_ref().map(Server::address)
    }

    /// Sets the clock that dates tokens. Default: the system's clock.
    pub fn set_clock(&self, clock: &Clock) {
        self.change(|state| state.clock = clock.clone());
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut result = None;
        self.0.state.send_modify(|state| result = Some(change(state)));
        result.expect("the closure was called")
    }
}

/// Tokens.
impl TestProvider {
    /// Signs a token with the newest key.
    ///
    /// `claims` is a JSON object. The token also has `iss`, `sub` (`alice`), `client_id`
    /// (`test-client`), `iat`, `exp` (after [`LIFETIME`](Self::LIFETIME)) and a fresh `jti`, unless
    /// `claims` has them. A claim that is null in `claims` is left out. The header's type is
    /// `at+jwt`. Together with an `aud`, these are the claims that RFC 9068 requires.
    ///
    /// # Panics
    /// Panics if `claims` is not an object, or if there was never a key.
    #[must_use]
    pub fn token(&self, claims: Value) -> String {
        let kid = self.0.state.borrow().newest().kid.clone();
        self.token_by(&kid, claims)
    }

    /// Signs a token with the newest key named `kid`, even if the key was removed. See
    /// [`token`](Self::token).
    ///
    /// # Panics
    /// Panics if `claims` is not an object, or if there never was such a key.
    #[must_use]
    pub fn token_by(&self, kid: &str, claims: Value) -> String {
        self.token_with(kid, json!({}), claims)
    }

    /// Signs a token with the newest key named `kid`, and changes members of the token's header.
    /// Null leaves a member out. See [`token`](Self::token).
    ///
    /// # Panics
    /// Panics if `header` or `claims` is not an object, or if there never was such a key.
    #[must_use]
    pub fn token_with(&self, kid: &str, header: Value, claims: Value) -> String {
        let (defaults, key) = self.change(|state| (state.claims(), state.key(kid).clone()));
        let default = json!({ "alg": key.algorithm().as_str(), "kid": kid, "typ": "at+jwt" });
        let parts = [merged(default, header), merged(defaults, claims)];
        let parts = parts.map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let input = parts.join(".");
        let signature = URL_SAFE_NO_PAD.encode(key.sign(input.as_bytes()));
        format!("{input}.{signature}")
    }
}

/// Returns `object` with the members of `changes`; null removes a member.
fn merged(mut object: Value, changes: Value) -> Value {
    let (Value::Object(members), Value::Object(changes)) = (&mut object, changes) else {
        panic!("header and claims of a token are JSON objects");
    };
    for (name, value) in changes {
        if value.is_null() {
            members.remove(&name);
        } else {
            members.insert(name, value);
        }
    }
    object
}

/// Keys.
impl TestProvider {
    /// Creates a key for ES256 and publishes it. It becomes the newest key. If there is already a
    /// key named `kid`, the set then contains two.
    pub fn add_key(&self, kid: impl Into<String>) {
        self.add_key_for(kid, KeyAlgorithm::ES256);
    }

    /// Creates a key for an algorithm and publishes it, like [`add_key`](Self::add_key).
    pub fn add_key_for(&self, kid: impl Into<String>, algorithm: KeyAlgorithm) {
        let key = TestKey::generate(kid.into(), algorithm);
        self.change(|state| {
            state.published.push(key.jwk());
            state.keys.push(key);
        });
    }

    /// Removes every key named `kid` from the set. [`token_by`](Self::token_by) can still use it.
    pub fn remove_key(&self, kid: &str) {
        self.change(|state| state.published.retain(|jwk| jwk["kid"] != kid));
    }

    /// Publishes a new key and removes all others.
    pub fn rotate(&self, kid: impl Into<String>) {
        self.change(|state| state.published.clear());
        self.add_key(kid);
    }

    /// Publishes a JWK as it is, beside the other keys.
    pub fn publish(&self, jwk: Value) {
        self.change(|state| state.published.push(jwk));
    }

    /// Returns the JWK of the newest key named `kid`, with its private part.
    ///
    /// # Panics
    /// Panics if there never was such a key.
    #[must_use]
    pub fn private_jwk(&self, kid: &str) -> Value {
        self.0.state.borrow().key(kid).private_jwk()
    }

    /// Returns the key set as the provider publishes it.
    #[must_use]
    pub fn jwks(&self) -> String {
        self.0.state.borrow().jwks()
    }
}

/// The server's answers. They have no effect on a provider without a server.
impl TestProvider {
    /// Returns the discovery document as the provider publishes it.
    #[must_use]
    pub fn discovery_document(&self) -> String {
        self.0.state.borrow().document()
    }

    /// Sets a member of the discovery document. Null leaves it out.
    ///
    /// ```
    /// # use tower_auth_test::TestProvider;
    /// let provider = TestProvider::new("https://id.example");
    /// provider.set_metadata("issuer", "https://evil.example");
    /// assert!(provider.discovery_document().contains("evil"));
    /// // Tokens keep the issuer.
    /// assert_eq!(provider.issuer(), "https://id.example");
    /// ```
    pub fn set_metadata(&self, name: impl Into<String>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        self.change(|state| state.metadata.insert(name, value));
    }

    /// Sets the answer to requests for `path`, from now on. Every other path answers 404.
    pub fn answer(&self, path: impl Into<String>, answer: Answer) {
        let path = path.into();
        self.change(|state| state.path(path).answer = answer);
    }

    /// Sets a header of the answers for `path`, except for [`Answer::disconnect`].
    ///
    /// # Panics
    /// Panics if name or value cannot be sent in a header.
    pub fn set_header(&self, path: impl Into<String>, name: &str, value: &str) {
        let name = HeaderName::try_from(name).expect("a header's name");
        let value = HeaderValue::try_from(value).expect("a header's value");
        let path = path.into();
        self.change(|state| state.path(path).headers.insert(name, value));
    }

    /// Accepts requests for `path`, and does not answer them until [`release`](Self::release).
    pub fn hold(&self, path: impl Into<String>) {
        let path = path.into();
        self.change(|state| state.path(path).is_held = true);
    }

    /// Answers the held requests for `path`, and later ones, as the path then says.
    pub fn release(&self, path: impl Into<String>) {
        let path = path.into();
        self.change(|state| state.path(path).is_held = false);
    }

    /// Returns the number of requests for `path` that have arrived so far.
    #[must_use]
    pub fn fetches(&self, path: &str) -> usize {
        self.0.state.borrow().requests(path).count()
    }

    /// Waits until `count` requests for `path` have arrived, since the provider started. A request
    /// counts before it is answered.
    pub async fn fetched(&self, path: &str, count: usize) {
        let mut changes = self.0.state.subscribe();
        let arrived = changes.wait_for(|state| state.requests(path).count() >= count).await;
        drop(arrived.expect("this provider holds the sender"));
    }

    /// Returns the headers of all requests for `path`, the first one first.
    #[must_use]
    pub fn requests(&self, path: &str) -> Vec<HeaderMap> {
        self.0.state.borrow().requests(path).cloned().collect()
    }
}

tower_auth_core::opaque_debug!(TestProvider, "TestProvider");
