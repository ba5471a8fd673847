use tower_auth_core::rejection::CsrfFault::MissingOrigin;

use crate::request::{LayerFlag, RequestScope};

use crate::csrf::CsrfLayerBuilder;

use super::{SESSION, issue, layer, post, request, verdict};

#[test]
fn cs_06_without_evidence_a_credential_is_refused_and_none_passes() {
    assert_eq!(verdict(&layer(|it| it), post(&[])), Ok(()));
    assert_eq!(verdict(&layer(|it| it), post(&[("cookie", "a=b")])), Err(MissingOrigin));
    // `Referer` has no effect.
    for referer in ["https://app.example/form", "https://evil.example/"] {
        let came = [("host", "app.example"), ("referer", referer)];
        assert_eq!(verdict(&layer(|it| it), post(&came)), Ok(()));
        let with_cookie = [&came[..], &[("cookie", "a=b")]].concat();
        assert_eq!(verdict(&layer(|it| it), post(&with_cookie)), Err(MissingOrigin));
    }
}

/// The cookies of the jar authenticate, and the outermost layer filled it from the request.
#[test]
fn cs_06_a_cookie_that_a_layer_in_between_takes_away_counts_still() {
    for layer in [layer(|it| it), layer(|it| it.ambient_cookies(["other"]))] {
        let mut request = post(&[("cookie", SESSION)]);
        let _owner = RequestScope::enter(&mut request, LayerFlag::Cookie).unwrap();
        request.headers_mut().remove("cookie");
        assert_eq!(verdict(&layer, request), Err(MissingOrigin));
    }
}

#[test]
fn cs_06_a_valid_token_is_evidence() {
    let bound = |it: CsrfLayerBuilder| it.bind_to("__Host-session");
    for layer in [layer(bound), layer(|it| bound(it).strict())] {
        let (token, _) = issue(&layer, &[SESSION]);
        let with = |cookie, token: &str| {
            verdict(&layer, post(&[("cookie", cookie), ("x-csrf-token", token)]))
        };
        assert_eq!(with(SESSION, &token), Ok(()));
        assert_eq!(with("__Host-session=somebody-else", &token), Err(MissingOrigin));
        assert_eq!(with(SESSION, "guessed"), Err(MissingOrigin));
    }
}

#[test]
fn cs_14_simple_content_types_are_no_evidence() {
    let with = |content_type: &str| {
        let headers = [("cookie", SESSION), ("content-type", content_type)];
        verdict(&layer(|it| it), post(&headers))
    };
    for simple in [
        "text/plain",
        "TEXT/PLAIN",
        "text/plain;charset=utf-8",
        "text/plain ; x=application/json",
        "\ttext/plain",
        "multipart/form-data",
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded;application/json",
        "text/ping",
        "Text/Ping; charset=utf-8",
        "application/csp-report",
        "application/reports+json",
        "application/json,text/plain",
        "application/json;a=b, text/plain",
        "application",
        "/json",
        "application/",
        "*",
        ";application/json",
    ] {
        assert_eq!(with(simple), Err(MissingOrigin), "{simple}");
    }
    for asked_for in ["application/json", "application/json; charset=utf-8", "application/grpc"] {
        assert_eq!(with(asked_for), Ok(()), "{asked_for}");
    }
    // Every method but GET, HEAD and POST needs a preflight; the case does not matter.
    for (method, passes) in [("PUT", true), ("PATCH", true), ("PURGE", true), ("Post", false)] {
        let sent = request(method, "/", &[("cookie", SESSION)]);
        assert_eq!(verdict(&layer(|it| it), sent).is_ok(), passes, "{method}");
    }
}

#[test]
fn cs_14_strict_asks_for_evidence_whatever_the_content_type() {
    let json = [("cookie", SESSION), ("content-type", "application/json")];
    assert_eq!(verdict(&layer(|it| it.strict()), post(&json)), Err(MissingOrigin));
    assert_eq!(verdict(&layer(|it| it.strict()), post(&json[1..])), Ok(()), "no credential");
}

#[test]
fn cs_18_authorization_exempts_only_without_an_ambient_credential() {
    let bearer = ("authorization", "Bearer abc");
    assert_eq!(verdict(&layer(|it| it), post(&[bearer])), Ok(()));
    assert_eq!(verdict(&layer(|it| it), post(&[bearer, ("cookie", SESSION)])), Err(MissingOrigin));
    // With a list of ambient cookies, a cookie outside the list may accompany the request.
    let narrowed = || layer(|it| it.ambient_cookies(["remember"]).bind_to("sid"));
    assert_eq!(verdict(&narrowed(), post(&[bearer, ("cookie", "theme=dark")])), Ok(()));
    for cookie in ["sid=1", "theme=dark; remember=1"] {
        assert_eq!(verdict(&narrowed(), post(&[bearer, ("cookie", cookie)])), Err(MissingOrigin));
    }
    for names in [&[][..], &["a"]] {
        let narrowed = layer(|it| it.ambient_cookies(names.iter().copied()));
        assert_eq!(verdict(&narrowed, post(&[("cookie", SESSION)])), Err(MissingOrigin));
    }
}
