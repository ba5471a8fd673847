//! `GET|PUT|DELETE /session/data/{key}`: values in the session, of any JSON type.
//!
//! It works for the anonymous visitor too, who gets a session by the first `PUT` and not before.

use axum::extract::rejection::JsonRejection;
use axum::extract::{Json, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tower_auth::Session;

use crate::problem::Problem;

pub(crate) async fn get(session: Session, Path(key): Path<String>) -> Response {
    match session.get::<Value>(&key) {
        Ok(Some(value)) => Json(value).into_response(),
        Ok(None) => Problem::NOT_THERE.into_response(),
        Err(error) => error.into_response(),
    }
}

pub(crate) async fn put(
    session: Session,
    Path(key): Path<String>,
    value: Result<Json<Value>, JsonRejection>,
) -> Response {
    let Ok(Json(value)) = value else { return Problem::NOT_READABLE.into_response() };
    match session.insert(&key, &value) {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => error.into_response(),
    }
}

pub(crate) async fn delete(session: Session, Path(key): Path<String>) -> Response {
    match session.get::<Value>(&key) {
        Ok(None) => Problem::NOT_THERE.into_response(),
        Ok(Some(_)) => match session.remove(&key) {
            Ok(_) => StatusCode::NO_CONTENT.into_response(),
            Err(error) => error.into_response(),
        },
        Err(error) => error.into_response(),
    }
}
