//! A server of keys on loopback that counts the requests.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The answer of the server.
#[derive(Clone)]
pub(crate) enum Answer {
    Keys(String),
    Error,
    /// The connection stays open, and nothing arrives.
    Nothing,
}

/// A server. It ends with the runtime of the test.
pub(crate) struct FakeServer {
    address: String,
    shared: Arc<Shared>,
}

struct Shared {
    answer: Mutex<Answer>,
    requests: AtomicU64,
}

impl FakeServer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let address = listener.local_addr().expect("it is bound");
        let answer = Mutex::new(Answer::Nothing);
        let shared = Arc::new(Shared { answer, requests: AtomicU64::new(0) });
        let this = Self { address: format!("http://{address}"), shared: shared.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        this
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn set(&self, answer: Answer) {
        *self.shared.answer.lock().unwrap_or_else(PoisonError::into_inner) = answer;
    }

    /// Returns the number of requests so far.
    pub(crate) fn requests(&self) -> u64 {
        self.shared.requests.load(Ordering::SeqCst)
    }
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    shared.requests.fetch_add(1, Ordering::SeqCst);
    let answer = shared.answer.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let (status, body) = match answer {
        Answer::Keys(keys) => ("200 OK", keys),
        Answer::Error => ("503 Service Unavailable", String::new()),
        Answer::Nothing => {
            while stream.read_u8().await.is_ok() {}
            return;
        }
    };
    let length = body.len();
    let text =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    // The client has gone if the test is over.
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.shutdown().await;
}
