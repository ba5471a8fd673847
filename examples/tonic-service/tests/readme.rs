//! Runs the lines of this example's README, and those of the project's README that call this example.

use std::path::Path;

use tower_auth_fixtures::{Line, Program, lines};

const OWN: &str = include_str!("../README.md");
const PROJECT: &str = include_str!("../../../README.md");
const CLIENT: &str = "cargo run -p tonic-service --bin client";

#[test]
fn every_line_of_the_readmes_gives_the_answer_beside_it() {
    let exe = env!("CARGO_BIN_EXE_tonic-service");
    let server = Program::start(exe, ["127.0.0.1:0"], |line| line.starts_with("export BOB="));
    let (_, exports) = server.said().split_once('\n').unwrap();
    // The built client, with the address of this server.
    let client = format!("{} --url {}", env!("CARGO_BIN_EXE_client"), server.base());
    let (own, project) = (lines(OWN), lines(PROJECT));
    assert_eq!(own.len(), 5);
    let calls = |line: &Line| line.command.starts_with(CLIENT);
    let project: Vec<Line> = project.into_iter().filter(calls).collect();
    assert!(project.len() >= 2);
    for mut line in own.into_iter().chain(project) {
        let rest = line.command.strip_prefix(CLIENT).unwrap();
        line.command = format!("{exports}{client} {}", rest.trim_start_matches(" -- "));
        line.run(Path::new(env!("CARGO_TARGET_TMPDIR")));
    }
}
