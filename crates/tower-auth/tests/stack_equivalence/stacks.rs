//! Every order of layers that compiles, stacked in both ways.

use axum::body::Body;
use http::request::Parts;
use http::{Request, Response};
use tower::util::BoxCloneService;
use tower_auth::refuse::Problem;
use tower_auth::{
    AuthStack, CookieLayer, CsrfLayer, RefreshLayer, RequireLayer, SessionLayer, session,
};
use tower_layer::Layer;
use tower_service::Service;

use crate::fixture::{Built, Tools};
use crate::handler::{self, App, Failure};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Part {
    Cookies,
    Csrf,
    /// No CSRF protection.
    Open,
    Refresh,
    Session,
    /// A session that the client keeps.
    InCookie,
    Bearer,
    Require,
    /// A layer from another crate, which splits a stack into two services.
    Foreign,
}

use Part::*;

/// A list of layers, the outermost first, and the `AuthStack` of them.
pub(crate) struct Stack {
    pub(crate) parts: &'static [Part],
    pub(crate) combined: fn(&Tools) -> Built,
}

fn boxed<S>(service: S) -> App
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Failure>,
    S: Clone + Send + 'static,
    S::Future: Send,
{
    BoxCloneService::new(service)
}

fn wants_token(head: &Parts) -> bool {
    head.uri.path() == "/tokened"
}

/// Stacks the layers one by one, each around a box.
pub(crate) fn by_hand(parts: &[Part], tools: &Tools) -> Built {
    let Tools { keys, settings, store, issuer, refresh, .. } = tools;
    let mut app = handler::app(tools);
    let mut sessions: Box<dyn Fn() -> Option<session::Sessions>> = Box::new(|| None);
    for part in parts.iter().rev() {
        app = match part {
            Cookies => {
                let cookies = CookieLayer::builder().keys(keys).settings(settings);
                boxed(cookies.refuse_with(Problem).build().unwrap().layer(app))
            }
            Csrf => boxed(csrf_by_hand(parts, tools).layer(app)),
            Open => app,
            Refresh => boxed(RefreshLayer::new(refresh.clone()).layer(app)),
            Session | InCookie => {
                let builder = match part {
                    InCookie => SessionLayer::in_cookie(keys),
                    _ => SessionLayer::builder(store.clone(), keys),
                };
                let layer = builder.settings(settings).refuse_with(Problem).build().unwrap();
                let all = layer.clone();
                sessions = Box::new(move || all.sessions().ok());
                boxed(layer.layer(app))
            }
            Bearer => {
                let builder = issuer.layer().settings(settings);
                boxed(builder.refuse_with(Problem).build().unwrap().layer(app))
            }
            Require => {
                let builder = RequireLayer::builder().role("user").settings(settings);
                boxed(builder.refuse_with(Problem).build().unwrap().layer(app))
            }
            Foreign => app,
        };
    }
    Built { app, sessions }
}

/// A CSRF layer with all the settings that a stack derives from the other layers.
fn csrf_by_hand(parts: &[Part], tools: &Tools) -> CsrfLayer<Problem> {
    let mut csrf = CsrfLayer::builder(&tools.keys)
        .public_origin("https://app.example")
        .settings(&tools.settings)
        .require_token_when(wants_token);
    let mut known = Vec::new();
    if parts.contains(&Session) || parts.contains(&InCookie) {
        csrf = csrf.session_cookie("__Host-session");
        known.push("__Host-session");
    }
    if parts.contains(&Refresh) {
        csrf = csrf.refresh_cookie("__Host-refresh");
        csrf = csrf.refresh_path("/auth/refresh").refresh_path("/auth/revoke");
        known.push("__Host-refresh");
    }
    if !known.is_empty() && !parts.contains(&Foreign) {
        csrf = csrf.ambient_cookies(known);
    }
    csrf.refuse_with(Problem).build().unwrap()
}

macro_rules! add {
    ($stack:ident, $tools:ident, Cookies) => {
        $stack.cookies()
    };
    ($stack:ident, $tools:ident, Csrf) => {
        $stack.csrf_with(|csrf| csrf.require_token_when(wants_token))
    };
    ($stack:ident, $tools:ident, Open) => {
        $stack.insecure_without_csrf()
    };
    ($stack:ident, $tools:ident, Refresh) => {
        $stack.refresh($tools.refresh.clone())
    };
    ($stack:ident, $tools:ident, Session) => {
        $stack.session($tools.store.clone())
    };
    ($stack:ident, $tools:ident, InCookie) => {
        $stack.session_in_cookie()
    };
    ($stack:ident, $tools:ident, Bearer) => {
        $stack.bearer_of(&$tools.issuer)
    };
    ($stack:ident, $tools:ident, Require) => {
        $stack.require_with(|require| require.role("user"))
    };
    ($stack:ident, $tools:ident, Foreign) => {
        $stack.layer(tower_layer::Identity::new())
    };
}

macro_rules! stacks {
    ($([$($part:ident)*])*) => {
        vec![$(Stack {
            parts: &[$($part),*],
            combined: |tools| {
                let stack = AuthStack::new(&tools.keys)
                    .settings(&tools.settings)
                    .public_origin("https://app.example")
                    .refuse_with(Problem);
                $(let stack = add!(stack, tools, $part);)*
                let stack = stack.build().unwrap();
                let app = boxed(stack.layer(handler::app(tools)));
                Built { app, sessions: Box::new(move || stack.sessions().ok()) }
            },
        }),*]
    };
}

pub(crate) fn sessions() -> Vec<Stack> {
    stacks! {
        [Csrf Session]
        [Csrf Session Require]
        [Cookies Csrf Session]
        [Cookies Csrf Session Require]
        [Csrf Refresh Session]
        [Csrf Refresh Session Require]
        [Cookies Csrf Refresh Session]
        [Cookies Csrf Refresh Session Require Require]
        [Open Session Require]
        [Cookies Open Refresh Session]
        [Cookies Csrf InCookie]
        [Csrf Refresh InCookie Require]
        [Cookies Csrf Foreign Session Foreign Require]
    }
}

pub(crate) fn bearers() -> Vec<Stack> {
    stacks! {
        [Cookies]
        [Csrf]
        [Cookies Csrf]
        [Cookies Csrf Refresh]
        [Refresh Bearer]
        [Cookies Refresh Bearer Require]
        [Bearer]
        [Bearer Require]
        [Cookies Bearer]
        [Csrf Bearer]
        [Csrf Refresh Bearer Require]
        [Cookies Csrf Bearer Require]
        [Cookies Csrf Refresh Bearer]
        [Cookies Csrf Refresh Foreign Bearer Require]
    }
}

pub(crate) fn both() -> Vec<Stack> {
    stacks! {
        [Cookies Csrf Refresh Session Bearer Require]
        [Cookies Csrf Refresh Bearer Session Require]
        [Cookies Csrf Refresh Session Bearer]
        [Cookies Csrf Refresh Bearer Session]
        [Cookies Csrf Session Bearer Require]
        [Cookies Csrf Bearer Session Require]
        [Cookies Csrf Session Bearer]
        [Cookies Csrf Bearer Session]
        [Csrf Refresh Session Bearer Require]
        [Csrf Refresh Bearer Session Require]
        [Csrf Refresh Session Bearer]
        [Csrf Refresh Bearer Session]
        [Csrf Session Bearer Require]
        [Csrf Bearer Session Require]
        [Csrf Session Bearer]
        [Csrf Bearer Session]
        [Open Bearer InCookie Require]
        [Cookies Csrf InCookie Bearer Require]
        [Cookies Csrf Foreign Session Bearer Foreign Require]
    }
}
