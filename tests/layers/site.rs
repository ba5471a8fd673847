//! A small application behind the whole stack, for clients with a jar.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use tower::ServiceBuilder;
use tower::util::BoxCloneService;
use tower_auth::csrf::CsrfLayerBuilder;
use tower_auth::session::SessionError;
use tower_auth::{
    CookieLayer, Cookies, CsrfLayer, CsrfToken, Identity, KeyRing, MemoryStore, Rejection, Session,
    SessionLayer, Settings,
};
use tower_auth_test::{FaultyStore, TestClient, TestClock};

pub(crate) type Body = Full<Bytes>;
pub(crate) type App = BoxCloneService<Request<Body>, Response<Body>, Infallible>;
pub(crate) type Client = TestClient<App>;

pub(crate) struct Site {
    pub(crate) app: App,
    pub(crate) store: FaultyStore<MemoryStore>,
    pub(crate) time: TestClock,
    /// The number of requests that reached the application.
    handled: Arc<AtomicUsize>,
}

impl Site {
    pub(crate) fn new() -> Self {
        Self::with(|csrf| csrf)
    }

    /// Creates a site with other settings for the CSRF layer.
    pub(crate) fn with(csrf: impl FnOnce(CsrfLayerBuilder) -> CsrfLayerBuilder) -> Self {
        let time = TestClock::new();
        let store = FaultyStore::new(MemoryStore::new(time.clock()));
        let keys = KeyRing::insecure_from_seed(7);
        let session = SessionLayer::builder(store.clone(), &keys)
            .settings(&Settings::new().clock(time.clock()));
        let handled = Arc::<AtomicUsize>::default();
        let count = handled.clone();
        let app = ServiceBuilder::new()
            .layer(CookieLayer::builder().keys(&keys).build().unwrap())
            .layer(csrf(CsrfLayer::builder(&keys)).build().unwrap())
            .layer(session.build().unwrap())
            .service_fn(move |request| {
                count.fetch_add(1, Ordering::Relaxed);
                handle(request)
            });
        Self { app: BoxCloneService::new(app), store, time, handled }
    }

    /// Returns a program with cookies, which sends none of a browser's headers.
    pub(crate) fn client(&self) -> Client {
        TestClient::new(self.app.clone()).clock(self.time.clock())
    }

    pub(crate) fn browser(&self) -> Client {
        self.client().browser()
    }

    pub(crate) fn handled(&self) -> usize {
        self.handled.load(Ordering::Relaxed)
    }
}

/// The application. The path names the action, and the query the user.
async fn handle(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let session = Session::of(request.extensions()).unwrap();
    let cookies = Cookies::of(request.extensions()).unwrap();
    let csrf = CsrfToken::of(request.extensions()).unwrap();
    let who = request.uri().query().unwrap_or("alice");
    let mut status = StatusCode::OK;
    let done: Result<String, SessionError> = async {
        match request.uri().path() {
            "/token" => return Ok(csrf.issue().unwrap()),
            "/login" => {
                session.login(Identity::local(who).build())?;
                return Ok(csrf.issue().unwrap());
            }
            "/begin" => {
                session.insert("theme", "dark")?;
                return Ok(csrf.issue().unwrap());
            }
            "/login-and-fail" => {
                session.login(Identity::local(who).build())?;
                status = StatusCode::INTERNAL_SERVER_ERROR;
            }
            "/logout" => session.logout().await?,
            "/transfer" => session.update("moved", |n: Option<u32>| n.unwrap_or(0) + 1)?,
            "/sign" => cookies.signed().unwrap().set(("plan", "basic")).unwrap(),
            "/plan" => {
                let plan = cookies.signed().unwrap().get(who);
                return Ok(plan.map_or("none".into(), |it| it.value().to_owned()));
            }
            _ => {}
        }
        let moved = session.get::<u32>("moved")?.unwrap_or(0);
        let name = session.identity()?.map_or("anonymous".into(), |it| it.subject().to_owned());
        Ok(format!("{name} moved {moved}"))
    }
    .await;
    let body = done.unwrap_or_else(|error| {
        let rejection = Rejection::from(error);
        status = rejection.status();
        rejection.to_string()
    });
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    Ok(response)
}
