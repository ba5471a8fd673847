//! `AuthStack` in every place where a layer goes, and the mistakes that it makes impossible, made by
//! hand: those end in 500, with an event that names the layer.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::routing::get;
use http::{Request, Response, StatusCode};
use tower::retry::{Policy, RetryLayer};
use tower::{Service, ServiceBuilder, ServiceExt as _, service_fn};
use tower_auth::{
    AuthStack, BearerJwtLayer, Clock, CookieLayer, CsrfLayer, Identity, JwtIssuer, KeyRing,
    MemoryStore, Refresh, RefreshLayer, RequireLayer, Session, SessionLayer,
};
use tower_auth_test::EventLog;
use tower_layer::Layer;

type Body = http_body_util::Full<bytes::Bytes>;
type Call = Request<Body>;
type Answer = Response<Body>;

struct World {
    keys: KeyRing,
    store: MemoryStore,
    issuer: JwtIssuer,
    refresh: Refresh,
    log: EventLog,
}

impl World {
    fn new() -> Self {
        let keys = KeyRing::new([[7; 32]]).unwrap();
        let store = MemoryStore::new(Clock::system());
        let issuer = JwtIssuer::builder("me", "me").generated_key("1").build().unwrap();
        let refresh = Refresh::builder(store.clone(), &keys, issuer.clone());
        let refresh = refresh.issuer("me").build().unwrap();
        Self { keys, store, issuer, refresh, log: EventLog::new() }
    }
}

/// Every layer but `RequireLayer`. (A macro: the type has no name.)
macro_rules! identifying {
    ($world:expr) => {
        AuthStack::new(&$world.keys)
            .issuer("me")
            .events($world.log.events())
            .cookies()
            .csrf()
            .refresh($world.refresh.clone())
            .session($world.store.clone())
            .bearer_of(&$world.issuer)
    };
}

fn call(path: &str) -> Call {
    Request::get(path).body(Body::default()).unwrap()
}

/// Logs in at `/login`, and elsewhere says who is there.
async fn who(request: Call) -> Result<Answer, Infallible> {
    let subject = request.extensions().get::<Identity>().map(|it| it.subject().to_owned());
    if request.uri().path() == "/login" {
        let session = Session::of(request.extensions()).unwrap();
        session.login(Identity::local("alice").build()).unwrap();
    }
    Ok(Response::new(subject.unwrap_or_default().into()))
}

