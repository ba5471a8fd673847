//! Discovery documents: never a panic, and only the strict document of the expected issuer is
//! accepted.
//!
//! The input is the document.
#![no_main]

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;
use tower_auth_fuzz::{ISSUER, members};
use tower_auth_oidc::{ProviderErrorKind, ProviderMetadata};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let metadata = match ProviderMetadata::from_json(text, ISSUER) {
        Ok(metadata) => metadata,
        Err(error) => {
            assert_eq!(error.kind(), ProviderErrorKind::Document);
            let shown = error.to_string();
            assert!(shown.len() < 3000, "a message is short");
            assert!(!shown.contains(char::is_control), "a message is one line");
            return;
        }
    };
    // A second JSON reader must read the same values. It does not convert the others: a number that
    // is too large for a float is JSON.
    let read: BTreeMap<String, &RawValue> =
        serde_json::from_str(text).expect("an accepted text is JSON");
    assert_eq!(members(data), Some(read.len()), "a repeated member is accepted");
    let value = |name: &str| match read.get(name).map(|raw| serde_json::from_str(raw.get())) {
        None | Some(Ok(Value::Null)) => None,
        Some(Ok(Value::String(text))) => Some(text),
        other => panic!("{name} is accepted: {other:?}"),
    };
    assert_eq!(value("issuer").as_deref(), Some(ISSUER));
    assert_eq!(metadata.issuer(), ISSUER);
    for (name, found) in [
        ("jwks_uri", metadata.jwks_uri()),
        ("authorization_endpoint", metadata.authorization_endpoint()),
        ("token_endpoint", metadata.token_endpoint()),
        ("userinfo_endpoint", metadata.userinfo_endpoint()),
        ("introspection_endpoint", metadata.introspection_endpoint()),
        ("revocation_endpoint", metadata.revocation_endpoint()),
        ("end_session_endpoint", metadata.end_session_endpoint()),
        ("registration_endpoint", metadata.registration_endpoint()),
        ("device_authorization_endpoint", metadata.device_authorization_endpoint()),
        (
            "pushed_authorization_request_endpoint",
            metadata.pushed_authorization_request_endpoint(),
        ),
    ] {
        assert_eq!(value(name).as_deref(), found, "{name}");
    }
});
