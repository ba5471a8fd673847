//! The layers beside `CatchPanicLayer`, and without any layer that catches panics.

use axum::Router;
use http::StatusCode;
use tower_auth::CookieLayer;
use tower_http::catch_panic::CatchPanicLayer;

use crate::fixture::Fixture;
use crate::routes::{behind, routes, submit};
use crate::wire::{BOTH, Connection, serve};

#[tokio::test]
async fn xx_07_a_panic_that_passed_the_layers_leaves_nothing() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    let outside = behind(&fixture, routes()).layer(CatchPanicLayer::new());
    // Between our own layers: the outer ones survive and answer.
    let between: Router = routes()
        .layer((CatchPanicLayer::new(), fixture.session(), fixture.bearer()))
        .layer((CookieLayer::new(), fixture.csrf()));
    for app in [outside, between] {
        fixture.store.reset_steps();
        for cookie in [&*cookie, ""] {
            let caught = submit(&app, "/panics", cookie).await;
            assert_eq!(caught.status, StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(caught.cookies(), [""; 0]);
        }
        let steps = fixture.store.steps();
        assert_eq!(steps.save + steps.create + steps.end, 0);
        let before = fixture.look(&cookie).await;
        assert_eq!(submit(&app, "/count", &cookie).await.status, StatusCode::OK);
        assert_ne!(fixture.look(&cookie).await, before);
    }
    assert_eq!(fixture.look(&cookie).await, "alice 2");
}

#[tokio::test]
async fn a_panic_caught_inside_is_an_answer() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    let app = behind(&fixture, routes().layer(CatchPanicLayer::new()));
    // As with every response, changes before the panic are saved completely, and cookie and store
    // agree.
    let caught = submit(&app, "/panics", &cookie).await;
    assert_eq!(caught.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(fixture.look(&caught.session().unwrap()).await, "mallory 0");
    assert_eq!(fixture.look(&cookie).await, "anonymous 0");
}

#[tokio::test]
async fn xx_07_no_one_catches_it_and_the_others_go_on() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    let address = serve(behind(&fixture, routes())).await;
    for version in BOTH {
        let mut alice = Connection::open(address, version).await;
        let mut bob = Connection::open(address, version).await;
        assert_eq!(bob.get("/maybe", &[]).await.text, "anonymous");
        let origin = alice.origin();
        let lines = [("origin", &*origin), ("cookie", &cookie)];
        assert!(alice.begin("POST", "/panics", &lines, "").await.is_err());
        assert_eq!(fixture.look(&cookie).await, "alice 0", "{version:?}");
        let me = bob.get("/me", &[("cookie", &cookie)]).await;
        assert_eq!(me.text, "alice via session");
    }
}
