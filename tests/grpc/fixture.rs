//! The stack under test, with a clock that only the test moves, and a server around it.

use std::net::SocketAddr;

use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{HeaderMap, Request, Response};
use hyper::body::Body as HttpBody;
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::metadata::MetadataMap;
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Server};
use tower::ServiceBuilder;
use tower::util::MapResponseLayer;
use tower_auth::bearer::BearerJwtLayer;
use tower_auth::csrf::CsrfLayer;
use tower_auth::{
    CookieLayer, Identity, JwtIssuer, KeyRing, MemoryStore, Refresh, RefreshLayer, RequireLayer,
    SessionLayer, Settings,
};
use tower_auth_test::{FaultyStore, TestClock};
use tower_layer::Layer;
use tower_service::Service;

use crate::echo::EchoService;
use crate::proto::Text;
use crate::proto::echo_client::EchoClient;
use crate::proto::echo_server::EchoServer;

/// The application's name in its sessions and in its tokens.
const HERE: &str = "https://app.example";

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

pub(crate) struct Fixture {
    pub(crate) store: FaultyStore<MemoryStore>,
    pub(crate) keys: KeyRing,
    settings: Settings,
    pub(crate) issuer: JwtIssuer,
    pub(crate) echo: EchoService,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let time = TestClock::new();
        let store = FaultyStore::new(MemoryStore::new(time.clock()));
        let keys = KeyRing::insecure_from_seed(7);
        let settings = Settings::new().issuer(HERE).clock(time.clock());
        let issuer = JwtIssuer::builder(HERE, HERE).generated_key("1").settings(&settings);
        let issuer = issuer.build().unwrap();
        Self { store, keys, settings, issuer, echo: EchoService::default() }
    }

    pub(crate) fn csrf(&self) -> CsrfLayer {
        CsrfLayer::new(&self.keys)
    }

    pub(crate) fn session(&self) -> SessionLayer {
        let session = SessionLayer::builder(self.store.clone(), &self.keys);
        session.settings(&self.settings).realm("app").build().unwrap()
    }

    pub(crate) fn bearer(&self) -> BearerJwtLayer {
        self.issuer.layer().realm("app").build().unwrap()
    }

    pub(crate) fn refresh(&self) -> RefreshLayer {
        let store = self.store.clone();
        let refresh = Refresh::builder(store, &self.keys, self.issuer.clone());
        RefreshLayer::new(refresh.settings(&self.settings).build().unwrap())
    }

    pub(crate) fn token(&self, subject: &str) -> String {
        self.token_of(&Identity::local(subject).scope("echo:read").build())
    }

    pub(crate) fn token_of(&self, identity: &Identity) -> String {
        self.issuer.mint(identity).unwrap().text
    }

    /// Serves behind the whole stack, all six layers, and a guard that needs an identity.
    pub(crate) async fn guarded(&self) -> SocketAddr {
        self.guarded_by(RequireLayer::new()).await
    }

    pub(crate) async fn guarded_by(&self, guard: RequireLayer) -> SocketAddr {
        let stack = ServiceBuilder::new()
            .layer(CookieLayer::new())
            .layer(self.csrf())
            .layer(self.refresh())
            .layer(self.session())
            .layer(self.bearer())
            .layer(guard)
            // RefreshLayer writes bodies, and tonic's body cannot be created from bytes. `Server`
            // accepts any body, so this line is the only cost.
            .layer(MapResponseLayer::new(|response: Response<Body>| {
                response.map(axum::body::Body::new)
            }));
        self.serve(stack).await
    }

    /// Serves behind the same stack without a guard.
    pub(crate) async fn public(&self) -> SocketAddr {
        let stack = ServiceBuilder::new()
            .layer(CookieLayer::new())
            .layer(self.csrf())
            .layer(self.session())
            .layer(self.bearer());
        self.serve(stack).await
    }

    /// Serves the service behind these layers, as `tonic` does; also over HTTP/1.1.
    pub(crate) async fn serve<L, B>(&self, layer: L) -> SocketAddr
    where
        L: Layer<Routes> + Clone + Send + 'static,
        L::Service: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
        <L::Service as Service<Request<Body>>>::Future: Send + 'static,
        <L::Service as Service<Request<Body>>>::Error: Into<BoxError> + Send + 'static,
        B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let mut server = Server::builder().accept_http1(true).layer(layer);
        let router = server.add_service(EchoServer::new(self.echo.clone()));
        let (listener, address) = listen().await;
        tokio::spawn(router.serve_with_incoming(TcpIncoming::from(listener)));
        address
    }
}

pub(crate) async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Connects an ordinary client.
pub(crate) async fn client(address: SocketAddr) -> EchoClient<Channel> {
    let channel = Channel::from_shared(format!("http://{address}")).unwrap();
    EchoClient::new(channel.connect().await.unwrap())
}

pub(crate) fn text(text: &str) -> Text {
    Text { text: text.into() }
}

/// Builds a request with this metadata.
pub(crate) fn request<T>(message: T, metadata: &[(&'static str, String)]) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    for (name, value) in metadata {
        request.metadata_mut().append(*name, value.parse().unwrap());
    }
    request
}

/// Builds a request with a bearer token.
pub(crate) fn bearing<T>(message: T, token: &str) -> tonic::Request<T> {
    request(message, &[("authorization", format!("Bearer {token}"))])
}

/// Creates a session for this subject, as a client does: by a call that logs in.
pub(crate) async fn log_in(address: SocketAddr, subject: &str) -> String {
    let answer = client(address).await.unary(text(&format!("login {subject}"))).await.unwrap();
    session_cookie(answer.metadata())
}

/// Returns the `Cookie` line for the session in a response.
pub(crate) fn session_cookie(metadata: &MetadataMap) -> String {
    cookie_of(metadata.as_ref())
}

pub(crate) fn cookie_of(headers: &HeaderMap) -> String {
    let line = headers[SET_COOKIE].to_str().unwrap();
    assert!(line.starts_with("__Host-session="), "{line}");
    line.split(';').next().unwrap().to_owned()
}
