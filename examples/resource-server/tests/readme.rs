//! Runs the lines of this example's README, and those of the project's README that call this example.

use std::path::Path;

use tower_auth_fixtures::{Line, Program, lines};

const OWN: &str = include_str!("../README.md");
const PROJECT: &str = include_str!("../../../README.md");
const BASE: &str = "http://127.0.0.1:3003";

#[test]
fn every_line_of_the_readmes_gives_the_answer_beside_it() {
    let exe = env!("CARGO_BIN_EXE_resource-server");
    let program = Program::start(exe, ["127.0.0.1:0"], |line| line.starts_with("http://"));
    let token = program.said().lines().next().unwrap().strip_prefix("export TOKEN=").unwrap();
    for readme in [OWN, PROJECT] {
        let calls = |line: &Line| line.command.contains(BASE);
        let lines: Vec<Line> = lines(readme).into_iter().filter(calls).collect();
        assert!(lines.len() >= 2);
        for mut line in lines {
            // As a shell does in which the export was pasted.
            let command = line.command.replace("${TOKEN}", token).replace("$TOKEN", token);
            line.command = command.replace(BASE, program.base());
            line.run(Path::new(env!("CARGO_TARGET_TMPDIR")));
        }
    }
}
