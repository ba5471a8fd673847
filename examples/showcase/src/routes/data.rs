//! `GET|PUT|DELETE /session/data/{key}`: values in the session, of any JSON type.
//!
//! An anonymous visitor can use the route too. The first `PUT` creates the visitor's session.

use axum::extract::rejection::JsonRejection;
use axum::extract::{Json, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tower_auth::Session;
use tower_auth::session::SessionError;

use crate::problem::Problem;

pub(crate) async fn get(
    session: Session,
    Path(key): Path<String>,
) -> Result<Response, SessionError> {
    Ok(match session.get::<Value>(&key)? {
        Some(value) => Json(value).into_response(),
        None => Problem::NOT_THERE.into_response(),
    })
}

pub(crate) async fn put(
    session: Session,
    Path(key): Path<String>,
    value: Result<Json<Value>, JsonRejection>,
) -> Result<Response, SessionError> {
    let Ok(Json(value)) = value else { return Ok(Problem::NOT_READABLE.into_response()) };
    session.insert(&key, &value)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(crate) async fn delete(
    session: Session,
    Path(key): Path<String>,
) -> Result<Response, SessionError> {
    if session.get::<Value>(&key)?.is_none() {
        return Ok(Problem::NOT_THERE.into_response());
    }
    session.remove(&key)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
