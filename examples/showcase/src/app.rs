//! The stack.

use std::error::Error;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::map_response_with_state;
use axum::routing::{get, post};
use tower::ServiceBuilder;
use tower_auth::refuse::Problem;
use tower_auth::{AnyStore, Clock, CookieLayer, CsrfLayer, KeyRing, RequireLayer, SessionLayer};

use crate::headers::{self, Headers};
use crate::routes::{csrf, data, login, me, page, transfer};
use crate::users::Users;

/// What the application is made of.
#[derive(Clone)]
#[non_exhaustive]
pub struct Config {
    /// Where sessions live.
    pub store: AnyStore,
    /// What signs their cookies.
    pub keys: KeyRing,
    /// Who may log in.
    pub users: Users,
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
    pub fn new(store: AnyStore, keys: KeyRing, users: Users) -> Self {
        Self { store, keys, users, clock: Clock::system(), public_origin: None, https: false }
    }
}

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) users: Users,
    pub(crate) clock: Clock,
}

/// The application: a request passes cookies, then CSRF, then the session, then its route;
/// `/me` has a guard of its own.
///
/// # Errors
/// A setting that a layer does not take, such as a public origin that is none.
pub fn app(config: Config) -> Result<Router, Box<dyn Error + Send + Sync>> {
    let cookies = CookieLayer::new();

    let mut csrf = CsrfLayer::builder(&config.keys)
        .require_token_when(|parts| parts.uri.path() == "/transfer")
        .refuse_with(Problem);
    if let Some(origin) = config.public_origin {
        csrf = csrf.public_origin(origin);
    }

    let session = SessionLayer::builder(config.store, &config.keys)
        .realm("showcase")
        .clock(config.clock.clone())
        .refuse_with(Problem);

    let known = RequireLayer::builder().clock(config.clock.clone()).refuse_with(Problem);

    Ok(Router::new()
        .route("/", get(page::show))
        .route("/login", post(login::log_in))
        .route("/logout", post(login::log_out))
        .route("/me", get(me::show).layer(known.build()?))
        .route("/session/data/{key}", get(data::get).put(data::put).delete(data::delete))
        .route("/csrf", get(csrf::issue))
        .route("/transfer", post(transfer::transfer))
        .layer(
            ServiceBuilder::new()
                .layer(cookies)
                .layer(csrf.build()?)
                .layer(session.build()?)
                .layer(DefaultBodyLimit::max(16 * 1024)),
        )
        .layer(map_response_with_state(Headers { https: config.https }, headers::secure))
        .with_state(Shared { users: config.users, clock: config.clock }))
}
