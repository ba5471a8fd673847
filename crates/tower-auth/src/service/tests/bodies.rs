//! Bodies that layers change.

use std::convert::Infallible;
use std::future::ready;

use http::{Request, Response};
use tower::service_fn;
use tower_auth_core::refuse::Empty;

use super::endpoint::{Endpoint, Form, Replay, Stream, Watched};
use super::fakes::{Log, Sessions, csrf};
use super::handler::request;
use super::{Body, on, pair, send};

#[test]
fn a_request_body_changes_on_the_way_in_and_a_response_body_on_the_way_out() {
    let app = || {
        service_fn(|request: Request<Replay<Body>>| {
            let body = match request.into_body() {
                Replay::Read(read) => [b"read ".to_vec(), read].concat(),
                Replay::Untouched(_) => b"untouched".to_vec(),
            };
            ready(Ok::<_, Infallible>(Response::new(body)))
        })
    };
    let combined = || on(pair(csrf(), pair(Form, pair(Stream, Sessions(Empty)))), app());
    let nested = || on(csrf(), on(Form, on(Stream, on(Sessions(Empty), app()))));
    let cases: [(&[_], u16, &str, bool); 5] = [
        (&[("x-form", "")], 200, "read csrf=1", true),
        (&[("x-form", ""), ("sid", "store")], 200, "read csrf=1", true),
        (&[("sid", "store")], 200, "untouched", true),
        (&[("sid", "down")], 503, "", true),
        (&[("x-cross", "")], 401, "", false),
    ];
    for (line, status, body, live) in cases {
        let request = || request(line, "/", &Log::default());
        let one: Response<Watched<Body>> = send(combined(), request());
        let other: Response<Watched<Body>> = send(nested(), request());
        assert_eq!(one.status(), status, "{line:?}");
        assert_eq!(*one.body(), Watched { body: body.as_bytes().to_vec(), live }, "{line:?}");
        assert_eq!((one.status(), one.headers()), (other.status(), other.headers()));
        assert_eq!(one.body(), other.body());
    }
}

#[test]
fn an_endpoint_inside_gets_the_changed_body_and_its_answer_is_wrapped() {
    let app = service_fn(|_: Request<Replay<Body>>| {
        ready(Ok::<_, Infallible>(Response::new(Body::new())))
    });
    let stack = on(pair(pair(Stream, Form), Endpoint), app);
    let response = send(stack, request(&[("x-form", "")], "/token", &Log::default()));
    assert_eq!(*response.body(), Watched { body: b"csrf=1".to_vec(), live: true });
}
