//! The address that the client called, as a proxy reports it.

use tower_auth_core::rejection::CsrfFault;

use super::{layer, post, verdict};
use crate::csrf::{CsrfConfigError, CsrfLayer, CsrfLayerBuilder};

#[test]
fn se_25_x_forwarded_counts_only_from_a_trusted_proxy() {
    let by_proxy =
        |it: CsrfLayerBuilder| it.trusted_proxy(|parts| parts.headers.contains_key("via"));
    let plain: fn(CsrfLayerBuilder) -> CsrfLayerBuilder = |it| it;
    let base = [("host", "internal:8080"), ("origin", "https://app.example")];
    let check = |settle: fn(CsrfLayerBuilder) -> CsrfLayerBuilder, more: &[(&str, &str)]| {
        verdict(&layer(settle), post(&[&base[..], more].concat())).is_ok()
    };
    let host = ("x-forwarded-host", "app.example");
    let (https, http) = (("x-forwarded-proto", "https"), ("x-forwarded-proto", "http"));
    let via = ("via", "1.1 proxy");

    assert!(check(by_proxy, &[via, host, https]));
    assert!(check(by_proxy, &[via, host]));
    assert!(!check(plain, &[via, host, https]), "no proxy is trusted");
    assert!(!check(by_proxy, &[host, https]), "not this one");
    assert!(!check(by_proxy, &[via, https]), "the host was not forwarded");
    assert!(!check(by_proxy, &[via, host, http]), "another scheme");
    assert!(!check(by_proxy, &[via, host, ("x-forwarded-proto", "wss")]));
    assert!(!check(by_proxy, &[via, host, host, https]), "twice");
    assert!(!check(by_proxy, &[via, host, https, https]), "twice");
    assert!(!check(by_proxy, &[via, ("x-forwarded-host", "app.example, internal"), https]));
    assert!(!check(by_proxy, &[via, ("x-forwarded-host", ""), https]));
}

#[test]
fn se_25_x_forwarded_port_names_the_port_that_the_client_called() {
    let layer = layer(|it| it.trusted_proxy(|_| true));
    let fits = |origin: &str, headers: &[(&str, &str)]| {
        let headers = [&[("origin", origin)], headers].concat();
        verdict(&layer, post(&headers)).is_ok()
    };
    let (inner, host) = (("host", "app.example:8080"), ("x-forwarded-host", "app.example"));
    let https = ("x-forwarded-proto", "https");
    let port = |port| ("x-forwarded-port", port);
    assert!(fits("https://app.example:8443", &[inner, host, https, port("8443")]));
    assert!(fits("https://app.example:8443", &[inner, host, port("8443")]));
    assert!(fits("https://app.example", &[inner, host, https, port("443")]));
    assert!(fits("https://app.example", &[inner, https, port("443")]), "not the inner port");
    let named = ("x-forwarded-host", "app.example:8443");
    assert!(fits("https://app.example:8443", &[inner, named, https, port("8443")]));
    // Another port, a contradiction, and invalid ports.
    assert!(!fits("https://app.example", &[inner, host, https, port("8443")]));
    for origin in ["https://app.example", "https://app.example:8443"] {
        assert!(!fits(origin, &[inner, named, https, port("443")]), "{origin}");
        for no_port in ["", "0", "08443", "65536", "8443, 8443", "https", "+443", " 8443;"] {
            assert!(!fits(origin, &[inner, host, https, port(no_port)]), "{origin} {no_port:?}");
        }
        assert!(!fits(origin, &[inner, host, https, port("443"), port("443")]), "{origin}");
    }
    // No proxy is trusted: the header comes from the client.
    let plain = super::layer(|it| it);
    let sent = [inner, port("443"), ("origin", "https://app.example")];
    assert!(verdict(&plain, post(&sent)).is_err());
}

#[test]
fn se_25_a_trusted_proxy_may_say_http() {
    let layer = layer(|it| it.trusted_proxy(|_| true));
    let headers =
        |origin| [("host", "app.example"), ("x-forwarded-proto", "http"), ("origin", origin)];
    assert_eq!(verdict(&layer, post(&headers("http://app.example"))), Ok(()));
    assert!(verdict(&layer, post(&headers("https://app.example"))).is_err());
}

const OWN: &str = "https://app.example:8443";

/// Returns whether [`OWN`] matches these `Forwarded` lines of a trusted proxy.
fn fits(lines: &[&str]) -> bool {
    let mut headers = vec![("host", "internal:8080"), ("origin", OWN)];
    headers.extend(lines.iter().map(|line| ("forwarded", *line)));
    verdict(&layer(|it| it.trusted_forwarded(|_| true)), post(&headers)).is_ok()
}

