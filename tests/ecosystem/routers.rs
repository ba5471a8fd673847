//! The places of the layers in an axum router: nest, merge, fallback, one method, a part of the
//! routes.

use axum::Router;
use axum::routing::{get, post};
use http::{Method, StatusCode};
use tower_auth::{CookieLayer, Identity, Rejection, RequireLayer, Session};

use crate::fixture::Fixture;
use crate::routes::{Seen, behind, routes, send, submit};

async fn who(identity: Identity) -> String {
    identity.subject().to_owned()
}

async fn touch(session: Session) -> &'static str {
    session.insert("touched", &1).unwrap();
    "touched"
}

async fn look(app: &Router, path: &str, cookie: &str) -> Seen {
    send(app, Method::GET, path, &[("cookie", cookie)]).await
}

fn is_misconfiguration(seen: &Seen) -> bool {
    seen.status == StatusCode::INTERNAL_SERVER_ERROR
        && matches!(seen.why, Some(Rejection::Misconfigured(_)))
}

#[tokio::test]
async fn d22_layers_on_half_a_router() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    // `layer` applies to the existing routes, and to none that are added later.
    let half = behind(&fixture, Router::new().route("/inside", get(who)));
    let app = half
        .route("/outside", get(who))
        .route("/touch", post(touch))
        .route("/guarded", get(|| async { "never" }).layer(RequireLayer::new()))
        .route("/public", get(|| async { "public" }));
    assert_eq!(look(&app, "/inside", &cookie).await.text(), "alice");
    assert_eq!(look(&app, "/inside", "").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(look(&app, "/public", &cookie).await.text(), "public");
    for cookie in [&*cookie, ""] {
        fixture.store.reset_steps();
        assert!(is_misconfiguration(&look(&app, "/outside", cookie).await));
        assert!(is_misconfiguration(&submit(&app, "/touch", cookie).await));
        assert!(is_misconfiguration(&look(&app, "/guarded", cookie).await));
        assert_eq!(fixture.store.steps().total(), 0);
    }
}

#[tokio::test]
async fn merged_routers_keep_what_is_theirs() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    let members = behind(&fixture, Router::new().route("/members", get(who)));
    let open = Router::new().route("/open", get(|| async { "open" })).route("/bare", get(who));
    for app in [members.clone().merge(open.clone()), open.merge(members)] {
        assert_eq!(look(&app, "/members", &cookie).await.text(), "alice");
        assert_eq!(look(&app, "/open", &cookie).await.text(), "open");
        assert!(is_misconfiguration(&look(&app, "/bare", &cookie).await));
    }
    // Each half has its own layers: different instances, one store.
    let one = behind(&fixture, Router::new().route("/one", get(who)));
    let two = behind(&fixture, Router::new().route("/two", get(who).post(touch)));
    let app = one.merge(two);
    assert_eq!(look(&app, "/one", &cookie).await.text(), "alice");
    assert_eq!(look(&app, "/two", &cookie).await.text(), "alice");
    assert_eq!(submit(&app, "/two", &cookie).await.text(), "touched");
}

#[tokio::test]
async fn nested_routers_and_their_fallbacks() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    let lost = async |who: Option<Identity>| {
        let who = who.map_or("anonymous".into(), |it| it.subject().to_owned());
        (StatusCode::NOT_FOUND, format!("{who} is lost"))
    };
    let inner = Router::new().route("/me", get(who)).fallback(lost);
    let app = behind(&fixture, Router::new().nest("/app/v1", inner));
    assert_eq!(look(&app, "/app/v1/me", &cookie).await.text(), "alice");
    assert_eq!(look(&app, "/app/v1/nowhere", &cookie).await.text(), "alice is lost");
    assert_eq!(look(&app, "/app/v1/nowhere", "").await.text(), "anonymous is lost");
    // The guard answers before a fallback: a forged request is refused, whatever its path.
    let forged = [("origin", "https://evil.example"), ("cookie", &*cookie)];
    let forged = send(&app, Method::POST, "/app/v1/nowhere", &forged).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);

    // A service as fallback is behind the layers like any route.
    let fallback = Router::new().route("/{*rest}", get(who));
    let app = behind(&fixture, Router::new().fallback_service(fallback));
    assert_eq!(look(&app, "/anywhere", &cookie).await.text(), "alice");
    assert_eq!(look(&app, "/anywhere", "").await.status, StatusCode::UNAUTHORIZED);

    // The same layer around the inner and the outer router is nested in itself. Only that path
    // detects it.
    let inner = behind(&fixture, Router::new().route("/me", get(who)));
    let app = behind(&fixture, Router::new().route("/me", get(who)).nest("/app", inner));
    assert!(is_misconfiguration(&look(&app, "/app/me", &cookie).await));
    assert_eq!(look(&app, "/me", &cookie).await.text(), "alice");
}

#[tokio::test]
async fn one_method_of_a_route() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    let session = (CookieLayer::new(), fixture.csrf(), fixture.session());
    // Only POST passes the layers; GET beside it has none.
    let mixed = post(touch).layer(session.clone()).get(|| async { "public" });
    let bare = post(touch).layer(session.clone()).get(who);
    let guarded = get(who).post(touch).layer((session, RequireLayer::new()));
    let app = Router::new().route("/mixed", mixed).route("/bare", bare).route("/guarded", guarded);
    assert_eq!(look(&app, "/mixed", &cookie).await.text(), "public");
    assert_eq!(submit(&app, "/mixed", &cookie).await.text(), "touched");
    assert!(is_misconfiguration(&look(&app, "/bare", &cookie).await));
    let forged = [("sec-fetch-site", "cross-site"), ("cookie", &*cookie)];
    assert_eq!(send(&app, Method::POST, "/mixed", &forged).await.status, StatusCode::FORBIDDEN);
    assert_eq!(look(&app, "/guarded", &cookie).await.text(), "alice");
    assert_eq!(look(&app, "/guarded", "").await.status, StatusCode::UNAUTHORIZED);
    // `layer` on a method router also covers its 405: a stranger does not learn which methods
    // exist.
    assert_eq!(send(&app, Method::PUT, "/guarded", &[]).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn route_layer_guards_routes_and_no_more() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    let guard = RequireLayer::builder().role("admin").build().unwrap();
    let admin = Router::new().route("/admin", get(who)).route_layer(guard);
    let app = behind(&fixture, routes().route_layer(RequireLayer::new()).merge(admin));
    assert_eq!(look(&app, "/me", &cookie).await.text(), "alice via session");
    assert_eq!(look(&app, "/maybe", "").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(look(&app, "/nowhere", "").await.status, StatusCode::NOT_FOUND);
    let refused = look(&app, "/admin", &cookie).await;
    assert_eq!(
        (refused.status, refused.why.unwrap().code()),
        (StatusCode::FORBIDDEN, "insufficient_role")
    );
}
