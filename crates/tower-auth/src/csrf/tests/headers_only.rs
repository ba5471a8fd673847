//! The layer without tokens.

use std::convert::Infallible;
use std::future::ready;

use http::header::VARY;
use http::{HeaderMap, Request, Response, StatusCode};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_auth_core::refuse::Empty;
use tower_auth_core::{Dialect, Misconfigured, Rejection};
use tower_auth_test::EventLog;

use super::layer::inside_session;
use super::{Reached, SESSION, block_on, layer, post, request, ring, through, verdict};
use crate::csrf::{
    CsrfConfigError, CsrfHeadersLayer, CsrfLayer, CsrfLayerBuilder, CsrfToken, HeadersOnly,
};
use crate::request::{Context, LayerFlag, RequestScope};
use crate::{KeyRing, Settings};

const CROSS: (&str, &str) = ("sec-fetch-site", "cross-site");
const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");

fn new() -> CsrfHeadersLayer {
    CsrfHeadersLayer::new()
}

/// Returns the result of `read` for the request that a handler inside receives.
fn inside<T>(layer: &CsrfHeadersLayer, sent: Request<()>, read: fn(&Request<()>) -> T) -> T {
    let mut out = None;
    let service = layer.layer(service_fn(|request: Request<()>| {
        out = Some(read(&request));
        ready(Ok::<_, Infallible>(Response::new(())))
    }));
    block_on(service.oneshot(sent)).unwrap();
    out.unwrap()
}

fn vary(response: &Response<()>) -> Vec<&str> {
    response.headers().get_all(VARY).iter().map(|line| line.to_str().unwrap()).collect()
}

fn misconfigured(response: &Response<()>) -> Misconfigured {
    match response.extensions().get() {
        Some(Rejection::Misconfigured(misconfigured)) => *misconfigured,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_browsers_request_reaches_the_handler_as_it_came() {
    for sent in [request("GET", "/", &[CROSS, ("cookie", SESSION)]), post(&[SAME])] {
        assert!(inside(&new(), sent, |it| it.extensions().is_empty()));
    }
}

#[test]
fn cs_16_an_answer_that_was_checked_varies() {
    let layer = CsrfHeadersLayer::builder().exempt("/hook").build().unwrap();
    for headers in [&[CROSS][..], &[SAME], &[]] {
        let (response, _) = through(&layer, post(headers));
        assert_eq!(vary(&response), ["Sec-Fetch-Site, Origin"], "{headers:?}");
    }
    for sent in [request("GET", "/", &[CROSS]), request("POST", "/hook", &[CROSS])] {
        let (response, reached) = through(&layer, sent);
        assert!(reached && vary(&response).is_empty());
    }
    // The handler's own `Vary` line stays.
    let handler = service_fn(|_: Request<()>| {
        let response = Response::builder().header(VARY, "origin").body(()).unwrap();
        ready(Ok::<_, Infallible>(response))
    });
    let response = block_on(layer.layer(handler).oneshot(post(&[SAME]))).unwrap();
    assert_eq!(vary(&response), ["origin", "Sec-Fetch-Site"]);
}

#[test]
fn a_refusal_differs_from_that_of_the_full_layer_in_nothing() {
    let with_event = |headers_only: bool, sent: Request<()>| {
        let log = EventLog::new();
        let settings = Settings::new().events(log.events());
        let builder = CsrfLayer::builder(&ring()).settings(&settings);
        let (response, reached) = if headers_only {
            through(&builder.headers_only().build().unwrap(), sent)
        } else {
            through(&builder.build().unwrap(), sent)
        };
        assert!(!reached);
        let event = log.take().concat().replace("CsrfHeadersLayer", "CsrfLayer");
        let sorted = |headers: &HeaderMap| {
            let mut lines: Vec<_> = headers.iter().map(|it| format!("{it:?}")).collect();
            lines.sort_unstable();
            lines
        };
        let rejection = response.extensions().get::<Rejection>().cloned();
        (response.status(), sorted(response.headers()), rejection, event)
    };
    for content_type in ["text/plain", "application/grpc", "application/grpc-web-text+proto"] {
        for headers in [&[CROSS][..], &[("origin", "https://evil.example")], &[("origin", "null")]]
        {
            let mut headers = headers.to_vec();
            headers.extend([("content-type", content_type), ("host", "app.example")]);
            let [full, alone] = [false, true].map(|it| with_event(it, post(&headers)));
            assert_eq!(full, alone, "{headers:?}");
            assert!(full.3.contains("csrf_refused"), "{full:?}");
        }
    }
}

#[test]
fn refusals_are_written_as_the_application_says() {
    let layer = CsrfHeadersLayer::builder()
        .refuse_with(|rejection: &Rejection, _: Dialect| Response::new(rejection.code()))
        .build()
        .unwrap();
    let handler = service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(Response::new("inside"))));
    let response = block_on(layer.layer(handler).oneshot(post(&[CROSS]))).unwrap();
    assert_eq!((response.status(), *response.body()), (StatusCode::FORBIDDEN, "csrf_cross_site"));
}

