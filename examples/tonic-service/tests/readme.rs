//! The README's lines, run.

use std::path::Path;

use tower_auth_fixtures::{Program, lines};

const README: &str = include_str!("../README.md");
const CLIENT: &str = "cargo run -p tonic-service --bin client";

#[test]
fn every_line_of_the_readme_gives_what_it_says() {
    let exe = env!("CARGO_BIN_EXE_tonic-service");
    let server = Program::start(exe, ["127.0.0.1:0"], |line| line.starts_with("export BOB="));
    let (_, exports) = server.said().split_once('\n').unwrap();
    // The built client, at the address that this server has.
    let client = format!("{} --url {}", env!("CARGO_BIN_EXE_client"), server.base());
    let lines = lines(README);
    assert_eq!(lines.len(), 5);
    for mut line in lines {
        let rest = line.command.strip_prefix(CLIENT).unwrap();
        line.command = format!("{exports}{client} {}", rest.trim_start_matches(" -- "));
        line.run(Path::new(env!("CARGO_TARGET_TMPDIR")));
    }
}
