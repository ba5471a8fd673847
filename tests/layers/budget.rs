//! CK-25: all cookies that one response makes the client send fit into one header, whichever layer
//! sets them.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use http::header::SET_COOKIE;
use http::{Extensions, Request, Response};
use tower::util::BoxCloneService;
use tower::{ServiceBuilder, service_fn};
use tower_auth::cookie::{Cookie, CookieError};
use tower_auth::csrf::TokenError;
use tower_auth::session::SessionError;
use tower_auth::{
    Clock, CookieLayer, Cookies, CsrfLayer, CsrfToken, Identity, JwtIssuer, KeyRing, MemoryStore,
    Refresh, Rejection, Session, SessionLayer,
};
use tower_auth_test::TestClient;
use tower_auth_test::client::TestResponse;

use crate::site::{App, Body, Client};

const BUDGET: usize = 8192;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transport {
    Store,
    InCookie,
    Guarded,
}

const TRANSPORTS: [Transport; 3] = [Transport::Store, Transport::InCookie, Transport::Guarded];
const IN_COOKIE: [Transport; 2] = [Transport::InCookie, Transport::Guarded];

type Work = Arc<dyn Fn(Hands) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// The extractors of a handler.
struct Hands {
    cookies: Cookies,
    csrf: CsrfToken,
    session: Session,
    extensions: Extensions,
}

impl Hands {
    /// Sets an application's cookie that takes `octets` of the client's `Cookie` header.
    fn fill(&self, name: &'static str, octets: usize) -> Result<(), CookieError> {
        self.cookies.set((name, "v".repeat(octets - name.len() - "=; ".len())))
    }
}

/// A client, and the work of its next request.
struct Fixture {
    client: Client,
    work: Arc<Mutex<Work>>,
}

impl Fixture {
    fn new(transport: Transport) -> Self {
        let keys = KeyRing::insecure_from_seed(7);
        let store = MemoryStore::new(Clock::system());
        let session = match transport {
            Transport::Store => SessionLayer::builder(store, &keys),
            Transport::InCookie => SessionLayer::in_cookie(&keys),
            Transport::Guarded => SessionLayer::in_cookie(&keys).replay_guard(store),
        };
        let nothing: Work = Arc::new(|_| Box::pin(async {}));
        let work = Arc::new(Mutex::new(nothing));
        let next = work.clone();
        let handler = move |request: Request<Body>| {
            let extensions = request.into_parts().0.extensions;
            let hands = Hands {
                cookies: Cookies::of(&extensions).unwrap(),
                csrf: CsrfToken::of(&extensions).unwrap(),
                session: Session::of(&extensions).unwrap(),
                extensions,
            };
            let work = next.lock().unwrap().clone()(hands);
            async {
                work.await;
                Ok::<_, Infallible>(Response::new(Body::default()))
            }
        };
        let app: App = BoxCloneService::new(
            ServiceBuilder::new()
                .layer(CookieLayer::builder().keys(&keys).build().unwrap())
                .layer(CsrfLayer::new(&keys))
                .layer(session.build().unwrap())
                .service(service_fn(handler)),
        );
        Self { client: TestClient::new(app).browser(), work }
    }

