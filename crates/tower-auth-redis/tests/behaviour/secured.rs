//! Tests with servers that require authentication or TLS.

use std::time::Duration;

use tower_auth_core::Clock;
use tower_auth_core::store::{EndOwnedParams, EndReason, ListParams, Store, StoreErrorKind};
use tower_auth_fixtures::server::{Redis, RedisSentinels};
use tower_auth_redis::{RedisConfigError, RedisStore, redis as driver};

use crate::feed::Log;
use crate::fixture::{PATIENCE, build, create, done, key, owned, owner, run};

async fn everything_works(store: &RedisStore) {
    let version = create(store, &key(1), &owned()).await;
    done(store.save(&key(1), version, &owned()).await.unwrap());
    store.touch(&key(1), Clock::system().now()).await.unwrap();
    assert_eq!(store.list(ListParams::new(owner(), 10)).await.unwrap().entries.len(), 1);
    let kick = store.end_owned(EndOwnedParams::new(owner(), EndReason::Kicked, PATIENCE)).await;
    assert_eq!(kick.unwrap(), 1);
    assert_eq!(store.list(ListParams::new(owner(), 10)).await.unwrap().entries.len(), 0);
}

#[test]
fn a_user_needs_these_commands_and_keys_alone() {
    run(async {
        let redis = Redis::with(&["--requirepass", "for-everything"]);
        let rules = "ACL SETUSER sessions on >for-sessions ~ta:* +get +getrange +set +del +setrange \
                     +pexpire +pttl +zadd +zrange +zremrangebyscore +zscore +eval +evalsha +script|load +role";
        let mut line = vec!["--no-auth-warning", "-a", "for-everything"];
        line.extend(rules.split_whitespace());
        assert_eq!(redis.cli(&line), "OK");
        let url = |user: &str| format!("redis://{user}@127.0.0.1:{}", redis.port());
        let store = build(RedisStore::node(url("sessions:for-sessions"), Clock::system())).await;
        // The user has no right to read the policy.
        assert!(store.limits().evicts);
        everything_works(&store).await;
        let mut more = vec!["--no-auth-warning", "-a", "for-everything", "ACL", "SETUSER"];
        more.extend(["sessions", "+config|get", "+client|tracking", "+wait"]);
        assert_eq!(redis.cli(&more), "OK");
        let builder = RedisStore::node(url("sessions:for-sessions"), Clock::system());
        let store = build(builder.key_prefix("ta:2:").confirm_ends(1, PATIENCE)).await;
        assert!(!store.limits().evicts);
        let log = Log::follow(&store).await;
        create(&store, &key(1), &owned()).await;
        log.is_told_of(key(1)).await;
        let builder = RedisStore::node(url("sessions:for-sessions"), Clock::system());
        let store = build(builder.confirm_ends(1, Duration::from_millis(1))).await;
        let end = store.end(&key(1), EndReason::LoggedOut, PATIENCE).await;
        assert_eq!(end.unwrap_err().kind(), StoreErrorKind::Unconfirmed, "there is no replica");
        let wrong = RedisStore::node(url("sessions:guessed"), Clock::system()).build().await;
        let error = wrong.expect_err("the password is wrong");
        assert!(matches!(error, RedisConfigError::Unreachable(_)));
        // No printed text contains the password.
        let text = format!("{error} {error:?} {:?}", std::error::Error::source(&error));
        assert!(!text.contains("guessed"), "{text}");
    });
}

#[test]
fn sentinels_without_a_password_name_servers_with_one() {
    run(async {
        let mut servers = RedisSentinels::start();
        let primary = servers.primary();
        let set = ["ACL", "SETUSER", "sessions", "on", ">for-sessions", "~*", "+@all"];
        assert_eq!(servers.node(primary).cli(&set), "OK");
        let builder =
            || RedisStore::sentinel(servers.urls(), RedisSentinels::NAME, Clock::system());
        let login = driver::RedisConnectionInfo::default()
            .set_username("sessions")
            .set_password("for-sessions");
        everything_works(&build(builder().login(login)).await).await;
        let login =
            driver::RedisConnectionInfo::default().set_username("sessions").set_password("guessed");
        assert!(builder().login(login).build().await.is_err());
    });
}

#[cfg(feature = "tls")]
#[test]
fn tls_is_spoken_to_whom_the_certificates_say() {
    use tower_auth_fixtures::server::free_port;

    run(async {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str| directory.path().join(name).to_string_lossy().into_owned();
        let its = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        std::fs::write(file("its.crt"), its.cert.pem()).unwrap();
        std::fs::write(file("its.key"), its.signing_key.serialize_pem()).unwrap();
        let (port, certificate, key) = (free_port().to_string(), file("its.crt"), file("its.key"));
        let mut settings = vec!["--tls-port", &port, "--tls-auth-clients", "no"];
        settings.extend(["--tls-cert-file", &certificate, "--tls-key-file", &key]);
        settings.extend(["--tls-ca-cert-file", &certificate]);
        let _redis = Redis::with(&settings);
        let url = format!("rediss://127.0.0.1:{port}");
        // The system does not trust the certificate's issuer.
        assert!(RedisStore::node(&*url, Clock::system()).build().await.is_err());
        let certificates = driver::TlsCertificates {
            client_tls: None,
            root_cert: Some(its.cert.pem().into_bytes()),
        };
        let client = driver::Client::build_with_tls(&*url, certificates).unwrap();
        let info = client.get_connection_info().clone();
        everything_works(&build(RedisStore::node(info, Clock::system())).await).await;
    });
}

#[cfg(not(feature = "tls"))]
#[test]
fn tls_without_its_feature_is_no_address() {
    run(async {
        let built = RedisStore::node("rediss://127.0.0.1:6379", Clock::system()).build().await;
        assert!(matches!(built.err(), Some(RedisConfigError::Address)));
    });
}
