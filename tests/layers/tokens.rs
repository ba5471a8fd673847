//! One route that takes a session or a token, and requests with both credentials.
//!
//! Every case runs with the session layer outside of the bearer layer and inside.

use std::convert::Infallible;

use http::header::{AUTHORIZATION, COOKIE, SET_COOKIE, WWW_AUTHENTICATE};
use http::{HeaderMap, Request, Response, StatusCode};
use tower::util::BoxCloneService;
use tower::{ServiceBuilder, ServiceExt as _, service_fn};
use tower_auth::{
    AuthState, CookieLayer, Identity, JwtIssuer, KeyRing, MemoryStore, Rejection, RequireLayer,
    Session, SessionLayer, Settings,
};
use tower_auth_test::{FaultyStore, TestClock};
use tower_layer::Layer as _;

/// The application's name in its sessions and in its tokens.
const HERE: &str = "https://app.example";

const PLAIN: &str = "Bearer realm=\"app\"";
const INVALID_TOKEN: &str = "Bearer realm=\"app\", error=\"invalid_token\"";
const INVALID_REQUEST: &str = "Bearer realm=\"app\", error=\"invalid_request\"";
const SESSION: &str = "Session realm=\"app\"";

type Call = Request<()>;
type Answer = Response<String>;
type App = BoxCloneService<Call, Answer, Infallible>;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Order {
    SessionOutside,
    BearerOutside,
}

const BOTH: [Order; 2] = [Order::SessionOutside, Order::BearerOutside];

struct Fixture {
    store: FaultyStore<MemoryStore>,
    session: SessionLayer,
    issuer: JwtIssuer,
    order: Order,
}

impl Fixture {
    fn new(order: Order) -> Self {
        let time = TestClock::new();
        let store = FaultyStore::new(MemoryStore::new(time.clock()));
        let keys = KeyRing::insecure_from_seed(7);
        let settings = Settings::new().issuer(HERE).clock(time.clock());
        let session = SessionLayer::builder(store.clone(), &keys)
            .settings(&settings)
            .realm("app")
            .build()
            .unwrap();
        let issuer = JwtIssuer::builder(HERE, HERE).generated_key("1").settings(&settings);
        let issuer = issuer.build().unwrap();
        Self { store, session, issuer, order }
    }

    /// Creates a session of this subject, with its own scope. Returns the `Cookie` line.
    async fn log_in(&self, subject: &'static str) -> String {
        let login = self.session.layer(service_fn(async |request: Call| {
            let session = Session::of(request.extensions()).unwrap();
            let who = request.uri().path().trim_start_matches('/').to_owned();
            session.login(Identity::local(who).scope("by:session").build()).unwrap();
            Ok::<_, Infallible>(Response::new(String::new()))
        }));
        let request = Request::post(format!("/{subject}")).body(()).unwrap();
        let response = login.oneshot(request).await.unwrap();
        let line = response.headers()[SET_COOKIE].to_str().unwrap();
        line.split(';').next().unwrap().to_owned()
    }

    fn token(&self, subject: &str) -> String {
        let identity = Identity::local(subject).scope("by:bearer").build();
        self.issuer.mint(&identity).unwrap().text
    }

    fn stack(&self, guard: Option<RequireLayer>) -> App {
        let bearer = self.issuer.layer().realm("app").build().unwrap();
        let handler = service_fn(handle);
        let inner = match guard {
            Some(guard) => BoxCloneService::new(guard.layer(handler)),
            None => BoxCloneService::new(handler),
        };
        let cookie = ServiceBuilder::new().layer(CookieLayer::new());
        match self.order {
            Order::SessionOutside => BoxCloneService::new(
                cookie.layer(self.session.clone()).layer(bearer).service(inner),
            ),
            Order::BearerOutside => BoxCloneService::new(
                cookie.layer(bearer).layer(self.session.clone()).service(inner),
            ),
        }
    }

    /// Sends a request to a guarded route.
    async fn ask(&self, cookie: Option<&str>, token: Option<&str>) -> Answer {
        let stack = self.stack(Some(RequireLayer::new()));
        stack.oneshot(call(cookie, token)).await.unwrap()
    }

    /// Sends a request to a route that has no guard.
    async fn ask_public(&self, cookie: Option<&str>, token: Option<&str>) -> Answer {
        self.stack(None).oneshot(call(cookie, token)).await.unwrap()
    }
}

