//! A single Redis.

use std::process::Command;

use tempfile::TempDir;

use super::process::{Process, free_port};

/// What it says when it may be asked.
pub(super) const UP: &str = "Ready to accept connections";

/// A Redis node that keeps what it acknowledged over a restart.
#[derive(Debug)]
pub struct Redis {
    process: Process,
    directory: TempDir,
    port: u16,
    settings: Vec<String>,
}

impl Redis {
    /// Starts one.
    ///
    /// # Panics
    /// It does not come up.
    #[must_use]
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Starts one with further settings, such as `["--maxmemory", "8mb"]`.
    ///
    /// # Panics
    /// It does not come up.
    #[must_use]
    pub fn with(settings: &[&str]) -> Self {
        Self::at(free_port(), settings)
    }

    pub(super) fn at(port: u16, settings: &[&str]) -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        let settings: Vec<_> = settings.iter().map(|&it| it.to_owned()).collect();
        let process = run(port, &directory, &settings);
        Self { process, directory, port, settings }
    }

    /// Where it listens, on the loopback.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// `redis://127.0.0.1:…`
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Says a command to it, as `redis-cli` does; answers what was printed.
    ///
    /// # Panics
    /// It does not answer.
    #[must_use]
    pub fn cli(&self, command: &[&str]) -> String {
        cli(self.port, command)
    }

    /// See [`Process::pause`].
    pub fn pause(&self) {
        self.process.pause();
    }

    /// See [`Process::resume`].
    pub fn resume(&self) {
        self.process.resume();
    }

    /// See [`Process::kill`].
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts it again on the same port, with what it had written.
    ///
    /// # Panics
    /// It does not come up.
    pub fn restart(&mut self) {
        self.process.kill();
        self.process = run(self.port, &self.directory, &self.settings);
    }

    /// Its process, to see what it says.
    #[must_use]
    pub const fn process(&self) -> &Process {
        &self.process
    }
}

fn run(port: u16, directory: &TempDir, settings: &[String]) -> Process {
    let (port, directory) = (port.to_string(), directory.path().to_string_lossy());
    let mut command = vec!["redis-server", "--port", &port, "--bind", "127.0.0.1"];
    command.extend(["--dir", &directory, "--save", "", "--appendonly", "yes"]);
    // What it acknowledged is on the disk: the kill of a process loses nothing then.
    command.extend(["--appendfsync", "no", "--protected-mode", "no"]);
    command.extend(settings.iter().map(String::as_str));
    Process::start(&command, UP)
}

/// How often a command is sent again when the server closes the connection without an answer.
const RETRIES: usize = 20;

/// Sends `command` to the server on `port` and returns the answer.
///
/// A Sentinel that gives a server another role closes the connections of all its clients, and
/// `redis-cli` may be one of them. Such a command is sent again.
pub(super) fn cli(port: u16, command: &[&str]) -> String {
    let mut retries = RETRIES;
    loop {
        let output = Command::new("redis-cli")
            .args(["-h", "127.0.0.1", "-p", &port.to_string()])
            .args(command)
            .output()
            .expect("redis-cli runs");
        let answer = String::from_utf8_lossy(&output.stdout);
        if output.status.success() {
            return answer.trim_end().to_owned();
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let closed = said.contains("closed the connection") || said.contains("reset by peer");
        assert!(closed && retries > 0, "{command:?}: {answer}{said}");
        retries -= 1;
    }
}
