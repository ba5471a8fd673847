//! Real connections on the loopback, HTTP/1 and HTTP/2, with hyper on both ends.

use std::error::Error;
use std::net::SocketAddr;

use bytes::Bytes;
use http::header::{HOST, SET_COOKIE};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Incoming};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tower_service::Service;

use crate::fixture::pair;

type BoxError = Box<dyn Error + Send + Sync>;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Version {
    One,
    Two,
}

pub(crate) const BOTH: [Version; 2] = [Version::One, Version::Two];

/// Serves each connection in the version that the client uses.
pub(crate) async fn serve<S, B>(service: S) -> SocketAddr
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: Body<Error: Into<BoxError>, Data: Send> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(async move {
                let mut server = auto::Builder::new(TokioExecutor::new());
                // WebSockets over HTTP/2 (RFC 8441).
                server.http2().enable_connect_protocol();
                let stream = TokioIo::new(stream);
                // An inner error ends the connection; the client's side detects that.
                let _ = server.serve_connection_with_upgrades(stream, service).await;
            });
        }
    });
    address
}

enum Sender {
    One(http1::SendRequest<Full<Bytes>>),
    Two(http2::SendRequest<Full<Bytes>>),
}

/// A kept connection.
pub(crate) struct Connection {
    address: SocketAddr,
    sender: Sender,
}

/// The header lines of a request, in order.
pub(crate) type Lines<'a> = &'a [(&'a str, &'a str)];

impl Connection {
    pub(crate) async fn open(address: SocketAddr, version: Version) -> Self {
        let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
        let sender = match version {
            Version::One => {
                let (sender, connection) = http1::handshake(stream).await.unwrap();
                tokio::spawn(connection);
                Sender::One(sender)
            }
            Version::Two => {
                let executor = TokioExecutor::new();
                let (sender, connection) = http2::handshake(executor, stream).await.unwrap();
                tokio::spawn(connection);
                Sender::Two(sender)
            }
        };
        Self { address, sender }
    }

    /// Returns another id of the connection, for a concurrent request.
    pub(crate) fn fork(&self) -> Self {
        let Sender::Two(sender) = &self.sender else {
            panic!("HTTP/1 serves one request at a time")
        };
        Self { address: self.address, sender: Sender::Two(sender.clone()) }
    }

    /// Returns the server's origin, as a browser sends it.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) async fn get(&mut self, path: &str, lines: Lines<'_>) -> Reply {
        self.send("GET", path, lines, "").await
    }

    /// Sends a POST as a page of the application does.
    pub(crate) async fn post(&mut self, path: &str, lines: Lines<'_>, body: &str) -> Reply {
        let origin = self.origin();
        let lines = [&[("origin", origin.as_str())], lines].concat();
        self.send("POST", path, &lines, body).await
    }

    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        lines: Lines<'_>,
        body: &str,
    ) -> Reply {
        Reply::read(self.begin(method, path, lines, body).await.unwrap()).await
    }

    /// Sends a request, and reads the response only up to its head.
    pub(crate) async fn begin(
        &mut self,
        method: &str,
        path: &str,
        lines: Lines<'_>,
        body: &str,
    ) -> hyper::Result<Response<Incoming>> {
        let mut request = Request::builder().method(method);
        request = match self.sender {
            Sender::One(_) => request.uri(path).header(HOST, self.address.to_string()),
            Sender::Two(_) => request.uri(self.origin() + path),
        };
        for (name, value) in lines {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::from(body.to_owned())).unwrap();
        match &mut self.sender {
            Sender::One(sender) => {
                sender.ready().await?;
                sender.send_request(request).await
            }
            Sender::Two(sender) => {
                sender.ready().await?;
                sender.send_request(request).await
            }
        }
    }
}

/// A response as the client sees it.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    async fn read(response: Response<Incoming>) -> Self {
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(body.to_vec()).unwrap();
        Self { status: head.status, headers: head.headers, text }
    }

    /// Returns the `name=value` pair of the response's cookie, if it sets one.
    pub(crate) fn cookie(&self) -> Option<String> {
        let mut lines = self.headers.get_all(SET_COOKIE).iter();
        let line = lines.next()?.to_str().unwrap();
        assert!(lines.next().is_none(), "more than one cookie");
        Some(pair(line))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|line| line.to_str().unwrap())
    }
}
