use std::time::Duration;

use super::*;
use crate::Misconfigured;
use crate::rejection::CsrfFault;
use crate::store::EndReason;

const DIALECTS: [Dialect; 6] = [
    Dialect::Http,
    Dialect::Grpc,
    Dialect::GrpcWeb,
    Dialect::GrpcWebText,
    Dialect::GrpcJson,
    Dialect::GrpcWebJson,
];

/// Every kind of rejection: HTTP status, gRPC status, `Retry-After`.
fn table() -> Vec<(Rejection, u16, u8, Option<u32>)> {
    let mut rows = vec![
        (Rejection::Anonymous, 401, 16, None),
        (Rejection::TooOld { max_age: Duration::from_secs(5) }, 401, 16, None),
        (Rejection::Scope { scope: "s%\n\"ö".into() }, 403, 7, None),
        (Rejection::Role { role: "r%\n\"ö".into() }, 403, 7, None),
        (Rejection::InvalidToken, 401, 16, None),
        (Rejection::Ambiguous, 400, 3, None),
        (Rejection::InvalidRequest, 400, 3, None),
        (Rejection::Rotated, 409, 10, None),
        (Rejection::Busy, 503, 14, Some(1)),
        (Rejection::Unavailable, 503, 14, Some(1)),
        (Rejection::TooLarge, 500, 13, None),
        (Misconfigured { layer: "Here", problem: "not there" }.into(), 500, 13, None),
    ];
    rows.extend(EndReason::ALL.map(|reason| (Rejection::Ended(reason), 401, 16, None)));
    let faults = [
        CsrfFault::CrossSite,
        CsrfFault::ForeignOrigin,
        CsrfFault::PlainHttp,
        CsrfFault::MissingOrigin,
        CsrfFault::MissingToken,
        CsrfFault::BadToken,
    ];
    rows.extend(faults.map(|fault| (Rejection::Csrf(fault), 403, 7, None)));
    rows
}

fn header<'a, B>(response: &'a Response<B>, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

fn of(method: &Method, content_type: &str) -> Dialect {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_bytes(content_type.as_bytes()).unwrap());
    Dialect::of(method, &headers)
}

#[test]
fn gr_05_gr_06_the_dialect_is_read_off_the_content_type() {
    for (content_type, dialect) in [
        ("application/grpc", Dialect::Grpc),
        ("application/grpc+proto", Dialect::Grpc),
        ("application/grpc+", Dialect::Grpc),
        ("application/grpc;charset=utf-8", Dialect::Grpc),
        ("application/grpc ; a=b", Dialect::Grpc),
        ("application/grpc\t; a=b", Dialect::Grpc),
        ("APPLICATION/gRPC+Proto", Dialect::Grpc),
        ("application/grpc-web", Dialect::GrpcWeb),
        ("application/grpc-web+proto", Dialect::GrpcWeb),
        ("application/grpc+json", Dialect::GrpcJson),
        ("application/grpc+JSON ; a=b", Dialect::GrpcJson),
        ("application/grpc+jsonl", Dialect::Grpc),
        ("application/grpc+json+proto", Dialect::Grpc),
        ("application/grpc;+json", Dialect::Grpc),
        ("application/grpc +json", Dialect::Grpc),
        ("application/grpc+cbor", Dialect::Grpc),
        ("Application/Grpc-Web+json; x=1", Dialect::GrpcWebJson),
        ("application/grpc-web+Json", Dialect::GrpcWebJson),
        ("application/grpc-web-text+json", Dialect::GrpcWebText),
        ("application/grpc-web-text", Dialect::GrpcWebText),
        ("application/GRPC-web-TEXT+proto", Dialect::GrpcWebText),
        ("application/grpcfoo", Dialect::Http),
        ("application/grpc-", Dialect::Http),
        ("application/grpc-web-", Dialect::Http),
        ("application/grpc-web-textual", Dialect::Http),
        ("application/grpc-websocket", Dialect::Http),
        ("application/grp", Dialect::Http),
        ("application/json", Dialect::Http),
        ("xapplication/grpc", Dialect::Http),
        ("text/plain;application/grpc", Dialect::Http),
        ("application/grpcö", Dialect::Http),
        ("ö", Dialect::Http),
        ("", Dialect::Http),
    ] {
        assert_eq!(of(&Method::POST, content_type), dialect, "{content_type:?}");
        assert_eq!(of(&Method::GET, content_type), Dialect::Http, "GET {content_type:?}");
    }
    assert_eq!(Dialect::of(&Method::POST, &HeaderMap::new()), Dialect::Http);
}

