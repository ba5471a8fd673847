//! The foundation of the layers: a store that can fail, a clock that only the test moves, keys and
//! an issuer.

use std::convert::Infallible;

use http::header::{COOKIE, SET_COOKIE};
use http::{Request, Response};
use tower::{ServiceExt as _, service_fn};
use tower_auth::{
    BearerJwtLayer, CookieLayer, CsrfLayer, Identity, JwtIssuer, KeyRing, MemoryStore, Refresh,
    RefreshLayer, Session, SessionLayer, Settings,
};
use tower_auth_test::{FaultyStore, TestClock};
use tower_layer::Layer as _;

/// The application's name in its sessions and in its tokens.
pub(crate) const HERE: &str = "https://app.example";

/// The whole stack, the first layer outermost.
pub(crate) type Whole = (CookieLayer, CsrfLayer, RefreshLayer, SessionLayer, BearerJwtLayer);

pub(crate) struct Fixture {
    pub(crate) store: FaultyStore<MemoryStore>,
    pub(crate) keys: KeyRing,
    pub(crate) settings: Settings,
    pub(crate) issuer: JwtIssuer,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let time = TestClock::new();
        let store = FaultyStore::new(MemoryStore::new(time.clock()));
        let keys = KeyRing::insecure_from_seed(7);
        let settings = Settings::new().issuer(HERE).clock(time.clock());
        let issuer = JwtIssuer::builder(HERE, HERE).generated_key("1").settings(&settings);
        let issuer = issuer.build().unwrap();
        Self { store, keys, settings, issuer }
    }

    pub(crate) fn session(&self) -> SessionLayer {
        let session = SessionLayer::builder(self.store.clone(), &self.keys);
        session.settings(&self.settings).build().unwrap()
    }

    pub(crate) fn csrf(&self) -> CsrfLayer {
        CsrfLayer::new(&self.keys)
    }

    pub(crate) fn bearer(&self) -> BearerJwtLayer {
        self.issuer.layer().build().unwrap()
    }

    pub(crate) fn refresh(&self) -> RefreshLayer {
        let refresh = Refresh::builder(self.store.clone(), &self.keys, self.issuer.clone());
        RefreshLayer::new(refresh.settings(&self.settings).build().unwrap())
    }

    pub(crate) fn whole(&self) -> Whole {
        (CookieLayer::new(), self.csrf(), self.refresh(), self.session(), self.bearer())
    }

    /// Returns an access token, which needs no session.
    pub(crate) fn token(&self, who: &str) -> String {
        let identity = Identity::local(who.to_owned()).build();
        format!("Bearer {}", self.issuer.mint(&identity).unwrap().text)
    }

    /// Creates a session of this user. Returns the line for the `Cookie` header.
    pub(crate) async fn log_in(&self, who: &'static str) -> String {
        let login = self.session().layer(service_fn(async |request: Request<()>| {
            let session = Session::of(request.extensions()).unwrap();
            let who = request.uri().path().trim_start_matches('/').to_owned();
            session.login(Identity::local(who).build()).unwrap();
            Ok::<_, Infallible>(Response::new(String::new()))
        }));
        let request = Request::get(format!("/{who}")).body(()).unwrap();
        let response = login.oneshot(request).await.unwrap();
        pair(response.headers()[SET_COOKIE].to_str().unwrap())
    }

    /// Returns the user and the count of the session that the store has under this cookie.
    pub(crate) async fn look(&self, cookie: &str) -> String {
        let look = self.session().layer(service_fn(async |request: Request<()>| {
            let session = Session::of(request.extensions()).unwrap();
            let who = session.identity().unwrap();
            let who = who.map_or("anonymous".into(), |it| it.subject().to_owned());
            let count = session.get::<u32>("count").unwrap().unwrap_or(0);
            Ok::<_, Infallible>(Response::new(format!("{who} {count}")))
        }));
        let request = Request::get("/").header(COOKIE, cookie).body(()).unwrap();
        look.oneshot(request).await.unwrap().into_body()
    }
}

/// Returns `name=value` of a `Set-Cookie` line.
pub(crate) fn pair(line: &str) -> String {
    line.split(';').next().unwrap_or_default().to_owned()
}
