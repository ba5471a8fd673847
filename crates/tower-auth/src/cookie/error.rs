//! Why a cookie was refused.

use std::fmt;

/// A cookie that a browser would drop, or that would carry more than it says.
///
/// Found when the layer is built or the cookie is set, never on the way out; the response is
/// unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CookieError {
    /// The name is empty or not a token (RFC 9110, 5.6.2).
    Name,
    /// The value has an octet that no cookie value may have (RFC 6265, 4.1.1). Encode it.
    Value,
    /// An attribute has a control character or a semicolon, or is longer than 1,024 octets.
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
                "the cookie's {name} has a control character or a semicolon, or is longer than \
                 1024 octets"
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
            Self::NoKeys => f.write_str(
                "the CookieLayer has no keys: give it a KeyRing with CookieLayer::builder().keys",
            ),
            Self::ResponseSent => f.write_str("the response's head is out already"),
        }
    }
}

impl std::error::Error for CookieError {}
