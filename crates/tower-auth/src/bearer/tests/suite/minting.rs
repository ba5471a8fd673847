//! Only minted tokens are accepted.

use crate::Settings;
use std::time::Duration;

use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower_auth_core::{Actor, AuthMethod, Authentication, Principal};

use super::*;
use crate::bearer::issuer::{IssuerConfigError, MintError};

fn issuer() -> super::issuer::JwtIssuerBuilder {
    JwtIssuer::builder(ISSUER, AUDIENCE)
        .backend(BACKEND)
        .settings(&Settings::new().clock(clock()))
        .client_id("web")
}

fn part(token: &str, at: usize) -> Value {
    let part = token.split('.').nth(at).unwrap();
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    serde_json::from_slice(&base64::Engine::decode(&engine, part).unwrap()).unwrap()
}

fn alice() -> Identity {
    let authentication = Authentication {
        authenticated_at: Some(Timestamp::from_unix_seconds(NOW - 60)),
        ..Authentication::by(AuthMethod::Session)
    };
    Identity::local("alice")
        .scopes(["a", "b:c"])
        .roles(["user", "two words"])
        .acr("2")
        .amr("pwd")
        .build()
        .with_authentication(authentication)
}

#[tokio::test]
async fn minted_tokens_say_what_rfc_9068_asks_for() {
    let issuer = issuer().generated_key("1").build().unwrap();
    let token = issuer.mint(&alice()).unwrap();
    assert_eq!(token.expires_in, Duration::from_secs(300));
    assert_eq!(part(&token.text, 0), json!({ "alg": "ES256", "kid": "1", "typ": "at+jwt" }));
    let mut claims = part(&token.text, 1);
    let jti = claims.as_object_mut().unwrap().remove("jti").unwrap();
    assert_eq!(jti.as_str().unwrap().len(), 22);
    let expected = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "client_id": "web",
        "iat": NOW, "exp": NOW + 300, "auth_time": NOW - 60,
        "scope": "a b:c", "roles": ["user", "two words"], "acr": "2", "amr": ["pwd"],
    });
    assert_eq!(claims, expected);
    let again = issuer.mint(&alice()).unwrap();
    assert_ne!(part(&again.text, 1)["jti"], jti);
    assert_eq!(format!("{token:?}"), "AccessToken { expires_in: 300s, .. }");
}

#[tokio::test]
async fn what_is_minted_comes_back_the_same() {
    let issuer = issuer().generated_key("1").build().unwrap();
    let layer = issuer.layer().profile(Profile::Rfc9068).build().unwrap();
    let there = identity(&layer, &issuer.mint(&alice()).unwrap().text).await.unwrap();
    assert!(there.principal() == Principal::new(ISSUER, "alice"));
    assert!(there.scopes().eq(alice().scopes()) && there.roles().eq(alice().roles()));
    assert_eq!(there.acr(), Some("2"));
    assert!(there.amr().eq(["pwd"]));
    assert_eq!(there.authenticated_at(), alice().authenticated_at());
    assert_eq!(there.claims::<Value>().unwrap().unwrap()["client_id"], "web");
    // The token expires after five minutes and the leeway.
    for (later, accepted) in [(359, true), (360, false)] {
        let later =
            issuer.layer().settings(&Settings::new().clock(clock_at(NOW + later))).build().unwrap();
        let accepts = identity(&later, &issuer.mint(&alice()).unwrap().text).await.is_some();
        assert_eq!(accepts, accepted);
    }
}

