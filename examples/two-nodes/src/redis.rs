//! A Redis only for this example, on a free port of the loopback. It ends with the example.

use std::error::Error;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use crate::child::{self, Child};

/// Starts the server, and returns its address.
pub(crate) async fn start(
    directory: &Path,
) -> Result<(String, Child), Box<dyn Error + Send + Sync>> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port().to_string();
    let directory = directory.to_string_lossy();
    let args = [child::REDIS, &port, &directory];
    let redis = Child::start(&args, |line| line.contains("Ready to accept connections")).await?;
    Ok((format!("redis://127.0.0.1:{port}"), redis))
}

/// Runs `redis-server` until the input closes.
pub(crate) async fn serve(mut line: lexopt::Parser) -> Result<(), Box<dyn Error + Send + Sync>> {
    let _ = line.value()?;
    let (port, directory) = (line.value()?, line.value()?);
    let mut command = Command::new("redis-server");
    command.arg("--port").arg(port).arg("--dir").arg(directory);
    // Nothing is persisted, because the sessions' keys are lost at the end too.
    command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
    command.stdin(Stdio::null()).kill_on_drop(true);
    let mut server = command.spawn().map_err(|error| match error.kind() {
        ErrorKind::NotFound => "this machine has no redis-server: install it (Debian's \
                                package is redis-server), or name a Redis with --redis URL"
            .into(),
        _ => format!("redis-server: {error}"),
    })?;
    tokio::select! {
        ended = server.wait() => Err(format!("redis-server has ended: {}", ended?).into()),
        () = child::closed() => Ok(server.kill().await?),
    }
}
