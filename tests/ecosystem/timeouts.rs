//! The layers beside `TimeoutLayer`, that of tower-http and that of tower.
//!
//! The handler never answers, and every other future is ready at its first poll. So the length of
//! the timeout does not matter.

use std::time::Duration;

use axum::Router;
use http::header::COOKIE;
use http::{Method, Request, Response, StatusCode};
use tower::timeout::error::Elapsed;
use tower::{BoxError, ServiceBuilder, ServiceExt as _, service_fn};
use tower_auth::{Identity, Session};
use tower_http::timeout::TimeoutLayer;

use crate::fixture::Fixture;
use crate::routes::{behind, routes, send, submit};

const SOON: Duration = Duration::from_millis(1);

fn timeout() -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, SOON)
}

#[tokio::test]
async fn xx_07_outside_what_is_cut_off_leaves_nothing() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    let app = behind(&fixture, routes()).layer(timeout());
    fixture.store.reset_steps();
    for cookie in [&*cookie, ""] {
        let cut = submit(&app, "/stall", cookie).await;
        assert_eq!(cut.status, StatusCode::GATEWAY_TIMEOUT);
        assert_eq!(cut.cookies(), [""; 0]);
    }
    let steps = fixture.store.steps();
    assert_eq!(steps.save + steps.create + steps.end, 0);
    assert_eq!(fixture.look(&cookie).await, "alice 0");
    // The same layers serve the next request.
    assert_eq!(submit(&app, "/count", &cookie).await.text(), "1");
    assert_eq!(fixture.look(&cookie).await, "alice 1");
}

#[tokio::test]
async fn inside_the_timeouts_answer_is_an_answer() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    let app = behind(&fixture, routes().layer(timeout()));
    // Changes that the handler made before the timeout are saved with the response, as with every
    // response, whatever its status. They are complete, and the cookie agrees with the store.
    let cut = submit(&app, "/stall", &cookie).await;
    assert_eq!(cut.status, StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(fixture.look(&cut.session().unwrap()).await, "mallory 0");
    assert_eq!(fixture.look(&cookie).await, "anonymous 0");
    let me = send(&app, Method::GET, "/me", &[("cookie", &cut.session().unwrap())]).await;
    assert_eq!(me.text(), "mallory via session");
}

#[tokio::test]
async fn towers_own_is_an_error_and_saves_nothing() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    let layers =
        (tower_auth::CookieLayer::new(), fixture.csrf(), fixture.session(), fixture.bearer());
    for inside in [true, false] {
        let place = |is_here: bool| {
            let layer = tower::timeout::TimeoutLayer::new(SOON);
            tower::util::option_layer(is_here.then_some(layer))
        };
        let app = ServiceBuilder::new()
            .map_err(BoxError::from)
            .layer(place(!inside))
            .layer(layers.clone())
            .layer(place(inside))
            .service(service_fn(async |request: Request<()>| {
                let session = Session::of(request.extensions()).unwrap();
                session.update("count", |count: Option<u32>| count.unwrap_or(0) + 1).unwrap();
                if request.uri().path() == "/stall" {
                    session.login(Identity::local("mallory").build()).unwrap();
                    std::future::pending::<()>().await;
                }
                Ok::<_, BoxError>(Response::new(String::new()))
            }));
        let ask = |path: &str| Request::get(path).header(COOKIE, &cookie).body(()).unwrap();
        let count = fixture.look(&cookie).await;
        let error = app.clone().oneshot(ask("/stall")).await.unwrap_err();
        assert!(error.is::<Elapsed>(), "{inside} {error}");
        assert_eq!(fixture.look(&cookie).await, count);
        assert_eq!(app.oneshot(ask("/")).await.unwrap().status(), StatusCode::OK);
        assert_ne!(fixture.look(&cookie).await, count);
    }
    assert_eq!(fixture.look(&cookie).await, "alice 2");
}

#[tokio::test]
async fn between_a_guard_and_its_session() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    // Between our own layers: cookie and csrf outside, session inside.
    let app: Router = routes()
        .layer((timeout(), fixture.session(), fixture.bearer()))
        .layer((tower_auth::CookieLayer::new(), fixture.csrf()));
    let cut = submit(&app, "/stall", &cookie).await;
    // The outer layer does not send cookies from the dropped inner request.
    assert_eq!((cut.status, cut.cookies()), (StatusCode::GATEWAY_TIMEOUT, Vec::new()));
    assert_eq!(fixture.look(&cookie).await, "alice 0");
    assert_eq!(submit(&app, "/count", &cookie).await.text(), "1");
}
