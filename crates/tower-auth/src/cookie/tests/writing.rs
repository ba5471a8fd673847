use crate::Settings;
use cookie::time::{Date, Duration, OffsetDateTime, UtcOffset};
use http::header::{CACHE_CONTROL, SET_COOKIE};
use http::{HeaderValue, Request, Response};
use tower::{Layer, ServiceExt, service_fn};

use super::{CookieLayer, block_on, lines, through, writing};
use crate::cookie::{Cookie, CookieBuilder, CookieError, Cookies, SameSite};
use crate::jar::is_removal;

/// Returns the `Set-Cookie` line or the error. A refused cookie must not change the response.
fn set(cookie: impl Into<Cookie<'static>>) -> Result<String, CookieError> {
    let (result, mut lines) = writing(|cookies| cookies.set(cookie));
    assert_eq!(lines.len(), usize::from(result.is_ok()));
    result.map(|()| lines.remove(0))
}

fn build(name: &'static str) -> CookieBuilder<'static> {
    Cookie::build((name, "1"))
}

#[test]
fn ck_01_only_what_the_grammar_allows() {
    for byte in 0..=127_u8 {
        let text = format!("a{}b", byte as char);
        let token = byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        let octet = byte.is_ascii_graphic() && !b"\",;\\".contains(&byte);
        let named = set(Cookie::new(text.clone(), "1"));
        assert_eq!(named.is_ok(), token, "{byte:#x} in a name");
        assert_eq!(set(Cookie::new("a", text.clone())).is_ok(), octet, "{byte:#x} in a value");
        let plain = (byte.is_ascii_graphic() || byte == b' ') && byte != b';';
        let path = set(build("a").path(format!("/{text}")));
        assert_eq!(path.is_ok(), plain, "{byte:#x} in a path");
        let domain = set(build("a").domain(text));
        let host = byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
        assert_eq!(domain.is_ok(), host, "{byte:#x} in a domain");
    }
    assert_eq!(set(("a", "é")), Err(CookieError::Value));
    assert_eq!(set(("é", "1")), Err(CookieError::Name));
    assert!(set(("a", "\"quoted\"")).is_ok());
    for broken in ["\"", "\"half", "a\"b", "\"a\"b\"", "\"a b\""] {
        assert_eq!(set(("a", broken)), Err(CookieError::Value), "{broken}");
    }
}

#[test]
fn ck_02_no_cookie_without_a_name() {
    assert_eq!(set(("", "1")), Err(CookieError::Name));
    let (removed, lines) = writing(|cookies| cookies.remove(""));
    assert!(removed == Err(CookieError::Name) && lines.is_empty());
}

/// A header of 150 KiB, which servers accept, contains this many cookies. A comparison of each with
/// each takes 42 s; the jar takes less than one second.
#[test]
fn ck_25_removing_all_that_came_costs_in_proportion() {
    let line: Vec<_> = (0..20_000).map(|at| format!("c{at:x}=;")).collect();
    let (removed, headers) = through(&CookieLayer::new(), &[line.concat().as_bytes()], |cookies| {
        cookies.iter().filter(|it| cookies.remove(it.name().to_owned()).is_ok()).count()
    });
    assert_eq!((removed, lines(&headers).len()), (20_000, 20_000));
}

#[test]
fn ck_03_one_line_for_each_cookie_and_the_last_write_counts() {
    let (_, lines) = writing(|cookies| {
        cookies.set(("a", "1")).unwrap();
        cookies.set(("b", "1")).unwrap();
        cookies.set(build("a").http_only(false)).unwrap();
        cookies.remove("b").unwrap();
        cookies.set(("A", "1")).unwrap();
    });
    let names: Vec<_> = lines.iter().map(|line| &line[..2]).collect();
    assert_eq!(names, ["a=", "b=", "A="]);
    assert!(!lines[0].contains("HttpOnly") && lines[1].contains("Max-Age=0"));
}

/// A handler that adds its own `Set-Cookie` lines to a cookie set by `Cookies`.
fn beside(own: &'static [&'static str]) -> Response<()> {
    let handler = service_fn(async |request: Request<()>| {
        let cookies = Cookies::of(request.extensions()).unwrap();
        cookies.set(("a", "ours"))?;
        let mut response = Response::new(());
        for line in own {
            response.headers_mut().append(SET_COOKIE, HeaderValue::from_static(line));
        }
        Ok::<_, CookieError>(response)
    });
    block_on(CookieLayer::new().layer(handler).oneshot(Request::new(()))).unwrap()
}

