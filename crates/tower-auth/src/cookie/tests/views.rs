use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::time::Duration;
use http::header::CACHE_CONTROL;

use super::{CookieLayer, lines, pair, reading, through};
use crate::KeyRing;
use crate::cookie::{Cookie, CookieError, Cookies};

fn keyed(ring: &KeyRing) -> CookieLayer {
    CookieLayer::builder().keys(ring).build().unwrap()
}

fn sign(cookies: &Cookies, name: &'static str, value: &'static str) {
    cookies.signed().unwrap().set((name, value)).unwrap();
}

fn encrypt(cookies: &Cookies, name: &'static str, value: &'static str) {
    cookies.encrypted().unwrap().set((name, value)).unwrap();
}

type Set = fn(&Cookies, &'static str, &'static str);
type Get = fn(&Cookies, &str) -> Option<String>;

const SIGNED: (Set, Get) = (sign, |cookies, name| value_of(cookies.signed().unwrap().get(name)));
const ENCRYPTED: (Set, Get) =
    (encrypt, |cookies, name| value_of(cookies.encrypted().unwrap().get(name)));

fn value_of(cookie: Option<Cookie<'_>>) -> Option<String> {
    cookie.map(|it| it.value().to_owned())
}

/// Returns what a browser sends back after the layer has set `name` to `value`.
fn made(layer: &CookieLayer, set: Set, name: &'static str, value: &'static str) -> String {
    let (_, headers) = through(layer, &[], |cookies| set(cookies, name, value));
    assert_eq!(headers[CACHE_CONTROL], "no-store");
    pair(&lines(&headers)[0]).to_owned()
}

fn read(layer: &CookieLayer, get: Get, line: &str, name: &str) -> Option<String> {
    through(layer, &[line.as_bytes()], |cookies| get(cookies, name)).0
}

#[test]
fn ck_20_what_was_protected_is_read_back() {
    let layer = keyed(&KeyRing::random());
    for (set, get) in [SIGNED, ENCRYPTED] {
        for value in ["gold", "", "a.b.c"] {
            let line = made(&layer, set, "plan", value);
            assert_eq!(read(&layer, get, &line, "plan").as_deref(), Some(value));
        }
    }
    assert!(made(&layer, sign, "plan", "gold").starts_with("plan=gold."));
    assert!(!made(&layer, encrypt, "plan", "gold").contains("gold"));
    let (one, two) = (made(&layer, encrypt, "a", "x"), made(&layer, encrypt, "a", "x"));
    assert_ne!(one, two, "a nonce of its own each time");
}

#[test]
fn ck_20_encrypted_values_may_be_anything_and_signed_ones_what_a_cookie_may_be() {
    let layer = keyed(&KeyRing::random());
    let text = "für dich; nur für dich\r\n";
    let line = made(&layer, encrypt, "note", text);
    assert_eq!(read(&layer, ENCRYPTED.1, &line, "note").as_deref(), Some(text));
    let bytes = [0, 0xff, b';', 0x80];
    let ((), headers) = through(&layer, &[], |cookies| {
        cookies.encrypted().unwrap().set_bytes("raw", &bytes).unwrap();
        assert_eq!(cookies.encrypted().unwrap().get_bytes("raw").unwrap(), bytes);
        assert_eq!(cookies.encrypted().unwrap().get("raw"), None, "not text");
        let signed = cookies.signed().unwrap().set(("note", text));
        assert_eq!(signed, Err(CookieError::Value));
    });
    assert_eq!(lines(&headers).len(), 1);
}

#[test]
fn d19_a_value_is_bound_to_its_name() {
    let layer = keyed(&KeyRing::random());
    for (set, get) in [SIGNED, ENCRYPTED] {
        let line = made(&layer, set, "role", "user");
        let value = line.strip_prefix("role=").unwrap();
        for other in ["rol", "rolE", "admin", "role2"] {
            let moved = format!("{other}={value}");
            assert_eq!(read(&layer, get, &moved, other), None, "as {other}");
        }
        assert!(read(&layer, get, &line, "role").is_some());
    }
    // The boundary between name and value is bound too.
    let line = made(&layer, sign, "ab", "c").replace("ab=c.", "a=bc.");
    assert_eq!(read(&layer, SIGNED.1, &line, "a"), None);
}

