//! The sending of commands, within the limits of time and concurrency.

use std::pin::{Pin, pin};
use std::time::Duration;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{Cmd, ErrorKind, Pipeline, ServerErrorKind, Value};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::coop::consume_budget;
use tower_auth_core::store::StoreError;

use crate::call::Call;
use crate::runtime::timeout;
use crate::server::{Server, Unavailable};
use crate::topology::Topology;

mod failed;
mod pipeline;

use failed::{Doubt, Failed, is_of_the_server, store_error};
use pipeline::Confirmation;

/// The maximum number of attempts of one command, including redirections.
const REDIRECTS: usize = 8;

/// The answers, in the order of the calls.
pub(crate) type Answers = Vec<Result<Value, StoreError>>;

/// Sends commands to the servers, each within the time limit, and up to a maximum at once.
pub(crate) struct Caller {
    pub(crate) topology: Topology,
    permits: Semaphore,
    patience: Duration,
    /// The number of replicas that confirm an end, and their time limit.
    confirm: Option<(u32, Duration)>,
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

    /// Sends a command and waits for its answer.
    pub(crate) async fn one(&self, call: &Call) -> Result<Value, StoreError> {
        let answer = async {
            let _permit = self.permit().await?;
            self.ask(call).await
        };
        within(self.patience, pin!(answer)).await
    }

    /// Sends all commands at once and waits for all answers, in the order of the calls. Each server
    /// receives its commands in that order.
    pub(crate) async fn many(&self, calls: &[Call]) -> Result<Answers, StoreError> {
        self.sure(calls, Confirmation::Answered).await
    }

    /// Whether replicas confirm ends.
    pub(crate) const fn confirms(&self) -> bool {
        self.confirm.is_some()
    }

    /// Sends commands that end records. If configured, waits for the confirmation of replicas.
    pub(crate) async fn end(&self, calls: &[Call]) -> Result<Answers, StoreError> {
        let confirmed = |(replicas, patience)| Confirmation::Confirmed(replicas, patience);
        self.sure(calls, self.confirm.map_or(Confirmation::Answered, confirmed)).await
    }

    async fn sure(
        &self,
        calls: &[Call],
        confirmation: Confirmation,
    ) -> Result<Answers, StoreError> {
        let answers = async {
            let _permit = self.permit().await?;
            Ok(self.ask_all(calls, confirmation).await)
        };
        let patience = match confirmation {
            Confirmation::Answered => self.patience,
            Confirmation::Confirmed(_, more) => self.patience.saturating_add(more),
        };
        let answers = within(patience, pin!(answers)).await?;
        Ok(answers.into_iter().map(|it| it.map_err(store_error)).collect())
    }

    /// Waits for a permit to send. Usually one is free.
    async fn permit(&self) -> Result<SemaphorePermit<'_>, Unavailable> {
        // Without a connection, no other await in this function suspends. Tasks that retry in a
        // loop would block their threads, so that no new connection could be opened.
        consume_budget().await;
        match self.permits.try_acquire() {
            Ok(permit) => Ok(permit),
            Err(_) => self.permits.acquire().await.map_err(Unavailable::new),
        }
    }

    /// Sends a command to the server that has the key, and follows redirections.
    async fn ask(&self, call: &Call) -> Result<Value, Unavailable> {
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
        Err(Unavailable::new("the servers redirect to each other"))
    }

    async fn ask_at(&self, server: &Server, command: &Cmd, asking: bool) -> Result<Value, Failed> {
        let mut connection = self.connection(server).await.map_err(Failed::Away)?;
        let doubt = Doubt::begin(&self.topology, server);
        let answer = if asking {
            // Sent in one message, so that no other command comes between the two.
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

    async fn connection(&self, server: &Server) -> Result<MultiplexedConnection, Unavailable> {
        server.connection().await.inspect_err(|_| self.topology.doubt(server))
    }

    /// Turns a failure into its reason. Has the connection checked if the error may concern it.
    fn failed(&self, failed: Failed, server: &Server) -> Unavailable {
        match failed {
            Failed::Away(down) => down,
            Failed::Said(error) => {
                let of_the_command =
                    matches!(error.kind(), ErrorKind::Server(kind) if !is_of_the_server(kind));
                if !of_the_command {
                    self.topology.doubt(server);
                }
                Unavailable::new(error)
            }
        }
    }
}

/// Waits for a step within the time limit.
///
/// The step stays pinned in the caller. Passed by value, it would be part of each future that
/// receives it, and the layers box the whole future for every request.
async fn within<T>(
    patience: Duration,
    step: Pin<&mut impl Future<Output = Result<T, Unavailable>>>,
) -> Result<T, StoreError> {
    match timeout(patience, step).await {
        Ok(answer) => answer.map_err(store_error),
        Err(elapsed) => Err(StoreError::unavailable(elapsed)),
    }
}
