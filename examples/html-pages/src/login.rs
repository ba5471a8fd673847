//! The login page, which leads back to the requested page.

use axum::extract::{Form, Query};
use axum::response::{Html, Redirect};
use maud::html;
use serde::Deserialize;
use tower_auth::require::return_path;
use tower_auth::session::SessionError;
use tower_auth::{Identity, Session};

#[derive(Deserialize)]
pub(crate) struct Back {
    next: Option<String>,
}

pub(crate) async fn show(Query(Back { next }): Query<Back>) -> Html<String> {
    let next = next.as_deref().and_then(return_path).unwrap_or("/");
    let form = html! {
        form method="post" {
            input type="hidden" name="next" value=(next);
            label { "Name " input name="name" autofocus autocomplete="username"; }
            button { "Log in" }
        }
    };
    crate::page("Log in", &form)
}

#[derive(Deserialize)]
pub(crate) struct Login {
    name: String,
    next: Option<String>,
}

/// A real application verifies a password first, as the showcase does with Argon2.
pub(crate) async fn log_in(
    session: Session,
    Form(login): Form<Login>,
) -> Result<Redirect, SessionError> {
    session.login(Identity::local(login.name).build())?;
    // The form's value comes from the client, as the link's value did, so it is checked again.
    Ok(Redirect::to(login.next.as_deref().and_then(return_path).unwrap_or("/")))
}

pub(crate) async fn log_out(session: Session) -> Result<Redirect, SessionError> {
    session.logout().await?;
    Ok(Redirect::to("/"))
}
