//! Runs the lines of the README.

use std::path::Path;

use tower_auth_fixtures::{Program, lines};

const README: &str = include_str!("../README.md");

#[test]
fn every_line_of_the_readme_gives_what_it_says() {
    let exe = env!("CARGO_BIN_EXE_custom-order");
    let program = Program::start(exe, ["127.0.0.1:0"], |line| line.starts_with("http://"));
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("custom-order");
    std::fs::create_dir_all(&directory).unwrap();
    let lines = lines(&README.replace("http://127.0.0.1:3004", program.base()));
    assert_eq!(lines.len(), 7);
    for line in lines {
        line.run(&directory);
    }
}
