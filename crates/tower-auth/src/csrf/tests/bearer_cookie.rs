//! Access tokens in a cookie, which a browser attaches to requests of other sites.

use std::convert::Infallible;

use http::{Request, Response, StatusCode};
use tower::{Layer, ServiceExt, service_fn};
use tower_auth_core::{AuthMethod, Identity, Misconfigured, Rejection};

use super::{block_on, issue, layer, request};
use crate::csrf::{CsrfLayer, CsrfLayerBuilder};
use crate::{BearerJwtLayer, JwtIssuer};

const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");

fn issuer() -> JwtIssuer {
    let issuer = JwtIssuer::builder("https://me.example", "https://api.example");
    issuer.generated_key("1").build().unwrap()
}

fn bearer(issuer: &JwtIssuer) -> BearerJwtLayer {
    issuer.layer().from_header("x-access-token").from_cookie("__Host-access").build().unwrap()
}

/// Sends a request through both layers to a handler that reports the method of the identity.
fn send(csrf: &CsrfLayer, bearer: &BearerJwtLayer, request: Request<()>) -> Response<String> {
    let handler = service_fn(async |request: Request<()>| {
        let method = request.extensions().get::<Identity>().map(Identity::method);
        Ok::<_, Infallible>(Response::new(method.map_or("none", AuthMethod::as_str).to_owned()))
    });
    block_on(csrf.layer(bearer.layer(handler)).oneshot(request)).unwrap()
}

#[test]
fn cs_18_a_token_in_a_cookie_is_checked_like_a_session() {
    let issuer = issuer();
    let bearer = bearer(&issuer);
    let token = issuer.mint(&Identity::local("alice").build()).unwrap().text;
    let in_cookie = format!("__Host-access={token}");
    let cookie = ("cookie", &*in_cookie);
    let plain = layer(|it| it);
    let listed = layer(|it| it.ambient_cookies(["__Host-access"]));
    let tokens = layer(CsrfLayerBuilder::require_token);
    let listed_tokens = layer(|it| it.require_token().ambient_cookies(["__Host-access"]));
    let ask = |csrf: &CsrfLayer, headers: &[(&str, &str)]| {
        send(csrf, &bearer, request("POST", "/", headers))
    };
    for csrf in [&plain, &listed] {
        assert_eq!(ask(csrf, &[cookie, SAME]).body(), "bearer_cookie");
        for elsewhere in ["cross-site", "same-site"] {
            let response = ask(csrf, &[cookie, ("sec-fetch-site", elsewhere)]);
            assert_eq!(response.status(), StatusCode::FORBIDDEN, "{elsewhere}");
        }
        let foreign = ask(csrf, &[cookie, ("origin", "https://evil.example")]);
        assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
        // No evidence of the sender.
        assert_eq!(ask(csrf, &[cookie]).status(), StatusCode::FORBIDDEN);
    }
    for csrf in [&tokens, &listed_tokens] {
        assert_eq!(ask(csrf, &[cookie, SAME]).status(), StatusCode::FORBIDDEN);
        // A header beside the cookie does not make the request explicit.
        let authorization = format!("Bearer {token}");
        let both = [cookie, ("authorization", &*authorization), SAME];
        assert_eq!(ask(csrf, &both).status(), StatusCode::FORBIDDEN);
        assert_eq!(ask(csrf, &both[1..]).body(), "bearer");
        let (csrf_token, own) = issue(csrf, &[&in_cookie]);
        let cookies = format!("{in_cookie}; {}", own.unwrap());
        let good = [("cookie", &*cookies), SAME, ("x-csrf-token", &*csrf_token)];
        assert_eq!(ask(csrf, &good).body(), "bearer_cookie");
    }
    // Another header exempts no request: a proxy may have added it by itself.
    let header = [("x-access-token", &*token), SAME];
    assert_eq!(ask(&tokens, &header).status(), StatusCode::FORBIDDEN);
    assert_eq!(ask(&plain, &header).body(), "bearer");
}

#[test]
fn cs_18_d22_a_cookie_that_the_csrf_layer_does_not_count_is_500() {
    let issuer = issuer();
    let bearer = bearer(&issuer);
    let token = issuer.mint(&Identity::local("alice").build()).unwrap().text;
    let narrow = layer(|it| it.ambient_cookies(["mine"]));
    for method in ["GET", "POST"] {
        let sent = [("cookie", &*format!("__Host-access={token}")), SAME];
        let response = send(&narrow, &bearer, request(method, "/", &sent));
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{method}");
        let Some(Rejection::Misconfigured(Misconfigured { layer, problem })) =
            response.extensions().get()
        else {
            panic!("{:?}", response.extensions())
        };
        assert_eq!(*layer, "BearerJwtLayer");
        assert!(problem.contains(".ambient_cookies"), "{problem}");
        // Other requests are not affected.
        let line = format!("Bearer {token}");
        let explicit = request(method, "/", &[("authorization", &line), SAME]);
        assert_eq!(send(&narrow, &bearer, explicit).body(), "bearer");
        assert_eq!(send(&narrow, &bearer, request(method, "/", &[SAME])).body(), "none");
    }
}

#[test]
fn cs_18_d22_a_csrf_layer_inside_of_a_layer_that_reads_a_cookie_is_500() {
    let issuer = issuer();
    let bearer = bearer(&issuer);
    let token = issuer.mint(&Identity::local("alice").build()).unwrap().text;
    let narrow = layer(|it| it.ambient_cookies(["__Host-access"]));
    let handler = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::default()));
    let send = |header: (&str, &str)| {
        let service = bearer.layer(narrow.layer(handler));
        let response: Response<String> =
            block_on(service.oneshot(request("POST", "/", &[header, SAME]))).unwrap();
        response.status()
    };
    let cookie = format!("__Host-access={token}");
    assert_eq!(send(("cookie", &cookie)), StatusCode::INTERNAL_SERVER_ERROR);
    let line = format!("Bearer {token}");
    assert_eq!(send(("authorization", &line)), StatusCode::OK);
}
