//! `POST /login` and `POST /logout`. `GET /login` is the page.

use axum::extract::{Form, FromRequest, Json, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use tower_auth::session::SessionError;
use tower_auth::{Cookies, Secret, Session};

use crate::accepts;
use crate::app::Shared;
use crate::problem::Problem;
use crate::routes::me::Me;
use crate::routes::page::{self, Asked, typed};

/// Verifies name and password, and logs the session in. The session gets a new secret and keeps its
/// data.
pub(crate) async fn log_in(
    State(shared): State<Shared>,
    session: Session,
    cookies: Cookies,
    headers: HeaderMap,
    mut asked: Asked,
    credentials: Credentials,
) -> Result<Response, SessionError> {
    let Credentials { username, password } = credentials;
    let Some(identity) = shared.users.verify(username.clone(), password).await else {
        // The session layer adds the challenge to the 401.
        return Ok(if accepts::html(&headers) && !accepts::json(&headers) {
            typed::keep(&cookies, &username);
            asked.typed = typed::kept(&cookies);
            page::wrong_login(&shared, &asked)
        } else {
            Problem::WRONG_LOGIN.into_response()
        });
    };
    session.login(identity)?;
    typed::forget(&cookies);
    Ok(match session.identity()? {
        Some(identity) if accepts::json(&headers) => Json(Me::of(&identity)).into_response(),
        _ => Redirect::to("/").into_response(),
    })
}

/// Ends the session in the store at once, so that its cookie, and every copy, becomes invalid.
pub(crate) async fn log_out(
    session: Session,
    headers: HeaderMap,
) -> Result<Response, SessionError> {
    session.logout().await?;
    Ok(if accepts::json(&headers) {
        StatusCode::NO_CONTENT.into_response()
    } else {
        Redirect::to("/").into_response()
    })
}

/// The body of a login, as a form or as JSON. It has no `Debug`.
pub(crate) struct Credentials {
    username: String,
    password: Secret<String>,
}

#[derive(Deserialize)]
struct Body {
    username: String,
    password: String,
}

impl<S: Send + Sync> FromRequest<S> for Credentials {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        // axum's error quotes the body, so the response does not contain it.
        let unreadable = Problem::NOT_READABLE;
        let Body { username, password } = if accepts::sent_json(request.headers()) {
            Json::from_request(request, state).await.map_err(|_| unreadable)?.0
        } else {
            Form::from_request(request, state).await.map_err(|_| unreadable)?.0
        };
        Ok(Self { username, password: Secret::new(password) })
    }
}