fn call(cookie: Option<&str>, token: Option<&str>) -> Call {
    let mut request = Request::get("/").body(()).unwrap();
    if let Some(cookie) = cookie {
        request.headers_mut().insert(COOKIE, cookie.parse().unwrap());
    }
    if let Some(token) = token {
        let line = format!("Bearer {token}").parse().unwrap();
        request.headers_mut().insert(AUTHORIZATION, line);
    }
    request
}

/// Reports the identity from the extension, the state and the session, and writes to the session.
async fn handle(request: Call) -> Result<Answer, Infallible> {
    let extensions = request.extensions();
    let say = |identity: &Identity| {
        let scopes: Vec<_> = identity.scopes().collect();
        assert_eq!(identity.issuer(), HERE, "one name for both");
        format!("{} via {} {}", identity.subject(), identity.method().as_str(), scopes.join(" "))
    };
    let inserted = extensions.get::<Identity>().map(say);
    let state = match AuthState::of(extensions).unwrap() {
        AuthState::Known(identity) => Some(say(&identity)),
        AuthState::Anonymous => None,
        AuthState::Unknown => {
            assert_eq!(inserted, None, "an identity in spite of Unknown");
            return Ok(Response::new("unknown".into()));
        }
    };
    assert_eq!(inserted, state, "the extension and the state agree");
    let session = Session::of(extensions).unwrap();
    let of_session = session.identity().unwrap().map(|it| it.subject().to_owned());
    session.update("seen", |count: Option<u32>| count.unwrap_or(0) + 1).unwrap();
    let count = session.get::<u32>("seen").unwrap().unwrap();
    let (who, of_session) = (state.as_deref(), of_session.as_deref());
    let text = format!(
        "{}; session of {}, seen {count}",
        who.unwrap_or("anonymous"),
        of_session.unwrap_or("anonymous")
    );
    Ok(Response::new(text))
}

fn challenges(headers: &HeaderMap) -> Vec<&str> {
    let lines = headers.get_all(WWW_AUTHENTICATE).iter();
    let mut lines: Vec<_> = lines.map(|line| line.to_str().unwrap()).collect();
    lines.sort_unstable();
    lines
}

#[tokio::test]
async fn a_session_alone_and_a_token_alone_are_one_kind_of_identity() {
    for order in BOTH {
        let fixture = Fixture::new(order);
        let cookie = fixture.log_in("alice").await;
        let token = fixture.token("alice");
        let response = fixture.ask(Some(&cookie), None).await;
        let says = "alice via session by:session; session of alice, seen 1";
        assert_eq!(response.body(), says, "{order:?}");
        let response = fixture.ask(None, Some(&token)).await;
        let says = "alice via bearer by:bearer; session of anonymous, seen 1";
        assert_eq!(response.body(), says, "{order:?}");
    }
}

#[tokio::test]
async fn of_the_same_principal_the_token_counts_and_the_session_stays_usable() {
    for order in BOTH {
        let fixture = Fixture::new(order);
        let cookie = fixture.log_in("alice").await;
        let token = fixture.token("alice");
        for seen in 1..=3 {
            let response = fixture.ask(Some(&cookie), Some(&token)).await;
            // Only its own scopes: none of the session's scopes are added.
            let says = format!("alice via bearer by:bearer; session of alice, seen {seen}");
            assert_eq!(response.body(), &says, "{order:?}");
        }
        // The change stays, and without the token the session identifies the user again.
        let response = fixture.ask(Some(&cookie), None).await;
        let says = "alice via session by:session; session of alice, seen 4";
        assert_eq!(response.body(), says, "{order:?}");
        // A guard checks only the token's scopes.
        for (scope, status) in [("by:bearer", 200), ("by:session", 403)] {
            let guard = RequireLayer::builder().scope(scope).build().unwrap();
            let request = call(Some(&cookie), Some(&token));
            let response = fixture.stack(Some(guard)).oneshot(request).await.unwrap();
            assert_eq!(response.status(), status, "{order:?} {scope}");
        }
    }
}

