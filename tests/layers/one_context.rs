//! Several calls in one request's context: clones of a request that already passed one of our
//! layers.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::{get, post};
use http::{Request, Response, StatusCode};
use tower::{BoxError, Service, ServiceBuilder, ServiceExt as _, service_fn};
use tower_auth::event::{Event, Events};
use tower_auth::{
    AuthStack, Clock, CookieLayer, Identity, KeyRing, MemoryStore, Session, SessionLayer, Settings,
};
use tower_auth_test::gate::GateStore;

type Call = Request<()>;
type Answer = Response<String>;

fn cookies<B>(response: &Response<B>) -> Vec<String> {
    let lines = response.headers().get_all("set-cookie").iter();
    lines.map(|it| it.to_str().unwrap().split(';').next().unwrap().to_owned()).collect()
}

/// The same session cannot be opened twice at the same time. The second call is refused, whatever
/// the first one does. It neither disturbs the first call nor prevents a later one.
#[tokio::test]
async fn d21_of_two_calls_at_once_the_second_is_refused_and_the_first_unharmed() {
    let keys = KeyRing::random();
    let layer = SessionLayer::new(MemoryStore::new(Clock::system()), &keys);
    let door = Arc::new(tokio::sync::Notify::new());
    let opened = door.clone();
    let inner = ServiceBuilder::new().layer(layer).service_fn(move |request: Call| {
        let door = opened.clone();
        async move {
            let session = Session::of(request.extensions()).unwrap();
            session.login(Identity::local("alice").build()).unwrap();
            door.notified().await;
            Ok::<_, Infallible>(Answer::new(String::new()))
        }
    });
    let app = ServiceBuilder::new().layer(CookieLayer::new()).service_fn(move |request: Call| {
        let (inner, door) = (inner.clone(), door.clone());
        async move {
            let mut first = std::pin::pin!(inner.clone().oneshot(request.clone()));
            assert!(
                std::future::poll_fn(|task| {
                    std::task::Poll::Ready(first.as_mut().poll(task).is_pending())
                })
                .await
            );
            let second = inner.clone().oneshot(request.clone()).await?;
            assert_eq!(second.status(), StatusCode::INTERNAL_SERVER_ERROR);
            door.notify_one();
            let first = first.await?;
            assert_eq!(first.status(), StatusCode::OK);
            Ok::<_, Infallible>(first)
        }
    });
    let response = app.oneshot(Request::new(())).await.unwrap();
    let set = cookies(&response);
    assert!(set.len() == 1 && set[0].starts_with("__Host-session="), "{set:?}");
}

/// A task of an abandoned attempt completes during the next attempt: the response belongs to the
/// next attempt.
#[tokio::test]
async fn d04_what_an_attempt_left_behind_touches_no_cookie_of_the_next() {
    for logs_out in [false, true] {
        assert_eq!(after_an_attempt(logs_out).await, ("alice".to_owned(), 1), "{logs_out}");
    }
}

