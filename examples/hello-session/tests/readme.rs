//! Checks the programs and the lines in the project's README.

use std::path::Path;

use tower_auth_fixtures::{Line, Program, lines};

const README: &str = include_str!("../../../README.md");
const BASE: &str = "http://127.0.0.1:3002";
/// The programs of which the README shows parts, and the text of the README's lines that call each.
const PROGRAMS: [(&str, &str); 3] = [
    (include_str!("../src/main.rs"), BASE),
    (include_str!("../../tonic-service/src/main.rs"), "cargo run -p tonic-service --bin client"),
    (include_str!("../../resource-server/src/main.rs"), "http://127.0.0.1:3003"),
];

#[test]
fn each_program_in_the_readme_is_a_part_of_an_example() {
    let blocks: Vec<&str> = README.split("```rust\n").skip(1).collect();
    assert_eq!(blocks.len(), PROGRAMS.len());
    for (block, (program, _)) in blocks.iter().zip(PROGRAMS) {
        let (block, _) = block.split_once("```").unwrap();
        // The README shows the lines of a function without its indentation.
        let program: Vec<&str> = program.lines().map(str::trim_start).collect();
        for part in block.split("\n\n") {
            let part: Vec<&str> = part.lines().map(str::trim_start).collect();
            let found = program.windows(part.len()).any(|lines| lines == part);
            assert!(found, "no example has these lines: {part:#?}");
        }
    }
}

#[test]
fn every_line_of_the_readme_calls_one_of_the_programs() {
    for line in lines(README) {
        let called = PROGRAMS.iter().any(|(_, call)| line.command.contains(call));
        assert!(called, "{} calls no example", line.command);
    }
}

#[test]
fn every_line_that_calls_this_program_gives_the_answer_beside_it() {
    let exe = env!("CARGO_BIN_EXE_hello-session");
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hello-session");
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(&directory).unwrap();
    let database = directory.join("sessions.db");
    let arguments = ["127.0.0.1:0", database.to_str().unwrap()];
    let program = Program::start(exe, arguments, |line| line.starts_with("http://"));
    let calls = |line: &Line| line.command.contains(BASE);
    let lines: Vec<Line> = lines(README).into_iter().filter(calls).collect();
    assert!(lines.len() >= 4);
    for mut line in lines {
        line.command = line.command.replace(BASE, program.base());
        line.run(&directory);
    }
}
