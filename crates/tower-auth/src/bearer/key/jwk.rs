//! JSON Web Keys (RFC 7517).
//!
//! Read member by member. A type for the whole document would refuse a set because of one unknown
//! key, and would not detect that a key is private.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::bearer::Algorithm;
use crate::bearer::algorithm::Curve;
use crate::bearer::backend::{Backend, Public, Verify};

use super::document;
use super::fault::in_words;
use super::keys::Entry;
use super::skipped::Skipped;

type Members = Map<String, Value>;

/// A usable JWK, alone or from a set.
pub(super) struct Jwk {
    pub(super) kid: Option<Box<str>>,
    pub(super) issuer: Option<Box<str>>,
    pub(super) verifier: Arc<dyn Verify>,
}

/// The result of reading a set.
pub(in crate::bearer) struct Set {
    pub(in crate::bearer) keys: Vec<Entry>,
    /// Keys that cannot verify a token of this layer's algorithms: other types, other uses.
    pub(in crate::bearer) skipped: Vec<Skipped>,
}

const PRIVATE: &str = "holds a private key: publish and configure the public part only";
const UNSUPPORTED: &str = "is of an unsupported type or curve";

/// Reads a single JWK, which must be usable.
pub(super) fn read(text: &str, allowed: &[Algorithm], backend: Backend) -> Result<Jwk, String> {
    match document::parse(text)? {
        Value::Object(members) if is_private(&members) => Err(PRIVATE.into()),
        Value::Object(members) if members.contains_key("keys") => {
            Err("is a JWK set, not one key: pass it to .jwk_set".into())
        }
        Value::Object(members) => {
            usable(&members, allowed, backend).map_err(|why| match kid(&members) {
                Ok(Some(kid)) => format!("(kid {kid:?}) {why}"),
                _ => why.into(),
            })
        }
        _ => Err("is not a JWK: a JSON object is required".into()),
    }
}

/// Reads a JWK set. Unusable keys are skipped (RFC 7517, 5). A set that contains private keys, or
/// shared secrets beside public keys, is refused as a whole.
pub(in crate::bearer) fn read_set(
    text: &str,
    allowed: &[Algorithm],
    backend: Backend,
) -> Result<Set, String> {
    let keys = document::keys(text)?;
    let members = || keys.iter().filter_map(Value::as_object);
    let name = |at: usize| keys[at].as_object().and_then(|it| kid(it).ok()?).map(String::from);
    let is_private = |key: &Value| key.as_object().is_some_and(is_private);
    if let Some(at) = keys.iter().position(is_private) {
        return Err(match name(at) {
            Some(kid) => format!("(kid {kid:?}) {PRIVATE}"),
            None => format!("(key {}) {PRIVATE}", at + 1),
        });
    }
    let is_secret = |members: &Members| members.get("kty").is_some_and(|kty| kty == "oct");
    if members().any(is_secret) && !members().all(is_secret) {
        let secrets = members().filter(|it| is_secret(it)).filter_map(|it| kid(it).ok()?);
        let secrets: Vec<_> = secrets.take(8).collect();
        return Err(format!("holds shared secrets beside public keys (kids {secrets:?})"));
    }
    let mut set = Set { keys: Vec::with_capacity(keys.len()), skipped: Vec::new() };
    for (at, key) in keys.iter().enumerate() {
        let read = key
            .as_object()
            .ok_or("is not a JSON object")
            .and_then(|it| usable(it, allowed, backend));
        match read {
            Ok(Jwk { kid, issuer, verifier }) => {
                set.keys.push(Entry { kid, issuer, verifier });
            }
            Err(why) => set.skipped.push(Skipped { kid: name(at), position: at + 1, why }),
        }
    }
    Ok(set)
}

/// Returns a member that is present. Null and empty values count as absent.
fn present<'m>(members: &'m Members, name: &str) -> Option<&'m Value> {
    members.get(name).filter(|value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    })
}

fn is_private(members: &Members) -> bool {
    let is_secret = members.get("kty").is_some_and(|kty| kty == "oct");
    let private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
    !is_secret && private.iter().any(|name| present(members, name).is_some())
}

