//! What is asked of a server, and how it is asked.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use deadpool_redis::Connection;
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

    /// Which step it is, if it is one.
    fn step_name(&self) -> Option<&str> {
        match &self.what {
            What::Plain(_) => None,
            What::Step(step, _) => Some(step.hash()),
        }
    }

    fn command(&self, whole: bool) -> Cow<'_, Cmd> {
        match &self.what {
            What::Plain(command) => Cow::Borrowed(command),
            What::Step(step, args) => Cow::Owned(step.command(whole, &self.name, args)),
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
    /// How many replicas confirm an end, and how long they may take.
    confirm: Option<(u32, Duration)>,
}

/// Whether the answers are waited for until replicas have confirmed what was done.
#[derive(Clone, Copy, PartialEq)]
enum Surety {
    Answered,
    Confirmed(u32, Duration),
}

impl Caller {
    pub(crate) fn new(
        topology: Topology,
        in_flight: usize,
        patience: Duration,
        confirm: Option<(u32, Duration)>,
    ) -> Self {
        let permits = Semaphore::new(in_flight.min(Semaphore::MAX_PERMITS));
        Self { topology, permits, patience, confirm }
    }

    /// Asks, and waits for the answer.
    pub(crate) async fn one(&self, call: &Call) -> Result<Value, StoreError> {
        let answer = async {
            let _permit = self.permits.acquire().await.map_err(Down::new)?;
            self.ask(call).await
        };
        self.within(self.patience, answer).await
    }

    /// Asks for everything at once, and waits once; the answers in the order of the calls. What
    /// goes to one server arrives there in that order.
    pub(crate) async fn many(&self, calls: &[Call]) -> Result<Answers, StoreError> {
        self.sure(calls, Surety::Answered).await
    }

    /// The same for ends, which replicas confirm where that is asked for.
    pub(crate) async fn end(&self, calls: &[Call]) -> Result<Answers, StoreError> {
        let confirmed = |(replicas, patience)| Surety::Confirmed(replicas, patience);
        self.sure(calls, self.confirm.map_or(Surety::Answered, confirmed)).await
    }

    async fn sure(&self, calls: &[Call], surety: Surety) -> Result<Answers, StoreError> {
        let answers = async {
            let _permit = self.permits.acquire().await.map_err(Down::new)?;
            Ok(self.ask_all(calls, surety).await)
        };
        let patience = match surety {
            Surety::Answered => self.patience,
            Surety::Confirmed(_, more) => self.patience.saturating_add(more),
        };
        let answers = self.within(patience, answers).await?;
        Ok(answers.into_iter().map(|it| it.map_err(told)).collect())
    }

    async fn within<T>(
        &self,
        patience: Duration,
        step: impl Future<Output = Result<T, Down>>,
    ) -> Result<T, StoreError> {
        match timeout(patience, step).await {
            Ok(answer) => answer.map_err(told),
            Err(elapsed) => Err(StoreError::unavailable(elapsed)),
        }
    }

    /// Asks whoever is said to know.
    async fn ask(&self, call: &Call) -> Result<Value, Down> {
        let mut server = self.topology.server(&call.name).await?;
        let (mut whole, mut asking) = (false, false);
        for _ in 0..REDIRECTS {
            let error = match self.ask_at(&server, &call.command(whole), asking).await {
                Err(Failed::Said(error)) => error,
                answer => return answer.map_err(|it| self.failed(it, &server)),
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
                _ => return Err(self.failed(Failed::Said(error), &server)),
            }
        }
        Err(Down::new("the servers send each to the other"))
    }

    async fn ask_at(&self, server: &Server, command: &Cmd, asking: bool) -> Result<Value, Failed> {
        let mut connection = self.connection(server).await.map_err(Failed::Away)?;
        let doubt = Doubt::begin(&self.topology, server);
        let answer = if asking {
            // In one message, so that nobody else's command comes between.
            let mut pipeline = Pipeline::with_capacity(2);
            pipeline.cmd("ASKING").add_command(command.clone());
            let answers = connection.req_packed_commands(&pipeline, 0, 2).await;
            answers.map(|mut it| it.pop().unwrap_or(Value::Nil))
        } else {
            connection.send_packed_command(command).await
        };
        doubt.end();
        answer.and_then(Value::extract_error).map_err(Failed::Said)
    }

    async fn connection(&self, server: &Server) -> Result<MultiplexedConnection, Down> {
        server.connection().await.inspect_err(|_| self.topology.doubt(server))
    }

    async fn ask_all(&self, calls: &[Call], surety: Surety) -> Vec<Result<Value, Down>> {
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
        let asked = parts.iter().map(|(server, part)| self.ask_part(server, calls, part, surety));
        for (at, answer) in together(asked).await.into_iter().flatten() {
            answers[at] = answer;
        }
        answers
    }