#[test]
fn gr_01_gr_02_gr_03_every_rejection_in_every_dialect() {
    for (rejection, status, grpc, retry) in table() {
        for dialect in DIALECTS {
            let response: Response<String> = write(&Empty, rejection.clone(), dialect);
            let context = format!("{rejection:?} {dialect:?}");
            assert_eq!(header(&response, "cache-control"), Some("no-store"), "{context}");
            assert_eq!(response.extensions().get(), Some(&rejection), "{context}");
            assert_eq!(response.body(), "", "{context}");
            if dialect == Dialect::Http {
                assert_eq!(response.status(), status, "{context}");
                let retry = retry.map(|seconds| seconds.to_string());
                assert_eq!(header(&response, "retry-after"), retry.as_deref(), "{context}");
                assert_eq!(header(&response, "content-type"), None, "{context}");
                assert_eq!(header(&response, "grpc-status"), None, "{context}");
            } else {
                assert_eq!(response.status(), 200, "{context}");
                let grpc = grpc.to_string();
                assert_eq!(header(&response, "grpc-status"), Some(grpc.as_str()), "{context}");
                let message = header(&response, "grpc-message").unwrap();
                assert_eq!(message, rejection.to_string(), "{context}");
            }
        }
    }
}

#[test]
fn gr_05_the_answer_has_the_requests_flavour() {
    let of = |dialect| {
        let response: Response<String> = write(&Empty, Rejection::Anonymous, dialect);
        header(&response, "content-type").unwrap().to_owned()
    };
    assert_eq!(of(Dialect::Grpc), "application/grpc");
    assert_eq!(of(Dialect::GrpcWeb), "application/grpc-web");
    assert_eq!(of(Dialect::GrpcWebText), "application/grpc-web-text");
    assert_eq!(of(Dialect::GrpcJson), "application/grpc+json");
    assert_eq!(of(Dialect::GrpcWebJson), "application/grpc-web+json");
}

#[test]
fn gr_03_no_text_needs_percent_encoding() {
    for (rejection, ..) in table() {
        let text = rejection.to_string();
        let plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'%';
        assert!(!text.is_empty() && text.bytes().all(plain), "{text:?}");
    }
}

#[test]
fn xx_09_texts_and_codes_are_constant() {
    let a = Rejection::Scope { scope: "secret:a".into() };
    let b = Rejection::Scope { scope: "b".into() };
    assert_eq!((a.to_string(), a.code()), (b.to_string(), b.code()));
    for (rejection, ..) in table() {
        let word = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        assert!(rejection.code().bytes().all(word), "{}", rejection.code());
    }
    // Clients learn nothing about internal mistakes.
    let misconfigured = Rejection::from(Misconfigured { layer: "Here", problem: "not there" });
    assert_eq!(
        (misconfigured.to_string().as_str(), misconfigured.code()),
        ("internal error", "internal")
    );
}

/// The client learns which header is missing, and the operator how to admit the application's own
/// page.
#[test]
fn a_csrf_refusal_says_what_to_do() {
    assert_eq!(
        Rejection::Csrf(CsrfFault::MissingToken).to_string(),
        "the CSRF token is missing; send it in the header `X-CSRF-Token`, unless the application \
         configures another"
    );
    for fault in [CsrfFault::PlainHttp, CsrfFault::MissingOrigin, CsrfFault::MissingToken] {
        assert_eq!(fault.advice(), Some(&*Rejection::Csrf(fault).to_string()), "{fault:?}");
    }
    // The client may belong to another site, so it does not learn which setting would admit it.
    for fault in [CsrfFault::CrossSite, CsrfFault::ForeignOrigin] {
        assert!(fault.advice().unwrap().contains(".trusted_origin"), "{fault:?}");
        let text = Rejection::Csrf(fault).to_string();
        assert_eq!(text, "the request comes from another site");
    }
}

