use crate::Settings;
use tower_auth_core::Rejection;
use tower_auth_core::rejection::CsrfFault;

use super::{layer, post, request, verdict};
use crate::csrf::{CsrfConfigError, CsrfLayer, CsrfLayerBuilder};

fn fits(settle: fn(CsrfLayerBuilder) -> CsrfLayerBuilder, host: &str, origin: &str) -> bool {
    match verdict(&layer(settle), post(&[("host", host), ("origin", origin)])) {
        Ok(()) => true,
        Err(CsrfFault::ForeignOrigin | CsrfFault::PlainHttp) => false,
        Err(fault) => panic!("{fault:?}"),
    }
}

#[test]
fn cs_05_scheme_host_and_port_are_compared_whole() {
    for (host, origin, wanted) in [
        ("app.example", "https://app.example", true),
        ("app.example:443", "https://app.example", true),
        ("app.example", "https://app.example:443", true),
        ("app.example:8443", "https://app.example:8443", true),
        ("APP.example", "https://app.EXAMPLE", true),
        ("[2001:db8::1]:8443", "https://[2001:DB8:0::1]:8443", true),
        ("app.example:8443", "https://app.example", false),
        ("app.example", "https://app.example.", false),
        ("app.example", "https://xapp.example", false),
        ("app.example", "https://app.example.x", false),
        ("app.example", "https://app.example:", false),
        ("app.example", "https://app.example:0443", false),
        ("app.example", "https://app.example:+443", false),
        ("app.example", "https://app.example:65979", false),
        ("app.example", "https://app.example?", false),
        ("app.example", "https://app.example#", false),
        ("app.example", "https://app.example\\", false),
        ("app.example", "https:/app.example", false),
        ("app.example", "https:app.example", false),
        ("app.example", "app.example", false),
        ("app.example", "//app.example", false),
        ("app.example", "wss://app.example", false),
        ("app.example", "file://app.example", false),
        ("app.example", "null", false),
        ("app.example", "https://", false),
        ("app.example", "https://%61pp.example", false),
        ("app.example", "https://evil.example:@app.example", false),
        ("evil@app.example", "https://app.example", false),
        ("app.example/", "https://app.example", false),
        ("app.example, app.example", "https://app.example", false),
        ("", "https://app.example", false),
        ("[::1", "https://[::1", false),
    ] {
        assert_eq!(fits(|it| it, host, origin), wanted, "{host:?} {origin:?}");
    }
}

#[test]
fn cs_05_http_fits_only_the_loopback() {
    for host in ["localhost", "a.localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "[::1]"] {
        for scheme in ["http", "https"] {
            assert!(fits(|it| it, host, &format!("{scheme}://{host}")), "{scheme} {host}");
            let with_port = format!("{host}:3000");
            assert!(fits(|it| it, &with_port, &format!("{scheme}://{with_port}")));
        }
        assert!(!fits(|it| it, &format!("{host}:3000"), &format!("http://{host}")), "{host}");
    }
    for host in ["app.example", "notlocalhost", "localhost.evil", "128.0.0.1", "[::2]", "10.0.0.1"]
    {
        assert!(fits(|it| it, host, &format!("https://{host}")), "{host}");
        assert!(!fits(|it| it, host, &format!("http://{host}")), "{host}");
        assert!(fits(
            |it| it.settings(&Settings::new().insecure_allow_plain_http()),
            host,
            &format!("http://{host}")
        ));
    }
}

#[test]
fn cs_07_the_target_is_the_public_origin_else_the_requests_authority() {
    let own = ("origin", "https://app.example");
    // The authority of the request target (HTTP/2, absolute form) takes precedence over `Host`.
    let evil_host = [("host", "evil.example"), own];
    let absolute = request("POST", "https://app.example/", &evil_host);
    assert_eq!(verdict(&layer(|it| it), absolute), Ok(()));
    let swapped = [("host", "app.example"), own];
    let absolute = request("POST", "https://evil.example/", &swapped);
    assert_eq!(verdict(&layer(|it| it), absolute), Err(CsrfFault::ForeignOrigin));
    // With a public origin, the request's own host does not count.
    let public = layer(|it| it.public_origin("https://app.example"));
    assert_eq!(verdict(&public, post(&evil_host)), Ok(()));
    let forged = [("host", "evil.example"), ("origin", "https://evil.example")];
    assert_eq!(verdict(&public, post(&forged)), Err(CsrfFault::ForeignOrigin));
    assert_eq!(verdict(&layer(|it| it), post(&forged)), Ok(()));
}

