//! Tokens of servers that people log in to.

use serde_json::{Value, json};

use super::*;

const ID: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder =
    |it| it.profile(Profile::InsecureIdToken);
const NO_AUDIENCE: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder =
    |it| it.insecure_without_audience();

#[test]
fn entra() {
    let user = json!({
        "aud": AUDIENCE, "nbf": NOW, "aio": "AXQAi/8", "azp": "6e74172b", "azpacr": "1",
        "name": "Alice", "oid": "690222be", "preferred_username": "alice@contoso.example",
        "rh": "0.AAAA", "roles": ["Reader"], "scp": "access_as_user files.read", "sid": "000",
        "sub": "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ", "tid": "fa15d692", "uti": "fqiBqXLP",
        "ver": "2.0",
    });
    let application = json!({
        "aud": AUDIENCE, "nbf": NOW, "azp": "6e74172b", "idtyp": "app", "oid": "1", "sub": "1",
        "roles": ["Tasks.ReadWrite.All"], "tid": "fa15d692", "ver": "2.0",
    });
    let v1_application = json!({
        "aud": AUDIENCE, "nbf": NOW, "appid": "6e74172b", "appidacr": "1", "idtyp": "app",
        "oid": "92c0", "sub": "92c0", "roles": ["Tasks.Read"], "tid": "fa15d692", "ver": "1.0",
    });
    let app: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder =
        |it| it.client_if_claim("idtyp", "app").client_id_claim("appid");
    let oid: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder =
        |it| it.subject_claim("oid").client_if_claim("idtyp", "app");
    let v1 = json!({
        "aud": AUDIENCE, "acr": "1", "amr": ["pwd", "mfa"], "appid": "6e74172b", "appidacr": "0",
        "scp": "user_impersonation", "sub": "1", "ver": "1.0", "ipaddr": "192.0.2.1",
    });
    let id = json!({
        "aud": "6e74172b", "nonce": "123523", "sub": "1", "ver": "2.0", "name": "Alice",
        "tid": "fa15d692",
    });
    let mut own = id.clone();
    own["aud"] = AUDIENCE.into();
    check(vec![
        case(
            "v2.0, user",
            JWT,
            user.clone(),
            AS_IT_IS,
            Ok_(&["access_as_user", "files.read"], &["Reader"]),
        ),
        case(
            "v2.0, user by object id",
            JWT,
            user,
            oid,
            User("690222be", &["access_as_user", "files.read"], &["Reader"]),
        ),
        // `sub` is the object id of the service principal, and not the client's id.
        case(
            "v2.0, application, unmarked",
            JWT,
            application.clone(),
            AS_IT_IS,
            Ok_(&[], &["Tasks.ReadWrite.All"]),
        ),
        case(
            "v2.0, application",
            JWT,
            application,
            oid,
            Client("1", &[], &["Tasks.ReadWrite.All"]),
        ),
        case("v1.0, application", JWT, v1_application, app, Client("92c0", &[], &["Tasks.Read"])),
        case("v1.0, user", JWT, v1.clone(), app, Ok_(&["user_impersonation"], &[])),
        case("v1.0, no oid", JWT, v1.clone(), oid, Refused(Fault::Subject)),
        case("v1.0", JWT, v1.clone(), AS_IT_IS, Ok_(&["user_impersonation"], &[])),
        case("no at+jwt", JWT, v1, RFC_9068, Refused(Fault::Type)),
        case("ID token: for the client", JWT, id, AS_IT_IS, Refused(Fault::Audience)),
        // The token has no mark. It is for the client, and the client is this API.
        case(
            "ID token of an API that is its own client",
            JWT,
            own.clone(),
            AS_IT_IS,
            Ok_(&[], &[]),
        ),
        case(
            "the same",
            JWT,
            own,
            |it| it.refuse_claim("nonce", ClaimValue::Any),
            Refused(Fault::Kind),
        ),
    ]);
}