#[test]
fn ck_03_a_handlers_own_line_of_that_name_gives_way() {
    let response = beside(&["a=theirs; Path=/", "b=1", " a =theirs", "A=1"]);
    let lines = lines(response.headers());
    assert_eq!(lines[..2], ["b=1", "A=1"]);
    assert!(lines.len() == 3 && lines[2].starts_with("a=ours"));
}

#[test]
fn ck_05_lines_are_appended_and_never_joined() {
    let response = beside(&["b=1; a=1", "c=2; Path=/", "nameless; a=2"]);
    let lines = lines(response.headers());
    assert_eq!(lines[..3], ["b=1; a=1", "c=2; Path=/", "nameless; a=2"]);
    assert_eq!(lines.len(), 4);
}

#[test]
fn ck_04_no_attribute_comes_twice() {
    let everything = build("__Host-a")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::None)
        .partitioned(true)
        .path("/")
        .max_age(Duration::DAY)
        .expires(OffsetDateTime::now_utc() + Duration::DAY);
    for line in [set(everything).unwrap(), set(("a", "1")).unwrap()] {
        let mut names: Vec<_> = line.split("; ").map(|it| it.split('=').next().unwrap()).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "{line}");
    }
}

#[test]
fn ck_11_prefixes_hold_in_any_case() {
    let plain = CookieLayer::builder()
        .settings(&Settings::new().insecure_allow_plain_http())
        .build()
        .unwrap();
    for name in ["__Host-a", "__HOST-a", "__host-a", "__Secure-a", "__sEcUrE-a", "__Http-a"] {
        let domain = set(build(name).domain("site.example"));
        assert_eq!(domain.is_err(), name.to_lowercase().contains("host"), "{name}");
        let (over_plain_http, _) = through(&plain, &[], |it| it.set((name, "1")));
        assert!(matches!(over_plain_http, Err(CookieError::Prefix { needs: "Secure", .. })));
        assert!(set((name, "1")).is_ok());
    }
    assert!(set(build("__HOST-a").path("/x")).is_err());
    assert!(set(build("__http-a").http_only(false)).is_err());
    assert!(set(build("__Host-Http-a").http_only(false)).is_err());
    assert!(set(build("__Host").path("/x")).is_ok(), "no prefix without its dash");
}

#[test]
fn ck_13_same_site_none_needs_secure() {
    let plain = CookieLayer::builder()
        .settings(&Settings::new().insecure_allow_plain_http())
        .build()
        .unwrap();
    let cookie = || build("a").same_site(SameSite::None);
    let (refused, headers) = through(&plain, &[], |cookies| cookies.set(cookie()));
    assert_eq!(refused, Err(CookieError::NeedsSecure("SameSite=None")));
    assert!(headers.is_empty());
    assert!(set(cookie()).unwrap().contains("; SameSite=None; Secure;"));
}

#[test]
fn ck_14_partitioned_needs_secure_and_is_kept_by_removals() {
    let plain = CookieLayer::builder()
        .settings(&Settings::new().insecure_allow_plain_http())
        .build()
        .unwrap();
    let cookie = || build("a").partitioned(true);
    let (refused, _) = through(&plain, &[], |cookies| cookies.set(cookie()));
    assert_eq!(refused, Err(CookieError::NeedsSecure("Partitioned")));
    assert!(set(cookie()).unwrap().contains("; Partitioned; Secure;"));
    for layer in [CookieLayer::new(), plain] {
        let (_, headers) = through(&layer, &[], |cookies| cookies.remove(cookie()).unwrap());
        assert!(lines(&headers)[0].contains("; Partitioned; Secure;"));
    }
}

#[test]
fn ck_15_no_longer_than_browsers_keep() {
    assert!(set(("name", "v".repeat(4092))).is_ok());
    assert_eq!(set(("name", "v".repeat(4093))), Err(CookieError::TooLarge { octets: 4097 }));
    assert_eq!(set(("a", "v".repeat(9000))), Err(CookieError::TooLarge { octets: 9001 }));
    let path = |len: usize| build("a").path(format!("/{}", "p".repeat(len - 1)));
    assert!(set(path(1024)).is_ok());
    assert_eq!(set(path(1025)), Err(CookieError::Attribute("Path")));
}

#[test]
fn ck_16_no_longer_than_400_days() {
    let days = Duration::days(400);
    assert!(set(build("a").max_age(days)).unwrap().contains("Max-Age=34560000"));
    assert_eq!(set(build("a").max_age(days + Duration::SECOND)), Err(CookieError::TooLong));
    assert_eq!(set(build("a").permanent()), Err(CookieError::TooLong));
    let expires = |after| build("a").expires(OffsetDateTime::now_utc() + after);
    assert!(set(expires(Duration::days(399))).is_ok());
    assert_eq!(set(expires(Duration::days(401))), Err(CookieError::TooLong));
    // `Max-Age` takes precedence in the browser, so it does here.
    assert!(set(expires(Duration::days(401)).max_age(days)).is_ok());
}

fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap()
}

#[test]
fn ck_17_dates_are_imf_fixdate_and_max_age_wins() {
    let an_hour_east = UtcOffset::from_hms(1, 0, 0).unwrap();
    // 2026-01-01 00:02:03 UTC.
    let date = at(1_767_225_723).to_offset(an_hour_east);
    // Needs a `Max-Age`, because a past `Expires` alone is a removal.
    let line = set(build("a").expires(date).max_age(Duration::DAY)).unwrap();
    assert!(line.ends_with("; Expires=Thu, 01 Jan 2026 00:02:03 GMT"), "{line}");
    let (past, future) = (at(978_307_200), at(200_000_000_000));
    assert!(is_removal(&build("a").expires(past).build()));
    assert!(!is_removal(&build("a").expires(future).build()));
    assert!(!is_removal(&build("a").expires(past).max_age(Duration::DAY).build()));
    assert!(is_removal(&build("a").expires(future).max_age(Duration::ZERO).build()));
    let beyond = set(build("a").expires(at(-11_644_473_601)));
    assert_eq!(beyond, Err(CookieError::Attribute("Expires")));
    // The earliest possible moment must not panic in the conversion to UTC.
    assert!(set(build("a").expires(Date::MIN.midnight().assume_offset(an_hour_east))).is_err());
}

#[test]
fn ck_18_a_removal_matches_what_was_set() {
    let cookies = [
        build("plain").build(),
        build("__Host-a").build(),
        build("__Secure-a").domain("site.example").path("/deep").build(),
        build("__Host-Http-a").same_site(SameSite::Strict).build(),
        build("__Host-p").same_site(SameSite::None).partitioned(true).build(),
    ];
    for cookie in cookies {
        let attributes = |line: &str| line.split_once(';').unwrap().1.to_owned();
        let line = set(cookie.clone()).unwrap();
        let (_, removal) = writing(|cookies| cookies.remove(cookie.clone()).unwrap());
        assert!(removal[0].starts_with(&format!("{}=;", cookie.name())));
        let expected = format!("{}; Max-Age=0; Expires=", attributes(&line));
        assert!(attributes(&removal[0]).starts_with(&expected), "{}", removal[0]);
    }
    let (_, by_name) = writing(|cookies| cookies.remove("__Host-a").unwrap());
    assert!(by_name[0].starts_with("__Host-a=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0"));
    // A cookie from a read has only a name and a value, and these suffice to remove it.
    let (_, headers) = through(&CookieLayer::new(), &[b"a=1"], |cookies| {
        let read = cookies.get("a").unwrap().into_owned();
        cookies.remove(read).unwrap();
    });
    assert!(lines(&headers)[0].starts_with("a=; "));
}

#[test]
fn ck_18_over_plain_http_too() {
    let plain = CookieLayer::builder()
        .settings(&Settings::new().insecure_allow_plain_http())
        .build()
        .unwrap();
    for (name, secure) in [("a", false), ("__Host-a", true), ("__SECURE-a", true)] {
        let (removed, headers) = through(&plain, &[], |cookies| cookies.remove(name));
        assert_eq!(removed, Ok(()));
        assert_eq!(lines(&headers)[0].contains("; Secure"), secure, "{name}");
    }
}

#[test]
fn ck_21_secure_unless_plain_http_is_asked_for_by_its_loud_name() {
    assert!(set(("a", "1")).unwrap().contains("; Secure"));
    assert_eq!(set(build("a").secure(false)), Err(CookieError::Insecure));
    let (removed, _) = writing(|cookies| cookies.remove(build("a").secure(false)));
    assert_eq!(removed, Err(CookieError::Insecure));
    let plain = CookieLayer::builder()
        .settings(&Settings::new().insecure_allow_plain_http())
        .build()
        .unwrap();
    let (_, headers) = through(&plain, &[], |cookies| {
        cookies.set(("unsaid", "1")).unwrap();
        cookies.set(build("said").secure(false)).unwrap();
        cookies.set(build("secure").secure(true)).unwrap();
    });
    let secure: Vec<_> = lines(&headers).iter().map(|it| it.contains("Secure")).collect();
    assert_eq!(secure, [false, false, true]);
}

#[test]
fn ck_24_the_strict_profile_is_the_default() {
    let line = set(("a", "1")).unwrap();
    assert_eq!(line, "a=1; HttpOnly; SameSite=Lax; Secure; Path=/");
}

