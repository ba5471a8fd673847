//! `GET /sessions`, `DELETE /sessions/{id}`, `POST /logout/everywhere`: list and end the user's
//! sessions on all nodes.

use axum::extract::{Json, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;
use tower_auth::refresh::RefreshError;
use tower_auth::session::SessionError;
use tower_auth::{Identity, Rejection, Session, Timestamp};

use crate::accepts;
use crate::app::Shared;
use crate::problem::Problem;

/// Lists the user's sessions. Names are no credentials: a name allows only its own user to end that
/// session.
pub(crate) async fn list(
    State(shared): State<Shared>,
    session: Session,
    me: Identity,
) -> Result<Response, SessionError> {
    let Some(sessions) = shared.sessions else { return Ok(Problem::NO_LIST.into_response()) };
    let this = session.id();
    let seconds = Timestamp::as_unix_seconds;
    let listed = sessions.list(&me.principal()).await?;
    let listed: Vec<_> = listed
        .iter()
        .map(|it| {
            json!({
                "id": it.id().to_string(),
                "this": Some(it.id()) == this,
                "authenticated_at": it.identity().and_then(Identity::authenticated_at).map(seconds),
                "last_used_at": seconds(it.last_used_at()),
                "expires_at": seconds(it.expires_at()),
            })
        })
        .collect();
    Ok(Json(json!({ "sessions": listed })).into_response())
}

/// Ends one of the user's sessions. A session of another user counts as not found.
pub(crate) async fn end(
    State(shared): State<Shared>,
    me: Identity,
    Path(id): Path<String>,
) -> Result<Response, SessionError> {
    let Some(sessions) = shared.sessions else { return Ok(Problem::NO_LIST.into_response()) };
    let Ok(id) = id.parse() else { return Ok(Problem::NO_SESSION.into_response()) };
    Ok(if sessions.end(&me.principal(), id).await? {
        StatusCode::NO_CONTENT.into_response()
    } else {
        Problem::NO_SESSION.into_response()
    })
}

/// Ends every session and every refresh token of the user, including this session. Access tokens
/// that were already issued stay valid until they expire, here after at most five minutes.
pub(crate) async fn log_out_everywhere(
    State(shared): State<Shared>,
    session: Session,
    me: Identity,
    headers: HeaderMap,
) -> Result<Response, SessionError> {
    let (Some(sessions), Some(revocations)) = (shared.sessions, shared.revocations) else {
        return Ok(Problem::NO_LIST.into_response());
    };
    let me = me.principal();
    let tokens = match revocations.revoke_all(&me).await {
        Ok(tokens) => tokens,
        Err(RefreshError::Unavailable) => return Ok(Rejection::Unavailable.into_response()),
        Err(_) => return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
    };
    let ended = sessions.end_all(&me, None).await?;
    // The store has already ended the session; this call removes the cookie.
    session.logout().await?;
    Ok(if accepts::json(&headers) {
        Json(json!({ "sessions": ended, "refresh_tokens": tokens })).into_response()
    } else {
        Redirect::to("/").into_response()
    })
}
