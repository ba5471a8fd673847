//! A handler that follows the request's instructions, and an observer of the service.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::task::Poll;

use http::{Request, Response};
use tower_service::Service;

use super::fakes::{Log, round_trip};
use super::{Body, poll};
use crate::store::BoxFuture;

/// The error of the handler.
pub(super) type Failure = &'static str;

pub(super) const ACTS: [&str; 7] =
    ["nothing", "write", "fail", "wait", "error", "panic-in-call", "panic"];

/// Logs the drop of the handler's future, which precedes all undoing by layers.
struct Goes(Log);

impl Drop for Goes {
    fn drop(&mut self) {
        self.0.push("handler gone");
    }
}

/// Unwinds without the panic hook, so that an expected panic prints nothing.
fn unwind() -> ! {
    resume_unwind(Box::new("in the handler"))
}

/// Follows the request's header `x-do`: one of [`ACTS`].
pub(super) fn handler<Q>(request: Request<Q>) -> BoxFuture<Result<Response<Body>, Failure>>
where
    Q: Into<Vec<u8>> + Send + 'static,
{
    let (head, body) = request.into_parts();
    let log = Log::of(&head);
    log.push("call");
    let act = head.headers.get("x-do").map_or("nothing", |it| it.to_str().unwrap()).to_owned();
    if act == "panic-in-call" {
        unwind();
    }
    let goes = Goes(log);
    Box::pin(async move {
        let _goes = goes;
        let mut response = Response::new(body.into());
        match &*act {
            "write" => drop(response.headers_mut().insert("x-write", "ok".parse().unwrap())),
            "fail" => drop(response.headers_mut().insert("x-write", "fail".parse().unwrap())),
            "wait" => round_trip(()).await,
            "panic" => unwind(),
            "error" => return Err("the handler failed"),
            _ => {}
        }
        Ok(response)
    })
}

pub(super) fn request(line: &[(&str, &str)], path: &str, log: &Log) -> Request<Body> {
    let mut request = Request::builder().uri(path).extension(log.clone());
    for (name, value) in line {
        request = request.header(*name, *value);
    }
    request.body(b"csrf=1".to_vec()).unwrap()
}

/// Returns the response, the steps and the number of polls. The future drops after `stop` polls.
pub(super) fn observe<S>(mut service: S, request: Request<Body>, log: &Log, stop: usize) -> String
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Failure>,
{
    let mut stays = true;
    let seen = catch_unwind(AssertUnwindSafe(|| {
        let mut future = Box::pin(service.call(request));
        log.push("called");
        for polls in 1..=stop {
            if let Poll::Ready(result) = poll(future.as_mut()) {
                log.push("ready");
                stays = poll(future.as_mut()).is_pending();
                return format!("{polls} {result:?}");
            }
            log.push("pending");
        }
        "dropped".to_owned()
    }));
    assert!(stays, "a future that is polled after completion stays pending");
    format!("{}\n{:?}", seen.unwrap_or_else(|_| "panicked".into()), log.steps())
}
