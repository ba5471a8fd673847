//! Pages that needed an identity: no cache stores them, unless their handlers allow it.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use http::StatusCode;
use http::header::CACHE_CONTROL;
use tower_auth::session::SessionLayerBuilder;
use tower_auth::{Identity, RequireLayer};

use crate::fixture::{Client, Fixture, Transport, everywhere, routes};

const ORIGIN: &str = "https://app.example";
const OUTRANKING: &str = "cdn-cache-control";

/// The common routes, and a page for each way to ask for an identity, or not to.
fn app(
    fixture: &Fixture,
    settings: impl FnOnce(SessionLayerBuilder) -> SessionLayerBuilder,
) -> Router {
    let says = async |Path(value): Path<String>| [(CACHE_CONTROL, value)];
    let extracted = async |_: Identity, Path(value): Path<String>| [(CACHE_CONTROL, value)];
    let to_one_cache = async |_: Identity| [(OUTRANKING, "max-age=60")];
    let guarded = Router::new()
        .route("/guarded", get(async || "guarded"))
        .route("/guarded/says/{value}", get(says))
        .route("/guarded/upgrade", get(async || StatusCode::SWITCHING_PROTOCOLS))
        .route_layer(RequireLayer::new());
    let asked = Router::new()
        .route("/public", get(async || "public"))
        .route("/extracted", get(async |_: Identity| "extracted"))
        .route("/extracted/says/{value}", get(extracted))
        .route("/extracted/cdn", get(to_one_cache))
        .route("/extracted/upgrade", get(async |_: Identity| StatusCode::SWITCHING_PROTOCOLS))
        .route("/extracted/error", get(async |_: Identity| StatusCode::INTERNAL_SERVER_ERROR))
        .route("/perhaps", get(async |_: Option<Identity>| "perhaps"));
    routes().merge(guarded).merge(asked).layer(fixture.layer(settings))
}

async fn logged_in(fixture: &Fixture, app: &Router) -> Client {
    let browser = fixture.browser(app, ORIGIN);
    assert_eq!(browser.post("/login/alice").await.status(), StatusCode::OK);
    browser
}

async fn caching(browser: &Client, path: &str, status: StatusCode) -> Option<String> {
    let reply = browser.get(path).await;
    assert_eq!(reply.status(), status, "{path}");
    assert!(reply.headers().get_all(CACHE_CONTROL).iter().count() <= 1, "{path}");
    reply.header("cache-control").map(Into::into)
}