    /// Sends a request that does this work. Asserts that the response stays within the budget.
    async fn does<F>(&self, work: impl Fn(Hands) -> F + Send + Sync + 'static) -> TestResponse
    where
        F: Future<Output = ()> + Send + 'static,
    {
        *self.work.lock().unwrap() = Arc::new(move |hands| Box::pin(work(hands)));
        let response = self.client.get("/").await;
        assert!(response.status().is_success());
        assert!(octets(&response) <= BUDGET, "{} octets", octets(&response));
        response
    }

    async fn value(&self) -> Option<String> {
        let value = Arc::new(Mutex::new(None));
        let out = value.clone();
        self.does(move |it| {
            *out.lock().unwrap() = it.session.get::<String>("text").unwrap();
            async {}
        })
        .await;
        value.lock().unwrap().take()
    }
}

/// Returns the octets of the `Cookie` header that a response makes the client send.
fn octets(response: &TestResponse) -> usize {
    let lines = response.headers().get_all(SET_COOKIE).iter();
    let lines = lines.map(|line| line.to_str().unwrap());
    let kept = lines.filter(|line| !line.contains("; Max-Age=0"));
    kept.map(|line| line.split(';').next().unwrap().len() + "; ".len()).sum()
}

fn too_large(result: Result<(), SessionError>) -> bool {
    matches!(result, Err(SessionError::TooLarge))
}

fn text() -> String {
    "x".repeat(2_900)
}

#[tokio::test]
async fn ck_25_a_record_in_cookies_and_the_applications_share_one_budget() {
    for transport in IN_COOKIE {
        let fixture = Fixture::new(transport);
        fixture
            .does(|it| async move {
                it.session.insert("text", &text()).unwrap();
                it.fill("a", 3_900).unwrap();
                let refused = it.fill("b", 3_900);
                assert!(matches!(refused, Err(CookieError::TooMuch { octets: 8193.. })));
                assert!(it.cookies.get("b").is_none());
            })
            .await;
        assert_eq!(fixture.value().await, Some(text()), "{transport:?}");
    }
}

#[tokio::test]
async fn ck_25_whoever_comes_last_is_refused_and_changes_nothing() {
    for transport in IN_COOKIE {
        let fixture = Fixture::new(transport);
        let response = fixture
            .does(|it| async move {
                it.fill("a", 4_000).unwrap();
                it.fill("b", 4_000).unwrap();
                assert!(too_large(it.session.insert("text", &text())));
                assert_eq!(it.session.get::<String>("text").unwrap(), None);
                let update = it.session.update("text", |_: Option<String>| text());
                assert!(too_large(update));
                let login = it.session.login(Identity::local("alice").build());
                assert!(too_large(login));
                assert!(it.session.identity().unwrap().is_none());
            })
            .await;
        let set = response.headers().get_all(SET_COOKIE).iter().count();
        assert_eq!((set, octets(&response)), (2, 8_000), "{transport:?}");
        assert_eq!(fixture.value().await, None);
    }
}

#[tokio::test]
async fn ck_25_a_large_identity_takes_its_room_too() {
    for transport in IN_COOKIE {
        let fixture = Fixture::new(transport);
        fixture
            .does(|it| async move {
                it.fill("a", 4_000).unwrap();
                let groups = (0..100).map(|at| format!("a-group-with-a-long-name-{at:03}"));
                let mut alice = Identity::local("alice");
                for group in groups {
                    alice = alice.role(group);
                }
                let login = it.session.login(alice.build());
                assert!(too_large(login));
                it.session.login(Identity::local("alice").role("user").build()).unwrap();
            })
            .await;
    }
}

/// A session in a store sends only its credential, and only when that is new.
#[tokio::test]
async fn ck_25_a_credential_needs_room_where_it_is_sent() {
    let fixture = Fixture::new(Transport::Store);
    let response = fixture
        .does(|it| async move {
            it.fill("a", 4_090).unwrap();
            it.fill("b", 4_090).unwrap();
            assert!(too_large(it.session.insert("text", "x")));
            let login = || it.session.login(Identity::local("alice").build());
            assert!(too_large(login()));
            assert_eq!(it.csrf.issue(), Err(TokenError::TooMuch));
            // The steps succeed once there is room.
            it.cookies.remove("b").unwrap();
            it.csrf.issue().unwrap();
            login().unwrap();
        })
        .await;
    let sets = |name: &str| {
        let mut lines = response.headers().get_all(SET_COOKIE).iter();
        lines.any(|line| line.to_str().unwrap().starts_with(name))
    };
    assert!(sets("a=") && sets("__Host-session="));
    // From then on a write to the session needs no cookie.
    fixture
        .does(|it| async move {
            it.fill("a", 4_096).unwrap();
            it.fill("b", 4_096).unwrap();
            it.session.insert("text", "x").unwrap();
        })
        .await;
    assert_eq!(fixture.value().await.as_deref(), Some("x"));
}

#[tokio::test]
async fn ck_25_every_octet_up_to_the_budget_is_free() {
    for transport in TRANSPORTS {
        let fixture = Fixture::new(transport);
        let response = fixture
            .does(|it| async move {
                it.session.insert("text", "x").unwrap();
                // One octet more at a time, up to the budget.
                it.fill("a", 4_090).unwrap();
                let most = (100..4_090).take_while(|octets| it.fill("b", *octets).is_ok()).last();
                assert!(most.is_some());
            })
            .await;
        // The reservation for a record is its upper bound, which includes an owner that an
        // anonymous record lacks.
        let left = BUDGET - octets(&response);
        assert!(
            left <= if transport == Transport::Store { 0 } else { 48 },
            "{transport:?}: {left}"
        );
        assert_eq!(fixture.value().await.as_deref(), Some("x"));
    }
}

#[tokio::test]
async fn ck_25_room_that_is_given_back_can_be_used() {
    for transport in IN_COOKIE {
        let fixture = Fixture::new(transport);
        // A smaller value, a commit and a logout give room back.
        fixture
            .does(|it| async move {
                it.session.insert("text", &text()).unwrap();
                it.fill("a", 3_900).unwrap();
                assert!(it.fill("b", 3_000).is_err());
                it.session.insert("text", "small").unwrap();
                it.fill("b", 3_000).unwrap();
            })
            .await;
        assert_eq!(fixture.value().await.as_deref(), Some("small"));
        fixture
            .does(|it| async move {
                it.session.insert("text", &text()).unwrap();
                it.session.commit().await.unwrap();
                it.fill("a", 3_800).unwrap();
                assert!(it.fill("b", 3_000).is_err());
                // The same session again takes the same room.
                it.session.insert("text", &text()).unwrap();
                it.session.logout().await.unwrap();
                it.fill("b", 4_000).unwrap();
            })
            .await;
        assert_eq!(fixture.value().await, None);
    }
}

#[tokio::test]
async fn ck_25_removals_take_no_room() {
    for transport in TRANSPORTS {
        let fixture = Fixture::new(transport);
        let response = fixture
            .does(|it| async move {
                it.fill("a", 3_900).unwrap();
                for at in 0..200 {
                    it.cookies.remove(Cookie::new(format!("old{at}"), "v".repeat(1_000))).unwrap();
                }
                it.session.login(Identity::local("alice").build()).unwrap();
            })
            .await;
        assert!(response.headers().get_all(SET_COOKIE).iter().count() > 200, "{transport:?}");
    }
}

#[tokio::test]
async fn ck_25_a_refresh_token_is_one_of_them() {
    let issuer = JwtIssuer::builder("local", "https://api.example").generated_key("1");
    let store = MemoryStore::new(Clock::system());
    let keys = KeyRing::insecure_from_seed(7);
    let refresh = Refresh::builder(store, &keys, issuer.build().unwrap()).build().unwrap();
    let tokens = refresh.begin(&Identity::local("alice").build(), None).await.unwrap();
    let tokens = Arc::new(tokens);
    Fixture::new(Transport::Store)
        .does(move |it| {
            let (refresh, tokens) = (refresh.clone(), tokens.clone());
            async move {
                it.fill("a", 4_090).unwrap();
                it.fill("b", 4_090).unwrap();
                let refused = refresh.set_cookie(&it.extensions, &tokens);
                assert_eq!(refused, Err(Rejection::TooLarge));
                it.cookies.remove("b").unwrap();
                refresh.set_cookie(&it.extensions, &tokens).unwrap();
                assert!(it.fill("b", 4_090).is_err());
            }
        })
        .await;
}
