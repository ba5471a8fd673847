//! `showcase.v1.Whoami`: the caller's identity, for gRPC clients.

use std::pin::Pin;
use std::time::Duration;

use showcase_proto::watch_reply::Event;
use showcase_proto::whoami_server::{Whoami, WhoamiServer};
use showcase_proto::{GetReply, GetRequest, WatchReply, WatchRequest};
use tokio::time::{Instant, interval_at};
use tokio_stream::wrappers::IntervalStream;
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Request, Response, Status};
use tower_auth::{Clock, Identity};

use crate::app::Shared;

const SECOND: Duration = Duration::from_secs(1);

pub(crate) struct Service {
    clock: Clock,
}

/// Returns the service for a route of the router.
pub(crate) fn service(shared: &Shared) -> WhoamiServer<Service> {
    WhoamiServer::new(Service { clock: shared.clock.clone() })
}

#[tonic::async_trait]
impl Whoami for Service {
    async fn get(&self, request: Request<GetRequest>) -> Result<Response<GetReply>, Status> {
        Ok(Response::new(told(caller(&request)?)))
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<WatchReply, Status>> + Send>>;

    async fn watch(
        &self,
        request: Request<WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let identity = caller(&request)?;
        let first = Ok(Event::Identity(told(identity)));
        let (clock, expires_at) = (self.clock.clone(), identity.expires_at());
        let began = Instant::now();
        let ticks = IntervalStream::new(interval_at(began + SECOND, SECOND)).map(move |now| {
            // The layers check a call only at its start. The method itself must end the stream when
            // the identity expires.
            if expires_at.is_some_and(|end| clock.now() >= end) {
                return Err(Status::unauthenticated("the authentication has expired"));
            }
            Ok(Event::Tick((now - began).as_secs()))
        });
        let replies = tokio_stream::once(first)
            .chain(ticks)
            .map(|event| event.map(|event| WatchReply { event: Some(event) }));
        Ok(Response::new(Box::pin(replies)))
    }
}

/// Returns the identity. The guard refuses anonymous calls; this error is for a route without a
/// guard.
fn caller<T>(request: &Request<T>) -> Result<&Identity, Status> {
    let identity = request.extensions().get::<Identity>();
    identity.ok_or_else(|| Status::unauthenticated("authentication is required"))
}

fn told(identity: &Identity) -> GetReply {
    GetReply { subject: identity.subject().into(), via: identity.method().as_str().into() }
}
