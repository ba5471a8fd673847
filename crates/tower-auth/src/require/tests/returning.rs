//! The redirect to a login page, and the way back.

use http::{StatusCode, Uri};
use tower_auth_test::WithIdentity;

use super::super::return_path::{Return, return_path};
use super::*;
use crate::require::RequireConfigError;

fn anonymous(
    set: impl FnOnce(super::super::RequireLayerBuilder) -> super::super::RequireLayerBuilder,
) -> Client {
    let builder = RequireLayer::builder().login_page_with_return("/login", "next");
    client(WithIdentity::anonymous(), set(builder).build().unwrap())
}

async fn location(client: &Client, path: &str) -> String {
    let response = client.browser().get(path).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
    response.header("location").unwrap().to_owned()
}

/// Returns the parameter of the address, as the login page reads it.
fn carried(address: &str) -> Option<String> {
    let query = address.split_once('?')?.1;
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == "next").map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn d25_the_login_page_is_told_which_page_was_asked_for() {
    let client = anonymous(|builder| builder);
    for path in
        ["/", "/reports", "/reports?year=2026&x=a%26b", "/a%20b/%C3%A9?q=%23&r=1+2", "/a:b@c"]
    {
        let address = location(&client, path).await;
        assert_eq!(carried(&address).as_deref(), Some(path), "{address}");
        assert_eq!(return_path(path), Some(path));
    }
    assert_eq!(location(&client, "/r?a=1").await, "/login?next=/r%3Fa%3D1");
}

#[tokio::test]
async fn d25_a_login_page_may_have_a_query_of_its_own() {
    let layer = RequireLayer::builder().login_page_with_return("/login?from=guard", "next");
    let client = client(WithIdentity::anonymous(), layer.build().unwrap());
    assert_eq!(location(&client, "/r").await, "/login?from=guard&next=/r");
}

#[tokio::test]
async fn d25_a_prefix_that_was_taken_off_is_put_back() {
    let client = anonymous(|builder| builder.mounted_at("/app"));
    for (path, back) in
        [("/", "/app"), ("/?a=1", "/app?a=1"), ("/r", "/app/r"), ("/r/?a", "/app/r/?a")]
    {
        assert_eq!(carried(&location(&client, path).await).as_deref(), Some(back), "{path}");
    }
}

#[tokio::test]
async fn d25_what_is_no_path_of_this_site_is_not_carried() {
    let client = anonymous(|builder| builder);
    let long = format!("/{}", "a".repeat(2048));
    for path in ["//evil.example", "//evil.example/login", "/%2F/evil.example", "/a/../b", &long] {
        assert_eq!(location(&client, path).await, "/login", "{path}");
    }
    // An absolute request target names a host, which is not passed on.
    let back = Return { parameter: "next".into(), prefix: String::new() };
    let uri: Uri = "http://evil.example/r?a".parse().unwrap();
    assert_eq!(back.address("/login", &uri), "/login?next=/r%3Fa");
}

#[tokio::test]
async fn d25_who_is_not_redirected_is_told_nothing_of_it() {
    let client = anonymous(|builder| builder);
    let refused = client.get("/reports").await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert!(refused.header("location").is_none());
}

#[test]
fn d25_only_a_path_of_this_site_comes_back() {
    let good = [
        "/",
        "/reports",
        "/reports?year=2026",
        "/a//b",
        "/a?b=//c",
        "/a?u=https://b.example/../c",
        "/%C3%A9",
        "/a%20b",
        "/a%25",
        "/a.b/..c/...",
        "/@evil.example",
        "/:80",
        "/a?b?c=%",
    ];
    for value in good {
        assert_eq!(return_path(value), Some(value), "{value:?}");
    }
    let longest = format!("/{}", "a".repeat(2047));
    assert!(return_path(&longest).is_some());
    let long = format!("/{}", "a".repeat(2048));
    let bad = [
        "",
        "reports",
        "?a",
        "#a",
        "evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "\\/evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " /a",
        "/a ",
        "/a\r\nSet-Cookie: a=b",
        "/\0",
        "/\x7f",
        "/\u{a0}/evil.example",
        "/\u{2215}",
        "/é",
        "/a#b",
        "/a\\b",
        "/%2Fevil.example",
        "/%2fevil.example",
        "/%2F%2Fevil.example",
        "/%5Cevil.example",
        "/%5cevil.example",
        "/a%5Cb",
        "/%09/evil.example",
        "/a%00",
        "/a%0D%0Ab",
        "/./evil.example",
        "/.//evil.example",
        "/../evil.example",
        "/a/../..//evil.example",
        "/a/%2E%2e/b",
        "/a/.%2E",
        "/.",
        "/..",
        "/a/.?b",
        "/a%",
        "/a%2",
        "/a%zz",
        "/a%\u{ff11}0",
        &long,
    ];
    for value in bad {
        assert_eq!(return_path(value), None, "{value:?}");
    }
}

#[test]
fn settings_that_lead_nowhere_are_refused() {
    let build = |page: &str, parameter: &str, prefix: Option<&str>| {
        let builder = RequireLayer::builder().login_page_with_return(page, parameter);
        match prefix {
            Some(prefix) => builder.mounted_at(prefix),
            None => builder,
        }
        .build()
        .map(drop)
    };
    for (page, parameter) in [
        ("https://id.example/login", "next"),
        ("/login#form", "next"),
        ("//evil.example", "next"),
        ("/login", ""),
        ("/login", "a b"),
        ("/login", "a&b"),
        ("/login", "é"),
    ] {
        let error = build(page, parameter, None).unwrap_err();
        assert!(
            matches!(error, RequireConfigError::LoginPage { .. }),
            "{page} {parameter}: {error}"
        );
    }
    for prefix in ["", "/", "app", "/app/", "//app", "/a/../b", "/app?a", "/a b", "https://app"] {
        let error = build("/login", "next", Some(prefix)).unwrap_err();
        assert!(error.to_string().contains(&format!("mounted_at({prefix:?})")), "{error}");
    }
    assert_eq!(build("/login", "return-to_1.x~", Some("/app/v1")), Ok(()));
    let alone = RequireLayer::builder().login_page("/login").mounted_at("/app").build();
    assert!(matches!(alone, Err(RequireConfigError::MountedAt { .. })));
}
