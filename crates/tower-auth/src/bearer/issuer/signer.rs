//! Signing keys, prepared once.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::signing_key::{Fault, SigningKey};
use crate::bearer::Algorithm;
use crate::bearer::backend::{Backend, Public, Sign, Verify};
use crate::bearer::key::in_words;

/// One of the issuer's keys. No `Debug`, since it holds a private key.
pub(super) struct Signer {
    kid: String,
    key: Box<dyn Sign>,
    verifier: Arc<dyn Verify>,
    /// The start of every token: `base64url(header) .`
    header: String,
    jwk: Option<Value>,
}

/// The header's `typ`: `at+jwt` or `JWT`.
pub(super) type Type = &'static str;

impl Signer {
    pub(super) fn new(
        kid: String,
        typ: Type,
        key: SigningKey,
        backend: Backend,
    ) -> Result<Self, Fault> {
        let algorithm = key.algorithm();
        let pair = key.read(backend)?;
        let verifier = match (pair.public(), key.secret()) {
            (Some(public), _) => backend.public(algorithm, &public),
            (None, secret) => backend.secret(algorithm, secret.unwrap_or_default()),
        };
        let verifier = verifier.map_err(in_words)?;
        let header = json!({ "alg": algorithm.name(), "kid": kid, "typ": typ }).to_string();
        let signer = Self {
            header: format!("{}.", URL_SAFE_NO_PAD.encode(header)),
            jwk: pair.public().and_then(|public| jwk(&public, algorithm, &kid)),
            verifier,
            kid,
            key: pair,
        };
        // A faulty key fails here, not at the first token.
        let probe = b"tower-auth self-check";
        match signer.key.sign(probe) {
            Some(signature) if signer.verifier.verify(probe, &signature) => Ok(signer),
            _ => Err("does not verify what it signs"),
        }
    }

    pub(super) fn kid(&self) -> &str {
        &self.kid
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.verifier.algorithm()
    }

    pub(super) fn verifier(&self) -> Arc<dyn Verify> {
        self.verifier.clone()
    }

    pub(super) fn jwk(&self) -> Option<&Value> {
        self.jwk.as_ref()
    }

    /// Signs a token with these claims.
    pub(super) fn token(&self, claims: &str) -> Option<String> {
        let mut token = self.header.clone();
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = self.key.sign(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Some(token)
    }
}

fn jwk(key: &Public<'_>, algorithm: Algorithm, kid: &str) -> Option<Value> {
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let mut jwk = match (key, algorithm) {
        (Public::Der(_), _) => return None,
        (Public::Rsa { n, e }, _) => json!({ "kty": "RSA", "n": text(n), "e": text(e) }),
        (Public::Point(x), Algorithm::EdDSA) => {
            json!({ "kty": "OKP", "crv": "Ed25519", "x": text(x) })
        }
        (Public::Point(point), _) => {
            // The uncompressed form is the byte 4, then both coordinates.
            let point = point.get(1..)?;
            let (x, y) = point.split_at(point.len() / 2);
            let curve = algorithm.curve()?.name;
            json!({ "kty": "EC", "crv": curve, "x": text(x), "y": text(y) })
        }
    };
    let members = jwk.as_object_mut()?;
    members.insert("alg".into(), algorithm.name().into());
    members.insert("kid".into(), kid.into());
    members.insert("use".into(), "sig".into());
    Some(jwk)
}
