//! Memcached.

use super::process::{Process, free_port};

/// A Memcached server. Its content is lost on a restart.
#[derive(Debug)]
pub struct Memcached {
    process: Process,
    port: u16,
    settings: Vec<String>,
}

impl Memcached {
    /// Starts a server.
    ///
    /// # Panics
    /// Panics if the server does not come up.
    #[must_use]
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Starts a server with further settings, such as `["-m", "1"]`.
    ///
    /// # Panics
    /// Panics if the server does not come up.
    #[must_use]
    pub fn with(settings: &[&str]) -> Self {
        let port = free_port();
        let settings: Vec<_> = settings.iter().map(|&it| it.to_owned()).collect();
        Self { process: run(port, &settings), port, settings }
    }

    /// Returns the server's port on the loopback.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Pauses the server; see [`Process::pause`].
    pub fn pause(&self) {
        self.process.pause();
    }

    /// Resumes the server; see [`Process::resume`].
    pub fn resume(&self) {
        self.process.resume();
    }

    /// Kills the server; see [`Process::kill`].
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Restarts the server on the same port, empty.
    ///
    /// # Panics
    /// Panics if the server does not come up.
    pub fn restart(&mut self) {
        self.process.kill();
        self.process = run(self.port, &self.settings);
    }
}

fn run(port: u16, settings: &[String]) -> Process {
    let port = port.to_string();
    // Runs as the user of the tests. As root, memcached requires `-u`.
    let mut command = vec!["memcached", "-vv", "-l", "127.0.0.1", "-p", &port, "-U", "0"];
    command.extend(["-u", "root"]);
    command.extend(settings.iter().map(String::as_str));
    Process::start(&command, "server listening")
}