#[test]
fn d19_a_value_is_bound_to_its_purpose() {
    let layer = keyed(&KeyRing::random());
    let signed = made(&layer, sign, "a", "x");
    let encrypted = made(&layer, encrypt, "a", "x");
    assert_eq!(read(&layer, ENCRYPTED.1, &signed, "a"), None);
    assert_eq!(read(&layer, SIGNED.1, &encrypted, "a"), None);
    assert_eq!(read(&layer, SIGNED.1, "a=x", "a"), None);
}

#[test]
fn d19_a_value_is_bound_to_its_key_id() {
    let layer = keyed(&KeyRing::insecure_from_seeds([2, 1]));
    let old = keyed(&KeyRing::insecure_from_seed(1));
    for (set, get, at) in [(SIGNED.0, SIGNED.1, 0), (ENCRYPTED.0, ENCRYPTED.1, 1)] {
        let (new_line, old_line) = (made(&layer, set, "a", "x"), made(&old, set, "a", "x"));
        let text = |line: &str| line.rsplit(['=', '.']).next().unwrap().to_owned();
        let mut bytes = URL_SAFE_NO_PAD.decode(text(&new_line)).unwrap();
        let other = URL_SAFE_NO_PAD.decode(text(&old_line)).unwrap();
        assert_ne!(bytes[at..at + 4], other[at..at + 4]);
        bytes[at..at + 4].copy_from_slice(&other[at..at + 4]);
        let forged = new_line.replace(&text(&new_line), &URL_SAFE_NO_PAD.encode(bytes));
        assert_eq!(read(&layer, get, &forged, "a"), None);
        assert!(read(&layer, get, &new_line, "a").is_some());
    }
}

#[test]
fn xx_03_the_newest_key_makes_and_all_of_the_ring_read() {
    let before = keyed(&KeyRing::insecure_from_seed(1));
    let during = keyed(&KeyRing::insecure_from_seeds([2, 1]));
    let after = keyed(&KeyRing::insecure_from_seed(2));
    for (set, get) in [SIGNED, ENCRYPTED] {
        let by_old = made(&before, set, "a", "x");
        assert!(read(&during, get, &by_old, "a").is_some());
        assert!(read(&after, get, &by_old, "a").is_none());
        let by_new = made(&during, set, "a", "x");
        assert!(read(&after, get, &by_new, "a").is_some());
        assert!(read(&before, get, &by_new, "a").is_none());
    }
}

/// A test cannot show, without measuring time, that the comparison takes the same time for every
/// difference. It can show that the comparison covers every bit of the MAC.
#[test]
fn xx_02_every_bit_counts() {
    let layer = keyed(&KeyRing::random());
    for (set, get) in [SIGNED, ENCRYPTED] {
        let line = made(&layer, set, "a", "value");
        for at in 2..line.len() {
            for other in ["A", "B", "_", ".", "="] {
                if line[at..=at] != *other {
                    let forged = format!("{}{other}{}", &line[..at], &line[at + 1..]);
                    assert_eq!(read(&layer, get, &forged, "a"), None, "{forged}");
                }
            }
            assert_eq!(read(&layer, get, &line[..at], "a"), None, "cut at {at}");
        }
        assert_eq!(read(&layer, get, &format!("{line}A"), "a"), None);
        assert_eq!(read(&layer, get, "a=", "a"), None);
        assert_eq!(read(&layer, get, "a=.", "a"), None);
    }
}

#[test]
fn ck_07_a_protected_cookie_that_comes_twice_is_refused() {
    let layer = keyed(&KeyRing::random());
    for (set, get) in [SIGNED, ENCRYPTED] {
        let line = made(&layer, set, "a", "x");
        for twice in [format!("{line}; {line}"), format!("{line}; a=1"), format!("a=; {line}")] {
            assert_eq!(read(&layer, get, &twice, "a"), None);
        }
        // After this response has set the cookie, the read succeeds.
        let both = format!("{line}; a=1");
        let (own, _) = through(&layer, &[both.as_bytes()], |cookies| {
            set(cookies, "a", "own");
            get(cookies, "a")
        });
        assert_eq!(own.as_deref(), Some("own"));
    }
}

