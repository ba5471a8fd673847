//! The scope of a cookie: its `Domain` and its `Path`, which identify it together with its name
//! (CK-03).
//!
//! A browser keeps cookies of one name and different scopes side by side, so one response may set
//! or remove each of them.

use cookie::Cookie;

/// Returns `true` if a browser would treat the two as one cookie: same name, `Domain` and `Path`.
///
/// Names and paths are compared byte by byte. Domains are host names: their case is ignored, and so
/// is one leading dot, which [`Cookie::domain`] strips. A cookie without `Domain` belongs to the
/// host alone and differs from every cookie with one (RFC 6265bis, 5.7).
pub(super) fn is_same(one: &Cookie<'_>, other: &Cookie<'_>) -> bool {
    one.name() == other.name()
        && one.path() == other.path()
        && is_same_domain(one.domain().map(str::as_bytes), other.domain().map(str::as_bytes))
}

/// Returns `true` if a `Set-Cookie` line of a handler sets the same cookie.
///
/// `attributes` is the line after its name and value. The last of several equal attributes counts,
/// as in browsers. A line without a usable `Path` matches any path: the browser derives one from
/// the request's URI, and it may be this one.
pub(super) fn is_set_by(cookie: &Cookie<'_>, attributes: &[u8]) -> bool {
    let (mut domain, mut path) = (None, None);
    for attribute in attributes.split(|byte| *byte == b';') {
        let mut parts = attribute.splitn(2, |byte| *byte == b'=').map(<[u8]>::trim_ascii);
        let (name, value) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if name.eq_ignore_ascii_case(b"domain") {
            domain = Some(value.strip_prefix(b".").unwrap_or(value)).filter(|it| !it.is_empty());
        } else if name.eq_ignore_ascii_case(b"path") {
            path = Some(value).filter(|it| it.starts_with(b"/"));
        }
    }
    is_same_domain(cookie.domain().map(str::as_bytes), domain)
        && path.is_none_or(|path| cookie.path().is_none_or(|it| it.as_bytes() == path))
}

fn is_same_domain(one: Option<&[u8]>, other: Option<&[u8]>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        (None, None) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use cookie::Cookie;

    use super::{is_same, is_set_by};

    fn cookie(line: &str) -> Cookie<'_> {
        Cookie::parse(line).unwrap()
    }

    #[test]
    fn ck_03_a_cookie_is_known_by_name_domain_and_path() {
        let same = |one, other| is_same(&cookie(one), &cookie(other));
        assert!(same("a=1; Path=/; Secure", "a=2; Path=/; Max-Age=0"));
        assert!(same("a=1; Domain=app.example", "a=2; Domain=.APP.example"));
        for other in
            ["A=1; Path=/", "a=1; Path=/x", "a=1; Path=/X", "a=1; Path=/; Domain=app.example"]
        {
            assert!(!same("a=1; Path=/", other), "{other}");
        }
        assert!(!same("a=1; Domain=app.example", "a=1; Domain=example"));
    }

    #[test]
    fn ck_03_a_handlers_own_line_is_read_as_a_browser_reads_it() {
        let ours = "a=1; Path=/x; Domain=app.example";
        for (attributes, is_it) in [
            ("Path=/x; Domain=app.example", true),
            (" path = /x ;DOMAIN=.App.Example", true),
            ("Path=/; Path=/x; Domain=other; Domain=app.example", true),
            // The browser derives one from the request's URI.
            ("Domain=app.example", true),
            ("Path=relative; Domain=app.example", true),
            ("Path=/x", false),
            ("Path=/x; Domain=app.example; Domain=", false),
            ("Path=/y; Domain=app.example", false),
            ("Path=/x; Domain=www.app.example", false),
        ] {
            assert_eq!(is_set_by(&cookie(ours), attributes.as_bytes()), is_it, "{attributes}");
        }
    }
}
