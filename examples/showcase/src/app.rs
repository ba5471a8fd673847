//! The stack, and the application around it.

use std::error::Error;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::map_response_with_state;
use tower_auth::bearer::Algorithm;
use tower_auth::refresh::Revocations;
use tower_auth::refuse::Problem;
use tower_auth::session::Sessions;
use tower_auth::{AnyStore, AuthStack, Clock, JwtIssuer, KeyRing, Refresh, RequireLayer, Settings};

use crate::headers::{self, Headers};
use crate::keys::SigningKey;
use crate::routes::{self, Access};
use crate::users::Users;

/// The names of the application's cookies contain its own name, because other applications on this
/// host have cookies too.
const SESSION: &str = "__Host-showcase-session";

/// The configuration of the application.
#[derive(Clone)]
#[non_exhaustive]
pub struct Config {
    /// The store of sessions and of refresh token families.
    pub store: AnyStore,
    /// Whether the client keeps the sessions in cookies, instead of the store.
    pub sessions_in_cookie: bool,
    /// The keys that sign the cookies.
    pub keys: KeyRing,
    /// The key that signs access tokens.
    pub signing_key: SigningKey,
    /// The users who may log in.
    pub users: Users,
    /// The time for which a used refresh token still gets the same successor.
    pub refresh_window: Duration,
    /// The clock of the layers and the store.
    pub clock: Clock,
    /// The origin that browsers see, if it is not the address that they call.
    pub public_origin: Option<String>,
    /// Whether browsers use https, so that the application may require it from them.
    pub https: bool,
}

impl Config {
    /// Creates a configuration for plain http, at the application's own origin, with the system's
    /// clock.
    #[must_use]
    pub fn new(store: AnyStore, keys: KeyRing, signing_key: SigningKey, users: Users) -> Self {
        Self {
            store,
            sessions_in_cookie: false,
            keys,
            signing_key,
            users,
            refresh_window: Duration::from_secs(10),
            clock: Clock::system(),
            public_origin: None,
            https: false,
        }
    }
}

/// The values that the handlers share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) users: Users,
    pub(crate) refresh: Refresh,
    pub(crate) issuer: JwtIssuer,
    /// `None` if the store does not list records by owner; `revocations` too.
    pub(crate) sessions: Option<Sessions>,
    pub(crate) revocations: Option<Revocations>,
    pub(crate) clock: Clock,
}

/// Builds the application. A request passes the cookies, the CSRF check, the refresh endpoints, the
/// session, the bearer token, and the guard of its route.
///
/// # Errors
/// A layer rejects a setting, such as an invalid public origin.
pub fn app(config: Config) -> Result<Router, Box<dyn Error + Send + Sync>> {
    let clock = config.clock;
    // All layers have the same issuer, so that a session and a token of alice are one principal.
    // The tokens' audience is this same application.
    let name = config.public_origin.clone().unwrap_or_else(|| "showcase".into());
    let settings = Settings::new().issuer(&name).clock(clock.clone()).realm("showcase");
    let issuer = JwtIssuer::builder(&name, &name)
        .settings(&settings)
        .signing_pem(&config.signing_key.kid, Algorithm::ES256, config.signing_key.pem.expose())
        .lifetime(Duration::from_secs(5 * 60))
        .build()?;
    let refresh = Refresh::builder(config.store.clone(), &config.keys, issuer.clone())
        .settings(&settings)
        .window(config.refresh_window)
        .cookie_name("__Host-showcase-refresh")
        .build()?;

    let table = routes::table();
    let needs_token = table.iter().filter(|row| row.csrf_token).map(|row| row.path);
    let needs_token: Vec<_> = needs_token.collect();

    let mut stack = AuthStack::new(&config.keys).settings(&settings).refuse_with(Problem);
    if let Some(origin) = config.public_origin {
        stack = stack.public_origin(origin);
    }
    let stack = stack
        .cookies()
        .csrf_with(|csrf| {
            csrf.pre_session_cookie("__Host-showcase-csrf")
                .require_token_when(move |parts| needs_token.contains(&parts.uri.path()))
        })
        .refresh(refresh.clone());
    let stack = if config.sessions_in_cookie {
        stack.session_in_cookie_with(|session| session.cookie_name(SESSION))
    } else {
        stack.session_with(config.store, |session| session.cookie_name(SESSION))
    };
    let stack = stack.bearer_of(&issuer).build()?;
    let sessions = stack.sessions().ok();
    let revocations = refresh.revocations().ok();
    let shared = Shared { users: config.users, refresh, issuer, sessions, revocations, clock };

    let mut router = Router::new();
    for row in table {
        let Some(handler) = row.handler(&shared) else { continue };
        let guard = RequireLayer::builder().settings(&settings).refuse_with(Problem);
        let handler = match row.access {
            Access::Public => handler,
            Access::LoggedIn => handler.layer(guard.build()?),
            Access::Role(role) => handler.layer(guard.role(role).build()?),
            Access::Scope(scope) => handler.layer(guard.scope(scope).build()?),
        };
        router = router.route(row.path, handler);
    }
    Ok(router
        .layer(DefaultBodyLimit::max(16 * 1024))
        .layer(stack)
        .layer(map_response_with_state(Headers { https: config.https }, headers::secure))
        .with_state(shared))
}
