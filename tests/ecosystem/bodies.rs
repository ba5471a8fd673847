//! Bodies of all kinds, in requests and responses.

use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::COOKIE;
use http::{Request, Response, StatusCode};
use http_body_util::combinators::{BoxBody, UnsyncBoxBody};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Frame, Incoming};
use tower::{ServiceExt as _, service_fn};
use tower_auth::{
    CookieLayer, CsrfLayer, Dialect, Identity, Rejection, RequireLayer, SessionLayer, refuse,
};
use tower_layer::Layer as _;

use crate::fixture::Fixture;
use crate::wire::{BOTH, Connection, serve};

fn who<B>(request: &Request<B>) -> String {
    request.extensions().get::<Identity>().map_or("anonymous".into(), |it| it.subject().to_owned())
}

/// A body without a `Default`.
struct Page(Option<Bytes>);

impl Body for Page {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }
}

fn refused(rejection: &Rejection, dialect: Dialect) -> Response<Page> {
    refuse::respond(rejection, dialect, Page(Some(format!("no: {rejection}").into())))
}

#[tokio::test]
async fn a_body_without_a_default_is_refused_by_a_closure() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    let session = SessionLayer::builder(fixture.store.clone(), &fixture.keys);
    let layers = (
        CookieLayer::builder().refuse_with(refused).build().unwrap(),
        CsrfLayer::builder(&fixture.keys).refuse_with(refused).build().unwrap(),
        session.settings(&fixture.settings).refuse_with(refused),
        fixture.issuer.layer().refuse_with(refused).build().unwrap(),
        // A closure works as well as a function.
        RequireLayer::builder()
            .refuse_with(|rejection: &Rejection, dialect: Dialect| refused(rejection, dialect))
            .build()
            .unwrap(),
    );
    let layers = (layers.0, layers.1, layers.2.build().unwrap(), layers.3, layers.4);
    let handler = service_fn(async |request: Request<Incoming>| {
        Ok::<_, Infallible>(Response::new(Page(Some(who(&request).into()))))
    });
    let address = serve(layers.layer(handler)).await;
    for version in BOTH {
        let mut client = Connection::open(address, version).await;
        let known = ("cookie", &*cookie);
        assert_eq!(client.get("/", &[known]).await.text, "alice", "{version:?}");
        let (evil, garbage) = (("origin", "https://evil.example"), ("authorization", "Bearer x"));
        for (method, lines, status, text) in [
            ("GET", &[][..], 401, "no: authentication is required"),
            ("GET", &[garbage], 401, "no: the token is not accepted"),
            ("POST", &[known, evil], 403, "no: the request comes from another site"),
        ] {
            let reply = client.send(method, "/", lines, "").await;
            assert_eq!((reply.status.as_u16(), &*reply.text), (status, text), "{version:?}");
            assert_eq!(reply.header("cache-control"), Some("no-store"));
        }
        fixture.store.down();
        let unknown = client.get("/", &[known]).await;
        assert_eq!(unknown.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(unknown.text.starts_with("no: "));
        fixture.store.up();
    }
}

#[tokio::test]
async fn boxed_bodies() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    let layers = || {
        let inner = (fixture.session(), fixture.bearer(), RequireLayer::new());
        (CookieLayer::new(), fixture.csrf(), inner)
    };
    let shared = layers().layer(service_fn(async |request: Request<Incoming>| {
        let body = BoxBody::<Bytes, Infallible>::new(Full::from(who(&request)));
        Ok::<_, Infallible>(Response::new(body))
    }));
    // A body that is not `Sync`, with an error type of its own, around the request's body.
    let single = layers().layer(service_fn(async |request: Request<Incoming>| {
        let name = Full::<Bytes>::from(who(&request)).map_err(|never| match never {});
        Ok::<_, Infallible>(Response::new(UnsyncBoxBody::<Bytes, hyper::Error>::new(name)))
    }));
    for address in [serve(shared).await, serve(single).await] {
        for version in BOTH {
            let mut client = Connection::open(address, version).await;
            let reply = client.get("/", &[("cookie", &cookie)]).await;
            assert_eq!(reply.text, "alice", "{version:?}");
            let refused = client.get("/", &[]).await;
            assert_eq!((refused.status, &*refused.text), (StatusCode::UNAUTHORIZED, ""));
        }
    }
}

#[tokio::test]
async fn bodies_that_are_borrowed_or_stay_on_one_thread() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    let layers = (
        CookieLayer::new(),
        fixture.csrf(),
        fixture.session(),
        fixture.bearer(),
        RequireLayer::new(),
    );
    // Borrowed: neither `'static` nor a `Body` of http-body.
    let said = String::from("hello");
    let borrowed = layers.clone().layer(service_fn(async |request: Request<&str>| {
        Ok::<_, Infallible>(Response::new(format!("{} says {}", who(&request), request.body())))
    }));
    let request = Request::get("/").header(COOKIE, &cookie).body(said.as_str()).unwrap();
    assert_eq!(borrowed.oneshot(request).await.unwrap().into_body(), "alice says hello");

    // Neither `Send` nor `Clone`.
    struct Local(Rc<str>);
    let local = layers.layer(service_fn(async |request: Request<Local>| {
        let text = request.body().0.clone();
        Ok::<_, Infallible>(Response::new(Some(text)))
    }));
    let request = Request::get("/").header(COOKIE, &cookie).body(Local("here".into())).unwrap();
    assert_eq!(local.clone().oneshot(request).await.unwrap().into_body().as_deref(), Some("here"));
    let refused = local.oneshot(Request::new(Local("here".into()))).await.unwrap();
    assert_eq!((refused.status(), refused.body()), (StatusCode::UNAUTHORIZED, &None));
}
