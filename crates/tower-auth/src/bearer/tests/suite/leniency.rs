//! Claims that trust depends on are checked strictly. In claims that are only passed on, an unknown
//! shape counts as absent, and never satisfies a requirement.

use super::forge::{self, adding};
use super::*;
use crate::Settings;

const ODD: [&str; 7] = ["null", "1", "true", "{}", "{\"a\":[{}]}", "[1]", "[\"x\",null]"];

#[tokio::test]
async fn claims_that_are_handed_on_never_refuse_a_token() {
    let layer = shared().build().unwrap();
    for claim in ["acr", "amr", "auth_time", "scope", "scp", "roles"] {
        for value in ODD {
            let token = adding(&format!("{claim:?}:{value}"));
            let alice = identity(&layer, &token).await;
            let alice = alice.unwrap_or_else(|| panic!("{claim} {value}"));
            assert_eq!((alice.acr(), alice.amr().count()), (None, 0), "{claim} {value}");
            assert_eq!((alice.scopes().count(), alice.roles().count()), (0, 0), "{claim} {value}");
            let moment = if claim == "auth_time" && value == "1" { Some(1) } else { None };
            let moment = moment.map(Timestamp::from_unix_seconds);
            assert_eq!(alice.authenticated_at(), moment, "{claim} {value}");
        }
    }
    for (added, amr) in [
        (r#""amr":[{"method":"password","timestamp":1}]"#, 0),
        (r#""amr":"pwd""#, 0),
        (r#""amr":["pwd",1]"#, 0),
        (r#""amr":["pwd","otp"]"#, 2),
    ] {
        let alice = identity(&layer, &adding(added)).await.unwrap();
        assert_eq!(alice.amr().count(), amr, "{added}");
    }
}

#[tokio::test]
async fn what_a_lenient_claim_holds_is_still_json_without_a_member_twice() {
    let layer = shared().build().unwrap();
    for claim in ["acr", "amr", "auth_time", "scope", "scp", "roles", "events", "type", "act"] {
        for value in [r#"{"a":1,"a":2}"#, r#"[{"a":1,"\u0061":2}]"#] {
            let token = adding(&format!("{claim:?}:{value}"));
            assert_refused(&present(&layer, &token).await, &format!("{claim} {value}"));
        }
        let deep = format!("{claim:?}:{}{}", "[".repeat(17), "]".repeat(17));
        assert_refused(&present(&layer, &adding(&deep)).await, claim);
    }
}

#[tokio::test]
async fn claims_that_trust_depends_on_are_of_their_type() {
    let layer = shared().build().unwrap();
    for claim in ["jti", "sid", "client_id", "azp", "nbf", "iat", "cnf"] {
        let numbers = ["nbf", "iat"].contains(&claim);
        for value in ODD.into_iter().chain(["\"x\""]) {
            let right = match value {
                "1" => numbers,
                "\"x\"" => !numbers && claim != "cnf",
                _ => false,
            };
            let token = adding(&format!("{claim:?}:{value}"));
            assert_eq!(identity(&layer, &token).await.is_some(), right, "{claim} {value}");
        }
    }
}

/// Neither an unknown time nor one in the future counts as recent.
#[cfg(feature = "require")]
#[tokio::test]
async fn max_age_fails_closed() {
    let layer = shared().build().unwrap();
    let require = crate::RequireLayer::builder()
        .max_age(std::time::Duration::from_secs(300))
        .settings(&Settings::new().clock(clock()))
        .build();
    let require = require.unwrap();
    for (auth_time, passes) in [
        (format!("{}", NOW - 10), true),
        (format!("{}.5", NOW - 10), true),
        (format!("{}", NOW - 301), false),
        (format!("\"{}\"", NOW - 10), false),
        (format!("[{}]", NOW - 10), false),
        ("null".into(), false),
        ("true".into(), false),
        ("-1".into(), false),
        (format!("{}", NOW * 1000), false),
        ("1e300".into(), false),
    ] {
        let mut request = Request::new(());
        let line = format!("Bearer {}", adding(&format!("\"auth_time\":{auth_time}")));
        request.headers_mut().insert(AUTHORIZATION, HeaderValue::try_from(line).unwrap());
        let service = layer.layer(require.layer(service_fn(whoami)));
        let response: Response<String> = service.oneshot(request).await.unwrap();
        let expected = if passes { 200 } else { 401 };
        assert_eq!(response.status(), expected, "{auth_time}");
    }
}

#[tokio::test]
async fn scopes_as_an_array_are_for_the_generic_profile() {
    let strict = shared().profile(Profile::Rfc9068).build().unwrap();
    let lenient = shared().build().unwrap();
    for (scope, strictly, scopes) in [
        (r#""a b""#, true, 2),
        (r#"["a","b"]"#, false, 2),
        (r#"["a",1]"#, false, 0),
        ("[]", false, 0),
        ("null", true, 0),
    ] {
        let added = format!(r#""scope":{scope},"client_id":"web","jti":"1","iat":{NOW}"#,);
        let claims = forge::good().replacen('{', &format!("{{{added},"), 1);
        let token = forge::hs(r#"{"alg":"HS256","typ":"at+jwt"}"#, &claims);
        assert_eq!(identity(&strict, &token).await.is_some(), strictly, "{scope}");
        let alice = identity(&lenient, &token).await.unwrap();
        assert_eq!(alice.scopes().count(), scopes, "{scope}");
    }
}
