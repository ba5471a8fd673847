//! Lines to run, and what they are said to give.

use std::path::Path;
use std::process::Command;

/// A `curl` line, with the line `# => status | text | text` that follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line {
    /// What to run.
    pub command: String,
    /// The status that it is said to give.
    pub status: u16,
    /// What the answer is said to contain.
    pub shows: Vec<String>,
}

/// Every line to run in a text, in order.
///
/// # Panics
/// A `curl` line that nothing is said of: then nothing would be tested.
///
/// ```
/// let text = "curl -si http://127.0.0.1:3000/me\n# => 401 | www-authenticate: Session\n";
/// let lines = tower_auth_fixtures::lines(text);
/// assert_eq!(lines[0].status, 401);
/// assert_eq!(lines[0].shows, ["www-authenticate: Session"]);
/// ```
#[must_use]
pub fn lines(text: &str) -> Vec<Line> {
    let mut lines = text.lines().map(str::trim);
    let mut found = Vec::new();
    while let Some(command) = lines.next() {
        if !command.starts_with("curl ") {
            continue;
        }
        let says = lines.next().and_then(|line| line.strip_prefix("# => "));
        let says = says.unwrap_or_else(|| panic!("nothing is said of: {command}"));
        let mut parts = says.split(" | ");
        let status = parts.next().and_then(|status| status.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no status is said of: {command}"));
        let shows = parts.map(Into::into).collect();
        found.push(Line { command: command.into(), status, shows });
    }
    found
}

impl Line {
    /// Runs it by a shell in that directory, and compares.
    ///
    /// # Panics
    /// The answer is not what the line is said to give, or there is no shell or no curl.
    pub fn run(&self, directory: &Path) {
        let output = Command::new("sh")
            .args(["-c", &self.command])
            .current_dir(directory)
            .output()
            .expect("a shell runs");
        let answer = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}\n{}\n{errors}{answer}", self.command, output.status);
        let status = answer.split_whitespace().nth(1).and_then(|word| word.parse().ok());
        assert_eq!(status, Some(self.status), "{}\n{answer}", self.command);
        for text in &self.shows {
            assert!(answer.contains(text.as_str()), "{}\nlacks {text}\n{answer}", self.command);
        }
    }
}
