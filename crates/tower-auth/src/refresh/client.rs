//! The client that a request names in the `Authorization` header or the body, and its secret (RFC
//! 6749, 2.3.1 and 3.2.1).

use std::fmt;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use tower_auth_core::Secret;
use zeroize::Zeroizing;

use super::params::Params;

/// The secret that a client sends in a request. Empty if it sends none.
///
/// `Debug` does not show the secret.
#[derive(Clone, Copy)]
pub struct ClientSecret<'a>(&'a str);

impl<'a> ClientSecret<'a> {
    /// Returns `true` if the request has no secret, so the client is public.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Compares the secret with `expected`. The time depends only on their lengths.
    #[must_use]
    pub fn is(&self, expected: impl AsRef<[u8]>) -> bool {
        // `blake3::Hash` compares in constant time.
        blake3::hash(self.0.as_bytes()) == blake3::hash(expected.as_ref())
    }

    /// Returns the secret, for a comparison of your own, for example with a password hash. Compare
    /// it in constant time.
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

/// The check of a client that a request names.
pub(super) type Accepts = Box<dyn Fn(&str, ClientSecret<'_>) -> bool + Send + Sync>;

/// Accepts only public clients. The default.
pub(super) fn without_secret(_client: &str, secret: ClientSecret<'_>) -> bool {
    secret.is_empty()
}

/// The reason why a request's client is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClientFault {
    /// The Basic credentials cannot be read.
    Malformed,
    /// Header and body name different clients, or there is a secret without a client.
    Contradiction,
    /// The secret, or its absence, is not accepted.
    Secret,
}

impl ClientFault {
    /// Returns the code for events.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "client_malformed",
            Self::Contradiction => "client_contradiction",
            Self::Secret => "client_secret",
        }
    }

    /// Returns the text for the client's developers. It is the same for every client.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Malformed => {
                "the Basic credentials cannot be read: send base64 of client_id:client_secret, both \
                 form-encoded"
            }
            Self::Contradiction => {
                "the request does not name exactly one client: use the same client_id in the \
                 Authorization header and in the body, and send a client_secret only with its client_id"
            }
            Self::Secret => "the client's secret is not accepted",
        }
    }
}

/// The client in an `Authorization` header.
pub(super) enum Header {
    /// No Basic credentials. Credentials of another scheme, such as an access token, name no
    /// client.
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

    /// Returns `true` if the client authenticates in the header. The response then contains a
    /// challenge (RFC 6749, 5.2).
    pub(super) const fn is_basic(&self) -> bool {
        !matches!(self, Self::None)
    }
}

/// Returns the client that header and body name, if any, after `accepts` has accepted it.
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

/// Returns the credentials of a header line with the Basic scheme.
fn basic(line: &[u8]) -> Option<&[u8]> {
    let end = line.iter().position(|byte| matches!(byte, b' ' | b'\t')).unwrap_or(line.len());
    let (scheme, rest) = line.split_at(end);
    scheme.eq_ignore_ascii_case(b"Basic").then(|| rest.trim_ascii())
}

/// Some clients omit the padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Splits at the colon and form-decodes client and secret. `None` if the client's name is empty.
fn decode(sent: &[u8]) -> Option<(String, Secret<String>)> {
    let pair = Zeroizing::new(BASE64.decode(sent).ok()?);
    let colon = pair.iter().position(|byte| *byte == b':')?;
    let id = form_decode(&pair[..colon])?;
    let secret = Secret::new(form_decode(&pair[colon + 1..])?);
    (!id.is_empty()).then_some((id, secret))
}

/// Decodes a form value, and refuses bytes that are not UTF-8.
fn form_decode(text: &[u8]) -> Option<String> {
    let spaced: Vec<u8> =
        text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let spaced = Zeroizing::new(spaced);
    let decoded = percent_encoding::percent_decode(&spaced).decode_utf8().ok()?;
    Some(decoded.into_owned())
}
