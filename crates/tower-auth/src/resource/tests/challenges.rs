//! The challenges and the audience of a bearer layer that has a protected resource.

use std::convert::Infallible;
use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{HeaderValue, Request, StatusCode};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_auth_core::refuse::{self, Empty};

use super::*;
use crate::bearer::Algorithm::HS256;
use crate::bearer::{BearerConfigError, BearerJwtLayerBuilder, Key, SigningKey, TrustedIssuer};
use crate::{
    AuthStack, BearerJwtLayer, Dialect, Identity, JwtIssuer, KeyRing, Principal, Rejection,
    RequireLayer,
};

/// The parameter that every challenge must have.
const NAMED: &str =
    r#"resource_metadata="https://api.example/.well-known/oauth-protected-resource/mcp""#;

const SECRET: [u8; 32] = [7; 32];

/// Creates an issuer of tokens for `audience`. All of them sign with one key.
fn issuer_for(audience: &str) -> JwtIssuer {
    let key = SigningKey::from_secret(HS256, SECRET);
    JwtIssuer::builder(ISSUER, audience).signing_key("1", key).build().unwrap()
}

fn key() -> Key {
    Key::from_secret(HS256, SECRET)
}

fn token(issuer: &JwtIssuer, scopes: &[&str]) -> String {
    let alice = Identity::builder(Principal::new(issuer.name(), "alice")).scopes(scopes).build();
    format!("Bearer {}", issuer.mint(&alice).unwrap().text)
}

type Body = String;

async fn call<S>(app: S, lines: &[&str]) -> Response<Body>
where
    S: Service<Request<()>, Response = Response<Body>, Error = Infallible>,
{
    let mut request = Request::new(());
    for line in lines {
        request.headers_mut().append(AUTHORIZATION, HeaderValue::try_from(*line).unwrap());
    }
    app.oneshot(request).await.unwrap()
}

/// Returns the challenges of a handler behind the layer that answers in this way.
async fn behind(
    layer: &BearerJwtLayer,
    lines: &[&str],
    answer: impl Fn() -> Response<Body>,
) -> Vec<String> {
    let handler = service_fn(async |_: Request<()>| Ok::<_, Infallible>(answer()));
    let response = call(layer.layer(handler), lines).await;
    challenges(&response).into_iter().map(str::to_owned).collect()
}

fn refusing(rejection: Rejection) -> impl Fn() -> Response<Body> {
    move || refuse::write(&Empty, rejection.clone(), Dialect::Http)
}

fn answering(status: u16, lines: &'static [&'static str]) -> impl Fn() -> Response<Body> {
    move || {
        let mut response = Response::new(String::new());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        for line in lines {
            response.headers_mut().append(WWW_AUTHENTICATE, HeaderValue::from_static(line));
        }
        response
    }
}

fn ok() -> Response<Body> {
    Response::new("in".into())
}

