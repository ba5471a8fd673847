//! What is asked of a server, and how it is asked.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{Cmd, ErrorKind, Pipeline, RedisError, ServerErrorKind, Value};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tower_auth_core::store::StoreError;

use crate::script::Step;
use crate::server::{Down, Server};
use crate::together::together;
use crate::topology::Topology;

/// How often a question may be sent on.
const REDIRECTS: usize = 8;

/// One command about one key.
pub(crate) struct Call {
    pub(crate) name: String,
    what: What,
}

enum What {
    Plain(Cmd),
    Step(&'static Step, Vec<Vec<u8>>),
}

impl Call {
    /// Reads the string under a name.
    pub(crate) fn get(name: String) -> Self {
        let mut command = redis::cmd("GET");
        command.arg(&name);
        Self { name, what: What::Plain(command) }
    }

    /// Reads all members of the sorted set under a name.
    pub(crate) fn members(name: String) -> Self {
        let mut command = redis::cmd("ZRANGE");
        command.arg(&name).arg(0).arg(-1);
        Self { name, what: What::Plain(command) }
    }

    /// Runs a step on a name.
    pub(crate) const fn step(step: &'static Step, name: String, args: Vec<Vec<u8>>) -> Self {
        Self { name, what: What::Step(step, args) }
    }

    fn command(&self, whole: bool) -> Cmd {
        match &self.what {
            What::Plain(command) => command.clone(),
            What::Step(step, args) => step.command(whole, &self.name, args),
        }
    }
}

/// An answer to each call.
pub(crate) type Answers = Vec<Result<Value, StoreError>>;

/// Asks the servers, each question within the time-out, so many at once at most.
pub(crate) struct Caller {
    pub(crate) topology: Topology,
    permits: Semaphore,
    patience: Duration,
}

impl Caller {
    pub(crate) fn new(topology: Topology, in_flight: usize, patience: Duration) -> Self {
        let permits = Semaphore::new(in_flight.min(Semaphore::MAX_PERMITS));
        Self { topology, permits, patience }
    }

    /// Asks, and waits for the answer.
    pub(crate) async fn one(&self, call: &Call) -> Result<Value, StoreError> {
        let answer = async {
            let _permit = self.permits.acquire().await.map_err(Down::new)?;
            self.ask(call, false).await
        };
        self.within(answer).await
    }

    /// Asks for everything at once, and waits once; the answers in the order of the calls. What
    /// goes to one server arrives there in that order.
    pub(crate) async fn many(&self, calls: &[Call]) -> Result<Answers, StoreError> {
        let answers = async {
            let _permit = self.permits.acquire().await.map_err(Down::new)?;
            Ok(self.ask_all(calls).await)
        };
        let answers = self.within(answers).await?;
        Ok(answers.into_iter().map(|it| it.map_err(StoreError::unavailable)).collect())
    }

    async fn within<T>(
        &self,
        step: impl Future<Output = Result<T, Down>>,
    ) -> Result<T, StoreError> {
        match timeout(self.patience, step).await {
            Ok(answer) => answer.map_err(StoreError::unavailable),
            Err(elapsed) => Err(StoreError::unavailable(elapsed)),
        }
    }

