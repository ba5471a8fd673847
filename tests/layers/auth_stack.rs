//! `AuthStack` in every place for a layer, and the mistakes that it prevents, made by hand: those
//! end in 500, with an event that names the layer.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use http::{Request, Response, StatusCode};
use tower::retry::{Policy, RetryLayer};
use tower::{Service, ServiceBuilder, ServiceExt as _, service_fn};
use tower_auth::{
    AuthStack, BearerJwtLayer, Clock, CookieLayer, CsrfLayer, Identity, JwtIssuer, KeyRing,
    MemoryStore, Refresh, RefreshLayer, RequireLayer, Session, SessionLayer, Settings,
};
use tower_auth_test::{EventLog, TestClock};
use tower_layer::Layer;

type Body = http_body_util::Full<bytes::Bytes>;
type Call = Request<Body>;
type Answer = Response<Body>;

struct Fixture {
    keys: KeyRing,
    store: MemoryStore,
    issuer: JwtIssuer,
    refresh: Refresh,
    settings: Settings,
    log: EventLog,
}

impl Fixture {
    fn new() -> Self {
        let keys = KeyRing::insecure_from_seed(7);
        let store = MemoryStore::new(Clock::system());
        let log = EventLog::new();
        let settings = Settings::new().issuer("me").events(log.events());
        let issuer = JwtIssuer::builder("me", "me").generated_key("1").build().unwrap();
        let refresh = Refresh::builder(store.clone(), &keys, issuer.clone());
        let refresh = refresh.settings(&Settings::new().issuer("me")).build().unwrap();
        Self { keys, store, issuer, refresh, settings, log }
    }
}

/// Every layer except `RequireLayer`. (A macro, because the type has no name.)
macro_rules! identifying {
    ($fixture:expr) => {
        AuthStack::new(&$fixture.keys)
            .settings(&$fixture.settings)
            .cookies()
            .csrf()
            .refresh($fixture.refresh.clone())
            .session($fixture.store.clone())
            .bearer_of(&$fixture.issuer)
    };
}

fn call(path: &str) -> Call {
    Request::get(path).body(Body::default()).unwrap()
}

/// Logs in at `/login`, and answers with the user at every other path.
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
    let fixture = Fixture::new();
    let stack = identifying!(fixture).build().unwrap();
    let app = ServiceBuilder::new().layer(stack).service(service_fn(who));
    let login = app.clone().oneshot(call("/login")).await.unwrap();
    let cookie = login.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let me = Identity::local("alice").issuer("me").build();
    let token = fixture.issuer.mint(&me).unwrap();
    let mut both = call("/");
    both.headers_mut().insert("cookie", cookie.parse().unwrap());
    let bearer = format!("Bearer {}", token.text);
    both.headers_mut().insert("authorization", bearer.parse().unwrap());
    assert_eq!(app.oneshot(both).await.unwrap().status(), StatusCode::OK);
}

/// The conflict is detected in both orders of the two layers.
#[tokio::test]
async fn two_principals_are_refused_and_the_sink_hears_of_it() {
    let fixture = Fixture::new();
    let stack = || AuthStack::new(&fixture.keys).settings(&fixture.settings).csrf();
    let session_first =
        stack().session(fixture.store.clone()).bearer_of(&fixture.issuer).build().unwrap();
    let bearer_first =
        stack().bearer_of(&fixture.issuer).session(fixture.store.clone()).build().unwrap();
    let login = session_first.layer(service_fn(who)).oneshot(call("/login")).await.unwrap();
    let cookie = login.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let bob = Identity::local("bob").issuer("me").build();
    let bearer = format!("Bearer {}", fixture.issuer.mint(&bob).unwrap().text);
    let both = || {
        let request = Request::get("/").header("cookie", cookie).header("authorization", &bearer);
        request.body(Body::default()).unwrap()
    };
    fixture.log.take();
    let answers = [
        session_first.layer(service_fn(who)).oneshot(both()).await.unwrap(),
        bearer_first.layer(service_fn(who)).oneshot(both()).await.unwrap(),
    ];
    assert_eq!(answers.map(|it| it.status()), [StatusCode::BAD_REQUEST; 2]);
    let mut told = fixture.log.take();
    told.retain(|line| line.contains("ambiguous"));
    let by = |layer| format!("WARN auth_ambiguous {layer}");
    assert_eq!(told, [by("BearerJwtLayer"), by("SessionLayer")]);
}