#[test]
fn cs_17_report_only_refuses_nothing_and_emits_the_event() {
    let log = EventLog::new();
    let settings = Settings::new().events(log.events());
    let builder = CsrfHeadersLayer::builder().settings(&settings);
    let layer = builder.report_only().build().unwrap();
    let (response, reached) = through(&layer, post(&[CROSS, ("cookie", SESSION)]));
    assert!(reached && response.status().is_success());
    let event = log.take().concat();
    assert!(event.starts_with("WARN csrf_would_refuse CsrfHeadersLayer reason="), "{event}");
}

#[test]
fn no_token_lets_a_silent_request_pass() {
    let full = layer(|it| it);
    let (token, cookie) = super::issue(&full, &[]);
    let cookie = cookie.unwrap();
    let sent = || post(&[("cookie", &cookie), ("x-csrf-token", &token)]);
    assert!(verdict(&full, sent()).is_ok());
    let fault = verdict(&new(), sent()).unwrap_err();
    assert_eq!(Rejection::Csrf(fault).code(), "csrf_missing_origin");
}

#[test]
fn every_cookie_counts_without_a_context_and_with_one() {
    for cookies in ["theme=dark", "__Host-session=x", "nonsense"] {
        assert!(verdict(&new(), post(&[("cookie", cookies)])).is_err(), "{cookies}");
        // The layers inside read the jar, even if a layer in between removed the header.
        let mut sent = post(&[("cookie", "theme=dark")]);
        let _scope = RequestScope::enter(&mut sent, LayerFlag::Cookie).unwrap();
        sent.headers_mut().remove("cookie");
        assert!(verdict(&new(), sent).is_err());
    }
    assert!(verdict(&new(), post(&[])).is_ok());
}

#[test]
fn d22_inside_of_a_session_layer_it_answers_500() {
    for method in ["GET", "POST"] {
        let reached = Reached::default();
        let service = inside_session(new().layer(reached.clone()));
        let response = block_on(service.oneshot(request(method, "/", &[]))).unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let problem = "CsrfHeadersLayer is inside SessionLayer: move it outside";
        assert_eq!(misconfigured(&response), Misconfigured { layer: "CsrfHeadersLayer", problem });
        assert!(!reached.0.get());
    }
}

