//! Shell commands in documents, with their expected results.

use std::path::Path;
use std::process::Command;

/// A shell command, with the line `# => status | text | text` that follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line {
    /// The command.
    pub command: String,
    /// The expected status: the HTTP status for `curl`, otherwise the program's exit status.
    pub status: u16,
    /// Texts that the output must contain.
    pub shows: Vec<String>,
}

/// Returns the commands in a text, in order: those that begin with `curl`, those that pipe into it,
/// and those with `cargo run` that have an expected result. Any other `cargo run` starts a server.
///
/// # Panics
/// Panics if a `curl` command has no expected result, because it would test nothing.
///
/// ```
/// let text = "curl -si http://127.0.0.1:3000/me\n# => 401 | www-authenticate: Session\n";
/// let lines = tower_auth_fixtures::lines(text);
/// assert_eq!(lines[0].status, 401);
/// assert_eq!(lines[0].shows, ["www-authenticate: Session"]);
///
/// let text = "cargo run -p server\n\ncargo run -p client -- --token garbage\n# => 1 | refused\n";
/// let lines = tower_auth_fixtures::lines(text);
/// assert_eq!((lines.len(), lines[0].status), (1, 1));
/// ```
#[must_use]
pub fn lines(text: &str) -> Vec<Line> {
    let mut lines = text.lines().map(str::trim).peekable();
    let mut found = Vec::new();
    while let Some(command) = lines.next() {
        let is_cargo = command.starts_with("cargo run ");
        if !is_cargo && !asks_curl(command) {
            continue;
        }
        let says = lines.peek().and_then(|line| line.strip_prefix("# => "));
        if is_cargo && says.is_none() {
            continue;
        }
        let says = says.unwrap_or_else(|| panic!("no expected result for: {command}"));
        let mut parts = says.split(" | ");
        let status = parts.next().and_then(|status| status.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no expected status for: {command}"));
        let shows = parts.map(Into::into).collect();
        found.push(Line { command: command.into(), status, shows });
    }
    found
}

fn asks_curl(command: &str) -> bool {
    command.starts_with("curl ") || (command.starts_with("printf ") && command.contains("| curl "))
}

impl Line {
    /// Runs the command with a shell in `directory`, and compares the result. A test may replace
    /// the command, for example by the program that `cargo run` would run.
    ///
    /// # Panics
    /// Panics if the result is not the expected one, or if there is no shell or no `curl`.
    pub fn run(&self, directory: &Path) {
        let output = Command::new("sh")
            .args(["-c", &self.command])
            .current_dir(directory)
            .output()
            .expect("a shell runs");
        let answer = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        let mut answer = answer.into_owned();
        if asks_curl(&self.command) {
            let ended = output.status;
            assert!(ended.success(), "{}\n{ended}\n{errors}{answer}", self.command);
            let status = answer.split_whitespace().nth(1).and_then(|word| word.parse().ok());
            assert_eq!(status, Some(self.status), "{}\n{answer}", self.command);
        } else {
            answer.push_str(&errors);
            let status = output.status.code();
            assert_eq!(status, Some(self.status.into()), "{}\n{answer}", self.command);
        }
        for text in &self.shows {
            assert!(answer.contains(text.as_str()), "{}\nlacks {text}\n{answer}", self.command);
        }
    }
}
