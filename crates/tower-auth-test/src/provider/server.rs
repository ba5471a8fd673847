//! The HTTP server of a provider.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{ETAG, IF_NONE_MATCH};
use http::{Request, Response, StatusCode};
use http_body::Frame;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

use super::state::{Path, State};

/// A running server. It ends with this value.
pub(super) struct Server {
    address: SocketAddr,
    task: AbortHandle,
}

impl Drop for Server {
    fn drop(&mut self) {
        // The task owns its connections.
        self.task.abort();
    }
}

impl Server {
    /// Binds a free port of the loopback interface.
    pub(super) async fn listen() -> TcpListener {
        TcpListener::bind(("127.0.0.1", 0)).await.expect("the loopback interface has a free port")
    }

    #[expect(clippy::disallowed_methods, reason = "a server needs a task of its own")]
    pub(super) fn start(listener: TcpListener, state: watch::Sender<State>) -> Self {
        let address = listener.local_addr().expect("a bound socket has an address");
        Self { address, task: tokio::spawn(accept(listener, state)).abort_handle() }
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }
}

#[expect(clippy::disallowed_methods, reason = "each connection needs a task")]
async fn accept(listener: TcpListener, state: watch::Sender<State>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, state.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, state: watch::Sender<State>) {
    let service = service_fn(async |request: Request<Incoming>| respond(&state, &request).await);
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // An error closes the connection. The client may also close it early.
    let _ = connection.await;
}

async fn respond(
    state: &watch::Sender<State>,
    request: &Request<Incoming>,
) -> Result<Response<Spaces>, io::Error> {
    let path = request.uri().path().to_owned();
    state.send_modify(|state| state.requests.push((path.clone(), request.headers().clone())));
    let mut changes = state.subscribe();
    let is_answered = |state: &State| !state.paths.get(&path).is_some_and(|path| path.is_held);
    // Released only here, so that the test may change the state.
    drop(changes.wait_for(is_answered).await.map_err(io::Error::other)?);
    let state = state.borrow();
    let Some(Path { answer, headers, .. }) = state.paths.get(&path) else {
        return Ok(status(StatusCode::NOT_FOUND));
    };
    let (response, spaces) = answer.respond(&state).ok_or(io::ErrorKind::ConnectionAborted)?;
    let is_unchanged = headers.get(ETAG).is_some_and(|tag| {
        response.status() == StatusCode::OK && request.headers().get(IF_NONE_MATCH) == Some(tag)
    });
    let mut response = if is_unchanged {
        status(StatusCode::NOT_MODIFIED)
    } else {
        response.map(|first| Spaces { first, spaces })
    };
    response.headers_mut().extend(headers.clone());
    Ok(response)
}

fn status(status: StatusCode) -> Response<Spaces> {
    let mut response = Response::new(Spaces { first: Bytes::new(), spaces: 0 });
    *response.status_mut() = status;
    response
}

/// A body: some bytes, and any number of spaces after them.
struct Spaces {
    first: Bytes,
    spaces: usize,
}

impl http_body::Body for Spaces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        static CHUNK: [u8; 16 * 1024] = [b' '; 16 * 1024];
        let mut data = std::mem::take(&mut self.first);
        if data.is_empty() {
            data = Bytes::from_static(&CHUNK[..self.spaces.min(CHUNK.len())]);
            self.spaces -= data.len();
        }
        Poll::Ready((!data.is_empty()).then(|| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_empty() && self.spaces == 0
    }

    /// Known only for a body without spaces, so that a huge one has no `Content-Length`.
    fn size_hint(&self) -> http_body::SizeHint {
        match self.spaces {
            0 => http_body::SizeHint::with_exact(self.first.len() as u64),
            _ => http_body::SizeHint::default(),
        }
    }
}
