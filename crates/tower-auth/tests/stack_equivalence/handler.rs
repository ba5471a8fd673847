//! The application, which performs the actions of a case.

use std::panic::resume_unwind;
use std::time::Duration;

use axum::body::Body;
use axum::extract::FromRequestParts as _;
use axum::response::IntoResponse as _;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use tower::service_fn;
use tower::util::BoxCloneService;
use tower_auth::session::SessionError;
use tower_auth::{AuthState, CsrfToken, Identity, Session};

use crate::cases::Act;
use crate::fixture::Tools;
use crate::records::once_pending;

pub(crate) type Failure = &'static str;
pub(crate) type App = BoxCloneService<Request<Body>, Response<Body>, Failure>;

/// The action of the handler for one request, in the request's extensions.
#[derive(Clone, Copy)]
pub(crate) struct Order {
    pub(crate) act: Act,
    pub(crate) waits: Option<u64>,
}

pub(crate) fn user(name: &str) -> Identity {
    let identity = Identity::local(name).issuer("me");
    if name == "alice" { identity.role("user").build() } else { identity.build() }
}

pub(crate) fn app(tools: &Tools) -> App {
    let tools = tools.clone();
    BoxCloneService::new(service_fn(move |request: Request<Body>| {
        let order = *request.extensions().get::<Order>().unwrap();
        if order.act == Act::PanicInCall {
            // No panic hook prints it.
            resume_unwind(Box::new("in the call"));
        }
        let tools = tools.clone();
        async move {
            let (mut head, _) = request.into_parts();
            let before = order.waits.is_some_and(|seconds| seconds % 2 == 0);
            if before {
                wait(&tools, order).await;
            }
            let answer = act(&tools, order.act, &mut head).await;
            if !before {
                wait(&tools, order).await;
            }
            answer
        }
    }))
}

async fn wait(tools: &Tools, order: Order) {
    if let Some(seconds) = order.waits {
        // The timer is polled before and after the time has passed.
        once_pending().await;
        tools.time.advance(Duration::from_secs(seconds));
        once_pending().await;
    }
}

async fn act(tools: &Tools, act: Act, head: &mut Parts) -> Result<Response<Body>, Failure> {
    let text = match act {
        Act::Fail => return Err("the handler failed"),
        Act::Panic => resume_unwind(Box::new("in the handler")),
        Act::Unauthorized | Act::Forbidden => {
            let mut response = Response::new(Body::from("no"));
            *response.status_mut() = match act {
                Act::Forbidden => StatusCode::FORBIDDEN,
                _ => StatusCode::UNAUTHORIZED,
            };
            return Ok(response);
        }
        Act::Extract => match Identity::from_request_parts(head, &()).await {
            Ok(identity) => identity.subject().to_owned(),
            Err(refusal) => return Ok(refusal.into_response()),
        },
        Act::SetCookies => set_cookies(head),
        Act::IssueToken => match CsrfToken::of(&head.extensions).map(|it| it.issue()) {
            Some(Ok(token)) => format!("issued={token}"),
            other => format!("no token: {other:?}"),
        },
        Act::BeginRefresh => begin_refresh(tools, head).await,
        _ => match Session::of(&head.extensions) {
            None => "no session layer".to_owned(),
            Some(session) => match in_session(tools, act, &session).await {
                Ok(text) => text,
                Err(error) => return Ok(error.into_response()),
            },
        },
    };
    let state = match AuthState::of(&head.extensions) {
        Ok(AuthState::Known(identity)) => identity.subject().to_owned(),
        Ok(AuthState::Anonymous) => "anonymous".to_owned(),
        Ok(_) => "unknown".to_owned(),
        Err(misconfigured) => format!("{misconfigured:?}"),
    };
    let identity = head.extensions.get::<Identity>().map(|it| it.subject().to_owned());
    Ok(Response::new(Body::from(format!("{text}; {state} {identity:?}"))))
}

fn set_cookies(head: &Parts) -> String {
    let Some(cookies) = tower_auth::Cookies::of(&head.extensions) else {
        return "no cookies".to_owned();
    };
    let signed = cookies.signed().map(|it| it.set(("plan", "basic")));
    format!("{:?} {:?} {signed:?}", cookies.set(("theme", "dark")), cookies.remove("old"))
}

async fn begin_refresh(tools: &Tools, head: &Parts) -> String {
    match tools.refresh.begin(&user("alice"), None).await {
        Ok(tokens) => format!("{:?}", tools.refresh.set_cookie(&head.extensions, &tokens)),
        Err(error) => format!("{error:?}"),
    }
}

async fn in_session(tools: &Tools, act: Act, session: &Session) -> Result<String, SessionError> {
    match act {
        Act::Write => session.update("count", |count: Option<u32>| count.unwrap_or(0) + 1)?,
        Act::Login(name) => session.login(user(name))?,
        Act::Logout => session.logout().await?,
        Act::Update => {
            if let Some(identity) = session.identity()? {
                session.update_identity(identity.to_builder().role("admin").build())?;
            }
        }
        Act::Commit => {
            session.insert("kept", &true)?;
            session.commit().await?;
            session.insert("count", &0)?;
        }
        Act::PassSessionError => {
            session.insert("count", &7)?;
            session.get::<String>("count")?;
        }
        Act::EndOwnSession => {
            if let Some(sessions) = tools.sessions()
                && let (Some(name), Some(identity)) = (session.id(), session.identity()?)
            {
                let ended = sessions.end(&identity.principal(), name).await;
                return Ok(format!("{ended:?}"));
            }
        }
        _ => {}
    }
    let count = session.get::<u32>("count")?;
    let identity = session.identity()?.map(|it| it.subject().to_owned());
    Ok(format!("{count:?} {identity:?} {:?}", session.expires_at()))
}
