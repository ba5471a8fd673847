//! The project's README shows this program, and what it answers.

use std::path::Path;

use tower_auth_fixtures::{Program, lines};

const README: &str = include_str!("../../../README.md");
const PROGRAM: &str = include_str!("../src/main.rs");

#[test]
fn the_readme_shows_this_program() {
    let (_, program) = PROGRAM.split_once("\n\n").unwrap();
    assert!(README.contains(&format!("```rust\n{program}```\n")), "copy src/main.rs to README.md");
}

#[test]
fn every_line_of_the_readme_gives_what_it_says() {
    let exe = env!("CARGO_BIN_EXE_hello-session");
    let program = Program::start(exe, ["127.0.0.1:0"], |line| line.starts_with("http://"));
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hello-session");
    std::fs::create_dir_all(&directory).unwrap();
    let lines = lines(&README.replace("http://127.0.0.1:3002", program.base()));
    assert!(lines.len() >= 4);
    for line in lines {
        line.run(&directory);
    }
}
