use std::convert::Infallible;
use std::future::{Future, pending, ready};
use std::pin::pin;
use std::task::{Context as TaskContext, Poll, Waker};

use http::header::{CONTENT_TYPE, VARY};
use http::{Request, Response, StatusCode};
use tower::limit::ConcurrencyLimitLayer;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_auth_core::rejection::CsrfFault;
use tower_auth_core::{Dialect, Misconfigured, Rejection, refuse};

use super::{SESSION, block_on, layer, page, post, request, through};
use crate::csrf::{CsrfLayer, CsrfToken};
use crate::request::{Context, LayerFlag, RequestScope};

const CROSS: (&str, &str) = ("sec-fetch-site", "cross-site");

async fn unreachable(_: Request<()>) -> Result<Response<()>, Infallible> {
    panic!("the handler must not be reached")
}

/// A minimal session layer, which sets the session mark and calls the inner service.
pub(super) fn inside_session<S>(
    inner: S,
) -> impl Service<Request<()>, Response = Response<()>, Error = Infallible>
where
    S: Service<Request<()>, Response = Response<()>, Error = Infallible> + Clone,
{
    service_fn(move |mut request: Request<()>| {
        let mut scope = RequestScope::enter(&mut request, LayerFlag::Session).unwrap();
        let answer = inner.clone().oneshot(request);
        async move {
            let mut response = answer.await?;
            scope.finish(&mut response);
            Ok(response)
        }
    })
}

fn misconfigured(response: &Response<()>) -> Misconfigured {
    match response.extensions().get() {
        Some(Rejection::Misconfigured(misconfigured)) => *misconfigured,
        other => panic!("{other:?}"),
    }
}

#[test]
fn d22_inside_of_a_session_layer_it_answers_500() {
    for report_only in [false, true] {
        let layer = layer(|it| if report_only { it.report_only() } else { it });
        for method in ["GET", "POST"] {
            let service = inside_session(layer.layer(service_fn(unreachable)));
            let response = block_on(service.oneshot(request(method, "/", &[]))).unwrap();
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            let misconfigured = misconfigured(&response);
            assert_eq!(misconfigured.layer, "CsrfLayer");
            assert_eq!(misconfigured.problem, "CsrfLayer is inside SessionLayer: move it outside");
        }
    }
    // The correct order passes.
    let handler = service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(Response::new(()))));
    let mut inner = Some(inside_session(handler));
    let service = layer(|it| it).layer(service_fn(move |it| inner.take().unwrap().oneshot(it)));
    assert_eq!(block_on(service.oneshot(request("GET", "/", &[]))).unwrap().status(), 200);
}

#[test]
fn d21_nested_in_itself_it_answers_500() {
    let nested = layer(|it| it).layer(layer(|it| it).layer(service_fn(unreachable)));
    let response = block_on(nested.clone().oneshot(request("GET", "/", &[]))).unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(misconfigured(&response).layer, "CsrfLayer");
    let grpc = post(&[("content-type", "application/grpc")]);
    let response = block_on(nested.oneshot(grpc)).unwrap();
    assert_eq!(
        (response.status(), &response.headers()["grpc-status"]),
        (StatusCode::OK, &13.into())
    );
}

#[test]
fn d21_a_retry_of_the_whole_layer_passes() {
    let mut calls = 0;
    let inner = layer(|it| it).layer(service_fn(|_: Request<()>| {
        calls += 1;
        ready(if calls == 1 { Err("again") } else { Ok(Response::new(())) })
    }));
    // An outer layer owns the context, and calls twice with the same request.
    let mut request = request("GET", "/", &[]);
    let _outer = RequestScope::enter(&mut request, LayerFlag::Cookie).unwrap();
    let mut inner = inner;
    assert_eq!(block_on(inner.call(request.clone())).unwrap_err(), "again");
    assert_eq!(block_on(inner.call(request)).unwrap().status(), 200);
}

#[test]
fn d21_a_dropped_request_clears_the_mark() {
    let mut service = layer(|it| it)
        .layer(service_fn(|_: Request<()>| pending::<Result<Response<()>, Infallible>>()));
    let mut request = request("GET", "/", &[]);
    let outer = RequestScope::enter(&mut request, LayerFlag::Cookie).unwrap();
    {
        let mut future = pin!(service.call(request));
        let mut context = TaskContext::from_waker(Waker::noop());
        assert!(future.as_mut().poll(&mut context).is_pending());
        assert!(outer.context().is_marked(LayerFlag::Csrf));
    }
    assert!(!outer.context().is_marked(LayerFlag::Csrf));
}

#[test]
fn d09_the_readied_service_is_the_one_that_is_called() {
    // ConcurrencyLimit panics if it is called before it is ready.
    let handler = service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(Response::new(()))));
    let mut service = layer(|it| it).layer(ConcurrencyLimitLayer::new(1).layer(handler));
    for headers in [&[("sec-fetch-site", "same-origin")][..], &[CROSS], &[]] {
        let status = block_on(async {
            service.ready().await.unwrap().call(post(headers)).await.unwrap().status()
        });
        assert_eq!(status.is_success(), !headers.contains(&CROSS));
    }
}

