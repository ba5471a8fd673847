//! https with a self-signed certificate that is created at start. It suffices to see cookies,
//! HTTP/2 and HSTS as in production.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::server::TlsStream;

/// The maximum time of a client's TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// The maximum number of concurrent handshakes.
const HANDSHAKES: usize = 256;

/// Accepts TCP connections and returns TLS streams. A slow handshake does not delay other clients.
pub struct TlsListener {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
    handshakes: JoinSet<Option<(TlsStream<TcpStream>, SocketAddr)>>,
}

impl TlsListener {
    /// Wraps a listener, with a new certificate for these host names and addresses.
    ///
    /// # Errors
    /// The certificate cannot be created, for example because a host name is invalid.
    pub fn new(
        tcp: TcpListener,
        hosts: Vec<String>,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let made = rcgen::generate_simple_self_signed(hosts)?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.into()], made.signing_key.into())?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Ok(Self { tcp, acceptor, handshakes: JoinSet::new() })
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            tokio::select! {
                (stream, from) = Listener::accept(&mut self.tcp),
                    if self.handshakes.len() < HANDSHAKES =>
                {
                    let handshake = self.acceptor.accept(stream);
                    self.handshakes.spawn(async move {
                        let stream = timeout(HANDSHAKE, handshake).await.ok()?.ok()?;
                        Some((stream, from))
                    });
                }
                Some(done) = self.handshakes.join_next() => {
                    if let Ok(Some(connection)) = done {
                        return connection;
                    }
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}
