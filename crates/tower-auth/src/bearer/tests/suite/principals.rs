//! Tests of the claims that name the principal, its client and its actors.

use serde_json::{Value, json};

use super::forge::{self, adding, raw, with};
use super::*;
use crate::bearer::token::Fault;

type Settings = fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder;

/// Returns the subject, and whether it is a client.
fn principal(settings: Settings, token: &str) -> Result<(String, bool), Fault> {
    let layer = settings(shared()).build().unwrap();
    let now = Timestamp::from_unix_seconds(NOW);
    let mut buffer = Vec::new();
    let accepted = layer.config.check_fixed(token.as_bytes(), now, &mut buffer)?;
    Ok((accepted.identity.subject().to_owned(), accepted.identity.is_client()))
}

fn refused(settings: Settings) -> BearerConfigError {
    settings(shared()).build().unwrap_err()
}

fn user(subject: &str) -> Result<(String, bool), Fault> {
    Ok((subject.to_owned(), false))
}

fn client(subject: &str) -> Result<(String, bool), Fault> {
    Ok((subject.to_owned(), true))
}

#[test]
fn jw_21_a_token_whose_subject_is_its_client_is_the_clients_own() {
    for (changes, expected) in [
        (json!({}), user("alice")),
        (json!({ "client_id": "web", "azp": "web" }), user("alice")),
        (json!({ "client_id": "alice" }), client("alice")),
        (json!({ "azp": "alice" }), client("alice")),
        (json!({ "client_id": "web", "azp": "alice" }), client("alice")),
        (json!({ "client_id": "Alice", "azp": "alice " }), user("alice")),
        // Claims of other issuers have no meaning here.
        (json!({ "cid": "alice", "appid": "alice", "idtyp": "app" }), user("alice")),
    ] {
        assert_eq!(principal(|it| it, &with(changes.clone())), expected, "{changes}");
    }
}

#[test]
fn jw_21_another_claim_may_name_the_client() {
    let named: Settings = |it| it.client_id_claim("cid");
    for (changes, expected) in [
        (json!({ "cid": "alice" }), client("alice")),
        (json!({ "cid": "web" }), user("alice")),
        // It replaces the others, which still have their types.
        (json!({ "client_id": "alice", "azp": "alice" }), user("alice")),
        (json!({ "client_id": 5 }), Err(Fault::Payload)),
        (json!({ "azp": ["alice"] }), Err(Fault::Payload)),
        (json!({ "cid": ["alice"] }), Err(Fault::Payload)),
        (json!({ "cid": 5 }), Err(Fault::Payload)),
    ] {
        assert_eq!(principal(named, &with(changes.clone())), expected, "{changes}");
    }
    let azp: Settings = |it| it.client_id_claim("azp");
    assert_eq!(principal(azp, &with(json!({ "azp": "alice" }))), client("alice"));
    assert_eq!(principal(azp, &with(json!({ "client_id": "alice" }))), user("alice"));
    for name in ["", "sub", "aud", "sid", "typ"] {
        let error = shared().client_id_claim(name).build().unwrap_err();
        let unfit = BearerConfigError::UnfitClaim { setter: "client_id_claim", name: name.into() };
        assert_eq!(error, unfit);
    }
}

#[test]
fn jw_21_an_issuers_rule_marks_clients() {
    let rule: Settings = |it| it.client_if_claim("idtyp", "app").client_if_claim("machine", true);
    for (changes, expected) in [
        (json!({ "idtyp": "app" }), client("alice")),
        (json!({ "machine": true }), client("alice")),
        (json!({ "idtyp": "user" }), user("alice")),
        (json!({ "idtyp": "App" }), user("alice")),
        (json!({ "idtyp": ["app"] }), user("alice")),
        (json!({ "machine": "true" }), user("alice")),
        // The rule adds to the default.
        (json!({ "client_id": "alice", "idtyp": "user" }), client("alice")),
        // It does not stand in for the subject.
        (json!({ "sub": null, "idtyp": "app", "client_id": "web" }), Err(Fault::Subject)),
    ] {
        assert_eq!(principal(rule, &with(changes.clone())), expected, "{changes}");
    }
    let nameless = refused(|it| it.client_if_claim("", true));
    assert_eq!(nameless, BearerConfigError::ClaimName("client_if_claim"));
}

