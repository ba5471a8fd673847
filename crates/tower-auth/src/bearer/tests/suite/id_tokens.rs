//! Tests of the profile for ID tokens.

use serde_json::{Value, json};

use super::forge;
use super::*;
use crate::bearer::token::Fault;

type Settings = fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder;

const ID: Settings = |it| it.profile(Profile::InsecureIdToken);
const WITH_NONCE: Settings = |it| ID(it).insecure_accept_nonce();

fn fault_of(settings: Settings, header: &str, mut changes: Value) -> Option<Fault> {
    if changes.get("iat").is_none() {
        changes["iat"] = NOW.into();
    }
    let token = forge::hs(header, &forge::claims(changes));
    let layer = settings(shared()).build().unwrap();
    let now = Timestamp::from_unix_seconds(NOW);
    layer.config.check_fixed(token.as_bytes(), now, &mut Vec::new()).err()
}

fn fault(settings: Settings, changes: Value) -> Option<Fault> {
    fault_of(settings, r#"{"alg":"HS256"}"#, changes)
}

#[test]
fn jw_24_d50_id_tokens_are_accepted_only_by_their_profile() {
    for changes in [
        json!({ "at_hash": "x" }),
        json!({ "c_hash": "x", "s_hash": "y" }),
        json!({ "typ": "ID" }),
        json!({ "token_use": "id", "at_hash": "x" }),
        json!({ "tokenName": "id_token" }),
        json!({ "tok_type": "IT" }),
        json!({ "tty": "it" }),
        json!({ "purpose": "id" }),
    ] {
        assert_eq!(fault(ID, changes.clone()), None, "{changes}");
        assert_eq!(fault(|it| it, changes.clone()), Some(Fault::Kind), "{changes}");
    }
    // Without a mark of its kind, only the audience says which one it is.
    assert_eq!(fault(ID, json!({})), None);
}

#[test]
fn jw_24_d50_the_profile_for_id_tokens_refuses_every_other_kind() {
    for changes in [
        json!({ "scope": "openid" }),
        json!({ "scope": ["openid"] }),
        json!({ "scp": ["a"] }),
        json!({ "typ": "Bearer" }),
        json!({ "token_use": "access" }),
        json!({ "token_use": "access", "at_hash": "x" }),
        json!({ "tok_type": "AT" }),
        json!({ "typ": "Refresh" }),
        json!({ "typ": "Offline" }),
        json!({ "typ": "Logout" }),
        json!({ "typ": "Serialized-ID" }),
        json!({ "token_use": "refresh" }),
        json!({ "purpose": "access_token" }),
        json!({ "events": { "http://schemas.openid.net/event/backchannel-logout": {} } }),
        // Two marks contradict each other.
        json!({ "typ": "ID", "token_use": "access" }),
        json!({ "typ": "ID", "token_use": "refresh" }),
    ] {
        assert_eq!(fault(ID, changes.clone()), Some(Fault::Kind), "{changes}");
        assert_eq!(fault(WITH_NONCE, changes.clone()), Some(Fault::Kind), "{changes}");
    }
    let marked: Settings = |it| ID(it).access_token_claim("permissions", ClaimValue::Any);
    assert_eq!(fault(marked, json!({ "permissions": [] })), Some(Fault::Kind));
    for (typ, expected) in [
        ("JWT", None),
        ("jwt", None),
        ("at+jwt", Some(Fault::Type)),
        ("application/at+jwt", Some(Fault::Type)),
        ("dpop+jwt", Some(Fault::Type)),
        ("logout+jwt", Some(Fault::Type)),
    ] {
        let header = format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#);
        assert_eq!(fault_of(ID, &header, json!({})), expected, "{typ}");
    }
    assert_eq!(fault(ID, json!({ "cnf": {} })), Some(Fault::Bound));
}

#[test]
fn jw_24_the_nonce_of_a_login_is_accepted_only_on_request() {
    for nonce in [json!("1"), json!(""), json!(5), json!([])] {
        let changes = json!({ "nonce": nonce });
        assert_eq!(fault(ID, changes.clone()), Some(Fault::Kind), "{nonce}");
        assert_eq!(fault(WITH_NONCE, changes.clone()), None, "{nonce}");
        // Access tokens may have one.
        assert_eq!(fault(|it| it, changes), None, "{nonce}");
    }
    assert_eq!(fault(ID, json!({})), None);
    for profile in [Profile::Jwt, Profile::Rfc9068] {
        let error = shared().profile(profile).insecure_accept_nonce().build().unwrap_err();
        assert_eq!(error, BearerConfigError::AcceptNonce);
    }
}

#[test]
fn jw_19_jw_24_an_id_token_has_the_claims_of_openid_connect() {
    for (changes, expected) in [
        (json!({ "aud": null }), Some(Fault::Audience)),
        (json!({ "aud": "other" }), Some(Fault::Audience)),
        (json!({ "aud": "other", "azp": AUDIENCE }), Some(Fault::Audience)),
        (json!({ "aud": ["other", AUDIENCE], "azp": "other" }), None),
        (json!({ "iat": null }), Some(Fault::Profile)),
        (json!({ "sub": null }), Some(Fault::Profile)),
        (json!({ "sub": "" }), Some(Fault::Subject)),
        (json!({ "exp": null }), Some(Fault::Expired)),
        (json!({ "iss": null }), Some(Fault::Issuer)),
    ] {
        assert_eq!(fault(ID, changes.clone()), expected, "{changes}");
    }
    let id = || shared().profile(Profile::InsecureIdToken);
    for (layer, setter) in [
        (id().insecure_without_audience(), "insecure_without_audience"),
        (id().audience_claim("azp"), "audience_claim"),
        (id().allow_missing_subject(), "allow_missing_subject"),
    ] {
        let profile = Profile::InsecureIdToken;
        let error = layer.build().unwrap_err();
        assert_eq!(error, BearerConfigError::ProfileExcludes { profile, setter });
    }
}