#[test]
fn cs_05_a_page_over_plain_http_is_told_so() {
    let plain = |settle: fn(CsrfLayerBuilder) -> CsrfLayerBuilder, headers: &[(&str, &str)]| {
        let verdict = verdict(&layer(settle), post(headers));
        assert!(matches!(verdict, Ok(()) | Err(CsrfFault::ForeignOrigin | CsrfFault::PlainHttp)));
        verdict == Err(CsrfFault::PlainHttp)
    };
    let own: fn(CsrfLayerBuilder) -> CsrfLayerBuilder = |it| it;
    let public: fn(CsrfLayerBuilder) -> CsrfLayerBuilder =
        |it| it.public_origin("https://app.example");
    let at_port: fn(CsrfLayerBuilder) -> CsrfLayerBuilder =
        |it| it.public_origin("https://app.example:8443");
    let proxied: fn(CsrfLayerBuilder) -> CsrfLayerBuilder = |it| it.trusted_proxy(|_| true);
    let with = |host, origin| [("host", host), ("origin", origin)];

    assert!(plain(own, &with("app.test:3002", "http://app.test:3002")));
    assert!(plain(own, &with("app.test", "http://app.test")));
    assert!(plain(own, &with("app.test", "http://App.Test:80")));
    assert!(plain(own, &with("10.0.0.7:8080", "http://10.0.0.7:8080")));
    assert!(plain(own, &with("[2001:db8::1]:80", "http://[2001:db8::1]")));
    assert!(plain(public, &with("internal", "http://app.example")));
    assert!(plain(at_port, &with("internal", "http://app.example:8443")));
    let https = [("host", "app.example"), ("x-forwarded-proto", "https")];
    assert!(plain(proxied, &[&https[..], &[("origin", "http://app.example")]].concat()));
    let http = [("host", "app.example"), ("x-forwarded-proto", "http")];
    assert!(plain(proxied, &[&http[..], &[("origin", "https://app.example")]].concat()));
    // Another host or port is another site, with any scheme.
    assert!(!plain(own, &with("app.test:3002", "http://app.test:3003")));
    assert!(!plain(own, &with("app.test:3002", "http://app.test")));
    assert!(!plain(own, &with("app.test", "http://evil.test")));
    assert!(!plain(own, &with("app.test", "http://x.app.test")));
    assert!(!plain(at_port, &with("internal", "http://app.example")));
    assert!(!plain(own, &with("app.test:3002", "ws://app.test:3002")));
    // The three fixes.
    assert!(!plain(own, &with("app.test:3002", "https://app.test:3002")));
    assert!(!plain(own, &with("localhost:3002", "http://localhost:3002")));
    let insecure: fn(CsrfLayerBuilder) -> CsrfLayerBuilder =
        |it| it.settings(&Settings::new().insecure_allow_plain_http());
    assert!(!plain(insecure, &with("app.test:3002", "http://app.test:3002")));
    let text = Rejection::Csrf(CsrfFault::PlainHttp).to_string();
    for way in ["plain HTTP", "https", "localhost", "insecure_allow_plain_http"] {
        assert!(text.contains(way), "{text}");
    }
    assert_eq!(Rejection::Csrf(CsrfFault::PlainHttp).code(), "csrf_plain_http");
}

#[test]
fn origins_are_parsed_when_the_layer_is_built() {
    for (value, fix) in [
        ("app.example", "begin with https://"),
        ("null", "begin with https://"),
        ("wss://app.example", "begin with https://"),
        ("", "begin with https://"),
        ("https://app.example/", "leave out what follows"),
        ("https://app.example/path", "leave out what follows"),
        ("https://app.example?x", "leave out what follows"),
        ("https://app.example#x", "leave out what follows"),
        ("https://user@app.example", "leave out the user"),
        ("https://ümlaut.example", "punycode"),
        ("https://*.example", "no wildcards"),
        ("https://app.example:99999", "scheme://host:port"),
        ("https://", "scheme://host"),
        ("https://a b", "scheme://host"),
    ] {
        let ring = super::ring();
        let builders = [
            ("public_origin", CsrfLayer::builder(&ring).public_origin(value)),
            ("trusted_origin", CsrfLayer::builder(&ring).trusted_origin(value)),
        ];
        for (setter, builder) in builders {
            let message = builder.build().unwrap_err().to_string();
            assert!(message.starts_with(&format!("{setter}({value:?}): ")), "{message}");
            assert!(message.contains(fix), "{message}");
        }
    }
    // The same origin in several spellings.
    let twice = layer(|it| {
        it.trusted_origin("HTTPS://Admin.Example:443")
            .trusted_origin("https://admin.example")
            .trusted_origin("https://[0:0::2]:8443")
    });
    for origin in ["https://admin.example", "https://[::2]:8443"] {
        let sent = post(&[("sec-fetch-site", "cross-site"), ("origin", origin)]);
        assert_eq!(verdict(&twice, sent), Ok(()));
    }
}

#[test]
fn a_plain_http_public_origin_needs_the_loud_name() {
    let build = |settle: fn(CsrfLayerBuilder) -> CsrfLayerBuilder| {
        settle(CsrfLayer::builder(&super::ring())).build().err()
    };
    let error = build(|it| it.public_origin("http://app.example")).unwrap();
    assert!(matches!(&error, CsrfConfigError::PlainHttp { .. }));
    assert!(error.to_string().contains("insecure_allow_plain_http"));
    assert!(build(|it| it.public_origin("http://localhost:3000")).is_none());
    assert!(
        build(|it| it
            .public_origin("http://app.example")
            .settings(&Settings::new().insecure_allow_plain_http()))
        .is_none()
    );
}

#[test]
fn cs_05_a_configured_origin_is_compared_whole_too() {
    let public: fn(CsrfLayerBuilder) -> CsrfLayerBuilder =
        |it| it.public_origin("https://app.example:8443");
    let trusted: fn(CsrfLayerBuilder) -> CsrfLayerBuilder =
        |it| it.trusted_origin("https://app.example:8443");
    for settle in [public, trusted] {
        for (origin, wanted) in [
            ("https://app.example:8443", true),
            ("https://APP.example:8443", true),
            ("http://app.example:8443", false),
            ("https://app.example", false),
            ("https://app.example:443", false),
            ("https://app.example:8444", false),
            ("https://xapp.example:8443", false),
            ("https://x.app.example:8443", false),
            ("https://example:8443", false),
        ] {
            assert_eq!(fits(settle, "elsewhere.example", origin), wanted, "{origin:?}");
        }
    }
}
