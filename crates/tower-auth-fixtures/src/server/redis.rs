//! A single Redis server.

use std::process::Command;

use tempfile::TempDir;

use super::process::{Process, free_port};

/// The line that Redis prints when it accepts commands.
pub(super) const UP: &str = "Ready to accept connections";

/// A Redis node whose acknowledged writes survive a restart.
#[derive(Debug)]
pub struct Redis {
    process: Process,
    directory: TempDir,
    port: u16,
    settings: Vec<String>,
}

impl Redis {
    /// Starts a node.
    ///
    /// # Panics
    /// Panics if the node does not come up.
    #[must_use]
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Starts a node with further settings, such as `["--maxmemory", "8mb"]`.
    ///
    /// # Panics
    /// Panics if the node does not come up.
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

    /// Returns the node's port on the loopback.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Returns the node's address, `redis://127.0.0.1:…`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Sends a command with `redis-cli`, and returns its output.
    ///
    /// # Panics
    /// Panics if the node does not answer.
    #[must_use]
    pub fn cli(&self, command: &[&str]) -> String {
        cli(self.port, command)
    }

    /// Pauses the node; see [`Process::pause`].
    pub fn pause(&self) {
        self.process.pause();
    }

    /// Resumes the node; see [`Process::resume`].
    pub fn resume(&self) {
        self.process.resume();
    }

    /// Kills the node; see [`Process::kill`].
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Restarts the node on the same port, with its data.
    ///
    /// # Panics
    /// Panics if the node does not come up.
    pub fn restart(&mut self) {
        self.process.kill();
        self.process = run(self.port, &self.directory, &self.settings);
    }

    /// Returns the node's process, to read its output.
    #[must_use]
    pub const fn process(&self) -> &Process {
        &self.process
    }
}

fn run(port: u16, directory: &TempDir, settings: &[String]) -> Process {
    let (port, directory) = (port.to_string(), directory.path().to_string_lossy());
    let mut command = vec!["redis-server", "--port", &port, "--bind", "127.0.0.1"];
    command.extend(["--dir", &directory, "--save", "", "--appendonly", "yes"]);
    // The kernel has all acknowledged writes, so killing the process loses none.
    command.extend(["--appendfsync", "no", "--protected-mode", "no"]);
    command.extend(settings.iter().map(String::as_str));
    Process::start(&command, UP)
}

/// The maximum number of retries when the server closes the connection without an answer.
const RETRIES: usize = 20;

/// Sends `command` to the server on `port`, and returns the reply.
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
