//! Each credential in place of every other: it is valid only in the place that it was issued for.
//!
//! All layers share one ring and one store. A new kind of credential gets a line in [`places`].

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use http::{Method, Request, Response};
use http_body_util::Full;
use tower::{Layer, Service, ServiceExt as _, service_fn};
use tower_auth_core::{Clock, Identity};

use crate::refresh::AccessToken;
use crate::{CookieLayer, Cookies, CsrfLayer, CsrfToken, Session, SessionLayer};
use crate::{KeyRing, MemoryStore, Refresh};

type Answer = Pin<Box<dyn Future<Output = bool>>>;

/// A place where a credential is valid.
struct Place {
    name: &'static str,
    /// The credential that was issued for this place.
    issued: String,
    /// Whether this place accepts the value as a credential.
    takes: Box<dyn Fn(String) -> Answer>,
}

/// Sends a request with this `Cookie` line. Returns the handler's answer, and the name and value of
/// the cookies that it set.
async fn send<L>(layer: &L, line: &str, path: &str) -> (String, Vec<(String, String)>)
where
    L: Layer<tower::util::BoxCloneSyncService<Request<()>, Response<String>, Infallible>>,
    L::Service: Service<Request<()>, Response = Response<String>, Error = Infallible>,
{
    let handler = tower::util::BoxCloneSyncService::new(service_fn(handler));
    let request = Request::builder().uri(path).header(COOKIE, line).body(()).unwrap();
    let response = layer.layer(handler).oneshot(request).await.unwrap();
    let lines = response.headers().get_all(SET_COOKIE).iter();
    let pairs = lines.map(|line| line.to_str().unwrap().split(';').next().unwrap());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap());
    let set = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    (response.into_body(), set)
}

/// The application at `/login` and elsewhere, inside any of the layers.
async fn handler(request: Request<()>) -> Result<Response<String>, Infallible> {
    let extensions = request.extensions();
    let is_login = request.uri().path() == "/login";
    let mut body = String::new();
    if let Some(session) = Session::of(extensions) {
        if is_login {
            session.login(Identity::local("alice").build()).unwrap();
            session.insert("note", "kept").unwrap();
        }
        body = session.get::<String>("note").unwrap().unwrap_or_default();
    } else if let Some(cookies) = Cookies::of(extensions) {
        let (signed, encrypted) = (cookies.signed().unwrap(), cookies.encrypted().unwrap());
        for name in ["one", "two"] {
            if is_login {
                signed.set((format!("s-{name}"), "kept")).unwrap();
                encrypted.set((format!("e-{name}"), "kept")).unwrap();
            } else if signed
                .get(&format!("s-{name}"))
                .or(encrypted.get(&format!("e-{name}")))
                .is_some()
            {
                body = "kept".into();
            }
        }
    } else if let Some(token) = CsrfToken::of(extensions) {
        body = token.issue().unwrap();
    }
    Ok(Response::new(body))
}

fn value(set: &[(String, String)], name: &str) -> String {
    set.iter().find(|(it, _)| it == name).map(|(_, value)| value.clone()).expect("it is set")
}

