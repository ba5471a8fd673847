//! A server process.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// The longest time for a server to come up. A loaded machine is slow.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Starts the server, prints its process id, and kills it once the input is closed: when the handle
/// is dropped, and also when the test is killed.
const SUPERVISOR: &str =
    r#""$@" & echo "supervisor: $!"; read -r _; kill -9 $! 2>/dev/null; wait $!"#;

/// Returns a port of the loopback that is free at the moment.
///
/// # Panics
/// Panics if there is none.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback has a free port");
    listener.local_addr().expect("it is bound").port()
}

/// A running server.
#[derive(Debug)]
pub struct Process {
    supervisor: Child,
    server: Pid,
    log: Arc<Log>,
}

#[derive(Debug, Default)]
struct Log {
    said: Mutex<Said>,
    more: Condvar,
}

#[derive(Debug, Default)]
struct Said {
    lines: Vec<String>,
    ended: usize,
}

impl Process {
    /// Starts a server, and waits until it has printed a line that contains `is_up`.
    ///
    /// # Panics
    /// Panics with the server's output if the server does not start or does not come up.
    #[must_use]
    pub fn start(command: &[&str], is_up: &str) -> Self {
        let process = Self::spawn(command, None);
        process.wait_for(is_up);
        process
    }

    /// Starts a server. If this process is root, the server runs as `user`, because some servers
    /// refuse root.
    ///
    /// # Panics
    /// Panics if the server does not start.
    #[must_use]
    pub fn spawn(command: &[&str], user: Option<(u32, u32)>) -> Self {
        let mut supervisor = Command::new("sh");
        supervisor.args(["-c", SUPERVISOR, "supervisor"]).args(command);
        supervisor.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some((uid, gid)) = user {
            supervisor.uid(uid).gid(gid);
        }
        let mut supervisor = supervisor.spawn().expect("a shell runs");
        let log = Arc::new(Log::default());
        log.follow(supervisor.stdout.take().expect("its output is piped"));
        log.follow(supervisor.stderr.take().expect("its errors are piped"));
        let said = log.wait_for(&["supervisor: "]);
        let pid = said.strip_prefix("supervisor: ").and_then(|pid| pid.trim().parse().ok());
        let server = pid.and_then(Pid::from_raw).expect("the supervisor prints a process id");
        Self { supervisor, server, log }
    }

    /// Waits until the server has printed a line that contains `text`, and returns the line.
    ///
    /// # Panics
    /// Panics if the server ends, or does not print the line in time.
    #[allow(clippy::must_use_candidate, reason = "called for the waiting")]
    pub fn wait_for(&self, text: &str) -> String {
        self.wait_for_any(&[text])
    }

    /// Waits until the server has printed a line that contains one of `texts`, and returns the
    /// line.
    ///
    /// # Panics
    /// Panics if the server ends, or does not print the line in time.
    #[allow(clippy::must_use_candidate, reason = "called for the waiting")]
    pub fn wait_for_any(&self, texts: &[&str]) -> String {
        self.log.wait_for(texts)
    }

    /// Returns the server's output so far.
    #[must_use]
    pub fn said(&self) -> String {
        self.log.said.lock().unwrap_or_else(PoisonError::into_inner).lines.join("\n")
    }

    /// Pauses the server at any point of its work, like a machine that hangs (`SIGSTOP`).
    pub fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// Resumes the paused server.
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// Kills the server, like a power failure, and waits for its end.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        // When its input is closed, the supervisor waits for the server and ends.
        drop(self.supervisor.stdin.take());
        let _ = self.supervisor.wait();
    }

    /// Kills the server and its child processes. The children of a server with one process per
    /// connection would otherwise continue for a while.
    pub fn kill_all(&mut self) {
        // The paused server starts no further children.
        self.pause();
        let server = self.server.as_raw_nonzero();
        let children = fs::read_to_string(format!("/proc/{server}/task/{server}/children"));
        let children = children.unwrap_or_default();
        let children =
            children.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?));
        self.kill();
        for child in children {
            let _ = kill_process(child, Signal::KILL);
        }
    }

    fn signal(&self, signal: Signal) {
        // Fails only if the process has already ended.
        let _ = kill_process(self.server, signal);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Log {
    fn follow(self: &Arc<Self>, output: impl Read + Send + 'static) {
        let log = self.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(output).split(b'\n') {
                let Ok(line) = line else { break };
                let line = String::from_utf8_lossy(&line).into_owned();
                log.note(|said| said.lines.push(line));
            }
            log.note(|said| said.ended += 1);
        });
    }

    fn note(&self, what: impl FnOnce(&mut Said)) {
        what(&mut self.said.lock().unwrap_or_else(PoisonError::into_inner));
        self.more.notify_all();
    }

    fn wait_for(&self, texts: &[&str]) -> String {
        let is_it = |line: &&String| texts.iter().any(|text| line.contains(text));
        let until = Instant::now() + PATIENCE;
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(line) = said.lines.iter().find(is_it) {
                return line.clone();
            }
            let left = until.saturating_duration_since(Instant::now());
            assert!(
                said.ended < 2 && !left.is_zero(),
                "none of {texts:?} was printed; the output is:\n{}",
                said.lines.join("\n")
            );
            said = self.more.wait_timeout(said, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
