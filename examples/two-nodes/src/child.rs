//! Processes that live as long as this one does.

use std::error::Error;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, Lines};
use tokio::process::{ChildStdout, Command};

/// The first word of a child's command line.
pub(crate) const NODE: &str = "node";
pub(crate) const REDIS: &str = "redis";

/// This program once more, in another part.
pub(crate) struct Child {
    /// Its input is closed when this is dropped, however that comes to be.
    process: tokio::process::Child,
    output: Lines<BufReader<ChildStdout>>,
    said: String,
}

impl Child {
    /// Starts it, and waits for the last line of its greeting.
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
        // It has said why on the error output, which is this program's too.
        Err(format!("what was to be the {} ended at once", args.first().unwrap_or(&"")).into())
    }

    /// The first word of its greeting that begins so.
    pub(crate) fn word(&self, start: &str) -> Option<String> {
        let mut words = self.said.split_whitespace();
        words.find(|word| word.starts_with(start)).map(ToOwned::to_owned)
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self) {
        // What it goes on to say must be read, or it would wait to say it.
        while let Ok(Some(_)) = self.output.next_line().await {}
        let _ = self.process.wait().await;
    }
}

/// The showcase, as long as the input is open.
pub(crate) async fn node(mut line: lexopt::Parser) -> Result<(), Box<dyn Error + Send + Sync>> {
    let _ = line.value()?;
    tokio::select! {
        ended = showcase::run(line) => ended,
        () = closed() => Ok(()),
    }
}

/// The input is closed: who started this process is gone.
pub(crate) async fn closed() {
    let mut input = tokio::io::stdin();
    let mut byte = [0];
    while matches!(input.read(&mut byte).await, Ok(1)) {}
}