#[tokio::test]
async fn se_13_a_page_that_needed_an_identity_is_not_stored() {
    everywhere(async |fixture| {
        let browser = logged_in(fixture, &app(fixture, |it| it)).await;
        for path in ["/guarded", "/extracted", "/perhaps", "/who"] {
            let said = caching(&browser, path, StatusCode::OK).await;
            assert_eq!(said.as_deref(), Some("no-store"), "{path}");
        }
        // An error page may show as much as the page itself.
        let said = caching(&browser, "/extracted/error", StatusCode::INTERNAL_SERVER_ERROR).await;
        assert_eq!(said.as_deref(), Some("no-store"));
        // A page that asks for no identity is public, with a session or without one.
        for path in ["/public", "/get/key"] {
            assert_eq!(caching(&browser, path, StatusCode::OK).await, None, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn se_13_what_a_private_page_says_of_caching_stands() {
    everywhere(async |fixture| {
        let browser = logged_in(fixture, &app(fixture, |it| it)).await;
        for path in ["/guarded/says", "/extracted/says"] {
            for own in ["private", "no-cache", "public"] {
                let said = caching(&browser, &format!("{path}/{own}"), StatusCode::OK).await;
                assert_eq!(said.as_deref(), Some(own), "{path}");
            }
        }
        // A field for one kind of cache does not apply to the browser.
        let reply = browser.get("/extracted/cdn").await;
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert_eq!(reply.header(OUTRANKING), None);
    })
    .await;
}

#[tokio::test]
async fn se_13_an_upgrade_is_no_page() {
    everywhere(async |fixture| {
        let browser = logged_in(fixture, &app(fixture, |it| it)).await;
        for path in ["/guarded/upgrade", "/extracted/upgrade"] {
            let said = caching(&browser, path, StatusCode::SWITCHING_PROTOCOLS).await;
            assert_eq!(said, None, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn se_13_a_visitors_page_is_left_to_its_handler() {
    everywhere(async |fixture| {
        let app = app(fixture, |it| it);
        let visitor = fixture.browser(&app, ORIGIN);
        for path in ["/public", "/perhaps", "/who"] {
            assert_eq!(caching(&visitor, path, StatusCode::OK).await, None, "{path}");
        }
        // A session without a login has no identity.
        assert_eq!(visitor.post("/put/key/value").await.status(), StatusCode::OK);
        for path in ["/public", "/perhaps", "/who"] {
            assert_eq!(caching(&visitor, path, StatusCode::OK).await, None, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn se_13_private_pages_can_be_left_to_their_handlers() {
    everywhere(async |fixture| {
        let browser =
            logged_in(fixture, &app(fixture, SessionLayerBuilder::insecure_without_no_store)).await;
        for path in ["/guarded", "/extracted", "/perhaps", "/who"] {
            assert_eq!(caching(&browser, path, StatusCode::OK).await, None, "{path}");
        }
        // A response that sets or removes a credential, or refuses, is not stored in any case.
        for path in ["/login/bob", "/logout"] {
            let reply = browser.post(path).await;
            assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
        }
        let said = caching(&browser, "/guarded", StatusCode::UNAUTHORIZED).await;
        assert_eq!(said.as_deref(), Some("no-store"));
    })
    .await;
}

#[tokio::test]
async fn se_13_d45_after_a_logout_no_page_is_anybodys() {
    everywhere(async |fixture| {
        let browser = logged_in(fixture, &app(fixture, |it| it)).await;
        let copy = browser.fork();
        let logout = browser.post("/logout").await;
        assert_eq!(logout.header("cache-control"), Some("no-store"));
        for path in ["/guarded", "/extracted"] {
            let said = caching(&browser, path, StatusCode::UNAUTHORIZED).await;
            assert_eq!(said.as_deref(), Some("no-store"), "{path}");
        }
        for path in ["/public", "/perhaps", "/who"] {
            assert_eq!(caching(&browser, path, StatusCode::OK).await, None, "{path}");
        }
        // If the fixture can end a session, a copy of its cookies shows nothing either.
        let status =
            if fixture.ends_sessions() { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
        assert_eq!(caching(&copy, "/guarded", status).await.as_deref(), Some("no-store"));
    })
    .await;
}

#[tokio::test]
async fn se_14_a_logout_clears_the_browsers_cache_if_the_layer_was_told_to() {
    everywhere(async |fixture| {
        for (clears, wanted) in [(true, Some("\"cache\"")), (false, None)] {
            let settings =
                |it: SessionLayerBuilder| if clears { it.clear_cache_on_logout() } else { it };
            let browser = fixture.browser(&app(fixture, settings), ORIGIN);
            for path in ["/login/alice", "/put/key/value", "/login/bob"] {
                let reply = browser.post(path).await;
                assert_eq!(reply.header("clear-site-data"), None, "{path}");
            }
            assert_eq!(browser.get("/guarded").await.header("clear-site-data"), None);
            assert_eq!(browser.post("/logout").await.header("clear-site-data"), wanted);
            // The next page is an ordinary one.
            let page = browser.get("/who").await;
            assert_eq!((page.header("clear-site-data"), page.text()), (None, "anonymous".into()));
        }
    })
    .await;
}

#[tokio::test]
async fn a_page_that_only_says_when_the_session_was_used_is_a_credentials() {
    everywhere(async |fixture| {
        let browser = logged_in(fixture, &app(fixture, |it| it)).await;
        fixture.time.advance(std::time::Duration::from_secs(20 * 60));
        let reply = browser.get("/public").await;
        let told = fixture.transport == Transport::Cookie;
        assert_eq!(reply.set_cookies().is_empty(), !told);
        assert_eq!(reply.header("cache-control"), told.then_some("no-store"));
    })
    .await;
}
