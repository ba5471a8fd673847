//! An application whose keys come from a provider, with the time of the test.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use http::{Request, Response, StatusCode};
use tokio::sync::watch;
use tokio::task::unconstrained;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_auth::bearer::{BearerJwtLayer, TrustedIssuer};
use tower_auth::event::{Event, EventKind, Events};
use tower_auth::{Clock, Identity, Settings};
use tower_auth_oidc::{Provider, ProviderBuilder};
use tower_auth_test::TestClock;

/// The audience of the application.
pub(crate) const API: &str = "https://api.example";

/// More than the time between two fetches for unknown keys.
pub(crate) const WINDOW: Duration = Duration::from_secs(31);

/// The time between two fetches. The longest is 10 % longer.
pub(crate) const REFRESH: Duration = Duration::from_secs(60);

/// The time for which the keys outlast an outage.
pub(crate) const STALE: Duration = Duration::from_secs(1200);

/// The maximum time that a request waits.
pub(crate) const WAIT: Duration = Duration::from_secs(5);

/// A provider's client. Its clock begins with the real time and moves only with the test.
pub(crate) struct Client {
    pub(crate) time: TestClock,
    pub(crate) provider: Provider,
    settings: Settings,
    /// The number of fetches that ended.
    ended: watch::Receiver<u64>,
}

impl Client {
    /// Fetches the keys of the provider with this issuer.
    pub(crate) async fn discover(issuer: &str) -> Self {
        let bounded = |it: ProviderBuilder| it.refresh_between(REFRESH, REFRESH).stale_for(STALE);
        Self::build(bounded(Provider::discover(issuer))).await
    }

    /// Fetches the keys of this provider.
    pub(crate) async fn build(builder: ProviderBuilder) -> Self {
        let time = TestClock::at(Clock::system().now());
        let (end, ended) = watch::channel(0);
        let events = Events::new(move |event: &Event<'_>| {
            if matches!(event.kind, EventKind::ProviderFetched | EventKind::ProviderFailed) {
                end.send_modify(|count| *count += 1);
            }
        });
        let settings = Settings::new().clock(time.clock()).timer(time.clone()).events(events);
        let provider = builder.settings(&settings).await.expect("the provider publishes its keys");
        Self { time, provider, settings, ended }
    }

    /// Returns a layer that remembers nothing yet, for tokens with this audience.
    pub(crate) fn layer(&self, audience: &str) -> BearerJwtLayer {
        self.layer_with(audience, |issuer| issuer)
    }

    /// Returns a layer with these rules.
    pub(crate) fn layer_with(
        &self,
        audience: &str,
        rules: impl FnOnce(TrustedIssuer) -> TrustedIssuer,
    ) -> BearerJwtLayer {
        // The provider's clock runs on, so its tokens seem to come from the future.
        let issuer = self.provider.issuer(audience).leeway(Duration::from_secs(300));
        let builder = BearerJwtLayer::any([rules(issuer)]).settings(&self.settings);
        builder.build().expect("a valid layer")
    }

    /// Returns the number of fetches that ended.
    pub(crate) fn fetches(&self) -> u64 {
        *self.ended.borrow()
    }

    /// Waits until this number of fetches has ended, and the task sleeps again.
    pub(crate) async fn fetched(&self, number: u64) {
        let mut ended = self.ended.clone();
        ended.wait_for(|count| *count >= number).await.expect("the provider's task runs");
        while self.provider.status().next_refresh.is_none() {
            tokio::task::yield_now().await;
        }
    }

    /// Moves the time to the next fetch, and waits for its end.
    pub(crate) async fn refresh(&self) {
        let number = self.fetches() + 1;
        let next = self.provider.status().next_refresh.expect("the task sleeps");
        // A delay has nanoseconds, which the time does not.
        self.time.advance(next.since(self.time.now()) + Duration::from_micros(1));
        self.fetched(number).await;
    }
}

/// Sends a request with this token, and returns the status of the response.
pub(crate) async fn status(layer: &BearerJwtLayer, token: &str) -> StatusCode {
    send(layer, token).await.0
}

/// Sends a request with this token. Returns the status, and the identity if the token is accepted.
pub(crate) async fn send(layer: &BearerJwtLayer, token: &str) -> (StatusCode, Option<Identity>) {
    let handler = service_fn(async |request: Request<()>| {
        Ok::<_, Infallible>(Response::new(request.extensions().get::<Identity>().cloned()))
    });
    let request = Request::builder().header("authorization", format!("Bearer {token}"));
    let request = request.body(()).expect("a valid request");
    let response = layer.layer(handler).oneshot(request).await.expect("it answers");
    (response.status(), response.into_body())
}

/// Returns the answer to a request that must not wait.
pub(crate) async fn at_once(layer: &BearerJwtLayer, token: &str) -> StatusCode {
    let mut request = Box::pin(status(layer, token));
    match poll_once(&mut request).await {
        Poll::Ready(status) => status,
        Poll::Pending => panic!("the request waits"),
    }
}

/// Polls a request once. Each request has a task of its own in an application, so the limit of what
/// one task may do at once does not count.
pub(crate) async fn poll_once<F: Future + Unpin>(request: &mut F) -> Poll<F::Output> {
    let mut request = unconstrained(request);
    poll_fn(|task| Poll::Ready(Pin::new(&mut request).poll(task))).await
}
