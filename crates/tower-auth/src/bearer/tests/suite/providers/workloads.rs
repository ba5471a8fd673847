//! Tokens of workloads.

use serde_json::json;

use super::*;

const ID: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder =
    |it| it.profile(Profile::InsecureIdToken);
const LOGIN: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder =
    |it| it.profile(Profile::InsecureIdToken).insecure_accept_nonce();

#[test]
fn google() {
    let login = json!({
        "azp": "123.apps.googleusercontent.com", "aud": AUDIENCE, "sub": "107691503500061507151",
        "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q", "hd": "example.com", "email": "jsmith@example.com",
        "email_verified": true, "nonce": "0394852",
    });
    let service = json!({
        "aud": AUDIENCE, "azp": "117", "email": "bot@acme.iam.gserviceaccount.com",
        "email_verified": true, "sub": "117",
    });
    check(vec![
        // Google's access tokens are opaque. These are ID tokens that are meant for the audience.
        case("ID token of a login", JWT, login.clone(), AS_IT_IS, Refused(Fault::Kind)),
        case("ID token of a login, named", JWT, login.clone(), LOGIN, Ok_(&[], &[])),
        case("with its nonce", JWT, login, ID, Refused(Fault::Kind)),
        case(
            "ID token of a service account",
            JWT,
            service.clone(),
            AS_IT_IS,
            Client("117", &[], &[]),
        ),
        case("the same, as an ID token", JWT, service.clone(), ID, Client("117", &[], &[])),
        case(
            "of another service account",
            JWT,
            service,
            |it| it.require_claim("email", "ci@acme.iam.gserviceaccount.com"),
            Refused(Fault::Claim),
        ),
    ]);
}

#[test]
fn github_actions() {
    let job = json!({
        "jti": "example-id", "sub": "repo:octo-org/octo-repo:environment:prod", "aud": AUDIENCE,
        "environment": "prod", "ref": "refs/heads/main", "sha": "example-sha", "nbf": NOW - 5,
        "repository": "octo-org/octo-repo", "repository_owner": "octo-org", "run_attempt": "2",
        "job_workflow_ref": "octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main",
        "event_name": "workflow_dispatch", "ref_type": "branch",
    });
    let mut default = job.clone();
    default["aud"] = "https://github.com/octo-org".into();
    let main: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder = |it| {
        it.require_claim("repository", "octo-org/octo-repo").require_claim("ref", "refs/heads/main")
    };
    let other: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder =
        |it| it.require_claim("repository", "octo-org/other");
    let repository: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder =
        |it| it.subject_claim("repository");
    check(vec![
        case(
            "for its repository",
            JWT,
            job.clone(),
            repository,
            User("octo-org/octo-repo", &[], &[]),
        ),
        // It is called an ID token, and is issued for any audience that the job requests.
        case("a job", JWT, job.clone(), main, Ok_(&[], &[])),
        case("another repository's", JWT, job, other, Refused(Fault::Claim)),
        case("for its default audience", JWT, default, AS_IT_IS, Refused(Fault::Audience)),
    ]);
}

#[test]
fn kubernetes() {
    let projected = json!({
        "aud": [AUDIENCE], "nbf": NOW, "jti": "e51f1fbc", "sub": "system:serviceaccount:default:app",
        "kubernetes.io": {
            "namespace": "default", "node": { "name": "worker", "uid": "1" },
            "pod": { "name": "shell", "uid": "1" },
            "serviceaccount": { "name": "app", "uid": "1" }, "warnafter": NOW + 200,
        },
    });
    let mut own = projected.clone();
    own["aud"] = json!(["https://kubernetes.default.svc.cluster.local"]);
    let legacy = json!({
        "sub": "system:serviceaccount:default:app",
        "kubernetes.io/serviceaccount/namespace": "default",
        "kubernetes.io/serviceaccount/secret.name": "app-token-pnj77",
    });
    let mut ended = legacy.clone();
    ended["exp"] = (NOW + 300).into();
    const NO_AUDIENCE: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder =
        |it| it.insecure_without_audience();
    let namespace: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder =
        |it| it.roles_path(["kubernetes.io", "namespace"]);
    check(vec![
        case("projected", None, projected, namespace, Ok_(&[], &["default"])),
        case("for the API server", None, own, NO_AUDIENCE, Refused(Fault::Audience)),
        case("of a secret, named", None, ended, NO_AUDIENCE, Ok_(&[], &[])),
        case("of a secret: no audience, no end", None, legacy, AS_IT_IS, Refused(Fault::Audience)),
    ]);
}
