//! The verification of a new token, beside the bare signature check and an application that calls
//! the usual JWT crate.

use std::hint::black_box;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use jsonwebtoken_12::crypto::aws_lc;
use jsonwebtoken_12::{Validation, decode};
use serde::Deserialize;
use tower::{Layer as _, service_fn};
use tower_auth::Identity;
use tower_auth::bearer::{self, Algorithm};

use super::requests::{alone, get, with_token};
use super::signed::{AUDIENCE, ISSUER, Key, Signed};
use crate::Work;
use crate::call::{Call, Reply, Request, Response, answer, bare, calls};

/// The targets for public keys are the measured minimum for a parsed key with all mandatory
/// parsing, plus 8 %. Those for HS256 are the cost without any avoidable parsing of single bytes.
pub(crate) const WORKS: &[Work] = &[
    Work::new(
        "bearer: no token",
        || alone(get(&[])),
        || {
            let layer = Signed::new(Algorithm::HS256).issuer.layer().build().expect("sound");
            calls(layer.layer(service_fn(bare)), get(&[]))
        },
    ),
    Work::new("bearer: HS256, first sight", hs256_alone, || verified(Algorithm::HS256))
        .aims(36_500)
        .times(FEW),
    Work::new("bearer: HS256, with Claims<T>", hs256_alone, || claimed(NONE))
        .aims(41_000)
        .times(FEW),
    Work::new("bearer: HS256, remembered", hs256_alone, || remembered(Algorithm::HS256))
        .aims(6_000),
    Work::new("bearer: ES256, remembered", es256_alone, || remembered(Algorithm::ES256))
        .aims(6_000),
    Work::new("bearer: remembered, with Claims<T>", hs256_alone, || claimed(DEFAULT)).aims(6_000),
    Work::new("bearer: remembered, 4 KB longer", long_alone, long_remembered).aims(8_000),
    Work::new("bearer: garbage", || alone(with_token(&garbage())), refused).aims(3_000),
    Work::alone("  aws-lc, HS256", || raw(Algorithm::HS256)).times(FEW),
    Work::alone("  jsonwebtoken, HS256", || peer(Algorithm::HS256)).times(FEW),
    Work::new("bearer: RS256, first sight", rs256_alone, || verified(Algorithm::RS256))
        .aims(334_424)
        .times(FEW),
    Work::alone("  aws-lc, RS256", || raw(Algorithm::RS256)).times(FEW),
    Work::alone("  jsonwebtoken, RS256", || peer(Algorithm::RS256)).times(FEW),
    Work::new("bearer: ES256, first sight", es256_alone, || verified(Algorithm::ES256))
        .aims(808_708)
        .times(FEW),
    Work::alone("  aws-lc, ES256", || raw(Algorithm::ES256)).times(FEW),
    Work::alone("  jsonwebtoken, ES256", || peer(Algorithm::ES256)).times(FEW),
    Work::new("bearer: EdDSA, first sight", eddsa_alone, || verified(Algorithm::EdDSA))
        .aims(543_815)
        .times(FEW),
    Work::alone("  aws-lc, EdDSA", || raw(Algorithm::EdDSA)).times(FEW),
    Work::alone("  jsonwebtoken, EdDSA", || peer(Algorithm::EdDSA)).times(FEW),
];

/// The number of runs: signatures take long.
const FEW: u32 = 40;

fn token_alone(algorithm: Algorithm) -> Call {
    alone(with_token(&Signed::new(algorithm).token))
}

fn hs256_alone() -> Call {
    token_alone(Algorithm::HS256)
}

fn rs256_alone() -> Call {
    token_alone(Algorithm::RS256)
}

fn es256_alone() -> Call {
    token_alone(Algorithm::ES256)
}

fn eddsa_alone() -> Call {
    token_alone(Algorithm::EdDSA)
}

/// Too little memory for any token: each request is the first sight of its token.
const NONE: usize = 1;

/// The default of the layer.
const DEFAULT: usize = 8 * 1024 * 1024;

fn verified(algorithm: Algorithm) -> Call {
    by(&Signed::new(algorithm), NONE)
}

fn remembered(algorithm: Algorithm) -> Call {
    by(&Signed::new(algorithm), DEFAULT)
}

fn by(signed: &Signed, memory: usize) -> Call {
    let layer = signed.issuer.layer().remember(memory).build().expect("sound");
    calls(layer.layer(service_fn(known)), with_token(&signed.token))
}

fn long_alone() -> Call {
    alone(with_token(&Signed::with_role(Algorithm::HS256, &long()).token))
}

fn long_remembered() -> Call {
    by(&Signed::with_role(Algorithm::HS256, &long()), DEFAULT)
}

/// A role that makes a token 4,000 characters longer.
fn long() -> String {
    "r".repeat(3_000)
}

/// A token whose header cannot be read.
fn garbage() -> String {
    format!("{}.{}.{}", "x".repeat(40), "y".repeat(300), "z".repeat(86))
}

fn refused() -> Call {
    let layer = Signed::new(Algorithm::HS256).issuer.layer().build().expect("sound");
    let mut service = layer.layer(service_fn(bare));
    let request = with_token(&garbage());
    Box::new(move || {
        let response = answer(&mut service, black_box(request.clone()));
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        black_box(response);
    })
}

/// Claims that an application reads beside the identity.
#[derive(Deserialize)]
struct Mine {
    client_id: String,
    jti: String,
}

fn claimed(memory: usize) -> Call {
    let signed = Signed::new(Algorithm::HS256);
    let layer = signed.issuer.layer().claims::<Mine>().remember(memory).build().expect("sound");
    calls(layer.layer(service_fn(with_claims)), with_token(&signed.token))
}

async fn with_claims(request: Request) -> Reply {
    let claims = request.extensions().get::<bearer::Claims<Mine>>().expect("claims from the layer");
    assert!(black_box(&claims.client_id) == "web" && !black_box(&claims.jti).is_empty());
    Ok(Response::default())
}

async fn known(request: Request) -> Reply {
    assert!(black_box(request.extensions().get::<Identity>()).is_some());
    Ok(Response::default())
}

/// Verifies only the signature.
fn raw(algorithm: Algorithm) -> Call {
    let Signed { token, key, .. } = Signed::new(algorithm);
    let (message, signature) = token.rsplit_once('.').expect("a token has three parts");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let message = message.to_owned();
    Box::new(move || {
        let (message, signature) = (black_box(message.as_bytes()), black_box(&signature[..]));
        let right = match &key {
            Key::Secret(key) => hmac::verify(key, message, signature).is_ok(),
            Key::Public(key) => key.verify_sig(message, signature).is_ok(),
        };
        assert!(right);
    })
}

/// The claims of a token that the layer reads.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    #[serde(rename = "scope")]
    _scope: Option<String>,
    #[serde(rename = "roles")]
    _roles: Option<Vec<String>>,
}

fn peer(algorithm: Algorithm) -> Call {
    let signed = Signed::new(algorithm);
    let key = signed.decoding_key();
    // Another crate of the build may enable another provider, so one is installed explicitly, once.
    let _ = aws_lc::DEFAULT_PROVIDER.install_default();
    let mut validation = Validation::new(signed.their_algorithm());
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[ISSUER]);
    validation.validate_nbf = true;
    Box::new(move || {
        let data = decode::<Claims>(black_box(&signed.token), &key, &validation);
        assert_eq!(black_box(data.expect("a valid token").claims.sub), "alice");
    })
}
