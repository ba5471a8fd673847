//! The signature algorithms.

use std::fmt;
use std::str::FromStr;

/// A signature algorithm of JWS (RFC 7518, 3.1; RFC 8037).
///
/// `none` is not supported. `Display` and [`FromStr`] use the names that tokens have in `alg`.
///
/// ```
/// use tower_auth::bearer::Algorithm;
///
/// let algorithm: Algorithm = "ES256".parse()?;
/// assert_eq!(algorithm, Algorithm::ES256);
/// assert_eq!(algorithm.name(), "ES256");
/// assert!("none".parse::<Algorithm>().is_err());
/// # Ok::<_, tower_auth::bearer::UnknownAlgorithm>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC with SHA-256.
    HS256,
    /// HMAC with SHA-384.
    HS384,
    /// HMAC with SHA-512.
    HS512,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RS384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RS512,
    /// RSASSA-PSS with SHA-256.
    PS256,
    /// RSASSA-PSS with SHA-384.
    PS384,
    /// RSASSA-PSS with SHA-512.
    PS512,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// ECDSA on P-384 with SHA-384.
    ES384,
    /// ECDSA on P-521 with SHA-512. The curve has 521 bits, the hash 512.
    ES512,
    /// Ed25519. The name `Ed25519` of RFC 9864 is accepted too.
    EdDSA,
}

/// The kind of keys that an algorithm uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Hmac,
    Rsa,
    Ec,
    Ed,
}

/// A curve of ECDSA.
pub(super) struct Curve {
    /// The name in a JWK's `crv`.
    pub(super) name: &'static str,
    /// The length of a coordinate, and of R and S in a signature, in bytes.
    pub(super) length: usize,
}

impl Curve {
    /// Returns the length of an uncompressed point: the byte 4, then both coordinates.
    pub(super) const fn point_length(&self) -> usize {
        1 + 2 * self.length
    }
}

impl Algorithm {
    pub(super) const HMAC: [Self; 3] = [Self::HS256, Self::HS384, Self::HS512];
    pub(super) const RSA: [Self; 6] =
        [Self::RS256, Self::RS384, Self::RS512, Self::PS256, Self::PS384, Self::PS512];
    pub(super) const EC: [Self; 3] = [Self::ES256, Self::ES384, Self::ES512];

    /// Returns the name that tokens have in `alg`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HS256 => "HS256",
            Self::HS384 => "HS384",
            Self::HS512 => "HS512",
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::ES512 => "ES512",
            Self::EdDSA => "EdDSA",
        }
    }

    /// Returns the algorithm that a header's `alg` names. The comparison is exact, and every
    /// algorithm is a signature (JW-03).
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "HS256" => Self::HS256,
            "HS384" => Self::HS384,
            "HS512" => Self::HS512,
            "RS256" => Self::RS256,
            "RS384" => Self::RS384,
            "RS512" => Self::RS512,
            "PS256" => Self::PS256,
            "PS384" => Self::PS384,
            "PS512" => Self::PS512,
            "ES256" => Self::ES256,
            "ES384" => Self::ES384,
            "ES512" => Self::ES512,
            "EdDSA" | "Ed25519" => Self::EdDSA,
            _ => return None,
        })
    }

    pub(super) const fn family(self) -> Family {
        match self {
            Self::HS256 | Self::HS384 | Self::HS512 => Family::Hmac,
            Self::ES256 | Self::ES384 | Self::ES512 => Family::Ec,
            Self::EdDSA => Family::Ed,
            _ => Family::Rsa,
        }
    }

    /// Returns the curve of an ECDSA algorithm.
    pub(super) const fn curve(self) -> Option<Curve> {
        Some(match self {
            Self::ES256 => Curve { name: "P-256", length: 32 },
            Self::ES384 => Curve { name: "P-384", length: 48 },
            // 521 bits need 66 bytes. The hash has only 64.
            Self::ES512 => Curve { name: "P-521", length: 66 },
            _ => return None,
        })
    }

    /// Returns the ECDSA algorithm for the curve with this name, and the curve.
    pub(super) fn of_curve(name: &str) -> Option<(Self, Curve)> {
        let mut curves = Self::EC.into_iter().filter_map(|it| Some((it, it.curve()?)));
        curves.find(|(_, curve)| curve.name == name)
    }

    /// Returns the length of the hash in bytes, which is also the minimum length of a shared secret
    /// (RFC 7518, 3.2).
    pub(super) const fn hash_length(self) -> usize {
        match self {
            Self::HS384 | Self::RS384 | Self::PS384 | Self::ES384 => 48,
            Self::HS512 | Self::RS512 | Self::PS512 | Self::ES512 | Self::EdDSA => 64,
            _ => 32,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    /// Parses the name exactly, since algorithm names are case-sensitive.
    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        Self::named(name).ok_or(UnknownAlgorithm)
    }
}

/// The error for a name that is not an [`Algorithm`]'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownAlgorithm;

impl fmt::Display for UnknownAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no supported signature algorithm has this name")
    }
}

impl std::error::Error for UnknownAlgorithm {}
