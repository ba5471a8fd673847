//! The domains for which a cookie may be set.

use super::writing;
use crate::cookie::{Cookie, CookieError};

fn set(domain: &str) -> Result<(), CookieError> {
    let cookie = Cookie::build(("a", "1")).domain(domain.to_owned());
    writing(|cookies| cookies.set(cookie)).0
}

#[test]
fn ck_01_a_domain_is_a_domain_name() {
    let long = "l".repeat(63);
    let longest = [&*long, &long, &long, &"l".repeat(61)].join(".");
    assert_eq!(longest.len(), 253);
    let all = [
        "example.com",
        ".example.com",
        "EXAMPLE.com",
        "localhost",
        "a.b.c.example.com",
        "1password.example",
        "a-b--c.example",
        "xn--bcher-kva.example",
        // Digits that no browser parses as an address.
        "1.2.3.4.example",
        "0xg.0xz",
        &long,
        &longest,
    ];
    for domain in all {
        assert_eq!(set(domain), Ok(()), "{domain}");
    }
}

#[test]
fn ck_01_what_browsers_drop_or_read_differently_is_refused() {
    let (label, total) = ("l".repeat(64), ["l".repeat(50).as_str(); 5].join("."));
    assert_eq!(total.len(), 254);
    let all = [
        "",
        ".",
        "..example.com",
        "example..com",
        "example.com.",
        "bad-.abc",
        "-bad.abc",
        "bad.-abc",
        "bad.abc-",
        "-",
        "under_score.example",
        "*.example.com",
        "bücher.example",
        "example.com:443",
        "https://example.com",
        "example.com/",
        "user@example.com",
        "exa mple.com",
        // Addresses have no subdomains, in any form that browsers parse as an address.
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "1.2.3.0X",
        "example.0xff",
        "example.1",
        "[::1]",
        "::1",
        &label,
        &total,
    ];
    for domain in all {
        assert_eq!(set(domain), Err(CookieError::Attribute("Domain")), "{domain}");
    }
}

#[cfg(feature = "session")]
#[test]
fn ck_01_a_sessions_domain_is_held_to_it_when_the_layer_is_built() {
    use crate::{Clock, KeyRing, MemoryStore, SessionLayer};
    let build = |domain: &str| {
        let store = MemoryStore::new(Clock::system());
        SessionLayer::builder(store, &KeyRing::random()).cookie_domain(domain).build()
    };
    assert!(build("app.example").is_ok());
    for domain in ["bad-.abc", "127.0.0.1", "app.example."] {
        let error = build(domain).unwrap_err().to_string();
        assert!(error.contains("Domain"), "{error}");
    }
}
