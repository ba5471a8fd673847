//! Requests per second over HTTP/1.1 with keep-alive on the loopback, as a ratio to bare axum.
//!
//! There are two servers for each stack: bare axum, and the same router inside the layers. Both
//! receive the same request under the same load, in turn, pair after pair, and the program prints
//! the median of the pairs' ratios. A pair is short, so that other load on the machine affects both
//! halves.
//!
//! `http` measures all stacks; `http PAIRS REQUESTS` sets the number of pairs and of requests in
//! each.

#![allow(clippy::disallowed_methods, reason = "measures real time")]

use std::error::Error;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tower_auth_bench::figures::median;
use tower_auth_bench::served::{HELLO, Served, all, bare};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const CONNECTIONS: u32 = 32;

fn main() -> Result<()> {
    let numbers: Vec<u32> =
        std::env::args().skip(1).map(|it| it.parse()).collect::<std::result::Result<_, _>>()?;
    let pairs = numbers.first().copied().unwrap_or(15);
    let requests = numbers.get(1).copied().unwrap_or(20_000);
    // One thread each: two processors are enough, and neither thread takes the other's.
    let server = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let load = Builder::new_current_thread().enable_all().build()?;

    println!("{pairs} pairs of {requests} requests each, {CONNECTIONS} connections\n");
    println!("| stack | of bare axum | aim | bare, requests a second |");
    println!("|---|--:|--:|--:|");
    for Served { name, aim, router, request } in all() {
        let bare = serve(&server, bare())?;
        let inside = serve(&server, router)?;
        // Caches and branch predictors are warm before the measurement.
        seconds(&load, bare, &request, requests / 4)?;
        seconds(&load, inside, &request, requests / 4)?;
        let mut ratios = Vec::new();
        let mut bares = Vec::new();
        for _ in 0..pairs {
            let alone = seconds(&load, bare, &request, requests)?;
            let within = seconds(&load, inside, &request, requests)?;
            ratios.push(alone / within);
            bares.push(f64::from(requests) / alone);
        }
        println!("| {name} | {:.2} | ≥ {aim:.2} | {:.0} |", median(ratios), median(bares));
    }
    server.shutdown_timeout(Duration::ZERO);
    Ok(())
}

fn serve(runtime: &Runtime, router: Router) -> Result<SocketAddr> {
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    runtime.spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

/// Returns the time for this number of requests.
fn seconds(runtime: &Runtime, address: SocketAddr, request: &str, requests: u32) -> Result<f64> {
    runtime.block_on(async {
        let mut clients = Vec::new();
        for _ in 0..CONNECTIONS {
            clients.push(Client::connect(address, request).await?);
        }
        let mut running = JoinSet::new();
        let begun = Instant::now();
        for client in clients {
            running.spawn(client.send(requests / CONNECTIONS));
        }
        while let Some(done) = running.join_next().await {
            done??;
        }
        Ok(begun.elapsed().as_secs_f64())
    })
}

/// One connection that repeats a request after each answer.
struct Client {
    stream: TcpStream,
    request: Vec<u8>,
    /// The length of each answer, taken from the first one.
    answer: usize,
}

impl Client {
    async fn connect(address: SocketAddr, request: &str) -> Result<Self> {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let request = request.as_bytes().to_vec();
        stream.write_all(&request).await?;
        let mut answer = Vec::new();
        while !answer.ends_with(HELLO.as_bytes()) {
            if stream.read_buf(&mut answer).await? == 0 {
                return Err(String::from_utf8_lossy(&answer).into());
            }
        }
        if !answer.starts_with(b"HTTP/1.1 200 ") {
            return Err(String::from_utf8_lossy(&answer).into());
        }
        Ok(Self { stream, request, answer: answer.len() })
    }

    async fn send(mut self, times: u32) -> Result<()> {
        let mut answer = vec![0; self.answer];
        for _ in 0..times {
            self.stream.write_all(&self.request).await?;
            self.stream.read_exact(&mut answer).await?;
            if !answer.ends_with(HELLO.as_bytes()) {
                return Err("an answer of another length".into());
            }
        }
        Ok(())
    }
}
