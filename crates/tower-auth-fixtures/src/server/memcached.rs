//! Memcached.

use super::process::{Process, free_port};

/// A Memcached; what it held is gone when it restarts.
#[derive(Debug)]
pub struct Memcached {
    process: Process,
    port: u16,
    settings: Vec<String>,
}

impl Memcached {
    /// Starts one.
    ///
    /// # Panics
    /// It does not come up.
    #[must_use]
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Starts one with further settings, such as `["-m", "1"]`.
    ///
    /// # Panics
    /// It does not come up.
    #[must_use]
    pub fn with(settings: &[&str]) -> Self {
        let port = free_port();
        let settings: Vec<_> = settings.iter().map(|&it| it.to_owned()).collect();
        Self { process: run(port, &settings), port, settings }
    }

    /// Where it listens, on the loopback.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
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

    /// Starts it again on the same port, empty.
    ///
    /// # Panics
    /// It does not come up.
    pub fn restart(&mut self) {
        self.process.kill();
        self.process = run(self.port, &self.settings);
    }
}

fn run(port: u16, settings: &[String]) -> Process {
    let port = port.to_string();
    // As whoever runs the tests; root must say so.
    let mut command = vec!["memcached", "-vv", "-l", "127.0.0.1", "-p", &port, "-U", "0"];
    command.extend(["-u", "root"]);
    command.extend(settings.iter().map(String::as_str));
    Process::start(&command, "server listening")
}