#[tokio::test]
async fn a_session_and_a_token_of_one_user_are_one_principal() {
    let world = World::new();
    let stack = identifying!(world).build().unwrap();
    let app = ServiceBuilder::new().layer(stack).service(service_fn(who));
    let login = app.clone().oneshot(call("/login")).await.unwrap();
    let cookie = login.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let me = Identity::local("alice").issuer("me").build();
    let token = world.issuer.mint(&me).unwrap();
    let mut both = call("/");
    both.headers_mut().insert("cookie", cookie.parse().unwrap());
    let bearer = format!("Bearer {}", token.text);
    both.headers_mut().insert("authorization", bearer.parse().unwrap());
    assert_eq!(app.oneshot(both).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn in_a_router_around_all_and_around_some_routes() {
    let world = World::new();
    let guarded = identifying!(world).require().build().unwrap();
    let all: Router = Router::new().route("/", get(async || "in")).layer(guarded.clone());
    let some: Router = Router::new()
        .route("/in", get(async || "in"))
        .route_layer(guarded.clone())
        .route("/out", get(async || "out"));
    let one: Router = Router::new().route("/in", get(async || "in").layer(guarded));
    let status = async |app: &Router, path| {
        let request = Request::get(path).body(axum::body::Body::empty()).unwrap();
        app.clone().oneshot(request).await.unwrap().status().as_u16()
    };
    assert_eq!(status(&all, "/").await, 401);
    assert_eq!(status(&all, "/nowhere").await, 401);
    assert_eq!((status(&some, "/in").await, status(&some, "/out").await), (401, 200));
    assert_eq!(status(&some, "/nowhere").await, 404);
    assert_eq!(status(&one, "/in").await, 401);
}

/// That it compiles is the test: what runs over gRPC is tested where there is a client.
#[test]
fn in_tonics_server() {
    fn takes<L>(layer: L) -> tonic::transport::server::Router<impl Sized>
    where
        L: Layer<tonic::service::Routes> + Clone,
        L::Service: Service<Request<tonic::body::Body>>,
    {
        let routes = tonic::service::Routes::default();
        tonic::transport::Server::builder().layer(layer).add_routes(routes)
    }
    let world = World::new();
    let stack = AuthStack::new(&world.keys).cookies().csrf().session(world.store.clone());
    drop(takes(stack.require().build().unwrap()));
}

/// Tries again what failed.
#[derive(Clone)]
struct Again;

impl Policy<Call, Answer, Infallible> for Again {
    type Future = std::future::Ready<()>;

    fn retry(
        &mut self,
        _: &mut Call,
        result: &mut Result<Answer, Infallible>,
    ) -> Option<Self::Future> {
        let failed = result.as_ref().is_ok_and(|it| it.status() == StatusCode::BAD_GATEWAY);
        failed.then(|| std::future::ready(()))
    }

    fn clone_request(&mut self, request: &Call) -> Option<Call> {
        Some(request.clone())
    }
}

#[tokio::test]
async fn d21_a_retry_around_it_passes() {
    let world = World::new();
    let calls = Arc::<AtomicUsize>::default();
    let count = calls.clone();
    let app = ServiceBuilder::new()
        .layer(RetryLayer::new(Again))
        .layer(identifying!(world).build().unwrap())
        .service_fn(move |_: Call| {
            let failed = count.fetch_add(1, Ordering::Relaxed) < 2;
            let status = if failed { StatusCode::BAD_GATEWAY } else { StatusCode::OK };
            let response = Response::builder().status(status).body(Body::default()).unwrap();
            async { Ok::<_, Infallible>(response) }
        });
    assert_eq!(app.oneshot(call("/")).await.unwrap().status(), StatusCode::OK);
    assert_eq!(calls.load(Ordering::Relaxed), 3);
    assert_eq!(world.log.take(), [""; 0]);
}

/// What a stack that was put together wrongly answers, and what it tells.
async fn wrong<L>(world: &World, layer: L) -> (StatusCode, Vec<String>)
where
    L: Layer<tower::util::ServiceFn<fn(Call) -> std::future::Ready<Result<Answer, Infallible>>>>,
    L::Service: Service<Call, Response = Answer, Error = Infallible>,
{
    let handler: fn(Call) -> _ = |_| std::future::ready(Ok(Response::new("handled".into())));
    let response = layer.layer(service_fn(handler)).oneshot(call("/")).await.unwrap();
    let mut told = world.log.take();
    told.retain(|line| line.contains(" wiring "));
    (response.status(), told)
}

#[tokio::test]
async fn d21_around_itself_it_is_a_wiring_mistake() {
    let world = World::new();
    let stack = || identifying!(world).build().unwrap();
    let twice = ServiceBuilder::new().layer(stack()).layer(stack()).into_inner();
    let (status, told) = wrong(&world, twice).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("ERROR wiring CookieLayer reason="), "{told:?}");
}

/// The mistakes of `ui/` that can be made by hand. The others are none at run time: cookies inside
/// of the other layers (whoever comes first writes), refresh inside of a session (it loads one in
/// vain), no `CsrfLayer` at all (something in front may do its work).
#[tokio::test]
async fn d22_the_same_mistakes_by_hand_end_in_500_and_name_the_layer() {
    let world = World::new();
    let events = || world.log.events();
    let csrf = || CsrfLayer::builder(&world.keys).events(events());
    let session = || SessionLayer::builder(world.store.clone(), &world.keys).events(events());
    let bearer = || -> BearerJwtLayer { world.issuer.layer().events(events()).build().unwrap() };
    let require = || RequireLayer::builder().events(events()).build().unwrap();
    let refresh = || {
        let engine = Refresh::builder(world.store.clone(), &world.keys, world.issuer.clone());
        RefreshLayer::new(engine.events(events()).build().unwrap())
    };
    macro_rules! told {
        ($($layer:expr),+) => {{
            let layers = ServiceBuilder::new()$(.layer($layer))+.into_inner();
            let (status, told) = wrong(&world, layers).await;
            assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(told.len(), 1, "{told:?}");
            told[0].split(' ').nth(2).unwrap().to_owned()
        }};
    }
    let cookies = || CookieLayer::builder().events(events()).build().unwrap();
    let (a_csrf, a_session) = (|| csrf().build().unwrap(), || session().build().unwrap());

    // 1, 5: require before what it asks for.
    assert_eq!(told![cookies(), a_csrf(), require()], "RequireLayer");
    assert_eq!(told![a_csrf(), require(), a_session()], "RequireLayer");
    assert_eq!(told![require(), bearer()], "RequireLayer");
    // 2: csrf inside of the session.
    assert_eq!(told![a_session(), a_csrf()], "CsrfLayer");
    // 4 and its like: twice.
    assert_eq!(told![a_session(), a_session()], "SessionLayer");
    assert_eq!(told![a_csrf(), a_csrf()], "CsrfLayer");
    assert_eq!(told![cookies(), cookies()], "CookieLayer");
    assert_eq!(told![refresh(), refresh()], "RefreshLayer");
    assert_eq!(told![bearer(), bearer()], "BearerJwtLayer");
    // 8: what one layer was told, and the other was not.
    let named = || session().cookie_name("__Host-id").build().unwrap();
    assert_eq!(told![a_csrf(), named()], "SessionLayer");
}
