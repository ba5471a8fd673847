//! Runs the lines of this example's README.

use std::path::Path;

use tower_auth_fixtures::{Program, lines};

const OWN: &str = include_str!("../README.md");
const BASE: &str = "http://127.0.0.1:3007";
/// The lines are for a shell at the workspace root.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

#[test]
fn every_line_of_the_readme_gives_the_answer_beside_it() {
    let exe = env!("CARGO_BIN_EXE_mcp-server");
    let program = Program::start(exe, ["127.0.0.1:0"], |line| line.starts_with("http://"));
    let lines = lines(OWN);
    assert_eq!(lines.len(), 4);
    for mut line in lines {
        line.command = line.command.replace(BASE, program.base());
        line.run(Path::new(ROOT));
    }
}
