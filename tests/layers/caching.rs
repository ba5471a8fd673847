//! The caching headers of responses, for every combination of layers and owner of the context.

use std::convert::Infallible;

use http::header::{CACHE_CONTROL, HeaderMap, HeaderName, VARY};
use http::{HeaderValue, Request, Response, StatusCode};
use tower::util::BoxCloneService;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tower_auth::refuse::Empty;
use tower_auth::{
    AuthStack, AuthState, Clock, CookieLayer, CsrfLayer, Identity, JwtIssuer, KeyRing, MemoryStore,
    Refresh, RefreshLayer, RequireLayer, Session, SessionLayer,
};
use tower_auth_test::TestClient;

use crate::site::Body;

type App = BoxCloneService<Request<Body>, Response<Body>, Infallible>;
type Client = TestClient<App>;

/// Fields that some cache obeys before `Cache-Control`.
const OUTRANKING: [&str; 6] = [
    "cdn-cache-control",
    "cloudflare-cdn-cache-control",
    "surrogate-control",
    "edge-control",
    "x-accel-expires",
    "expires",
];

fn keys() -> KeyRing {
    KeyRing::insecure_from_seed(7)
}

fn store() -> MemoryStore {
    MemoryStore::new(Clock::system())
}

fn issuer() -> JwtIssuer {
    JwtIssuer::builder("local", "https://api.example").generated_key("1").build().unwrap()
}

/// A handler. The path names its action, and `x-say` its caching headers, as `name=value`.
async fn handle(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let session = Session::of(request.extensions());
    let mut response = Response::new(Body::default());
    match (request.uri().path(), session) {
        ("/login", Some(session)) => session.login(Identity::local("alice").build()).unwrap(),
        ("/logout", Some(session)) => session.logout().await.unwrap(),
        ("/session-identity", Some(session)) => drop(session.identity().unwrap()),
        ("/used", _) => drop(AuthState::used(request.extensions()).unwrap()),
        ("/upgrade", _) => *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS,
        _ => {}
    }
    for said in request.headers().get_all("x-say") {
        let (name, value) = said.to_str().unwrap().split_once('=').unwrap();
        let (name, value): (HeaderName, HeaderValue) =
            (name.parse().unwrap(), value.parse().unwrap());
        response.headers_mut().append(name, value);
    }
    Ok(response)
}

fn around<L>(layer: L) -> Client
where
    L: Layer<App>,
    L::Service: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    <L::Service as Service<Request<Body>>>::Future: Send,
{
    let handler = BoxCloneService::new(service_fn(handle));
    TestClient::new(BoxCloneService::new(layer.layer(handler)))
}

fn guarded() -> Client {
    around(ServiceBuilder::new().layer(SessionLayer::new(store(), &keys())).layer(
        tower::layer::layer_fn(|inner: App| {
            let guarded = RequireLayer::new().layer(inner.clone());
            let is_guarded = |path: &str| path.starts_with("/guarded");
            BoxCloneService::new(service_fn(move |request: Request<Body>| {
                let (open, guarded) = (inner.clone(), guarded.clone());
                let path = request.uri().path().to_owned();
                async move {
                    if is_guarded(&path) || path == "/upgrade" {
                        guarded.oneshot(request).await
                    } else {
                        open.oneshot(request).await
                    }
                }
            }))
        }),
    ))
}

fn said(headers: &HeaderMap, name: impl http::header::AsHeaderName) -> Vec<&str> {
    headers.get_all(name).iter().map(|it| it.to_str().unwrap()).collect()
}

#[tokio::test]
async fn a_response_that_needed_an_identity_is_not_stored() {
    let alice = guarded();
    assert_eq!(alice.get("/guarded").await.status(), StatusCode::UNAUTHORIZED);
    alice.post("/login").await;
    for path in ["/guarded", "/session-identity", "/used"] {
        let page = alice.get(path).await;
        assert_eq!(page.header("cache-control"), Some("no-store"), "{path}");
    }
    // A response that only passes the layers is not private.
    assert_eq!(alice.get("/public").await.header("cache-control"), None);
}