#[test]
fn jw_21_a_token_without_a_subject_is_the_clients_only_on_request() {
    let allowed: Settings = |it| it.allow_missing_subject();
    for (changes, expected) in [
        (json!({ "sub": null, "client_id": "web" }), client("web")),
        (json!({ "sub": null, "azp": "web" }), client("web")),
        (json!({ "sub": null, "client_id": "web", "azp": "other" }), client("web")),
        (json!({ "sub": null, "client_id": "", "azp": "web" }), client("web")),
        (json!({ "sub": null }), Err(Fault::Subject)),
        (json!({ "sub": null, "client_id": "" }), Err(Fault::Subject)),
        (json!({ "sub": null, "cid": "web" }), Err(Fault::Subject)),
        (json!({ "sub": "", "client_id": "web" }), Err(Fault::Subject)),
        (json!({ "sub": "", "client_id": "" }), Err(Fault::Subject)),
        (json!({ "sub": 5, "client_id": "web" }), Err(Fault::Payload)),
        // A subject still counts.
        (json!({ "client_id": "web" }), user("alice")),
    ] {
        assert_eq!(principal(allowed, &with(changes.clone())), expected, "{changes}");
        if changes.get("sub").is_some() {
            assert!(principal(|it| it, &with(changes.clone())).is_err(), "{changes}");
        }
    }
    let null = forge::claims(json!({ "client_id": "web" })).replace("\"alice\"", "null");
    assert_eq!(principal(allowed, &raw(&null)), Err(Fault::Payload), "null is not absent");
    let strict = refused(|it| it.allow_missing_subject().profile(Profile::Rfc9068));
    let expected = BearerConfigError::ProfileExcludes {
        profile: Profile::Rfc9068,
        setter: "allow_missing_subject",
    };
    assert_eq!(strict, expected);
}

#[test]
fn jw_21_the_subject_may_be_another_claim() {
    let oid: Settings = |it| it.subject_claim("oid");
    for (changes, expected) in [
        (json!({ "oid": "7" }), user("7")),
        (json!({ "oid": "7", "sub": null }), user("7")),
        (json!({}), Err(Fault::Subject)),
        (json!({ "oid": "" }), Err(Fault::Subject)),
        (json!({ "oid": 7 }), Err(Fault::Payload)),
        (json!({ "oid": ["7"] }), Err(Fault::Payload)),
        (json!({ "oid": "7", "sub": 7 }), Err(Fault::Payload)),
        (json!({ "oid": "7", "client_id": "alice" }), client("7")),
        // The other claim may be text that its user chose.
        (json!({ "oid": "web", "client_id": "web" }), user("web")),
    ] {
        assert_eq!(principal(oid, &with(changes.clone())), expected, "{changes}");
    }
    assert_eq!(principal(|it| it.subject_claim("sub"), &with(json!({}))), user("alice"));
    let either: Settings = |it| it.subject_claim("oid").allow_missing_subject();
    for (changes, expected) in [
        (json!({ "sub": null, "client_id": "web" }), client("web")),
        (json!({ "sub": "web", "client_id": "web" }), client("web")),
        // A user's token without the claim is not the client's.
        (json!({ "client_id": "web" }), Err(Fault::Subject)),
        (json!({ "client_id": "web", "oid": "7" }), user("7")),
    ] {
        assert_eq!(principal(either, &with(changes.clone())), expected, "{changes}");
    }
    for name in ["", "aud", "client_id", "azp", "sid", "jti", "scope"] {
        let error = shared().subject_claim(name).build().unwrap_err();
        let unfit = BearerConfigError::UnfitClaim { setter: "subject_claim", name: name.into() };
        assert_eq!(error, unfit);
    }
}

#[test]
fn jw_21_an_address_is_a_subject_only_by_the_insecure_setting() {
    for name in ["email", "Email", "EMAIL"] {
        let error = shared().subject_claim(name).build().unwrap_err();
        assert_eq!(error, BearerConfigError::SubjectFromEmail, "{name}");
        assert!(error.to_string().contains("insecure_subject_from_email"));
    }
    let email = json!({ "email": "alice@a.example" });
    let insecure: Settings = |it| it.insecure_subject_from_email();
    assert_eq!(principal(insecure, &with(email.clone())), user("alice@a.example"));
    assert_eq!(principal(insecure, &with(json!({}))), Err(Fault::Subject));
    assert_eq!(principal(insecure, &with(json!({ "email": ["a"] }))), Err(Fault::Payload));
    // The last call counts.
    let again = refused(|it| it.insecure_subject_from_email().subject_claim("email"));
    assert_eq!(again, BearerConfigError::SubjectFromEmail);
    assert_eq!(principal(|it| it, &with(email)), user("alice"));
}