/// Runs an attempt that leaves a commit or a logout behind, and one that logs in. Returns the user of
/// the response's cookies, and the number of cookies.
async fn after_an_attempt(logs_out: bool) -> (String, usize) {
    let keys = KeyRing::random();
    let store = GateStore::new(MemoryStore::new(Clock::system()));
    let gate = store.gate();
    let layer = SessionLayer::new(store, &keys);
    let left = Arc::new(Mutex::new(None));
    let (kept, closed) = (left.clone(), gate.clone());
    let inner = ServiceBuilder::new().layer(layer.clone()).service_fn(move |request: Call| {
        let (left, gate) = (kept.clone(), closed.clone());
        async move {
            let session = Session::of(request.extensions()).unwrap();
            let before = left.lock().unwrap().take();
            let Some(before) = before else {
                session.insert("a", &1)?;
                if logs_out {
                    session.commit().await?;
                }
                gate.close();
                let leaves = async move {
                    if logs_out { session.logout().await } else { session.commit().await }
                };
                let behind = tokio::spawn(leaves);
                while gate.waiting().is_empty() {
                    tokio::task::yield_now().await;
                }
                *left.lock().unwrap() = Some(behind);
                return Err(BoxError::from("try again"));
            };
            session.login(Identity::local("alice").build())?;
            gate.open();
            before.await??;
            Ok(Answer::new(String::new()))
        }
    });
    let app = ServiceBuilder::new().layer(CookieLayer::new()).service_fn(move |request: Call| {
        let inner = inner.clone();
        async move {
            assert!(inner.clone().oneshot(request.clone()).await.is_err());
            inner.oneshot(request).await
        }
    });
    let response = app.oneshot(Request::new(())).await.unwrap();
    let set = cookies(&response);
    let who = service_fn(async |request: Call| {
        let subject = request.extensions().get::<Identity>().map(|it| it.subject().to_owned());
        Ok::<_, Infallible>(Answer::new(subject.unwrap_or_default()))
    });
    let again = Request::get("/").header("cookie", set.join("; ")).body(()).unwrap();
    let seen = ServiceBuilder::new().layer(layer).service(who).oneshot(again).await.unwrap();
    (seen.into_body(), set.len())
}

/// A sink runs in the middle of a request. No call of the sink on the session deadlocks.
#[tokio::test]
async fn xx_04_a_sink_may_use_the_very_session_that_it_hears_of() {
    let keys = KeyRing::random();
    let held = Arc::new(Mutex::new(None::<Session>));
    let (asked, told) = (held.clone(), Arc::new(Mutex::new(Vec::new())));
    let heard = told.clone();
    let events = Events::new(move |event: &Event<'_>| {
        let session = asked.lock().unwrap().clone();
        if let Some(session) = session {
            let _ = (session.identity(), session.get::<u32>("a"), session.insert("b", &2));
            let _ = (session.id(), session.login(Identity::local("alice").build()));
        }
        heard.lock().unwrap().push(event.kind.code());
    });
    let store = MemoryStore::new(Clock::system());
    let stack = AuthStack::new(&keys)
        .settings(&Settings::new().events(events))
        .cookies()
        .csrf()
        .session(store);
    let app: Router = Router::new()
        .route(
            "/",
            post(async move |session: Session| {
                *held.lock().unwrap() = Some(session.clone());
                session.login(Identity::local("alice").build())?;
                session.commit().await?;
                session.logout().await?;
                session.insert("a", &1)
            }),
        )
        .layer(stack.build().unwrap());
    let request = Request::post("/").body(axum::body::Body::empty()).unwrap();
    assert_eq!(app.oneshot(request).await.unwrap().status(), StatusCode::OK);
    let told = told.lock().unwrap().clone();
    assert!(told.contains(&"session_login") && told.contains(&"session_logged_out"), "{told:?}");
}

/// A panic in a sink is a panic of this request, and of no other.
#[tokio::test]
async fn a_sink_that_panics_logs_no_one_in_and_leaves_nothing_locked() {
    let keys = KeyRing::random();
    let angry = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let mood = angry.clone();
    let events = Events::new(move |event: &Event<'_>| {
        let is_login = event.kind.code() == "session_login";
        assert!(!(is_login && mood.load(std::sync::atomic::Ordering::Relaxed)), "no");
    });
    let store = MemoryStore::new(Clock::system());
    let stack = AuthStack::new(&keys)
        .settings(&Settings::new().events(events))
        .cookies()
        .csrf()
        .session(store);
    let app: Router = Router::new()
        .route("/", get(async |session: Session| session.login(Identity::local("alice").build())))
        .layer(stack.build().unwrap());
    let ask = || {
        let request = Request::get("/").body(axum::body::Body::empty()).unwrap();
        let mut app = app.clone();
        tokio::spawn(async move { app.call(request).await.unwrap() })
    };
    assert!(ask().await.unwrap_err().is_panic());
    angry.store(false, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(cookies(&ask().await.unwrap()).len(), 1);
}