#[tokio::test]
async fn in_a_router_around_all_and_around_some_routes() {
    let fixture = Fixture::new();
    let guarded = identifying!(fixture).require().build().unwrap();
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

/// Clock, realm and sink reach every layer. (So does the name:
/// [`a_session_and_a_token_of_one_user_are_one_principal`].)
#[tokio::test]
async fn every_layer_has_what_is_shared() {
    let fixture = Fixture::new();
    let time = TestClock::new();
    let settings = fixture.settings.clone().clock(time.clock()).realm("here");
    let issuer = JwtIssuer::builder("me", "me").generated_key("1").settings(&settings);
    let issuer = issuer.build().unwrap();
    let stack = AuthStack::new(&fixture.keys)
        .settings(&settings)
        .public_origin("https://app.example")
        .cookies()
        .csrf()
        .session(MemoryStore::new(time.clock()))
        .bearer_of(&issuer)
        .require_with(|require| require.max_age(Duration::from_secs(120)))
        .build()
        .unwrap();
    let app = ServiceBuilder::new().layer(stack).service(service_fn(who));
    let ask = async |name: &'static str, value: &str| {
        let mut request = call("/");
        *request.method_mut() = http::Method::POST;
        request.headers_mut().insert(name, value.parse().unwrap());
        let response = app.clone().oneshot(request).await.unwrap();
        (response.status().as_u16(), response.headers().clone(), fixture.log.take())
    };
    let (status, _, told) = ask("origin", "https://evil.example").await;
    assert!(
        status == 403
            && told.len() == 1
            && told[0]
                .starts_with("WARN csrf_refused CsrfLayer reason=csrf_foreign_origin detail="),
        "{status} {told:?}"
    );
    let (status, headers, told) = ask("origin", "https://app.example").await;
    assert_eq!(status, 401);
    let challenges: Vec<_> = headers.get_all("www-authenticate").iter().collect();
    assert_eq!(challenges, ["Bearer realm=\"here\"", "Session realm=\"here\""]);
    assert!(told.iter().any(|it| it.contains("RequireLayer")), "{told:?}");

    let alice = Identity::local("alice").issuer("me").authenticated_at(time.now()).build();
    let token = format!("Bearer {}", issuer.mint(&alice).unwrap().text);
    assert_eq!(ask("authorization", &token).await.0, 200);
    // Too old for the one layer, and later for the other.
    time.advance(Duration::from_secs(121));
    let (status, _, told) = ask("authorization", &token).await;
    assert_eq!(status, 401);
    assert!(told.iter().any(|it| it.contains("RequireLayer")), "{told:?}");
    time.advance(Duration::from_secs(400));
    let (status, _, told) = ask("authorization", &token).await;
    assert_eq!(status, 401);
    assert!(told.iter().any(|it| it.starts_with("INFO bearer_refused BearerJwtLayer")), "{told:?}");
}

#[tokio::test]
async fn a_session_is_dated_by_the_clock_of_the_stack_and_told_to_its_sink() {
    let fixture = Fixture::new();
    let time = TestClock::new();
    let stack = AuthStack::new(&fixture.keys)
        .settings(&Settings::new().clock(time.clock()).events(fixture.log.events()))
        .csrf()
        .session(MemoryStore::new(time.clock()))
        .build()
        .unwrap();
    let dated = service_fn(async |request: Call| {
        let session = Session::of(request.extensions()).unwrap();
        if request.uri().path() == "/login" {
            session.login(Identity::local("alice").build()).unwrap();
        }
        let at = session.identity().unwrap().and_then(|it| it.authenticated_at());
        Ok::<_, Infallible>(Response::new(Body::from(format!("{at:?}"))))
    });
    let app = ServiceBuilder::new().layer(stack).service(dated);
    let login = app.clone().oneshot(call("/login")).await.unwrap();
    let told = fixture.log.take();
    assert!(told.iter().any(|it| it.contains(" SessionLayer")), "{told:?}");
    let cookie = login.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let mut again = call("/");
    again.headers_mut().insert("cookie", cookie.parse().unwrap());
    let body = http_body_util::BodyExt::collect(app.oneshot(again).await.unwrap().into_body());
    let said = body.await.unwrap().to_bytes();
    assert_eq!(said, format!("{:?}", Some(time.now())));
}

