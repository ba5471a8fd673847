//! Tests of the layer and the issuer, with the library that the surrounding module names.

mod attacks;
mod audiences;
mod carriers;
mod challenges;
mod claim_demands;
mod claims;
mod concurrent;
mod config;
mod cookbook;
mod faults;
mod forge;
mod header;
mod id_tokens;
mod identity_from;
mod interop;
mod key_sets;
mod keys;
mod kinds;
mod leniency;
mod live_keys;
mod minting;
mod payload;
mod principals;
mod properties;
mod providers;
mod public_secrets;
mod remembered;
mod roles;
mod scopes;
mod several_issuers;
mod transport;
mod valid;

use crate::Settings;
use std::convert::Infallible;

use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderValue, Request, Response};
use tower::{Layer, ServiceExt, service_fn};
use tower_auth_core::clock::TimeSource;
use tower_auth_core::{AuthState, Clock, Identity, Refuse, Timestamp};

use super::BACKEND;
use crate::bearer::claims::ReadClaims;
use crate::bearer::*;

const ISSUER: &str = "https://id.example";
const AUDIENCE: &str = "https://api.example";
/// The current time in these tests, in seconds.
const NOW: u64 = 1_767_225_600;

fn clock() -> Clock {
    clock_at(NOW)
}

fn clock_at(seconds: u64) -> Clock {
    struct Stopped(u64);
    impl TimeSource for Stopped {
        fn now(&self) -> Timestamp {
            Timestamp::from_unix_seconds(self.0)
        }
    }
    Clock::new(Stopped(seconds))
}

/// Returns settings with the clock of these tests and this log as a sink.
fn heard_by(log: &tower_auth_test::EventLog) -> Settings {
    Settings::new().clock(clock()).events(log.events())
}

/// Returns a builder without algorithms and keys.
fn bare() -> BearerJwtLayerBuilder {
    BearerJwtLayer::builder(ISSUER, AUDIENCE)
        .backend(BACKEND)
        .settings(&Settings::new().clock(clock()))
}

/// Returns a builder with one named key of each kind, as a careless operator would configure it.
fn everything() -> BearerJwtLayerBuilder {
    bare()
        .algorithms([Algorithm::HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA])
        .algorithms([Algorithm::ES512])
        .key(Key::from_secret(Algorithm::HS256, forge::SECRET).kid("hs"))
        .key(Key::from_jwk(forge::rsa().jwk("rs", "RS256")))
        .key(Key::from_jwk(forge::ec().jwk("es")))
        .key(Key::from_jwk(forge::ed().jwk("ed")))
        .key(Key::from_jwk(forge::ec521().jwk("es512")))
}

/// Returns the simplest builder: one shared secret without a name.
fn shared() -> BearerJwtLayerBuilder {
    bare().algorithms([Algorithm::HS256]).key(Key::from_secret(Algorithm::HS256, forge::SECRET))
}

/// A handler that answers with the subject, or `anonymous`.
async fn whoami<B>(request: Request<B>) -> Result<Response<String>, Infallible> {
    Ok(Response::new(match AuthState::of(request.extensions()) {
        Ok(AuthState::Known(identity)) => identity.subject().to_owned(),
        Ok(AuthState::Anonymous) => "anonymous".into(),
        other => format!("{other:?}"),
    }))
}

/// Sends these `Authorization` lines through the layer to a handler.
async fn send<C, R>(layer: &BearerJwtLayer<C, R>, lines: &[HeaderValue]) -> Response<String>
where
    C: ReadClaims,
    R: Refuse<String> + Clone,
{
    let mut request = Request::new(());
    for line in lines {
        request.headers_mut().append(AUTHORIZATION, line.clone());
    }
    layer.layer(service_fn(whoami)).oneshot(request).await.unwrap()
}

/// Sends one token.
async fn present<C, R>(layer: &BearerJwtLayer<C, R>, token: &str) -> Response<String>
where
    C: ReadClaims,
    R: Refuse<String> + Clone,
{
    let line = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
    send(layer, &[line]).await
}

/// Returns the identity that a token proves.
async fn identity(layer: &BearerJwtLayer, token: &str) -> Option<Identity> {
    let mut request = Request::new(());
    let line = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
    request.headers_mut().insert(AUTHORIZATION, line);
    let keep = service_fn(async |request: Request<()>| {
        let identity = request.extensions().get::<Identity>().cloned();
        let mut response = Response::new(String::new());
        if let Some(identity) = identity {
            response.extensions_mut().insert(identity);
        }
        Ok::<_, Infallible>(response)
    });
    let response = layer.layer(keep).oneshot(request).await.unwrap();
    response.extensions().get::<Identity>().cloned()
}

#[track_caller]
fn assert_accepted(response: &Response<String>, name: &str) {
    assert_eq!((response.status().as_u16(), response.body().as_str()), (200, "alice"), "{name}");
}

/// Asserts that the answer is 401 with `invalid_token`, and does not disclose the reason.
#[track_caller]
fn assert_refused(response: &Response<String>, name: &str) {
    assert_eq!(response.status(), 401, "{name}");
    assert_eq!(challenges(response), [INVALID_TOKEN], "{name}");
    assert_eq!(response.body(), "", "{name}");
}

const INVALID_TOKEN: &str = r#"Bearer realm="app", error="invalid_token""#;
const INVALID_REQUEST: &str = r#"Bearer realm="app", error="invalid_request""#;

fn challenges<B>(response: &Response<B>) -> Vec<&str> {
    let lines = response.headers().get_all(WWW_AUTHENTICATE).iter();
    lines.map(|line| line.to_str().unwrap()).collect()
}
