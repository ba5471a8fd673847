//! Refuses what a browser would drop, and what would carry more than it says.

use cookie::{Cookie, SameSite};

use super::CookieError;

/// Beyond this browsers drop the cookie (RFC 6265bis, 5.6), in octets of name and value.
const MAX_PAIR: usize = 4096;
/// Beyond this browsers ignore the attribute.
const MAX_ATTRIBUTE: usize = 1024;
/// 400 days, in seconds: browsers cut longer lifetimes off.
const MAX_AGE: i64 = 34_560_000;

/// Whether a browser would keep this cookie as it is meant (CK-01 to CK-16).
pub(crate) fn check(cookie: &Cookie<'_>) -> Result<(), CookieError> {
    let (name, value) = (cookie.name(), cookie.value());
    check_name(name)?;
    if !value.bytes().all(is_cookie_octet) {
        return Err(CookieError::Value);
    }
    let octets = name.len() + value.len();
    if octets > MAX_PAIR {
        return Err(CookieError::TooLarge { octets });
    }
    check_attribute("Path", cookie.path())?;
    check_attribute("Domain", cookie.domain())?;
    let secure = cookie.secure() == Some(true);
    if cookie.same_site() == Some(SameSite::None) && !secure {
        return Err(CookieError::NeedsSecure("SameSite=None"));
    }
    if cookie.partitioned() == Some(true) && !secure {
        return Err(CookieError::NeedsSecure("Partitioned"));
    }
    if cookie.max_age().is_some_and(|age| age.whole_seconds() > MAX_AGE) {
        return Err(CookieError::TooLong);
    }
    check_prefix(cookie, secure)
}

/// Whether it is a token, so that it means the same name to everybody.
pub(crate) fn check_name(name: &str) -> Result<(), CookieError> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(CookieError::Name);
    }
    Ok(())
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
