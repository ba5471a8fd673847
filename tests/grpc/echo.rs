//! The service: one method of each kind, which answers with the caller's identity.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::Notify;
use tokio_stream::{Stream, StreamExt as _};
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Extensions, Request, Response, Status, Streaming};
use tower_auth::session::SessionError;
use tower_auth::{Identity, Rejection, Session};

use crate::proto::Text;
use crate::proto::echo_server::Echo;

/// An echo service. The text of a request is a command; any other text is sent back.
#[derive(Clone, Default)]
pub(crate) struct EchoService {
    /// Notified when `collect` has read its first message.
    pub(crate) entered: Arc<Notify>,
}

type Texts = Pin<Box<dyn Stream<Item = Result<Text, Status>> + Send>>;

#[tonic::async_trait]
impl Echo for EchoService {
    async fn unary(&self, request: Request<Text>) -> Result<Response<Text>, Status> {
        let asked = &request.get_ref().text;
        if asked == "logout" {
            session(request.extensions())?.logout().await.map_err(refused)?;
        }
        let text = answer(request.extensions(), asked)?;
        let mut response = Response::new(Text { text });
        // Initial metadata of the application, some of it binary.
        response.metadata_mut().insert("x-first", "1".parse().unwrap());
        let binary = MetadataValue::from_bytes(&[0, 255]);
        response.metadata_mut().insert_bin("x-first-bin", binary);
        Ok(response)
    }

    async fn collect(&self, request: Request<Streaming<Text>>) -> Result<Response<Text>, Status> {
        let (_, extensions, mut stream) = request.into_parts();
        let mut texts = Vec::new();
        while let Some(message) = stream.next().await {
            texts.push(message?.text);
            self.entered.notify_one();
        }
        let text = answer(&extensions, &texts.join(" "))?;
        Ok(Response::new(Text { text }))
    }

    type RepeatStream = Texts;

    async fn repeat(&self, request: Request<Text>) -> Result<Response<Texts>, Status> {
        let asked = request.get_ref().text.clone();
        let first = who(request.extensions());
        let messages = [first, asked.clone()].map(|text| Ok(Text { text }));
        let last = (asked == "fail").then(|| Err(failure()));
        Ok(Response::new(Box::pin(tokio_stream::iter(messages.into_iter().chain(last)))))
    }

    type ChatStream = Texts;

    async fn chat(&self, request: Request<Streaming<Text>>) -> Result<Response<Texts>, Status> {
        let (_, extensions, stream) = request.into_parts();
        let answers = stream.map(move |message| {
            let text = answer(&extensions, &message?.text)?;
            Ok(Text { text })
        });
        Ok(Response::new(Box::pin(answers)))
    }
}

fn session(extensions: &Extensions) -> Result<Session, Status> {
    Session::of(extensions).ok_or_else(|| Status::internal("no session"))
}

fn answer(extensions: &Extensions, asked: &str) -> Result<String, Status> {
    let (word, rest) = asked.split_once(' ').unwrap_or((asked, ""));
    match word {
        "who" => Ok(who(extensions)),
        "login" => {
            session(extensions)?.login(Identity::local(rest).build()).map_err(refused)?;
            Ok("logged in".into())
        }
        "count" => {
            let session = session(extensions)?;
            session.update("count", |n: Option<u32>| n.unwrap_or(0) + 1).map_err(refused)?;
            let count = session.get::<u32>("count").map_err(refused)?;
            Ok(count.unwrap_or(0).to_string())
        }
        "fail" => Err(failure()),
        _ => Ok(asked.to_owned()),
    }
}

/// Returns the caller's identity and its authentication, as an application reads them.
fn who(extensions: &Extensions) -> String {
    extensions.get::<Identity>().map_or("anonymous".into(), |identity| {
        format!("{} via {}", identity.subject(), identity.method().as_str())
    })
}

/// Returns a failure of the application with all the details that gRPC supports.
fn failure() -> Status {
    let mut metadata = MetadataMap::new();
    metadata.insert("x-why", "because".parse().unwrap());
    let details = Bytes::from_static(b"details");
    let message = "50% of a café";
    Status::with_details_and_metadata(Code::FailedPrecondition, message, details, metadata)
}

fn refused(error: SessionError) -> Status {
    let rejection = Rejection::from(error);
    Status::new(Code::from_i32(rejection.grpc_code().into()), rejection.to_string())
}
