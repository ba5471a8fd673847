//! [`Routes`]: tries each route of an application with and without the rights that it needs.
//!
//! A test lists the routes in a table. Each row says who may use the route, and
//! [`Routes::check`] sends the requests that show it:
//!
//! | request | expected answer |
//! |---|---|
//! | without a credential | 401; for a page 303 to the [login page](Routes::login_page); gRPC 16. A public route passes |
//! | by a user who lacks a role or a scope | 403; gRPC 7 |
//! | by a user who has every role and scope | passes |
//! | from another site, with an unsafe method or gRPC | 403; gRPC 7 |
//! | from another site, opening a WebSocket | 403 |
//! | from another site, with a safe method | passes |
//!
//! The requests from another site carry the credentials of a user who has every right, so the
//! application has to refuse them by their origin. An answer *passes* if it is no refusal, no
//! 404, no 405 and no 5xx; [`Route::answers`] asks for one status.
//!
//! The check returns every row that is wrong at once. Build the router from the same table that
//! the test reads, so that no route can be missing; the showcase does. A route that is in the
//! router alone is not tried.
//!
//! The refused users have no rights besides those of the row. So the check does not notice a guard
//! that also admits a role or a scope that the row does not name.
//!
//! # Credentials
//! A closure adds the credentials to each request. It gets the user as an [`Identity`] with
//! exactly the roles and scopes to have, or `None` for a request without a credential.
//! [`with_identity`] is such a function, for a router without its authenticating layers. An
//! application with all its layers wants real credentials:
//!
//! ```
//! use http::header::AUTHORIZATION;
//! use http::request::Parts;
//! # use tower_auth_core as tower_auth;
//! use tower_auth::Identity;
//!
//! # fn issue(identity: &Identity) -> String { identity.subject().into() }
//! let by_token = async |user: Option<&Identity>, request: &mut Parts| {
//!     if let Some(user) = user {
//!         let line = format!("Bearer {}", issue(user));
//!         request.headers.insert(AUTHORIZATION, line.parse().unwrap());
//!     }
//! };
//! # fn as_check_takes_it(_: impl AsyncFn(Option<&Identity>, &mut Parts)) {}
//! # as_check_takes_it(by_token);
//! ```
//!
//! The closure runs for each request, so a route that ends a session spoils no other request.
//!
//! # Example
//! ```
//! use std::convert::Infallible;
//!
//! use bytes::Bytes;
//! use http::{Method, Request, Response};
//! use http_body_util::Full;
//! use tower::service_fn;
//! # use tower_auth_core as tower_auth;
//! use tower_auth::{Dialect, Identity, Rejection, refuse};
//! use tower_auth_test::TestClient;
//! use tower_auth_test::routes::{Access, Fault, Route, Routes, with_identity};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! // Any tower service: a `Router` of axum, the `Routes` of tonic, or a function.
//! let app = service_fn(async |request: Request<Full<Bytes>>| {
//!     let user = request.extensions().get::<Identity>();
//!     let refused = match (request.uri().path(), user) {
//!         ("/me" | "/admin", None) => Some(Rejection::Anonymous),
//!         // A mistake: this should ask for the role `admin`.
//!         ("/admin", Some(user)) if !user.has_role("editor") => {
//!             Some(Rejection::Role { role: "editor".into() })
//!         }
//!         _ => None,
//!     };
//!     Ok::<_, Infallible>(match refused {
//!         Some(rejection) => refuse::respond(&rejection, Dialect::Http, String::new()),
//!         None => Response::new("welcome".into()),
//!     })
//! });
//!
//! let routes = Routes::from_iter([
//!     Route::page(Method::GET, "/", Access::Public),
//!     Route::api(Method::GET, "/me", Access::Authenticated),
//!     Route::api(Method::GET, "/admin", Access::Role("admin")),
//! ]);
//! // `without_csrf`, as this function has no `CsrfLayer` around it.
//! let checked = routes.without_csrf().check(&TestClient::new(app), with_identity).await;
//!
//! let mismatches = checked.unwrap_err();
//! let found: Vec<_> = mismatches.iter().map(|it| (it.route(), it.fault())).collect();
//! assert_eq!(found, [("GET /admin", Fault::Refused)]);
//! assert!(mismatches.to_string().contains(
//!     "GET /admin: refused: by a user with role admin: expected an answer that passes, got 403"
//! ));
//! # }
//! ```
//!
//! A test of an application ends with `.await.unwrap()`, which prints each mismatch.

