//! Correct applications, and the options of a row.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use http::header::AUTHORIZATION;
use http::{HeaderMap, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt as _, Empty, Full};
use tower::service_fn;

use super::app::Guard;
use super::*;

#[tokio::test]
async fn the_right_application_passes() {
    try_all(&table(), App::right()).await.unwrap();
}

#[tokio::test]
#[should_panic(expected = "without a row")]
async fn an_empty_table_is_a_mistake() {
    let _ = try_all(&Routes::from_iter([]), App::right()).await;
}

#[tokio::test]
async fn without_csrf_no_request_from_another_site_is_tried() {
    let app = App { csrf: false, ..App::right() };
    assert_eq!(faults(&table().without_csrf(), app).await, [""; 0]);
}

#[tokio::test]
async fn without_a_login_page_a_page_answers_401() {
    let page = || Routes::from_iter([Route::page(Method::GET, "/account", Access::Authenticated)]);
    let answers_401 = App::right().with("GET /account", Guard::Login);
    try_all(&page(), answers_401).await.unwrap();
    // A 303 that the table does not expect may be the page's own.
    let found = faults(&page(), App::right()).await;
    assert_eq!(found, ["GET /account: unguarded"]);
    // A redirect to another address is not a redirect to the login page.
    let found = faults(&page().login_page("/log-in"), App::right()).await;
    assert_eq!(found, ["GET /account: unguarded"]);
}

#[tokio::test]
async fn a_row_may_be_open_to_other_sites() {
    let open = |route: Route| Routes::from_iter([route.open_to_other_sites()]);
    let closed_app = || App::right();
    let open_app = || App { csrf: false, ..App::right() };
    for route in [
        Route::api(Method::POST, "/login", Access::Public),
        Route::api(Method::GET, "/", Access::Public),
        Route::grpc("/app.v1.Reports/List", Access::Scope("reports:read")),
    ] {
        assert_eq!(faults(&open(route), open_app()).await, [""; 0]);
    }
    let hook = Route::api(Method::POST, "/login", Access::Public);
    let found = faults(&open(hook), closed_app()).await;
    assert_eq!(found, ["POST /login: other_site_refused"; 2]);
}

#[tokio::test]
async fn a_row_may_name_its_status() {
    let row = |status: u16| {
        let route = Route::api(Method::GET, "/", Access::Public);
        Routes::from_iter([route.answers(StatusCode::from_u16(status).unwrap())])
    };
    assert_eq!(faults(&row(200), App::right()).await, [""; 0]);
    assert_eq!(faults(&row(204), App::right()).await, ["GET /: other_status"; 4]);
    let gone = App::right().with("GET /", Guard::Always(404));
    // The application answers the handshake with 403.
    assert_eq!(faults(&row(404), gone).await, [""; 0]);
}

#[tokio::test]
async fn each_demand_is_left_out_once_and_each_alternative_is_tried() {
    let seen = Mutex::new(Vec::new());
    let log = async |user: Option<&Identity>, _: &mut Parts| {
        seen.lock().unwrap().push(user.map_or("-".into(), |user| {
            user.roles().chain(user.scopes()).collect::<Vec<_>>().join(" ")
        }));
    };
    let access = Access::All(&[
        Access::Authenticated,
        Access::AnyRole(&["admin", "editor"]),
        Access::Scope("reports:write"),
    ]);
    let table = Routes::from_iter([Route::api(Method::GET, "/", access)]).without_csrf();
    let _ = table.check(&TestClient::new(App::right().service()), log).await;
    let expected = ["-", "reports:write", "admin", "admin reports:write", "editor reports:write"];
    assert_eq!(*seen.lock().unwrap(), expected);
}

