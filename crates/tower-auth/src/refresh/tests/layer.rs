//! The layer around a service.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, COOKIE, SET_COOKIE, VARY};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use tower::{Layer as _, ServiceBuilder, ServiceExt as _, service_fn};
use tower_auth_core::refuse::Empty;

use super::client::{by_cookie, form, post, send};
use super::fixture::{Fixture, NAME};
use crate::{CookieLayer, CsrfHeadersLayer, CsrfLayer, RefreshLayer, csrf};

async fn hello(request: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(format!("hello from {}", request.uri().path()).into()))
}

fn at(path: &str, mut request: Request<Full<Bytes>>) -> Request<Full<Bytes>> {
    *request.uri_mut() = path.parse().unwrap();
    request
}

#[tokio::test]
async fn it_serves_its_two_paths_and_passes_all_others_on() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    let layer = RefreshLayer::builder(fixture.refresh.clone()).refresh_path("/token").build();
    let service = layer.unwrap().layer(service_fn(hello));
    for path in ["/", "/auth/refresh", "/token/", "/Token", "/%74oken", "/auth/revoke/x"] {
        let reply = send(service.clone(), at(path, by_cookie(&fixture.as_cookie(&first)))).await;
        assert_eq!(reply.body, format!("hello from {path}"));
        assert!(reply.headers.is_empty());
    }
    let second = send(service.clone(), at("/token?x=1", by_cookie(&fixture.as_cookie(&first))))
        .await
        .cookie();
    let revoked = send(service.clone(), at("/auth/revoke", by_cookie(&second))).await;
    assert_eq!(revoked.status, StatusCode::OK);
    assert!(revoked.removes_cookie());
    let dead = send(service, at("/token", by_cookie(&second))).await;
    assert_eq!(dead.error(), (400, "invalid_grant".into()));
}

#[tokio::test]
async fn it_writes_its_cookie_through_the_layers_outside_once() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    let alone = RefreshLayer::new(fixture.refresh.clone());
    let service = ServiceBuilder::new()
        .layer(CookieLayer::new())
        .layer(CsrfLayer::new(&fixture.keys))
        .layer(alone)
        .service(service_fn(hello));
    let reply = send(service.clone(), by_cookie(&fixture.as_cookie(&first))).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.headers.get_all(SET_COOKIE).iter().count(), 1);
    assert_eq!(reply.headers[CACHE_CONTROL], "no-store");
    assert_eq!(reply.headers[VARY], "Sec-Fetch-Site, Origin");
    let next = fixture.next(&first).await.unwrap();
    assert_eq!(reply.cookie(), fixture.as_cookie(&next));
}

#[tokio::test]
async fn a_csrf_layer_outside_judges_by_its_own_settings() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    let csrf = CsrfLayer::builder(&fixture.keys).trusted_origin("https://other.example");
    let service = ServiceBuilder::new()
        .layer(csrf.build().unwrap())
        .layer(RefreshLayer::new(fixture.refresh.clone()))
        .service(service_fn(hello));
    let from = |origin: &'static str| {
        let mut request = by_cookie(&fixture.as_cookie(&first));
        let headers = request.headers_mut();
        headers.insert("sec-fetch-site", "cross-site".parse().unwrap());
        headers.insert("origin", origin.parse().unwrap());
        request
    };
    let trusted = send(service.clone(), from("https://other.example")).await;
    assert_eq!(trusted.status, StatusCode::OK);
    let foreign = send(service, from("https://evil.example")).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    // Alone, the layer trusts only the application itself.
    let alone = RefreshLayer::new(fixture.refresh.clone()).layer(service_fn(hello));
    let foreign = send(alone, from("https://other.example")).await;
    assert_eq!(foreign.error(), (403, "access_denied".into()));
}

