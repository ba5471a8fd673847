//! Text in a challenge: a realm, and the scope or role that is missing. The challenge is one
//! well-formed line that contains exactly these values, or omits them.
//!
//! An input is a byte of flags, and realm and scope, separated by 0xFF.
#![no_main]

use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::LazyLock;
use std::time::Duration;

use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Request, Response};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_auth::bearer::BearerConfigError;
use tower_auth::refuse::{self, Empty};
use tower_auth::{BearerJwtLayer, Dialect, Rejection, RequireLayer, Settings};
use tower_auth_fuzz::{
    AUDIENCE, ISSUER, SEPARATOR, clock, field, good_claims, hs256, is_plain, pairs,
    parse_challenge, run, with_secret,
};

/// A token without scopes and roles.
static LINE: LazyLock<HeaderValue> = LazyLock::new(|| {
    let token = hs256(br#"{"alg":"HS256","kid":"hs"}"#, good_claims().as_bytes());
    HeaderValue::try_from(format!("Bearer {token}")).expect("a token is ASCII")
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((flags, data)) = data.split_first() else { return };
    let mut fields = data.splitn(2, |byte| *byte == SEPARATOR);
    let (realm, name) = (field(&mut fields), field(&mut fields));

    let built = BearerJwtLayer::builder(ISSUER, AUDIENCE);
    let built = with_secret(built.settings(&Settings::new().clock(clock()))).realm(&*realm);
    let layer = match built.build() {
        Ok(layer) => layer,
        Err(BearerConfigError::Realm) => {
            assert!(!is_plain(&realm), "a realm that can be quoted is refused");
            return;
        }
        Err(other) => panic!("{other}"),
    };
    assert!(is_plain(&realm), "a realm that cannot be quoted is accepted");

    let sent = flags & 1 != 0;
    let mut request = Request::new(());
    if sent {
        request.headers_mut().insert(AUTHORIZATION, LINE.clone());
    }
    let age = Duration::from_secs(u64::from(*flags) << (flags >> 3));
    let insufficient = ("error", "insufficient_scope");
    let (rejection, status, said): (_, _, Vec<(&str, &str)>) = match (flags >> 1) & 3 {
        // A layer that requires a scope accepts only one that can be quoted.
        0 => {
            let Ok(require) = RequireLayer::builder().scope(name.clone()).build() else { return };
            let handler = service_fn(|_: Request<()>| async {
                Ok::<_, Infallible>(Response::new(String::new()))
            });
            let response = run(layer.layer(require.layer(handler)).oneshot(request));
            let response = response.unwrap_or_else(|never| match never {});
            let said = [insufficient, ("scope", &*name)];
            check(&response, &realm, if sent { 403 } else { 401 }, sent.then_some(&said));
            return;
        }
        1 => {
            let scope = Rejection::Scope { scope: Cow::Owned(name.clone()) };
            let said = if is_plain(&name) {
                vec![insufficient, ("scope", &*name)]
            } else {
                vec![insufficient]
            };
            (scope, 403, said)
        }
        2 => (Rejection::Role { role: Cow::Owned(name.clone()) }, 403, vec![insufficient]),
        _ => (Rejection::TooOld { max_age: age }, 401, vec![]),
    };
    let handler = service_fn(|_: Request<()>| {
        let rejection = rejection.clone();
        async { Ok::<_, Infallible>(refuse::write(&Empty, rejection, Dialect::Http)) }
    });
    let response: Response<String> =
        run(layer.layer(handler).oneshot(request)).unwrap_or_else(|never| match never {});
    let seconds = age.as_secs().to_string();
    let said = match rejection {
        Rejection::TooOld { .. } => {
            vec![("error", "insufficient_user_authentication"), ("max_age", &*seconds)]
        }
        _ => said,
    };
    check(&response, &realm, status, sent.then_some(&said));
});

/// `said` is `None` if the request had no credential. Then a 401 names the realm, and a 403 has no
/// challenge.
fn check(response: &Response<String>, realm: &str, status: u16, said: Option<&[(&str, &str)]>) {
    assert_eq!(response.status(), status);
    assert!(only_expected(response.headers()), "{:?}", response.headers());
    let lines: Vec<_> = response.headers().get_all(WWW_AUTHENTICATE).iter().collect();
    if said.is_none() && status == 403 {
        assert!(lines.is_empty());
        return;
    }
    assert_eq!(lines.len(), 1);
    let mut expected = pairs(&[("realm", realm)]);
    expected.extend(pairs(said.unwrap_or_default()));
    assert_eq!(parse_challenge(lines[0].as_bytes()), expected);
}

fn only_expected(headers: &HeaderMap) -> bool {
    let known = ["www-authenticate", "cache-control", "vary", "content-type", "content-length"];
    headers.keys().all(|name| known.contains(&name.as_str()))
}
