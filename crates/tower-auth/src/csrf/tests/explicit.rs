//! Requests that authenticate by a credential that only a script or a program adds.

use tower_auth_core::rejection::CsrfFault::{self, CrossSite, MissingOrigin, MissingToken};

use super::{SESSION, issue, layer, post, session, verdict};
use crate::csrf::CsrfLayerBuilder;

const BEARER: (&str, &str) = ("authorization", "Bearer abc");
const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");

fn with_token_required(headers: &[(&str, &str)]) -> Result<(), CsrfFault> {
    verdict(&layer(CsrfLayerBuilder::require_token), post(headers))
}

#[test]
fn cs_18_an_explicit_credential_alone_needs_no_token() {
    for credential in
        ["Bearer abc", "bearer abc", "BEARER abc", "DPoP abc", "dpop abc", "Bearer  a"]
    {
        let sent = ("authorization", credential);
        assert_eq!(with_token_required(&[sent]), Ok(()), "{credential}");
        assert_eq!(with_token_required(&[sent, SAME]), Ok(()), "{credential}");
        let when = layer(|it| it.require_token_when(|parts| parts.uri.path() == "/"));
        assert_eq!(verdict(&when, post(&[sent])), Ok(()), "{credential}");
    }
}

#[test]
fn cs_18_what_is_not_one_explicit_credential_still_needs_a_token() {
    for credential in
        ["Bearer", "Bearer ", "DPoP\t", "", "Bearerx abc", "Bearer a, Basic b", "Token a", "abc"]
    {
        let sent = [("authorization", credential), SAME];
        assert_eq!(with_token_required(&sent), Err(MissingToken), "{credential:?}");
    }
    for second in ["Bearer abc", "DPoP abc", "Basic YTpi", ""] {
        let sent = [BEARER, ("authorization", second), SAME];
        assert_eq!(with_token_required(&sent), Err(MissingToken), "{second:?}");
    }
    for ambient in ["Basic YTpi", "Negotiate x", "Digest x"] {
        let sent = [("authorization", ambient), SAME];
        assert_eq!(with_token_required(&sent), Err(MissingToken), "{ambient}");
    }
}

#[test]
fn cs_13_a_request_without_any_credential_still_needs_a_token() {
    assert_eq!(with_token_required(&[]), Err(MissingToken));
    assert_eq!(with_token_required(&[SAME]), Err(MissingToken));
}

#[test]
fn cs_18_beside_an_ambient_credential_the_token_is_needed() {
    for cookie in [SESSION, "theme=dark", "=", "junk", ""] {
        let sent = [BEARER, ("cookie", cookie), SAME];
        assert_eq!(with_token_required(&sent), Err(MissingToken), "{cookie:?}");
    }
    let layer = layer(CsrfLayerBuilder::require_token);
    let session = session(1);
    let (token, _) = issue(&layer, &[&session]);
    let sent = post(&[BEARER, ("cookie", &session), SAME, ("x-csrf-token", &token)]);
    assert_eq!(verdict(&layer, sent), Ok(()));
}

#[test]
fn cs_18_a_foreign_cookie_is_no_ambient_credential_where_the_names_are_known() {
    let narrowed = layer(|it| it.require_token().ambient_cookies(["remember"]).bind_to("sid"));
    for cookie in ["theme=dark", "Remember=1", "a=remember", "junk", ""] {
        let sent = post(&[BEARER, ("cookie", cookie), SAME]);
        assert_eq!(verdict(&narrowed, sent), Ok(()), "{cookie:?}");
        let bare = post(&[("cookie", cookie), SAME]);
        assert_eq!(verdict(&narrowed, bare), Err(MissingToken), "{cookie:?}");
    }
    for cookie in ["sid=1", "theme=dark; remember=1", "__Host-csrf=x", "__Host-refresh=x"] {
        let sent = post(&[BEARER, ("cookie", cookie), SAME]);
        assert_eq!(verdict(&narrowed, sent), Err(MissingToken), "{cookie}");
    }
}

#[test]
fn cs_18_where_the_request_comes_from_is_checked_all_the_same() {
    assert_eq!(with_token_required(&[BEARER, ("sec-fetch-site", "cross-site")]), Err(CrossSite));
    assert_eq!(with_token_required(&[BEARER, ("cookie", SESSION)]), Err(MissingOrigin));
}
