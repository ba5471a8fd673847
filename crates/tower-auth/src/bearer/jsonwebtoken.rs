//! Conversions from the types of jsonwebtoken 12, and to its `Algorithm`. Its functions that sign
//! or verify are never called.

use std::fmt;

use jsonwebtoken_12 as theirs;

use super::{Algorithm, Key, SigningKey, UnknownAlgorithm};

/// Converts the algorithm. Fails for an algorithm that a later 12.x release adds.
///
/// ```
/// use tower_auth::bearer::Algorithm;
///
/// let algorithm = Algorithm::try_from(jsonwebtoken_12::Algorithm::ES256)?;
/// assert_eq!(algorithm, Algorithm::ES256);
/// # Ok::<_, tower_auth::bearer::UnknownAlgorithm>(())
/// ```
impl TryFrom<theirs::Algorithm> for Algorithm {
    type Error = UnknownAlgorithm;

    fn try_from(algorithm: theirs::Algorithm) -> Result<Self, UnknownAlgorithm> {
        Ok(match algorithm {
            theirs::Algorithm::HS256 => Self::HS256,
            theirs::Algorithm::HS384 => Self::HS384,
            theirs::Algorithm::HS512 => Self::HS512,
            theirs::Algorithm::RS256 => Self::RS256,
            theirs::Algorithm::RS384 => Self::RS384,
            theirs::Algorithm::RS512 => Self::RS512,
            theirs::Algorithm::PS256 => Self::PS256,
            theirs::Algorithm::PS384 => Self::PS384,
            theirs::Algorithm::PS512 => Self::PS512,
            theirs::Algorithm::ES256 => Self::ES256,
            theirs::Algorithm::ES384 => Self::ES384,
            theirs::Algorithm::EdDSA => Self::EdDSA,
            _ => return Err(UnknownAlgorithm),
        })
    }
}

/// Converts the algorithm. Fails for ES512, which jsonwebtoken 12 does not have.
///
/// ```
/// use tower_auth::bearer::Algorithm;
///
/// let algorithm = jsonwebtoken_12::Algorithm::try_from(Algorithm::ES256)?;
/// assert_eq!(algorithm, jsonwebtoken_12::Algorithm::ES256);
/// assert!(jsonwebtoken_12::Algorithm::try_from(Algorithm::ES512).is_err());
/// # Ok::<_, tower_auth::bearer::NotInJsonwebtoken>(())
/// ```
impl TryFrom<Algorithm> for theirs::Algorithm {
    type Error = NotInJsonwebtoken;

    fn try_from(algorithm: Algorithm) -> Result<Self, NotInJsonwebtoken> {
        Ok(match algorithm {
            Algorithm::HS256 => Self::HS256,
            Algorithm::HS384 => Self::HS384,
            Algorithm::HS512 => Self::HS512,
            Algorithm::RS256 => Self::RS256,
            Algorithm::RS384 => Self::RS384,
            Algorithm::RS512 => Self::RS512,
            Algorithm::PS256 => Self::PS256,
            Algorithm::PS384 => Self::PS384,
            Algorithm::PS512 => Self::PS512,
            Algorithm::ES256 => Self::ES256,
            Algorithm::ES384 => Self::ES384,
            Algorithm::EdDSA => Self::EdDSA,
            Algorithm::ES512 => return Err(NotInJsonwebtoken(algorithm)),
        })
    }
}

/// The error for an [`Algorithm`] that jsonwebtoken 12 does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotInJsonwebtoken(Algorithm);

impl fmt::Display for NotInJsonwebtoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "jsonwebtoken 12 does not have the algorithm {}", self.0)
    }
}

impl std::error::Error for NotInJsonwebtoken {}

/// Converts the key like [`Key::from_jwk`] with its JSON.
///
/// Members that jsonwebtoken's type does not have are lost. It does not know `"alg":"ES512"`, so
/// such a key is refused when the layer is built: pass its text to [`Key::from_jwk`]. Pass a set of keys as text, so that the
/// layer can also detect private keys in it.
impl From<&theirs::jwk::Jwk> for Key {
    fn from(jwk: &theirs::jwk::Jwk) -> Self {
        // Serialization does not fail. An empty text would be refused when the layer is built.
        Self::from_jwk(serde_json::to_string(jwk).unwrap_or_default())
    }
}

/// Converts a private key or secret, together with its algorithm.
///
/// jsonwebtoken's type only knows the family of the algorithm. A key of another family is refused
/// when the issuer is built.
///
/// ```
/// use tower_auth::bearer::{Algorithm, JwtIssuer};
///
/// let key = jsonwebtoken_12::EncodingKey::from_secret(&[7; 32])?;
/// let issuer = JwtIssuer::builder("https://id.example", "https://api.example")
///     .signing_key("2026-01", (Algorithm::HS256, &key))
///     .build()?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
impl From<(Algorithm, &theirs::EncodingKey)> for SigningKey {
    fn from((algorithm, key): (Algorithm, &theirs::EncodingKey)) -> Self {
        match key.family() {
            theirs::AlgorithmFamily::Hmac => Self::from_secret(algorithm, key.as_bytes()),
            // The DER names the kind of key as well.
            _ => Self::from_der(algorithm, key.as_bytes()),
        }
    }
}
