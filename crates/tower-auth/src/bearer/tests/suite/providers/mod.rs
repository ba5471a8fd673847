//! Tokens in the shapes that providers document, with the expected result and its reason. The keys
//! and the values are made for this test.

mod people;
mod principals;
mod workloads;

use serde_json::{Value, json};

use super::forge;
use super::*;
use crate::bearer::token::Fault;

/// A provider's token and the expected result.
struct Case {
    /// The token, and the reason for the result.
    name: &'static str,
    /// The header's `typ`.
    typ: Option<&'static str>,
    claims: Value,
    /// The application's settings, except for issuer, audience and key.
    layer: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder,
    expected: Expected,
}

enum Expected {
    /// Accepted for the user in `sub`, with these scopes and these roles.
    Accepted(&'static [&'static str], &'static [&'static str]),
    /// Accepted for this user, with these scopes and these roles.
    User(&'static str, &'static [&'static str], &'static [&'static str]),
    /// Accepted for this client, with these scopes and these roles.
    Client(&'static str, &'static [&'static str], &'static [&'static str]),
    Refused(Fault),
}

use Expected::{Accepted as Ok_, Client, Refused, User};

const AS_IT_IS: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder = |builder| builder;
const RFC_9068: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder =
    |builder| builder.profile(Profile::Rfc9068);
const JWT: Option<&str> = Some("JWT");
const AT: Option<&str> = Some("at+jwt");

/// Creates an entry of the table.
fn case(
    name: &'static str,
    typ: Option<&'static str>,
    claims: Value,
    layer: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder,
    expected: Expected,
) -> Case {
    Case { name, typ, claims, layer, expected }
}

fn check(cases: Vec<Case>) {
    for Case { name, typ, mut claims, layer, expected } in cases {
        complete(&mut claims);
        match (read(typ, &claims, layer), expected) {
            (Err(fault), Refused(expected)) => assert_eq!(fault, expected, "{name}"),
            (Ok(_), Refused(_)) => panic!("{name}: accepted"),
            (Err(fault), _) => panic!("{name}: {fault:?}"),
            (Ok(identity), expected) => {
                let (subject, is_client, scopes, roles) = match expected {
                    Ok_(scopes, roles) => (claims["sub"].as_str().unwrap(), false, scopes, roles),
                    User(subject, scopes, roles) => (subject, false, scopes, roles),
                    Client(subject, scopes, roles) => (subject, true, scopes, roles),
                    Refused(_) => unreachable!("matched above"),
                };
                assert!(identity.scopes().eq(scopes.iter().copied()), "{name}: scopes");
                assert!(identity.roles().eq(roles.iter().copied()), "{name}: roles");
                assert_eq!(identity.subject(), subject, "{name}");
                assert_eq!(identity.is_client(), is_client, "{name}");
                assert_eq!(identity.claims::<Value>().unwrap().unwrap(), claims, "{name}");
            }
        }
    }
}

/// Adds the claims that the tokens of every provider have.
fn complete(claims: &mut Value) {
    claims["iss"] = ISSUER.into();
    for (claim, value) in [("iat", NOW), ("exp", NOW + 300)] {
        if claims.get(claim).is_none() {
            claims[claim] = value.into();
        }
    }
}

/// Presents a token with these claims to a layer with these settings.
fn read(
    typ: Option<&str>,
    claims: &Value,
    layer: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder,
) -> Result<Identity, Fault> {
    let mut header = json!({ "alg": "RS256", "kid": "1" });
    if let Some(typ) = typ {
        header["typ"] = typ.into();
    }
    let token = forge::rsa().token(&header.to_string(), &claims.to_string());
    let key = Key::from_jwk(forge::rsa().jwk("1", "RS256"));
    let layer = layer(bare().algorithms([Algorithm::RS256]).key(key)).build().unwrap();
    let now = Timestamp::from_unix_seconds(NOW);
    let mut buffer = Vec::new();
    let read = layer.config.check_fixed(token.as_bytes(), now, &mut buffer);
    read.map(|accepted| accepted.identity)
}
