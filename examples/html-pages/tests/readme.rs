//! Runs the lines of the README.

use std::path::Path;

use tower_auth_fixtures::{Program, lines};

#[test]
fn every_line_of_the_readme_gives_what_it_says() {
    let exe = env!("CARGO_BIN_EXE_html-pages");
    let program = Program::start(exe, ["127.0.0.1:0"], |line| line.starts_with("http://"));
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("html-pages");
    std::fs::create_dir_all(&directory).unwrap();
    let readme = include_str!("../README.md");
    let lines = lines(&readme.replace("http://127.0.0.1:3006", program.base()));
    assert_eq!(lines.len(), 10);
    for line in lines {
        line.run(&directory);
    }
}