    /// Asks one server for several things, in one message.
    async fn ask_part(
        &self,
        server: &Arc<Server>,
        calls: &[Call],
        part: &[usize],
        surety: Surety,
    ) -> Vec<(usize, Result<Value, Down>)> {
        let mut answered = Vec::with_capacity(part.len());
        let (mut unknown, mut elsewhere) = (Vec::new(), Vec::new());
        for (at, answer) in self.ask_line(server, calls, part, (false, surety)).await {
            match answer.as_ref().map_err(Failed::kind) {
                Err(Some(ServerErrorKind::NoScript)) => unknown.push(at),
                // Who asks for surety asks again: the map of the slots is being made anew.
                Err(Some(ServerErrorKind::Moved | ServerErrorKind::Ask))
                    if surety == Surety::Answered =>
                {
                    elsewhere.push(at);
                }
                _ => answered.push((at, answer)),
            }
        }
        if !unknown.is_empty() {
            answered.extend(self.ask_line(server, calls, &unknown, (true, surety)).await);
        }
        let mut answered: Vec<_> = answered
            .into_iter()
            .map(|(at, answer)| (at, answer.map_err(|it| self.failed(it, server))))
            .collect();
        // Together again: one after the other would be a round trip each.
        let asked = elsewhere.iter().map(|&at| self.ask(&calls[at]));
        answered.extend(elsewhere.iter().copied().zip(together(asked).await));
        answered
    }

    /// The same without a second attempt. To a server that does not know the scripts each is said
    /// whole once.
    async fn ask_line(
        &self,
        server: &Server,
        calls: &[Call],
        part: &[usize],
        (whole, surety): (bool, Surety),
    ) -> Vec<(usize, Result<Value, Failed>)> {
        let mut pipeline = Pipeline::with_capacity(part.len() + 1);
        let mut said = Vec::new();
        for &at in part {
            let step = calls[at].step_name();
            pipeline.add_command(calls[at].command(whole && !said.contains(&step)).into_owned());
            said.push(step);
        }
        let answers = match surety {
            Surety::Answered => self.say(server, &pipeline).await,
            Surety::Confirmed(replicas, patience) => {
                pipeline.cmd("WAIT").arg(replicas).arg(patience.as_millis().max(1) as u64);
                self.say_alone(server, &pipeline, replicas).await
            }
        };
        match answers {
            Err(failed) => part.iter().map(|&at| (at, Err(failed.clone()))).collect(),
            Ok(answers) => {
                let answers =
                    answers.into_iter().map(|it| it.extract_error().map_err(Failed::Said));
                part.iter().copied().zip(answers).collect()
            }
        }
    }

    async fn say(&self, server: &Server, pipeline: &Pipeline) -> Result<Vec<Value>, Failed> {
        let mut connection = self.connection(server).await.map_err(Failed::Away)?;
        let doubt = Doubt::begin(&self.topology, server);
        let answers = connection.req_packed_commands(pipeline, 0, pipeline.len()).await;
        doubt.end();
        answers.map_err(Failed::Said)
    }

    /// Says it on a connection that nobody else waits on; the last command is a `WAIT`.
    async fn say_alone(
        &self,
        server: &Server,
        pipeline: &Pipeline,
        replicas: u32,
    ) -> Result<Vec<Value>, Failed> {
        let mut connection = server.exclusive().await.map_err(Failed::Away)?;
        let answers = connection.req_packed_commands(pipeline, 0, pipeline.len()).await;
        let mut answers = match answers {
            Ok(answers) => answers,
            Err(error) => {
                drop(Connection::take(connection));
                return Err(Failed::Said(error));
            }
        };
        let confirmed = answers.pop();
        let done = answers.iter().all(|it| !matches!(it, Value::ServerError(_)));
        match confirmed {
            Some(Value::Int(confirmed)) if done && confirmed < i64::from(replicas) => {
                Err(Failed::Away(Down::new(Unconfirmed)))
            }
            _ => Ok(answers),
        }
    }

    /// Has the connection looked at where the error says that it may be no good.
    fn failed(&self, failed: Failed, server: &Server) -> Down {
        match failed {
            Failed::Away(down) => down,
            Failed::Said(error) => {
                let of_the_command =
                    matches!(error.kind(), ErrorKind::Server(kind) if !is_of_the_server(kind));
                if !of_the_command {
                    self.topology.doubt(server);
                }
                Down::new(error)
            }
        }
    }
}

/// Too few replicas have what was done.
#[derive(Debug)]
struct Unconfirmed;

impl fmt::Display for Unconfirmed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("too few replicas have confirmed it")
    }
}

impl Error for Unconfirmed {}

fn told(down: Down) -> StoreError {
    if down.is::<Unconfirmed>() { StoreError::unconfirmed() } else { StoreError::unavailable(down) }
}

/// Why there is no answer.
#[derive(Clone)]
enum Failed {
    /// No connection.
    Away(Down),
    /// The server, or the connection, said this instead.
    Said(RedisError),
}

impl Failed {
    fn kind(&self) -> Option<ServerErrorKind> {
        match self {
            Self::Said(error) => match error.kind() {
                ErrorKind::Server(kind) => Some(kind),
                _ => None,
            },
            Self::Away(_) => None,
        }
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

/// Whether it says something of the server, not of the command.
fn is_of_the_server(kind: ServerErrorKind) -> bool {
    use ServerErrorKind::{BusyLoading, ClusterDown, MasterDown, ReadOnly};
    matches!(kind, BusyLoading | ClusterDown | MasterDown | ReadOnly)
}
