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