#[test]
fn br_14_br_15_xx_06_problem_documents() {
    for (rejection, status, ..) in table() {
        let response: Response<Bytes> = write(&Problem, rejection.clone(), Dialect::Http);
        assert_eq!(header(&response, "content-type"), Some("application/problem+json"));
        assert_eq!(response.status(), status);
        let document: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(document["status"], status);
        assert_eq!(document["type"], "about:blank");
        assert_eq!(document["title"], response.status().canonical_reason().unwrap());
        assert_eq!(document["code"], rejection.code());
        assert_eq!(document["detail"], rejection.to_string());
        assert_eq!(document.as_object().unwrap().len(), 5);
        // gRPC clients do not read documents.
        let response: Response<Bytes> = write(&Problem, rejection, Dialect::Grpc);
        assert_eq!(header(&response, "content-type"), Some("application/grpc"));
        assert!(response.body().is_empty());
    }
}

#[test]
fn xx_01_no_writer_turns_a_refusal_into_a_success() {
    let ok = |_: &Rejection, _: Dialect| Response::new("fine");
    for (rejection, status, grpc, _) in table() {
        let response = write(&ok, rejection.clone(), Dialect::Http);
        assert_eq!(response.status(), status);
        assert_eq!(header(&response, "cache-control"), Some("no-store"));
        let response = write(&ok, rejection, Dialect::Grpc);
        assert_eq!(header(&response, "grpc-status"), Some(grpc.to_string().as_str()));
    }
    let grpc_ok = |_: &Rejection, _: Dialect| {
        Response::builder().header("grpc-status", "0").body(()).unwrap()
    };
    let response = write(&grpc_ok, Rejection::Anonymous, Dialect::Grpc);
    assert_eq!(header(&response, "grpc-status"), Some("16"));
    assert_eq!(header(&response, "content-type"), Some("application/grpc"));
}

#[test]
fn gr_04_a_writer_that_knows_no_grpc_is_put_right() {
    let http = |_: &Rejection, _: Dialect| {
        Response::builder().status(403).header("content-type", "text/html").body(()).unwrap()
    };
    let response = write(&http, Rejection::Rotated, Dialect::GrpcWeb);
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "grpc-status"), Some("10"));
    assert_eq!(header(&response, "content-type"), Some("application/grpc-web"));
}

#[test]
fn what_a_writer_says_stands() {
    let own = |_: &Rejection, dialect: Dialect| match dialect {
        Dialect::Http => Response::builder()
            .status(404)
            .header("cache-control", "private")
            .header("retry-after", "9")
            .body("gone fishing")
            .unwrap(),
        _ => Response::builder().header("grpc-status", "5").body("").unwrap(),
    };
    let response = write(&own, Rejection::Unavailable, Dialect::Http);
    assert_eq!(response.status(), 404);
    assert_eq!(header(&response, "cache-control"), Some("private"));
    assert_eq!(header(&response, "retry-after"), Some("9"));
    assert_eq!(*response.body(), "gone fishing");
    let response = write(&own, Rejection::Unavailable, Dialect::Grpc);
    assert_eq!(header(&response, "grpc-status"), Some("5"));
}

#[test]
fn se_13_a_writer_cannot_have_a_refusal_cached_by_a_field_that_outranks_no_store() {
    let own = |cache_control: Option<&'static str>| {
        move |_: &Rejection, _: Dialect| {
            let mut response = Response::new(());
            let headers = response.headers_mut();
            headers.insert("surrogate-control", HeaderValue::from_static("max-age=60"));
            if let Some(said) = cache_control {
                headers.insert("cache-control", HeaderValue::from_static(said));
            }
            response
        }
    };
    let response = write(&own(None), Rejection::Anonymous, Dialect::Http);
    assert_eq!(header(&response, "cache-control"), Some("no-store"));
    assert_eq!(header(&response, "surrogate-control"), None);
    // An explicit `max-age` of the custom closure stays.
    let response = write(&own(Some("max-age=5")), Rejection::Anonymous, Dialect::Http);
    assert_eq!(header(&response, "cache-control"), Some("max-age=5"));
    assert_eq!(header(&response, "surrogate-control"), Some("max-age=60"));
}

fn deferred(dialect: Dialect) -> Response<Bytes> {
    let mut response = write(&Empty, Rejection::Anonymous, dialect);
    DeferredRefusal::mark(&mut response);
    response
}

