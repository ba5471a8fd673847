//! The real program. A shell runs the lines that it prints.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tower_auth_fixtures::{Program, lines};

const SHOWCASE: &str = env!("CARGO_BIN_EXE_showcase");

const ANYWHERE: [&str; 2] = ["--listen", "127.0.0.1:0"];

fn start(args: &[&str]) -> Program {
    Program::start(SHOWCASE, ANYWHERE.iter().chain(args), is_up)
}

/// The message of a program that does not start.
fn refusal(args: &[&str]) -> String {
    Program::refuses(SHOWCASE, ANYWHERE.iter().chain(args), is_up)
}

fn is_up(line: &str) -> bool {
    line == "Stop with Ctrl-C."
}

/// A fresh directory for one test's cookie jars and keys.
fn directory(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn every_printed_line_gives_what_it_says() {
    let showcase = start(&[]);
    let directory = directory("printed-lines");
    let lines = lines(showcase.said());
    assert!(lines.len() >= 35, "{}", showcase.said());
    for line in lines {
        line.run(&directory);
    }
}

#[test]
fn every_printed_line_gives_what_it_says_under_tls() {
    let showcase = start(&["--tls"]);
    assert!(showcase.base().starts_with("https://127.0.0.1:"), "{}", showcase.said());
    let directory = directory("printed-lines-tls");
    for line in lines(showcase.said()) {
        line.run(&directory);
    }
}

#[test]
fn every_printed_line_gives_what_it_says_without_a_refresh_window() {
    let showcase = start(&["--refresh-window", "0"]);
    assert!(showcase.said().contains("The whole family ends."), "{}", showcase.said());
    let directory = directory("printed-lines-strict");
    for line in lines(showcase.said()) {
        line.run(&directory);
    }
}

#[test]
fn under_tls_browsers_are_told_to_stay_there() {
    let curl = |program: &Program| {
        let args = ["-sik", &format!("{}/", program.base())].map(ToOwned::to_owned);
        let output = Command::new("curl").args(args).output().unwrap();
        String::from_utf8(output.stdout).unwrap().to_ascii_lowercase()
    };
    assert!(curl(&start(&["--tls"])).contains("strict-transport-security: max-age=31536000"));
    assert!(!curl(&start(&[])).contains("strict-transport-security"));
}

#[test]
fn behind_a_proxy_the_public_origin_counts() {
    let showcase = start(&["--public-origin", "https://app.example"]);
    let directory = directory("public-origin");
    for line in lines(showcase.said()) {
        line.run(&directory);
    }
}

#[cfg(unix)]
#[test]
fn it_stops_though_someone_watches() {
    use std::io::Read as _;
    use std::process::Stdio;

    let showcase = start(&[]);
    let directory = directory("stopping");
    let curl = |line: String| {
        let line = line.replace("BASE", showcase.base());
        let mut shell = Command::new("sh");
        shell.args(["-c", &line]).current_dir(&directory).stdout(Stdio::piped());
        shell.spawn().unwrap()
    };
    let login = "curl -s -c alice.jar -d 'username=alice&password=wonderland' BASE/login";
    assert!(curl(login.into()).wait().unwrap().success());
    let watch = "curl -sN --http2-prior-knowledge -b alice.jar --data-binary @- -o - \
                 -H 'Content-Type: application/grpc' BASE/showcase.v1.Whoami/Watch";
    let mut watching = curl(format!("printf '\\0\\0\\0\\0\\0' | {watch}"));
    // The first message has arrived: the stream is open, and would stay open.
    let mut first = [0; 5];
    watching.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    assert!(showcase.interrupt().success());
    let _ = watching.wait().unwrap();
}

#[cfg(unix)]
#[test]
fn keys_are_kept_over_a_restart_in_a_file_of_ones_own() {
    use std::os::unix::fs::PermissionsExt;

    let keys = directory("keys").join("keys");
    let signing = keys.with_file_name("keys.jwt");
    let option = ["--keys", keys.to_str().unwrap()];
    drop(start(&option));
    let read = || [&keys, &signing].map(|file| fs::read(file).unwrap());
    let first = read();
    drop(start(&option));
    assert_eq!(read(), first);

    for file in [&keys, &signing] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
        let error = refusal(&option);
        assert!(error.contains("chmod 600"), "{error}");
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

#[test]
fn a_wrong_setting_ends_the_program_with_a_reason() {
    for (line, reason) in [
        (&["--store", "mysql://127.0.0.1"][..], "memory:"),
        (&["--public-origin", "not an origin"], "not an origin"),
        (&["--nonsense"], "--nonsense"),
        (&["--refresh-window", "301"], "window"),
    ] {
        let error = refusal(line);
        assert!(error.contains(reason), "{error}");
    }
}
