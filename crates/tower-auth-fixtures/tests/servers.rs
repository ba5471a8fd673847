//! Every server starts, answers, and ends with its handle.

#![allow(clippy::disallowed_methods, reason = "a test waits for a command in a thread")]

use std::net::TcpStream;

use tower_auth_fixtures::proxy::Proxy;
use tower_auth_fixtures::server::{
    Memcached, Nginx, Postgres, Redis, RedisCluster, RedisSentinels,
};

fn answers(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

#[test]
fn redis_keeps_what_it_had_over_a_kill() {
    let mut redis = Redis::start();
    assert_eq!(redis.cli(&["SET", "a", "1"]), "OK");
    redis.kill();
    assert!(!answers(redis.port()));
    redis.restart();
    assert_eq!(redis.cli(&["GET", "a"]), "1");
    let port = redis.port();
    drop(redis);
    assert!(!answers(port));
}

/// A Sentinel closes the connections of a server's clients when it changes the server's role.
#[test]
fn a_command_whose_connection_the_server_closes_is_sent_again() {
    let redis = Redis::start();
    std::thread::scope(|scope| {
        let blocked = scope.spawn(|| redis.cli(&["BLPOP", "list", "0"]));
        let client = || {
            let clients = redis.cli(&["CLIENT", "LIST"]);
            let line = clients.lines().find(|line| line.contains("cmd=blpop"))?;
            Some(line.split(' ').next()?.trim_start_matches("id=").to_owned())
        };
        // If the command has failed, it blocks no more: stop, and let the join report it.
        let blocks = || std::iter::repeat_with(client).take_while(|_| !blocked.is_finished());
        let killed = blocks().flatten().next().expect("it blocks");
        assert_eq!(redis.cli(&["CLIENT", "KILL", "ID", &killed]), "1");
        let again = blocks().flatten().find(|id| *id != killed);
        assert!(again.is_some(), "it blocks again");
        assert_eq!(redis.cli(&["RPUSH", "list", "a"]), "1");
        assert_eq!(blocked.join().expect("an answer"), "list\na");
    });
}

#[test]
fn sentinels_fail_over() {
    let mut set = RedisSentinels::start();
    let old = set.primary();
    set.node(old).kill();
    let new = set.wait_for_switch(old);
    assert_ne!(new, old);
    assert!(set.node(new).cli(&["ROLE"]).starts_with("master"));
}

#[test]
fn a_cluster_is_whole_and_moves_slots() {
    let cluster = RedisCluster::start();
    assert_eq!(cluster.cli(&["SET", "a", "1"]).lines().last(), Some("OK"));
    let primaries = cluster.primaries();
    assert_eq!(primaries.len(), 3);
    cluster.move_slots(primaries[0], primaries[1], 10);
    assert_eq!(cluster.cli(&["GET", "a"]).lines().last(), Some("1"));
}

#[test]
fn postgres_and_memcached_and_nginx_come_up() {
    let mut postgres = Postgres::start();
    assert!(answers(postgres.port()));
    postgres.restart();
    assert!(answers(postgres.port()));
    let mut memcached = Memcached::start();
    memcached.restart();
    assert!(answers(memcached.port()));
    let nginx = Nginx::start("server { listen 127.0.0.1:PORT; return 204; }");
    assert!(answers(nginx.port()));
}

#[test]
fn a_proxy_counts_and_cuts() {
    let redis = Redis::start();
    let proxy = Proxy::start(redis.port());
    let cli = |word: &str| {
        let port = proxy.port().to_string();
        let args = ["-h", "127.0.0.1", "-p", &port, "GET", word];
        std::process::Command::new("redis-cli").args(args).output().unwrap()
    };
    assert!(cli("a").status.success());
    assert!(proxy.take().contains(&"GET".to_owned()));
}

#[test]
fn who_is_sent_on_stays_behind_the_proxies() {
    let cluster = RedisCluster::start();
    let (ports, key) = (cluster.ports(), "a");
    let proxies = Proxy::in_front_of(&ports);
    let cli = |port: u16, args: &[&str]| {
        let port = port.to_string();
        let output = std::process::Command::new("redis-cli")
            .args(["-h", "127.0.0.1", "-p", &port])
            .args(args)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let nodes = cli(proxies[0].port(), &["CLUSTER", "NODES"]);
    for (server, proxy) in ports.iter().zip(&proxies) {
        assert!(!nodes.contains(&format!(":{server}@")), "{nodes}");
        assert!(nodes.contains(&format!(":{}@", proxy.port())), "{nodes}");
        // One node has the key; the others redirect the client to it.
        let answer = cli(proxy.port(), &["-c", "SET", key, "1"]);
        assert!(answer.contains("OK"), "{answer}");
    }
    let asked = proxies.iter().filter(|it| it.take().contains(&"SET".to_owned())).count();
    assert_eq!(asked, 6);
}