#[tokio::test]
async fn a_response_to_an_anonymous_visitor_is_left_to_the_handler() {
    let visitor = guarded();
    for path in ["/public", "/session-identity", "/used"] {
        assert_eq!(visitor.get(path).await.header("cache-control"), None, "{path}");
    }
}

#[tokio::test]
async fn what_the_handler_says_of_caching_stands() {
    let alice = guarded();
    alice.post("/login").await;
    for own in ["private, max-age=60", "public", "no-cache"] {
        let said = format!("cache-control={own}");
        let page = alice.get("/guarded").header("x-say", &said).await;
        assert_eq!(page.header("cache-control"), Some(own));
    }
    // A field for one kind of cache does not apply to the browser's cache.
    let page = alice.get("/guarded").header("x-say", "cdn-cache-control=max-age=60").await;
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(page.header("cdn-cache-control"), None);
}

#[tokio::test]
async fn an_upgrade_is_no_response_that_caches_know() {
    let alice = guarded();
    alice.post("/login").await;
    let upgraded = alice.get("/upgrade").await;
    assert_eq!(upgraded.status(), StatusCode::SWITCHING_PROTOCOLS);
    assert_eq!(upgraded.header("cache-control"), None);
}

#[tokio::test]
async fn se_13_nothing_that_outranks_no_store_leaves_with_a_login_or_a_refusal() {
    let alice = guarded();
    let say = |client: &Client, path: &str| {
        let request = if path == "/login" { client.post(path) } else { client.get(path) };
        OUTRANKING
            .iter()
            .fold(request, |request, name| request.header("x-say", &format!("{name}=max-age=3600")))
    };
    let kept = say(&alice, "/public").await;
    for name in OUTRANKING {
        assert!(kept.headers().contains_key(name), "{name}");
    }
    for path in ["/login", "/guarded"] {
        let response = say(&alice, path).await;
        assert_eq!(said(response.headers(), CACHE_CONTROL), ["no-store"], "{path}");
        for name in OUTRANKING {
            assert!(!response.headers().contains_key(name), "{path}: {name}");
        }
    }
}

/// A layer of the application, between ours, that sets the same field on every response.
#[tokio::test]
async fn se_13_a_layer_in_between_has_no_refusal_cached() {
    let cdn = tower::layer::layer_fn(|inner: App| {
        BoxCloneService::new(inner.map_response(|mut response: Response<Body>| {
            let value = HeaderValue::from_static("max-age=3600");
            response.headers_mut().insert("cdn-cache-control", value);
            response
        }))
    });
    let require =
        tower::layer::layer_fn(|inner: App| BoxCloneService::new(RequireLayer::new().layer(inner)));
    let session = SessionLayer::new(store(), &keys());
    let client = around(ServiceBuilder::new().layer(session).layer(cdn).layer(require));
    let refused = client.get("/").await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(refused.header("cache-control"), Some("no-store"));
    assert_eq!(refused.header("cdn-cache-control"), None);
}

