//! The answers that clients receive.

use std::time::Duration;

use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde_json::json;
use tower_auth_core::Rejection;
use tower_auth_core::refuse::{self, Empty, Problem};

use super::forge::with;
use super::*;

/// Sends a request to a service behind the layer that answers with this rejection, or with this
/// status.
async fn behind(layer: &BearerJwtLayer, token: Option<&str>, answer: Answer) -> Response<String> {
    let inner = service_fn(move |_: Request<()>| {
        let answer = answer.clone();
        async move {
            Ok::<_, Infallible>(match answer {
                Answer::Rejection(rejection) => {
                    refuse::write(&Empty, rejection, tower_auth_core::Dialect::Http)
                }
                Answer::Status(status, lines) => {
                    let mut response = Response::new(String::new());
                    *response.status_mut() = StatusCode::from_u16(status).unwrap();
                    for line in lines {
                        let line = HeaderValue::from_static(line);
                        response.headers_mut().append(WWW_AUTHENTICATE, line);
                    }
                    response
                }
            })
        }
    });
    let mut request = Request::new(());
    if let Some(token) = token {
        let line = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
        request.headers_mut().insert(AUTHORIZATION, line);
    }
    layer.layer(inner).oneshot(request).await.unwrap()
}

#[derive(Clone)]
enum Answer {
    Rejection(Rejection),
    Status(u16, Vec<&'static str>),
}

const PLAIN: &str = r#"Bearer realm="app""#;

#[tokio::test]
async fn br_01_br_02_br_03_a_401_has_one_challenge_and_no_error_without_credentials() {
    let layer = shared().build().unwrap();
    let response = behind(&layer, None, Answer::Rejection(Rejection::Anonymous)).await;
    assert_eq!((response.status().as_u16(), challenges(&response)), (401, vec![PLAIN]));
    let response = behind(&layer, None, Answer::Status(401, vec![])).await;
    assert_eq!(challenges(&response), [PLAIN]);
    // The refusal is unrelated to the token, which is valid.
    let token = with(json!({}));
    let response = behind(&layer, Some(&token), Answer::Status(401, vec![])).await;
    assert_eq!(challenges(&response), [PLAIN]);
    // Errors are not named to clients that sent no token.
    let too_old = Rejection::TooOld { max_age: Duration::from_secs(5) };
    let response = behind(&layer, None, Answer::Rejection(too_old)).await;
    assert_eq!(challenges(&response), [PLAIN]);
    let scope = Rejection::Scope { scope: "a".into() };
    let response = behind(&layer, None, Answer::Rejection(scope)).await;
    assert_eq!(challenges(&response), [""; 0]);
    let response = behind(&layer, None, Answer::Status(200, vec![])).await;
    assert_eq!(challenges(&response), [""; 0]);
}

#[tokio::test]
async fn br_04_br_05_jw_30_every_bad_token_gets_the_same_words() {
    let layer = everything().build().unwrap();
    let tokens = [
        forge::under(r#"{"alg":"HS256","kid":"unknown"}"#),
        forge::under(r#"{"alg":"HS512","kid":"hs"}"#),
        forge::hs(r#"{"alg":"HS256","kid":"hs"}"#, &forge::claims(json!({ "exp": 1 }))),
        forge::hs(r#"{"alg":"RS256","kid":"rs"}"#, &forge::good()),
        "garbage".into(),
    ];
    let mut seen = Vec::new();
    for token in &tokens {
        let response = present(&layer, token).await;
        assert_refused(&response, token);
        seen.push(format!("{:?} {:?}", response.headers(), response.status()));
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert!(seen[0].contains("no-store"));
}

#[tokio::test]
async fn br_05_br_10_what_is_not_granted_is_403_with_the_scope() {
    let layer = shared().build().unwrap();
    let token = with(json!({}));
    let scope = Answer::Rejection(Rejection::Scope { scope: "reports:read".into() });
    let response = behind(&layer, Some(&token), scope).await;
    assert_eq!(response.status(), 403);
    let expected = r#"Bearer realm="app", error="insufficient_scope", scope="reports:read""#;
    assert_eq!(challenges(&response), [expected]);
    let role = Answer::Rejection(Rejection::Role { role: "admin".into() });
    let response = behind(&layer, Some(&token), role).await;
    assert_eq!(challenges(&response), [r#"Bearer realm="app", error="insufficient_scope""#]);
    let too_old = Answer::Rejection(Rejection::TooOld { max_age: Duration::from_secs(300) });
    let response = behind(&layer, Some(&token), too_old).await;
    let expected = r#"Bearer realm="app", error="insufficient_user_authentication", max_age="300""#;
    assert_eq!((response.status().as_u16(), challenges(&response)), (401, vec![expected]));
    // A session inside the layer belongs to another principal.
    let ambiguous = behind(&layer, Some(&token), Answer::Rejection(Rejection::Ambiguous)).await;
    assert_eq!((ambiguous.status().as_u16(), challenges(&ambiguous)), (400, vec![INVALID_REQUEST]));
    let csrf = Rejection::Csrf(tower_auth_core::rejection::CsrfFault::BadToken);
    let response = behind(&layer, Some(&token), Answer::Rejection(csrf)).await;
    assert_eq!(challenges(&response), [""; 0]);
}

#[cfg(feature = "require")]
#[tokio::test]
async fn br_05_the_challenge_names_every_scope_that_the_route_needs_and_ends_the_clients_search() {
    let layer = shared().build().unwrap();
    let needs = |scopes: &[&'static str]| {
        let all = scopes.iter().fold(crate::RequireLayer::builder(), |it, one| it.scope(*one));
        all.build().unwrap()
    };
    let challenge = async |has: &str| {
        let inside = needs(&["b", "c"]).layer(service_fn(whoami));
        let route = layer.layer(needs(&["a", "b"]).layer(inside));
        let line = format!("Bearer {}", with(json!({ "scope": has })));
        let request = Request::builder().header(AUTHORIZATION, line).body(()).unwrap();
        let response: Response<String> = route.oneshot(request).await.unwrap();
        challenges(&response).first().map(|it| (*it).to_owned())
    };
    let names = |scopes: &str| {
        Some(format!(r#"Bearer realm="app", error="insufficient_scope", scope="{scopes}""#))
    };
    assert_eq!(challenge("a").await, names("a b"));
    assert_eq!(challenge("b").await, names("a b"));
    assert_eq!(challenge("b c").await, names("a b"));
    assert_eq!(challenge("a b").await, names("a b c"));
    assert_eq!(challenge("a b c").await, None);
}

#[tokio::test]
async fn br_06_d15_nothing_that_needs_an_escape_gets_into_a_challenge() {
    let layer = shared().build().unwrap();
    let token = with(json!({}));
    for scope in ["a\"b", "a\\b", "a\r\nset-cookie: x", "ö", "a\u{7f}", "a\tb"] {
        let answer = Answer::Rejection(Rejection::Scope { scope: scope.into() });
        let response = behind(&layer, Some(&token), answer).await;
        assert_eq!(challenges(&response), [r#"Bearer realm="app", error="insufficient_scope""#]);
    }
    for realm in ["a\"", "a\\", "a\r\nb", "ö", "\u{0}"] {
        assert_eq!(
            shared().realm(realm).build().unwrap_err(),
            BearerConfigError::Realm,
            "{realm:?}"
        );
    }
    let named = shared().realm("my app, really = !").build().unwrap();
    let response = behind(&named, None, Answer::Status(401, vec![])).await;
    assert_eq!(challenges(&response), [r#"Bearer realm="my app, really = !""#]);
    let response = present(&named, "x").await;
    let expected = r#"Bearer realm="my app, really = !", error="invalid_token""#;
    assert_eq!(challenges(&response), [expected]);
}

#[tokio::test]
async fn br_11_one_line_each_and_never_a_second_of_the_scheme() {
    let layer = shared().build().unwrap();
    let basic = "Basic realm=\"x\"";
    let response = behind(&layer, None, Answer::Status(401, vec![basic])).await;
    assert_eq!(challenges(&response), [basic, PLAIN]);
    let own = "bearer realm=\"own\"";
    let response = behind(&layer, None, Answer::Status(401, vec![basic, own])).await;
    assert_eq!(challenges(&response), [basic, own]);
    let alike = "Bearers realm=\"x\"";
    let response = behind(&layer, None, Answer::Status(401, vec![alike])).await;
    assert_eq!(challenges(&response), [alike, PLAIN]);
}

#[tokio::test]
async fn br_14_refusals_can_be_problem_documents_or_ones_own() {
    let layer = shared().refuse_with(Problem).build().unwrap();
    let handler = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(vec![0_u8])));
    let request = Request::builder().header(AUTHORIZATION, "Bearer x").body(()).unwrap();
    let response: Response<Vec<u8>> = layer.layer(handler).oneshot(request).await.unwrap();
    assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
    assert_eq!(challenges(&response), [INVALID_TOKEN]);
    let document: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!((&document["status"], &document["code"]), (&json!(401), &json!("invalid_token")));
    let own = |_: &Rejection, _: tower_auth_core::Dialect| {
        Response::builder().status(401).body("no".to_owned()).unwrap()
    };
    let layer = shared().refuse_with(own).build().unwrap();
    let response = present(&layer, "x").await;
    assert_eq!((response.body().as_str(), challenges(&response)), ("no", vec![INVALID_TOKEN]));
    assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn grpc_clients_are_refused_in_their_manner() {
    let layer = shared().build().unwrap();
    for (lines, status) in [(vec!["Bearer x"], "16"), (vec!["Bearer x", "Bearer y"], "3")] {
        let mut request = Request::builder()
            .method("POST")
            .header(CONTENT_TYPE, "application/grpc")
            .body(())
            .unwrap();
        for line in lines {
            request.headers_mut().append(AUTHORIZATION, HeaderValue::from_static(line));
        }
        let response: Response<String> =
            layer.layer(service_fn(whoami)).oneshot(request).await.unwrap();
        assert_eq!(
            (response.status().as_u16(), response.headers()["grpc-status"] == status),
            (200, true)
        );
        assert_eq!(challenges(&response), [""; 0]);
    }
}
