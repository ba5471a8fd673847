use std::time::Duration;

use http::Uri;
use serde_json::Value;
use tower_auth_core::Timestamp;

use super::*;

/// 2026-01-01.
const NOW: Timestamp = Timestamp::from_unix_seconds(1_767_225_600);
const DAY: Duration = Duration::from_secs(86_400);

fn vectors(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

fn latin1(text: &Value) -> Vec<u8> {
    text.as_str().unwrap().chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

fn site() -> Uri {
    Uri::from_static("https://site.example/")
}

fn store(jar: &mut Jar, line: &str) -> Result<(), Dropped> {
    jar.store(line.as_bytes(), &site(), Initiator::SameSite, NOW)
}

fn sent(jar: &Jar, url: &str, initiator: Initiator) -> Option<String> {
    let header = jar.header(&url.parse().unwrap(), initiator, NOW)?;
    Some(header.to_str().unwrap().to_owned())
}

#[test]
fn http_state_corpus() {
    let cases = vectors(include_str!("../../../../tests/vectors/http-state/cases.json"));
    let (set, base) =
        ("http://home.example.org:8888/cookie-parser", "http://home.example.org:8888");
    let set: Uri = set.parse().unwrap();
    // The corpus dates from 2011, and its dates lie before and after.
    let now = Timestamp::from_unix_seconds(1_293_840_000);
    let mut ran = 0;
    for case in cases.as_array().unwrap() {
        if case["matches_6265bis"] != true {
            continue;
        }
        let mut jar = Jar::new();
        for line in case["set_cookie"].as_array().unwrap() {
            let _ = jar.store(&latin1(line), &set, Initiator::SameSite, now);
        }
        let read = match case["location"].as_str() {
            None => format!("{base}/cookie-parser-result?{}", case["id"].as_str().unwrap()),
            Some(path) if path.starts_with('/') => format!("{base}{path}"),
            Some(url) => url.to_owned(),
        };
        let header = jar.header(&read.parse().unwrap(), Initiator::SameSite, now);
        let header = header.map(|it| it.as_bytes().to_vec()).unwrap_or_default();
        assert_eq!(header, latin1(&case["expected_cookie_header"]), "{case}");
        ran += 1;
    }
    assert_eq!(ran, 195);
}

#[test]
fn cookie_prefix_spec() {
    let spec = vectors(include_str!("../../../../tests/vectors/cookie-prefix-spec/vectors.json"));
    let origin: Uri = spec["origin"].as_str().unwrap().parse().unwrap();
    let rows = spec["vectors"].as_array().unwrap();
    assert_eq!(rows.len(), 33);
    for row in rows {
        let line = latin1(&row["set_cookie"]);
        let kept = Jar::new().store(&line, &origin, Initiator::SameSite, NOW).is_ok();
        assert_eq!(row["accepted"], kept, "{row}");
    }
}

#[test]
fn same_site_decides_what_goes_along() {
    let mut jar = Jar::new();
    for line in ["s=1; SameSite=Strict", "l=1; SameSite=Lax", "d=1", "n=1; SameSite=None; Secure"] {
        store(&mut jar, line).unwrap();
    }
    let sent = |initiator| sent(&jar, "https://site.example/", initiator).unwrap();
    assert_eq!(sent(Initiator::SameSite), "s=1; l=1; d=1; n=1");
    assert_eq!(sent(Initiator::CrossSiteLink), "l=1; d=1; n=1");
    assert_eq!(sent(Initiator::CrossSitePost), "n=1");
    assert_eq!(sent(Initiator::CrossSiteEmbed), "n=1");
}

#[test]
fn an_embed_on_another_site_sets_only_same_site_none() {
    let mut jar = Jar::new();
    let mut store = |line: &[u8], initiator| jar.store(line, &site(), initiator, NOW);
    assert_eq!(store(b"a=1", Initiator::CrossSiteEmbed), Err(Dropped::CrossSite));
    assert_eq!(store(b"a=1; SameSite=None; Secure", Initiator::CrossSiteEmbed), Ok(()));
    // A top-level navigation, POST or not, may set any cookie.
    assert_eq!(store(b"b=1; SameSite=Strict", Initiator::CrossSitePost), Ok(()));
}

#[test]
fn expiry_by_the_clock_alone() {
    let mut jar = Jar::new();
    store(&mut jar, "a=1; Max-Age=60").unwrap();
    let at = |after| jar.header(&site(), Initiator::SameSite, NOW + Duration::from_secs(after));
    assert!(at(59).is_some());
    assert!(at(60).is_none());

    // Max-Age wins over Expires, in either order (CK-17).
    store(&mut jar, "b=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT").unwrap();
    assert!(jar.get("b").is_some());
    store(&mut jar, "b=; Expires=Fri, 01 Jan 2027 00:00:00 GMT; Max-Age=0").unwrap();
    assert!(jar.get("b").is_none());
    for odd in ["", "-", "+1", "1.5", "0x1"] {
        store(&mut jar, &format!("c=1; Max-Age={odd}")).unwrap();
        assert_eq!(jar.get("c").unwrap().expires_at(), None, "{odd:?}");
    }
}

#[test]
fn ck_16_no_lifetime_beyond_400_days() {
    for line in ["a=1; Max-Age=99999999999999999999", "a=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT"]
    {
        let mut jar = Jar::new();
        store(&mut jar, line).unwrap();
        assert_eq!(jar.get("a").unwrap().expires_at(), Some(NOW + 400 * DAY), "{line}");
    }
}

#[test]
fn ck_15_limits() {
    let mut jar = Jar::new();
    let pair = |len: usize| format!("a={}", "x".repeat(len - 1));
    assert_eq!(store(&mut jar, &pair(4096)), Ok(()));
    assert_eq!(store(&mut jar, &pair(4097)), Err(Dropped::TooLarge));
    // A longer attribute counts as absent.
    let path = |len: usize| format!("p=1; Path=/{}", "x".repeat(len - 1));
    store(&mut jar, &path(1025)).unwrap();
    assert_eq!(jar.get("p").unwrap().path(), "/");
    store(&mut jar, &path(1024)).unwrap();
    assert!(jar.iter().any(|it| it.path().len() == 1024));
}

#[test]
fn ck_18_a_removal_must_name_the_same_path() {
    let mut jar = Jar::new();
    store(&mut jar, "a=1; Path=/x").unwrap();
    store(&mut jar, "a=; Max-Age=0").unwrap();
    assert!(jar.get("a").is_some(), "another path is another cookie");
    store(&mut jar, "a=; Path=/x; Max-Age=0").unwrap();
    assert!(jar.get("a").is_none());
}

#[test]
fn plain_http_neither_sets_nor_hides_secure_cookies() {
    let plain = Uri::from_static("http://site.example/");
    let mut jar = Jar::new();
    let insecure = |jar: &mut Jar, line: &[u8]| jar.store(line, &plain, Initiator::SameSite, NOW);
    assert_eq!(insecure(&mut jar, b"a=1; Secure"), Err(Dropped::InsecureOrigin));
    store(&mut jar, "a=1; Secure").unwrap();
    assert_eq!(insecure(&mut jar, b"a=2"), Err(Dropped::InsecureOrigin));
    assert_eq!(insecure(&mut jar, b"a=2; Path=/login"), Err(Dropped::InsecureOrigin));
    assert_eq!(insecure(&mut jar, b"b=2"), Ok(()));
    assert_eq!(sent(&jar, "http://site.example/", Initiator::SameSite).unwrap(), "b=2");
    assert_eq!(sent(&jar, "https://site.example/", Initiator::SameSite).unwrap(), "a=1; b=2");

    let loopback = Uri::from_static("http://127.0.0.1:3000/");
    jar.store(b"c=1; Secure", &loopback, Initiator::SameSite, NOW).unwrap();
    assert_eq!(sent(&jar, "http://127.0.0.1:3000/", Initiator::SameSite).unwrap(), "c=1");
}

#[test]
fn a_path_ends_at_a_slash_and_a_domain_begins_after_a_dot() {
    let mut jar = Jar::new();
    store(&mut jar, "a=1; Path=/app; Domain=site.example").unwrap();
    for (url, goes) in [
        ("https://site.example/app", true),
        ("https://site.example/app/x", true),
        ("https://sub.site.example/app", true),
        ("https://site.example/application", false),
        ("https://site.example/ap", false),
        ("https://mysite.example/app", false),
        ("https://example/app", false),
    ] {
        assert_eq!(sent(&jar, url, Initiator::SameSite).is_some(), goes, "{url}");
    }
    assert_eq!(store(&mut jar, "b=1; Domain=te.example"), Err(Dropped::Domain));
}

#[test]
fn a_new_value_keeps_the_old_place() {
    let mut jar = Jar::new();
    for line in ["a=1", "b=1", "a=2"] {
        store(&mut jar, line).unwrap();
    }
    assert_eq!(sent(&jar, "https://site.example/", Initiator::SameSite).unwrap(), "a=2; b=1");
}

#[test]
fn addresses_have_no_parent_domain() {
    let mut jar = Jar::new();
    let url = Uri::from_static("http://10.0.0.1/");
    let mut store = |line: &[u8]| jar.store(line, &url, Initiator::SameSite, NOW);
    assert_eq!(store(b"a=1; Domain=0.0.1"), Err(Dropped::Domain));
    assert_eq!(store(b"a=1; Domain=10.0.0.1"), Ok(()));
}

#[test]
fn closing_the_browser_keeps_what_has_a_date() {
    let mut jar = Jar::new();
    store(&mut jar, "session=1").unwrap();
    store(&mut jar, "remember=1; Max-Age=60").unwrap();
    jar.close_browser();
    assert_eq!(sent(&jar, "https://site.example/", Initiator::SameSite).unwrap(), "remember=1");
}

#[test]
fn d08_debug_shows_no_value() {
    let mut jar = Jar::new();
    store(&mut jar, "id=wonderland").unwrap();
    assert_eq!(format!("{jar:?}"), "{\"id\"}");
}

#[test]
fn dates() {
    // From http-state's data/dates/examples.json.
    for (text, seconds) in [
        ("Mon, 10-Dec-2007 17:02:24 GMT", Some(1_197_306_144)),
        ("Wed, 09 Dec 2009 16:27:23 GMT", Some(1_260_376_043)),
        ("Thursday, 01-Jan-1970 00:00:00 GMT", Some(0)),
        ("Mon Dec 10 16:32:30 2007 GMT", Some(1_197_304_350)),
        ("Wednesday, 01-Jan-10 00:00:00 GMT", Some(1_262_304_000)),
        ("Mon, 10-Dec-07 20:35:03 GMT", Some(1_197_318_903)),
        ("Thu, 31 Dec 23:55:55 2037 GMT", Some(2_145_916_555)),
        ("Sun,  9 Dec 2012 13:42:05 GMT", Some(1_355_060_525)),
        ("Wed Dec 12 2007 08:44:07 GMT-0500 (EST)", Some(1_197_449_047)),
        ("Mon, 01-Jan-2011 00: 00:00 GMT", None),
        ("Sun, 1-Jan-1995 00:00:00 GMT", Some(788_918_400)),
        ("Wednesday, 01-Jan-10 0:0:00 GMT", Some(1_262_304_000)),
        ("Thu, 10 Dec 2009 13:57:2 GMT", Some(1_260_453_422)),
        // Our own cases.
        ("29 Feb 2024 00:00:00", Some(1_709_164_800)),
        ("29 Feb 2023 00:00:00", None),
        ("1 Jan 70 00:00:00", Some(0)),
        ("1 Jan 69 00:00:00", Some(3_124_224_000)),
        ("1 Jan 99 00:00:00", Some(915_148_800)),
        ("1 Jan 1601 00:00:00", Some(0)),
        ("1 Jan 1600 00:00:00", None),
        ("1 Jan 2024 24:00:00", None),
        ("1 Jan 2024 00:60:00", None),
        ("0 Jan 2024 00:00:00", None),
        ("1 Jan 02024 00:00:00", None),
        ("", None),
    ] {
        let parsed = parse_date(text.as_bytes()).map(Timestamp::as_unix_seconds);
        assert_eq!(parsed, seconds, "{text}");
    }
}
