//! Tests of the claim that holds the audience.

use serde_json::{Value, json};

use super::forge::{self, raw, with};
use super::*;
use crate::bearer::token::Fault;

type Settings = fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder;

fn fault(settings: Settings, changes: Value) -> Option<Fault> {
    let layer = settings(shared()).build().unwrap();
    let now = Timestamp::from_unix_seconds(NOW);
    layer.config.check_fixed(with(changes).as_bytes(), now, &mut Vec::new()).err()
}

#[test]
fn jw_19_the_audience_may_be_another_claim() {
    const NONE: Option<Fault> = Some(Fault::Audience);
    let client: Settings = |it| it.audience_claim("client_id");
    let other: Settings = |it| it.audience_claim("resources").audience("second");
    for (settings, changes, expected) in [
        (client, json!({ "client_id": AUDIENCE, "aud": null }), None),
        // `aud` is not read, whatever it is.
        (client, json!({ "client_id": AUDIENCE, "aud": "https://other.example" }), None),
        (client, json!({ "client_id": AUDIENCE, "aud": 5 }), None),
        (client, json!({}), NONE),
        (client, json!({ "client_id": "web" }), NONE),
        (client, json!({ "client_id": "https://API.example" }), NONE),
        (client, json!({ "client_id": "" }), NONE),
        (client, json!({ "azp": AUDIENCE }), NONE),
        (client, json!({ "client_id": [AUDIENCE] }), Some(Fault::Payload)),
        (other, json!({ "resources": AUDIENCE }), None),
        (other, json!({ "resources": ["x", "second"] }), None),
        (other, json!({ "resources": [] }), NONE),
        (other, json!({ "resources": ["x"] }), NONE),
        (other, json!({}), NONE),
        (other, json!({ "resources": [AUDIENCE, 5] }), Some(Fault::Payload)),
        (other, json!({ "resources": { AUDIENCE: true } }), Some(Fault::Payload)),
        (|it| it.audience_claim("azp"), json!({ "azp": AUDIENCE }), None),
        (|it| it.audience_claim("azp"), json!({ "client_id": AUDIENCE }), NONE),
        (|it| it.audience_claim("aud"), json!({}), None),
        (|it| it.audience_claim("aud"), json!({ "aud": "x" }), NONE),
    ] {
        assert_eq!(fault(settings, changes.clone()), expected, "{changes}");
    }
}

#[tokio::test]
async fn one_claim_may_name_client_and_audience() {
    for (claim, settings) in [
        ("client_id", (|it| it.audience_claim("client_id")) as Settings),
        ("azp", |it| it.audience_claim("azp")),
        ("cid", |it| it.audience_claim("cid").client_id_claim("cid")),
    ] {
        let layer = settings(shared()).build().unwrap();
        let alice = identity(&layer, &with(json!({ claim: AUDIENCE }))).await.unwrap();
        assert_eq!(alice.client_id(), Some(AUDIENCE), "{claim}");
        let wrong = with(json!({ claim: "other" }));
        assert_refused(&present(&layer, &wrong).await, claim);
    }
}

#[test]
fn jw_19_without_an_audience_only_by_the_insecure_setting() {
    let insecure: Settings = |it| it.insecure_without_audience();
    assert_eq!(fault(|it| it, json!({ "aud": null })), Some(Fault::Audience));
    assert_eq!(fault(insecure, json!({ "aud": null })), None);
    // An audience still counts.
    assert_eq!(fault(insecure, json!({})), None);
    for aud in [json!("https://other.example"), json!(""), json!([]), json!(["x"])] {
        assert_eq!(fault(insecure, json!({ "aud": aud })), Some(Fault::Audience), "{aud}");
    }
    for aud in [json!(5), json!({}), json!([5])] {
        assert_eq!(fault(insecure, json!({ "aud": aud })), Some(Fault::Payload), "{aud}");
    }
    let layer = shared().insecure_without_audience().build().unwrap();
    let now = Timestamp::from_unix_seconds(NOW);
    let null = raw(&forge::good().replace(&format!("\"{AUDIENCE}\""), "null"));
    let null = layer.config.check_fixed(null.as_bytes(), now, &mut Vec::new()).err();
    assert_eq!(null, Some(Fault::Payload), "null is not absent");
}

#[test]
fn jw_19_jw_23_rfc_9068_needs_the_audience() {
    let excluded =
        |setter| BearerConfigError::ProfileExcludes { profile: Profile::Rfc9068, setter };
    let strict = || shared().profile(Profile::Rfc9068);
    let error = strict().insecure_without_audience().build().unwrap_err();
    assert_eq!(error, excluded("insecure_without_audience"));
    let error = strict().audience_claim("client_id").build().unwrap_err();
    assert_eq!(error, excluded("audience_claim"));
    assert!(strict().audience_claim("aud").build().is_ok());
    assert_eq!(excluded("x").to_string().matches("Rfc9068").count(), 1);
}

#[test]
fn a_claim_has_one_use() {
    for name in ["", "sub", "iss", "scope", "typ", "at_hash", "act", "nonce"] {
        let error = shared().audience_claim(name).build().unwrap_err();
        let unfit = BearerConfigError::UnfitClaim { setter: "audience_claim", name: name.into() };
        assert_eq!(error, unfit, "{name}");
    }
    let uses = |layer: BearerJwtLayerBuilder| match layer.build() {
        Err(BearerConfigError::TwoUses { name, uses }) => (name, uses),
        other => panic!("{other:?}"),
    };
    let x = |uses| ("x".to_owned(), uses);
    assert_eq!(
        uses(shared().audience_claim("x").subject_claim("x")),
        x(["audience_claim", "subject_claim"])
    );
    assert_eq!(
        uses(shared().client_id_claim("x").subject_claim("x")),
        x(["client_id_claim", "subject_claim"])
    );
    assert_eq!(uses(shared().roles_claim("x").subject_claim("x")), x(["subject_claim", "roles"]));
    assert_eq!(
        uses(shared().scopes_path(["x", "y"]).audience_claim("x")),
        x(["audience_claim", "scopes"])
    );
    assert_eq!(
        uses(shared().roles_path(["x", "y"]).client_id_claim("x")),
        x(["client_id_claim", "roles"])
    );
    assert_eq!(uses(shared().subject_claim("roles")).1, ["subject_claim", "roles"]);
    assert!(shared().roles_claim("x").scopes_claim("x").build().is_ok());
    assert!(shared().audience_claim("x").client_id_claim("x").build().is_ok());
}
