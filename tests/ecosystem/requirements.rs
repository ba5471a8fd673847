//! Requirements on every answer of the assembled stack, on the wire.

use std::convert::Infallible;

use axum::Router;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use serde_json::Value;
use tower::service_fn;
use tower_auth::refuse::Problem;
use tower_auth::{
    CookieLayer, CsrfLayer, CsrfToken, Identity, KeyRing, RequireLayer, Session, SessionLayer,
};
use tower_layer::Layer as _;

use crate::fixture::Fixture;
use crate::hyper_bare::handle;
use crate::routes::{routes, send};
use crate::wire::{BOTH, Connection, Reply, serve};

/// The headers by which proxies name a user, an address and a request's intention.
const FORWARDED: [(&str, &str); 14] = [
    ("forwarded", "for=127.0.0.1;host=evil.example;proto=https"),
    ("x-forwarded-for", "127.0.0.1"),
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-user", "alice"),
    ("x-forwarded-email", "alice@app.example"),
    ("x-auth-request-user", "alice"),
    ("x-real-ip", "127.0.0.1"),
    ("x-remote-user", "alice"),
    ("remote-user", "alice"),
    ("x-user-id", "alice"),
    ("x-original-url", "/public"),
    ("x-http-method-override", "GET"),
    ("x-identity", "{\"subject\":\"alice\"}"),
];

#[tokio::test]
async fn xx_05_no_one_can_set_what_a_proxy_would_say() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    let address = serve(fixture.whole().layer(service_fn(handle))).await;
    for version in BOTH {
        let mut client = Connection::open(address, version).await;
        for all in FORWARDED.map(|one| vec![one]).into_iter().chain([FORWARDED.to_vec()]) {
            // The headers do not authenticate a request.
            assert_eq!(client.get("/", &all).await.text, "anonymous", "{version:?} {all:?}");
            // They do not turn a page of another site into one of ours.
            let mut forged = all.clone();
            forged.extend([("cookie", &*cookie), ("origin", "https://evil.example")]);
            let reply = client.send("POST", "/count", &forged, "").await;
            assert_eq!(reply.status, StatusCode::FORBIDDEN, "{version:?} {all:?}");
            // They do not harm a page of ours.
            let mut own = all.clone();
            own.push(("cookie", &cookie));
            assert_eq!(client.post("/", &own, "").await.text, "alice via session");
        }
    }
    assert_eq!(fixture.look(&cookie).await, "alice 0");
}

#[tokio::test]
async fn xx_05_a_trusted_proxy_is_believed_and_no_one_beside_it() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    // The proxy proves itself by a secret that no client has.
    let csrf = CsrfLayer::builder(&fixture.keys).trusted_proxy(|parts| {
        parts.headers.get("x-proxy-secret").is_some_and(|it| it == "sesame")
    });
    let layers = (CookieLayer::new(), csrf.build().unwrap(), fixture.session());
    let address = serve(layers.layer(service_fn(handle))).await;
    for version in BOTH {
        let mut client = Connection::open(address, version).await;
        let says = [
            ("cookie", &*cookie),
            ("origin", "https://app.example"),
            ("x-forwarded-host", "app.example"),
            ("x-forwarded-proto", "https"),
        ];
        let stranger = client.send("POST", "/", &says, "").await;
        assert_eq!(stranger.status, StatusCode::FORBIDDEN, "{version:?}");
        let proxy = [&says[..], &[("x-proxy-secret", "sesame")]].concat();
        let proxied = client.send("POST", "/", &proxy, "").await;
        assert_eq!(proxied.text, "alice via session", "{version:?}");
        // With the client's own header there are two values, and then the layer trusts neither.
        let twice = [&proxy[..], &[("x-forwarded-host", "evil.example")]].concat();
        assert_eq!(client.send("POST", "/", &twice, "").await.status, StatusCode::FORBIDDEN);
    }
}

