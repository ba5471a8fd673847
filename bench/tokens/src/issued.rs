//! Tokens, and the keys that verify them.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tower_auth::bearer::Algorithm;

use crate::keys::{KEY_ID, Key};

pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const AUDIENCE: &str = "https://api.example";

/// The length of a token with HS256, in bytes. Other algorithms have the same claims and longer
/// signatures.
const SHORT: usize = 500;
/// The length of a long token with HS256.
const LONG: usize = 4_096;

/// The tokens of one key. Programs that measure different things share them as JSON.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Issued {
    /// The name of the algorithm.
    pub name: String,
    /// The keys as a provider publishes them.
    pub jwks: String,
    /// A token of some 500 bytes.
    pub token: String,
    /// A token of some 4 KB. A claim that no verifier reads makes it longer.
    pub long: String,
    /// The token with a changed claim under the old signature.
    pub forged: String,
    /// A text whose parts are not even JSON, as long as a token.
    pub garbage: String,
}

impl Issued {
    /// Creates a key of the algorithm, and its tokens.
    #[must_use]
    pub fn new(algorithm: Algorithm) -> Self {
        let key = Key::new(algorithm);
        let name = algorithm.name().to_owned();
        let [token, long] = [SHORT, LONG].map(|length| token(&key, &name, length, "alice"));
        let other = token_parts(&name, SHORT, "mallo");
        let (_, signature) = token.rsplit_once('.').expect("a token has three parts");
        Self {
            jwks: json!({"keys": [key.jwk()]}).to_string(),
            forged: format!("{other}.{signature}"),
            garbage: format!("{}.{}.{}", "x".repeat(60), "y".repeat(350), "z".repeat(86)),
            name,
            token,
            long,
        }
    }

    /// Returns the algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.name.parse().expect("the name of an algorithm")
    }
}

fn token(key: &Key, algorithm: &str, length: usize, subject: &str) -> String {
    let message = token_parts(algorithm, length, subject);
    let signature = URL_SAFE_NO_PAD.encode(key.sign(message.as_bytes()));
    format!("{message}.{signature}")
}

/// Returns the header and the claims, with a padding that makes a token with HS256 `length` bytes
/// long.
fn token_parts(algorithm: &str, length: usize, subject: &str) -> String {
    let header = json!({"alg": algorithm, "kid": KEY_ID, "typ": "at+jwt"}).to_string();
    let payload = |padding: usize| {
        json!({
            "iss": ISSUER,
            "sub": subject,
            "aud": AUDIENCE,
            "client_id": "web",
            "iat": started() - 60,
            "nbf": started() - 60,
            "exp": started() + 86_400,
            "jti": "0b9c7a52-5a0e-4b61-8d55-2f3d8e6a9c11",
            "scope": "reports:read reports:write",
            "roles": ["user", "admin"],
            "context": "c".repeat(padding),
        })
        .to_string()
    };
    // The signature of HS256 has 43 characters, and 3 bytes become 4 characters.
    let room = (length - 43 - 2 - header.len().div_ceil(3) * 4) * 3 / 4;
    let padding = room.saturating_sub(payload(0).len());
    let [header, payload] = [header, payload(padding)].map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{payload}")
}

/// Returns the seconds since 1970, rounded so that all tokens of a run have the same claims.
fn started() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
    now.as_secs() / 3_600 * 3_600
}
