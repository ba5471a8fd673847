//! Runs the lines of the README.

#![allow(clippy::disallowed_methods, reason = "runs real servers")]

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tower_auth_fixtures::server::Redis;
use tower_auth_fixtures::{Program, lines};

const README: &str = include_str!("../README.md");
const TWO_NODES: &str = env!("CARGO_BIN_EXE_two-nodes");
const ANYWHERE: [&str; 4] = ["--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0"];

fn start(args: &[&str]) -> Program {
    let args = ANYWHERE.iter().chain(args);
    Program::start(TWO_NODES, args, |line| line == "Stop with Ctrl-C.")
}

/// The addresses of the two nodes.
fn bases(program: &Program) -> [String; 2] {
    let words = program.said().split_whitespace();
    let mut words = words.filter(|it| it.starts_with("http://")).map(ToOwned::to_owned);
    [words.next().unwrap(), words.next().unwrap()]
}

fn directory(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn every_line_of_the_readme_gives_what_it_says() {
    let redis = Redis::start();
    let program = start(&["--redis", &redis.url()]);
    let [one, two] = bases(&program);
    assert_ne!(one, two);
    let readme = README.replace("http://127.0.0.1:3001", &one);
    let lines = lines(&readme.replace("http://127.0.0.1:3002", &two));
    assert_eq!(lines.len(), 10);
    // The program prints the README's lines with its own addresses.
    assert_eq!(tower_auth_fixtures::lines(program.said()), lines);
    let directory = directory("two-nodes");
    for line in lines {
        line.run(&directory);
    }
}

#[test]
fn without_an_address_it_starts_a_redis_of_its_own() {
    let program = start(&[]);
    let directory = directory("two-nodes-own-redis");
    for line in lines(program.said()) {
        line.run(&directory);
    }
    assert!(program.interrupt().success());
}

/// A killed process cannot stop its children: they must notice its end themselves.
#[test]
fn no_one_is_left_behind_however_it_ends() {
    let program = start(&[]);
    let addresses = bases(&program).map(|base| base.replace("http://", ""));
    for address in &addresses {
        assert!(TcpStream::connect(address).is_ok());
    }
    // Dropping the handle kills the process.
    drop(program);
    let until = Instant::now() + Duration::from_secs(20);
    while addresses.iter().any(|address| TcpStream::connect(address).is_ok()) {
        assert!(Instant::now() < until, "a node still runs");
    }
}

/// The store's feed reports the end to the other node, which served the session from its memory
/// before.
#[test]
fn d06_with_near_caches_a_kick_reaches_the_other_node() {
    let redis = Redis::start();
    let program = start(&["--redis", &format!("{}?near_cache=64MiB", redis.url())]);
    let [one, two] = bases(&program);
    let directory = directory("two-nodes-near");
    let curl = |line: &str| {
        let line = line.replace("ONE", &one).replace("TWO", &two);
        let command = format!("curl -s -o /dev/null -w '%{{http_code}}' {line}");
        let mut shell = Command::new("sh");
        let output = shell.args(["-c", &command]).current_dir(&directory).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let login = "-H 'Accept: application/json' -d 'username=alice&password=wonderland'";
    assert_eq!(curl(&format!("-c alice.jar {login} ONE/login")), "200");
    assert_eq!(curl("-b alice.jar TWO/me"), "200");
    assert_eq!(curl("-b alice.jar TWO/me"), "200");
    let out = "-X POST -H 'Origin: ONE' -H 'Accept: application/json' ONE/logout/everywhere";
    assert_eq!(curl(&format!("-b alice.jar {out}")), "200");
    assert_eq!(curl("-b alice.jar ONE/me"), "401", "this node's own writes are seen at once");
    let until = Instant::now() + Duration::from_secs(20);
    while curl("-b alice.jar TWO/me") != "401" {
        assert!(Instant::now() < until, "the node did not notice the end");
    }
}