#[tokio::test]
async fn pr_04_br_06_every_challenge_names_the_document_once_and_absolutely() {
    let issuer = issuer_for(API);
    let resource = builder().build().unwrap();
    let layer = issuer.layer().protected_resource(&resource).build().unwrap();
    let good = token(&issuer, &[]);
    let scope = Rejection::Scope { scope: "a b".into() };
    let role = Rejection::Role { role: "admin".into() };
    let too_old = Rejection::TooOld { max_age: Duration::from_secs(5) };
    let all = [
        (behind(&layer, &[], refusing(Rejection::Anonymous)).await, ""),
        (behind(&layer, &[], answering(401, &[])).await, ""),
        (behind(&layer, &["Bearer x"], ok).await, r#", error="invalid_token""#),
        (behind(&layer, &["Bearer"], ok).await, r#", error="invalid_request""#),
        (behind(&layer, &[&good, &good], ok).await, r#", error="invalid_request""#),
        (
            behind(&layer, &[&good], refusing(scope)).await,
            r#", error="insufficient_scope", scope="a b""#,
        ),
        (behind(&layer, &[&good], refusing(role)).await, r#", error="insufficient_scope""#),
        (
            behind(&layer, &[&good], refusing(too_old)).await,
            r#", error="insufficient_user_authentication", max_age="5""#,
        ),
    ];
    for (challenges, parameters) in all {
        assert_eq!(challenges, [format!(r#"Bearer realm="app"{parameters}, {NAMED}"#)]);
    }
    assert_eq!(behind(&layer, &[&good], ok).await, [""; 0]);
    assert!(METADATA.starts_with("https://") && NAMED.contains(METADATA));
}

#[tokio::test]
async fn pr_04_br_11_a_handlers_own_bearer_challenge_names_the_document_too() {
    let issuer = issuer_for(API);
    let resource = builder().build().unwrap();
    let layer = issuer.layer().protected_resource(&resource).build().unwrap();
    let own = |lines| behind(&layer, &[], answering(401, lines));
    assert_eq!(own(&["Bearer"]).await, [format!("Bearer {NAMED}")]);
    assert_eq!(own(&["bearer realm=\"a\""]).await, [format!("bearer {NAMED}, realm=\"a\"")]);
    // Another challenge in the same line keeps its parameters.
    assert_eq!(
        own(&["Bearer, Basic realm=\"b\""]).await,
        [format!("Bearer {NAMED}, Basic realm=\"b\"")]
    );
    let complete = "Bearer Resource_Metadata=\"https://other.example/doc\"";
    assert_eq!(
        behind(
            &layer,
            &[],
            answering(401, &["Bearer Resource_Metadata=\"https://other.example/doc\""])
        )
        .await,
        [complete]
    );
    assert_eq!(
        own(&["Basic realm=\"b\""]).await,
        ["Basic realm=\"b\"".to_owned(), format!("Bearer realm=\"app\", {NAMED}")]
    );
    let forbidden = behind(&layer, &[], answering(403, &["Bearer error=\"insufficient_scope\""]));
    assert_eq!(forbidden.await, [format!("Bearer {NAMED}, error=\"insufficient_scope\"")]);
    // Without a protected resource, a handler's challenge stays as it is.
    let plain = issuer.layer().build().unwrap();
    assert_eq!(behind(&plain, &[], answering(401, &["Bearer"])).await, ["Bearer"]);
}

#[test]
fn pr_03_a_layer_reads_tokens_in_all_the_ways_that_the_document_lists() {
    let layer = |methods: &[BearerMethod]| {
        let resource = builder().bearer_methods(methods.iter().copied()).build().unwrap();
        issuer_for(API).layer().protected_resource(&resource)
    };
    let (header, query) = (BearerMethod::Header, BearerMethod::Query);
    assert!(layer(&[]).build().is_ok() && layer(&[header]).build().is_ok());
    for (listed, named) in [(query, "insecure_from_query"), (BearerMethod::Body, "leave it out")] {
        for methods in [&[header, listed][..], &[listed]] {
            let error = layer(methods).build().unwrap_err();
            assert_eq!(error, BearerConfigError::BearerMethod(listed));
            assert!(error.to_string().contains(named), "{error}");
        }
    }
    assert!(layer(&[header, query]).insecure_from_query("token").build().is_err());
    assert!(layer(&[header, query]).insecure_from_query("access_token").build().is_ok());
    // The document need not list every way.
    assert!(layer(&[header]).insecure_from_query("access_token").build().is_ok());
}

#[tokio::test]
async fn pr_05_the_audience_is_the_resource_unless_another_is_set() {
    let resource = builder().build().unwrap();
    let status = async |builder: BearerJwtLayerBuilder, issuer: &JwtIssuer| {
        let layer = builder.algorithms([HS256]).key(key()).build().unwrap();
        let handler = service_fn(async |_: Request<()>| Ok::<_, Infallible>(ok()));
        let response = call(layer.layer(handler), &[&token(issuer, &[])]).await;
        response.status().as_u16()
    };
    let of_resource = || BearerJwtLayer::for_resource(ISSUER, &resource);
    assert_eq!(status(of_resource(), &issuer_for(API)).await, 200);
    // Neither the host nor a part of the path is enough.
    for other in ["https://api.example", "https://api.example/mcp/", "https://other.example"] {
        assert_eq!(status(of_resource(), &issuer_for(other)).await, 401, "{other}");
    }
    let named = || of_resource().audience("api://weather");
    assert_eq!(status(named(), &issuer_for("api://weather")).await, 200);
    assert_eq!(status(named(), &issuer_for(API)).await, 401);
    let both = || named().audience(API);
    assert_eq!(status(both(), &issuer_for("api://weather")).await, 200);
    assert_eq!(status(both(), &issuer_for(API)).await, 200);
    let explicit = || BearerJwtLayer::builder(ISSUER, "account").protected_resource(&resource);
    assert_eq!(status(explicit(), &issuer_for("account")).await, 200);
    assert_eq!(status(explicit(), &issuer_for(API)).await, 401);
}

#[tokio::test]
async fn pr_05_each_of_several_issuers_has_the_audience_of_the_resource() {
    let resource = builder().authorization_server("https://partner.example").build().unwrap();
    let partner = TrustedIssuer::for_resource("https://partner.example", &resource)
        .algorithms([HS256])
        .key(key());
    let issuer = issuer_for(API);
    let own = TrustedIssuer::for_resource(ISSUER, &resource).algorithms([HS256]).key(key());
    let layer = BearerJwtLayer::any([own, partner]).protected_resource(&resource).build().unwrap();
    assert_eq!(behind(&layer, &[&token(&issuer, &[])], ok).await, [""; 0]);
    let elsewhere = issuer_for("https://other.example");
    let refused = behind(&layer, &[&token(&elsewhere, &[])], ok).await;
    assert_eq!(refused, [format!(r#"Bearer realm="app", error="invalid_token", {NAMED}"#)]);
}

fn needs(scopes: &[&'static str]) -> RequireLayer {
    let named = scopes.iter().fold(RequireLayer::builder(), |builder, scope| builder.scope(*scope));
    named.build().unwrap()
}

#[tokio::test]
async fn pr_06_a_401_names_the_scopes_of_the_route_and_otherwise_the_default_ones() {
    let issuer = issuer_for(API);
    let resource = builder().default_scope("basic").default_scope("more").build().unwrap();
    let layer = issuer.layer().protected_resource(&resource).build().unwrap();
    let handler = || service_fn(async |_: Request<()>| Ok::<_, Infallible>(ok()));
    let anonymous = async |needs: RequireLayer| {
        let response = call(layer.layer(needs.layer(handler())), &[]).await;
        assert_eq!(response.status(), 401);
        challenges(&response).join("|")
    };
    let expected = |scope| format!(r#"Bearer realm="app", scope="{scope}", {NAMED}"#);
    assert_eq!(anonymous(needs(&["b", "a", "b"])).await, expected("b a"));
    assert_eq!(anonymous(RequireLayer::new()).await, expected("basic more"));
    // The layer refuses an invalid token before it knows the route.
    let response = call(layer.layer(needs(&["a"]).layer(handler())), &["Bearer x"]).await;
    let expected =
        format!(r#"Bearer realm="app", error="invalid_token", scope="basic more", {NAMED}"#);
    assert_eq!(challenges(&response), [expected]);
    // A request that is malformed lacks no scope.
    let response = call(layer.layer(handler()), &["Bearer"]).await;
    assert_eq!(
        challenges(&response),
        [format!(r#"Bearer realm="app", error="invalid_request", {NAMED}"#)]
    );
}

#[tokio::test]
async fn pr_06_without_a_default_a_401_of_an_unknown_route_names_no_scope() {
    let issuer = issuer_for(API);
    let resource = builder().scopes(["a", "b"]).build().unwrap();
    let layer = issuer.layer().protected_resource(&resource).build().unwrap();
    let anonymous = behind(&layer, &[], refusing(Rejection::Anonymous)).await;
    assert_eq!(anonymous, [format!(r#"Bearer realm="app", {NAMED}"#)]);
}

#[tokio::test]
async fn pr_06_an_old_login_is_told_the_scopes_of_every_layer_around_the_route() {
    let issuer = issuer_for(API);
    let resource = builder().build().unwrap();
    let layer = issuer.layer().protected_resource(&resource).build().unwrap();
    let handler = service_fn(async |_: Request<()>| Ok::<_, Infallible>(ok()));
    let recent = RequireLayer::builder()
        .scope("b")
        .scope("a")
        .max_age(Duration::from_secs(60))
        .build()
        .unwrap();
    let route = layer.layer(needs(&["a"]).layer(recent.layer(handler)));
    // The token does not say when alice logged in.
    let response = call(route, &[&token(&issuer, &["a", "b"])]).await;
    let parameters = r#"error="insufficient_user_authentication", max_age="60", scope="a b""#;
    assert_eq!(challenges(&response), [format!(r#"Bearer realm="app", {parameters}, {NAMED}"#)]);
}

#[tokio::test]
async fn pr_06_br_05_a_403_names_all_scopes_of_the_operation() {
    let issuer = issuer_for(API);
    let resource = builder().default_scope("basic").build().unwrap();
    let layer = issuer.layer().protected_resource(&resource).build().unwrap();
    // The handler requires a scope of its own.
    let handler = || {
        service_fn(async |_: Request<()>| {
            Ok::<_, Infallible>(refusing(Rejection::Scope { scope: "c".into() })())
        })
    };
    for (has, named) in [(&["b"][..], "a"), (&["a"], "a b"), (&["a", "b"], "a b c")] {
        let route = layer.layer(needs(&["a"]).layer(needs(&["b"]).layer(handler())));
        let response = call(route, &[&token(&issuer, has)]).await;
        assert_eq!(response.status(), 403);
        let parameters = format!(r#"error="insufficient_scope", scope="{named}""#);
        let expected = format!(r#"Bearer realm="app", {parameters}, {NAMED}"#);
        assert_eq!(challenges(&response), [expected], "{has:?}");
    }
}

#[tokio::test]
async fn pr_06_a_layer_without_a_protected_resource_names_no_scope_in_a_401() {
    let issuer = issuer_for(API);
    let layer = issuer.layer().build().unwrap();
    let handler = service_fn(async |_: Request<()>| Ok::<_, Infallible>(ok()));
    let response = call(layer.layer(needs(&["a"]).layer(handler)), &[]).await;
    assert_eq!(challenges(&response), [r#"Bearer realm="app""#]);
}

#[tokio::test]
async fn pr_04_pr_05_pr_06_a_stack_does_the_same() {
    let issuer = issuer_for(API);
    let resource = builder().default_scope("basic").build().unwrap();
    let stack = AuthStack::new(&KeyRing::random())
        .bearer_for_resource(ISSUER, &resource, |it| it.algorithms([HS256]).key(key()))
        .require_with(|it| it.scope("a").scope("b"))
        .build()
        .unwrap();
    let status = async |lines: &[&str]| {
        let handler = service_fn(async |_: Request<()>| Ok::<_, Infallible>(ok()));
        let response = call(stack.layer(handler), lines).await;
        (response.status().as_u16(), challenges(&response).join("|"))
    };
    let challenge = |parameters: &str| format!(r#"Bearer realm="app"{parameters}, {NAMED}"#);
    assert_eq!(status(&[]).await, (401, challenge(r#", scope="a b""#)));
    assert_eq!(status(&[&token(&issuer, &["a", "b"])]).await, (200, String::new()));
    let few = status(&[&token(&issuer, &["a"])]).await;
    assert_eq!(few, (403, challenge(r#", error="insufficient_scope", scope="a b""#)));
    let elsewhere = status(&[&token(&issuer_for("https://other.example"), &[])]).await;
    assert_eq!(elsewhere, (401, challenge(r#", error="invalid_token", scope="basic""#)));
}
