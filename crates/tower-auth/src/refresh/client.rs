//! The client that a request names, in the `Authorization` header or in the body, and its secret
//! (RFC 6749, 2.3.1 and 3.2.1).

use std::fmt;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use tower_auth_core::Secret;
use zeroize::Zeroizing;

use super::params::Params;

/// A client's secret as a request brings it; empty if it brings none.
///
/// `Debug` does not show it.
#[derive(Clone, Copy)]
pub struct ClientSecret<'a>(&'a str);

impl<'a> ClientSecret<'a> {
    /// Whether the request brought no secret: a public client.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Compares the secret with the expected one, in a time that depends on their lengths alone.
    #[must_use]
    pub fn is(&self, expected: impl AsRef<[u8]>) -> bool {
        // Hashes compare in constant time.
        blake3::hash(self.0.as_bytes()) == blake3::hash(expected.as_ref())
    }

    /// The secret itself, for a comparison of your own, such as with a password hash. Compare it in
    /// constant time.
    #[must_use]
    pub const fn expose(&self) -> &'a str {
        self.0
    }
}

impl fmt::Debug for ClientSecret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(…)")
    }
}

/// Decides on each client that a request names.
pub(super) type Accepts = Box<dyn Fn(&str, ClientSecret<'_>) -> bool + Send + Sync>;

/// Accepts public clients alone: the default.
pub(super) fn without_secret(_client: &str, secret: ClientSecret<'_>) -> bool {
    secret.is_empty()
}

/// The reason why a request's client is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClientFault {
    /// The Basic credentials cannot be read.
    Malformed,
    /// Header and body name different clients, or a secret comes without a client.
    Contradiction,
    /// The secret, or its absence, is not accepted.
    Secret,
}

impl ClientFault {
    /// Read by events alone.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "client_malformed",
            Self::Contradiction => "client_contradiction",
            Self::Secret => "client_secret",
        }
    }

    /// For the client's developers: constant, and the same for every client.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Malformed => {
                "the Basic credentials cannot be read: send base64 of client_id:client_secret, both \
                 form-encoded"
            }
            Self::Contradiction => {
                "the client is not named once: name the same client_id in the Authorization header \
                 and in the body, and send a client_secret only with its client_id"
            }
            Self::Secret => "the client's secret is not accepted",
        }
    }
}

/// What an `Authorization` header says of the client.
pub(super) enum Header {
    /// No Basic credentials. Another scheme's, such as an access token, name no client.
    None,
    Basic {
        id: String,
        secret: Secret<String>,
    },
    /// Basic credentials beside others: more than one mechanism (RFC 6749, 5.2).
    Several,
    Malformed,
}

impl Header {
    pub(super) fn read(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(AUTHORIZATION);
        let Some(sent) = lines.iter().find_map(|line| basic(line.as_bytes())) else {
            return Self::None;
        };
        if lines.iter().nth(1).is_some() {
            return Self::Several;
        }
        match decode(sent) {
            Some((id, secret)) => Self::Basic { id, secret },
            None => Self::Malformed,
        }
    }

    /// Whether the client tried to authenticate in the header, so that it is told how to (RFC 6749,
    /// 5.2).
    pub(super) const fn is_basic(&self) -> bool {
        !matches!(self, Self::None)
    }
}

/// The client that header and body name together, if they name one and it is accepted.
pub(super) fn named<'a>(
    header: &'a Header,
    params: &'a Params,
    accepts: &Accepts,
) -> Result<Option<&'a str>, ClientFault> {
    let by_body = params.client_id.as_deref();
    let (client, secret) = match header {
        Header::Malformed | Header::Several => return Err(ClientFault::Malformed),
        Header::Basic { id, .. } if by_body.is_some_and(|it| it != id) => {
            return Err(ClientFault::Contradiction);
        }
        Header::Basic { id, secret } => (Some(id.as_str()), secret.expose().as_str()),
        Header::None => (by_body, params.client_secret.as_deref().unwrap_or_default()),
    };
    let Some(client) = client else {
        return if secret.is_empty() { Ok(None) } else { Err(ClientFault::Contradiction) };
    };
    if accepts(client, ClientSecret(secret)) { Ok(Some(client)) } else { Err(ClientFault::Secret) }
}

/// The credentials of a line whose scheme is Basic.
fn basic(line: &[u8]) -> Option<&[u8]> {
    let end = line.iter().position(|byte| matches!(byte, b' ' | b'\t')).unwrap_or(line.len());
    let (scheme, rest) = line.split_at(end);
    scheme.eq_ignore_ascii_case(b"Basic").then(|| rest.trim_ascii())
}

/// Some clients leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Client and secret, each of them form-decoded behind the colon's split; a client that has no name
/// is none.
fn decode(sent: &[u8]) -> Option<(String, Secret<String>)> {
    let pair = Zeroizing::new(BASE64.decode(sent).ok()?);
    let colon = pair.iter().position(|byte| *byte == b':')?;
    let id = form_decode(&pair[..colon])?;
    let secret = Secret::new(form_decode(&pair[colon + 1..])?);
    (!id.is_empty()).then_some((id, secret))
}

/// Decodes as a form's value is decoded, and refuses what is not UTF-8.
fn form_decode(text: &[u8]) -> Option<String> {
    let spaced: Vec<u8> =
        text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let spaced = Zeroizing::new(spaced);
    let decoded = percent_encoding::percent_decode(&spaced).decode_utf8().ok()?;
    Some(decoded.into_owned())
}
