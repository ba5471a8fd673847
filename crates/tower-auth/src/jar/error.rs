//! The reasons to refuse a cookie.

use std::fmt;

use tower_auth_core::{Misconfigured, Rejection};

/// The reason why a cookie was refused: a browser would drop it or read it differently.
///
/// Reported when the layer is built or the cookie is set, never when the response is sent. The
/// response stays unchanged.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CookieError {
    /// The name is empty or not a token (RFC 9110, 5.6.2).
    Name,
    /// The value contains an octet that no cookie value may contain (RFC 6265, 4.1.1). Encode it.
    Value,
    /// An attribute is invalid, or browsers would ignore it:
    ///
    /// - It contains a control character or a semicolon, or is longer than 1,024 octets.
    /// - A `Path` has no leading slash.
    /// - A `Domain` is not a domain name (letters, digits and inner hyphens; no IP address, no dot
    ///   at the end).
    /// - An `Expires` is before 1601.
    Attribute(&'static str),
    /// The name's prefix requires a property that the cookie does not have.
    Prefix {
        /// The prefix.
        prefix: &'static str,
        /// The property that it requires.
        needs: &'static str,
    },
    /// Browsers drop `SameSite=None` and `Partitioned` without `Secure`.
    NeedsSecure(&'static str),
    /// Name and value together are longer than 4,096 octets.
    TooLarge {
        /// Their length.
        octets: usize,
    },
    /// The lifetime is longer than 400 days.
    TooLong,
    /// The cookie has `secure(false)`, but [`Settings`](crate::Settings) do not allow plain HTTP.
    Insecure,
    /// The cookies of this response together, with sessions and other credentials but without
    /// removals, are longer than 8 KiB. Servers would refuse requests that send them back. Nothing
    /// was changed.
    TooMuch {
        /// Their length.
        octets: usize,
    },
    /// The layer has no keys to sign or encrypt with.
    NoKeys,
    /// The response's head was already sent: no cookie can be set.
    ResponseSent,
}

impl fmt::Display for CookieError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("the cookie's name is not a token: letters, digits, - and _"),
            Self::Value => f.write_str(
                "the cookie's value contains a space, quote, comma, semicolon, backslash, control or \
                 non-ASCII character: encode it, or use Cookies::encoded",
            ),
            Self::Attribute(name) => write!(
                f,
                "browsers would ignore the cookie's {name} or read it differently: use no control \
                 character, no semicolon and at most 1024 octets; a Path begins with a slash and \
                 ends without a space, a Domain is a name of letters, digits and inner hyphens \
                 without a dot at the end and not an IP address, Expires is after 1600"
            ),
            Self::Prefix { prefix, needs } => {
                write!(f, "browsers drop a cookie with prefix {prefix} unless it has {needs}")
            }
            Self::NeedsSecure(attribute) => {
                write!(f, "browsers drop a cookie with {attribute} and without Secure")
            }
            Self::TooLarge { octets } => write!(
                f,
                "the cookie's name and value have {octets} octets; browsers drop cookies beyond 4096"
            ),
            Self::TooLong => {
                f.write_str("the cookie's lifetime is longer than the 400 days that browsers keep")
            }
            Self::Insecure => f.write_str(
                "the cookie has secure(false): leave it out, or build the CookieLayer with \
                 insecure_allow_plain_http",
            ),
            Self::TooMuch { octets } => write!(
                f,
                "the response sets {octets} octets of cookies; servers refuse requests that send \
                 back more than 8192"
            ),
            Self::NoKeys => f.write_str(
                "the CookieLayer has no keys: give it a KeyRing with CookieLayer::builder().keys",
            ),
            Self::ResponseSent => f.write_str("the response's head was already sent"),
        }
    }
}

impl std::error::Error for CookieError {}

tower_auth_core::debug_as_report!(CookieError);

const NO_KEYS: Misconfigured = Misconfigured {
    layer: "Cookies",
    problem: "the outer CookieLayer has no keys to sign or encrypt with: give it a KeyRing with \
              CookieLayer::builder().keys",
};

/// Every error is 500, because the application chooses its cookies.
impl From<CookieError> for Rejection {
    fn from(error: CookieError) -> Self {
        match error {
            CookieError::NoKeys => NO_KEYS.into(),
            CookieError::TooLarge { .. } | CookieError::TooMuch { .. } => Self::TooLarge,
            _ => Self::Unreadable,
        }
    }
}