/// Returns the requests that a service receives for these rows.
async fn requests(table: &Routes) -> Vec<(Parts, Bytes)> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    let service = service_fn(move |request: Request<Full<Bytes>>| {
        let log = log.clone();
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            log.lock().unwrap().push((parts, body));
            Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
        }
    });
    let token = async |user: Option<&Identity>, request: &mut Parts| {
        if user.is_some() {
            request.headers.insert(AUTHORIZATION, "Bearer token".parse().unwrap());
        }
    };
    let client = TestClient::new(service).base("https://shop.example");
    let _ = table.check(&client, token).await;
    std::mem::take(&mut *seen.lock().unwrap())
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("-", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn requests_are_what_browsers_send() {
    let table = Routes::from_iter([
        Route::page(Method::GET, "/posts/{id}/{*rest}", Access::Public),
        Route::api(Method::PUT, "/posts/{id}", Access::Authenticated)
            .path("/posts/7?draft")
            .header("x-csrf-token", "t")
            .header("origin", "https://shop.example")
            .json(&1),
    ]);
    let names = ["sec-fetch-site", "sec-fetch-mode", "origin", "authorization", "upgrade"];
    let lines: Vec<_> = requests(&table)
        .await
        .iter()
        .map(|(head, body)| {
            assert_eq!(header(&head.headers, "host"), "shop.example");
            let headers = names.map(|name| header(&head.headers, name)).join(" ");
            let body = String::from_utf8(body.to_vec()).unwrap();
            format!("{} {} {headers} {body}", head.method, head.uri)
        })
        .collect();
    let (own, evil) = ("https://shop.example", "https://evil.example");
    let expected = [
        "GET /posts/id/rest same-origin navigate - - - ".to_owned(),
        "GET /posts/id/rest cross-site navigate - - - ".to_owned(),
        "GET /posts/id/rest cross-site navigate - Bearer token - ".to_owned(),
        format!("GET /posts/id/rest cross-site websocket {evil} Bearer token websocket "),
        "GET /posts/id/rest same-origin navigate - Bearer token - ".to_owned(),
        format!("PUT /posts/7?draft same-origin cors {own} - - 1"),
        format!("PUT /posts/7?draft cross-site cors {evil} Bearer token - 1"),
        format!("PUT /posts/7?draft same-origin cors {own} Bearer token - 1"),
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn a_grpc_client_names_no_site_and_sends_an_empty_message() {
    let table = Routes::from_iter([Route::grpc("/app.v1.Reports/List", Access::Public)]);
    let requests = requests(&table).await;
    for (head, body) in &requests {
        assert_eq!(header(&head.headers, "content-type"), "application/grpc");
        assert_eq!(header(&head.headers, "te"), "trailers");
        assert_eq!(body[..], [0; 5]);
    }
    let sites: Vec<_> =
        requests.iter().map(|(head, _)| header(&head.headers, "sec-fetch-site")).collect();
    assert_eq!(sites, ["-", "cross-site", "cross-site", "-"]);
}

/// A body with one message and no end.
struct Endless(Option<Bytes>);

impl Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.take().map_or(Poll::Pending, |message| Poll::Ready(Some(Ok(Frame::data(message)))))
    }
}

#[tokio::test]
async fn a_stream_without_an_end_passes_with_its_first_message() {
    let service = service_fn(async |_: Request<Full<Bytes>>| {
        let response = Response::builder().header("content-type", "application/grpc");
        let body = Endless(Some(Bytes::from_static(&[0; 5])));
        Ok::<_, Infallible>(response.body(body).unwrap())
    });
    let table = Routes::from_iter([Route::grpc("/app.v1.Reports/Watch", Access::Public)]);
    table.without_csrf().check(&TestClient::new(service), with_identity).await.unwrap();
}

#[tokio::test]
async fn a_status_in_the_trailers_is_read() {
    let service = |status: &'static str| {
        service_fn(move |_: Request<Full<Bytes>>| async move {
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", status.parse().unwrap());
            let body = Empty::<Bytes>::new().with_trailers(async { Some(Ok(trailers)) });
            let response = Response::builder().header("content-type", "application/grpc");
            Ok::<_, Infallible>(response.body(Box::pin(body)).unwrap())
        })
    };
    let table = Routes::from_iter([Route::grpc("/app.v1.Reports/List", Access::Public)]);
    let table = table.without_csrf();
    for (status, fault) in [
        ("0", None),
        ("3", None),
        ("7", Some(Fault::Refused)),
        ("16", Some(Fault::Refused)),
        ("12", Some(Fault::NotRouted)),
        ("13", Some(Fault::Failed)),
    ] {
        let checked = table.check(&TestClient::new(service(status)), with_identity).await;
        let found = checked.err().map(|it| it.iter().next().unwrap().fault());
        assert_eq!(found, fault, "{status}");
    }
}

#[tokio::test]
async fn a_service_that_fails_is_reported() {
    let service = service_fn(async |_: Request<Full<Bytes>>| {
        Err::<Response<Empty<Bytes>>, _>("out of order")
    });
    let table = Routes::from_iter([Route::api(Method::GET, "/", Access::Public)]);
    let text = table.check(&TestClient::new(service), with_identity).await.unwrap_err();
    assert!(format!("{text:?}").contains("failed: without a credential"), "{text}");
    assert!(text.to_string().contains("out of order"), "{text}");
}
