//! The layers beside tower's own: around all of them, between them, and inside.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use http::header::COOKIE;
use http::{Request, Response, StatusCode};
use tower::buffer::BufferLayer;
use tower::limit::ConcurrencyLimitLayer;
use tower::load_shed::LoadShedLayer;
use tower::load_shed::error::Overloaded;
use tower::retry::{Policy, RetryLayer};
use tower::timeout::TimeoutLayer;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, ServiceExt as _, service_fn};
use tower_auth::{CookieLayer, RequireLayer, Session};
use tower_layer::Layer;
use tower_service::Service;

use crate::fixture::Fixture;

type Call = Request<()>;
type Answer = Response<String>;
type App = BoxCloneSyncService<Call, Answer, BoxError>;

/// Panics if it was not polled ready (D9), and serves one request at a time. A clone is never
/// ready.
struct Strict {
    readied: bool,
    calls: Arc<AtomicUsize>,
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        Self { readied: false, calls: self.calls.clone() }
    }
}

impl Service<Call> for Strict {
    type Response = Answer;
    type Error = BoxError;
    type Future = std::future::Ready<Result<Answer, BoxError>>;

    fn poll_ready(&mut self, task: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        if !std::mem::replace(&mut self.readied, true) {
            task.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Call) -> Self::Future {
        assert!(std::mem::take(&mut self.readied), "called without having been polled ready");
        self.calls.fetch_add(1, Ordering::Relaxed);
        let session = Session::of(request.extensions()).unwrap();
        let count = session.update("count", |count: Option<u32>| count.unwrap_or(0) + 1);
        std::future::ready(count.map(|()| Response::new(String::new())).map_err(Into::into))
    }
}

/// Repeats a call once if it was an error.
#[derive(Clone)]
struct Once(bool);

impl Policy<Call, Answer, BoxError> for Once {
    type Future = std::future::Ready<()>;

    fn retry(
        &mut self,
        _: &mut Call,
        result: &mut Result<Answer, BoxError>,
    ) -> Option<Self::Future> {
        (result.is_err() && std::mem::take(&mut self.0)).then(|| std::future::ready(()))
    }

