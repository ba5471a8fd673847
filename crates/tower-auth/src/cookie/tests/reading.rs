use super::{CookieLayer, lines, reading, through};
use crate::cookie::{Cookie, Cookies};

fn get(cookies: &Cookies, name: &str) -> Option<String> {
    cookies.get(name).map(|cookie| cookie.value().to_owned())
}

fn all(cookies: &Cookies) -> Vec<(String, String)> {
    cookies.iter().map(|it| (it.name().to_owned(), it.value().to_owned())).collect()
}

#[test]
fn ck_06_several_header_lines_are_one_list() {
    let lines: [&[u8]; 3] = [b"a=1; b=2", b"", b"b=3; c=4"];
    let (read, _) = through(&CookieLayer::new(), &lines, |cookies| {
        let b = cookies.all("b").map(|it| it.value().to_owned()).collect::<Vec<_>>();
        assert_eq!(b, ["2", "3"]);
        all(cookies)
    });
    let expected = [("a", "1"), ("b", "2"), ("b", "3"), ("c", "4")];
    assert_eq!(read, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn ck_07_every_duplicate_is_shown() {
    reading(b"id=host; x=1; id=domain; id=path", |cookies| {
        let ids: Vec<_> = cookies.all("id").map(|it| it.value().to_owned()).collect();
        assert_eq!(ids, ["host", "domain", "path"]);
        assert_eq!(cookies.iter().count(), 4);
        assert_eq!(cookies.all("none").count(), 0);
    });
}

#[test]
fn d02_the_first_of_duplicates_wins() {
    let lines: [&[u8]; 2] = [b"x=0; id=host", b"id=parent"];
    through(&CookieLayer::new(), &lines, |it| assert_eq!(get(it, "id").unwrap(), "host"));
}

#[test]
fn ck_08_values_are_what_was_sent() {
    let line = br#"$Version=1; q="quoted"; half="x; p=%41%3B; list=a, b=c; sp=a b ; eq=a=b==; e="#;
    reading(line, |cookies| {
        assert_eq!(get(cookies, "$Version").unwrap(), "1");
        assert_eq!(get(cookies, "q").unwrap(), r#""quoted""#);
        assert_eq!(get(cookies, "half").unwrap(), r#""x"#);
        assert_eq!(get(cookies, "p").unwrap(), "%41%3B");
        assert_eq!(get(cookies, "list").unwrap(), "a, b=c");
        assert_eq!(get(cookies, "sp").unwrap(), "a b");
        assert_eq!(get(cookies, "eq").unwrap(), "a=b==");
        assert_eq!(get(cookies, "e").unwrap(), "");
        assert_eq!(get(cookies, "b"), None);
    });
}

#[test]
fn ck_09_names_are_case_sensitive_and_only_space_and_tab_are_trimmed() {
    reading(b"ID=upper; \t id \t=\t lower \t", |cookies| {
        assert_eq!(get(cookies, "ID").unwrap(), "upper");
        assert_eq!(get(cookies, "id").unwrap(), "lower");
        assert_eq!(get(cookies, "Id"), None);
    });
    for space in ["\u{2000}", "\u{a0}", "\u{feff}", "\u{3000}", "\u{85}", "\u{2028}"] {
        let line = format!("{space}__Host-id=EVIL; __Host-id{space}=EVIL; __Host-id=good");
        reading(line.as_bytes(), |cookies| {
            assert_eq!(cookies.all("__Host-id").count(), 1);
            assert_eq!(get(cookies, "__Host-id").unwrap(), "good");
        });
    }
}

#[test]
fn d01_names_are_never_decoded() {
    let line = b"%5F%5FHost-id=EVIL; __Host%2Did=EVIL; \"__Host-id\"=EVIL; a%=b; __Host-id=good";
    reading(line, |cookies| {
        assert_eq!(cookies.all("__Host-id").count(), 1);
        assert_eq!(get(cookies, "__Host-id").unwrap(), "good");
        assert_eq!(get(cookies, "%5F%5FHost-id").unwrap(), "EVIL");
    });
}

#[test]
fn ck_10_a_malformed_pair_drops_no_neighbour() {
    let broken: [&[u8]; 9] = [
        b"",
        b"=",
        b"novalue",
        b"=nameless",
        b";;",
        b"\xff\xfe=x",
        b"x=\xc3\x28",
        b"\xe6=\x98",
        b"a\tb",
    ];
    for broken in broken {
        let line = [b"first=1;", broken, b";last=2"].concat();
        reading(&line, |cookies| {
            assert_eq!(get(cookies, "first").unwrap(), "1");
            assert_eq!(get(cookies, "last").unwrap(), "2");
            assert_eq!(cookies.iter().count(), 2, "beside {broken:?}");
        });
    }
    for byte in (0..=255_u8).filter(|byte| http::HeaderValue::from_bytes(&[*byte]).is_ok()) {
        for position in ["name", "value"] {
            let odd = if position == "name" { [byte, b'=', b'x'] } else { [b'x', b'=', byte] };
            let line = [b"first=1; ".as_slice(), &odd, b"; last=2"].concat();
            reading(&line, |cookies| {
                assert_eq!(get(cookies, "first").unwrap(), "1");
                assert_eq!(get(cookies, "last").unwrap(), "2", "{byte:#x} as {position}");
            });
        }
    }
}

#[test]
fn ck_10_text_beyond_ascii_is_read_where_it_is_utf_8() {
    reading("schön=né".as_bytes(), |it| assert_eq!(get(it, "schön").unwrap(), "né"));
    reading(b"a=\xff; a=1", |it| {
        assert_eq!(get(it, "a").unwrap(), "1");
        assert_eq!(it.all("a").count(), 1);
    });
}

#[test]
fn ck_22_any_cookie_may_be_missing() {
    let (none, headers) = through(&CookieLayer::new(), &[], |cookies| {
        assert_eq!(cookies.iter().count(), 0);
        cookies.get("a").is_none() && cookies.encoded().get("b").is_none()
    });
    assert!(none && lines(&headers).is_empty());
}

#[test]
fn reads_see_this_requests_own_writes() {
    through(&CookieLayer::new(), &[b"a=sent; b=sent"], |cookies| {
        cookies.set(("a", "first")).unwrap();
        cookies.set(("a", "second")).unwrap();
        cookies.remove("b").unwrap();
        cookies.set(Cookie::build(("c", "x")).max_age(cookie::time::Duration::ZERO)).unwrap();
        assert_eq!(get(cookies, "a").unwrap(), "second");
        assert_eq!(get(&cookies.clone(), "b"), None);
        assert_eq!(get(cookies, "c"), None);
        cookies.set(("b", "again")).unwrap();
        assert_eq!(get(cookies, "b").unwrap(), "again");
        // The iterators return the cookies as sent, without the handler's changes.
        assert_eq!(cookies.iter().map(|it| it.value().to_owned()).collect::<Vec<_>>(), ["sent"; 2]);
        assert_eq!(cookies.all("a").count(), 1);
    });
}

#[test]
fn d08_the_handle_shows_no_cookie() {
    reading(b"id=secret", |it| assert_eq!(format!("{it:?}"), "Cookies { .. }"));
}
