//! One node of an application: the whole stack, public routes, guarded ones, and gRPC.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::header::{COOKIE, RETRY_AFTER, SET_COOKIE};
use http::{Method, Request, StatusCode};
use tonic::Code;
use tonic::service::Routes;
use tower::ServiceExt as _;
use tower_auth::session::{SessionError, Sessions};
use tower_auth::store::{AnyStore, Store};
use tower_auth::{AuthStack, Identity, KeyRing, Principal, Session, Settings};

use crate::echo::EchoService;
use crate::proto::Text;
use crate::proto::echo_client::EchoClient;
use crate::proto::echo_server::EchoServer;

/// The timeout of the stores under test. A step that takes longer is an error.
pub(crate) const TIMEOUT: Duration = Duration::from_millis(300);
/// The limit for several such steps in sequence, on a machine under load. It is not a tested bound:
/// it detects a request that never ends.
const HANGS: Duration = Duration::from_secs(30);

pub(crate) struct Node {
    app: Router,
    /// `None` over a store that cannot list.
    sessions: Option<Sessions>,
}

/// A response as a client sees it.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) retry_after: bool,
    /// Every `Set-Cookie` line.
    pub(crate) cookies: Vec<String>,
    pub(crate) text: String,
}

impl Reply {
    /// Returns the `Cookie` line for later requests.
    pub(crate) fn cookie(&self) -> String {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        let [line] = &self.cookies[..] else { panic!("not exactly one cookie: {self:?}") };
        let cookie = line.split(';').next().unwrap_or_default();
        assert!(cookie.len() > "__Host-session=".len(), "not a credential: {line}");
        cookie.to_owned()
    }

    /// Asserts a refusal because of the store that leaves the client's cookies untouched.
    #[track_caller]
    pub(crate) fn is_unavailable(&self) {
        assert_eq!(self.status, StatusCode::SERVICE_UNAVAILABLE, "{self:?}");
        assert!(self.retry_after, "{self:?}");
        assert_eq!(self.cookies, [""; 0], "{self:?}");
    }

    /// Asserts an answer without an identity. The layer may remove a useless cookie.
    #[track_caller]
    pub(crate) fn is_anonymous(&self) {
        assert_eq!((self.status, &*self.text), (StatusCode::OK, "anonymous"));
    }

    /// Asserts an answer that leaves the client's cookies untouched.
    #[track_caller]
    pub(crate) fn is(&self, text: &str) {
        assert_eq!((self.status, &*self.text), (StatusCode::OK, text));
        assert_eq!(self.cookies, [""; 0], "{self:?}");
    }
}

impl Node {
    pub(crate) fn new(store: impl Store) -> Self {
        let (store, keys) = (AnyStore::new(store), KeyRing::insecure_from_seed(7));
        let stack = || {
            AuthStack::new(&keys)
                .settings(&Settings::new().issuer("me").timer(tower_auth::TokioTimer))
                .cookies()
                .csrf()
                .session(store.clone())
        };
        let (everybody, guard) = (stack().build().unwrap(), stack().require().build().unwrap());
        let sessions = everybody.sessions().ok();
        let public = Router::new()
            .route("/public", get(who))
            .route("/login/{who}", post(login))
            .route("/count", post(count))
            .route("/logout", post(async |session: Session| session.logout().await))
            .layer(everybody);
        let guarded = Router::new()
            .route("/guarded", get(who))
            .merge(Routes::new(EchoServer::new(EchoService::default())).into_axum_router())
            .layer(guard);
        Self { app: public.merge(guarded), sessions }
    }

    pub(crate) async fn send(&self, method: Method, path: &str, cookie: &str) -> Reply {
        let request = Request::builder().method(method).uri(path);
        let mut request = request.header("sec-fetch-site", "same-origin");
        if !cookie.is_empty() {
            request = request.header(COOKIE, cookie);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = tokio::time::timeout(HANGS, self.app.clone().oneshot(request)).await;
        let (head, body) = response.expect("a request hangs").unwrap().into_parts();
        let lines = head.headers.get_all(SET_COOKIE).iter();
        Reply {
            status: head.status,
            retry_after: head.headers.contains_key(RETRY_AFTER),
            cookies: lines.map(|line| line.to_str().unwrap().to_owned()).collect(),
            text: String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().into()).unwrap(),
        }
    }

    pub(crate) async fn get(&self, path: &str, cookie: &str) -> Reply {
        self.send(Method::GET, path, cookie).await
    }

    pub(crate) async fn post(&self, path: &str, cookie: &str) -> Reply {
        self.send(Method::POST, path, cookie).await
    }

    /// Ends all sessions of this user. Returns their number.
    pub(crate) async fn kick(&self, who: &str) -> usize {
        let sessions = self.sessions.as_ref().expect("the store can list");
        sessions.end_all(&Principal::new("me", who), None).await.expect("the store is available")
    }

    pub(crate) async fn login(&self, who: &str) -> String {
        self.post(&format!("/login/{who}"), "").await.cookie()
    }

    /// Calls the guarded gRPC method that returns the caller.
    pub(crate) async fn call(&self, cookie: &str) -> Result<String, Code> {
        let mut request = tonic::Request::new(Text { text: "who".into() });
        request.metadata_mut().insert("cookie", cookie.parse().unwrap());
        let called = tokio::time::timeout(HANGS, async {
            EchoClient::new(self.app.clone()).unary(request).await
        });
        match called.await.expect("a request hangs") {
            Ok(answer) => Ok(answer.into_inner().text),
            Err(status) => {
                assert!(!status.metadata().contains_key("set-cookie"), "{status:?}");
                Err(status.code())
            }
        }
    }
}

/// Returns the user of the session and its count.
async fn who(session: Session) -> Result<String, SessionError> {
    let identity = match session.identity() {
        Err(SessionError::Unavailable) => return Ok("unavailable".into()),
        identity => identity?,
    };
    let count = session.get::<u32>("count")?.unwrap_or(0);
    Ok(identity.map_or("anonymous".into(), |it| format!("{} {count}", it.subject())))
}

async fn login(Path(who): Path<String>, session: Session) -> Response {
    session.login(Identity::local(&who).build()).into_response()
}

async fn count(session: Session) -> Result<(), SessionError> {
    session.update("count", |count: Option<u32>| count.unwrap_or(0) + 1)
}
