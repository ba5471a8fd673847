//! A row for each case: method, headers, configuration and result.

use tower_auth_core::rejection::CsrfFault::{
    self, BadToken, CrossSite, ForeignOrigin, MissingOrigin, MissingToken, PlainHttp,
};

use super::{SESSION, layer, request, ring, verdict};
use crate::csrf::{CsrfLayer, CsrfLayerBuilder};

type Row = (
    &'static str,
    &'static [(&'static str, &'static str)],
    fn(CsrfLayerBuilder) -> CsrfLayerBuilder,
    Result<(), CsrfFault>,
);

const HOST: (&str, &str) = ("host", "app.example");
const COOKIE: (&str, &str) = ("cookie", SESSION);
const JSON: (&str, &str) = ("content-type", "application/json");
const CROSS: (&str, &str) = ("sec-fetch-site", "cross-site");
const SAME_SITE: (&str, &str) = ("sec-fetch-site", "same-site");
const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");
const OWN: (&str, &str) = ("origin", "https://app.example");
const EVIL: (&str, &str) = ("origin", "https://evil.example");
const ADMIN: (&str, &str) = ("origin", "https://admin.example");

fn plain(builder: CsrfLayerBuilder) -> CsrfLayerBuilder {
    builder
}
fn public(builder: CsrfLayerBuilder) -> CsrfLayerBuilder {
    builder.public_origin("https://app.example")
}
fn trusting(builder: CsrfLayerBuilder) -> CsrfLayerBuilder {
    builder.trusted_origin("https://admin.example")
}
fn same_site(builder: CsrfLayerBuilder) -> CsrfLayerBuilder {
    builder.trust_same_site()
}
fn strict(builder: CsrfLayerBuilder) -> CsrfLayerBuilder {
    builder.strict()
}
fn narrowed(builder: CsrfLayerBuilder) -> CsrfLayerBuilder {
    builder.ambient_cookies(["remember"])
}
fn token(builder: CsrfLayerBuilder) -> CsrfLayerBuilder {
    builder.require_token()
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // Safe methods, with any headers.
    ("GET", &[CROSS, EVIL, COOKIE], plain, Ok(())),
    ("HEAD", &[CROSS, EVIL, COOKIE], plain, Ok(())),
    ("OPTIONS", &[CROSS, EVIL, COOKIE], plain, Ok(())),
    ("GET", &[CROSS, EVIL, COOKIE], token, Ok(())),
    ("GET", &[CROSS, COOKIE, ("x-http-method-override", "POST")], strict, Ok(())),
    // Every other method is unsafe.
    ("TRACE", &[CROSS], plain, Err(CrossSite)),
    ("CONNECT", &[CROSS], plain, Err(CrossSite)),
    ("PUT", &[CROSS], plain, Err(CrossSite)),
    ("PATCH", &[CROSS], plain, Err(CrossSite)),
    ("DELETE", &[CROSS], plain, Err(CrossSite)),
    ("QUERY", &[CROSS], plain, Err(CrossSite)),
    ("get", &[CROSS], plain, Err(CrossSite)),
    ("Options", &[CROSS], plain, Err(CrossSite)),
    ("POST", &[CROSS, ("x-http-method-override", "GET")], plain, Err(CrossSite)),
    // Sec-Fetch-Site.
    ("POST", &[SAME, COOKIE], plain, Ok(())),
    ("POST", &[("sec-fetch-site", "none"), COOKIE], plain, Ok(())),
    ("POST", &[CROSS, COOKIE], plain, Err(CrossSite)),
    ("POST", &[CROSS], plain, Err(CrossSite)),
    ("POST", &[CROSS, JSON, COOKIE], plain, Err(CrossSite)),
    ("POST", &[CROSS, ("authorization", "Bearer x")], plain, Err(CrossSite)),
    ("POST", &[SAME_SITE, COOKIE], plain, Err(CrossSite)),
    ("POST", &[SAME_SITE, COOKIE], same_site, Ok(())),
    ("POST", &[CROSS, COOKIE], same_site, Err(CrossSite)),
    ("POST", &[CROSS, ADMIN, COOKIE], trusting, Ok(())),
    ("POST", &[SAME_SITE, ADMIN, COOKIE], trusting, Ok(())),
    ("POST", &[CROSS, EVIL, COOKIE], trusting, Err(CrossSite)),
    ("POST", &[CROSS, ADMIN, ADMIN, COOKIE], trusting, Err(CrossSite)),
    ("POST", &[CROSS, HOST, OWN, COOKIE], plain, Err(CrossSite)),
    ("POST", &[SAME_SITE, HOST, OWN, COOKIE], public, Err(CrossSite)),
    // An unknown value is no evidence.
    ("POST", &[("sec-fetch-site", "Same-Origin"), COOKIE], plain, Err(MissingOrigin)),
    ("POST", &[("sec-fetch-site", ""), COOKIE], plain, Err(MissingOrigin)),
    ("POST", &[("sec-fetch-site", "near-by"), HOST, OWN, COOKIE], plain, Ok(())),
    ("POST", &[("sec-fetch-site", "near-by"), HOST, EVIL, COOKIE], plain, Err(ForeignOrigin)),
    ("POST", &[SAME, SAME, COOKIE], plain, Err(MissingOrigin)),
    ("POST", &[SAME, CROSS, HOST, EVIL], plain, Err(ForeignOrigin)),
    ("POST", &[("sec-fetch-site", "same-origin, none"), COOKIE], plain, Err(MissingOrigin)),
    // Origin.
    ("POST", &[HOST, OWN, COOKIE], plain, Ok(())),
    ("POST", &[HOST, ("origin", "HTTPS://App.Example:443"), COOKIE], plain, Ok(())),
    ("POST", &[HOST, EVIL], plain, Err(ForeignOrigin)),
    ("POST", &[HOST, EVIL, JSON], plain, Err(ForeignOrigin)),
    ("POST", &[HOST, ("origin", "null"), COOKIE], plain, Err(ForeignOrigin)),
    ("POST", &[HOST, ("origin", "")], plain, Err(ForeignOrigin)),
    ("POST", &[HOST, ("origin", "http://app.example")], plain, Err(PlainHttp)),
    ("POST", &[HOST, ("origin", "https://app.example:8443")], plain, Err(ForeignOrigin)),
    ("POST", &[HOST, ("origin", "https://app.example.evil")], plain, Err(ForeignOrigin)),
    ("POST", &[HOST, ("origin", "https://evilapp.example")], plain, Err(ForeignOrigin)),
    ("POST", &[HOST, ("origin", "https://app.example@evil.example")], plain, Err(ForeignOrigin)),
    ("POST", &[HOST, ("origin", "https://evil@app.example")], plain, Err(ForeignOrigin)),
    ("POST", &[HOST, ("origin", "https://app.example/")], plain, Err(ForeignOrigin)),
    ("POST", &[HOST, OWN, OWN], plain, Err(ForeignOrigin)),
    ("POST", &[HOST, OWN, EVIL], plain, Err(ForeignOrigin)),
    ("POST", &[HOST, ("origin", "https://app.example https://evil.example")], plain, Err(ForeignOrigin)),
    ("POST", &[HOST, HOST, OWN], plain, Err(ForeignOrigin)),
    ("POST", &[OWN], plain, Err(ForeignOrigin)),
    ("POST", &[HOST, ADMIN, COOKIE], trusting, Ok(())),
    ("POST", &[HOST, OWN, COOKIE], trusting, Ok(())),
    // The public origin takes precedence over the request's own host.
    ("POST", &[("host", "internal"), OWN, COOKIE], public, Ok(())),
    ("POST", &[("host", "evil.example"), EVIL, COOKIE], public, Err(ForeignOrigin)),
    // No evidence.
    ("POST", &[], plain, Ok(())),
    ("POST", &[COOKIE], plain, Err(MissingOrigin)),
    ("POST", &[("cookie", "")], plain, Err(MissingOrigin)),
    ("POST", &[COOKIE, ("referer", "https://app.example/"), HOST], plain, Err(MissingOrigin)),
    ("POST", &[("referer", "https://evil.example/")], plain, Ok(())),
    ("POST", &[("authorization", "Basic YTpi")], plain, Err(MissingOrigin)),
    ("POST", &[("authorization", "Negotiate x")], plain, Err(MissingOrigin)),
    ("POST", &[("authorization", "")], plain, Err(MissingOrigin)),
    ("POST", &[("authorization", "Bearerx y")], plain, Err(MissingOrigin)),
    ("POST", &[("authorization", "bEARER x")], plain, Ok(())),
    ("POST", &[("authorization", "DPoP x")], plain, Ok(())),
    ("POST", &[("authorization", "Bearer x"), ("authorization", "Basic y")], plain, Err(MissingOrigin)),
    ("POST", &[("authorization", "Bearer x"), COOKIE], plain, Err(MissingOrigin)),
    ("POST", &[COOKIE, JSON], plain, Ok(())),
    ("POST", &[COOKIE, JSON], strict, Err(MissingOrigin)),
    ("POST", &[COOKIE, ("content-type", "application/grpc-web+proto; a=b")], plain, Ok(())),
    ("POST", &[COOKIE, ("content-type", "Text/Plain; charset=utf-8")], plain, Err(MissingOrigin)),
    ("POST", &[COOKIE, ("content-type", "multipart/form-data; boundary=x")], plain, Err(MissingOrigin)),
    ("POST", &[COOKIE, ("content-type", "application/x-www-form-urlencoded")], plain, Err(MissingOrigin)),
    ("POST", &[COOKIE, ("content-type", "text/plain;application/json")], plain, Err(MissingOrigin)),
    ("POST", &[COOKIE, ("content-type", "application/json, text/plain")], plain, Err(MissingOrigin)),
    ("POST", &[COOKIE, ("content-type", "json")], plain, Err(MissingOrigin)),
    ("POST", &[COOKIE, ("content-type", "application/ json")], plain, Err(MissingOrigin)),
    ("POST", &[COOKIE, ("content-type", "")], plain, Err(MissingOrigin)),
    ("POST", &[COOKIE, JSON, JSON], plain, Err(MissingOrigin)),
    ("DELETE", &[COOKIE], plain, Ok(())),
    ("DELETE", &[COOKIE], strict, Err(MissingOrigin)),
    ("post", &[COOKIE], plain, Err(MissingOrigin)),
    ("gEt", &[COOKIE], plain, Err(MissingOrigin)),
    // The cookies that count as credentials.
    ("POST", &[("cookie", "theme=dark")], plain, Err(MissingOrigin)),
    ("POST", &[("cookie", "theme=dark")], narrowed, Ok(())),
    ("POST", &[("cookie", "theme=dark; remember=1")], narrowed, Err(MissingOrigin)),
    ("POST", &[("cookie", "theme=dark"), COOKIE], narrowed, Err(MissingOrigin)),
    ("POST", &[("cookie", "__Host-csrf=x")], narrowed, Err(MissingOrigin)),
    ("POST", &[("cookie", "Remember=1")], narrowed, Ok(())),
    ("POST", &[("authorization", "Basic YTpi")], narrowed, Err(MissingOrigin)),
    // A token does not make up for a wrong sender. A missing token is checked last.
    ("POST", &[SAME, COOKIE], token, Err(MissingToken)),
    ("POST", &[SAME], token, Err(MissingToken)),
    ("POST", &[], token, Err(MissingToken)),
    ("POST", &[CROSS, COOKIE], token, Err(CrossSite)),
    ("POST", &[COOKIE], token, Err(MissingOrigin)),
    ("POST", &[COOKIE, JSON], token, Err(MissingToken)),
    ("POST", &[("authorization", "Bearer x")], token, Ok(())),
    ("POST", &[SAME, ("authorization", "dpop x")], token, Ok(())),
    ("POST", &[SAME, ("authorization", "Bearer x"), COOKIE], token, Err(MissingToken)),
    ("POST", &[CROSS, ("authorization", "Bearer x")], token, Err(CrossSite)),
    ("POST", &[SAME, COOKIE, ("x-csrf-token", "")], token, Err(BadToken)),
    ("POST", &[SAME, COOKIE, ("x-csrf-token", "x"), ("x-csrf-token", "x")], token, Err(BadToken)),
];