/// This `CsrfLayer` does not know the cookie, so it has checked a request without a credential.
#[tokio::test]
async fn cs_06_a_csrf_layer_outside_that_leaves_the_cookie_out_is_no_judge() {
    let fixture = Fixture::with(|builder| builder.cookie_name("__Host-family"));
    let cookie = format!("__Host-family={}", fixture.as_cookie(&fixture.login().await));
    let ask = async |csrf: CsrfLayer| {
        let service = ServiceBuilder::new().layer(csrf);
        let service = service.layer(RefreshLayer::new(fixture.refresh.clone()));
        let request = post().header("cookie", &cookie).body(Full::default()).unwrap();
        send(service.service(service_fn(hello)), request).await
    };
    let csrf = || CsrfLayer::builder(&fixture.keys);
    for layer in [csrf().ambient_cookies(["other"]), csrf()] {
        let reply = ask(layer.build().unwrap()).await;
        assert_eq!((reply.status, reply.set_cookies().len()), (StatusCode::FORBIDDEN, 0));
    }
    // The token has not been exchanged: it still works where the outer layer exempts the path.
    let exempt = csrf().exempt("/auth/refresh").build().unwrap();
    assert_eq!(ask(exempt).await.status, StatusCode::OK);
}

/// A layer of headers alone is such a layer too, with any names and without a key ring.
#[tokio::test]
async fn a_csrf_layer_of_headers_alone_judges_by_its_own_settings() {
    let fixture = Fixture::with(|builder| builder.cookie_name("__Host-family"));
    let cookie = format!("__Host-family={}", fixture.as_cookie(&fixture.login().await));
    type Lines = &'static [(&'static str, &'static str)];
    let ask = async |csrf: csrf::CsrfLayerBuilder<Empty, csrf::HeadersOnly>, headers: Lines| {
        let service = ServiceBuilder::new().layer(csrf.build().unwrap());
        let service = service.layer(RefreshLayer::new(fixture.refresh.clone()));
        let mut request = post().header("cookie", &cookie).body(Full::default()).unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_static(value));
        }
        send(service.service(service_fn(hello)), request).await.status
    };
    let csrf = CsrfHeadersLayer::builder;
    let other: Lines = &[("sec-fetch-site", "cross-site"), ("origin", "https://other.example")];
    let own: Lines = &[("sec-fetch-site", "same-origin")];
    let trusting = || csrf().trusted_origin("https://other.example");
    let refused = [ask(csrf(), other).await, ask(csrf(), &[]).await];
    assert_eq!(refused, [StatusCode::FORBIDDEN; 2]);
    assert_eq!(ask(trusting(), other).await, StatusCode::OK);
    // The cookie was not exchanged before, and is repeated within the window now.
    let taken = [
        ask(csrf().exempt("/auth/refresh"), other).await,
        ask(csrf().report_only(), other).await,
        ask(csrf(), own).await,
    ];
    assert_eq!(taken, [StatusCode::OK; 3]);
}

