use std::time::Duration;

use super::*;
use crate::require::{RequireConfigError, RequireLayerBuilder};

fn error(builder: RequireLayerBuilder) -> RequireConfigError {
    let error = builder.build().unwrap_err();
    let text = error.to_string();
    let has_fix = [": use ", ": set ", ": name "].iter().any(|fix| text.contains(fix));
    assert!(text.starts_with("RequireLayer: ") && has_fix, "{text}");
    error
}

#[test]
fn a_scope_is_one_scope_token() {
    for bad in ["", " ", "read write", "read\t", "a\"b", "a\\b", "lesen\u{e4}", "a\nb"] {
        let error = error(RequireLayer::builder().scope("good").scope(bad));
        assert_eq!(error, RequireConfigError::Scope { value: bad.into() });
        assert!(error.to_string().contains(&format!("scope({bad:?})")));
    }
    for good in ["read", "https://id.example/read", "a!b,c;d'e", "openid"] {
        assert!(RequireLayer::builder().scope(good).build().is_ok(), "{good}");
    }
}

#[test]
fn a_role_has_a_name() {
    for bad in ["", " \t"] {
        let role = error(RequireLayer::builder().role(bad));
        assert_eq!(role, RequireConfigError::Role { setter: "role" });
        let any = error(RequireLayer::builder().any_role(["good", bad]));
        assert_eq!(any, RequireConfigError::Role { setter: "any_role" });
        assert!(any.to_string().contains("any_role"));
    }
    assert_eq!(error(RequireLayer::builder().any_role([""; 0])), RequireConfigError::NoRole);
    assert!(RequireLayer::builder().role("head of state").build().is_ok());
}

#[test]
fn an_age_lets_someone_pass() {
    assert_eq!(error(RequireLayer::builder().max_age(Duration::ZERO)), RequireConfigError::MaxAge);
    assert!(RequireLayer::builder().max_age(Duration::from_secs(1)).build().is_ok());
}

#[test]
fn a_login_page_is_of_this_site_or_https() {
    for good in [
        "/",
        "/login",
        "/login?a=b#c",
        "/a//b",
        "https://id.example",
        "https://id.example:8443/x?y",
    ] {
        assert!(RequireLayer::builder().login_page(good).build().is_ok(), "{good}");
    }
    for bad in [
        "",
        "login",
        "./login",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\tevil",
        "/\n/evil.example",
        "/log in",
        " /login",
        "/log\u{ef}n",
        "http://id.example/",
        "ftp://id.example/",
        "javascript:alert(1)",
        "https:",
        "https://",
        "https:///login",
        "https:/login",
        "https://user@id.example/",
        "https://id.example\\@evil.example/",
        "id.example",
        "*",
    ] {
        let error = error(RequireLayer::builder().login_page(bad));
        assert!(
            matches!(&error, RequireConfigError::LoginPage { value, .. } if value == bad),
            "{bad:?}"
        );
        assert!(error.to_string().contains(&format!("login_page({bad:?})")), "{error}");
    }
}

#[test]
fn the_layer_is_light_and_shared() {
    fn is_shared<T: Clone + Send + Sync + 'static>(_: &T) {}
    let layer = RequireLayer::builder().scope("read").build().unwrap();
    is_shared(&layer);
    is_shared(&layer.layer(()));
    assert_eq!(size_of_val(&layer), size_of::<usize>());
    assert_eq!(size_of_val(&layer.layer(())), size_of::<usize>());
    assert!(format!("{layer:?}").contains("\"read\""));
}
