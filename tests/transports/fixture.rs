//! The fixtures in which a scenario runs.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::routing::{get, post};
use tower_auth::session::{SessionError, SessionLayerBuilder};
use tower_auth::store::AnyStore;
use tower_auth::{Identity, KeyRing, MemoryStore, Session, SessionLayer, Settings};
use tower_auth_fixtures::server::Redis;
use tower_auth_redis::RedisStore;
use tower_auth_sqlx::SqliteStore;
use tower_auth_test::{TestClient, TestClock};

pub(crate) type Client = TestClient<Router, Body>;

/// No store takes this long, even on a machine under load.
const PATIENCE: Duration = Duration::from_secs(30);

/// The way in which a session travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// A cookie names a record in the store.
    Store,
    /// The client keeps the record, and there is no store.
    Cookie,
    /// The client keeps the record, and the store knows the newest version.
    Guarded,
}

/// A transport on a store, with a clock that only the test moves.
pub(crate) struct Fixture {
    pub(crate) transport: Transport,
    pub(crate) time: TestClock,
    pub(crate) keys: KeyRing,
    pub(crate) store: AnyStore,
}

/// Runs the scenario in every fixture. If it fails, the line above the panic names the fixture.
pub(crate) async fn everywhere(scenario: impl AsyncFn(&Fixture)) {
    let redis = Redis::start();
    let files = tempfile::tempdir().unwrap();
    for transport in [Transport::Store, Transport::Cookie, Transport::Guarded] {
        for store in ["memory", "SQLite", "Redis"] {
            // Without a guard there is no store, so one such fixture is enough.
            if transport == Transport::Cookie && store != "memory" {
                continue;
            }
            println!("{transport:?} on {store}");
            let time = TestClock::new();
            let store = match store {
                "memory" => AnyStore::new(MemoryStore::new(time.clock())),
                "SQLite" => {
                    let file = files.path().join(format!("{transport:?}"));
                    let builder = SqliteStore::builder(file, time.clock()).timeout(PATIENCE);
                    AnyStore::new(builder.open().await.unwrap())
                }
                _ => {
                    let builder = RedisStore::node(redis.url(), time.clock()).timeout(PATIENCE);
                    AnyStore::new(builder.build().await.unwrap())
                }
            };
            let keys = KeyRing::insecure_from_seed(7);
            scenario(&Fixture { transport, time, keys, store }).await;
        }
    }
}

impl Fixture {
    /// Creates a layer with these settings.
    pub(crate) fn layer(
        &self,
        settings: impl FnOnce(SessionLayerBuilder) -> SessionLayerBuilder,
    ) -> SessionLayer {
        self.layer_with(&self.keys, settings)
    }

    /// Creates a layer with these settings and other keys.
    pub(crate) fn layer_with(
        &self,
        keys: &KeyRing,
        settings: impl FnOnce(SessionLayerBuilder) -> SessionLayerBuilder,
    ) -> SessionLayer {
        let builder = match self.transport {
            Transport::Store => SessionLayer::builder(self.store.clone(), keys),
            Transport::Cookie => SessionLayer::in_cookie(keys),
            Transport::Guarded => SessionLayer::in_cookie(keys).replay_guard(self.store.clone()),
        };
        settings(builder.settings(&Settings::new().clock(self.time.clock()))).build().unwrap()
    }

    /// Creates an application behind such a layer; see [`routes`].
    pub(crate) fn app(
        &self,
        settings: impl FnOnce(SessionLayerBuilder) -> SessionLayerBuilder,
    ) -> Router {
        routes().layer(self.layer(settings))
    }

    /// Creates a browser at this origin, with an empty jar.
    pub(crate) fn browser(&self, app: &Router, origin: &str) -> Client {
        TestClient::new(app.clone()).with_body().base(origin).clock(self.time.clock()).browser()
    }

    /// Returns whether an ended session is refused, wherever a copy of its cookies comes from.
    pub(crate) fn ends_sessions(&self) -> bool {
        self.transport != Transport::Cookie
    }
}

/// `/who`, `/login/{subject}`, `/logout`, `/put/{key}/{value}` and `/get/{key}`.
pub(crate) fn routes() -> Router {
    let put = async |Path((key, value)): Path<(String, String)>, session: Session| {
        session.insert(&key, &value)
    };
    let read = async |Path(key): Path<String>, session: Session| {
        Ok::<_, SessionError>(session.get::<String>(&key)?.unwrap_or_default())
    };
    Router::new()
        .route("/who", get(who))
        .route("/login/{subject}", post(login))
        .route("/logout", post(async |session: Session| session.logout().await))
        .route("/put/{key}/{value}", post(put))
        .route("/get/{key}", get(read))
}

async fn who(session: Session) -> Result<String, SessionError> {
    let identity = session.identity()?;
    Ok(identity.map_or("anonymous".into(), |it| format!("{} {}", it.issuer(), it.subject())))
}

async fn login(Path(subject): Path<String>, session: Session) -> Result<(), SessionError> {
    session.login(Identity::local(&subject).build())
}