#[test]
fn what_an_extractor_refused_is_written_by_a_layer_outside() {
    let mut response = deferred(Dialect::Http);
    for (name, value) in [
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("www-authenticate", "Session"),
        ("content-length", "0"),
        ("content-encoding", "gzip"),
        ("cache-control", "private"),
        ("cdn-cache-control", "max-age=3600"),
    ] {
        response.headers_mut().append(name, HeaderValue::from_static(value));
    }
    response.extensions_mut().insert("kept");
    render_deferred(&Problem, Dialect::Http, &mut response);
    assert_eq!(response.status(), 401);
    let document: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(document["code"], "unauthenticated");
    let headers = response.headers();
    let cookies: Vec<_> = headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
    assert_eq!(header(&response, "www-authenticate"), Some("Session"));
    assert_eq!(header(&response, "content-type"), Some("application/problem+json"));
    // Headers of the old body are removed, and headers that the new refusal sets are replaced.
    assert_eq!(header(&response, "content-length"), None);
    assert_eq!(header(&response, "content-encoding"), None);
    assert_eq!(headers.get_all("cache-control").iter().count(), 1);
    assert!(!headers.contains_key("cdn-cache-control"), "it would outrank the refusal's no-store");
    assert_eq!(response.extensions().get(), Some(&"kept"));
    assert_eq!(response.extensions().get(), Some(&Rejection::Anonymous));
    // The marker is gone, so a second call changes nothing.
    let written = response.body().clone();
    render_deferred(&Empty, Dialect::Http, &mut response);
    assert_eq!(response.body(), &written);
}

#[test]
fn gr_04_a_handlers_refusal_is_put_into_the_clients_dialect() {
    // The extractor knew no request, and so no dialect.
    let mut response = deferred(Dialect::Http);
    response.headers_mut().insert("www-authenticate", HeaderValue::from_static("Session"));
    render_deferred(&Problem, Dialect::Grpc, &mut response);
    assert_eq!(header(&response, "www-authenticate"), None);
    assert_eq!((response.status(), header(&response, "grpc-status")), (StatusCode::OK, Some("16")));
    assert!(response.body().is_empty());
}

#[test]
fn what_someone_has_written_since_stays() {
    let mut status = deferred(Dialect::Http);
    *status.status_mut() = StatusCode::NOT_FOUND;
    let mut body = deferred(Dialect::Http);
    *body.body_mut() = Bytes::from_static(b"<p>who?");
    body.headers_mut().insert("content-type", HeaderValue::from_static("text/html"));
    let mut code = deferred(Dialect::Grpc);
    code.headers_mut().insert("grpc-status", HeaderValue::from_static("5"));
    let unmarked = write(&Empty, Rejection::Anonymous, Dialect::Http);
    for mut response in [status, body, code, unmarked, Response::new(Bytes::from_static(b"fine"))] {
        let before = (response.status(), response.body().clone(), response.headers().clone());
        render_deferred(&Problem, Dialect::Http, &mut response);
        let after = (response.status(), response.body().clone(), response.headers().clone());
        assert_eq!(after, before);
    }
}

#[test]
fn a_writer_that_asks_for_it_sees_the_request() {
    let writer = with_request(|rejection: &Rejection, dialect: Dialect, head: &RequestHead| {
        let host = head.headers.get("host").map_or("", |host| host.to_str().unwrap());
        respond(rejection, dialect, format!("{} {} {host}", head.method, head.uri))
    });
    let request = http::Request::put("/a?b").header("host", "app.example").body(()).unwrap();
    let refused = write_for(&writer, Rejection::Anonymous, Dialect::Http, &request);
    assert_eq!(refused.body(), "PUT /a?b app.example");
    // Without a request, the head is empty.
    let refused = write(&writer, Rejection::Anonymous, Dialect::Http);
    assert_eq!(refused.body(), "GET / ");
    let kept = writer.for_request(request.method(), request.uri(), request.headers()).unwrap();
    let mut late = write(&Empty, Rejection::Rotated, Dialect::Http);
    DeferredRefusal::mark(&mut late);
    render_deferred(&kept, Dialect::Http, &mut late);
    assert_eq!(
        (late.status(), late.body().as_str()),
        (StatusCode::CONFLICT, "PUT /a?b app.example")
    );
}

#[test]
fn xx_09_debug_of_a_kept_head_shows_no_more_than_the_method() {
    let writer = with_request(|_: &Rejection, _: Dialect, _: &RequestHead| Response::new(()));
    let request =
        http::Request::get("/hunter2?hunter2").header("cookie", "hunter2").body(()).unwrap();
    let kept = writer.for_request(request.method(), request.uri(), request.headers()).unwrap();
    let text = format!("{kept:?}");
    assert!(text.contains("GET") && !text.contains("hunter2"), "{text}");
}