/// Asserts that there is no body, or that its declared type is correct.
fn is_typed(reply: &Reply, problem: bool) {
    let kinds: Vec<_> = reply.headers.get_all(CONTENT_TYPE).iter().collect();
    if reply.text.is_empty() {
        assert!(!problem && kinds.is_empty(), "{reply:?}");
        return;
    }
    // JSON is UTF-8 by definition (RFC 8259, 8.1), and its types have no `charset`.
    let json: Value = serde_json::from_str(&reply.text).unwrap();
    if json.get("error").is_some() {
        assert_eq!(kinds, ["application/json"], "{reply:?}");
    } else {
        assert_eq!(kinds, ["application/problem+json"], "{reply:?}");
        assert_eq!(json["status"], reply.status.as_u16());
    }
}

#[tokio::test]
async fn xx_06_xx_09_every_error_says_what_it_is_and_repeats_nothing() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    let hello = |_: Request<Incoming>| async {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("hello")))
    };
    let session = SessionLayer::builder(fixture.store.clone(), &fixture.keys);
    let session = session.settings(&fixture.settings);
    let problems = (
        CookieLayer::builder().refuse_with(Problem).build().unwrap(),
        CsrfLayer::builder(&fixture.keys).refuse_with(Problem).build().unwrap(),
        fixture.refresh(),
        session.refuse_with(Problem).build().unwrap(),
        fixture.issuer.layer().refuse_with(Problem).build().unwrap(),
        RequireLayer::builder().scope("marker-scope").refuse_with(Problem).build().unwrap(),
    );
    let scope = RequireLayer::builder().scope("marker-scope").build().unwrap();
    let problems = serve(problems.layer(service_fn(hello))).await;
    let empty = serve((fixture.whole(), scope).layer(service_fn(hello))).await;

    let known = ("cookie", &*cookie);
    let own = ("sec-fetch-site", "same-origin");
    let json = ("content-type", "application/json");
    let marker = ("authorization", "Bearer marker");
    let both = [("authorization", "Bearer marker"), ("authorization", "Bearer marker")];
    let evil = [known, ("origin", "https://marker.example")];
    for (address, problem) in [(problems, true), (empty, false)] {
        for version in BOTH {
            let mut client = Connection::open(address, version).await;
            for (method, path, lines, status) in [
                ("GET", "/marker", &[][..], 401),
                ("GET", "/?marker", &[marker], 401),
                ("GET", "/", &both, 400),
                ("POST", "/", &evil, 403),
                ("GET", "/", &[known], 403),
                ("POST", "/auth/refresh", &[own, json], 400),
                ("GET", "/auth/refresh", &[], 405),
            ] {
                let body = if method == "POST" { r#"{"refresh_token":"marker"}"# } else { "" };
                let reply = client.send(method, path, lines, body).await;
                assert_eq!(reply.status.as_u16(), status, "{version:?} {path} {reply:?}");
                is_typed(&reply, problem && !path.starts_with("/auth/"));
                let headers = format!("{:?}", reply.headers);
                // Only the challenge names a missing scope (RFC 6750, 3.1).
                assert!(!reply.text.contains("marker") && !headers.contains("marker"));
                assert!(!reply.headers.contains_key(SET_COOKIE), "{reply:?}");
            }
            fixture.store.down();
            let unknown = client.get("/", &[known]).await;
            assert_eq!(unknown.status, StatusCode::SERVICE_UNAVAILABLE);
            is_typed(&unknown, problem);
            fixture.store.up();
        }
    }
}