#[test]
fn keycloak() {
    let access = json!({
        "jti": "onrtac:1", "aud": [AUDIENCE, "account"], "sub": "4c973896", "typ": "Bearer",
        "azp": "web", "sid": "2a88c258", "auth_time": NOW - 10, "acr": "1",
        "allowed-origins": ["https://app.example"],
        "realm_access": { "roles": ["offline_access", "admin"] },
        "resource_access": { "account": { "roles": ["manage-account"] } },
        "scope": "openid email profile", "email_verified": true, "preferred_username": "alice",
    });
    let with = |name: &str, value: Value| {
        let mut claims = access.clone();
        claims[name] = value;
        claims
    };
    let id = json!({
        "jti": "1", "aud": AUDIENCE, "sub": "1", "typ": "ID", "azp": "web", "sid": "1", "acr": "1",
        "at_hash": "HZUPV",
    });
    let mut id_without_hash = id.clone();
    id_without_hash.as_object_mut().unwrap().remove("at_hash");
    let refresh = json!({
        "jti": "1", "aud": AUDIENCE, "sub": "1", "typ": "Refresh", "azp": "web", "sid": "1",
        "scope": "openid email",
    });
    let mut offline = refresh.clone();
    offline["typ"] = "Offline".into();
    let logout = json!({
        "jti": "1", "aud": AUDIENCE, "sub": "1", "typ": "Logout", "sid": "1",
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    let service = json!({
        "jti": "trrtcc:1", "aud": "account", "sub": "0a1b", "typ": "Bearer", "azp": "worker",
        "acr": "1", "scope": "email profile", "clientHost": "192.0.2.1", "client_id": "worker",
        "preferred_username": "service-account-worker", "clientAddress": "192.0.2.1",
        "realm_access": { "roles": ["offline_access"] },
        "resource_access": { "api": { "roles": ["reports"] } },
    });
    let mut lightweight = service.clone();
    lightweight.as_object_mut().unwrap().remove("sub");
    let by_azp: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder = |it| {
        it.audience_claim("azp")
            .audience("worker")
            .client_if_claim("client_id", "worker")
            .roles_path(["realm_access", "roles"])
            .scopes_path(["resource_access", "api", "roles"])
    };
    let by_azp_no_subject: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder =
        |it| it.audience_claim("azp").audience("worker").allow_missing_subject();
    let scopes = &["openid", "email", "profile"];
    let realm: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder =
        |it| it.roles_path(["realm_access", "roles"]);
    let client: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder =
        |it| it.roles_path(["resource_access", "account", "roles"]);
    check(vec![
        case("access", JWT, access.clone(), AS_IT_IS, Ok_(scopes, &[])),
        case("realm roles", JWT, access.clone(), realm, Ok_(scopes, &["offline_access", "admin"])),
        case("client roles", JWT, access.clone(), client, Ok_(scopes, &["manage-account"])),
        case("acr is a number", JWT, with("acr", json!(1)), AS_IT_IS, Ok_(scopes, &[])),
        case(
            "bound by DPoP",
            JWT,
            with("cnf", json!({ "jkt": "x" })),
            AS_IT_IS,
            Refused(Fault::Bound),
        ),
        case(
            "for account alone",
            JWT,
            with("aud", json!("account")),
            AS_IT_IS,
            Refused(Fault::Audience),
        ),
        case("client, no mapper", JWT, service.clone(), AS_IT_IS, Refused(Fault::Audience)),
        case(
            "client, by azp",
            JWT,
            service,
            by_azp,
            Client("0a1b", &["reports"], &["offline_access"]),
        ),
        case("user, by azp", JWT, access.clone(), by_azp, Refused(Fault::Audience)),
        // A client scope without the mapper of `sub`.
        case("client, no sub", JWT, lightweight.clone(), by_azp, Refused(Fault::Subject)),
        case(
            "client, no sub, allowed",
            JWT,
            lightweight,
            by_azp_no_subject,
            Client("worker", &["email", "profile"], &[]),
        ),
        case("ID token", JWT, id.clone(), AS_IT_IS, Refused(Fault::Kind)),
        case("ID token, named", JWT, id, ID, Ok_(&[], &[])),
        case("access token for ID tokens", JWT, access.clone(), ID, Refused(Fault::Kind)),
        case("refresh token for ID tokens", JWT, refresh.clone(), ID, Refused(Fault::Kind)),
        case("ID token without at_hash", JWT, id_without_hash, AS_IT_IS, Refused(Fault::Kind)),
        case("refresh token", JWT, refresh, AS_IT_IS, Refused(Fault::Kind)),
        case("offline token", JWT, offline, AS_IT_IS, Refused(Fault::Kind)),
        case("logout token", JWT, logout.clone(), AS_IT_IS, Refused(Fault::Kind)),
        case("logout token, newer", Some("logout+jwt"), logout, AS_IT_IS, Refused(Fault::Type)),
    ]);
}

#[test]
fn cognito() {
    let access = json!({
        "sub": "aaaaaaaa-bbbb", "device_key": "us-1", "cognito:groups": ["staff"], "version": 2,
        "client_id": "1example", "origin_jti": "1", "event_id": "1", "token_use": "access",
        "scope": "phone openid api/read", "auth_time": NOW, "jti": "1", "username": "alice",
    });
    let mut bound = access.clone();
    bound["aud"] = AUDIENCE.into();
    let id = json!({
        "sub": "aaaaaaaa-bbbb", "aud": AUDIENCE, "cognito:groups": ["staff"], "token_use": "id",
        "cognito:username": "alice", "auth_time": NOW, "jti": "1", "email_verified": true,
        "at_hash": "x", "origin_jti": "1", "event_id": "1",
    });
    let mut plain = id.clone();
    plain.as_object_mut().unwrap().remove("at_hash");
    let scopes = &["phone", "openid", "api/read"];
    let groups: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder =
        |it| it.roles_claim("cognito:groups").require_claim("client_id", "1example");
    let client: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder = |it| {
        it.audience_claim("client_id").audience("1example").require_claim("token_use", "access")
    };
    let other: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder =
        |it| it.audience_claim("client_id").audience("2example");
    let machine = json!({
        "sub": "1example", "token_use": "access", "scope": "api/read", "auth_time": NOW,
        "version": 2, "jti": "1", "client_id": "1example",
    });
    check(vec![
        case("access by client", None, access.clone(), client, Ok_(scopes, &[])),
        case("access of another client", None, access.clone(), other, Refused(Fault::Audience)),
        case("machine", None, machine, client, Client("1example", &["api/read"], &[])),
        case("ID token has no client_id", None, id.clone(), client, Refused(Fault::Audience)),
        case("no audience, named", None, access.clone(), NO_AUDIENCE, Ok_(scopes, &[])),
        case("ID token, named", None, id.clone(), ID, Ok_(&[], &[])),
        case("access token for ID tokens", None, bound.clone(), ID, Refused(Fault::Kind)),
        // If the request names no resource, the token has no audience, and would be valid for any
        // API.
        case("access, no resource", None, access, AS_IT_IS, Refused(Fault::Audience)),
        case("access for a resource", None, bound.clone(), AS_IT_IS, Ok_(scopes, &[])),
        case("access, groups", None, bound, groups, Ok_(scopes, &["staff"])),
        case("ID token", None, id, AS_IT_IS, Refused(Fault::Kind)),
        case("ID token without at_hash", None, plain, AS_IT_IS, Refused(Fault::Kind)),
    ]);
}

#[test]
fn auth0() {
    let userinfo = "https://tenant.auth0.example/userinfo";
    let access = json!({
        "sub": "auth0|123456", "aud": [AUDIENCE, userinfo], "azp": "my_client_id",
        "scope": "openid profile read:patients", "permissions": ["read:patients"],
    });
    let machine = json!({
        "sub": "my_client_id@clients", "aud": AUDIENCE, "azp": "my_client_id", "scope": "read:a",
        "gty": "client-credentials",
    });
    let profile = json!({
        "sub": "auth0|123456", "aud": [AUDIENCE, userinfo], "client_id": "my_client_id",
        "jti": "73WakrfVbNJBaAmhQtEeDv", "scope": "openid read:patients",
        "https://app.example/roles": ["admin"],
    });
    let id = json!({
        "sub": "auth0|123456", "aud": "my_client_id", "nonce": "1", "name": "Jane Doe",
        "at_hash": "x", "sid": "1",
    });
    let mut own = id.clone();
    own["aud"] = AUDIENCE.into();
    let roles: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder =
        |it| it.profile(Profile::Rfc9068).roles_claim("https://app.example/roles");
    let permissions: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder =
        |it| it.scopes_claim("permissions").client_if_claim("gty", "client-credentials");
    let mut rbac_machine = machine.clone();
    rbac_machine["permissions"] = json!(["read:a", "write:a"]);
    check(vec![
        case("permissions", JWT, access.clone(), permissions, Ok_(&["read:patients"], &[])),
        case(
            "machine, with permissions",
            JWT,
            rbac_machine,
            permissions,
            Client("my_client_id@clients", &["read:a", "write:a"], &[]),
        ),
        case(
            "no RBAC, no permissions",
            JWT,
            machine.clone(),
            permissions,
            Client("my_client_id@clients", &[], &[]),
        ),
        case(
            "Auth0 profile",
            JWT,
            access,
            AS_IT_IS,
            Ok_(&["openid", "profile", "read:patients"], &[]),
        ),
        case("machine", JWT, machine, AS_IT_IS, Ok_(&["read:a"], &[])),
        case("RFC 9068 profile", AT, profile, roles, Ok_(&["openid", "read:patients"], &["admin"])),
        case("ID token: for the client", JWT, id, AS_IT_IS, Refused(Fault::Audience)),
        case("ID token: its hash", JWT, own, AS_IT_IS, Refused(Fault::Kind)),
    ]);
}

#[test]
fn okta() {
    let access = json!({
        "ver": 1, "jti": "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE", "aud": AUDIENCE,
        "sub": "alice@example.com", "cid": "nmdP1fcyvdVO11AL7ECm", "uid": "00ujmkLgagxeRrAg20g3",
        "scp": ["openid", "profile"], "auth_time": NOW - 10, "groups": ["Everyone"],
    });
    let id = json!({
        "ver": 1, "jti": "ID.1", "aud": AUDIENCE, "sub": "00u", "amr": ["pwd"], "idp": "00o",
        "auth_time": NOW, "at_hash": "fPlsvVszI29LU2UhDyJ9vg", "nonce": "1",
    });
    let mut plain = id.clone();
    plain.as_object_mut().unwrap().remove("at_hash");
    let service = json!({
        "ver": 1, "jti": "AT.1", "aud": AUDIENCE, "sub": "0oa1", "cid": "0oa1", "scp": ["api.read"],
    });
    let cid: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder = |it| it.client_id_claim("cid");
    let groups: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder = |it| it.roles_claim("groups");
    check(vec![
        case("access", None, access.clone(), groups, Ok_(&["openid", "profile"], &["Everyone"])),
        case("access, client named", None, access, cid, Ok_(&["openid", "profile"], &[])),
        case("client", None, service.clone(), cid, Client("0oa1", &["api.read"], &[])),
        // The layer does not know `cid` unless it is named.
        case("client, not named", None, service, AS_IT_IS, Ok_(&["api.read"], &[])),
        case("ID token", None, id, AS_IT_IS, Refused(Fault::Kind)),
        // Without an accompanying access token there is no hash and no other mark. Only the
        // audience or a required claim distinguishes it.
        case("ID token alone", None, plain.clone(), AS_IT_IS, Ok_(&[], &[])),
        case(
            "ID token alone, demanding a client",
            None,
            plain,
            |it| it.require_claim("cid", ClaimValue::Any),
            Refused(Fault::Claim),
        ),
    ]);
}

#[test]
fn duende() {
    let access = json!({
        "nbf": NOW, "aud": AUDIENCE, "client_id": "web", "sub": "88421113", "auth_time": NOW - 10,
        "idp": "local", "sid": "1", "jti": "1", "scope": ["openid", "orders.read"],
        "amr": ["pwd"], "role": "admin",
    });
    let mut spaced = access.clone();
    spaced["scope"] = "openid orders.read".into();
    let id = json!({
        "nbf": NOW, "aud": AUDIENCE, "sub": "88421113", "auth_time": NOW, "idp": "local",
        "amr": ["pwd"], "nonce": "1", "at_hash": "x", "sid": "1",
    });
    let scopes = &["openid", "orders.read"];
    let role: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder = |it| it.roles_claim("role");
    check(vec![
        case("access, scopes as an array", AT, access.clone(), role, Ok_(scopes, &["admin"])),
        case("RFC 9068 has no such array", AT, access, RFC_9068, Refused(Fault::Profile)),
        case("scopes in one string", AT, spaced, RFC_9068, Ok_(scopes, &[])),
        case("ID token", JWT, id, AS_IT_IS, Refused(Fault::Kind)),
    ]);
}

#[test]
fn spring_authorization_server() {
    let access = json!({
        "sub": "user1", "aud": AUDIENCE, "nbf": NOW, "scope": ["openid", "message.read"],
        "jti": "1",
    });
    let id = json!({
        "sub": "user1", "aud": "messaging-client", "azp": "messaging-client", "auth_time": NOW,
        "nonce": "1", "sid": "1", "jti": "1",
    });
    let mut own = id.clone();
    own["aud"] = AUDIENCE.into();
    check(vec![
        case("access", None, access, AS_IT_IS, Ok_(&["openid", "message.read"], &[])),
        case("ID token: for the client", None, id, AS_IT_IS, Refused(Fault::Audience)),
        // Access tokens are for the client too, unless they are customized.
        case("ID token where both are for the client", None, own.clone(), AS_IT_IS, Ok_(&[], &[])),
        case(
            "the same, demanding a scope",
            None,
            own,
            |it| it.require_claim("scope", ClaimValue::Any),
            Refused(Fault::Claim),
        ),
    ]);
}

#[test]
fn supabase() {
    let user = json!({
        "aud": AUDIENCE, "sub": "123e4567", "role": "authenticated", "aal": "aal1",
        "session_id": "1", "email": "user@example.com", "phone": "", "is_anonymous": false,
        "app_metadata": { "provider": "email", "providers": ["email"] }, "user_metadata": {},
        "amr": [{ "method": "password", "timestamp": NOW }],
    });
    let anonymous = json!({ "ref": "project", "role": "anon", "aud": AUDIENCE });
    let role: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder = |it| it.roles_claim("role");
    check(vec![
        case("user", JWT, user.clone(), role, Ok_(&[], &["authenticated"])),
        case(
            "no guests",
            JWT,
            user,
            |it| it.require_claim("is_anonymous", true),
            Refused(Fault::Claim),
        ),
        case(
            "the public key of a project: no subject",
            JWT,
            anonymous,
            role,
            Refused(Fault::Subject),
        ),
    ]);
}

#[test]
fn dex() {
    let access = json!({
        "sub": "CgcyMzQyNzQ5EgZnaXRodWI", "aud": AUDIENCE, "email": "jane.doe@example.com",
        "email_verified": true, "groups": ["admins", "developers"], "name": "Jane Doe",
    });
    let mut id = access.clone();
    id["at_hash"] = "bi96gOXZShvlWYtal9Eqiw".into();
    let groups: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder = |it| it.roles_claim("groups");
    check(vec![
        // The access token equals an ID token without a hash.
        case("access", None, access, groups, Ok_(&[], &["admins", "developers"])),
        case("ID token", None, id.clone(), groups, Refused(Fault::Kind)),
        case("ID token, named", None, id, ID, Ok_(&[], &[])),
    ]);
}

#[test]
fn zitadel() {
    let roles = "urn:zitadel:iam:org:project:roles";
    let access = json!({
        "aud": [AUDIENCE, "223281939119866113"], "client_id": "223281986649719041",
        "sub": "165460784409546753", "jti": "1", "nbf": NOW, "amr": ["pwd"],
        roles: {
            "admin": { "170842": "org.example" }, "reader": { "170842": "org.example" },
        },
    });
    let mut service = access.clone();
    service["client_id"] = "worker".into();
    service["sub"] = "165460784409546754".into();
    let members: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder =
        |it| it.roles_claim("urn:zitadel:iam:org:project:roles").roles_from_members();
    let names: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder =
        |it| it.roles_claim("urn:zitadel:iam:org:project:roles");
    let id = json!({
        "aud": [AUDIENCE, "223281939119866113"], "azp": AUDIENCE, "sub": "165460784409546753",
        "amr": ["pwd"], "at_hash": "x", "client_id": AUDIENCE, "c_hash": "y", "sid": "1",
    });
    check(vec![
        case("access", JWT, access.clone(), members, Ok_(&[], &["admin", "reader"])),
        case("access, names not asked for", JWT, access, names, Ok_(&[], &[])),
        // A machine user is a user: its `sub` is not the client's id.
        case("machine user", JWT, service, members, Ok_(&[], &["admin", "reader"])),
        case("ID token", JWT, id.clone(), members, Refused(Fault::Kind)),
        case("ID token, named", JWT, id, ID, Ok_(&[], &[])),
    ]);
}

#[test]
fn zitadel_roles_of_one_project() {
    let access = json!({
        "sub": "383942323576245195", "aud": ["328859038248927902", AUDIENCE], "nbf": NOW,
        "client_id": "328859038248927902", "jti": "V2_391184219667173286-at_391187731641798566",
        "urn:zitadel:iam:org:project:344374183645413380:roles": {
            "streaming": { "344373908297744388": "company.example" },
        },
    });
    let mut own = access.clone();
    own["aud"] = json!(["328859038248927902"]);
    let roles: fn(BearerJwtLayerBuilder) -> BearerJwtLayerBuilder = |it| {
        it.roles_claim("urn:zitadel:iam:org:project:344374183645413380:roles").roles_from_members()
    };
    check(vec![
        case("access, no scopes", JWT, access, roles, Ok_(&[], &["streaming"])),
        case("without the project's audience", JWT, own, roles, Refused(Fault::Audience)),
    ]);
}
