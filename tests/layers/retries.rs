//! Handlers that fail, by an error or a panic, and layers that repeat the call.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use http::{Request, Response, StatusCode};
use tower::retry::{Policy, RetryLayer};
use tower::{BoxError, Layer, ServiceBuilder, ServiceExt as _, service_fn};
use tower_auth::cookie::CookieError;
use tower_auth::{CookieLayer, Cookies, Rejection, Session};
use tower_service::Service;

use crate::fixture::{Act, Fixture, finish, perform};

type Call = Request<()>;
type Answer = Response<String>;

#[tokio::test]
async fn an_inner_error_is_passed_on_and_saves_nothing() {
    let fixture = Fixture::new();
    let cookie = finish(fixture.send(None, &[Act::Count])).credential().unwrap();
    let app = ServiceBuilder::new()
        .layer(CookieLayer::new())
        .layer(fixture.csrf.clone())
        .layer(fixture.session.clone())
        .service_fn(async |request: Call| {
            let session = Session::of(request.extensions()).unwrap();
            perform(&session, Act::Count).await.unwrap();
            perform(&session, Act::Login("alice")).await.unwrap();
            Err::<Answer, BoxError>("broken".into())
        });
    let error = app.oneshot(Fixture::request(Some(&cookie))).await.unwrap_err();
    assert_eq!(error.to_string(), "broken");
    assert_eq!(fixture.look(&cookie), "anonymous 30m count=1");
}

/// Repeats a failed call up to this number of times.
#[derive(Clone)]
struct Again(usize);

impl<E> Policy<Call, Answer, E> for Again {
    type Future = std::future::Ready<()>;

    fn retry(&mut self, _: &mut Call, result: &mut Result<Answer, E>) -> Option<Self::Future> {
        let failed = result.as_ref().map_or(true, |it| it.status().is_server_error());
        (failed && self.0 > 0).then(|| {
            self.0 -= 1;
            std::future::ready(())
        })
    }

    fn clone_request(&mut self, request: &Call) -> Option<Call> {
        Some(request.clone())
    }
}

/// Fails twice, by an error or by 503, then succeeds.
fn fickle(
    by_error: bool,
) -> impl Service<Call, Response = Answer, Error = BoxError, Future: Send> + Clone {
    let calls = Arc::<AtomicUsize>::default();
    service_fn(move |request: Call| {
        let call = calls.fetch_add(1, Ordering::Relaxed);
        async move {
            let session =
                Session::of(request.extensions()).expect("the layer runs in each attempt");
            perform(&session, Act::Count).await?;
            let mut response = Response::new(format!("{:?}", session.get::<u32>("count")?));
            if call < 2 {
                if by_error {
                    return Err("try again".into());
                }
                *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            }
            Ok(response)
        }
    })
}

#[tokio::test]
async fn d21_a_retry_passes_wherever_it_stands() {
    // Changes of an attempt that answered stay saved, and those of an attempt with an error are
    // discarded. For the session layer, a retry inside of it belongs to one request, so that all
    // its changes count.
    for (by_error, around, inside) in [(true, 2, 4), (false, 4, 4)] {
        for place in 0..4 {
            let fixture = Fixture::new();
            let cookie = finish(fixture.send(None, &[Act::Count])).credential().unwrap();
            let retry = |at: usize| {
                tower::util::option_layer((at == place).then(|| RetryLayer::new(Again(5))))
            };
            let app = ServiceBuilder::new()
                .layer(retry(0))
                .layer(CookieLayer::new())
                .layer(retry(1))
                .layer(fixture.csrf.clone())
                .layer(retry(2))
                .layer(fixture.session.clone())
                .layer(retry(3))
                .service(fickle(by_error));
            let response = app.oneshot(Fixture::request(Some(&cookie))).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "place {place}");
            let count = if place == 3 { inside } else { around };
            assert_eq!(fixture.look(&cookie), format!("anonymous 30m count={count}"));
        }
    }
}

