//! Why a cookie was refused.

use std::fmt;

use tower_auth_core::{Rejection, Wiring};

/// A cookie that a browser would drop, or that would carry more than it says.
///
/// Found when the layer is built or the cookie is set, never on the way out; the response is
/// unchanged.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CookieError {
    /// The name is empty or not a token (RFC 9110, 5.6.2).
    Name,
    /// The value has an octet that no cookie value may have (RFC 6265, 4.1.1). Encode it.
    Value,
    /// An attribute has a control character or a semicolon, is longer than 1,024 octets, or is one
    /// that browsers ignore: a `Path` without its leading slash, a `Domain` that is no domain name
    /// (letters, digits and inner hyphens; no IP address, no dot at the end), an `Expires` before
    /// 1601.
    Attribute(&'static str),
    /// The name's prefix asks for something that the cookie is not.
    Prefix {
        /// The prefix.
        prefix: &'static str,
        /// What it asks for.
        needs: &'static str,
    },
    /// `SameSite=None` and `Partitioned` are dropped without `Secure`.
    NeedsSecure(&'static str),
    /// Name and value are longer than 4,096 octets together.
    TooLarge {
        /// How long they are.
        octets: usize,
    },
    /// The lifetime is longer than 400 days.
    TooLong,
    /// `secure(false)`, and the layer was not told that plain HTTP is meant.
    Insecure,
    /// All that the response sets, sessions and other credentials included and removals not, is
    /// longer than 8 KiB, which servers refuse to be sent back. Nothing was changed.
    TooMuch {
        /// How long it is.
        octets: usize,
    },
    /// The layer has no keys to sign or encrypt with.
    NoKeys,
    /// The response's head is out: nothing can be set any more.
    ResponseSent,
}

impl fmt::Display for CookieError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("the cookie's name is not a token: letters, digits, - and _"),
            Self::Value => f.write_str(
                "the cookie's value has a space, quote, comma, semicolon, backslash, control or \
                 non-ASCII character: encode it, or use Cookies::encoded",
            ),
            Self::Attribute(name) => write!(
                f,
                "browsers ignore the cookie's {name} or read it differently: no control \
                 character, no semicolon, at most 1024 octets; a Path begins with a slash and \
                 ends without a space, a Domain is a name of letters, digits and inner hyphens \
                 without a dot at the end and no IP address, Expires is after 1600"
            ),
            Self::Prefix { prefix, needs } => {
                write!(f, "browsers drop a cookie with prefix {prefix} without {needs}")
            }
            Self::NeedsSecure(attribute) => {
                write!(f, "browsers drop a cookie with {attribute} and without Secure")
            }
            Self::TooLarge { octets } => write!(
                f,
                "the cookie's name and value have {octets} octets, browsers drop it beyond 4096"
            ),
            Self::TooLong => {
                f.write_str("the cookie's lifetime is longer than the 400 days that browsers keep")
            }
            Self::Insecure => f.write_str(
                "the cookie says secure(false): leave it out, or build the CookieLayer with \
                 insecure_allow_plain_http",
            ),
            Self::TooMuch { octets } => write!(
                f,
                "the response sets {octets} octets of cookies, servers refuse to be sent more \
                 than 8192 back"
            ),
            Self::NoKeys => f.write_str(
                "the CookieLayer has no keys: give it a KeyRing with CookieLayer::builder().keys",
            ),
            Self::ResponseSent => f.write_str("the response's head is out already"),
        }
    }
}

impl std::error::Error for CookieError {}

tower_auth_core::debug_as_report!(CookieError);

const NO_KEYS: Wiring = Wiring {
    layer: "Cookies",
    problem: "the CookieLayer outside has no keys to sign or encrypt with: give it a KeyRing with \
              CookieLayer::builder().keys",
};

/// 500, all of them: a cookie is what the application makes of it.
impl From<CookieError> for Rejection {
    fn from(error: CookieError) -> Self {
        match error {
            CookieError::NoKeys => NO_KEYS.into(),
            CookieError::TooLarge { .. } | CookieError::TooMuch { .. } => Self::TooLarge,
            _ => Self::Unreadable,
        }
    }
}
