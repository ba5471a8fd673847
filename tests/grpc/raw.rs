//! A client that sees frames: the `h2` crate speaks, and a tap records the server's bytes.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use h2::{RecvStream, SendStream};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Request, Response};
use prost::Message as _;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::fixture::text;
use crate::proto::Text;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;

pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

/// The head of a frame (RFC 9113, 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) length: usize,
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
}

/// One connection, and every byte that the server sent over it.
pub(crate) struct Connection {
    send: SendRequest<Bytes>,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Connection {
    pub(crate) async fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        let heard = Arc::<Mutex<Vec<u8>>>::default();
        let tap = Tap { stream, heard: heard.clone() };
        let (send, connection) = h2::client::handshake(tap).await.unwrap();
        tokio::spawn(connection);
        Self { send, heard }
    }

    /// Sends a head and leaves the stream open.
    pub(crate) async fn open(&self, request: Request<()>) -> (ResponseFuture, SendStream<Bytes>) {
        let mut send = self.send.clone().ready().await.unwrap();
        send.send_request(request, false).unwrap()
    }

    /// Sends one message, and reads the answer to its end.
    pub(crate) async fn call(&self, request: Request<()>, message: &str) -> Answer {
        let (response, mut body) = self.open(request).await;
        body.send_data(framed(&text(message)), true).unwrap();
        Answer::read(response.await.unwrap()).await
    }

    /// Returns the frames of a stream, in the order of arrival.
    pub(crate) fn frames(&self, stream: u32) -> Vec<Frame> {
        let heard = self.heard.lock().unwrap();
        let mut rest = &heard[..];
        let mut frames = Vec::new();
        while let Some((head, after)) = rest.split_first_chunk::<9>() {
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
            let on = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
            let frame = Frame { length, kind: head[3], flags: head[4], stream: on };
            let Some(after) = after.get(length..) else { break };
            frames.extend((on == stream).then_some(frame));
            rest = after;
        }
        frames
    }
}

/// An answer: the head, the data, and the trailers if there are any.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) head: Response<()>,
    pub(crate) data: Vec<u8>,
    pub(crate) trailers: Option<HeaderMap>,
}

impl Answer {
    pub(crate) async fn read(response: Response<RecvStream>) -> Self {
        let (parts, mut body) = response.into_parts();
        let mut data = Vec::new();
        while let Some(chunk) = body.data().await {
            let chunk = chunk.unwrap();
            body.flow_control().release_capacity(chunk.len()).unwrap();
            data.extend_from_slice(&chunk);
        }
        let trailers = body.trailers().await.unwrap();
        Self { head: Response::from_parts(parts, ()), data, trailers }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.headers().get(name).map(|value| value.to_str().unwrap())
    }

    /// Returns the messages of the answer.
    pub(crate) fn texts(&self) -> Vec<String> {
        texts(&self.data)
    }
}

/// Decodes the texts from length-prefixed messages.
pub(crate) fn texts(mut data: &[u8]) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some((head, rest)) = data.split_first_chunk::<5>() {
        assert_eq!(head[0], 0, "not compressed, no trailers");
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let (message, rest) = rest.split_at(length);
        texts.push(Text::decode(message).unwrap().text);
        data = rest;
    }
    texts
}

/// Encodes a message with its length prefix.
pub(crate) fn framed(message: &Text) -> Bytes {
    let encoded = message.encode_to_vec();
    let length = u32::try_from(encoded.len()).unwrap().to_be_bytes();
    [&[0], &length[..], &encoded].concat().into()
}

/// Builds the head of a call of `test.v1.Echo`, as a gRPC client does.
pub(crate) fn call(address: SocketAddr, method: &str) -> http::request::Builder {
    Request::post(format!("http://{address}/test.v1.Echo/{method}"))
        .header(CONTENT_TYPE, "application/grpc")
        .header("te", "trailers")
}

/// Records the incoming bytes.
struct Tap {
    stream: TcpStream,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl AsyncRead for Tap {
    fn poll_read(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(task, buffer);
        self.heard.lock().unwrap().extend_from_slice(&buffer.filled()[before..]);
        polled
    }
}

impl AsyncWrite for Tap {
    fn poll_write(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(task, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(task)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(task)
    }
}
