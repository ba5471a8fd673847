//! The cookies of two standards' test suites; the READMEs beside them name source and licence.

use serde_json::Value;

use super::{pair, reading, writing};
use crate::cookie::Cookie;
use crate::jar::check::{check, check_name};
use crate::jar::pairs::pairs;

const HTTP_STATE: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/http-state/cases.json"));
const PREFIXES: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/vectors/cookie-prefix-spec/vectors.json"
));

/// The `Cookie` lines, as bytes, that the suite expects from user agents.
fn http_state() -> Vec<(String, Vec<u8>)> {
    let cases: Vec<Value> = serde_json::from_str(HTTP_STATE).unwrap();
    let today = cases.iter().filter(|case| case["matches_6265bis"] == true);
    let bytes = |line: &str| line.chars().map(|it| u8::try_from(u32::from(it)).unwrap()).collect();
    today
        .map(|case| {
            let line = case["expected_cookie_header"].as_str().unwrap();
            (case["id"].as_str().unwrap().to_owned(), bytes(line))
        })
        .collect()
}

/// A naive parser in one line, for lines without malformed pairs.
fn plain_split(line: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let text: String = line.iter().map(|byte| *byte as char).collect();
    let bytes = |text: &str| text.chars().map(|it| it as u8).collect();
    let pairs = text.split("; ").filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (bytes(name), bytes(value))).collect()
}

#[test]
fn ck_08_http_state_lines_are_read_as_they_stand() {
    let cases = http_state();
    assert_eq!(cases.len(), 195);
    for (id, line) in &cases {
        let read: Vec<_> =
            pairs(line).map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
        assert_eq!(read, plain_split(line), "{id}");
        // The public methods return exactly the pairs that are UTF-8.
        let text = |bytes: &Vec<u8>| String::from_utf8(bytes.clone()).ok();
        let expected: Vec<_> =
            read.iter().filter_map(|(name, value)| Some((text(name)?, text(value)?))).collect();
        let shown: Vec<_> = reading(line, |cookies| {
            let own = |it: Cookie<'_>| (it.name().to_owned(), it.value().to_owned());
            cookies.iter().map(own).collect()
        });
        assert_eq!(shown, expected, "{id}");
    }
}

#[test]
fn ck_01_http_state_pairs_are_written_back_or_refused() {
    let mut written = 0;
    for (id, line) in http_state() {
        for (name, value) in plain_split(&line) {
            let (Ok(name), Ok(value)) = (String::from_utf8(name), String::from_utf8(value)) else {
                continue;
            };
            let cookie = Cookie::new(name.clone(), value.clone());
            let (result, lines) = writing(|cookies| cookies.set(cookie));
            let inner = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
            let octets = inner.unwrap_or(&value).bytes();
            let fits = octets.clone().all(|it| it.is_ascii_graphic())
                && !octets.clone().any(|it| b"\",;\\".contains(&it));
            assert_eq!(result.is_ok(), fits && check_name(&name).is_ok(), "{id}: {name}={value}");
            if let [line] = &lines[..] {
                assert_eq!(*pair(line), format!("{name}={value}"), "{id}");
                written += 1;
            }
        }
    }
    assert_eq!(written, 123);
}

#[test]
fn ck_11_what_browsers_drop_is_refused_and_what_they_keep_is_not() {
    let document: Value = serde_json::from_str(PREFIXES).unwrap();
    let rows = document["vectors"].as_array().unwrap();
    assert_eq!(rows.len(), 33);
    for row in rows {
        let line = row["set_cookie"].as_str().unwrap();
        // The `cookie` crate does not parse a nameless cookie, so the test creates it.
        let cookie = Cookie::parse(line).unwrap_or_else(|_| Cookie::new("", "__Host-a"));
        let allowed = check(&cookie).is_ok();
        assert_eq!(allowed, row["accepted"].as_bool().unwrap(), "{line}");
        if allowed {
            let (set, lines) = writing(|cookies| cookies.set(cookie.into_owned()));
            assert!(set.is_ok() && *pair(&lines[0]) == *pair(line), "{line}");
        }
    }
}
