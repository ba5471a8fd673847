//! Caching headers of responses, and the forms of a removal.

use cookie::time::{Duration, OffsetDateTime};
use http::HeaderMap;
use http::header::{CACHE_CONTROL, SET_COOKIE, VARY};

use super::{CookieLayer, lines, through, writing};
use crate::KeyRing;
use crate::cookie::{Cookie, CookieBuilder, Cookies};

fn keyed() -> CookieLayer {
    CookieLayer::builder().keys(&KeyRing::insecure_from_seed(7)).build().unwrap()
}

/// Returns the headers of a response whose handler runs `work` with the request `a=1; b=2`.
fn after<T>(work: fn(&Cookies) -> T) -> HeaderMap {
    through(&keyed(), &[b"a=1; b=2"], |cookies| _ = work(cookies)).1
}

#[test]
fn a_response_varies_by_cookie_once_a_handler_has_read_one() {
    let reads: [fn(&Cookies); 12] = [
        |it| assert!(it.get("a").is_some()),
        |it| assert!(it.get("absent").is_none()),
        |it| assert_eq!(it.all("a").count(), 1),
        |it| assert_eq!(it.iter().count(), 2),
        |it| drop(it.iter()),
        |it| assert!(it.signed().unwrap().get("a").is_none()),
        |it| assert!(it.signed().unwrap().get("absent").is_none()),
        |it| assert!(it.encrypted().unwrap().get("a").is_none()),
        |it| assert!(it.encrypted().unwrap().get_bytes("absent").is_none()),
        |it| assert!(it.encoded().get("a").is_none()),
        |it| assert!(it.encoded().get_bytes("absent").is_none()),
        // Several reads add the header once.
        |it| (0..3).for_each(|_| assert!(it.get("b").is_some())),
    ];
    for (at, read) in reads.into_iter().enumerate() {
        let headers = after(read);
        let vary: Vec<_> = headers.get_all(VARY).iter().collect();
        assert_eq!(vary, ["Cookie"], "{at}");
        assert!(!headers.contains_key(CACHE_CONTROL));
    }
}

#[test]
fn a_response_that_read_no_cookie_of_the_client_varies_by_none() {
    let others: [fn(&Cookies); 5] = [
        |_| (),
        |it| it.set(("c", "1")).unwrap(),
        |it| it.remove("a").unwrap(),
        |it| it.signed().unwrap().set(("c", "1")).unwrap(),
        // A cookie that this response sets does not depend on the client.
        |it| {
            it.set(("a", "3")).unwrap();
            assert_eq!(it.get("a").unwrap().value(), "3");
        },
    ];
    for (at, work) in others.into_iter().enumerate() {
        assert!(!after(work).contains_key(VARY), "{at}");
    }
}

#[test]
fn plain_signed_encrypted_and_encoded_cookies_are_read_as_one_type() {
    let (values, _) = through(&keyed(), &[b"a=1"], |cookies| {
        let (signed, encrypted) = (cookies.signed().unwrap(), cookies.encrypted().unwrap());
        signed.set(("s", "2")).unwrap();
        encrypted.set(("e", "3")).unwrap();
        cookies.encoded().set(("c", "4")).unwrap();
        let all: [Option<Cookie<'_>>; 4] =
            [cookies.get("a"), signed.get("s"), encrypted.get("e"), cookies.encoded().get("c")];
        all.map(|it| it.map(|it| (it.name().to_owned(), it.value().to_owned())).unwrap())
    });
    let pairs = values.map(|(name, value)| name + "=" + &value);
    assert_eq!(pairs, ["a=1", "s=2", "e=3", "c=4"]);
}

/// A cookie that a view returned outlives the view, and can be removed as it is.
#[test]
fn what_a_view_read_outlives_the_view() {
    let (_, headers) = through(&keyed(), &[], |cookies| {
        cookies.signed().unwrap().set(("s", "1")).unwrap();
        let read = cookies.signed().unwrap().get("s").unwrap().into_owned();
        cookies.remove(read).unwrap();
    });
    assert!(lines(&headers)[0].starts_with("s=;"));
}

fn build() -> CookieBuilder<'static> {
    Cookie::build(("a", "value")).path("/x")
}

#[test]
fn ck_18_a_lifetime_that_is_over_is_a_removal() {
    let forms = [
        build().max_age(Duration::seconds(-1)),
        build().max_age(Duration::ZERO),
        build().max_age(Duration::MIN),
        build().max_age(Duration::milliseconds(-1)),
        build().expires(OffsetDateTime::UNIX_EPOCH),
        build().removal(),
    ];
    for form in forms {
        let (read, sent) = writing(|cookies| {
            cookies.set(form.clone()).unwrap();
            cookies.get("a").map(|it| it.value().to_owned())
        });
        assert_eq!(read, None, "{form:?}");
        let (_, removed) = writing(|cookies| cookies.remove(build()).unwrap());
        let before_expires = |line: &str| line.split("; Expires").next().unwrap().to_owned();
        assert_eq!(before_expires(&sent[0]), before_expires(&removed[0]));
        assert!(sent[0].starts_with("a=;") && sent[0].contains("; Max-Age=0;"), "{sent:?}");
    }
    // The same applies through a view, whatever the view would do to the value.
    let (_, headers) = through(&keyed(), &[], |cookies| {
        let gone = || build().max_age(Duration::seconds(-1)).build();
        cookies.signed().unwrap().set(gone()).unwrap();
        assert_eq!(cookies.signed().unwrap().get("a"), None);
        cookies.encrypted().unwrap().set(gone()).unwrap();
        cookies.encoded().set(gone()).unwrap();
    });
    assert!(lines(&headers)[0].starts_with("a=;"));
    assert_eq!(headers.get_all(SET_COOKIE).iter().count(), 1);
}

#[test]
fn ck_25_a_removal_by_lifetime_takes_no_room() {
    let full = || ("v".repeat(4000), "w".repeat(4000));
    let (_, lines) = writing(|cookies| {
        let (a, b) = full();
        cookies.set(("a", a)).unwrap();
        cookies.set(("b", b)).unwrap();
        cookies.set(Cookie::build(("c", "x".repeat(4000))).max_age(Duration::seconds(-1))).unwrap();
    });
    assert_eq!(lines.len(), 3);
}

#[test]
fn a_lifetime_below_a_second_is_rounded_up_and_is_no_removal() {
    for (age, sent) in [
        (Duration::milliseconds(1), 1),
        (Duration::milliseconds(999), 1),
        (Duration::seconds(1), 1),
        (Duration::milliseconds(1001), 2),
        (Duration::days(400), 34_560_000),
    ] {
        let (read, lines) = writing(|cookies| {
            cookies.set(build().max_age(age)).unwrap();
            cookies.get("a").is_some()
        });
        assert!(read);
        assert!(lines[0].ends_with(&format!("; Max-Age={sent}")), "{lines:?}");
    }
}
