mod answers;
mod config;
mod demands;
mod events;
mod login_page;
mod misconfigured;
mod readiness;
#[cfg(feature = "refresh")]
mod returning;
mod scopes;

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower::util::BoxCloneSyncService;
use tower::{Layer, Service, service_fn};
use tower_auth_core::clock::TimeSource;
use tower_auth_core::{AuthMethod, Authentication, Clock, Identity, Timestamp};
use tower_auth_test::TestClient;

use super::RequireLayer;

type Body = Full<Bytes>;
type App = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;
type Client = TestClient<App>;

/// The current time of these tests.
const NOW: Timestamp = Timestamp::from_unix_seconds(1_767_225_600);

fn clock() -> Clock {
    struct Stopped;
    impl TimeSource for Stopped {
        fn now(&self) -> Timestamp {
            NOW
        }
    }
    Clock::new(Stopped)
}

/// Answers 200 with `in` to every request that is admitted.
fn handler() -> App {
    let handler = async |_| Ok(Response::new(Full::new(Bytes::from_static(b"in"))));
    BoxCloneSyncService::new(service_fn(handler))
}

/// Creates a client of the handler behind both layers. The authenticating layer is the outer one.
fn client<A, R>(authenticates: A, requires: R) -> Client
where
    R: Layer<App>,
    A: Layer<R::Service>,
    A::Service: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    <A::Service as Service<Request<Body>>>::Future: Send,
{
    TestClient::new(BoxCloneSyncService::new(authenticates.layer(requires.layer(handler()))))
}

/// Creates alice, who logged in at `authenticated_at`.
fn alice_since(authenticated_at: Option<Timestamp>) -> Identity {
    let authentication =
        Authentication { authenticated_at, ..Authentication::by(AuthMethod::Session) };
    Identity::local("alice").scope("read").role("user").build().with_authentication(authentication)
}