/// The refusals of an extractor and of a handler's error have the same form as those of the layers.
#[tokio::test]
async fn extractors_refuse_in_the_form_that_the_stack_was_given() {
    use tower_auth::refuse::Problem;
    let fixture = Fixture::new();
    let routes = || {
        Router::new()
            .route("/me", get(async |_: Identity| "in"))
            // A guard without a renderer of its own.
            .route("/guarded", get(async || "in").layer(RequireLayer::new()))
            .route("/own", get(async || (StatusCode::UNAUTHORIZED, "who are you?")))
    };
    let late = async |session: Session| session.login(Identity::local("").build());
    let keys = &fixture.keys;
    let stack = || AuthStack::new(keys).refuse_with(Problem);
    let session = stack().csrf().session(fixture.store.clone()).build().unwrap();
    let bearer = stack().bearer_of(&fixture.issuer).build().unwrap();
    let both = stack()
        .settings(&Settings::new().issuer("me"))
        .csrf()
        .session(fixture.store.clone())
        .bearer_of(&fixture.issuer);
    let cases = [
        (routes().route("/late", get(late).post(late)).layer(session), vec!["Session"]),
        (routes().layer(bearer), vec!["Bearer"]),
        (routes().layer(both.build().unwrap()), vec!["Bearer", "Session"]),
    ];
    for (app, schemes) in &cases {
        let ask = async |path| {
            let request = Request::get(path).body(axum::body::Body::empty()).unwrap();
            let (head, body) = app.clone().oneshot(request).await.unwrap().into_parts();
            (head, axum::body::to_bytes(body, 9000).await.unwrap())
        };
        for path in ["/me", "/guarded"] {
            let (head, body) = ask(path).await;
            assert_eq!(head.status, StatusCode::UNAUTHORIZED);
            assert_eq!(head.headers["content-type"], "application/problem+json");
            assert_eq!(head.headers["content-length"], body.len().to_string().as_str());
            let document: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(document["code"], "unauthenticated");
            let lines = head.headers.get_all("www-authenticate").iter();
            let mut told: Vec<_> =
                lines.map(|it| it.to_str().unwrap().split(' ').next().unwrap()).collect();
            told.sort_unstable();
            assert_eq!(&told, schemes);
        }
        // The application's own text stays.
        let (head, body) = ask("/own").await;
        assert_eq!((head.status, &body[..]), (StatusCode::UNAUTHORIZED, &b"who are you?"[..]));
    }
    // The error of a handler does not know the request, but the answer has the client's dialect.
    let call = Request::post("/late").header("content-type", "application/grpc");
    let call = call.body(axum::body::Body::empty()).unwrap();
    let response = cases[0].0.clone().oneshot(call).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["grpc-status"], "13");
}

/// A compile-time test: calls over gRPC are tested with a real client.
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
    let fixture = Fixture::new();
    let stack = AuthStack::new(&fixture.keys).cookies().csrf().session(fixture.store.clone());
    drop(takes(stack.require().build().unwrap()));
}

/// Repeats a failed call.
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
    let fixture = Fixture::new();
    let calls = Arc::<AtomicUsize>::default();
    let count = calls.clone();
    let app = ServiceBuilder::new()
        .layer(RetryLayer::new(Again))
        .layer(identifying!(fixture).build().unwrap())
        .service_fn(move |_: Call| {
            let failed = count.fetch_add(1, Ordering::Relaxed) < 2;
            let status = if failed { StatusCode::BAD_GATEWAY } else { StatusCode::OK };
            let response = Response::builder().status(status).body(Body::default()).unwrap();
            async { Ok::<_, Infallible>(response) }
        });
    assert_eq!(app.oneshot(call("/")).await.unwrap().status(), StatusCode::OK);
    assert_eq!(calls.load(Ordering::Relaxed), 3);
    assert_eq!(fixture.log.take(), [""; 0]);
}

