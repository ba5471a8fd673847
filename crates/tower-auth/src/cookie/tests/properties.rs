//! Properties that hold for any bytes.

use cookie::time::Duration;
use memchr::memmem::Finder;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

use super::{CookieLayer, through, writing};
use crate::KeyRing;
use crate::cookie::{Cookie, SameSite};
use crate::jar::pairs::{pairs, values};

/// Any line that a client can send; the special characters are more frequent.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let special = prop::sample::select(&b"=;,\"%\\ \t_.$\xff\xc3"[..]);
    let any =
        any::<u8>().prop_filter("a header", |it| http::HeaderValue::from_bytes(&[*it]).is_ok());
    vec(prop_oneof![special, any, prop::sample::select(&b"abAB01"[..])], 0..200)
}

fn cookie() -> impl Strategy<Value = Cookie<'static>> {
    let text = || prop_oneof!["[a-zA-Z_-]{1,12}", "(__(Host|Secure|Http)-)?[!-~]{0,10}", ".{0,10}"];
    let path = || prop_oneof!["/[a-z/]{0,8}", "[ -~]{0,10}", ".{0,10}"];
    let same_site = prop::sample::select(&[SameSite::Lax, SameSite::Strict, SameSite::None][..]);
    let flags = (of(any::<bool>()), of(any::<bool>()), of(any::<bool>()), of(same_site));
    (text(), text(), of(path()), of(text()), flags, of(-10_i64..40_000_000)).prop_map(
        |(name, value, path, domain, (secure, http_only, partitioned, same_site), age)| {
            let mut cookie = Cookie::new(name, value);
            if let Some(path) = path {
                cookie.set_path(path);
            }
            if let Some(domain) = domain {
                cookie.set_domain(domain);
            }
            cookie.set_secure(secure);
            cookie.set_http_only(http_only);
            cookie.set_partitioned(partitioned);
            cookie.set_same_site(same_site);
            cookie.set_max_age(age.map(Duration::seconds));
            cookie
        },
    )
}

/// Splits a line as a browser does: at semicolons, then at the first equals sign.
fn parts(line: &str) -> Vec<(String, Option<String>)> {
    let part = |part: &str| match part.trim_matches([' ', '\t']).split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (part.trim_matches([' ', '\t']).to_owned(), None),
    };
    line.split(';').map(part).collect()
}

proptest! {
    /// The few characters and short names make names occur in other names and in values.
    #[test]
    fn ck_07_a_sought_name_finds_what_reading_all_finds(
        line in vec(prop::sample::select(&b"=; \tab"[..]), 0..40),
        name in "[ab]{1,3}",
    ) {
        let sought: Vec<_> = values(&line, &Finder::new(&name)).collect();
        let all = pairs(&line).filter(|(it, _)| *it == name.as_bytes());
        prop_assert_eq!(sought, all.map(|(_, value)| value).collect::<Vec<_>>());
    }

    #[test]
    fn ck_10_no_bytes_panic_or_cost_a_neighbour(before in line(), after in line()) {
        let layer = CookieLayer::builder().keys(&KeyRing::insecure_from_seed(7)).build().unwrap();
        let whole = [&before[..], b";needle=found;", &after[..]].concat();
        through(&layer, &[&before, &whole, &after], |cookies| {
            prop_assert!(cookies.all("needle").any(|it| it.value() == "found"));
            for cookie in cookies.iter() {
                let name = cookie.name();
                prop_assert!(!name.is_empty() && !cookie.value().contains(';'));
                prop_assert_eq!(
                    cookies.get(name).unwrap().value().to_owned(),
                    cookies.all(name).next().unwrap().value().to_owned()
                );
                prop_assert_eq!(cookies.signed().unwrap().get(name), None);
                prop_assert_eq!(cookies.encrypted().unwrap().get(name), None);
                let _ = cookies.encoded().get_bytes(name);
            }
            Ok(())
        }).0?;
    }

    #[test]
    fn d20_a_line_holds_exactly_the_attributes_that_were_meant(cookie in cookie()) {
        let (result, lines) = writing(|cookies| cookies.set(cookie.clone()));
        prop_assert_eq!(lines.len(), usize::from(result.is_ok()));
        let Some(line) = lines.first() else { return Ok(()) };
        let mut expected = vec![
            (cookie.name().to_owned(), Some(cookie.value().to_owned())),
            ("Secure".to_owned(), None),
        ];
        let mut meant = |name: &str, value: Option<String>| expected.push((name.to_owned(), value));
        if cookie.http_only() != Some(false) {
            meant("HttpOnly", None);
        }
        if cookie.partitioned() == Some(true) {
            meant("Partitioned", None);
        }
        let same_site = cookie.same_site().unwrap_or(SameSite::Lax);
        meant("SameSite", Some(same_site.to_string()));
        meant("Path", Some(cookie.path().unwrap_or("/").to_owned()));
        if let Some(domain) = cookie.domain() {
            meant("Domain", Some(domain.to_owned()));
        }
        let mut found = parts(line);
        match cookie.max_age() {
            Some(age) if age.is_positive() => {
                meant("Max-Age", Some(age.whole_seconds().to_string()));
            }
            Some(_) => {
                meant("Max-Age", Some("0".into()));
                // The moment of `Expires` is not compared.
                found.retain(|(name, _)| name != "Expires");
                expected[0].1 = Some(String::new());
            }
            None => {}
        }
        found.sort();
        expected.sort();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn encrypted_and_encoded_give_back_any_bytes(value in vec(any::<u8>(), 0..300)) {
        let layer = CookieLayer::builder().keys(&KeyRing::insecure_from_seed(7)).build().unwrap();
        through(&layer, &[], |cookies| {
            cookies.encrypted().unwrap().set_bytes("a", &value).unwrap();
            prop_assert_eq!(cookies.encrypted().unwrap().get_bytes("a"), Some(value.clone()));
            cookies.encoded().set_bytes("b", &value).unwrap();
            prop_assert_eq!(cookies.encoded().get_bytes("b"), Some(value));
            Ok(())
        }).0?;
    }
}