#[test]
fn views_see_pending_writes_and_removals() {
    let layer = keyed(&KeyRing::random());
    for (set, get) in [SIGNED, ENCRYPTED] {
        let line = made(&layer, set, "a", "sent");
        through(&layer, &[line.as_bytes()], |cookies| {
            assert_eq!(get(cookies, "a").as_deref(), Some("sent"));
            set(cookies, "a", "new");
            assert_eq!(get(cookies, "a").as_deref(), Some("new"));
            cookies.signed().unwrap().remove("a").unwrap();
            assert_eq!(get(cookies, "a"), None);
            set(cookies, "a", "newer");
            cookies.encrypted().unwrap().remove("a").unwrap();
            assert_eq!(get(cookies, "a"), None);
            cookies.set(("a", "plain")).unwrap();
            assert_eq!(get(cookies, "a"), None, "no longer protected");
        });
    }
    through(&layer, &[], |cookies| {
        let ended = Cookie::build(("a", "x")).max_age(Duration::ZERO);
        cookies.signed().unwrap().set(ended).unwrap();
        assert_eq!(cookies.signed().unwrap().get("a"), None, "a removal with a signature");
    });
}

#[test]
fn ck_09_protected_names_are_case_sensitive() {
    let layer = keyed(&KeyRing::random());
    for (set, get) in [SIGNED, ENCRYPTED] {
        let line = made(&layer, set, "a", "x");
        assert_eq!(read(&layer, get, &line.replacen("a=", "A=", 1), "a"), None);
        // A cookie with another name is not a duplicate.
        assert!(read(&layer, get, &format!("A=1; {line}"), "a").is_some());
    }
}

#[test]
fn d17_without_keys_the_views_say_so() {
    let (_, headers) = through(&CookieLayer::new(), &[], |cookies| {
        assert_eq!(cookies.signed().err(), Some(CookieError::NoKeys));
        assert_eq!(cookies.encrypted().err(), Some(CookieError::NoKeys));
    });
    assert!(headers.is_empty());
}

#[test]
fn encoded_holds_any_text_and_any_bytes() {
    let text = "grüße; an=alle, \"hier\" 🦀";
    let bytes: Vec<u8> = (0..=255).collect();
    let (_, headers) = through(&CookieLayer::new(), &[], |cookies| {
        cookies.encoded().set(("text", text)).unwrap();
        cookies.encoded().set_bytes(Cookie::build("bytes").path("/x"), &bytes).unwrap();
        assert_eq!(value_of(cookies.encoded().get("text")).as_deref(), Some(text));
    });
    let lines = lines(&headers);
    assert!(lines[1].ends_with("; Path=/x"));
    let header = format!("{}; {}", pair(&lines[0]), pair(&lines[1]));
    reading(header.as_bytes(), |cookies| {
        assert_eq!(value_of(cookies.encoded().get("text")).as_deref(), Some(text));
        assert_eq!(cookies.encoded().get_bytes("bytes").unwrap(), bytes);
        assert_eq!(cookies.encoded().get("bytes"), None, "not text");
    });
    reading(b"a=not base64!; b=QQ==; c=QQ", |cookies| {
        assert_eq!(cookies.encoded().get("a"), None);
        assert_eq!(cookies.encoded().get("b"), None);
        assert_eq!(value_of(cookies.encoded().get("c")).as_deref(), Some("A"));
    });
}

/// The values come from another implementation of HKDF, HMAC and AES-GCM-SIV. Every later version
/// must be able to read what this version writes.
#[test]
fn the_formats_are_these() {
    let layer = keyed(&KeyRing::unchecked([[7; 32]]));
    let signed = "plan=gold.6WHWN44uHZ_I6llOnX7Mp6TynZprKi0xZHQsN54Gb4fi-0kF";
    assert_eq!(made(&layer, sign, "plan", "gold"), signed);
    assert_eq!(read(&layer, SIGNED.1, signed, "plan").as_deref(), Some("gold"));
    let encrypted = "note=Aulh1jcAAQIDBAUGBwgJCgsfzzEgmzAP8Z2Uk8hkq607UHE23rSyILUq";
    assert_eq!(read(&layer, ENCRYPTED.1, encrypted, "note").as_deref(), Some("für dich"));
}

/// No counter inside the cryptography shows a key schedule, but the result is stored in a single
/// place: the configuration that the layer built. Every request must get that very allocation, and
/// its views must point into it.
#[test]
fn d23_no_key_is_copied_or_prepared_for_a_request() {
    let layer = keyed(&KeyRing::random());
    for clone in [layer.clone(), layer.clone()] {
        through(&clone, &[], |cookies| {
            assert!(Arc::ptr_eq(&cookies.config, layer.config()));
            let signer = std::ptr::from_ref(layer.config().signer.as_ref().unwrap());
            assert!(std::ptr::eq(signer, cookies.signed().unwrap().signer()));
            let sealer = std::ptr::from_ref(layer.config().sealer.as_ref().unwrap());
            assert!(std::ptr::eq(sealer, cookies.encrypted().unwrap().sealer()));
        });
    }
}