    async fn ask(&self, call: &Call, mut whole: bool) -> Result<Value, Down> {
        let mut server = self.topology.server(&call.name).await?;
        let mut asking = false;
        for _ in 0..REDIRECTS {
            let error = match self.ask_at(&server, call.command(whole), asking).await? {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match error.kind() {
                ErrorKind::Server(ServerErrorKind::NoScript) if !whole => whole = true,
                ErrorKind::Server(ServerErrorKind::Moved) => {
                    self.topology.doubt(&server);
                    (server, asking) = (self.topology.redirected(&server, &error)?, false);
                }
                ErrorKind::Server(ServerErrorKind::Ask) => {
                    (server, asking) = (self.topology.redirected(&server, &error)?, true);
                }
                _ => return Err(self.heard(error, &server)),
            }
        }
        Err(Down::new("the servers send each to the other"))
    }

    /// Asks that server: the answer, or what it said instead.
    async fn ask_at(
        &self,
        server: &Server,
        command: Cmd,
        asking: bool,
    ) -> Result<Result<Value, RedisError>, Down> {
        let mut connection = self.connection(server).await?;
        let doubt = Doubt::begin(&self.topology, server);
        let answer = if asking {
            // In one message, so that nobody else's command comes between.
            let mut pipeline = Pipeline::with_capacity(2);
            pipeline.cmd("ASKING").add_command(command);
            let answers = connection.req_packed_commands(&pipeline, 0, 2).await;
            answers.map(|mut it| it.pop().unwrap_or(Value::Nil))
        } else {
            connection.req_packed_command(&command).await
        };
        doubt.end();
        Ok(answer.and_then(Value::extract_error))
    }

    async fn connection(&self, server: &Server) -> Result<MultiplexedConnection, Down> {
        server.connection().await.inspect_err(|_| self.topology.doubt(server))
    }

    async fn ask_all(&self, calls: &[Call]) -> Vec<Result<Value, Down>> {
        let mut answers = Vec::new();
        answers.resize_with(calls.len(), || Err(Down::new("it was not asked")));
        let mut parts: Vec<(Arc<Server>, Vec<usize>)> = Vec::new();
        for (at, call) in calls.iter().enumerate() {
            match self.topology.server(&call.name).await {
                Err(down) => answers[at] = Err(down),
                Ok(server) => match parts.iter_mut().find(|(its, _)| Arc::ptr_eq(its, &server)) {
                    Some((_, part)) => part.push(at),
                    None => parts.push((server, vec![at])),
                },
            }
        }
        let asked = parts.iter().map(|(server, part)| self.ask_part(server, calls, part));
        for (at, answer) in together(asked).await.into_iter().flatten() {
            answers[at] = answer;
        }
        answers
    }

    async fn ask_part(
        &self,
        server: &Arc<Server>,
        calls: &[Call],
        part: &[usize],
    ) -> Vec<(usize, Result<Value, Down>)> {
        let all = |down: Down| part.iter().map(|&at| (at, Err(down.clone()))).collect();
        let mut connection = match self.connection(server).await {
            Ok(connection) => connection,
            Err(down) => return all(down),
        };
        let mut pipeline = Pipeline::with_capacity(part.len());
        for &at in part {
            pipeline.add_command(calls[at].command(false));
        }
        let doubt = Doubt::begin(&self.topology, server);
        let answers = connection.req_packed_commands(&pipeline, 0, part.len()).await;
        doubt.end();
        let answers = match answers {
            Ok(answers) => answers,
            Err(error) => return all(self.heard(error, server)),
        };
        let mut answered = Vec::with_capacity(part.len());
        let mut again = Vec::new();
        for (&at, answer) in part.iter().zip(answers) {
            match answer.extract_error() {
                Err(error) if may_be_asked_again(&error) => {
                    again.push((at, error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)));
                }
                answer => answered.push((at, answer.map_err(|error| self.heard(error, server)))),
            }
        }
        // Together again: one after the other would be a round trip each.
        let asked = again.iter().map(|&(at, whole)| self.ask(&calls[at], whole));
        answered.extend(again.iter().map(|(at, _)| *at).zip(together(asked).await));
        answered
    }

    /// Has the connection looked at where the error says that it may be no good.
    fn heard(&self, error: RedisError, server: &Server) -> Down {
        let ours = matches!(error.kind(), ErrorKind::Server(kind) if !is_of_the_server(kind));
        if !ours {
            self.topology.doubt(server);
        }
        Down::new(error)
    }
}

/// Doubts the connection where an answer was not waited for to the end: mostly the time was up.
struct Doubt<'a> {
    topology: &'a Topology,
    server: &'a Server,
    on: bool,
}

impl Drop for Doubt<'_> {
    fn drop(&mut self) {
        if self.on {
            self.topology.doubt(self.server);
        }
    }
}

impl<'a> Doubt<'a> {
    const fn begin(topology: &'a Topology, server: &'a Server) -> Self {
        Self { topology, server, on: true }
    }

    fn end(mut self) {
        self.on = false;
    }
}

/// Whether the server said that it has not done it, and who does.
fn may_be_asked_again(error: &RedisError) -> bool {
    use ServerErrorKind::{Ask, Moved, NoScript};
    matches!(error.kind(), ErrorKind::Server(NoScript | Moved | Ask))
}

/// Whether it says something of the server, not of the command.
fn is_of_the_server(kind: ServerErrorKind) -> bool {
    use ServerErrorKind::{BusyLoading, ClusterDown, MasterDown, ReadOnly};
    matches!(kind, BusyLoading | ClusterDown | MasterDown | ReadOnly)
}