#[test]
fn xx_08_an_inner_service_that_is_not_ready_is_waited_for() {
    let limit = ConcurrencyLimitLayer::new(1);
    let stuck =
        limit.layer(service_fn(|_: Request<()>| pending::<Result<Response<()>, Infallible>>()));
    let mut service = layer(|it| it).layer(stuck);
    block_on(async {
        let mut busy = pin!(service.ready().await.unwrap().call(request("GET", "/", &[])));
        let mut context = TaskContext::from_waker(Waker::noop());
        assert!(busy.as_mut().poll(&mut context).is_pending());
        let mut second = service.clone();
        assert!(matches!(second.poll_ready(&mut context), Poll::Pending));
    });
}

#[test]
fn xx_01_no_refusal_of_ones_own_makes_it_a_success() {
    let layer = CsrfLayer::builder(&super::ring())
        .refuse_with(|_: &Rejection, _: Dialect| Response::new("welcome"))
        .build()
        .unwrap();
    let handler =
        service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(Response::new("the handler"))));
    let response = block_on(layer.layer(handler).oneshot(post(&[CROSS]))).unwrap();
    assert_eq!((response.status(), *response.body()), (StatusCode::FORBIDDEN, "welcome"));
    assert!(response.extensions().get::<Rejection>().is_some());
}

#[test]
fn xx_09_a_refusal_repeats_nothing_of_the_request() {
    let layer = CsrfLayer::builder(&super::ring()).refuse_with(refuse::Problem).build().unwrap();
    let handler = service_fn(|_: Request<()>| {
        ready(Ok::<_, Infallible>(Response::new(bytes::Bytes::from("reached"))))
    });
    let sent =
        post(&[("host", "app.example"), ("origin", "https://evil.example"), ("cookie", SESSION)]);
    let response = block_on(layer.layer(handler).oneshot(sent)).unwrap();
    assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
    let shown = format!("{:?} {:?}", response.headers(), response.body());
    assert!(shown.contains("csrf_foreign_origin"));
    assert!(
        !["evil", "app.example", "another-make"].iter().any(|it| shown.contains(it)),
        "{shown}"
    );
}

#[test]
fn gr_01_a_grpc_client_is_refused_trailers_only() {
    for (content_type, answer) in [
        ("application/grpc", "application/grpc"),
        ("application/grpc+proto", "application/grpc"),
        ("application/grpc-web+proto", "application/grpc-web"),
        ("application/grpc-web-text", "application/grpc-web-text"),
    ] {
        let (response, reached) =
            through(&layer(|it| it), post(&[CROSS, ("content-type", content_type)]));
        assert!(!reached);
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[CONTENT_TYPE], answer);
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert!(response.headers().contains_key("grpc-message"));
        assert!(response.headers().contains_key(VARY));
    }
}

#[test]
fn gr_02_not_allowed_is_7() {
    let sent = post(&[CROSS, ("content-type", "application/grpc")]);
    let (response, _) = through(&layer(|it| it), sent);
    assert_eq!(response.headers()["grpc-status"], "7");
    let fault = Rejection::Csrf(CsrfFault::CrossSite);
    assert_eq!(response.extensions().get(), Some(&fault));
    let missing = post(&[("cookie", SESSION), ("content-type", "application/grpc")]);
    let (response, _) = through(&layer(|it| it.strict()), missing);
    assert_eq!(response.headers()["grpc-status"], "7");
}

#[test]
fn cs_16_an_answer_that_was_judged_varies() {
    let vary = |layer: &CsrfLayer, request| {
        let (response, _) = through(layer, request);
        let lines = response.headers().get_all(VARY).iter();
        let names = lines.flat_map(|it| it.to_str().unwrap().split(", ").map(str::to_owned));
        names.collect::<Vec<_>>()
    };
    let plain = layer(|it| it.exempt("/hook"));
    for headers in [&[CROSS][..], &[("sec-fetch-site", "none")], &[]] {
        assert_eq!(vary(&plain, post(headers)), ["Sec-Fetch-Site", "Origin"], "{headers:?}");
    }
    assert!(vary(&plain, request("GET", "/", &[CROSS])).is_empty());
    assert!(vary(&plain, request("POST", "/hook", &[CROSS])).is_empty());
    let tokens = layer(|it| it.require_token());
    let same = post(&[("sec-fetch-site", "same-origin")]);
    assert_eq!(vary(&tokens, same), ["Sec-Fetch-Site", "Origin", "Cookie"]);
}

#[test]
fn the_context_is_shared_with_the_layers_inside() {
    let layer = layer(|it| it);
    let (is_marked, _) = page(&layer, &[], |context: &Context, _| {
        assert!(context.csrf().is_some());
        context.is_marked(LayerFlag::Csrf)
    });
    assert!(is_marked);
}

#[test]
fn there_is_no_token_without_the_layer() {
    let mut request = request("GET", "/", &[]);
    assert!(CsrfToken::of(request.extensions()).is_none());
    let _scope = RequestScope::enter(&mut request, LayerFlag::Session).unwrap();
    assert!(CsrfToken::of(request.extensions()).is_none(), "another layer's context is not enough");
}