#[test]
fn rfc_9068_requires_sub_beside_another_subject() {
    let strict: Settings = |it| it.profile(Profile::Rfc9068).subject_claim("oid");
    let token = |mut changes: Value| {
        for (name, value) in [("client_id", json!("web")), ("jti", json!("1")), ("iat", json!(NOW))]
        {
            changes[name] = value;
        }
        forge::hs(r#"{"alg":"HS256","typ":"at+jwt"}"#, &forge::claims(changes))
    };
    assert_eq!(principal(strict, &token(json!({ "oid": "7" }))), user("7"));
    let without = token(json!({ "oid": "7", "sub": null }));
    assert_eq!(principal(strict, &without), Err(Fault::Profile));
}

#[tokio::test]
async fn the_client_of_any_token_is_in_the_identity() {
    let client = async |settings: Settings, changes: Value| {
        let layer = settings(shared()).build().unwrap();
        let alice = identity(&layer, &with(changes)).await.unwrap();
        alice.client_id().map(str::to_owned)
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(client(|it| it, json!({})).await, None);
    assert_eq!(client(|it| it, json!({ "client_id": "web" })).await, some("web"));
    assert_eq!(client(|it| it, json!({ "azp": "web" })).await, some("web"));
    assert_eq!(client(|it| it, json!({ "client_id": "a", "azp": "b" })).await, some("a"));
    assert_eq!(client(|it| it, json!({ "client_id": "" })).await, None);
    let cid: Settings = |it| it.client_id_claim("cid");
    assert_eq!(client(cid, json!({ "cid": "a", "client_id": "b", "azp": "c" })).await, some("a"));
    assert_eq!(client(cid, json!({ "client_id": "b", "azp": "c" })).await, None);
}

#[tokio::test]
async fn the_actors_are_passed_on_and_an_odd_chain_counts_as_absent() {
    let layer = shared().build().unwrap();
    let actors = async |act: Value| {
        let alice = identity(&layer, &adding(&format!("\"act\":{act}"))).await;
        let alice = alice.unwrap_or_else(|| panic!("{act}"));
        let actors = alice
            .actors()
            .map(|actor| format!("{} {}", actor.issuer.unwrap_or("-"), actor.subject));
        actors.collect::<Vec<_>>()
    };
    let chain = json!({
        "sub": "gateway", "iss": "https://id.example", "client_id": "x",
        "act": { "sub": "web", "act": { "iss": null, "sub": "cron", "act": null } },
    });
    assert_eq!(actors(chain).await, ["https://id.example gateway", "- web", "- cron"]);
    for odd in [
        json!(null),
        json!(5),
        json!("web"),
        json!(["web"]),
        json!([{ "sub": "web" }]),
        json!({}),
        json!({ "sub": "" }),
        json!({ "sub": 5 }),
        json!({ "iss": "https://id.example" }),
        json!({ "sub": "web", "iss": 5 }),
        json!({ "sub": "web", "act": "cron" }),
        json!({ "sub": "web", "act": { "client_id": "cron" } }),
        json!({ "act": { "sub": "cron" } }),
    ] {
        assert!(actors(odd.clone()).await.is_empty(), "{odd}");
    }
    let nested = |count: usize| {
        (0..count).fold(json!(null), |act, at| json!({ "sub": at.to_string(), "act": act }))
    };
    assert_eq!(actors(nested(8)).await.len(), 8);
    assert_eq!(actors(nested(8)).await[0], "- 7");
    assert!(actors(nested(9)).await.is_empty());
    // A second reading of one token is refused everywhere.
    for twice in [r#"{"sub":"a","sub":"b"}"#, r#"{"sub":"a","act":{"sub":"b","x":1,"\u0078":2}}"#] {
        let token = adding(&format!("\"act\":{twice}"));
        assert_refused(&present(&layer, &token).await, twice);
    }
    let deep = adding(&format!("\"act\":{}", nested(20)));
    assert_refused(&present(&layer, &deep).await, "deep");
}
