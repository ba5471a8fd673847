//! A tonic server whose service requires a token with the scope `whoami`.

#![allow(clippy::disallowed_methods, reason = "an application uses the clock and spawns tasks")]

use std::error::Error;
use std::pin::Pin;
use std::time::Duration;

use showcase_proto::watch_reply::Event;
use showcase_proto::whoami_server::{Whoami, WhoamiServer};
use showcase_proto::{GetReply, GetRequest, WatchReply, WatchRequest};
use tokio::net::TcpListener;
use tokio::time::{Instant, interval_at};
use tokio_stream::wrappers::IntervalStream;
use tokio_stream::{Stream, StreamExt as _};
use tonic::service::LayerExt as _;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Extensions, Request, Response, Status};
use tower_auth::{Identity, JwtIssuer, RequireLayer};

/// The issuer and the audience of the tokens, which are the same here.
const HERE: &str = "https://whoami.example";
const SECOND: Duration = Duration::from_secs(1);

struct Service;

#[tonic::async_trait]
impl Whoami for Service {
    async fn get(&self, request: Request<GetRequest>) -> Result<Response<GetReply>, Status> {
        caller(request.extensions()).map(Response::new)
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<WatchReply, Status>> + Send>>;

    async fn watch(
        &self,
        request: Request<WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let identity = caller(request.extensions())?;
        let began = Instant::now();
        let ticks = IntervalStream::new(interval_at(began + SECOND, SECOND));
        let ticks = ticks.map(move |now| Event::Tick((now - began).as_secs()));
        let events = tokio_stream::once(Event::Identity(identity)).chain(ticks);
        let replies = events.map(|event| Ok(WatchReply { event: Some(event) }));
        Ok(Response::new(Box::pin(replies)))
    }
}

fn caller(extensions: &Extensions) -> Result<GetReply, Status> {
    // The guard refuses anonymous calls. This error is for a server that mounts the service without
    // it.
    let identity = extensions
        .get::<Identity>()
        .ok_or(Status::unauthenticated("authentication is required"))?;
    let (subject, via) = (identity.subject().into(), identity.method().as_str().into());
    Ok(GetReply { subject, via })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let issuer = JwtIssuer::builder(HERE, HERE).generated_key("1").build()?;
    // Checks the token of every call. A call without a token is anonymous.
    let bearer = issuer.layer().build()?;
    // This service requires the scope. Other services, such as health checks, need no guard.
    let guard = RequireLayer::builder().scope("whoami").build()?;
    let service = guard.named_layer(WhoamiServer::new(Service));

    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:50051".into());
    let listener = TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    let alice = Identity::local("alice").scope("whoami").build();
    println!("export ALICE={}", issuer.mint(&alice)?.text);
    println!("export BOB={}", issuer.mint(&Identity::local("bob").build())?.text);

    let server = Server::builder().layer(bearer).add_service(service);
    Ok(server.serve_with_incoming(TcpIncoming::from(listener)).await?)
}