#[tokio::test]
async fn every_algorithm_signs_and_is_published() {
    let ed = aws_lc_rs::signature::Ed25519KeyPair::generate().unwrap();
    let ed = SigningKey::from_der(Algorithm::EdDSA, ed.to_pkcs8v1().unwrap());
    let rsa = aws_lc_rs::encoding::AsDer::as_der(&forge::rsa().0).unwrap();
    let rsa_pem = pem::encode(&pem::Pem::new("PRIVATE KEY", rsa.as_ref()));
    let p384 = &aws_lc_rs::signature::ECDSA_P384_SHA384_FIXED_SIGNING;
    let es384 = aws_lc_rs::signature::EcdsaKeyPair::generate(p384).unwrap();
    let es384 = SigningKey::from_der(Algorithm::ES384, es384.to_pkcs8v1().unwrap());
    let es512 = forge::ec521().private_pem();
    let builders = [
        (Algorithm::ES256, issuer().signing_pem("1", Algorithm::ES256, forge::ec().private_pem())),
        (Algorithm::ES384, issuer().signing_key("1", es384)),
        (Algorithm::ES512, issuer().signing_pem("1", Algorithm::ES512, es512)),
        (Algorithm::EdDSA, issuer().signing_key("1", ed)),
        (Algorithm::RS256, issuer().signing_pem("1", Algorithm::RS256, &rsa_pem)),
        (Algorithm::RS512, issuer().signing_pem("1", Algorithm::RS512, &rsa_pem)),
        (Algorithm::PS256, issuer().signing_pem("1", Algorithm::PS256, &rsa_pem)),
        (Algorithm::PS384, issuer().signing_pem("1", Algorithm::PS384, &rsa_pem)),
    ];
    for (algorithm, builder) in builders {
        let issuer = builder.build().unwrap();
        let token = issuer.mint(&alice()).unwrap().text;
        let set: Value = serde_json::from_str(issuer.jwks()).unwrap();
        for member in ["d", "p", "q", "k"] {
            assert!(set["keys"][0].get(member).is_none(), "{algorithm:?} publishes {member}");
        }
        let other = bare().algorithms([algorithm]).jwk_set(issuer.jwks()).build().unwrap();
        assert_accepted(&present(&other, &token).await, &format!("{algorithm:?}"));
    }
}

/// RFC 7518, 3.4 and 6.2.1: numbers of P-521 have 66 bytes, with leading zeros.
#[test]
fn es512_signs_with_132_bytes_and_publishes_whole_coordinates() {
    let pem = forge::ec521().private_pem();
    let issuer = issuer().signing_pem("1", Algorithm::ES512, pem).build().unwrap();
    let token = issuer.mint(&alice()).unwrap().text;
    assert_eq!(part(&token, 0)["alg"], "ES512");
    let signature = token.rsplit('.').next().unwrap();
    assert_eq!(signature.len(), 132 * 4 / 3, "base64url without padding");
    let set: Value = serde_json::from_str(issuer.jwks()).unwrap();
    let (x, y) = forge::ec521().point()[1..].split_at(66);
    let expected = json!({
        "kty": "EC", "crv": "P-521", "alg": "ES512", "kid": "1", "use": "sig",
        "x": forge::b64(x), "y": forge::b64(y),
    });
    assert_eq!(set["keys"], json!([expected]));
}

