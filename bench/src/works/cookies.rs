use std::hint::black_box;

use http::header::SET_COOKIE;
use tower::{Layer as _, service_fn};
use tower_auth::{CookieLayer, Cookies, KeyRing};

use super::requests::{alone, get, pair, with_cookie, with_twenty_cookies};
use crate::Work;
use crate::call::{Reply, Request, Response, answer, bare, calls};

pub(crate) const WORKS: &[Work] = &[
    Work::new("cookies: twenty, none read", twenty_alone, || {
        calls(CookieLayer::new().layer(service_fn(bare)), with_twenty_cookies())
    })
    .aims(1_100)
    .allocates(5),
    Work::new("cookies: twenty, one read", twenty_alone, || {
        calls(CookieLayer::new().layer(service_fn(read_one)), with_twenty_cookies())
    })
    .aims(12_000)
    .allocates(6),
    Work::new("cookies: a signed one read", signed_alone, || {
        calls(keyed().layer(service_fn(read_signed)), signed())
    })
    .aims(10_000),
];

fn twenty_alone() -> crate::Call {
    alone(with_twenty_cookies())
}

async fn read_one(request: Request) -> Reply {
    let cookies = Cookies::of(request.extensions()).expect("a layer around the handler");
    assert_eq!(black_box(cookies.get("cookie10")).expect("the cookie").value(), "value10");
    Ok(Response::default())
}

fn keyed() -> CookieLayer {
    CookieLayer::builder().keys(&KeyRing::insecure_from_seed(7)).build().expect("sound")
}

fn signed() -> Request {
    let write = |request: Request| async move {
        let cookies = Cookies::of(request.extensions()).expect("a layer around the handler");
        cookies
            .signed()
            .expect("a layer with keys")
            .set(("user", "alice"))
            .expect("an unsent response");
        Ok(Response::default())
    };
    let response = answer(&mut keyed().layer(service_fn(write)), get(&[]));
    with_cookie(pair(&response.headers()[SET_COOKIE]))
}

fn signed_alone() -> crate::Call {
    alone(signed())
}

async fn read_signed(request: Request) -> Reply {
    let cookies = Cookies::of(request.extensions()).expect("a layer around the handler");
    let read = cookies.signed().expect("a layer with keys").get("user");
    assert_eq!(black_box(read).expect("the cookie").value(), "alice");
    Ok(Response::default())
}
