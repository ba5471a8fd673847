//! Properties that hold for any bytes.

use http::header::{COOKIE, HeaderName, ORIGIN};
use http::{HeaderValue, Method, Request};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{layer, ring, through, verdict};
use crate::csrf::{CsrfLayer, CsrfLayerBuilder};

const NAMES: [&str; 13] = [
    "host",
    "cookie",
    "authorization",
    "content-type",
    "x-csrf-token",
    "referer",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-port",
    "forwarded",
    "x-http-method-override",
    "sec-fetch-mode",
    "accept",
];

/// Any value that a client can send; the relevant values are more frequent.
fn value() -> impl Strategy<Value = HeaderValue> {
    let known = prop::sample::select(
        &[
            "same-origin",
            "none",
            "app.example",
            "https://app.example",
            "https://admin.example",
            "https",
            "application/json",
            "__Host-session=x",
            "Bearer x",
            "evil.example",
            "8443",
            "host=app.example;proto=https",
            "host=\"app.example:8443\", for=\"_\\\"a\";proto=http",
        ][..],
    );
    let bytes =
        vec(any::<u8>(), 0..80).prop_filter_map("a header", |it| HeaderValue::from_bytes(&it).ok());
    prop_oneof![known.prop_map(HeaderValue::from_static), bytes]
}

fn headers() -> impl Strategy<Value = Vec<(&'static str, HeaderValue)>> {
    vec((prop::sample::select(&NAMES[..]), value()), 0..8)
}

fn unsafe_method() -> impl Strategy<Value = Method> {
    "[A-Za-z]{1,8}"
        .prop_map(|it| Method::from_bytes(it.as_bytes()).unwrap())
        .prop_filter("unsafe", |it| !["GET", "HEAD", "OPTIONS"].contains(&it.as_str()))
}

fn request(method: Method, headers: &[(&'static str, HeaderValue)]) -> Request<()> {
    let mut request = Request::new(());
    *request.method_mut() = method;
    for (name, value) in headers {
        request.headers_mut().append(HeaderName::from_static(name), value.clone());
    }
    request
}

fn layers() -> [CsrfLayer; 5] {
    [
        layer(|it| it.trusted_origin("https://admin.example")),
        layer(|it| it.public_origin("https://app.example").trust_same_site()),
        layer(|it| it.trusted_proxy(|_| true).strict()),
        layer(|it| it.trusted_forwarded(|_| true).trusted_origin("tauri://localhost")),
        layer(|it| it.require_token().ambient_cookies(["a"])),
    ]
}

proptest! {
    /// A page of another site controls the method, planted cookies and most headers, but neither
    /// `Sec-Fetch-Site` nor `Origin`. No choice of the rest lets the request pass.
    #[test]
    fn cs_01_no_bytes_let_a_cross_site_request_in(
        method in unsafe_method(),
        others in headers(),
        with_origin in any::<bool>(),
    ) {
        for layer in layers() {
            let mut sent = request(method.clone(), &others);
            sent.headers_mut().insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
            if with_origin {
                sent.headers_mut().insert(ORIGIN, HeaderValue::from_static("https://evil.example"));
            }
            prop_assert!(verdict(&layer, sent).is_err());
        }
    }

    /// The same for a browser without Fetch Metadata, where the attacker cannot choose `Host`.
    #[test]
    fn cs_05_no_bytes_let_a_foreign_origin_in(
        method in unsafe_method(),
        mut others in headers(),
        origin in prop_oneof!["null", "https://evil\\.example", "https://app\\.example[!-~]{1,8}", "[!-~]{0,20}"],
    ) {
        prop_assume!(!["https://app.example", "https://app.example:443", "https://admin.example"].contains(&origin.as_str()));
        others.retain(|(name, _)| *name != "host" && !name.contains("forwarded"));
        for layer in layers() {
            let mut sent = request(method.clone(), &others);
            sent.headers_mut().insert("host", HeaderValue::from_static("app.example"));
            sent.headers_mut().insert(ORIGIN, HeaderValue::from_str(&origin).unwrap());
            prop_assert!(verdict(&layer, sent).is_err());
        }
    }

    #[test]
    fn cs_12_no_bytes_panic(
        method in "[A-Za-z]{1,8}",
        others in headers(),
        site in vec(value(), 0..3),
        origin in vec(value(), 0..3),
        cookie in vec(value(), 0..3),
    ) {
        for layer in layers() {
            let mut sent = request(Method::from_bytes(method.as_bytes()).unwrap(), &others);
            for (name, values) in
                [(HeaderName::from_static("sec-fetch-site"), &site), (ORIGIN, &origin), (COOKIE, &cookie)]
            {
                for value in values {
                    sent.headers_mut().append(&name, value.clone());
                }
            }
            let (response, reached) = through(&layer, sent);
            prop_assert_eq!(response.status().as_u16(), if reached { 200 } else { 403 });
        }
    }

    /// The two layers decide alike if no token is required.
    #[test]
    fn cs_01_the_layer_of_headers_alone_decides_as_the_full_one(
        method in prop_oneof!["GET", "HEAD", "OPTIONS", "CONNECT", "POST", "[A-Za-z]{1,8}"],
        path in prop_oneof!["/", "/hook", "/a"],
        upgrade in vec(prop_oneof!["websocket", "WebSocket/13", "h2c, websocket", "h2c"], 0..2),
        others in headers(),
        site in vec(value(), 0..3),
        origin in vec(value(), 0..3),
        cookie in vec(value(), 0..3),
    ) {
        type Settle = fn(CsrfLayerBuilder) -> CsrfLayerBuilder;
        for settle in [
            (|it| it.trusted_origin("https://admin.example")) as Settle,
            |it| it.public_origin("https://app.example").trust_same_site(),
            |it| it.trusted_proxy(|_| true).strict().exempt("/hook"),
            |it| it.trusted_forwarded(|_| true).trusted_origin_when(|it, _| it.contains("app")),
        ] {
            let sent = || {
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                let mut sent = request(method, &others);
                *sent.uri_mut() = path.parse().unwrap();
                for value in &upgrade {
                    sent.headers_mut().append("upgrade", HeaderValue::from_str(value).unwrap());
                }
                for (name, values) in
                    [(HeaderName::from_static("sec-fetch-site"), &site), (ORIGIN, &origin), (COOKIE, &cookie)]
                {
                    for value in values {
                        sent.headers_mut().append(&name, value.clone());
                    }
                }
                sent
            };
            let alone = settle(CsrfLayer::builder(&ring())).headers_only().build().unwrap();
            prop_assert_eq!(verdict(&layer(settle), sent()), verdict(&alone, sent()));
        }
    }
}
