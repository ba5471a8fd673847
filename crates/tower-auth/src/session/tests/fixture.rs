//! A layer on a memory store behind a stopped clock, and a way to send requests through it.

use std::future::Future;

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, Request, Response, StatusCode};
use tower::{ServiceExt as _, service_fn};
use tower_auth_core::{AuthState, Identity};
use tower_auth_test::{FaultyStore, TestClock};
use tower_layer::Layer as _;

use crate::session::{Session, SessionError, SessionLayer, SessionLayerBuilder};
use crate::{KeyRing, MemoryStore, Rejection, Settings};

pub(super) const NAME: &str = "__Host-session";

pub(super) struct Fixture {
    pub(super) time: TestClock,
    pub(super) store: FaultyStore<MemoryStore>,
    pub(super) keys: KeyRing,
    pub(super) layer: SessionLayer,
}

/// The handler's result and the client's response.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) rejection: Option<Rejection>,
    pub(super) body: String,
}

impl Fixture {
    pub(super) fn new() -> Self {
        Self::with(|builder| builder)
    }

    pub(super) fn with(options: impl FnOnce(SessionLayerBuilder) -> SessionLayerBuilder) -> Self {
        Self::on(MemoryStore::MAX_VALUE, |it| it, options)
    }

    pub(super) fn with_settings(settings: impl FnOnce(Settings) -> Settings) -> Self {
        Self::on(MemoryStore::MAX_VALUE, settings, |builder| builder)
    }

    /// Creates a fixture on a store that holds records of up to `max_value` bytes.
    pub(super) fn with_room(max_value: usize) -> Self {
        Self::on(max_value, |it| it, |builder| builder)
    }

    pub(super) fn on(
        max_value: usize,
        settings: impl FnOnce(Settings) -> Settings,
        options: impl FnOnce(SessionLayerBuilder) -> SessionLayerBuilder,
    ) -> Self {
        let time = TestClock::new();
        let store = FaultyStore::new(MemoryStore::new(time.clock()).max_value(max_value));
        let keys = KeyRing::insecure_from_seed(7);
        let settings = settings(Settings::new().clock(time.clock()));
        let layer = options(SessionLayer::builder(store.clone(), &keys).settings(&settings));
        let layer = layer.build().unwrap();
        Self { time, store, keys, layer }
    }

    /// Another layer on the same store: a second node, or one with other keys.
    pub(super) fn node(&self, keys: &KeyRing) -> SessionLayer {
        let builder = SessionLayer::builder(self.store.clone(), keys);
        builder.settings(&Settings::new().clock(self.time.clock())).build().unwrap()
    }

    pub(super) async fn send<F, Fut>(&self, cookie: Option<&str>, handler: F) -> Reply
    where
        F: Fn(Session) -> Fut + Clone,
        Fut: Future<Output = Result<String, SessionError>>,
    {
        send(&self.layer, request(cookie), handler).await
    }

    /// Logs `subject` in and returns the cookie to continue with.
    pub(super) async fn login(&self, cookie: Option<&str>, subject: &'static str) -> String {
        let reply = self
            .send(cookie, move |session| async move {
                session.login(Identity::local(subject).role("user").build())?;
                Ok(String::new())
            })
            .await;
        assert_eq!(reply.status, StatusCode::OK);
        reply.credential().expect("login sends a cookie")
    }

    /// Returns the cookie of a session that has ended.
    pub(super) async fn dead(&self) -> String {
        let cookie = self.login(None, "alice").await;
        let logout = |session: Session| async move {
            session.logout().await?;
            Ok(String::new())
        };
        assert_eq!(self.send(Some(&cookie), logout).await.status, StatusCode::OK);
        cookie
    }

    /// Returns the user of a cookie, as the handler's extensions show it.
    pub(super) async fn who(&self, cookie: &str) -> String {
        self.send(Some(cookie), who).await.body
    }

    pub(super) async fn put(&self, cookie: Option<&str>, key: &'static str, value: u32) -> Reply {
        self.send(cookie, move |session| async move {
            session.insert(key, &value)?;
            Ok(String::new())
        })
        .await
    }

    pub(super) async fn read(&self, cookie: &str, key: &'static str) -> Option<u32> {
        let reply = self
            .send(Some(cookie), move |session| async move {
                Ok(session.get::<u32>(key)?.map_or_else(String::new, |value| value.to_string()))
            })
            .await;
        reply.body.parse().ok()
    }
}

pub(super) async fn who(session: Session) -> Result<String, SessionError> {
    Ok(session.identity()?.map_or("anonymous".into(), |it| it.subject().into()))
}

pub(super) fn request(cookie: Option<&str>) -> Request<()> {
    let mut request = Request::new(());
    if let Some(cookie) = cookie {
        let pair = format!("{NAME}={cookie}");
        request.headers_mut().insert(COOKIE, pair.parse().unwrap());
    }
    request
}

/// Sends a request. An error of the handler becomes a response, as in an application.
pub(super) async fn send<R, F, Fut>(
    layer: &SessionLayer<R>,
    request: Request<()>,
    handler: F,
) -> Reply
where
    R: tower_auth_core::Refuse<String> + Clone,
    F: Fn(Session) -> Fut + Clone,
    Fut: Future<Output = Result<String, SessionError>>,
{
    let service = service_fn(move |request: Request<()>| {
        let session = Session::of(request.extensions());
        let state = AuthState::of(request.extensions());
        let handler = handler.clone();
        async move {
            let session = session.expect("the layer is outside");
            // The extensions and the session agree.
            match (state.expect("the layer is outside"), session.identity()) {
                (AuthState::Known(known), Ok(Some(same))) => assert!(known.same_principal(&same)),
                (AuthState::Anonymous, Ok(None)) => {}
                (AuthState::Unknown, Err(SessionError::Unavailable)) => {}
                _ => panic!("state and session differ"),
            }
            let response = match handler(session).await {
                Ok(body) => Response::new(body),
                Err(error) => {
                    let rejection = Rejection::from(error);
                    let mut response = Response::new(rejection.code().to_string());
                    *response.status_mut() = rejection.status();
                    response
                }
            };
            Ok::<_, std::convert::Infallible>(response)
        }
    });
    let response = layer.layer(service).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    Reply {
        status: parts.status,
        rejection: parts.extensions.get::<Rejection>().cloned(),
        headers: parts.headers,
        body,
    }
}

impl Reply {
    pub(super) fn set_cookies(&self) -> Vec<String> {
        let lines = self.headers.get_all(SET_COOKIE).iter();
        lines.map(|line| line.to_str().unwrap().to_owned()).collect()
    }

    /// Returns the session cookie that the response sets, unless it removes it.
    pub(super) fn credential(&self) -> Option<String> {
        let lines = self.set_cookies();
        let line = lines.iter().find_map(|line| line.strip_prefix(&format!("{NAME}=")))?;
        let value = line.split(';').next().unwrap();
        (!value.is_empty()).then(|| value.to_owned())
    }

    pub(super) fn removes(&self) -> bool {
        self.set_cookies().iter().any(|line| line.starts_with(&format!("{NAME}=; ")))
    }
}