#[test]
fn cs_01_every_row_of_the_table() {
    assert!(ROWS.len() >= 60);
    for (method, headers, settle, wanted) in ROWS {
        let got = verdict(&layer(settle), request(method, "/", headers));
        assert_eq!(got, *wanted, "{method} {headers:?}");
    }
}

/// Both layers decide by the same code, so the same table applies to both.
#[test]
fn cs_01_every_row_by_headers_alone() {
    let mut compared = 0;
    for (method, headers, settle, wanted) in ROWS {
        let built = settle(CsrfLayer::builder(&ring())).headers_only().build();
        // A row about tokens does not apply to the layer without tokens.
        let Ok(layer) = built else { continue };
        let got = verdict(&layer, request(method, "/", headers));
        // The layer has no cookie of its own.
        let own = headers.iter().any(|(_, value)| *value == "__Host-csrf=x");
        assert_eq!(got, if own { Ok(()) } else { *wanted }, "{method} {headers:?}");
        compared += 1;
    }
    assert!(compared >= 60);
}

/// Both sides of each standard, under a name, so that no row can get lost unnoticed.
fn is(
    method: &str,
    headers: &[(&str, &str)],
    settle: fn(CsrfLayerBuilder) -> CsrfLayerBuilder,
) -> bool {
    verdict(&layer(settle), request(method, "/", headers)).is_ok()
}