mod access;
mod answer;
mod attempt;
mod credentials;
mod expected;
mod mismatch;
mod route;
#[cfg(test)]
mod tests;

use std::fmt;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body::Body;
use tower::Service;
use tower_auth_core::Identity;

use crate::TestClient;
use attempt::Attempt;

pub use access::Access;
pub use credentials::with_identity;
pub use mismatch::{Fault, Mismatch, Mismatches};
pub use route::{Route, RouteKind};

/// A table of routes to try; see the [module](self).
#[derive(Clone, Debug)]
#[must_use = "a table does nothing until it is checked"]
pub struct Routes {
    rows: Vec<Route>,
    login_page: Option<String>,
    csrf: bool,
}

impl FromIterator<Route> for Routes {
    fn from_iter<I: IntoIterator<Item = Route>>(rows: I) -> Self {
        Self { rows: rows.into_iter().collect(), login_page: None, csrf: true }
    }
}

impl Routes {
    /// Names the path of the login page. A page that a user opens without a credential is then
    /// expected to answer 303 with this path as its `Location`, with or without a query. By
    /// default pages answer 401.
    pub fn login_page(mut self, path: impl Into<String>) -> Self {
        self.login_page = Some(path.into());
        self
    }

    /// Leaves out the requests from another site. For applications that take no credential which
    /// a browser attaches by itself, such as a server for bearer tokens without a `CsrfLayer`.
    pub fn without_csrf(mut self) -> Self {
        self.csrf = false;
        self
    }

    /// Tries every row, in the order of the table and one request at a time.
    ///
    /// `client` has the service, its address and the type of its body; the cookies in its jar are
    /// not sent. `credentials` adds to each request what proves the user, or for `None` at most
    /// what an anonymous visitor has, such as a CSRF token.
    ///
    /// # Errors
    /// Returns every answer that its row does not expect.
    ///
    /// # Panics
    /// Panics if the table is empty, or if a path cannot stand in a request.
    pub async fn check<S, B, RB>(
        &self,
        client: &TestClient<S, B>,
        credentials: impl AsyncFn(Option<&Identity>, &mut Parts),
    ) -> Result<(), Mismatches>
    where
        S: Service<Request<B>, Response = Response<RB>, Error: fmt::Debug> + Clone,
        B: From<Bytes>,
        RB: Body<Error: fmt::Debug>,
    {
        assert!(!self.rows.is_empty(), "a table without a row checks nothing");
        let login_page = self.login_page.as_deref();
        let mut mismatches = Vec::new();
        for route in &self.rows {
            for attempt in Attempt::of(route, self.csrf, login_page) {
                let mut parts = attempt.head(route, client.base_uri());
                credentials(attempt.user(), &mut parts).await;
                attempt.name_sender(&mut parts.headers, route, client.base_uri());
                let request = Request::from_parts(parts, B::from(route.body_bytes()));
                let answer = answer::send(client.service(), request, route).await;
                if let Err(fault) = attempt.expected.compare(&answer, route, login_page) {
                    mismatches.push(Mismatch::new(route, &attempt, fault, &answer));
                    if fault == Fault::NotRouted {
                        // Each further request would produce the same mismatch.
                        break;
                    }
                }
            }
        }
        if mismatches.is_empty() { Ok(()) } else { Err(Mismatches(mismatches)) }
    }
}
