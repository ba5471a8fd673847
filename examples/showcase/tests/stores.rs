//! The real program on each real store: every printed line, and a restart.

use std::fs;
use std::path::{Path, PathBuf};

use tower_auth_fixtures::server::{Memcached, Postgres, Redis, RedisCluster, RedisSentinels};
use tower_auth_fixtures::{Program, lines};

const SHOWCASE: &str = env!("CARGO_BIN_EXE_showcase");

fn start(store: &str, more: &[&str]) -> Program {
    let args = ["--listen", "127.0.0.1:0", "--store", store];
    Program::start(SHOWCASE, args.iter().chain(more), |line| line == "Stop with Ctrl-C.")
}

fn directory(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("stores-{name}"));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// Runs all printed lines.
fn tour(name: &str, store: &str) {
    let showcase = start(store, &[]);
    let directory = directory(name);
    let lines = lines(showcase.said());
    assert!(lines.len() >= 40, "{}", showcase.said());
    for line in lines {
        line.run(&directory);
    }
}

/// Values and logins survive a restart, and logged-out users stay logged out.
fn restart(name: &str, store: &str, between: impl FnOnce()) {
    let directory = directory(name);
    let run = |base: &str, line: &str, status: u16, shows: &str| {
        let line = line.replace("BASE", base);
        let said = format!("curl -si {line}\n# => {status} | {shows}\n");
        lines(&said)[0].run(&directory);
    };
    let keys = directory.join("keys");
    let keys = ["--keys", &keys.to_string_lossy()];
    let json = "-H 'Content-Type: application/json'";
    let login =
        format!("{json} -d '{{\"username\":\"alice\",\"password\":\"wonderland\"}}' BASE/login");
    let tokens = login.replace("/login", "/auth/token");

    let before = start(store, &keys);
    let base = before.base().to_owned();
    run(&base, &format!("-c alice.jar {login}"), 200, "\"subject\":\"alice\"");
    let put = format!("-b alice.jar -X PUT {json} -d '\"blue\"' BASE/session/data/colour");
    run(&base, &put, 204, "HTTP/1.1 ");
    run(&base, &format!("-c gone.jar {login}"), 200, "alice");
    run(&base, &format!("-b gone.jar -X POST {json} BASE/logout"), 204, "HTTP/1.1 ");
    run(&base, &format!("-c refresh.jar {tokens}"), 200, "access_token");
    assert!(before.interrupt().success());
    between();

    let after = start(store, &keys);
    let base = after.base();
    run(base, "-b alice.jar BASE/me", 200, "\"subject\":\"alice\"");
    run(base, "-b alice.jar BASE/session/data/colour", 200, "\"blue\"");
    run(base, "-b gone.jar BASE/me", 401, "HTTP/1.1 ");
    let refresh = format!("-b refresh.jar -X POST {json} -d '{{}}' BASE/auth/refresh");
    run(base, &refresh, 200, "access_token");
}

#[test]
fn on_redis_every_printed_line_gives_what_it_says() {
    let redis = Redis::start();
    tour("redis", &redis.url());
}

#[test]
fn on_redis_with_a_near_cache_every_printed_line_gives_what_it_says() {
    let redis = Redis::start();
    tour("redis-near", &format!("{}?near_cache=64MiB", redis.url()));
}

#[test]
fn on_redis_sessions_survive_a_restart_of_program_and_server() {
    let mut redis = Redis::start();
    let url = redis.url();
    restart("redis-restart", &url, || redis.restart());
}

#[test]
fn on_sentinel_every_printed_line_gives_what_it_says() {
    let redis = RedisSentinels::start();
    let hosts: Vec<_> = redis.urls().iter().map(|it| it.replace("redis://", "")).collect();
    tour("sentinel", &format!("redis+sentinel://{}/{}", hosts.join(","), RedisSentinels::NAME));
}

#[test]
fn on_a_cluster_every_printed_line_gives_what_it_says() {
    let redis = RedisCluster::start();
    let hosts: Vec<_> = redis.urls().iter().map(|it| it.replace("redis://", "")).collect();
    tour("cluster", &format!("redis+cluster://{}?near_cache=16MiB", hosts[..2].join(",")));
}

#[test]
fn on_postgres_every_printed_line_gives_what_it_says_and_sessions_survive_a_restart() {
    let postgres = Postgres::start();
    tour("postgres", &postgres.url());
    restart("postgres-restart", &format!("{}?near_cache=64MiB", postgres.url()), || {});
}

#[test]
fn on_sqlite_every_printed_line_gives_what_it_says_and_sessions_survive_a_restart() {
    let file = directory("sqlite-file").join("sessions.db");
    let store = format!("sqlite://{}", file.display());
    tour("sqlite", &store);
    restart("sqlite-restart", &store, || {});
}

#[test]
fn in_cookies_every_printed_line_gives_what_it_says_and_says_what_a_copy_is_worth() {
    let showcase = start("cookie:", &[]);
    assert!(showcase.said().contains("good until it expires"), "{}", showcase.said());
    assert!(!showcase.said().contains("/sessions"), "{}", showcase.said());
    let directory = directory("cookie");
    for line in lines(showcase.said()) {
        line.run(&directory);
    }
}

#[test]
fn on_memcached_every_printed_line_gives_what_it_says_and_none_is_about_lists() {
    let memcached = Memcached::start();
    let store = format!("memcached://127.0.0.1:{}", memcached.port());
    restart("memcached-restart", &store, || {});
    let showcase = start(&store, &[]);
    assert!(!showcase.said().contains("/sessions"), "{}", showcase.said());
    let directory = directory("memcached");
    let mut lines = lines(showcase.said());
    let line = |line: &str| {
        let line = line.replace("BASE", showcase.base());
        tower_auth_fixtures::lines(&format!("curl -si {line}\n"))
    };
    lines.extend(line("-b root.jar BASE/sessions\n# => 501 | no_list"));
    for line in lines {
        line.run(&directory);
    }
}

/// The message names the kind of error, and never the address.
#[test]
fn d08_a_store_that_cannot_be_opened_ends_the_program_with_a_reason() {
    for (store, reason) in [
        ("redis://user:hunter2@127.0.0.1:1", "no Redis primary can be reached"),
        ("postgres://user:hunter2@127.0.0.1:1/d", "the store: "),
        ("memcached://127.0.0.1:1", "the store: "),
        ("mysql://user:hunter2@127.0.0.1:1/d", "redis+sentinel://"),
        ("redis://user:hunter2@127.0.0.1:1?near_cache=lots", "near_cache=64MiB"),
    ] {
        let args = ["--listen", "127.0.0.1:0", "--store", store];
        let error = Program::refuses(SHOWCASE, args, |line| line == "Stop with Ctrl-C.");
        assert!(error.contains(reason), "{error}");
        assert!(!error.contains("hunter2") && !error.contains("127.0.0.1"), "{error}");
    }
}
