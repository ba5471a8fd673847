//! Child processes that end together with this process.

use std::error::Error;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, Lines};
use tokio::process::{ChildStdout, Command};

/// The first argument of a child, which selects its role.
pub(crate) const NODE: &str = "node";
pub(crate) const REDIS: &str = "redis";

/// A child process that runs this program in another role.
pub(crate) struct Child {
    /// The child's input closes when this is dropped, in every case.
    process: tokio::process::Child,
    output: Lines<BufReader<ChildStdout>>,
    said: String,
}

impl Child {
    /// Starts the child, and waits for the last line of its greeting.
    pub(crate) async fn start(
        args: &[&str],
        is_up: impl Fn(&str) -> bool,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn()?;
        let output = process.stdout.take().ok_or("a child without its output")?;
        let mut child =
            Self { process, output: BufReader::new(output).lines(), said: String::new() };
        while let Some(line) = child.output.next_line().await? {
            if is_up(&line) {
                return Ok(child);
            }
            child.said.push_str(&line);
            child.said.push('\n');
        }
        // The child printed the reason to standard error, which it shares with this process.
        Err(format!("the child process {:?} ended at once", args.first().unwrap_or(&"")).into())
    }

    /// The first word of the greeting with this prefix.
    pub(crate) fn word(&self, start: &str) -> Option<String> {
        let mut words = self.said.split_whitespace();
        words.find(|word| word.starts_with(start)).map(ToOwned::to_owned)
    }

    /// Waits until the child ends.
    pub(crate) async fn ended(&mut self) {
        // The output must be read, because a full pipe would block the child.
        while let Ok(Some(_)) = self.output.next_line().await {}
        let _ = self.process.wait().await;
    }
}

/// Runs the showcase until the input closes.
pub(crate) async fn node(mut line: lexopt::Parser) -> Result<(), Box<dyn Error + Send + Sync>> {
    let _ = line.value()?;
    tokio::select! {
        ended = showcase::run(line) => ended,
        () = closed() => Ok(()),
    }
}

/// Waits until the input closes, which means that the parent process has ended.
pub(crate) async fn closed() {
    let mut input = tokio::io::stdin();
    let mut byte = [0];
    while matches!(input.read(&mut byte).await, Ok(1)) {}
}