fn kid(members: &Members) -> Result<Option<&str>, &'static str> {
    match present(members, "kid") {
        None => Ok(None),
        Some(kid) => kid.as_str().map(Some).ok_or("has a kid that is not a string"),
    }
}

fn usable(members: &Members, allowed: &[Algorithm], backend: Backend) -> Result<Jwk, &'static str> {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let bytes = |name: &str| {
        let text = text(name).ok_or("lacks a member that its type requires")?;
        URL_SAFE_NO_PAD.decode(text).map_err(|_| "has a member that is not valid base64url")
    };
    let kid = kid(members)?.map(Box::from);
    if present(members, "use").is_some_and(|it| it != "sig") {
        return Err("is for another use than signatures (\"use\")");
    }
    let may_verify = |ops: &Value| {
        ops.as_array().is_some_and(|ops| ops.iter().any(|operation| operation == "verify"))
    };
    if present(members, "key_ops").is_some_and(|ops| !may_verify(ops)) {
        return Err("is not for verifying (\"key_ops\")");
    }
    let named = match present(members, "alg") {
        None => None,
        Some(alg) => {
            Some(alg.as_str().and_then(Algorithm::named).ok_or("has an unsupported \"alg\"")?)
        }
    };
    let verifier = match (text("kty"), text("crv")) {
        (Some("oct"), _) => {
            let algorithm = pinned(named, allowed, &Algorithm::HMAC)?;
            backend.secret(algorithm, &bytes("k")?)
        }
        (Some("RSA"), _) => {
            let algorithm = pinned(named, allowed, &Algorithm::RSA)?;
            let (n, e) = (bytes("n")?, bytes("e")?);
            let (n, e) = (without_zeros(&n).into(), without_zeros(&e).into());
            backend.public(algorithm, &Public::Rsa { n, e })
        }
        (Some("EC"), Some(curve)) => {
            let (only, Curve { length, .. }) = Algorithm::of_curve(curve).ok_or(UNSUPPORTED)?;
            let algorithm = pinned(named, allowed, &[only])?;
            let (x, y) = (bytes("x")?, bytes("y")?);
            if x.len() != length || y.len() != length {
                return Err("has a point of the wrong length");
            }
            let point = [&[4], x.as_slice(), &y].concat();
            backend.public(algorithm, &Public::Point(point.into()))
        }
        (Some("OKP"), Some("Ed25519")) => {
            let algorithm = pinned(named, allowed, &[Algorithm::EdDSA])?;
            let x = bytes("x")?;
            if x.len() != 32 {
                return Err("has a point of the wrong length");
            }
            backend.public(algorithm, &Public::Point(x.into()))
        }
        _ => return Err(UNSUPPORTED),
    };
    // An issuer that is not a string names no tenant, so the key signs for none of a template.
    let issuer = present(members, "issuer").map(|it| it.as_str().unwrap_or_default().into());
    Ok(Jwk { kid, issuer, verifier: verifier.map_err(in_words)? })
}

/// Returns the algorithm of a key: the one that it names, otherwise the only allowed one of its
/// type.
fn pinned(
    named: Option<Algorithm>,
    allowed: &[Algorithm],
    fitting: &[Algorithm],
) -> Result<Algorithm, &'static str> {
    let mut candidates = fitting.iter().filter(|it| allowed.contains(it));
    match named {
        Some(named) if candidates.any(|it| *it == named) => Ok(named),
        Some(_) => Err("names an \"alg\" that is not of its type, or is not in .algorithms"),
        None => match (candidates.next(), candidates.next()) {
            (Some(only), None) => Ok(*only),
            (None, _) => Err("fits none of the .algorithms"),
            _ => Err(
                "names no \"alg\" and fits several of the .algorithms: its issuer must name the \
                      algorithm, or .algorithms must allow only one of them",
            ),
        },
    }
}

/// Removes leading zeros, since some issuers keep the sign byte of DER.
fn without_zeros(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    &bytes[start..]
}