#[test]
fn nested_layers_check_one_after_the_other() {
    let trusting =
        || CsrfHeadersLayer::builder().trusted_origin("https://admin.example").build().unwrap();
    let admin = || post(&[CROSS, ("origin", "https://admin.example")]);
    let status = |response: Response<()>| response.status().as_u16();
    let send = |service: &mut dyn FnMut(Request<()>) -> Response<()>| {
        [status(service(admin())), status(service(post(&[SAME])))]
    };
    let mut both = trusting().layer(trusting().layer(Reached::default()));
    assert_eq!(send(&mut |it| block_on(both.call(it)).unwrap()), [200, 200]);
    let mut inner_is_stricter = trusting().layer(new().layer(Reached::default()));
    assert_eq!(send(&mut |it| block_on(inner_is_stricter.call(it)).unwrap()), [403, 200]);
    let tokens = layer(|it| it.trusted_origin("https://admin.example").require_token());
    let mut with_tokens_inside = trusting().layer(tokens.layer(Reached::default()));
    assert_eq!(send(&mut |it| block_on(with_tokens_inside.call(it)).unwrap()), [403, 403]);
    let token_layer = layer(|it| it.trusted_origin("https://admin.example"));
    let mut with_tokens_outside = token_layer.layer(trusting().layer(Reached::default()));
    assert_eq!(send(&mut |it| block_on(with_tokens_outside.call(it)).unwrap()), [200, 200]);
}

#[test]
fn there_is_no_token_inside() {
    assert!(inside(&new(), request("GET", "/", &[]), |it| {
        CsrfToken::of(it.extensions()).is_none()
    }));
    let mut sent = request("GET", "/", &[]);
    let _scope = RequestScope::enter(&mut sent, LayerFlag::Cookie).unwrap();
    assert!(inside(&new(), sent, |it| CsrfToken::of(it.extensions()).is_none()));
}

#[test]
fn a_setting_of_tokens_contradicts_it() {
    let built = |settle: fn(CsrfLayerBuilder) -> CsrfLayerBuilder| {
        settle(CsrfLayer::builder(&KeyRing::random())).headers_only().build()
    };
    assert!(built(|it| it.trusted_origin("https://admin.example").strict()).is_ok());
    for (settle, name) in [
        ((|it| it.require_token()) as fn(CsrfLayerBuilder) -> CsrfLayerBuilder, "require_token"),
        (|it| it.require_token_when(|_| true), "require_token_when"),
        (|it| it.header_name("x-token"), "header_name"),
        (|it| it.bind_to("sid"), "bind_to"),
        (|it| it.session_cookie("__Host-id"), "session_cookie"),
        (|it| it.pre_session_cookie("__Host-pre"), "pre_session_cookie"),
        (|it| it.partitioned(), "partitioned"),
        (|it| it.ambient_cookies(["theme"]), "ambient_cookies"),
        #[cfg(feature = "refresh")]
        (|it| it.refresh_cookie("__Host-family"), "refresh_cookie"),
    ] {
        let error = built(settle).unwrap_err();
        assert_eq!(error, CsrfConfigError::HeadersOnly { setter: name });
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn its_other_settings_are_checked_as_those_of_the_full_layer() {
    let fault = |settle: fn(
        CsrfLayerBuilder<Empty, HeadersOnly>,
    ) -> CsrfLayerBuilder<Empty, HeadersOnly>| {
        settle(CsrfHeadersLayer::builder()).build().unwrap_err()
    };
    for (error, setter) in [
        (fault(|it| it.trusted_origin("app.example")), "trusted_origin("),
        (fault(|it| it.public_origin("http://app.example")), "public_origin("),
        (fault(|it| it.exempt("hook")), "exempt("),
    ] {
        assert!(error.to_string().starts_with(setter), "{error}");
    }
}

#[test]
fn a_context_of_an_outer_layer_stays_as_it_is() {
    let mut sent = post(&[SAME]);
    let scope = RequestScope::enter(&mut sent, LayerFlag::Cookie).unwrap();
    let context = scope.context().clone();
    let seen = inside(&new(), sent, |it| Context::of(it.extensions()).unwrap());
    assert!(std::sync::Arc::ptr_eq(&seen, &context));
    assert!(!context.is_marked(LayerFlag::Csrf));
}
