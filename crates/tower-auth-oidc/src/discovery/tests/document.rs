//! The content of a document.

use crate::{ProviderErrorKind, ProviderMetadata};

const ISSUER: &str = "https://id.example";

fn read(json: &str) -> Result<ProviderMetadata, crate::ProviderError> {
    ProviderMetadata::from_json(json, ISSUER)
}

#[test]
fn each_address_is_read() {
    let names = super::super::document::NAMES;
    let members: Vec<_> =
        names[1..].iter().map(|name| format!(r#""{name}": "https://id.example/{name}""#)).collect();
    let json = format!(
        r#"{{"issuer": "{ISSUER}", {}, "scopes_supported": ["openid", {{"a": [null]}}]}}"#,
        members.join(", ")
    );
    let metadata = read(&json).expect("a valid document");
    assert_eq!(metadata.issuer(), ISSUER);
    let read = [
        metadata.jwks_uri(),
        metadata.authorization_endpoint(),
        metadata.token_endpoint(),
        metadata.userinfo_endpoint(),
        metadata.introspection_endpoint(),
        metadata.revocation_endpoint(),
        metadata.end_session_endpoint(),
        metadata.registration_endpoint(),
        metadata.device_authorization_endpoint(),
        metadata.pushed_authorization_request_endpoint(),
    ];
    let expected: Vec<_> = names[1..].iter().map(|it| format!("https://id.example/{it}")).collect();
    assert_eq!(read.map(|it| it.expect("the document has it")), *expected);
}

#[test]
fn what_is_absent_or_null_is_none() {
    let metadata = read(r#"{"issuer": "https://id.example", "jwks_uri": null}"#).expect("valid");
    assert_eq!(metadata.jwks_uri(), None);
    assert_eq!(metadata.token_endpoint(), None);
}

#[test]
fn d33_the_issuer_is_exactly_the_one_that_was_asked_for() {
    for issuer in [
        "https://id.example/",
        "https://ID.example",
        "https://id.example:443",
        "http://id.example",
        "https://id.example.evil.example",
        "https://id.example ",
        "",
        "https://evil.example",
    ] {
        let json = format!(r#"{{"issuer": "{issuer}", "jwks_uri": "https://id.example/keys"}}"#);
        let error = read(&json).expect_err(issuer);
        assert_eq!(error.kind(), ProviderErrorKind::Document);
        let text = error.to_string();
        assert!(text.contains(&format!("{issuer:?}")) && text.contains(r#""https://id.example""#));
    }
    for json in [r#"{}"#, r#"{"issuer": null}"#] {
        let error = read(json).expect_err(json);
        assert!(error.to_string().contains("no \"issuer\""), "{error}");
    }
}

/// A provider of many tenants names the template itself.
#[test]
fn the_issuer_of_a_tenant_template_is_the_template() {
    let template = "https://login.example/{tenantid}/v2.0";
    let json = format!(r#"{{"issuer": "{template}"}}"#);
    let metadata = ProviderMetadata::from_json(&json, template).expect("the same text");
    assert_eq!(metadata.issuer(), template);
    let tenant = "https://login.example/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0";
    assert!(ProviderMetadata::from_json(&json, tenant).is_err());
}

#[test]
fn a_document_that_is_not_strict_json_is_refused() {
    for (json, problem) in [
        ("", "truncated"),
        (r#"{"issuer": "https://id.example""#, "truncated"),
        ("<!DOCTYPE html><html>", "HTML or XML"),
        ("not json", "not a JSON object"),
        ("[]", "not a JSON object"),
        ("\"https://id.example\"", "not a JSON object"),
        ("null", "not a JSON object"),
        (r#"{"issuer": "https://id.example"} {}"#, "not valid JSON"),
        (r#"{"issuer": "https://evil.example", "issuer": "https://id.example"}"#, "twice"),
        (r#"{"issuer": "https://id.example", "jwks_uri": "a", "jwks_uri": null}"#, "twice"),
        (r#"{"issuer": "https://id.example", "\u0069ssuer": "https://id.example"}"#, "twice"),
        (r#"{"issuer": "https://id.example", "other": 1, "other": 2}"#, "twice"),
        (r#"{"issuer": ["https://id.example"]}"#, "\"issuer\" is not a string"),
        (r#"{"issuer": "https://id.example", "jwks_uri": {}}"#, "\"jwks_uri\" is not a string"),
    ] {
        let error = read(json).expect_err(json);
        assert_eq!(error.kind(), ProviderErrorKind::Document);
        assert!(error.to_string().contains(problem), "{json}: {error}");
        assert_eq!(format!("{error:?}"), error.to_string());
    }
}

/// A provider must not be able to fill a log.
#[test]
fn the_message_does_not_repeat_the_document() {
    for json in [format!("{:?}", "x".repeat(100_000)), format!("[{}1]", "1,".repeat(100_000))] {
        assert!(read(&json).expect_err("no object").to_string().len() < 200);
    }
}

#[test]
fn deep_nesting_does_not_end_the_process() {
    let deep = format!(r#"{{"issuer": "https://id.example", "x": {}"#, "[".repeat(200_000));
    assert!(read(&deep).is_err());
}
