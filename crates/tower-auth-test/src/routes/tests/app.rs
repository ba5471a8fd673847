//! A small application whose guards can be changed one at a time.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION, UPGRADE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use tower::service_fn;
use tower::util::BoxCloneSyncService;
use tower_auth_core::rejection::CsrfFault;
use tower_auth_core::{AuthState, Dialect, Identity, Rejection, refuse};

pub(super) type Answer = Response<Full<Bytes>>;
pub(super) type Service = BoxCloneSyncService<Request<Full<Bytes>>, Answer, Infallible>;

/// The guard of a route.
#[derive(Clone, Copy)]
pub(super) enum Guard {
    None,
    Login,
    /// Like `Login`, and sends browsers to the login page.
    LoginPage,
    Role(&'static str),
    Scope(&'static str),
    /// Answers each request with this status.
    Always(u16),
}

/// The application. `right` has no mistake.
#[derive(Clone)]
pub(super) struct App {
    pub(super) guards: BTreeMap<&'static str, Guard>,
    pub(super) csrf: bool,
    pub(super) csrf_for_handshakes: bool,
    pub(super) csrf_refuses_reads: bool,
}

impl App {
    pub(super) fn right() -> Self {
        let guards = [
            ("GET /", Guard::None),
            ("POST /login", Guard::None),
            ("GET /account", Guard::LoginPage),
            ("POST /account", Guard::LoginPage),
            ("GET /reports/id", Guard::Scope("reports:read")),
            ("DELETE /reports/id", Guard::Role("admin")),
            ("POST /app.v1.Reports/List", Guard::Scope("reports:read")),
        ];
        Self {
            guards: guards.into(),
            csrf: true,
            csrf_for_handshakes: true,
            csrf_refuses_reads: false,
        }
    }

    pub(super) fn with(mut self, route: &'static str, guard: Guard) -> Self {
        self.guards.insert(route, guard);
        self
    }

    pub(super) fn without(mut self, route: &str) -> Self {
        self.guards.remove(route);
        self
    }

    pub(super) fn service(self) -> Service {
        let app = Arc::new(self);
        BoxCloneSyncService::new(service_fn(move |request| {
            let answer = app.answer(&request);
            async move { Ok(answer) }
        }))
    }

    fn answer(&self, request: &Request<Full<Bytes>>) -> Answer {
        let dialect = Dialect::of(request.method(), request.headers());
        let refused = |rejection| refuse::respond(&rejection, dialect, Full::default());
        if self.is_forged(request) {
            return refused(Rejection::Csrf(CsrfFault::CrossSite));
        }
        let route = format!("{} {}", request.method(), request.uri().path());
        let Some(guard) = self.guards.get(&*route) else { return status(404) };
        if let Guard::Always(code) = guard {
            return status(*code);
        }
        if let Err(rejection) = guard.check(request) {
            let is_read = request.method() == Method::GET;
            if matches!((guard, &rejection), (Guard::LoginPage, Rejection::Anonymous)) && is_read {
                let mut answer = status(303);
                let page = HeaderValue::from_static("/login?next=%2Faccount");
                answer.headers_mut().insert(LOCATION, page);
                return answer;
            }
            return refused(rejection);
        }
        let mut answer = status(200);
        if dialect == Dialect::Grpc {
            let headers = answer.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
            *answer.body_mut() = Bytes::from_static(&[0; 5]).into();
        }
        answer
    }

    fn is_forged(&self, request: &Request<Full<Bytes>>) -> bool {
        let says = |headers: &HeaderMap, name, value: &str| {
            headers.get(name).is_some_and(|it| it == value)
        };
        let headers = request.headers();
        let is_other_site = says(headers, "sec-fetch-site", "cross-site");
        let is_handshake = says(headers, UPGRADE.as_str(), "websocket");
        let is_read = request.method() == Method::GET && !is_handshake;
        is_other_site
            && self.csrf
            && (self.csrf_for_handshakes || !is_handshake)
            && (self.csrf_refuses_reads || !is_read)
    }
}

impl Guard {
    fn check(self, request: &Request<Full<Bytes>>) -> Result<(), Rejection> {
        let user =
            |is_allowed: &dyn Fn(&Identity) -> bool, rejection: Rejection| match AuthState::of(
                request.extensions(),
            )? {
                AuthState::Known(identity) if is_allowed(&identity) => Ok(()),
                AuthState::Known(_) => Err(rejection),
                _ => Err(Rejection::Anonymous),
            };
        match self {
            Self::None | Self::Always(_) => Ok(()),
            Self::Login | Self::LoginPage => user(&|_| true, Rejection::Anonymous),
            Self::Role(role) => {
                user(&|user| user.has_role(role), Rejection::Role { role: role.into() })
            }
            Self::Scope(scope) => {
                user(&|user| user.has_scope(scope), Rejection::Scope { scope: scope.into() })
            }
        }
    }
}

fn status(code: u16) -> Answer {
    let mut answer = Answer::default();
    *answer.status_mut() = StatusCode::from_u16(code).unwrap();
    answer
}
