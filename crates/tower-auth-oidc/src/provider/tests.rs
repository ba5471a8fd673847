//! Providers against servers on loopback.

mod discovered;
mod ends;
mod outage;
mod refreshed;
mod requests;
mod settings;
mod start;

use std::time::Duration;

use http::{Request, StatusCode};
use tokio::sync::Mutex;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_auth::bearer::{AccessToken, BearerJwtLayer};
use tower_auth::{Identity, JwtIssuer, Principal, Settings};
use tower_auth_test::{EventLog, TestClock};

use super::{Provider, ProviderBuilder};
use crate::test_server::{Answer, Arrivals, TestServer};

pub(super) const AUDIENCE: &str = "https://api.example";
/// The path of the discovery document of the test's provider.
pub(super) const DOCUMENT: &str = "/.well-known/openid-configuration";

/// The shortest time between two fetches, and the longest time between two attempts.
pub(super) const FLOOR: Duration = Duration::from_secs(60);

/// A provider's server, and the time and events of its client.
pub(super) struct Fixture {
    pub(super) server: TestServer,
    arrivals: Mutex<Arrivals>,
    pub(super) time: TestClock,
    pub(super) events: EventLog,
}

impl Fixture {
    /// Starts a provider with this key.
    pub(super) async fn new(kid: &str) -> Self {
        let (server, arrivals) = TestServer::start().await;
        let arrivals = Mutex::new(arrivals);
        let this = Self { server, arrivals, time: TestClock::new(), events: EventLog::new() };
        let (issuer, keys) = (this.issuer(), this.server.url("/keys"));
        let document = format!(r#"{{"issuer": "{issuer}", "jwks_uri": "{keys}"}}"#);
        this.server.set(DOCUMENT, Answer::with("200 OK", &[("ETag", "\"d\"")], document));
        this.serve(&[&this.signer(kid)], &[]);
        this
    }

    /// Returns the provider's issuer.
    pub(super) fn issuer(&self) -> String {
        self.server.url("")
    }

    pub(super) fn settings(&self) -> Settings {
        let settings = Settings::new().clock(self.time.clock()).timer(self.time.clone());
        settings.events(self.events.events())
    }

    /// Returns a builder for this provider.
    pub(super) fn discover(&self) -> ProviderBuilder {
        Provider::discover(self.issuer()).settings(&self.settings())
    }

    /// Creates a new key pair of the provider.
    pub(super) fn signer(&self, kid: &str) -> JwtIssuer {
        let builder = JwtIssuer::builder(self.issuer(), AUDIENCE).settings(&self.settings());
        let settings = self.settings().issuer(self.issuer());
        builder.settings(&settings).generated_key(kid).build().expect("a valid issuer")
    }

    /// Publishes these keys.
    pub(super) fn serve(&self, signers: &[&JwtIssuer], headers: &[(&str, &str)]) {
        let sets = signers.iter().map(|it| {
            let set = it.jwks().strip_prefix("{\"keys\":[").expect("a JWK set");
            set.strip_suffix("]}").expect("a JWK set").to_owned()
        });
        let keys: Vec<_> = sets.collect();
        self.serve_text(&format!("{{\"keys\":[{}]}}", keys.join(",")), headers);
    }

    pub(super) fn serve_text(&self, keys: &str, headers: &[(&str, &str)]) {
        self.server.set("/keys", Answer::with("200 OK", headers, keys));
    }

    /// Waits for the next fetch of the keys.
    pub(super) async fn keys_fetched(&self) {
        let mut arrivals = self.arrivals.lock().await;
        while arrivals.recv().await.expect("the server runs").path != "/keys" {}
    }

    /// Returns the number of requests for the keys.
    pub(super) fn fetches(&self) -> usize {
        self.server.received().iter().filter(|it| it.path == "/keys").count()
    }

    /// Waits until the task has processed everything that has arrived, and sleeps again.
    pub(super) async fn settled(&self, provider: &Provider) {
        while provider.status().next_refresh.is_none_or(|at| at <= self.time.now()) {
            tokio::task::yield_now().await;
        }
    }

    /// Moves the time to the provider's next fetch, and waits for its end.
    pub(super) async fn next_refresh(&self, provider: &Provider) {
        let next = provider.status().next_refresh.expect("the task sleeps");
        // A delay has nanoseconds, which the time does not.
        self.time.advance(next.since(self.time.now()) + Duration::from_micros(1));
        self.settled(provider).await;
    }

    /// Sends a request with this token, and returns the status of the response.
    pub(super) async fn present(&self, provider: &Provider, token: &str) -> StatusCode {
        self.through(&self.layer(provider), token).await
    }

    pub(super) fn layer(&self, provider: &Provider) -> BearerJwtLayer {
        let builder = BearerJwtLayer::any([provider.issuer(AUDIENCE)]);
        builder.settings(&self.settings()).build().expect("a valid layer")
    }

    pub(super) async fn through(&self, layer: &BearerJwtLayer, token: &str) -> StatusCode {
        let inner = service_fn(async |request: Request<()>| {
            assert!(request.extensions().get::<Identity>().is_some());
            Ok::<_, std::convert::Infallible>(http::Response::new(String::new()))
        });
        let request = Request::builder().header("authorization", format!("Bearer {token}"));
        let request = request.body(()).expect("a valid request");
        layer.layer(inner).oneshot(request).await.expect("it answers").status()
    }
}

/// Returns a token that this key signed.
pub(super) fn token(signer: &JwtIssuer) -> String {
    let identity = Identity::builder(Principal::new(signer.name(), "alice")).build();
    let token: AccessToken = signer.mint(&identity).expect("a token");
    token.text
}