/// Creates a place that is a cookie. It accepts a value if the handler then reads "kept".
fn cookie<L>(layer: &L, name: &'static str, issued: String, beside: &str) -> Place
where
    L: Layer<tower::util::BoxCloneSyncService<Request<()>, Response<String>, Infallible>>
        + Clone
        + 'static,
    L::Service: Service<Request<()>, Response = Response<String>, Error = Infallible>,
{
    let (layer, beside) = (layer.clone(), beside.to_owned());
    let takes = move |value: String| -> Answer {
        let (layer, line) = (layer.clone(), format!("{name}={value}; {beside}"));
        Box::pin(async move { send(&layer, &line, "/").await.0 == "kept" })
    };
    Place { name, issued, takes: Box::new(takes) }
}

async fn places() -> Vec<Place> {
    let ring = KeyRing::random();
    let store = MemoryStore::new(Clock::system());
    let mut places = Vec::new();

    for name in ["__Host-one", "__Host-two"] {
        let layer = SessionLayer::builder(store.clone(), &ring).cookie_name(name).build().unwrap();
        let issued = value(&send(&layer, "", "/login").await.1, name);
        places.push(cookie(&layer, name, issued, ""));
    }
    for [name, piece] in [["__Host-three", "__Host-three-0"], ["__Host-four", "__Host-four-0"]] {
        let layer = SessionLayer::in_cookie(&ring).cookie_name(name).build().unwrap();
        let set = send(&layer, "", "/login").await.1;
        let (credential, record) = (value(&set, name), value(&set, piece));
        places.push(cookie(&layer, name, credential.clone(), &format!("{piece}={record}")));
        places.push(cookie(&layer, piece, record, &format!("{name}={credential}")));
    }

    let layer = CookieLayer::builder().keys(&ring).build().unwrap();
    let set = send(&layer, "", "/login").await.1;
    for name in ["s-one", "s-two", "e-one", "e-two"] {
        places.push(cookie(&layer, name, value(&set, name), ""));
    }

    let csrf = CsrfLayer::builder(&ring).require_token().build().unwrap();
    let (token, set) = send(&csrf, "", "/").await;
    let pre_session = value(&set, "__Host-csrf");
    let takes = |csrf: CsrfLayer, cookie: String, token: String| -> Answer {
        Box::pin(async move {
            let request = Request::post("/").header("sec-fetch-site", "same-origin");
            let request = request.header(COOKIE, format!("__Host-csrf={cookie}"));
            let request = request.header("x-csrf-token", token).body(()).unwrap();
            let response = csrf.layer(service_fn(handler)).oneshot(request).await.unwrap();
            response.status().is_success()
        })
    };
    let (layer, valid) = (csrf.clone(), token.clone());
    places.push(Place {
        name: "pre-session cookie",
        issued: pre_session.clone(),
        takes: Box::new(move |value| takes(layer.clone(), value, valid.clone())),
    });
    places.push(Place {
        name: "csrf token",
        issued: token,
        takes: Box::new(move |value| takes(csrf.clone(), pre_session.clone(), value)),
    });

    let mint = |_: &Identity| {
        Ok(AccessToken { text: "access".into(), expires_in: std::time::Duration::from_secs(300) })
    };
    // Two engines with different names, each with its body and its cookie.
    for [by_body, by_cookie, engine] in [
        ["refresh token in the body", "__Host-refresh", "one"],
        ["refresh token of another engine", "__Host-refresh of another engine", "two"],
    ] {
        let refresh = Refresh::builder(store.clone(), &ring, mint).name(engine).build().unwrap();
        let tokens = refresh.begin(&Identity::local("alice").build(), None).await.unwrap();
        let exchange = |refresh: &Refresh,
                        request: http::request::Builder,
                        body: String|
         -> Answer {
            let endpoint = refresh.endpoint();
            let request = request.method(Method::POST).body(Full::new(Bytes::from(body))).unwrap();
            Box::pin(async move { endpoint.oneshot(request).await.unwrap().status().is_success() })
        };
        let engine = refresh.clone();
        places.push(Place {
            name: by_body,
            issued: tokens.refresh().expose().clone(),
            takes: Box::new(move |value| {
                let form = "application/x-www-form-urlencoded";
                let request = Request::builder().header(CONTENT_TYPE, form);
                exchange(&engine, request, format!("refresh_token={value}"))
            }),
        });
        let sets = service_fn({
            let refresh = refresh.clone();
            move |request: Request<()>| {
                refresh.set_cookie(request.extensions(), &tokens).unwrap();
                std::future::ready(Ok::<_, Infallible>(Response::new(String::new())))
            }
        });
        let response = CookieLayer::new().layer(sets).oneshot(Request::new(())).await.unwrap();
        let line = response.headers()[SET_COOKIE].to_str().unwrap();
        let issued = line.split(';').next().unwrap().strip_prefix("__Host-refresh=").unwrap();
        places.push(Place {
            name: by_cookie,
            issued: issued.to_owned(),
            takes: Box::new(move |value| {
                let request = Request::builder().header("sec-fetch-site", "same-origin");
                let request = request.header(COOKIE, format!("__Host-refresh={value}"));
                exchange(&refresh, request, String::new())
            }),
        });
    }
    places
}

#[tokio::test]
async fn d38_a_credential_counts_where_it_was_issued_for_and_nowhere_else() {
    let places = places().await;
    for place in &places {
        for other in &places {
            let taken = (place.takes)(other.issued.clone()).await;
            assert_eq!(taken, place.name == other.name, "{} as {}", other.name, place.name);
        }
    }
}
