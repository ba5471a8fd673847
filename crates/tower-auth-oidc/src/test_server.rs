//! A server on loopback that answers as a test says, with faults.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

/// A request, as the server received it.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) path: String,
    head: String,
}

impl Received {
    /// Returns the value of a header field.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        fields.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// The answer of a server.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// These bytes; then the connection is closed.
    Bytes(Vec<u8>),
    /// These bytes; then the connection stays open, and nothing more arrives.
    Hang(Vec<u8>),
}

impl Answer {
    pub(crate) fn ok(body: impl AsRef<[u8]>) -> Self {
        Self::with("200 OK", &[], body)
    }

    /// Creates an answer with a `Content-Length`.
    pub(crate) fn with(status: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let mut head = format!("HTTP/1.1 {status}\r\n");
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!("Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        Self::Bytes([head.as_bytes(), body].concat())
    }

    /// Creates an answer without a `Content-Length`, which ends with the connection.
    pub(crate) fn unbounded(body: impl AsRef<[u8]>) -> Self {
        Self::Bytes([b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", body.as_ref()].concat())
    }

    pub(crate) fn status(status: &str) -> Self {
        Self::with(status, &[], "")
    }
}

/// A server. It ends with the runtime of the test.
#[derive(Clone)]
pub(crate) struct TestServer {
    address: SocketAddr,
    tls: bool,
    answers: Arc<Mutex<HashMap<String, Answer>>>,
    received: Arc<Mutex<Vec<Received>>>,
}

/// The requests of a server, as they arrive.
pub(crate) type Arrivals = mpsc::UnboundedReceiver<Received>;

impl TestServer {
    pub(crate) async fn start() -> (Self, Arrivals) {
        Self::start_with(None).await
    }

    pub(crate) async fn start_with(tls: Option<TlsAcceptor>) -> (Self, Arrivals) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let (arrive, arrivals) = mpsc::unbounded_channel();
        let server = Self {
            address: listener.local_addr().expect("it is bound"),
            tls: tls.is_some(),
            answers: Arc::default(),
            received: Arc::default(),
        };
        let this = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (this, tls, arrive) = (this.clone(), tls.clone(), arrive.clone());
                tokio::spawn(async move {
                    match tls {
                        None => this.serve(stream, arrive).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                this.serve(stream, arrive).await;
                            }
                        }
                    }
                });
            }
        });
        (server, arrivals)
    }

    /// Sets the answer for a path. Other paths are not found.
    pub(crate) fn set(&self, path: &str, answer: Answer) {
        self.answers.lock().expect("no test panicked").insert(path.to_owned(), answer);
    }

    /// Returns the address of a path, by the name `localhost`.
    pub(crate) fn url(&self, path: &str) -> String {
        self.url_at("localhost", path)
    }

    /// Returns the address of a path, by any name or address of loopback.
    pub(crate) fn url_at(&self, host: &str, path: &str) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{host}:{}{path}", self.address.port())
    }

    /// Returns all requests so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().expect("no test panicked").clone()
    }

    async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut stream: S,
        arrive: mpsc::UnboundedSender<Received>,
    ) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        let head = String::from_utf8(head).expect("the client sends text");
        let path = head.split(' ').nth(1).expect("a request line has a target").to_owned();
        let answers = self.answers.lock().expect("no test panicked").clone();
        let answer = answers.get(&path).cloned().unwrap_or_else(|| Answer::status("404 Not Found"));
        let received = Received { path, head };
        self.received.lock().expect("no test panicked").push(received.clone());
        let (Answer::Bytes(bytes) | Answer::Hang(bytes)) = &answer;
        // The client closes the connection early if the answer is too large.
        let _ = stream.write_all(bytes).await;
        let _ = stream.flush().await;
        let _ = arrive.send(received);
        match answer {
            Answer::Bytes(_) => drop(stream.shutdown().await),
            Answer::Hang(_) => while stream.read_u8().await.is_ok() {},
        }
    }
}
