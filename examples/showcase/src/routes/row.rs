//! A row of the table.

use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{self, MethodRouter};

use crate::app::Shared;

/// The users of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "the test of all routes has a case for each")]
pub enum Access {
    /// Everyone.
    Public,
    /// Every user who is logged in, by session or by token.
    LoggedIn,
    /// Users with this role.
    Role(&'static str),
    /// Users who were granted this scope.
    Scope(&'static str),
}

/// The clients that a route is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "the test of all routes has a case for each")]
pub enum RouteKind {
    /// Browsers that open a page or send a form.
    Page,
    /// Scripts and programs.
    Api,
    /// gRPC clients.
    Grpc,
}

/// A route of the application.
#[derive(Clone)]
#[non_exhaustive]
pub struct Row {
    /// The method; gRPC's is `POST`.
    pub method: Method,
    /// The path, in axum's notation.
    pub path: &'static str,
    /// The clients of the route.
    pub kind: RouteKind,
    /// The users of the route.
    pub access: Access,
    /// Whether the CSRF layer also requires a token.
    pub csrf_token: bool,
    target: Target,
}

/// The part of the application that responds.
#[derive(Clone)]
#[allow(clippy::large_enum_variant, reason = "a table has few rows")]
enum Target {
    Handler(MethodRouter<Shared>),
    Service(fn(&Shared) -> MethodRouter<Shared>),
    RefreshLayer,
}

impl Row {
    const fn new(
        method: Method,
        path: &'static str,
        kind: RouteKind,
        access: Access,
        target: Target,
    ) -> Self {
        Self { method, path, kind, access, csrf_token: false, target }
    }

    pub(super) const fn with_csrf_token(mut self) -> Self {
        self.csrf_token = true;
        self
    }

    /// The part of the router; `None` if a layer serves the route.
    pub(crate) fn handler(&self, shared: &Shared) -> Option<MethodRouter<Shared>> {
        match &self.target {
            Target::Handler(handler) => Some(handler.clone()),
            Target::Service(service) => Some(service(shared)),
            Target::RefreshLayer => None,
        }
    }
}

/// A page.
pub(super) fn page<T: 'static>(
    path: &'static str,
    access: Access,
    handler: impl Handler<T, Shared>,
) -> Row {
    Row::new(Method::GET, path, RouteKind::Page, access, Target::Handler(routing::get(handler)))
}

/// The target of a form.
pub(super) fn form<T: 'static>(
    path: &'static str,
    access: Access,
    handler: impl Handler<T, Shared>,
) -> Row {
    Row::new(Method::POST, path, RouteKind::Page, access, Target::Handler(routing::post(handler)))
}

pub(super) fn get<T: 'static>(
    path: &'static str,
    access: Access,
    handler: impl Handler<T, Shared>,
) -> Row {
    Row::new(Method::GET, path, RouteKind::Api, access, Target::Handler(routing::get(handler)))
}

pub(super) fn post<T: 'static>(
    path: &'static str,
    access: Access,
    handler: impl Handler<T, Shared>,
) -> Row {
    Row::new(Method::POST, path, RouteKind::Api, access, Target::Handler(routing::post(handler)))
}

pub(super) fn put<T: 'static>(
    path: &'static str,
    access: Access,
    handler: impl Handler<T, Shared>,
) -> Row {
    Row::new(Method::PUT, path, RouteKind::Api, access, Target::Handler(routing::put(handler)))
}

pub(super) fn delete<T: 'static>(
    path: &'static str,
    access: Access,
    handler: impl Handler<T, Shared>,
) -> Row {
    Row::new(
        Method::DELETE,
        path,
        RouteKind::Api,
        access,
        Target::Handler(routing::delete(handler)),
    )
}

/// A tower service that responds to GET.
pub(super) const fn service(
    path: &'static str,
    access: Access,
    service: fn(&Shared) -> MethodRouter<Shared>,
) -> Row {
    Row::new(Method::GET, path, RouteKind::Api, access, Target::Service(service))
}

/// One method of a gRPC service. A method without a row is not served.
pub(super) const fn grpc(
    path: &'static str,
    access: Access,
    service: fn(&Shared) -> MethodRouter<Shared>,
) -> Row {
    Row::new(Method::POST, path, RouteKind::Grpc, access, Target::Service(service))
}

/// A route that the refresh layer serves before the router gets the request.
pub(super) const fn by_refresh_layer(path: &'static str) -> Row {
    Row::new(Method::POST, path, RouteKind::Api, Access::Public, Target::RefreshLayer)
}
