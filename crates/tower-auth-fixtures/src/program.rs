//! A program under test.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
#[cfg(unix)]
use std::process::ExitStatus;
use std::process::{Child, Command, Stdio};

#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process};

/// A running program. It is killed on drop.
#[derive(Debug)]
pub struct Program {
    child: Child,
    said: String,
}

impl Program {
    /// Starts a program, and reads its output until `is_up` returns `true` for a line.
    ///
    /// # Panics
    /// Panics if the program cannot be started, or ends before that line.
    pub fn start<A: AsRef<OsStr>>(
        path: impl AsRef<OsStr>,
        args: impl IntoIterator<Item = A>,
        is_up: impl Fn(&str) -> bool,
    ) -> Self {
        let (program, is_up) = Self::spawn(path, args, Stdio::inherit(), is_up);
        assert!(is_up, "the program ended after this output:\n{}", program.said);
        program
    }

    /// Starts a program that must fail to start. Returns its error output.
    ///
    /// # Panics
    /// Panics if the program comes up, or exits successfully.
    pub fn refuses<A: AsRef<OsStr>>(
        path: impl AsRef<OsStr>,
        args: impl IntoIterator<Item = A>,
        is_up: impl Fn(&str) -> bool,
    ) -> String {
        let (mut program, is_up) = Self::spawn(path, args, Stdio::piped(), is_up);
        assert!(!is_up, "the program came up with this output:\n{}", program.said);
        let mut errors = String::new();
        let output = program.child.stderr.as_mut().expect("its errors are piped");
        output.read_to_string(&mut errors).expect("it prints UTF-8");
        let status = program.child.wait().expect("it ends");
        assert!(!status.success(), "{status}: {errors}");
        errors
    }

    fn spawn<A: AsRef<OsStr>>(
        path: impl AsRef<OsStr>,
        args: impl IntoIterator<Item = A>,
        errors: Stdio,
        is_up: impl Fn(&str) -> bool,
    ) -> (Self, bool) {
        let mut child = Command::new(path)
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .expect("the program starts");
        let output = child.stdout.take().expect("its output is piped");
        let mut program = Self { child, said: String::new() };
        for line in BufReader::new(output).lines() {
            let line = line.expect("it prints UTF-8");
            program.said.push_str(&line);
            program.said.push('\n');
            if is_up(&line) {
                return (program, true);
            }
        }
        (program, false)
    }

    /// Interrupts the program, as Ctrl-C does, and waits for its end.
    ///
    /// # Panics
    /// Panics if the program has already ended.
    #[cfg(unix)]
    #[must_use]
    pub fn interrupt(mut self) -> ExitStatus {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(id.expect("it has a process id"), Signal::INT).expect("it runs");
        self.child.wait().expect("it ends")
    }

    /// Returns the program's output so far.
    #[must_use]
    pub fn said(&self) -> &str {
        &self.said
    }

    /// Returns the first address in the output.
    ///
    /// # Panics
    /// Panics if there is none.
    #[must_use]
    pub fn base(&self) -> &str {
        let mut words = self.said.split_whitespace();
        let base = words.find(|word| word.starts_with("http://") || word.starts_with("https://"));
        base.expect("the program names its address")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
