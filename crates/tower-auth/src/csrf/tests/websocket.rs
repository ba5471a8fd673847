use tower_auth_core::rejection::CsrfFault::{self, CrossSite, ForeignOrigin, MissingOrigin};

use super::{SESSION, layer, request, ring, verdict};
use crate::csrf::{CsrfLayer, CsrfLayerBuilder};

fn open(
    settle: fn(CsrfLayerBuilder) -> CsrfLayerBuilder,
    headers: &[(&str, &str)],
) -> Result<(), CsrfFault> {
    let ours = [("host", "app.example"), ("connection", "Upgrade")];
    by_both(settle, "GET", &[&ours[..], headers].concat())
}

/// Returns the verdict of the layer. The layer of headers alone, if these settings have one, must
/// decide alike.
fn by_both(
    settle: fn(CsrfLayerBuilder) -> CsrfLayerBuilder,
    method: &str,
    headers: &[(&str, &str)],
) -> Result<(), CsrfFault> {
    let full = verdict(&layer(settle), request(method, "/chat", headers));
    if let Ok(alone) = settle(CsrfLayer::builder(&ring())).headers_only().build() {
        assert_eq!(verdict(&alone, request(method, "/chat", headers)), full, "{headers:?}");
    }
    full
}

#[test]
fn se_24_a_handshake_is_judged_by_its_origin() {
    let upgrade = ("upgrade", "websocket");
    let as_is = |headers: &[(&str, &str)]| open(|it| it, &[&[upgrade], headers].concat());
    let cookie = ("cookie", SESSION);
    assert_eq!(as_is(&[cookie, ("origin", "https://app.example")]), Ok(()));
    assert_eq!(as_is(&[cookie, ("sec-fetch-site", "same-origin")]), Ok(()));
    assert_eq!(as_is(&[cookie, ("origin", "https://evil.example")]), Err(ForeignOrigin));
    assert_eq!(as_is(&[cookie, ("origin", "null")]), Err(ForeignOrigin));
    for site in ["cross-site", "same-site"] {
        assert_eq!(as_is(&[cookie, ("sec-fetch-site", site)]), Err(CrossSite), "{site}");
    }
    // A program: with a cookie, it must send evidence of its origin.
    assert_eq!(as_is(&[]), Ok(()));
    assert_eq!(as_is(&[cookie]), Err(MissingOrigin));
}

#[test]
fn se_24_every_spelling_of_the_upgrade_counts() {
    let evil = ("origin", "https://evil.example");
    for upgrade in ["WebSocket", "websocket/13", "h2c, websocket", "h2c ,\twebsocket "] {
        assert_eq!(open(|it| it, &[("upgrade", upgrade), evil]), Err(ForeignOrigin), "{upgrade}");
    }
    let two = [("upgrade", "h2c"), ("upgrade", "websocket"), evil];
    assert_eq!(open(|it| it, &two), Err(ForeignOrigin));
    // An upgrade to another protocol is an ordinary GET.
    for upgrade in ["h2c", "websockets", "web", ""] {
        assert_eq!(open(|it| it, &[("upgrade", upgrade), evil]), Ok(()), "{upgrade}");
    }
    assert_eq!(open(|it| it, &[evil]), Ok(()));
}

#[test]
fn se_24_no_token_is_asked_of_a_handshake() {
    let own = [("upgrade", "websocket"), ("origin", "https://app.example"), ("cookie", SESSION)];
    assert_eq!(open(CsrfLayerBuilder::require_token, &own), Ok(()));
    let post = request("POST", "/chat", &[&own[..], &[("host", "app.example")]].concat());
    assert!(verdict(&layer(CsrfLayerBuilder::require_token), post).is_err());
}

#[test]
fn se_24_over_http_2_it_is_a_connect() {
    let open = |settle: fn(CsrfLayerBuilder) -> CsrfLayerBuilder, headers: &[(&str, &str)]| {
        let headers = [&[("host", "app.example"), ("cookie", SESSION)], headers].concat();
        by_both(settle, "CONNECT", &headers)
    };
    let own = ("origin", "https://app.example");
    for settle in
        [|it| it, CsrfLayerBuilder::require_token as fn(CsrfLayerBuilder) -> CsrfLayerBuilder]
    {
        assert_eq!(open(settle, &[own]), Ok(()));
        assert_eq!(open(settle, &[("origin", "https://evil.example")]), Err(ForeignOrigin));
        assert_eq!(open(settle, &[("sec-fetch-site", "cross-site")]), Err(CrossSite));
        // No preflight precedes the handshake, so missing evidence is not accepted.
        assert_eq!(open(settle, &[]), Err(MissingOrigin));
    }
}