#[tokio::test]
async fn shared_secrets_sign_and_are_not_published() {
    let key = SigningKey::from_secret(Algorithm::HS512, [9; 64]);
    let issuer = issuer().signing_key("1", key).build().unwrap();
    assert_eq!(issuer.jwks(), r#"{"keys":[]}"#);
    let token = issuer.mint(&alice()).unwrap().text;
    assert_accepted(&present(&issuer.layer().build().unwrap(), &token).await, "HS512");
}

#[tokio::test]
async fn keys_rotate() {
    let pem = forge::ec().private_pem();
    let old = issuer().signing_pem("old", Algorithm::ES256, &pem).build().unwrap();
    let both =
        issuer().generated_key("new").signing_pem("old", Algorithm::ES256, &pem).build().unwrap();
    assert_eq!(part(&both.mint(&alice()).unwrap().text, 0)["kid"], "new");
    let set: Value = serde_json::from_str(both.jwks()).unwrap();
    let kids: Vec<_> = set["keys"].as_array().unwrap().iter().map(|key| &key["kid"]).collect();
    assert_eq!(kids, ["new", "old"]);
    let layer = both.layer().build().unwrap();
    for issuer in [&old, &both] {
        assert_accepted(&present(&layer, &issuer.mint(&alice()).unwrap().text).await, "both");
    }
    let token = both.mint(&alice()).unwrap().text;
    assert_refused(&present(&old.layer().build().unwrap(), &token).await, "not known there yet");
}

#[test]
fn jw_21_only_ones_own_identities_are_minted() {
    let issuer = issuer().generated_key("1").build().unwrap();
    let mint = |identity: Identity| issuer.mint(&identity).map(drop);
    let of = |issuer: &str, subject: &str| Identity::builder(Principal::new(issuer, subject));
    assert_eq!(mint(of(ISSUER, "alice").build()), Ok(()));
    let foreign = mint(of("https://other.example", "alice").build());
    assert_eq!(foreign, Err(MintError::ForeignIssuer));
    assert_eq!(mint(of(ISSUER, "").build()), Err(MintError::NoSubject));
    for scope in ["", "a b", "a\"", "ö"] {
        assert_eq!(mint(of(ISSUER, "alice").scope(scope).build()), Err(MintError::Scope));
    }
}

#[test]
fn jw_21_a_minted_token_names_a_client_or_a_user() {
    let issuer = issuer().generated_key("1").build().unwrap();
    let user = |subject: &str| Identity::builder(Principal::new(ISSUER, subject));
    let client = |id: &str| Identity::builder(Principal::client(ISSUER, id));
    for (identity, expected) in [
        (user("alice"), Some("web")),
        (user("alice").client_id("app"), Some("app")),
        (user("web").client_id("app"), Some("app")),
        (client("worker"), Some("worker")),
        (client("worker").client_id("worker"), Some("worker")),
        // The builder's client is "web": each of these would be read as another principal.
        (user("web"), None),
        (user("app").client_id("app"), None),
        (client("worker").client_id("app"), None),
    ] {
        let minted = issuer.mint(&identity.build());
        match expected {
            Some(client_id) => {
                assert_eq!(part(&minted.unwrap().text, 1)["client_id"], client_id);
            }
            None => assert_eq!(minted.map(drop), Err(MintError::Client)),
        }
    }
}

#[test]
fn actors_are_minted_as_a_chain() {
    let issuer = issuer().generated_key("1").build().unwrap();
    let identity = Identity::local("alice")
        .actor(Actor::new("gateway").issuer("https://other.example"))
        .actor(Actor::new("web"))
        .build();
    let act = &part(&issuer.mint(&identity).unwrap().text, 1)["act"];
    let expected =
        json!({ "sub": "gateway", "iss": "https://other.example", "act": { "sub": "web" } });
    assert_eq!(*act, expected);
}

#[test]
fn d27_what_cannot_sign_is_found_at_build() {
    let key = |key: SigningKey| issuer().signing_key("1", key).build().map(drop);
    let fault = |built: Result<(), IssuerConfigError>| match built {
        Err(IssuerConfigError::Key { kid, fault }) => (kid, fault),
        other => panic!("{other:?}"),
    };
    let secret = |algorithm, length| SigningKey::from_secret(algorithm, vec![1; length]);
    assert!(key(secret(Algorithm::HS256, 32)).is_ok());
    assert!(fault(key(secret(Algorithm::HS256, 31))).1.contains("too short"));
    assert!(fault(key(secret(Algorithm::ES256, 32))).1.contains("not a private key"));
    let garbage = SigningKey::from_der(Algorithm::ES256, b"garbage");
    assert!(fault(key(garbage)).1.contains("not a private key"));
    let pem = |text: &str| issuer().signing_pem("1", Algorithm::ES256, text).build().map(drop);
    assert!(fault(pem("garbage")).1.contains("PEM"));
    assert!(fault(pem(&forge::ec().pem())).1.contains("private"));

    assert_eq!(issuer().build().unwrap_err(), IssuerConfigError::NoKeys);
    let elsewhere = Settings::new().issuer("https://other.example");
    let error = issuer().settings(&elsewhere).generated_key("1").build().unwrap_err();
    assert!(matches!(error, IssuerConfigError::OtherIssuer { .. }), "{error}");
    assert!(issuer().settings(&Settings::new().issuer(ISSUER)).generated_key("1").build().is_ok());
    let twice = issuer().generated_key("1").generated_key("1");
    assert_eq!(twice.build().unwrap_err(), IssuerConfigError::DuplicateKid("1".into()));
    assert_eq!(issuer().generated_key("").build().unwrap_err(), IssuerConfigError::Kid);
    let unnamed = issuer().client_id("").generated_key("1");
    assert_eq!(unnamed.build().unwrap_err(), IssuerConfigError::ClientId);
    for lifetime in [Duration::ZERO, Duration::from_millis(999), Duration::from_secs(86_401)] {
        let built = issuer().generated_key("1").lifetime(lifetime).build();
        assert_eq!(built.unwrap_err(), IssuerConfigError::Lifetime(lifetime));
    }
    let unnamed = |issuer: &str, audience: &str| {
        JwtIssuer::builder(issuer, audience).backend(BACKEND).generated_key("1").build().map(drop)
    };
    assert_eq!(unnamed("", "a"), Err(IssuerConfigError::Issuer));
    assert_eq!(unnamed("i", ""), Err(IssuerConfigError::Audience));
}

#[tokio::test]
async fn the_set_is_a_service() {
    let issuer = issuer().generated_key("1").build().unwrap();
    let ask = async |method: &str| {
        let request = Request::builder().method(method).body(()).unwrap();
        let (head, body) = issuer.jwks_service().oneshot(request).await.unwrap().into_parts();
        (head, body.collect().await.unwrap().to_bytes())
    };
    let (head, body) = ask("GET").await;
    assert_eq!(head.status, 200);
    assert_eq!(head.headers["content-type"], "application/jwk-set+json");
    assert_eq!(head.headers["cache-control"], "public, max-age=300");
    assert_eq!(body, issuer.jwks());
    let (head, body) = ask("HEAD").await;
    assert_eq!((head.status.as_u16(), body.len()), (200, 0));
    assert_eq!(head.headers["content-length"], issuer.jwks().len().to_string().as_str());
    let (head, _) = ask("POST").await;
    assert_eq!(
        (head.status.as_u16(), &head.headers["allow"]),
        (405, &"GET, HEAD".parse().unwrap())
    );
}

/// A token with the type `at+jwt` has the claims that RFC 9068 requires. Any other token has the
/// type `JWT`.
#[tokio::test]
async fn jw_23_a_token_says_at_jwt_only_with_a_client() {
    let with = issuer().generated_key("1").build().unwrap();
    let without = JwtIssuer::builder(ISSUER, AUDIENCE)
        .backend(BACKEND)
        .settings(&Settings::new().clock(clock()));
    let without = without.generated_key("1");
    let without = without.build().unwrap();
    for (issuer, typ) in [(&with, "at+jwt"), (&without, "JWT")] {
        let token = issuer.mint(&Identity::local("alice").build()).unwrap().text;
        assert_eq!(part(&token, 0)["typ"], typ);
        for claim in ["iss", "exp", "aud", "sub", "iat", "jti"] {
            assert!(part(&token, 1).get(claim).is_some(), "{typ} has {claim}");
        }
        assert_eq!(part(&token, 1).get("client_id").is_some(), typ == "at+jwt");
        assert_accepted(&present(&issuer.layer().build().unwrap(), &token).await, typ);
        // The published keys accept it too.
        let elsewhere = bare().algorithms([Algorithm::ES256]).jwk_set(issuer.jwks());
        let strict = elsewhere.profile(Profile::Rfc9068).build().unwrap();
        let response = present(&strict, &token).await;
        match typ {
            "at+jwt" => assert_accepted(&response, "RFC 9068"),
            _ => assert_refused(&response, "RFC 9068"),
        }
    }
    assert!(with.layer().profile(Profile::Rfc9068).build().is_ok());
    let error = without.layer().profile(Profile::Rfc9068).build().unwrap_err();
    assert_eq!(error, BearerConfigError::NoClientId);
    assert!(error.to_string().contains(".client_id"), "{error}");
}
