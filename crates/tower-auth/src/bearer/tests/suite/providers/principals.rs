//! Users and clients in the tokens of providers that do not write them into `sub`, `client_id` or
//! `azp`, with the settings of the page `providers` of tower-auth-oidc.

use serde_json::{Value, json};

use super::*;

type Settings = fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder;

/// Checks the principal of each token: whether it is a client, and its subject.
fn check(layer: Settings, tokens: &[(&str, Value, bool, &str)]) {
    for (name, claims, is_client, subject) in tokens {
        let mut claims = claims.clone();
        complete(&mut claims);
        let identity = read(None, &claims, layer).unwrap_or_else(|it| panic!("{name}: {it:?}"));
        assert_eq!((identity.is_client(), identity.subject()), (*is_client, *subject), "{name}");
    }
}

#[test]
fn entra_marks_applications_by_idtyp() {
    let user = json!({ "aud": AUDIENCE, "azp": "web", "oid": "690222be", "sub": "HKZpfaH" });
    let application =
        json!({ "aud": AUDIENCE, "azp": "job", "idtyp": "app", "oid": "3f1", "sub": "3f1" });
    let marked: Settings = |it| it.client_if_claim("idtyp", "app");
    let by_oid: Settings = |it| it.client_if_claim("idtyp", "app").subject_claim("oid");
    check(
        marked,
        &[
            ("user", user.clone(), false, "HKZpfaH"),
            ("application", application.clone(), true, "3f1"),
        ],
    );
    check(by_oid, &[("user", user, false, "690222be"), ("application", application, true, "3f1")]);
}

#[test]
fn auth0_marks_machines_by_gty() {
    let user = json!({ "aud": AUDIENCE, "azp": "web", "sub": "auth0|123456", "scope": "read:a" });
    let machine = json!({
        "aud": AUDIENCE, "azp": "job", "sub": "job@clients", "gty": "client-credentials",
    });
    let settings: Settings = |it| it.client_if_claim("gty", "client-credentials");
    let tokens = [("user", user, false, "auth0|123456"), ("machine", machine, true, "job@clients")];
    check(settings, &tokens);
}

#[test]
fn auth0_permissions_are_scopes() {
    let user = json!({
        "aud": AUDIENCE, "azp": "web", "sub": "1", "scope": "openid", "permissions": ["read:a"],
    });
    let mut claims = user;
    complete(&mut claims);
    let identity = read(JWT, &claims, |it| it.scopes_claim("permissions")).unwrap();
    assert!(identity.scopes().eq(["read:a"]));
}

#[test]
fn cognito_names_the_client_in_place_of_an_audience() {
    let settings: Settings = |it| it.audience_claim("client_id").roles_claim("cognito:groups");
    let user = json!({ "sub": "aaaa", "client_id": AUDIENCE, "token_use": "access" });
    let machine = json!({ "sub": AUDIENCE, "client_id": AUDIENCE, "token_use": "access" });
    check(settings, &[("user", user, false, "aaaa"), ("machine", machine, true, AUDIENCE)]);
    for (name, claims, expected) in [
        (
            "another client",
            json!({ "sub": "aaaa", "client_id": "other", "token_use": "access" }),
            Fault::Audience,
        ),
        ("ID token", json!({ "sub": "aaaa", "aud": AUDIENCE, "token_use": "id" }), Fault::Audience),
    ] {
        let mut claims = claims;
        complete(&mut claims);
        assert_eq!(read(None, &claims, settings).unwrap_err(), expected, "{name}");
    }
}

#[test]
fn okta_names_users_by_uid_and_clients_by_cid() {
    let settings: Settings =
        |it| it.client_id_claim("cid").subject_claim("uid").allow_missing_subject();
    let user = json!({
        "aud": AUDIENCE, "cid": "web", "uid": "00ujmk", "sub": "alice@example.com",
        "scp": ["openid"],
    });
    let service = json!({ "aud": AUDIENCE, "cid": "job", "sub": "job", "scp": ["read"] });
    check(settings, &[("user", user, false, "00ujmk"), ("service", service, true, "job")]);
}

#[test]
fn workloads_are_clients() {
    let google = json!({ "aud": AUDIENCE, "azp": "117", "sub": "117" });
    check(AS_IT_IS, &[("Google", google, true, "117")]);
    let job =
        json!({ "aud": AUDIENCE, "sub": "repo:a/b:ref:refs/heads/main", "repository": "a/b" });
    let github: Settings = |it| it.client_if_claim("repository", ClaimValue::Any);
    check(github, &[("GitHub Actions", job, true, "repo:a/b:ref:refs/heads/main")]);
    let pod = json!({
        "aud": [AUDIENCE], "sub": "system:serviceaccount:default:app",
        "kubernetes.io": { "namespace": "default" },
    });
    let kubernetes: Settings = |it| {
        it.roles_path(["kubernetes.io", "namespace"])
            .client_if_claim("kubernetes.io", ClaimValue::Any)
    };
    check(kubernetes, &[("Kubernetes", pod, true, "system:serviceaccount:default:app")]);
}