#[tokio::test]
async fn d17_an_attempt_that_failed_sets_no_cookie_in_the_next_ones_response() {
    let fixture = Fixture::new();
    let kept = Arc::<Mutex<Option<Cookies>>>::default();
    let app = ServiceBuilder::new()
        .layer(CookieLayer::new())
        .layer(RetryLayer::new(Again(1)))
        .layer(fixture.session.clone())
        .service_fn(move |request: Call| {
            let mine = Cookies::of(request.extensions()).unwrap();
            // Simulates a task that the first attempt has left behind.
            let given_up = kept.lock().unwrap().replace(mine.clone());
            async move {
                let Some(late) = given_up else { return Err::<Answer, BoxError>("again".into()) };
                assert_eq!(late.set(("late", "1")), Err(CookieError::ResponseSent));
                mine.set(("mine", "1"))?;
                Ok(Response::new(String::new()))
            }
        });
    let response = app.oneshot(Fixture::request(None)).await.unwrap();
    let lines: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
    assert!(lines.len() == 1 && lines[0].to_str().unwrap().starts_with("mine=1"), "{lines:?}");
}

/// Calls twice at the same time and takes the first answer, as tower's layer of this name does
/// after its delay.
#[derive(Clone)]
struct Hedge;

impl<S> Layer<S> for Hedge {
    type Service = Twice<S>;

    fn layer(&self, inner: S) -> Twice<S> {
        Twice(inner)
    }
}

#[derive(Clone)]
struct Twice<S>(S);

impl<S> Service<Call> for Twice<S>
where
    S: Service<Call, Response = Answer, Error = BoxError, Future: Send> + Clone + Send + 'static,
{
    type Response = Answer;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Answer, BoxError>> + Send>>;

    fn poll_ready(&mut self, task: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(task)
    }

    fn call(&mut self, request: Call) -> Self::Future {
        let (one, other) = (self.0.clone(), self.0.clone());
        Box::pin(async move {
            let mut one = pin!(one.oneshot(request.clone()));
            let mut other = pin!(other.oneshot(request));
            poll_fn(|task| {
                one.as_mut().poll(task).is_ready().then(|| panic!("a request hangs"));
                other.as_mut().poll(task)
            })
            .await
        })
    }
}

/// Counts, and then blocks the first of two calls.
fn slow_first() -> impl Service<Call, Response = Answer, Error = BoxError, Future: Send> + Clone {
    let calls = Arc::<AtomicUsize>::default();
    service_fn(move |request: Call| {
        let first = calls.fetch_add(1, Ordering::Relaxed) == 0;
        async move {
            let session = Session::of(request.extensions()).expect("the layer around the handler");
            perform(&session, Act::Count).await?;
            if first {
                std::future::pending::<()>().await;
            }
            Ok(Response::new(String::new()))
        }
    })
}

#[tokio::test]
async fn d21_two_calls_at_once_go_around_all_layers_or_are_one_request_to_all() {
    // Between two layers both calls would use one context at the same time: the second is refused.
    let (passes, refused) = (StatusCode::OK, StatusCode::INTERNAL_SERVER_ERROR);
    for (place, status, count) in [(0, passes, 2), (1, refused, 1), (2, refused, 1), (3, passes, 3)]
    {
        let fixture = Fixture::new();
        let cookie = finish(fixture.send(None, &[Act::Count])).credential().unwrap();
        let hedge = |at: usize| tower::util::option_layer((at == place).then_some(Hedge));
        let app = ServiceBuilder::new()
            .layer(hedge(0))
            .layer(CookieLayer::new())
            .layer(hedge(1))
            .layer(fixture.csrf.clone())
            .layer(hedge(2))
            .layer(fixture.session.clone())
            .layer(hedge(3))
            .service(slow_first());
        let response = app.oneshot(Fixture::request(Some(&cookie))).await.unwrap();
        assert_eq!(response.status(), status, "place {place}");
        let rejection = response.extensions().get::<Rejection>();
        assert_eq!(matches!(rejection, Some(Rejection::Misconfigured(_))), status == refused);
        assert_eq!(fixture.look(&cookie), format!("anonymous 30m count={count}"), "place {place}");
    }
}

#[test]
fn a_panic_saves_nothing_and_holds_nothing() {
    let fixture = Fixture::new();
    let cookie = finish(fixture.send(None, &[Act::Count])).credential().unwrap();
    let panics = fixture.send_to(Some(&cookie), |session| async move {
        perform(&session, Act::Count).await?;
        perform(&session, Act::Login("alice")).await?;
        panic!("the handler's, on purpose")
    });
    assert!(catch_unwind(AssertUnwindSafe(|| finish(panics))).is_err());
    assert_eq!(fixture.look(&cookie), "anonymous 30m count=1");
    assert_eq!(finish(fixture.send(Some(&cookie), &[Act::Count])).status, StatusCode::OK);
    assert_eq!(fixture.look(&cookie), "anonymous 30m count=2");
}
