//! Trusted origins other than the application's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tower_auth_core::rejection::CsrfFault::{self, CrossSite, ForeignOrigin};

use super::{SESSION, layer, post, verdict};
use crate::csrf::{CsrfLayer, CsrfLayerBuilder};

const APPS: [&str; 7] = [
    "tauri://localhost",
    "capacitor://localhost",
    "ionic://localhost",
    "chrome-extension://nmmhkkegccagdldgiimedpiccmgmieda",
    "moz-extension://a4b2ba3c-5b5c-4b5e-8a4e-0f5b4d2f2c11",
    "safari-web-extension://5E0D1C2B-0F0E-4D5A-9B1A-7C6D5E4F3A2B",
    "app://localhost:3000",
];

/// The decisions about a request of this origin: from a browser with Fetch Metadata, and from one
/// without.
fn judged(layer: &CsrfLayer, origin: &str) -> [Result<(), CsrfFault>; 2] {
    let sent = [("origin", origin), ("host", "app.example"), ("cookie", SESSION)];
    let with = [&sent[..], &[("sec-fetch-site", "cross-site")]].concat();
    [verdict(layer, post(&with)), verdict(layer, post(&sent))]
}

const TRUSTED: [Result<(), CsrfFault>; 2] = [Ok(()), Ok(())];
const REFUSED: [Result<(), CsrfFault>; 2] = [Err(CrossSite), Err(ForeignOrigin)];

#[test]
fn cs_05_origins_of_apps_and_extensions_are_compared_exactly() {
    for app in APPS {
        let trusting = layer(|it| it.trusted_origin(app).trusted_origin("https://admin.example"));
        assert_eq!(judged(&trusting, app), TRUSTED, "{app}");
        assert_eq!(judged(&trusting, "https://admin.example"), TRUSTED);
        let (scheme, host) = app.split_once("://").unwrap();
        for other in [
            app.to_ascii_uppercase(),
            format!("{app}/"),
            format!("{app}:1"),
            format!("{app}x"),
            format!("{app}.evil.example"),
            format!("x{app}"),
            format!("{scheme}://x{host}"),
            format!("{scheme}://user@{host}"),
            format!("{scheme}:{host}"),
            format!("http://{host}"),
            format!("https://{host}"),
            format!("{app} {app}"),
            scheme.into(),
            host.into(),
            "null".into(),
        ] {
            assert_eq!(judged(&trusting, &other), REFUSED, "{app}: {other}");
        }
        assert_eq!(judged(&layer(|it| it), app), REFUSED, "{app} unless named");
    }
}

#[test]
fn cs_05_an_apps_origin_is_named_whole() {
    let fault = |origin: &str| {
        let builder = CsrfLayer::builder(&super::ring()).trusted_origin(origin);
        builder.build().unwrap_err().to_string()
    };
    for (origin, fix) in [
        ("tauri://localhost/", "leave out what follows"),
        ("tauri://localhost/index.html", "leave out what follows"),
        ("moz-extension://*", "no wildcards"),
        ("chrome-extension://", "scheme://host"),
        ("tauri://me@localhost", "leave out the user"),
        ("tauri:localhost", "begin with https://"),
        ("file://", "begin with https://"),
        ("file://localhost", "begin with https://"),
        ("wss://app.example", "begin with https://"),
        ("ftp://app.example", "begin with https://"),
        ("htps://app.example", "begin with https://"),
        ("1app://localhost", "begin with https://"),
        ("my app://localhost", "begin with https://"),
        ("null", "begin with https://"),
    ] {
        let message = fault(origin);
        assert!(message.starts_with(&format!("trusted_origin({origin:?}): ")), "{message}");
        assert!(message.contains(fix), "{message}");
    }
    // The application's own origin must be an origin of the web.
    let public = CsrfLayer::builder(&super::ring()).public_origin("tauri://localhost").build();
    assert!(public.unwrap_err().to_string().contains("begin with https://"));
    // A scheme in capitals stands for the lowercase form that browsers send.
    let capital = layer(|it| it.trusted_origin("Tauri://localhost"));
    assert_eq!(judged(&capital, "tauri://localhost"), TRUSTED);
}

#[test]
fn cs_05_a_closure_may_trust_an_origin() {
    let of_tenants: fn(CsrfLayerBuilder) -> CsrfLayerBuilder =
        |it| it.trusted_origin_when(|origin, _| origin.ends_with(".shop.example"));
    let tenants = layer(of_tenants);
    assert_eq!(judged(&tenants, "https://a.shop.example"), TRUSTED);
    assert_eq!(judged(&tenants, "https://evilshop.example"), REFUSED);
    assert_eq!(judged(&tenants, "https://a.shop.example:8443"), REFUSED);
    // A closure may also look at the request, and one closure that returns true suffices.
    let two = layer(|it| {
        of_tenants(it).trusted_origin_when(|origin, parts| {
            origin.starts_with("moz-extension://") && parts.headers.contains_key("x-extension")
        })
    });
    let extension = APPS[4];
    assert_eq!(judged(&two, "https://a.shop.example"), TRUSTED);
    assert_eq!(judged(&two, extension), REFUSED);
    let sent = [("origin", extension), ("x-extension", "1"), ("cookie", SESSION)];
    assert_eq!(verdict(&two, post(&sent)), Ok(()));
}

#[test]
fn cs_05_a_closure_is_asked_about_one_sound_origin_alone() {
    let anything = layer(|it| it.trusted_origin_when(|_, _| true));
    for origin in [
        "null",
        "",
        "https://a.example/",
        "https://a.example, https://b.example",
        "a.example",
        "https://a@b.example",
        "file://",
        "https://a.example https://b.example",
        "*",
        "wss://a",
    ] {
        assert_eq!(judged(&anything, origin), REFUSED, "{origin:?}");
    }
    let twice = [("origin", "https://a.example"), ("origin", "https://a.example")];
    assert_eq!(verdict(&anything, post(&twice)), Err(ForeignOrigin));
    for origin in ["https://a.example", "http://a.example:81", "tauri://localhost"] {
        assert_eq!(judged(&anything, origin), TRUSTED, "{origin}");
    }
    // A closure never trusts a request without an `Origin`.
    assert_eq!(verdict(&anything, post(&[("sec-fetch-site", "cross-site")])), Err(CrossSite));
}

#[test]
fn a_closure_is_not_asked_where_the_answer_is_known() {
    let asked = Arc::<AtomicUsize>::default();
    let count = asked.clone();
    let layer = layer(|it| {
        it.trusted_origin("https://admin.example").trusted_origin_when(move |_, _| {
            count.fetch_add(1, Ordering::Relaxed);
            false
        })
    });
    assert_eq!(judged(&layer, "https://admin.example"), TRUSTED);
    let own = [("host", "app.example"), ("origin", "https://app.example")];
    assert_eq!(verdict(&layer, post(&own)), Ok(()));
    let same = [("sec-fetch-site", "same-origin"), ("origin", "https://x.example")];
    assert_eq!(verdict(&layer, post(&same)), Ok(()));
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    assert_eq!(judged(&layer, "https://x.example"), REFUSED);
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}
