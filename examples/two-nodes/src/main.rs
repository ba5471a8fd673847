//! Two processes of the showcase on one Redis. The README has lines to try.
//!
//! This program starts itself again for each node, and for its own Redis if none is given. A child
//! lives until its input closes, so no child remains, however this process ends.

mod child;
mod redis;

use std::error::Error;
use std::process::ExitCode;

use child::Child;
use lexopt::prelude::*;

/// The program prints its last code block, with the real addresses.
const README: &str = include_str!("../README.md");
const ADDRESSES: [&str; 2] = ["127.0.0.1:3001", "127.0.0.1:3002"];

const HELP: &str = "\
Two nodes of the showcase on one Redis.

usage: cargo run -p two-nodes -- [options]

  --redis URL        the Redis of both nodes, or another store that the showcase's
                     --store accepts and two processes can share; without it, the
                     program starts this machine's redis-server
  --listen ADDRESS   the address of the first node; the second time, that of the second
                     node (127.0.0.1:3001, 127.0.0.1:3002); port 0 selects a free port
  --help             this text
";

#[tokio::main]
async fn main() -> ExitCode {
    let mut line = lexopt::Parser::from_env();
    let ended = match line.raw_args().ok().and_then(|args| args.peek().map(ToOwned::to_owned)) {
        Some(word) if word == child::NODE => child::node(line).await,
        Some(word) if word == child::REDIS => redis::serve(line).await,
        _ => run(line).await,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("two-nodes: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(mut line: lexopt::Parser) -> Result<(), Box<dyn Error + Send + Sync>> {
    let (mut store, mut listen) = (None, Vec::new());
    while let Some(arg) = line.next()? {
        match arg {
            Long("redis") => store = Some(line.value()?.string()?),
            Long("listen") => listen.push(line.value()?.string()?),
            Long("help") | Short('h') => {
                print!("{HELP}");
                return Ok(());
            }
            other => return Err(other.unexpected().into()),
        }
    }
    // Only the owner can read this directory, because it contains the key ring.
    let directory = tempfile::tempdir()?;
    let keys = directory.path().join("keys").to_string_lossy().into_owned();
    let (store, _redis) = match store {
        Some(store) => (store, None),
        None => redis::start(directory.path()).await.map(|(url, redis)| (url, Some(redis)))?,
    };

    let mut nodes = Vec::new();
    for (number, address) in ADDRESSES.iter().enumerate() {
        let listen = listen.get(number).map_or(*address, String::as_str);
        // The first node creates the keys, and the second one reads them.
        let args = [child::NODE, "--listen", listen, "--store", &store, "--keys", &keys];
        let node = Child::start(&args, |line| line == "Stop with Ctrl-C.").await?;
        let base = node.word("http://").ok_or("a node did not print its address")?;
        nodes.push((base, node));
    }

    let mut lines = README.split("```sh\n").last().and_then(|it| it.split("```").next());
    let mut lines = lines.take().unwrap_or_default().to_owned();
    println!("Two nodes of one application, on one store:\n");
    for ((base, _), address) in nodes.iter().zip(ADDRESSES) {
        println!("  {base}");
        lines = lines.replace(&format!("http://{address}"), base);
    }
    println!("\nTo try, from another shell:\n\n{lines}\nStop with Ctrl-C.");
    let [(_, one), (_, two)] = &mut nodes[..] else { return Ok(()) };
    tokio::select! {
        stopped = tokio::signal::ctrl_c() => Ok(stopped?),
        () = one.ended() => Err("the first node has ended".into()),
        () = two.ended() => Err("the second node has ended".into()),
    }
}
