//! CSRF tokens in a browser whose only credential is the refresh token's cookie.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use tower::{ServiceBuilder, service_fn};
use tower_auth_test::EventLog;

use super::client::{Reply, by_cookie, send};
use super::fixture::{Fixture, NAME, alice, text};
use crate::{CsrfLayer, CsrfToken, KeyRing, RefreshLayer};

async fn ask(fixture: &Fixture, path: &str, cookies: &str, token: Option<&str>) -> Reply {
    // Without `Origin` and `Sec-Fetch-Site`, the token decides.
    let mut request = Request::post(path).header("cookie", cookies);
    if let Some(token) = token {
        request = request.header("x-csrf-token", token);
    }
    serve(fixture, request.body(Full::default()).unwrap()).await
}

/// `/login` logs in, and every page contains a CSRF token.
async fn serve(fixture: &Fixture, request: Request<Full<Bytes>>) -> Reply {
    let refresh = fixture.refresh.clone();
    let handler = service_fn(move |request: Request<Full<Bytes>>| {
        let refresh = refresh.clone();
        async move {
            if request.uri().path() == "/login" {
                let tokens = refresh.begin(&alice(), None).await.unwrap();
                refresh.set_cookie(request.extensions(), &tokens).unwrap();
            }
            let token = CsrfToken::of(request.extensions()).unwrap().issue().unwrap();
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(token)))
        }
    });
    let csrf = CsrfLayer::builder(&fixture.keys).ambient_cookies(["other"]).build().unwrap();
    send(ServiceBuilder::new().layer(csrf).service(handler), request).await
}

#[tokio::test]
async fn a_csrf_layer_with_another_ring_is_a_misconfiguration_where_a_cookie_is_exchanged() {
    let log = EventLog::new();
    let fixture = Fixture::with_settings(|it| it.events(log.events()));
    let token = fixture.login().await;
    log.take();
    fixture.steps();
    let exchange = async |keys: &KeyRing| {
        let layers = ServiceBuilder::new().layer(CsrfLayer::new(keys));
        let app = layers.layer(RefreshLayer::new(fixture.refresh.clone()));
        let app = app.service(service_fn(async |_| {
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
        }));
        let cookie = format!("{NAME}={}", fixture.as_cookie(&token));
        let request = Request::post("/auth/refresh").header("cookie", cookie);
        let request = request.header("sec-fetch-site", "same-origin");
        send(app, request.body(Full::default()).unwrap()).await.status
    };
    assert_eq!(exchange(&KeyRing::random()).await, StatusCode::INTERNAL_SERVER_ERROR);
    let told = log.take().concat();
    assert!(told.contains("RefreshLayer") && told.contains("KeyRing"), "{told}");
    assert_eq!(fixture.steps().total(), 0, "nothing was consumed");
    assert_eq!(exchange(&KeyRing::insecure_from_seed(7)).await, StatusCode::OK);
}

#[tokio::test]
async fn cs_09_cs_10_a_token_is_bound_to_the_family_and_a_login_ends_those_from_before() {
    let fixture = Fixture::new();
    let page = ask(&fixture, "/", "", None).await;
    let before = page.body.clone();
    let pre = page.set_cookies().remove(0).split(';').next().unwrap().to_owned();
    assert_eq!(ask(&fixture, "/", &pre, Some(&before)).await.status, StatusCode::OK);

    let login = ask(&fixture, "/login", &pre, Some(&before)).await;
    let lines = login.set_cookies();
    assert!(lines.iter().any(|it| it.starts_with("__Host-csrf=; ")), "{lines:?}");
    let held = lines.iter().find(|it| it.starts_with(NAME)).unwrap();
    let held = held.split(';').next().unwrap().to_owned();
    // The token in the login's own response is valid, and stays valid after an exchange.
    assert_eq!(ask(&fixture, "/", &held, Some(&login.body)).await.status, StatusCode::OK);
    let next = send(fixture.refresh.endpoint(), by_cookie(held.split_once('=').unwrap().1)).await;
    let next = format!("{NAME}={}", next.cookie());
    let page = ask(&fixture, "/", &next, Some(&login.body)).await;
    assert_eq!((page.status, page.set_cookies().len()), (StatusCode::OK, 0));

    // A token from before the login is invalid, and so is another login's token, or none: the
    // cookie is a credential, whatever names `ambient_cookies` has.
    let other = text(&fixture.refresh.begin(&alice(), None).await.unwrap());
    let other = format!("{NAME}={}", fixture.as_cookie(&other));
    for (cookies, token) in [(&held, Some(&before)), (&other, Some(&login.body)), (&held, None)] {
        let reply = ask(&fixture, "/", cookies, token.map(String::as_str)).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn cs_09_who_knows_a_familys_name_alone_gets_no_token_that_is_bound_to_it() {
    let fixture = Fixture::new();
    let held = fixture.as_cookie(&fixture.login().await);
    // The family's id is not secret: logs contain it. The secret is the MAC, the last 16 bytes.
    let forged = format!("{}{}", &held[..held.len() - 22], "A".repeat(22));
    let page = async |token: &str| {
        let request = Request::get("/").header("cookie", format!("{NAME}={token}"));
        serve(&fixture, request.body(Full::default()).unwrap()).await
    };
    let held = [held.as_str(), &forged];
    for (token, status) in held.into_iter().zip([StatusCode::OK, StatusCode::FORBIDDEN]) {
        let page = page(token).await;
        assert_eq!(page.status, StatusCode::OK);
        let reply = ask(&fixture, "/", &format!("{NAME}={}", held[0]), Some(&page.body)).await;
        assert_eq!(reply.status, status);
    }
}

#[tokio::test]
async fn cs_09_the_family_binds_before_a_planted_pre_session_cookie() {
    let fixture = Fixture::new();
    // The attacker's own cookie, validly signed, and its matching token.
    let page = ask(&fixture, "/", "", None).await;
    let planted = page.set_cookies().remove(0).split(';').next().unwrap().to_owned();
    let held = format!("{NAME}={}", fixture.as_cookie(&fixture.login().await));
    let other = format!("{NAME}={}", fixture.as_cookie(&fixture.login().await));
    let get = |cookies: &str| Request::get("/").header("cookie", cookies).body(Full::default());
    let of_victim = serve(&fixture, get(&held).unwrap()).await.body;
    for cookies in [format!("{held}; {planted}"), format!("{planted}; {held}")] {
        let planted = ask(&fixture, "/", &cookies, Some(&page.body)).await;
        assert_eq!(planted.status, StatusCode::FORBIDDEN);
        let own = ask(&fixture, "/", &cookies, Some(&of_victim)).await;
        assert_eq!(own.status, StatusCode::OK);
    }
    // The same family twice counts once, junk is ignored, and two families count as none.
    for (cookies, status) in [
        (format!("{held}; {held}"), StatusCode::OK),
        (format!("{NAME}=junk; {held}"), StatusCode::OK),
        (format!("{held}; {other}"), StatusCode::FORBIDDEN),
    ] {
        assert_eq!(
            ask(&fixture, "/", &cookies, Some(&of_victim)).await.status,
            status,
            "{cookies}"
        );
    }
    let conflict = format!("{held}; {other}; {planted}");
    assert_eq!(ask(&fixture, "/", &conflict, Some(&page.body)).await.status, StatusCode::OK);
}
