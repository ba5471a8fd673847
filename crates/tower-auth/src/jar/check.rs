//! Refuses cookies that a browser would drop or read differently.

use cookie::time::OffsetDateTime;
use cookie::{Cookie, SameSite};

use crate::jar::CookieError;

/// The limit of name and value, in octets. Beyond it browsers drop the cookie (RFC 6265bis, 5.6).
const MAX_PAIR: usize = 4096;
/// The limit of an attribute, in octets. Beyond it browsers ignore the attribute.
const MAX_ATTRIBUTE: usize = 1024;
/// The limits of a domain name's label and of the whole name, in octets (RFC 1035, 2.3.4).
const MAX_LABEL: usize = 63;
const MAX_DOMAIN: usize = 253;
/// 400 days, in seconds. Browsers shorten longer lifetimes.
const MAX_AGE: i64 = 34_560_000;

/// The first year that browsers accept, in seconds since the Unix epoch.
const YEAR_1601: i64 = -11_644_473_600;

/// Checks that a browser would keep this cookie, with the intended meaning (CK-01 to CK-16).
pub(crate) fn check(cookie: &Cookie<'_>) -> Result<(), CookieError> {
    let (name, value) = (cookie.name(), cookie.value());
    check_name(name)?;
    if !unquoted(value).bytes().all(is_cookie_octet) {
        return Err(CookieError::Value);
    }
    let octets = name.len() + value.len();
    if octets > MAX_PAIR {
        return Err(CookieError::TooLarge { octets });
    }
    check_attribute("Path", cookie.path())?;
    check_attribute("Domain", cookie.domain())?;
    // A browser would trim the path, and keep the cookie for another path.
    if cookie.path().is_some_and(|path| !path.starts_with('/') || path.ends_with(' ')) {
        return Err(CookieError::Attribute("Path"));
    }
    if cookie.domain().is_some_and(|domain| !is_domain(domain)) {
        return Err(CookieError::Attribute("Domain"));
    }
    let secure = cookie.secure() == Some(true);
    if cookie.partitioned() == Some(true) && !secure {
        return Err(CookieError::NeedsSecure("Partitioned"));
    }
    if cookie.same_site() == Some(SameSite::None) && !secure {
        return Err(CookieError::NeedsSecure("SameSite=None"));
    }
    check_lifetime(cookie)?;
    check_prefix(cookie, secure)
}

/// Returns `true` for a domain name (RFC 6265, 4.1.1; RFC 1123, 2.1): labels of letters, digits and
/// inner hyphens, at most 63 octets each and 253 in all.
///
/// [`Cookie::domain`] has stripped one leading dot, which browsers ignore. Browsers drop a cookie
/// whose `Domain` ends with a dot, or is an IP address, which has no subdomains.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=MAX_LABEL).contains(&label.len())
            && label.bytes().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.len() <= MAX_DOMAIN
        && domain.split('.').all(is_label)
        && !domain.rsplit('.').next().is_some_and(is_number)
}

/// Returns `true` if browsers parse a host that ends in this label as an IPv4 address (WHATWG URL,
/// "ends in a number").
fn is_number(label: &str) -> bool {
    let hex = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
    match hex {
        Some(hex) => hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => label.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// Checks that the name is a token, so that every parser reads the same name.
pub(crate) fn check_name(name: &str) -> Result<(), CookieError> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(CookieError::Name);
    }
    Ok(())
}

/// Removes the pair of quotes that the grammar allows around a value. They are part of it (CK-08).
fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value)
}

fn is_cookie_octet(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e)
}

fn check_attribute(name: &'static str, value: Option<&str>) -> Result<(), CookieError> {
    let fits = |value: &str| {
        value.len() <= MAX_ATTRIBUTE
            && value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
            && !value.contains(';')
    };
    if value.is_some_and(|value| !fits(value)) {
        return Err(CookieError::Attribute(name));
    }
    Ok(())
}

fn check_lifetime(cookie: &Cookie<'_>) -> Result<(), CookieError> {
    let expires = cookie.expires_datetime().map(OffsetDateTime::unix_timestamp);
    if expires.is_some_and(|expires| expires < YEAR_1601) {
        return Err(CookieError::Attribute("Expires"));
    }
    let seconds = match (cookie.max_age(), expires) {
        (Some(age), _) => age.whole_seconds(),
        // By the system's clock: this limit finds mistakes, so it need not be exact.
        (None, Some(at)) => at - OffsetDateTime::now_utc().unix_timestamp(),
        (None, None) => 0,
    };
    if seconds > MAX_AGE { Err(CookieError::TooLong) } else { Ok(()) }
}

/// Returns `true` if a browser keeps such a cookie only with `Secure`.
pub(crate) fn wants_secure(cookie: &Cookie<'_>) -> bool {
    cookie.same_site() == Some(SameSite::None)
        || cookie.partitioned() == Some(true)
        || check_prefix(cookie, false).is_err()
}

/// Checks the rules of prefixes. Browsers match prefixes in any case, and so does this (CK-11).
fn check_prefix(cookie: &Cookie<'_>, secure: bool) -> Result<(), CookieError> {
    let starts_with = |prefix: &str| {
        let start = cookie.name().as_bytes().get(..prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    let prefixes: [(&'static str, bool, bool); 4] = [
        // The prefix, whether it needs the host alone, and whether it needs HttpOnly.
        ("__Host-Http-", true, true),
        ("__Host-", true, false),
        ("__Http-", false, true),
        ("__Secure-", false, false),
    ];
    for (prefix, host, http_only) in prefixes {
        if !starts_with(prefix) {
            continue;
        }
        let fail = |needs| Err(CookieError::Prefix { prefix, needs });
        if !secure {
            return fail("Secure");
        }
        if host && cookie.path() != Some("/") {
            return fail("Path=/");
        }
        if host && cookie.domain().is_some() {
            return fail("no Domain");
        }
        if http_only && cookie.http_only() != Some(true) {
            return fail("HttpOnly");
        }
    }
    Ok(())
}