#[tokio::test]
async fn two_principals_are_400_whoever_they_are() {
    for order in BOTH {
        let fixture = Fixture::new(order);
        let cookie = fixture.log_in("alice").await;
        let token = fixture.token("bob");
        for guarded in [true, false] {
            let response = if guarded {
                fixture.ask(Some(&cookie), Some(&token)).await
            } else {
                fixture.ask_public(Some(&cookie), Some(&token)).await
            };
            assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{order:?}");
            assert_eq!(response.extensions().get(), Some(&Rejection::Ambiguous), "{order:?}");
            assert_eq!(challenges(response.headers()), [INVALID_REQUEST], "{order:?}");
            assert!(!response.headers().contains_key(SET_COOKIE), "a cookie was removed");
        }
        // Neither credential was removed.
        assert_eq!(fixture.ask(Some(&cookie), None).await.status(), StatusCode::OK);
        assert_eq!(fixture.ask(None, Some(&token)).await.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn a_bad_token_is_401_beside_the_best_of_sessions() {
    for order in BOTH {
        let fixture = Fixture::new(order);
        let cookie = fixture.log_in("alice").await;
        fixture.store.reset_steps();
        for response in [
            fixture.ask(Some(&cookie), Some("garbage")).await,
            fixture.ask_public(Some(&cookie), Some("garbage")).await,
        ] {
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{order:?}");
            assert_eq!(response.extensions().get(), Some(&Rejection::InvalidToken), "{order:?}");
            let expected: &[_] = match order {
                Order::SessionOutside => &[INVALID_TOKEN, SESSION],
                // It refuses before the session layer runs, which therefore adds no challenge.
                Order::BearerOutside => &[INVALID_TOKEN],
            };
            assert_eq!(challenges(response.headers()), expected, "{order:?}");
        }
        let commands = if order == Order::SessionOutside { 2 } else { 0 };
        assert_eq!(fixture.store.steps().total(), commands, "{order:?}");
        assert_eq!(fixture.ask(Some(&cookie), None).await.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn who_cannot_be_asked_about_beats_who_is_known() {
    for order in BOTH {
        let fixture = Fixture::new(order);
        let cookie = fixture.log_in("alice").await;
        let token = fixture.token("alice");
        fixture.store.down();
        let guarded = fixture.ask(Some(&cookie), Some(&token)).await;
        assert_eq!(guarded.status(), StatusCode::SERVICE_UNAVAILABLE, "{order:?}");
        assert_eq!(guarded.headers()["retry-after"], "1", "{order:?}");
        assert!(!guarded.headers().contains_key(SET_COOKIE), "{order:?}");
        // Public routes still answer, and the handler sees the outage.
        let public = fixture.ask_public(Some(&cookie), Some(&token)).await;
        assert_eq!((public.status(), public.body().as_str()), (StatusCode::OK, "unknown"));
        // An invalid token is still an invalid token.
        let bad = fixture.ask(Some(&cookie), Some("garbage")).await;
        assert_eq!(bad.status(), StatusCode::UNAUTHORIZED, "{order:?}");
        fixture.store.up();
        let back = fixture.ask(Some(&cookie), Some(&token)).await;
        assert_eq!(back.status(), StatusCode::OK, "{order:?}");
    }
}

#[tokio::test]
async fn no_one_is_401_and_told_both_ways_in_a_line_each() {
    for order in BOTH {
        let fixture = Fixture::new(order);
        // An ended session is anonymous, and not a wrong credential.
        for cookie in [None, Some("__Host-session=stale")] {
            let response = fixture.ask(cookie, None).await;
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{order:?}");
            assert_eq!(challenges(response.headers()), [PLAIN, SESSION], "{order:?}");
        }
        assert_eq!(fixture.store.steps().total(), 0, "a store was asked");
        let public = fixture.ask_public(None, None).await;
        assert_eq!(public.body(), "anonymous; session of anonymous, seen 1", "{order:?}");
    }
}

#[tokio::test]
async fn a_dead_session_does_not_stand_in_a_good_tokens_way() {
    for order in BOTH {
        let fixture = Fixture::new(order);
        let token = fixture.token("alice");
        let response = fixture.ask(Some("__Host-session=stale"), Some(&token)).await;
        let says = "alice via bearer by:bearer; session of anonymous, seen 1";
        assert_eq!(response.body(), says, "{order:?}");
    }
}

#[tokio::test]
async fn under_two_names_one_user_is_two_principals() {
    for order in BOTH {
        let mut fixture = Fixture::new(order);
        let cookie = fixture.log_in("alice").await;
        fixture.issuer = JwtIssuer::builder("https://other.example", HERE)
            .generated_key("1")
            .settings(&Settings::new().clock(TestClock::new().clock()))
            .build()
            .unwrap();
        let token = fixture.token("alice");
        let response = fixture.ask(Some(&cookie), Some(&token)).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{order:?}");
    }
}
