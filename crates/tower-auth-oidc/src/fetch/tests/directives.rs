//! Cache-Control and Age, as providers and hostile servers send them.

use std::time::Duration;

use proptest::prelude::*;
use reqwest::header::{AGE, CACHE_CONTROL, HeaderMap, HeaderValue};

use crate::fetch::Freshness;

fn read(fields: &[&str], age: Option<&str>) -> Freshness {
    let mut headers = HeaderMap::new();
    for field in fields {
        headers.append(CACHE_CONTROL, HeaderValue::from_str(field).expect("a header's value"));
    }
    if let Some(age) = age {
        headers.insert(AGE, HeaderValue::from_str(age).expect("a header's value"));
    }
    Freshness::read(&headers)
}

fn max_age(fields: &[&str]) -> Option<u64> {
    read(fields, None).max_age.map(|it| it.as_secs())
}

#[test]
fn max_age_is_read_leniently() {
    for (field, expected) in [
        ("max-age=300", Some(300)),
        ("public, max-age=21600, must-revalidate, no-transform", Some(21600)),
        ("MAX-AGE=300", Some(300)),
        ("max-age = 300 ", Some(300)),
        ("max-age=\"300\"", Some(300)),
        ("max-age=\"3\\00\"", Some(300)),
        ("ext=\"a, max-age=5\", max-age=300", Some(300)),
        ("ext=\"a\\\", max-age=5\", max-age=300", Some(300)),
        (",, ,max-age=300,,", Some(300)),
        ("max-age=300;foo", Some(0)),
        ("max-age=99999999999999999999999", Some(1 << 31)),
        ("max-age=4294967296", Some(1 << 31)),
        // What is not a number is stale.
        ("max-age", Some(0)),
        ("max-age=", Some(0)),
        ("max-age=abc", Some(0)),
        ("max-age=-1", Some(0)),
        ("max-age=+5", Some(0)),
        ("max-age=1.5", Some(0)),
        // Of several, the smallest.
        ("max-age=300, max-age=60", Some(60)),
        ("max-age=60, max-age=300", Some(60)),
        // Not ours, or not a directive.
        ("s-maxage=300", None),
        ("xmax-age=300", None),
        ("ext=\"max-age=300\"", None),
        ("ext=\"unfinished, max-age=300", None),
        ("=300", None),
        ("", None),
    ] {
        assert_eq!(max_age(&[field]), expected, "{field}");
    }
    assert_eq!(max_age(&["public", "max-age=7"]), Some(7));
    assert_eq!(max_age(&[]), None);
}

#[test]
fn no_store_and_no_cache_are_read() {
    for field in ["no-store", "max-age=60, No-Store", "no-cache, no-store"] {
        assert!(read(&[field], None).no_store, "{field}");
    }
    for field in ["no-cache", "NO-CACHE", "no-cache=\"Set-Cookie\"", "private, no-cache"] {
        assert!(read(&[field], None).no_cache, "{field}");
    }
    let quoted = read(&["ext=\"no-store, no-cache\""], None);
    assert!(!quoted.no_store && !quoted.no_cache);
}

#[test]
fn the_age_in_other_caches_counts() {
    for (age, left) in [
        ("0", 300),
        ("100", 200),
        ("300", 0),
        ("301", 0),
        ("99999999999999999999", 0),
        ("x", 300),
        ("-5", 300),
    ] {
        let freshness = read(&["max-age=300"], Some(age));
        assert_eq!(freshness.max_age, Some(Duration::from_secs(left)), "{age}");
    }
    assert_eq!(read(&[], Some("10")).max_age, None);
}

proptest! {
    #[test]
    fn no_field_is_a_panic_or_too_long_a_time(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        if let Ok(value) = HeaderValue::from_bytes(&bytes) {
            let headers = HeaderMap::from_iter([(CACHE_CONTROL, value.clone()), (AGE, value)]);
            let freshness = Freshness::read(&headers);
            prop_assert!(freshness.max_age.is_none_or(|it| it.as_secs() <= 1 << 31));
        }
    }

    #[test]
    fn a_number_is_read_in_any_company(
        seconds in 0_u64..1 << 31,
        before in "[a-z]{1,8}(=\"[a-z, ]{0,9}\")?",
    ) {
        prop_assume!(!["no-store", "no-cache", "max-age"].contains(&&*before));
        prop_assert_eq!(max_age(&[&format!("{before}, max-age={seconds}")]), Some(seconds));
    }
}
