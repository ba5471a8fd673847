//! The stack.

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

/// Named after the application, as its other cookies are: other applications on this host have
/// cookies too.
const SESSION: &str = "__Host-showcase-session";

/// What the application is made of.
#[derive(Clone)]
#[non_exhaustive]
pub struct Config {
    /// Where sessions and families of refresh tokens live.
    pub store: AnyStore,
    /// Whether the client keeps the sessions instead, in cookies.
    pub sessions_in_cookie: bool,
    /// What signs their cookies.
    pub keys: KeyRing,
    /// What signs access tokens.
    pub signing_key: SigningKey,
    /// Who may log in.
    pub users: Users,
    /// For how long a used refresh token still gets the same successor.
    pub refresh_window: Duration,
    /// The clock of layers and store alike.
    pub clock: Clock,
    /// The origin that browsers see, where it is not the address they call.
    pub public_origin: Option<String>,
    /// Whether browsers come by https, so that they may be told to always do.
    pub https: bool,
}

impl Config {
    /// On plain http, at its own origin, by the system's clock.
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

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) users: Users,
    pub(crate) refresh: Refresh,
    pub(crate) issuer: JwtIssuer,
    /// `None` where the store keeps no list of whose a record is; so with the next.
    pub(crate) sessions: Option<Sessions>,
    pub(crate) revocations: Option<Revocations>,
    pub(crate) clock: Clock,
}

/// The application: a request passes cookies, then CSRF, then the refresh endpoints, then the
/// session, then the bearer token, then the guard of its route.
///
/// # Errors
/// A setting that a layer does not take, such as a public origin that is none.
pub fn app(config: Config) -> Result<Router, Box<dyn Error + Send + Sync>> {
    let clock = config.clock;
    // One name for who says who somebody is: a session and a token of alice are one principal. The
    // tokens are for this same application.
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
