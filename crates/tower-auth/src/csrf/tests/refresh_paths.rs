//! HTTP Basic at the paths of refresh tokens: it names a client and is no user's credential.

use tower_auth_core::rejection::CsrfFault::{self, MissingOrigin, MissingToken};

use super::{layer, request, verdict};
use crate::csrf::{CsrfLayer, CsrfLayerBuilder};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const BASIC: (&str, &str) = ("authorization", "Basic YXBwOg==");

fn paths(it: CsrfLayerBuilder) -> CsrfLayerBuilder {
    it.refresh_path("/auth/refresh").refresh_path("/auth/revoke")
}

fn ask(layer: &CsrfLayer, path: &str, more: &[(&str, &str)]) -> Result<(), CsrfFault> {
    verdict(layer, request("POST", path, &[&[FORM][..], more].concat()))
}

#[test]
fn cs_18_basic_is_ambient_everywhere_but_where_refresh_tokens_are_exchanged() {
    for layer in [layer(paths), layer(|it| paths(it).strict())] {
        for path in ["/auth/refresh", "/auth/revoke", "/auth/refresh?x=1"] {
            for line in [BASIC.1, "basic YXBwOg==", "BASIC\tx", "Basic"] {
                assert_eq!(ask(&layer, path, &[("authorization", line)]), Ok(()), "{path} {line}");
            }
            // Browsers repeat these schemes too, and none of them names an OAuth client.
            for line in ["Digest x", "Negotiate x", "Basics x", ""] {
                let verdict = ask(&layer, path, &[("authorization", line)]);
                assert_eq!(verdict, Err(MissingOrigin), "{path} {line}");
            }
            // A cookie may contain a refresh token.
            for cookie in ["__Host-refresh=x", "a=b"] {
                let verdict = ask(&layer, path, &[BASIC, ("cookie", cookie)]);
                assert_eq!(verdict, Err(MissingOrigin), "{path} {cookie}");
            }
            // Evidence of another site always counts.
            assert!(ask(&layer, path, &[BASIC, ("sec-fetch-site", "cross-site")]).is_err());
            assert!(ask(&layer, path, &[BASIC, ("origin", "https://evil.example")]).is_err());
        }
        for path in ["/", "/auth", "/auth/refresh/", "/auth/Refresh", "/auth/%72efresh"] {
            assert_eq!(ask(&layer, path, &[BASIC]), Err(MissingOrigin), "{path}");
        }
    }
    // No refresh path is configured.
    assert_eq!(ask(&layer(|it| it), "/auth/refresh", &[BASIC]), Err(MissingOrigin));
}

#[test]
fn cs_18_a_refresh_token_in_the_body_needs_no_csrf_token() {
    let layer = layer(|it| paths(it).require_token().ambient_cookies(["mine"]));
    for more in [&[][..], &[BASIC], &[BASIC, ("cookie", "sticky=1")]] {
        assert_eq!(ask(&layer, "/auth/refresh", more), Ok(()), "{more:?}");
        assert!(ask(&layer, "/login", more).is_err(), "{more:?}");
    }
    let own = ("sec-fetch-site", "same-origin");
    for cookie in ["__Host-refresh=x", "__Host-session=x", "mine=1", "__Host-csrf=x"] {
        let verdict = ask(&layer, "/auth/refresh", &[own, ("cookie", cookie)]);
        assert_eq!(verdict, Err(MissingToken), "{cookie}");
    }
}

#[test]
fn a_refresh_path_is_one_that_requests_have() {
    for path in ["", "auth", "/a?b", "/a//b", "/%61", "/a/*"] {
        let error = CsrfLayer::builder(&super::ring()).refresh_path(path).build().unwrap_err();
        assert!(error.to_string().starts_with(&format!("refresh_path({path:?}): ")), "{error}");
    }
}
