//! The session layer among other layers.

use std::convert::Infallible;

use http::{Request, Response, StatusCode};
use tower::{Service as _, ServiceBuilder, ServiceExt as _, service_fn};
use tower_auth_core::{AuthState, Identity, Rejection};

use super::fixture::{Fixture, request};
use crate::{Session, SessionLayer};

async fn hello(_: Request<()>) -> Result<Response<String>, Infallible> {
    Ok(Response::new("hello".into()))
}

#[tokio::test]
async fn d21_nested_in_itself_it_refuses() {
    let fixture = Fixture::new();
    let service = ServiceBuilder::new()
        .layer(&fixture.layer)
        .layer(&fixture.layer)
        .service(service_fn(hello));
    let response = service.oneshot(request(None)).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(matches!(response.extensions().get(), Some(Rejection::Misconfigured(_))));
    assert_eq!(response.body(), "");
}

/// The layer was entered, and has not established a session yet.
#[tokio::test]
async fn a_predicate_that_asks_who_it_is_is_told_that_nothing_is_known_yet() {
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let seen = asked.clone();
    let fixture = Fixture::with(|builder| {
        builder.skip(move |parts| {
            seen.store(true, std::sync::atomic::Ordering::Relaxed);
            assert!(AuthState::of(&parts.extensions).is_err());
            false
        })
    });
    let cookie = fixture.login(None, "alice").await;
    assert_eq!(fixture.who(&cookie).await, "alice");
    assert!(asked.load(std::sync::atomic::Ordering::Relaxed));
}

#[tokio::test]
async fn skip_makes_it_as_if_absent() {
    let fixture = Fixture::with(|builder| builder.skip(|parts| parts.uri.path() == "/static"));
    let cookie = fixture.login(None, "alice").await;
    let seen = service_fn(|request: Request<()>| async move {
        let state = AuthState::of(request.extensions());
        assert!(Session::of(request.extensions()).is_none());
        assert!(request.extensions().get::<Identity>().is_none());
        assert!(state.unwrap_err().problem.contains(".skip"));
        Ok::<_, Infallible>(Response::new(String::new()))
    });
    fixture.store.reset_steps();
    let mut skipped = request(Some(&cookie));
    *skipped.uri_mut() = "/static".parse().unwrap();
    let service = ServiceBuilder::new().layer(&fixture.layer).service(seen);
    let response = service.oneshot(skipped).await.unwrap();
    assert!(!response.headers().contains_key("vary"));
    assert_eq!(fixture.store.steps().total(), 0);
}

#[tokio::test]
async fn a_route_that_is_left_out_keeps_its_own_401() {
    let fixture = Fixture::with(|builder| builder.skip(|parts| parts.uri.path() == "/basic"));
    let basic = service_fn(|_: Request<()>| async {
        let mut response = Response::new(String::new());
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        response.headers_mut().insert("www-authenticate", "Basic realm=\"a\"".parse().unwrap());
        Ok::<_, Infallible>(response)
    });
    for (path, challenges) in [("/basic", 1), ("/other", 2)] {
        let mut request = request(None);
        *request.uri_mut() = path.parse().unwrap();
        let service = ServiceBuilder::new().layer(&fixture.layer).service(basic);
        let response = service.oneshot(request).await.unwrap();
        assert_eq!(response.headers().get_all("www-authenticate").iter().count(), challenges);
    }
}

#[tokio::test]
async fn an_inner_error_passes_through_and_saves_nothing() {
    let fixture = Fixture::new();
    let failing = service_fn(|request: Request<()>| async move {
        Session::of(request.extensions()).unwrap().insert("a", &1).unwrap();
        Err::<Response<String>, _>("inner error")
    });
    let service = ServiceBuilder::new().layer(&fixture.layer).service(failing);
    assert_eq!(service.oneshot(request(None)).await.unwrap_err(), "inner error");
    assert_eq!(fixture.store.steps().total(), 0);
}

#[tokio::test]
async fn a_retry_inside_an_outer_layer_passes() {
    // The outer context stays; the session layer runs on it twice.
    use crate::request::{LayerFlag, RequestScope};
    let fixture = Fixture::new();
    let mut outer = request(None);
    let _scope = RequestScope::enter(&mut outer, LayerFlag::Cookie).unwrap();
    let attempts = std::cell::Cell::new(0);
    let service = service_fn(|request: Request<()>| {
        attempts.set(attempts.get() + 1);
        let first = attempts.get() == 1;
        async move {
            let session = Session::of(request.extensions()).unwrap();
            assert_eq!(session.get::<u32>("a").unwrap(), None);
            session.insert("a", &1).unwrap();
            if first { Err("try again") } else { Ok(Response::new(String::new())) }
        }
    });
    let mut service = ServiceBuilder::new().layer(&fixture.layer).service(service);
    let first = service.ready().await.unwrap().call(outer.clone());
    let mut first = Box::pin(first);
    assert!(first.as_mut().await.is_err());
    // The first future is still alive, as tower's retry keeps it.
    let second = service.ready().await.unwrap().call(outer.clone()).await.unwrap();
    assert_eq!(second.status(), StatusCode::OK);
    assert_eq!(fixture.store.steps().create, 1);
}