/// Returns the answer and the events of a stack in a wrong order.
async fn wrong<L>(fixture: &Fixture, layer: L) -> (StatusCode, Vec<String>)
where
    L: Layer<tower::util::ServiceFn<fn(Call) -> std::future::Ready<Result<Answer, Infallible>>>>,
    L::Service: Service<Call, Response = Answer, Error = Infallible>,
{
    let handler: fn(Call) -> _ = |_| std::future::ready(Ok(Response::new("handled".into())));
    let response = layer.layer(service_fn(handler)).oneshot(call("/")).await.unwrap();
    let mut told = fixture.log.take();
    told.retain(|line| line.contains(" misconfigured "));
    (response.status(), told)
}

#[tokio::test]
async fn d21_around_itself_it_is_a_misconfiguration() {
    let fixture = Fixture::new();
    let stack = || identifying!(fixture).build().unwrap();
    let twice = ServiceBuilder::new().layer(stack()).layer(stack()).into_inner();
    let (status, told) = wrong(&fixture, twice).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("ERROR misconfigured CookieLayer reason="), "{told:?}");
}

/// The mistakes of `ui/` that can be made by hand. The others are no mistakes at run time. Cookies
/// inside of the other layers: the first layer writes. Refresh inside of a session: the layer loads
/// a session in vain. No `CsrfLayer`: another layer outside may do its work.
#[tokio::test]
async fn d22_the_same_mistakes_by_hand_end_in_500_and_name_the_layer() {
    let fixture = Fixture::new();
    let settings = Settings::new().events(fixture.log.events());
    let csrf = || CsrfLayer::builder(&fixture.keys).settings(&settings);
    let session =
        || SessionLayer::builder(fixture.store.clone(), &fixture.keys).settings(&settings);
    let bearer =
        || -> BearerJwtLayer { fixture.issuer.layer().settings(&settings).build().unwrap() };
    let require = || RequireLayer::builder().settings(&settings).build().unwrap();
    let refresh = || {
        let engine = Refresh::builder(fixture.store.clone(), &fixture.keys, fixture.issuer.clone());
        RefreshLayer::new(engine.settings(&settings).build().unwrap())
    };
    macro_rules! told {
        ($($layer:expr),+) => {{
            let layers = ServiceBuilder::new()$(.layer($layer))+.into_inner();
            let (status, told) = wrong(&fixture, layers).await;
            assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(told.len(), 1, "{told:?}");
            told[0].split(' ').nth(2).unwrap().to_owned()
        }};
    }
    let cookies = || CookieLayer::builder().settings(&settings).build().unwrap();
    let (a_csrf, a_session) = (|| csrf().build().unwrap(), || session().build().unwrap());

    // 1, 5: require before the layer that it needs.
    assert_eq!(told![cookies(), a_csrf(), require()], "RequireLayer");
    assert_eq!(told![a_csrf(), require(), a_session()], "RequireLayer");
    assert_eq!(told![require(), bearer()], "RequireLayer");
    // 2: csrf inside of the session.
    assert_eq!(told![a_session(), a_csrf()], "CsrfLayer");
    // 4 and similar: the same layer twice.
    assert_eq!(told![a_session(), a_session()], "SessionLayer");
    assert_eq!(told![a_csrf(), a_csrf()], "CsrfLayer");
    assert_eq!(told![cookies(), cookies()], "CookieLayer");
    assert_eq!(told![refresh(), refresh()], "RefreshLayer");
    assert_eq!(told![bearer(), bearer()], "BearerJwtLayer");
    // 8: a setting of one layer that the other layer lacks.
    let named = || session().cookie_name("__Host-id").build().unwrap();
    assert_eq!(told![a_csrf(), named()], "SessionLayer");
}