/// A handler that sends another request on with the extensions of its own vouches for nothing.
#[tokio::test]
async fn a_check_of_headers_counts_for_its_own_request_and_cookies_alone() {
    let fixture = Fixture::with(|builder| builder.cookie_name("__Host-family"));
    let cookie = format!("__Host-family={}", fixture.as_cookie(&fixture.login().await));
    let endpoint = RefreshLayer::new(fixture.refresh.clone()).layer(service_fn(hello));
    let forward = async |extensions: http::Extensions, cookie: &str| {
        let mut request = post().header("cookie", cookie).body(Full::default()).unwrap();
        request.headers_mut().insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
        *request.extensions_mut() = extensions;
        send(endpoint.clone(), request).await.status
    };
    let layer = CsrfHeadersLayer::builder().exempt("/hook").build().unwrap();
    let kept = Arc::new(Mutex::new(None));
    let handler = service_fn(|request: Request<Full<Bytes>>| {
        let (kept, forward, cookie) = (kept.clone(), &forward, &cookie);
        async move {
            let extensions = request.extensions().clone();
            *kept.lock().unwrap() = Some(extensions.clone());
            // Another request's cookies, while this request is still inside.
            assert_eq!(forward(extensions, cookie).await, StatusCode::FORBIDDEN);
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
        }
    });
    let hook = Request::post("/hook").header("cookie", "a=1").body(Full::default()).unwrap();
    assert_eq!(layer.layer(handler).oneshot(hook).await.unwrap().status(), StatusCode::OK);
    // The same after the response, with the very cookies that were checked.
    let late = kept.lock().unwrap().take().unwrap();
    assert_eq!(forward(late, &cookie).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn nested_in_itself_it_is_a_misconfiguration_and_a_retry_is_none() {
    let fixture = Fixture::new();
    let layer = || RefreshLayer::new(fixture.refresh.clone());
    let nested = ServiceBuilder::new().layer(layer()).layer(layer()).service(service_fn(hello));
    let reply = send(nested, at("/", form(""))).await;
    assert_eq!(reply.error(), (500, "server_error".into()));
    let mounted = layer().layer(fixture.refresh.endpoint());
    assert_eq!(send(mounted, at("/", form(""))).await.error(), (500, "server_error".into()));
    // An outer layer repeats the same request.
    let inner = layer().layer(service_fn(hello));
    let twice = service_fn(move |request: Request<Full<Bytes>>| {
        let inner = inner.clone();
        async move {
            let again = request.clone();
            tower::ServiceExt::oneshot(inner.clone(), request).await?;
            tower::ServiceExt::oneshot(inner, again).await
        }
    });
    let reply = send(CookieLayer::new().layer(twice), at("/", form(""))).await;
    assert_eq!(reply.status, StatusCode::OK);
}

#[tokio::test]
async fn grpc_clients_are_refused_in_grpcs_manner() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    let request = Request::post("/auth/refresh")
        .header("content-type", "application/grpc")
        .header("sec-fetch-site", "cross-site")
        .header(COOKIE, format!("{NAME}={}", fixture.as_cookie(&first)))
        .body(Full::default())
        .unwrap();
    let service = RefreshLayer::new(fixture.refresh.clone()).layer(service_fn(hello));
    let reply = send(service, request).await;
    assert_eq!(
        (reply.status, &reply.headers["grpc-status"]),
        (StatusCode::OK, &"7".parse().unwrap())
    );
}

#[tokio::test]
async fn it_fits_axum_as_layer_and_as_route() {
    use tower::ServiceExt as _;
    let fixture = Fixture::new();
    let first = fixture.login().await;
    let app: axum::Router = axum::Router::new()
        .route_service("/renew", fixture.refresh.endpoint())
        .route("/", axum::routing::get(async || "hello"));
    let layered = app.clone().layer(RefreshLayer::new(fixture.refresh.clone()));
    let ask =
        |path: &str| at(path, by_cookie(&fixture.as_cookie(&first))).map(axum::body::Body::new);
    let reply = app.oneshot(ask("/renew")).await.unwrap();
    assert_eq!(reply.status(), StatusCode::OK);
    assert!(reply.headers().contains_key(SET_COOKIE));
    let reply = layered.oneshot(ask("/auth/refresh")).await.unwrap();
    assert_eq!(reply.status(), StatusCode::OK);
    assert!(reply.headers().contains_key(SET_COOKIE));
}

#[tokio::test]
async fn d09_the_readied_service_is_the_one_that_is_called() {
    use std::task::{Context, Poll};

    /// Panics if it is called without having been polled ready.
    #[derive(Default)]
    struct Strict(bool);

    impl Clone for Strict {
        fn clone(&self) -> Self {
            Self(false)
        }
    }

    impl tower::Service<Request<Full<Bytes>>> for Strict {
        type Response = Response<Full<Bytes>>;
        type Error = Infallible;
        type Future = std::future::Ready<Result<Response<Full<Bytes>>, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            self.0 = true;
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Request<Full<Bytes>>) -> Self::Future {
            assert!(std::mem::take(&mut self.0), "called without being ready");
            std::future::ready(Ok(Response::default()))
        }
    }

    let fixture = Fixture::new();
    let service = RefreshLayer::new(fixture.refresh.clone()).layer(Strict::default());
    for path in ["/", "/auth/refresh"] {
        send(service.clone(), at(path, form(""))).await;
    }
}