/// The outermost of our layers writes the headers, with its own setting.
#[tokio::test]
async fn each_layer_that_can_own_the_context_can_leave_caching_to_the_handler() {
    async fn read<L>(outer: L) -> Option<String>
    where
        L: Layer<App>,
        L::Service: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
            + Clone
            + Send
            + 'static,
        <L::Service as Service<Request<Body>>>::Future: Send,
    {
        let inner = tower::layer::layer_fn(|inner: App| {
            // Inserts an identity as a layer of the application does.
            let known = |mut request: Request<Body>| {
                let alice = Identity::local("alice").build();
                alice.insert_into(request.extensions_mut()).unwrap();
                request
            };
            BoxCloneService::new(RequireLayer::new().layer(inner).map_request(known))
        });
        let response = around(ServiceBuilder::new().layer(outer).layer(inner)).get("/").await;
        assert_eq!(response.status(), StatusCode::OK);
        response.header("cache-control").map(Into::into)
    }
    let no_store = Some("no-store".to_owned());
    let keys = keys();
    let refresh = || Refresh::builder(store(), &keys, issuer()).build().unwrap();
    let refresh = |quiet: bool| {
        let builder = RefreshLayer::builder(refresh());
        if quiet { builder.insecure_without_no_store() } else { builder }.build().unwrap()
    };
    macro_rules! both {
        ($builder:expr) => {
            assert_eq!(read($builder.build().unwrap()).await, no_store);
            assert_eq!(read($builder.insecure_without_no_store().build().unwrap()).await, None);
        };
    }
    both!(CookieLayer::builder());
    both!(CsrfLayer::builder(&keys));
    assert_eq!(read(refresh(false)).await, no_store);
    assert_eq!(read(refresh(true)).await, None);
    both!(SessionLayer::builder(store(), &keys));
    both!(SessionLayer::in_cookie(&keys));
    both!(issuer().layer());
    // The setting of an inner layer has no effect.
    let inside = SessionLayer::builder(store(), &keys).insecure_without_no_store();
    let inside = ServiceBuilder::new().layer(CookieLayer::new()).layer(inside.build().unwrap());
    assert_eq!(read(inside).await, no_store);
    // A stack passes the setting to all of its layers.
    let stack = AuthStack::new(&keys).refuse_with(Empty);
    let quiet = AuthStack::new(&keys).insecure_without_no_store().refuse_with(Empty);
    assert_eq!(read(stack.csrf().session(store()).build().unwrap()).await, no_store);
    assert_eq!(read(quiet.csrf().session(store()).build().unwrap()).await, None);
    let quiet = AuthStack::new(&keys).insecure_without_no_store();
    assert_eq!(read(quiet.bearer_of(&issuer()).build().unwrap()).await, None);
    // A response that sets a credential is not stored in any case.
    let session = SessionLayer::builder(store(), &keys).insecure_without_no_store();
    let login = around(session.build().unwrap()).post("/login").await;
    assert_eq!(login.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn se_14_a_logout_clears_the_browsers_cache_where_that_was_asked_for() {
    let client = |clears: bool| {
        let builder = SessionLayer::builder(store(), &keys());
        let builder = if clears { builder.clear_cache_on_logout() } else { builder };
        around(builder.build().unwrap())
    };
    let alice = client(true);
    assert_eq!(alice.post("/login").await.header("clear-site-data"), None);
    assert_eq!(alice.get("/public").await.header("clear-site-data"), None);
    let logout = alice.post("/logout").await;
    assert_eq!(said(logout.headers(), "clear-site-data"), ["\"cache\""]);
    // Added to the handler's own directives, and not twice.
    for (own, all) in [
        ("\"storage\"", &["\"storage\"", "\"cache\""][..]),
        ("\"storage\", \"cache\"", &["\"storage\", \"cache\""]),
        ("\"*\"", &["\"*\""]),
    ] {
        alice.post("/login").await;
        let own = format!("clear-site-data={own}");
        let logout = alice.post("/logout").header("x-say", &own).await;
        assert_eq!(said(logout.headers(), "clear-site-data"), all);
    }
    let bob = client(false);
    bob.post("/login").await;
    assert_eq!(bob.post("/logout").await.header("clear-site-data"), None);
}

#[tokio::test]
async fn what_a_bearer_layer_answers_varies_by_authorization_unless_it_is_not_stored() {
    let issuer = issuer();
    let client = around(issuer.layer().build().unwrap());
    let token = issuer.mint(&Identity::local("alice").build()).unwrap().text;
    let sent = format!("Bearer {token}");
    for path in ["/public", "/used"] {
        let anonymous = client.get(path).await;
        assert_eq!(said(anonymous.headers(), VARY), ["Authorization"], "{path}");
    }
    let known = client.get("/public").header("authorization", &sent).await;
    assert_eq!(said(known.headers(), VARY), ["Authorization"]);
    // Not on a response that needed the identity, one that the handler keeps out of caches, or a
    // refusal.
    let private = client.get("/used").header("authorization", &sent).await;
    let own = client.get("/public").header("x-say", "cache-control=private, no-store").await;
    let refused = client.get("/public").header("authorization", "Bearer x").await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    for response in [private, own, refused] {
        assert!(said(response.headers(), VARY).is_empty(), "{:?}", response.headers());
    }
    // Added to the fields of other layers.
    let session = SessionLayer::new(store(), &keys());
    let both = ServiceBuilder::new().layer(session).layer(issuer.layer().build().unwrap());
    let response = around(both).get("/public").await;
    assert_eq!(said(response.headers(), VARY), ["Cookie, Authorization"]);
}
