//! PostgreSQL.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::process::{Process, free_port};

/// A PostgreSQL server with an empty database `postgres`. Its superuser `postgres` has no password.
#[derive(Debug)]
pub struct Postgres {
    process: Process,
    directory: TempDir,
    port: u16,
    user: Option<(u32, u32)>,
}

impl Postgres {
    /// Starts a server.
    ///
    /// # Panics
    /// Panics if the server does not come up.
    #[must_use]
    pub fn start() -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        // PostgreSQL refuses to run as root.
        let is_root = fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0);
        let user = is_root.then(|| account("postgres").or_else(|| account("nobody")));
        let user = user.map(|it| it.expect("an account without privileges"));
        if let Some((uid, gid)) = user {
            chown(directory.path(), Some(uid), Some(gid)).expect("root may give away");
        }
        let data = directory.path().join("data");
        let mut initdb = Command::new(program("initdb"));
        initdb.args([
            "--no-sync",
            "-A",
            "trust",
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--locale=C",
            "-D",
        ]);
        initdb.arg(&data).current_dir("/");
        if let Some((uid, gid)) = user {
            initdb.uid(uid).gid(gid);
        }
        let output = initdb.output().expect("initdb runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let port = free_port();
        let process = run(port, &directory, user);
        Self { process, directory, port, user }
    }

    /// Returns the server's port on the loopback.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Returns the server's address, `postgres://postgres@127.0.0.1:…/postgres`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Pauses the server; see [`Process::pause`]. Only the server's first process stops, which
    /// accepts new connections. Existing connections continue.
    pub fn pause(&self) {
        self.process.pause();
    }

    /// Resumes the server; see [`Process::resume`].
    pub fn resume(&self) {
        self.process.resume();
    }

    /// Kills the server with its child processes; see [`Process::kill_all`].
    pub fn kill(&mut self) {
        self.process.kill_all();
    }

    /// Restarts the server on the same port, with its data.
    ///
    /// # Panics
    /// Panics if the server does not come up.
    pub fn restart(&mut self) {
        self.kill();
        self.process = run(self.port, &self.directory, self.user);
    }
}

const READY: &str = "database system is ready to accept connections";
/// The error if connection processes of the killed server are still ending.
const HELD: &str = "pre-existing shared memory block";

fn run(port: u16, directory: &TempDir, user: Option<(u32, u32)>) -> Process {
    let (port, at) = (port.to_string(), directory.path().to_string_lossy());
    let data = format!("{at}/data");
    // After a kill, another process of the server may still hold the file.
    let _ = fs::remove_file(format!("{data}/postmaster.pid"));
    let postgres = program("postgres");
    let postgres = postgres.to_string_lossy();
    let command = [
        &*postgres,
        "-D",
        &data,
        "-p",
        &port,
        "-k",
        &at,
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        "fsync=off",
        "-c",
        "max_connections=200",
    ];
    loop {
        let process = Process::spawn(&command, user);
        let said = process.wait_for_any(&[READY, HELD]);
        if said.contains(READY) {
            return process;
        }
    }
}

/// Debian has a separate directory for the programs of each server version.
fn program(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut paths: Vec<_> = versions.map(|it| it.path().join("bin").join(name)).collect();
    paths.retain(|it| it.exists());
    paths.sort();
    paths.pop().unwrap_or_else(|| name.into())
}

fn account(name: &str) -> Option<(u32, u32)> {
    let accounts = fs::read_to_string("/etc/passwd").ok()?;
    let account = accounts.lines().find_map(|line| line.strip_prefix(&format!("{name}:")))?;
    let mut fields = account.split(':').skip(1);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}