#[test]
fn cs_02_three_methods_are_safe_and_no_override_is_honoured() {
    for method in ["GET", "HEAD", "OPTIONS"] {
        assert!(is(method, &[CROSS], plain), "{method}");
    }
    for method in ["POST", "PUT", "TRACE", "get", "Head", "options", "MKCOL", "X"] {
        assert!(!is(method, &[CROSS], plain), "{method}");
        for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
            assert!(!is(method, &[CROSS, (name, "GET")], plain), "{method} {name}");
        }
    }
}

#[test]
fn cs_03_sec_fetch_site_decides() {
    let cases =
        [("same-origin", true), ("none", true), ("same-site", false), ("cross-site", false)];
    for (value, passes) in cases {
        assert_eq!(is("POST", &[("sec-fetch-site", value), COOKIE], plain), passes, "{value}");
    }
    assert!(is("POST", &[SAME_SITE, COOKIE], same_site));
}

#[test]
fn cs_04_an_unknown_sec_fetch_site_leaves_it_to_origin() {
    for value in ["same-party", "SAME-ORIGIN", "same-origin;x", "\"none\"", "none "] {
        let site = ("sec-fetch-site", value);
        assert!(is("POST", &[site, HOST, OWN, COOKIE], plain), "{value}");
        assert!(!is("POST", &[site, HOST, EVIL, COOKIE], plain), "{value}");
        assert!(!is("POST", &[site, COOKIE], plain), "{value}");
    }
}

#[test]
fn cs_21_no_same_site_attribute_stands_in_for_the_check() {
    // `SameSite` does not show in the request's cookie, so it has no effect.
    assert!(!is("POST", &[CROSS, COOKIE], plain));
    assert!(!is("POST", &[COOKIE], plain));
}
