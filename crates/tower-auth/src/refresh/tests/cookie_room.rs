//! The cookie beside the browser's other cookies, and beside other cookies of the response.

use http::StatusCode;
use http::header::COOKIE;
use tower::{ServiceBuilder, service_fn};
use tower_auth_test::jar::{Initiator, Jar};

use super::client::{by_cookie, post, send};
use super::fixture::Fixture;
use crate::Cookies;

/// An earlier version set the cookie for a domain, and the browser sends only that cookie.
#[tokio::test]
async fn d46_a_cookie_in_an_old_scope_goes_with_the_first_exchange_and_with_a_revocation() {
    let name = "__Secure-renew";
    let url = http::Uri::from_static("https://www.app.example/auth/refresh");
    for scope in ["Domain=app.example; Path=/", "Domain=www.app.example; Path=/", "Path=/auth"] {
        let fixture = Fixture::with(|builder| builder.cookie_name(name));
        let mut jar = Jar::new();
        let first = fixture.as_cookie(&fixture.login().await);
        let line = format!("{name}={first}; Secure; HttpOnly; {scope}");
        jar.store(line.as_bytes(), &url, Initiator::SameSite, fixture.time.now()).unwrap();
        let request = |jar: &Jar| {
            let line = jar.header(&url, Initiator::SameSite, fixture.time.now()).unwrap();
            let request = post().header(COOKIE, line).header("host", "www.app.example");
            let request = request.header("sec-fetch-site", "same-origin");
            request.header("sec-fetch-mode", "cors").body(Default::default()).unwrap()
        };
        let take = |jar: &mut Jar, lines: Vec<String>| {
            for line in lines {
                let _ = jar.store(line.as_bytes(), &url, Initiator::SameSite, fixture.time.now());
            }
        };
        let mut other = jar.clone();
        for _ in 0..3 {
            fixture.later();
            let reply = send(fixture.refresh.endpoint(), request(&jar)).await;
            assert_eq!(reply.status, StatusCode::OK, "{scope}: {}", reply.body);
            take(&mut jar, reply.set_cookies());
            assert_eq!(jar.iter().count(), 1, "{scope}: {jar:?}");
        }
        let reply = send(fixture.refresh.revoke_endpoint(), request(&other)).await;
        assert_eq!(reply.status, StatusCode::OK);
        take(&mut other, reply.set_cookies());
        assert_eq!(other.iter().count(), 0, "{scope}: {other:?}");
    }
}

/// A middleware around the endpoint sets cookies until no other cookie fits.
#[tokio::test]
async fn without_room_for_its_cookie_nothing_is_rotated() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    let cookie = fixture.as_cookie(&first);
    let endpoint = fixture.refresh.endpoint();
    let crowded = service_fn(move |request: http::Request<http_body_util::Full<bytes::Bytes>>| {
        let cookies = Cookies::of(request.extensions()).unwrap();
        for name in ["a", "b"] {
            cookies.set((name, "x".repeat(4_050))).unwrap();
        }
        tower::ServiceExt::oneshot(endpoint.clone(), request)
    });
    let service = ServiceBuilder::new().layer(crate::CookieLayer::new()).service(crowded);
    fixture.steps();
    let reply = send(service, by_cookie(&cookie)).await;
    assert_ne!(reply.status, StatusCode::OK, "{}", reply.body);
    assert_eq!(reply.status, crate::Rejection::TooLarge.status());
    assert_eq!(fixture.steps().total(), 0, "refused before anything is consumed");
    // The client's token is still the newest.
    fixture.later();
    let reply = send(fixture.refresh.endpoint(), by_cookie(&cookie)).await;
    assert_eq!(reply.status, StatusCode::OK);
    let next = fixture.next(&first).await.unwrap();
    assert_eq!(reply.cookie(), fixture.as_cookie(&next));
}
