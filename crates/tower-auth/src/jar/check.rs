//! Refuses what a browser would drop, and what would carry more than it says.

use cookie::time::OffsetDateTime;
use cookie::{Cookie, SameSite};

use crate::jar::CookieError;

/// Beyond this browsers drop the cookie (RFC 6265bis, 5.6), in octets of name and value.
const MAX_PAIR: usize = 4096;
/// Beyond this browsers ignore the attribute.
const MAX_ATTRIBUTE: usize = 1024;
/// Octets of a domain name's label, and of the whole (RFC 1035, 2.3.4).
const MAX_LABEL: usize = 63;
const MAX_DOMAIN: usize = 253;
/// 400 days, in seconds: browsers cut longer lifetimes off.
const MAX_AGE: i64 = 34_560_000;

/// Browsers take no year before it, in seconds since the Unix epoch.
const YEAR_1601: i64 = -11_644_473_600;

/// Whether a browser would keep this cookie as it is meant (CK-01 to CK-16).
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
    // A browser trims it, and would keep the cookie for another path.
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

/// Whether it is a domain name as the grammar has it (RFC 6265, 4.1.1; RFC 1123, 2.1): labels of
/// letters, digits and inner hyphens, 63 octets at most, 253 in all. [`Cookie::domain`] has
/// stripped one dot in front, which browsers ignore; they drop a cookie with a dot at the end, and
/// one whose `Domain` is an IP address, which has no subdomains.
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

/// Whether browsers take a host that ends in this label for an IPv4 address (WHATWG URL, "ends in
/// a number").
fn is_number(label: &str) -> bool {
    let hex = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
    match hex {
        Some(hex) => hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => label.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// Whether it is a token, so that it means the same name to everybody.
pub(crate) fn check_name(name: &str) -> Result<(), CookieError> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(CookieError::Name);
    }
    Ok(())
}

/// The grammar allows one pair of quotes around a value; they are part of it (CK-08).
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
        // By the system's clock: what is meant is a bound for mistakes, not a moment.
        (None, Some(at)) => at - OffsetDateTime::now_utc().unix_timestamp(),
        (None, None) => 0,
    };
    if seconds > MAX_AGE { Err(CookieError::TooLong) } else { Ok(()) }
}

/// Whether a browser keeps such a cookie only with `Secure`.
pub(crate) fn wants_secure(cookie: &Cookie<'_>) -> bool {
    cookie.same_site() == Some(SameSite::None)
        || cookie.partitioned() == Some(true)
        || check_prefix(cookie, false).is_err()
}

/// Browsers match prefixes in any case, so any case is held to them (CK-11).
fn check_prefix(cookie: &Cookie<'_>, secure: bool) -> Result<(), CookieError> {
    let starts_with = |prefix: &str| {
        let start = cookie.name().as_bytes().get(..prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    let prefixes: [(&'static str, bool, bool); 4] = [
        // The prefix, whether it asks for the host alone, whether for HttpOnly.
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
            return fail("leaving Domain out");
        }
        if http_only && cookie.http_only() != Some(true) {
            return fail("HttpOnly");
        }
    }
    Ok(())
}
