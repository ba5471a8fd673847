//! tower-auth, with and without remembered tokens.

use bytes::Bytes;
use http_body_util::Full;
use tower::{Layer as _, service_fn};
use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key};

use super::Prepared;
use crate::Issued;
use crate::call::{inner, served};
use crate::issued::{AUDIENCE, ISSUER};
use crate::keys::{KEY_ID, SECRET};

/// The default memory: the token was seen before.
pub(super) fn remembered(issued: &Issued) -> Prepared {
    prepare(issued, None)
}

/// Too little memory for any token: each request is the first sight of its token.
pub(super) fn first_sight(issued: &Issued) -> Prepared {
    prepare(issued, Some(1))
}

fn prepare(issued: &Issued, memory: Option<usize>) -> Prepared {
    let algorithm = issued.algorithm();
    let builder = BearerJwtLayer::builder(ISSUER, AUDIENCE).algorithms([algorithm]);
    let builder = match algorithm {
        Algorithm::HS256 => builder.key(Key::from_secret(algorithm, SECRET).kid(KEY_ID)),
        _ => builder.jwk_set(&issued.jwks),
    };
    let builder = match memory {
        Some(bytes) => builder.remember(bytes),
        None => builder,
    };
    Ok(served(builder.build()?.layer(service_fn(inner::<Full<Bytes>>))))
}