    fn clone_request(&mut self, request: &Call) -> Option<Call> {
        Some(request.clone())
    }
}

/// Boxes the service, because some layers are not `Clone` or `Sync`.
fn boxed<L>(layer: L) -> Wrap
where
    L: Layer<App> + Send + Sync + 'static,
    L::Service: Service<Call, Response = Answer, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
{
    Box::new(move |app| BoxCloneSyncService::new(layer.layer(app).map_err(Into::into)))
}

type Wrap = Box<dyn Fn(App) -> App>;

fn theirs() -> Vec<(&'static str, Wrap)> {
    vec![
        ("nothing", Box::new(|app| app)),
        ("buffer", boxed(BufferLayer::<Call>::new(1))),
        ("limit", boxed(ConcurrencyLimitLayer::new(1))),
        ("retry", boxed(RetryLayer::new(Once(true)))),
        ("timeout", boxed(TimeoutLayer::new(Duration::from_secs(3600)))),
    ]
}

/// Sends requests in sequence and concurrently, through each layer at each place.
#[tokio::test]
async fn xx_08_d09_the_readied_service_is_called_whoever_stands_where() {
    for (name, wrap) in theirs() {
        for place in 0..4 {
            let fixture = Fixture::new();
            let cookie = fixture.log_in("alice").await;
            fixture.store.pending_once();
            let calls = Arc::<AtomicUsize>::default();
            let at = |here: usize, app: App| if here == place { wrap(app) } else { app };
            let strict = Strict { readied: false, calls: calls.clone() };
            let app = at(0, App::new(strict));
            let app = boxed((fixture.bearer(), RequireLayer::new()))(app);
            let app = at(1, app);
            let app = boxed(fixture.session())(app);
            let app = at(2, app);
            let app = boxed((CookieLayer::new(), fixture.csrf()))(app);
            let mut app = at(3, app);

            let ask = || Request::get("/").header(COOKIE, &cookie).body(()).unwrap();
            for _ in 0..3 {
                let response = app.ready().await.unwrap().call(ask()).await.unwrap();
                assert_eq!(response.status(), StatusCode::OK, "{name} at {place}");
            }
            let mut all = tokio::task::JoinSet::new();
            for _ in 0..5 {
                all.spawn(app.clone().oneshot(ask()));
            }
            while let Some(response) = all.join_next().await {
                assert_eq!(
                    response.unwrap().unwrap().status(),
                    StatusCode::OK,
                    "{name} at {place}"
                );
            }
            assert_eq!(calls.load(Ordering::Relaxed), 8, "{name} at {place}");
            assert_eq!(fixture.look(&cookie).await, "alice 8", "{name} at {place}");
            // An anonymous request is still refused before it reaches the service.
            let anonymous = app.oneshot(Request::new(())).await.unwrap();
            assert_eq!(anonymous.status(), StatusCode::UNAUTHORIZED);
            assert_eq!(calls.load(Ordering::Relaxed), 8);
        }
    }
}

/// A request that `LoadShed` rejects is an error: nothing of it is saved, and its place is free
/// again.
#[tokio::test]
async fn load_is_shed_around_and_inside() {
    for inside in [true, false] {
        let fixture = Fixture::new();
        let cookie = fixture.log_in("alice").await;
        let gate = Arc::new(tokio::sync::Semaphore::new(0));
        let (wait, entered) = (gate.clone(), Arc::new(tokio::sync::Notify::new()));
        let inner = entered.clone();
        let handler = App::new(service_fn(move |request: Call| {
            let (wait, entered) = (wait.clone(), inner.clone());
            async move {
                let session = Session::of(request.extensions()).unwrap();
                session.update("count", |count: Option<u32>| count.unwrap_or(0) + 1)?;
                entered.notify_one();
                let _turn = wait.acquire().await?;
                Ok::<_, BoxError>(Response::new(String::new()))
            }
        }));
        let shed = boxed((LoadShedLayer::new(), ConcurrencyLimitLayer::new(1)));
        let ours = boxed((CookieLayer::new(), fixture.csrf(), fixture.session()));
        let app = if inside { ours(shed(handler)) } else { shed(ours(handler)) };

        let ask = || Request::get("/").header(COOKIE, &cookie).body(()).unwrap();
        let first = tokio::spawn(app.clone().oneshot(ask()));
        entered.notified().await;
        let error = app.clone().oneshot(ask()).await.unwrap_err();
        assert!(error.is::<Overloaded>(), "{inside} {error}");
        assert_eq!(fixture.look(&cookie).await, "alice 0");
        gate.add_permits(1);
        assert_eq!(first.await.unwrap().unwrap().status(), StatusCode::OK);
        assert_eq!(app.oneshot(ask()).await.unwrap().status(), StatusCode::OK);
        assert_eq!(fixture.look(&cookie).await, "alice 2", "{inside}");
    }
}

/// A failed attempt leaves nothing to the next one, wherever the retry layer is.
#[tokio::test]
async fn d21_a_retry_begins_again() {
    for place in 0..3 {
        let fixture = Fixture::new();
        let cookie = fixture.log_in("alice").await;
        let calls = Arc::<AtomicUsize>::default();
        let count = calls.clone();
        let handler = App::new(service_fn(move |request: Call| {
            let fails = count.fetch_add(1, Ordering::Relaxed) % 2 == 0;
            async move {
                let session = Session::of(request.extensions()).unwrap();
                session.update("count", |count: Option<u32>| count.unwrap_or(0) + 1)?;
                if fails { Err("try again".into()) } else { Ok(Response::new(String::new())) }
            }
        }));
        let retry = boxed(RetryLayer::new(Once(true)));
        let at = |here: usize, app: App| if here == place { retry(app) } else { app };
        let app = boxed(fixture.session())(at(0, handler));
        let app = boxed((CookieLayer::new(), fixture.csrf()))(at(1, app));
        let app = at(2, app);
        let request = Request::get("/").header(COOKIE, &cookie).body(()).unwrap();
        assert_eq!(app.oneshot(request).await.unwrap().status(), StatusCode::OK);
        assert_eq!(calls.load(Ordering::Relaxed), 2);
        // Inside of the session layer both attempts belong to one request.
        let expected = if place == 0 { "alice 2" } else { "alice 1" };
        assert_eq!(fixture.look(&cookie).await, expected, "place {place}");
    }
}