/// Every unauthenticated request receives the same answer, whatever its credential. So a client
/// learns nothing about the store.
#[tokio::test]
async fn xx_09_who_is_not_known_is_not_known_in_one_way() {
    let fixture = Fixture::new();
    let guarded = (fixture.whole(), RequireLayer::new());
    let handler = service_fn(async |request: Request<Incoming>| {
        let who = request.extensions().get::<Identity>().unwrap();
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(who.subject().to_owned())))
    });
    let address = serve(guarded.layer(handler)).await;
    let (live, other) = (fixture.log_in("alice").await, fixture.log_in("bob").await);
    let mut forged = live.clone();
    let last = forged.pop().unwrap();
    forged.insert(forged.len() - 30, if last == 'A' { 'B' } else { 'A' });
    for version in BOTH {
        let mut client = Connection::open(address, version).await;
        // A script of the page sends the request, so that no cookie is removed.
        let ask = async |client: &mut Connection, cookie: &str| {
            let lines =
                [("cookie", cookie), ("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")];
            let reply = client.get("/", &lines).await;
            let mut headers: Vec<_> =
                reply.headers.iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
            headers.retain(|line| !line.starts_with("date: "));
            (reply.status, headers, reply.text)
        };
        let anonymous = ask(&mut client, "theme=dark").await;
        assert_eq!(anonymous.0, StatusCode::UNAUTHORIZED);
        assert_eq!(ask(&mut client, &forged).await, anonymous);
        assert_eq!(ask(&mut client, "__Host-session=x").await, anonymous);
        assert_eq!(ask(&mut client, &format!("{live}; {other}")).await, anonymous);
        assert_eq!(ask(&mut client, &live).await.2, "alice");
    }
}

#[tokio::test]
async fn xx_03_one_ring_turns_for_the_whole_stack() {
    let fixture = Fixture::new();
    let cookie = fixture.log_in("alice").await;
    let stack = |keys: &KeyRing| {
        let csrf = CsrfLayer::builder(keys).require_token().build().unwrap();
        let session = SessionLayer::builder(fixture.store.clone(), keys);
        let session = session.settings(&fixture.settings);
        let routes = routes().route("/roles", axum::routing::post(roles));
        routes.layer((CookieLayer::new(), csrf, session.build().unwrap(), fixture.bearer()))
    };
    // Renews the secret, and issues a token that is bound to it.
    async fn roles(session: Session, token: CsrfToken) -> String {
        let me = session.identity().unwrap().unwrap();
        session.update_identity(me.to_builder().role("editor").build()).unwrap();
        token.issue().unwrap()
    }
    let ring = |seeds: &[u64]| KeyRing::insecure_from_seeds(seeds.iter().copied());
    let old = stack(&fixture.keys);
    let token = send(&old, Method::GET, "/token", &[("cookie", &cookie)]).await;
    let count = async |app: &Router, cookie: &str, token: &str| {
        let lines =
            [("cookie", cookie), ("sec-fetch-site", "same-origin"), ("x-csrf-token", token)];
        send(app, Method::POST, "/count", &lines).await
    };
    assert_eq!(count(&old, &cookie, token.text()).await.text(), "1");

    // The new key signs, and the old one still verifies: no user is logged out, and no form is
    // lost.
    let both = stack(&ring(&[8, 7]));
    assert_eq!(count(&both, &cookie, token.text()).await.text(), "2");
    // No answer sends the same secret again under the new key: it could arrive after that of a
    // login.
    let read = send(&both, Method::GET, "/token", &[("cookie", &cookie)]).await;
    assert!(read.session().is_none());
    let lines =
        [("cookie", &*cookie), ("sec-fetch-site", "same-origin"), ("x-csrf-token", read.text())];
    let fresh = send(&both, Method::POST, "/roles", &lines).await;
    let renewed = fresh.session().unwrap();
    assert_ne!(renewed, cookie);

    // The old key is removed, with everything that it signed. Everything that the new key signed
    // stays.
    let new = stack(&ring(&[8]));
    assert_eq!(count(&new, &renewed, fresh.text()).await.text(), "3");
    assert_eq!(count(&new, &renewed, token.text()).await.status, StatusCode::FORBIDDEN);
    let me = send(&new, Method::GET, "/me", &[("cookie", &cookie)]).await;
    assert_eq!(me.status, StatusCode::UNAUTHORIZED);
    let me = send(&new, Method::GET, "/me", &[("cookie", &renewed)]).await;
    assert_eq!(me.text(), "alice via session");
}
