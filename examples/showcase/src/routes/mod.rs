//! The table of routes, and a file for each route.

pub(crate) mod admin;
pub(crate) mod csrf;
pub(crate) mod data;
pub(crate) mod login;
pub(crate) mod me;
pub(crate) mod page;
pub(crate) mod reports;
mod row;
pub(crate) mod sessions;
pub(crate) mod token;
pub(crate) mod transfer;
pub(crate) mod whoami;

use axum::routing::{get_service, post_service};

pub use row::{Access, RouteKind, Row};
use row::{by_refresh_layer, delete, form, get, grpc, page, post, put, service};

/// Returns every route of the application with its users. [`app`](crate::app()) builds the router
/// from this table, and `tests/app/routes.rs` tests each row.
#[must_use]
pub fn table() -> Vec<Row> {
    use Access::{LoggedIn, Public, Role, Scope};

    vec![
        page("/", Public, page::show),
        page("/login", Public, page::show),
        form("/login", Public, login::log_in),
        form("/logout", Public, login::log_out),
        form("/logout/everywhere", LoggedIn, sessions::log_out_everywhere),
        get("/sessions", LoggedIn, sessions::list),
        delete("/sessions/{id}", LoggedIn, sessions::end),
        get("/me", LoggedIn, me::show),
        get("/session/data/{key}", Public, data::get),
        put("/session/data/{key}", Public, data::put),
        delete("/session/data/{key}", Public, data::delete),
        get("/csrf", Public, csrf::issue),
        post("/transfer", LoggedIn, transfer::transfer).with_csrf_token(),
        post("/auth/token", Public, token::issue),
        by_refresh_layer("/auth/refresh"),
        by_refresh_layer("/auth/revoke"),
        service("/.well-known/jwks.json", Public, |it| get_service(it.issuer.jwks_service())),
        get("/api/me", LoggedIn, me::show),
        get("/api/reports", Scope("reports:read"), reports::list),
        get("/api/admin", Role("admin"), admin::show),
        grpc("/showcase.v1.Whoami/Get", LoggedIn, |it| post_service(whoami::service(it))),
        grpc("/showcase.v1.Whoami/Watch", LoggedIn, |it| post_service(whoami::service(it))),
    ]
}
