//! Asks a server of `showcase.v1.Whoami` for the caller's identity.

use std::error::Error;
use std::process::ExitCode;

use lexopt::prelude::*;
use showcase_proto::watch_reply::Event;
use showcase_proto::whoami_client::WhoamiClient;
use showcase_proto::{GetReply, GetRequest, WatchRequest};
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;
use tonic::{Request, Status};

#[tokio::main]
async fn main() -> ExitCode {
    let Err(error) = run().await else { return ExitCode::SUCCESS };
    match error.downcast_ref::<Status>() {
        Some(status) => eprintln!("{:?}: {}", status.code(), status.message()),
        None => eprintln!("{error}"),
    }
    ExitCode::FAILURE
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut url = "http://127.0.0.1:50051".to_owned();
    let (mut bearer, mut events) = (None, 0);
    let mut args = lexopt::Parser::from_env();
    while let Some(arg) = args.next()? {
        match arg {
            Long("url") => url = args.value()?.string()?,
            Long("token") => bearer = Some(format!("Bearer {}", args.value()?.string()?).parse()?),
            Long("watch") => events = args.value()?.parse()?,
            _ => return Err(arg.unexpected().into()),
        }
    }
    let channel = Channel::from_shared(url)?.connect().await?;
    let mut whoami = WhoamiClient::with_interceptor(channel, move |mut request: Request<()>| {
        if let Some(bearer) = &bearer {
            request.metadata_mut().insert("authorization", MetadataValue::clone(bearer));
        }
        Ok(request)
    });
    let show = |who: GetReply| println!("{} via {}", who.subject, who.via);
    if events == 0 {
        show(whoami.get(GetRequest {}).await?.into_inner());
        return Ok(());
    }
    let mut replies = whoami.watch(WatchRequest {}).await?.into_inner();
    for _ in 0..events {
        match replies.message().await?.and_then(|reply| reply.event) {
            Some(Event::Identity(who)) => show(who),
            Some(Event::Tick(seconds)) => println!("tick {seconds}"),
            None => return Err("the stream has ended".into()),
        }
    }
    Ok(())
}
