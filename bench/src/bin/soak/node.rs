//! One node of the application: a session layer over a near-cache, and the requests of clients.

use std::convert::Infallible;
use std::time::Duration;

use http::header::{COOKIE, SET_COOKIE};
use http::{Request, Response, StatusCode};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_auth::session::SessionError;
use tower_auth::store::{
    EndOwnedParams, EndReason, Key, Load, RecordId, RecordKind, Store, StoreError,
};
use tower_auth::{Identity, KeyRing, NearCache, Rejection, Session, SessionLayer};
use tower_auth_redis::RedisStore;

/// The lifetime of a kick's tombstone: longer than the run.
const KEEP: Duration = Duration::from_secs(3600);

pub(crate) struct Node {
    layer: SessionLayer,
    pub(crate) near: NearCache<RedisStore>,
}

#[derive(Clone)]
pub(crate) enum Does {
    Read,
    Login(String),
    /// Stores this number, if the session belongs to the client.
    Count(u64),
    Logout,
}

/// The answer to a client.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    /// The user of the request when it arrived.
    pub(crate) who: Option<String>,
    pub(crate) count: Option<u64>,
    pub(crate) cookie: Option<String>,
    pub(crate) name: Option<RecordId>,
}

#[derive(Clone, Default)]
struct Found {
    who: Option<String>,
    count: Option<u64>,
    name: Option<RecordId>,
}

impl Node {
    pub(crate) fn new(near: NearCache<RedisStore>, keys: &KeyRing) -> Self {
        Self { layer: SessionLayer::new(near.clone(), keys), near }
    }

    pub(crate) async fn ask(&self, cookie: Option<&str>, does: Does) -> Reply {
        let mut request = Request::new(());
        if let Some(line) = cookie.and_then(|it| it.parse().ok()) {
            request.headers_mut().insert(COOKIE, line);
        }
        let service = service_fn(move |request: Request<()>| {
            let does = does.clone();
            async move { Ok::<_, Infallible>(answer(&request, does).await) }
        });
        let response = match self.layer.layer(service).oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let line = response.headers().get(SET_COOKIE).and_then(|it| it.to_str().ok());
        let pair = line.and_then(|it| it.split(';').next());
        let cookie = pair.filter(|it| !it.ends_with('=')).map(str::to_owned);
        let Found { who, count, name } =
            response.extensions().get::<Found>().cloned().unwrap_or_default();
        Reply { status: response.status(), who, count, cookie, name }
    }

    /// Ends a session, or all sessions of its user, as an administrator does.
    pub(crate) async fn kick(&self, session: RecordId, all: bool) -> Result<(), StoreError> {
        let key = Key::new(RecordKind::Session, session);
        if all
            && let Load::Found(stored) = self.near.load(&key).await?
            && let Some(owner) = stored.record.owner
        {
            let ended =
                self.near.end_owned(EndOwnedParams::new(owner, EndReason::Kicked, KEEP)).await?;
            if ended > 0 {
                return Ok(());
            }
        }
        self.near.end(&key, EndReason::Kicked, KEEP).await
    }
}

async fn answer(request: &Request<()>, does: Does) -> Response<String> {
    let mut found = Found::default();
    let done = match Session::of(request.extensions()) {
        Some(session) => act(&session, does, &mut found).await,
        None => Ok(()),
    };
    let mut response = Response::new(String::new());
    if let Err(error) = done {
        *response.status_mut() = Rejection::from(error).status();
    }
    response.extensions_mut().insert(found);
    response
}

async fn act(session: &Session, does: Does, found: &mut Found) -> Result<(), SessionError> {
    found.who = session.identity()?.map(|it| it.subject().to_owned());
    found.count = session.get("count")?;
    match does {
        Does::Read => {}
        Does::Login(subject) => {
            session.login(Identity::local(subject).build())?;
            session.insert("count", &0)?;
        }
        Does::Count(count) if found.who.is_some() => session.insert("count", &count)?,
        // Without an identity the session is not the client's, so the count is not stored.
        Does::Count(_) => {}
        Does::Logout => session.logout().await?,
    }
    found.name = session.id();
    Ok(())
}
