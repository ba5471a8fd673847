//! Runs the lines of the README.

use std::path::Path;

use tower_auth_fixtures::{Program, lines};

const README: &str = include_str!("../README.md");

#[test]
fn every_line_of_the_readme_gives_what_it_says() {
    let exe = env!("CARGO_BIN_EXE_axum-existing-router");
    let program = Program::start(exe, ["127.0.0.1:0"], |line| line.starts_with("http://"));
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("existing-router");
    std::fs::create_dir_all(&directory).unwrap();
    let lines = lines(&README.replace("http://127.0.0.1:3001", program.base()));
    assert_eq!(lines.len(), 6);
    for line in lines {
        line.run(&directory);
    }
}

#[test]
fn the_finished_router_knows_nothing_of_the_layers_and_wrapping_it_takes_under_ten_lines() {
    assert!(!include_str!("../src/finished.rs").contains("tower_auth"));
    let main = include_str!("../src/main.rs");
    let app = main.split_once("fn app() -> ").unwrap().1;
    let body = app.split_once(" {\n").unwrap().1.split_once("\n}").unwrap().0;
    assert!(body.lines().count() < 10, "{body}");
}