#[test]
fn se_25_forwarded_names_host_and_scheme() {
    for line in [
        r#"host="app.example:8443";proto=https"#,
        r#"proto=https;host="app.example:8443""#,
        r#"for=192.0.2.60;proto=https;by=203.0.113.43;host="app.example:8443""#,
        r#"For="[2001:db8:cafe::17]:4711";Proto=HTTPS;Host="APP.example:8443""#,
        r#"for="_a\"b, c;host=evil";host="app.example:8443";proto="https""#,
        r#"host="app\.exampl\e:8443";proto="h\ttps""#,
        r#"host="app.example:8443""#,
        r#"host="app.example:8443" ; proto=https"#,
        r#";host="app.example:8443";;proto=https;"#,
        r#"secret=abc;host="app.example:8443";proto=https"#,
    ] {
        assert!(fits(&[line]), "{line}");
    }
    for line in [
        r#"host=app.example;proto=https"#,
        r#"host="app.example:8443";proto=http"#,
        r#"host="app.example:8443";proto=wss"#,
        r#"host="evil.example:8443";proto=https"#,
        r#"host="user@app.example:8443";proto=https"#,
        // Not in the grammar: a colon in a token, white space around the sign, no closing quote.
        r#"host=app.example:8443;proto=https"#,
        r#"host = "app.example:8443";proto=https"#,
        r#"host="app.example:8443;proto=https"#,
        r#"host="app.example:8443\"#,
        r#"host="app.example:8443"x;proto=https"#,
        r#"host;proto=https"#,
        r#"=x;host="app.example:8443""#,
        r#"host="app.example:8443" proto=https"#,
        r#"host="app.example:8443";host="app.example:8443""#,
        r#"host="app.example:8443";proto=https;Proto=https"#,
        r#"host="";proto=https"#,
        r#"host=;proto=https"#,
        r#"for=192.0.2.60"#,
        "",
    ] {
        assert!(!fits(&[line]), "{line}");
    }
}

#[test]
fn se_25_of_several_forwarded_elements_the_last_counts() {
    let own = r#"host="app.example:8443";proto=https"#;
    let evil = "host=evil.example;proto=https";
    for lines in [
        &[&*format!("{evil}, {own}")][..],
        &[&format!("{evil},{own}")],
        &[&format!("for=_x, {evil} ,, {own},")],
        &[evil, own],
        &[&format!("{evil}, {evil}"), evil, own],
        &[own, ""],
    ] {
        assert!(fits(lines), "{lines:?}");
    }
    for lines in [
        &[&*format!("{own}, {evil}")][..],
        &[own, evil],
        // The last element does not name the host: the client's own element does not replace it.
        &[&format!("{own}, for=192.0.2.60")],
        &[own, "for=192.0.2.60"],
        // Malformed text may hide anything.
        &["host=\"x", own],
        &[&format!("for=\", {own}")],
        &["for=192.0.2.60 evil", own],
    ] {
        assert!(!fits(lines), "{lines:?}");
    }
}

#[test]
fn se_25_forwarded_counts_only_from_a_trusted_proxy_and_beside_no_public_origin() {
    let forwarded = ("forwarded", "host=app.example;proto=https");
    let sent = [("host", "internal"), ("origin", "https://app.example"), forwarded];
    let refused = Err(CsrfFault::ForeignOrigin);
    let via = |parts: &http::request::Parts| parts.headers.contains_key("via");
    assert_eq!(verdict(&layer(|it| it), post(&sent)), refused);
    assert_eq!(verdict(&layer(|it| it.trusted_forwarded(via)), post(&sent)), refused);
    let by_proxy = [&sent[..], &[("via", "1.1 proxy")]].concat();
    assert_eq!(verdict(&layer(|it| it.trusted_forwarded(via)), post(&by_proxy)), Ok(()));
    let public = layer(|it| it.public_origin("https://shop.example").trusted_forwarded(|_| true));
    assert_eq!(verdict(&public, post(&sent)), refused);
    // A request without the header falls back on its own host.
    let direct = [("host", "app.example"), ("origin", "https://app.example")];
    assert_eq!(verdict(&layer(|it| it.trusted_forwarded(|_| true)), post(&direct)), Ok(()));
}

#[test]
fn se_25_one_kind_of_headers_is_read_and_never_the_other() {
    let sent =
        |name, value| post(&[("host", "x"), ("origin", "https://app.example"), (name, value)]);
    let each = layer(|it| it.trusted_proxy(|_| true));
    let one = layer(|it| it.trusted_forwarded(|_| true));
    let (host, forwarded) = ("app.example", "host=app.example");
    assert_eq!(verdict(&each, sent("x-forwarded-host", host)), Ok(()));
    assert_eq!(verdict(&one, sent("forwarded", forwarded)), Ok(()));
    let refused = Err(CsrfFault::ForeignOrigin);
    assert_eq!(verdict(&one, sent("x-forwarded-host", host)), refused);
    assert_eq!(verdict(&each, sent("forwarded", forwarded)), refused);

    let both = CsrfLayer::builder(&super::ring()).trusted_proxy(|_| true);
    let error = both.trusted_forwarded(|_| true).build().unwrap_err();
    assert_eq!(error, CsrfConfigError::ProxyHeaders);
    let text = error.to_string();
    assert!(text.contains("trusted_proxy") && text.contains("trusted_forwarded"), "{text}");
}
