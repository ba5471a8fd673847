//! Browsers that send all requests through a port of the loopback, for any address.

use axum::body::Bytes;
use axum::http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower::util::{BoxCloneSyncService, service_fn};
use tower_auth_test::TestClient;

pub(crate) type Service = BoxCloneSyncService<Request<Full<Bytes>>, Response<Incoming>, String>;
pub(crate) type Browser = TestClient<Service, Full<Bytes>>;

/// A browser with an empty jar.
pub(crate) fn browser(port: u16) -> Browser {
    let send = move |request| async move {
        let said = |error: &dyn std::error::Error| error.to_string();
        let stream = TcpStream::connect(("127.0.0.1", port)).await.map_err(|it| said(&it))?;
        let handshake = http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = handshake.map_err(|it| said(&it))?;
        tokio::spawn(connection);
        sender.send_request(request).await.map_err(|it| said(&it))
    };
    TestClient::new(BoxCloneSyncService::new(service_fn(send))).browser()
}