#[tokio::test]
async fn xx_08_d09_the_inner_service_is_called_only_when_it_was_ready() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    // A ConcurrencyLimit panics or admits too many requests when a fresh clone is called.
    let service =
        ServiceBuilder::new().layer(&fixture.layer).concurrency_limit(1).service(service_fn(hello));
    let mut one = service.clone();
    let mut two = service;
    let first = one.ready().await.unwrap().call(request(Some(&cookie)));
    let waker = std::task::Waker::noop();
    let mut task = std::task::Context::from_waker(waker);
    assert!(two.poll_ready(&mut task).is_pending());
    assert_eq!(first.await.unwrap().status(), StatusCode::OK);
    assert!(two.poll_ready(&mut task).is_ready());
    assert_eq!(two.call(request(Some(&cookie))).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_body_without_default_goes_through_a_refusal_of_ones_own() {
    struct NoDefault;
    let fixture = Fixture::new();
    let layer = SessionLayer::builder(fixture.store.clone(), &fixture.keys)
        .refuse_with(|rejection: &Rejection, _| {
            let mut response = Response::new(NoDefault);
            *response.status_mut() = rejection.status();
            response
        })
        .build()
        .unwrap();
    let inner = service_fn(|request: Request<()>| async move {
        Session::of(request.extensions()).unwrap().insert("a", &1).unwrap();
        Ok::<_, Infallible>(Response::new(NoDefault))
    });
    fixture.store.down();
    let response = ServiceBuilder::new().layer(layer).service(inner).oneshot(request(None)).await;
    assert_eq!(response.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn se_22_two_principals_in_one_request_are_refused() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    let mut both = request(Some(&cookie));
    both.extensions_mut().insert(Identity::local("bob").build());
    let service = ServiceBuilder::new().layer(&fixture.layer).service(service_fn(hello));
    let response = service.oneshot(both).await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(response.extensions().get(), Some(&Rejection::Ambiguous));
}

#[tokio::test]
async fn d17_a_response_that_is_dropped_takes_its_cookies_along() {
    let fixture = Fixture::new();
    let store = fixture.store.clone();
    let greets = service_fn(move |request: Request<()>| {
        let store = store.clone();
        async move {
            let cookies = crate::Cookies::of(request.extensions()).unwrap();
            cookies.set(("greeting", "saved")).unwrap();
            Session::of(request.extensions()).unwrap().insert("a", &1).unwrap();
            store.down();
            Ok::<_, Infallible>(Response::new(String::from("saved")))
        }
    });
    let service = ServiceBuilder::new()
        .layer(crate::CookieLayer::new())
        .layer(&fixture.layer)
        .service(greets);
    let response = service.oneshot(request(None)).await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.body(), "");
    assert!(!response.headers().contains_key("set-cookie"), "{:?}", response.headers());
}

#[tokio::test]
async fn d04_an_attempt_that_failed_leaves_no_cookie_to_the_next() {
    use crate::request::{LayerFlag, RequestScope};
    let fixture = Fixture::new();
    let mut outer = request(None);
    let mut scope = RequestScope::enter(&mut outer, LayerFlag::Cookie).unwrap();
    let logs_in = service_fn(|request: Request<()>| async move {
        let session = Session::of(request.extensions()).unwrap();
        session.login(Identity::local("alice").build()).unwrap();
        assert!(session.commit().await.is_ok());
        Err::<Response<String>, _>("inner error")
    });
    let service = ServiceBuilder::new().layer(&fixture.layer).service(logs_in);
    assert!(service.oneshot(outer).await.is_err());
    let mut response = Response::new(());
    scope.finish(&mut response);
    assert!(!response.headers().contains_key("set-cookie"), "{:?}", response.headers());
}

#[tokio::test]
async fn d04_a_handle_that_outlives_its_request_can_do_nothing() {
    use crate::request::{LayerFlag, RequestScope};
    use crate::session::SessionError;
    let fixture = Fixture::new();
    let kept = std::sync::Mutex::new(None);
    let mut outer = request(None);
    let _scope = RequestScope::enter(&mut outer, LayerFlag::Cookie).unwrap();
    let failing = service_fn(|request: Request<()>| {
        let session = Session::of(request.extensions()).unwrap();
        session.insert("a", &1).unwrap();
        *kept.lock().unwrap() = Some(session);
        async { Err::<Response<String>, _>("inner error") }
    });
    let service = ServiceBuilder::new().layer(&fixture.layer).service(failing);
    assert!(service.oneshot(outer.clone()).await.is_err());
    // The request continues outside, but its session does not exist there.
    assert!(Session::of(outer.extensions()).is_none());
    let session = kept.into_inner().unwrap().unwrap();
    assert!(matches!(session.insert("b", &1), Err(SessionError::ResponseSent)));
    assert!(matches!(session.commit().await, Err(SessionError::ResponseSent)));
    let login = session.login(Identity::local("alice").build());
    assert!(matches!(login, Err(SessionError::ResponseSent)));
    assert!(matches!(session.logout().await, Err(SessionError::ResponseSent)));
    assert_eq!(fixture.store.steps().total(), 0);
}