#[test]
fn ck_24_nothing_overrides_what_was_said() {
    let said = build("a").http_only(false).same_site(SameSite::Strict).path("/x").secure(true);
    assert_eq!(set(said).unwrap(), "a=1; SameSite=Strict; Secure; Path=/x");
    assert_eq!(set(build("a").path("x")), Err(CookieError::Attribute("Path")));
    assert_eq!(set(build("a").path("")), Err(CookieError::Attribute("Path")));
    assert_eq!(set(build("a").domain("")), Err(CookieError::Attribute("Domain")));
}

#[test]
fn ck_25_a_response_sets_no_more_than_a_request_can_carry() {
    let value = || "v".repeat(4000);
    let (_, lines) = writing(|cookies| {
        cookies.set(("a", value())).unwrap();
        cookies.set(("b", value())).unwrap();
        assert_eq!(cookies.set(("c", value())), Err(CookieError::TooMuch { octets: 12_012 }));
        // The same name again takes no more space, and a removal takes none.
        cookies.set(("b", value())).unwrap();
        cookies.remove("a").unwrap();
        cookies.set(("c", value())).unwrap();
    });
    assert_eq!(lines.len(), 3);
}

#[test]
fn d17_nothing_is_set_after_the_head_and_the_caller_is_told() {
    let layer = CookieLayer::new();
    let (kept, headers) = through(&layer, &[b"a=1"], Cookies::clone);
    assert_eq!(kept.set(("b", "2")), Err(CookieError::ResponseSent));
    assert_eq!(kept.remove("a"), Err(CookieError::ResponseSent));
    assert_eq!(kept.encoded().set(("b", "2")), Err(CookieError::ResponseSent));
    assert_eq!(kept.get("a").unwrap().value(), "1");
    assert!(headers.is_empty());
}

#[test]
fn d17_what_is_refused_is_told_and_not_sent() {
    let (results, lines) = writing(|cookies| {
        [cookies.set(("a", "1")), cookies.set(("b", "not this")), cookies.set(("c", "3"))]
    });
    assert_eq!(results, [Ok(()), Err(CookieError::Value), Ok(())]);
    assert_eq!(lines.iter().map(|line| &line[..3]).collect::<Vec<_>>(), ["a=1", "c=3"]);
}

#[test]
fn d20_nothing_injects_an_attribute_or_a_line() {
    let attack = "x; Domain=evil.example";
    assert_eq!(set(("a", attack)), Err(CookieError::Value));
    assert_eq!(set((attack, "1")), Err(CookieError::Name));
    assert_eq!(set(build("a").path("/; Domain=evil.example")), Err(CookieError::Attribute("Path")));
    assert_eq!(set(build("a").domain(attack)), Err(CookieError::Attribute("Domain")));
    assert_eq!(set(("a", "x\r\nSet-Cookie: b=1")), Err(CookieError::Value));
    assert_eq!(set(("a=b", "1")), Err(CookieError::Name));
    let (removed, lines) = writing(|cookies| cookies.remove(build("a").path("/;HttpOnly")));
    assert!(removed.is_err() && lines.is_empty());
}

#[test]
fn d20_a_path_that_a_browser_would_trim_is_refused() {
    assert_eq!(set(build("a").path("/x ")), Err(CookieError::Attribute("Path")));
    let (removed, lines) = writing(|cookies| cookies.remove(build("a").path("/x ")));
    assert_eq!((removed, lines.len()), (Err(CookieError::Attribute("Path")), 0));
    // Browsers keep a space inside the path.
    let line = set(build("a").path("/x y")).unwrap();
    assert_eq!(line, "a=1; HttpOnly; SameSite=Lax; Secure; Path=/x y");
}

#[test]
fn plain_cookies_leave_caching_to_the_handler() {
    let (_, headers) =
        through(&CookieLayer::new(), &[], |cookies| cookies.set(("a", "1")).unwrap());
    assert!(!headers.contains_key(CACHE_CONTROL));
    assert!(headers[SET_COOKIE].is_sensitive());
}

#[test]
fn a_handler_can_refuse_with_what_was_wrong_with_its_cookie() {
    use tower_auth_core::Rejection;
    assert_eq!(Rejection::from(CookieError::TooMuch { octets: 9000 }), Rejection::TooLarge);
    assert_eq!(Rejection::from(CookieError::Value), Rejection::Unreadable);
    let no_keys = Rejection::from(CookieError::NoKeys);
    assert!(
        matches!(no_keys, Rejection::Misconfigured(it) if it.layer == "Cookies"),
        "{no_keys:?}"
    );
}
