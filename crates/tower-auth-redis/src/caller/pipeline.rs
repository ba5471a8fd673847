//! Pipelines: all commands for one server are sent in one message.

use std::sync::Arc;
use std::time::Duration;

use deadpool_redis::Connection;
use redis::aio::ConnectionLike;
use redis::{Pipeline, ServerErrorKind, Value};

use super::Caller;
use super::failed::{Doubt, Failed, Unconfirmed};
use crate::call::Call;
use crate::join_all::join_all;
use crate::server::{Server, Unavailable};

/// The required confirmation: the server's answer alone, or also that of replicas.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Confirmation {
    Answered,
    Confirmed(u32, Duration),
}

impl Caller {
    pub(super) async fn ask_all(
        &self,
        calls: &[Call],
        confirmation: Confirmation,
    ) -> Vec<Result<Value, Unavailable>> {
        let mut answers = Vec::new();
        answers.resize_with(calls.len(), || Err(Unavailable::new("the command was not sent")));
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
        let asked =
            parts.iter().map(|(server, part)| self.ask_part(server, calls, part, confirmation));
        for (at, answer) in join_all(asked).await.into_iter().flatten() {
            answers[at] = answer;
        }
        answers
    }

    /// Sends several commands to one server, in one message.
    async fn ask_part(
        &self,
        server: &Arc<Server>,
        calls: &[Call],
        part: &[usize],
        confirmation: Confirmation,
    ) -> Vec<(usize, Result<Value, Unavailable>)> {
        let mut answered = Vec::with_capacity(part.len());
        let (mut unknown, mut elsewhere) = (Vec::new(), Vec::new());
        for (at, answer) in self.ask_pipeline(server, calls, part, (false, confirmation)).await {
            match answer.as_ref().map_err(Failed::kind) {
                Err(Some(ServerErrorKind::NoScript)) => unknown.push(at),
                // A caller that needs confirmation must retry the step. The error also refreshes
                // the slot map.
                Err(Some(ServerErrorKind::Moved | ServerErrorKind::Ask))
                    if confirmation == Confirmation::Answered =>
                {
                    elsewhere.push(at);
                }
                _ => answered.push((at, answer)),
            }
        }
        if !unknown.is_empty() {
            answered.extend(self.ask_pipeline(server, calls, &unknown, (true, confirmation)).await);
        }
        let mut answered: Vec<_> = answered
            .into_iter()
            .map(|(at, answer)| (at, answer.map_err(|it| self.failed(it, server))))
            .collect();
        // Sent concurrently: one after the other would take a round trip each.
        let asked = elsewhere.iter().map(|&at| self.ask(&calls[at]));
        answered.extend(elsewhere.iter().copied().zip(join_all(asked).await));
        answered
    }

    /// Sends the commands without a second attempt. If `whole`, the first use of each script
    /// includes its code, for a server that does not know it.
    async fn ask_pipeline(
        &self,
        server: &Server,
        calls: &[Call],
        part: &[usize],
        (whole, confirmation): (bool, Confirmation),
    ) -> Vec<(usize, Result<Value, Failed>)> {
        let mut pipeline = Pipeline::with_capacity(part.len() + 1);
        let mut said = Vec::new();
        for &at in part {
            let step = calls[at].step_name();
            pipeline.add_command(calls[at].command(whole && !said.contains(&step)).into_owned());
            said.push(step);
        }
        let answers = match confirmation {
            Confirmation::Answered => self.say(server, &pipeline).await,
            Confirmation::Confirmed(replicas, patience) => {
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

    /// Sends the commands on an exclusive connection. The last command is a `WAIT`.
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
            Some(Value::Int(confirmed)) if confirmed >= i64::from(replicas) => Ok(answers),
            // A command that failed needs no confirmation. Its own answer has the reason.
            _ if !done => Ok(answers),
            // Also if the answer is not a number: a demoted server ends the wait with an error.
            _ => Err(Failed::Away(Unavailable::new(Unconfirmed))),
        }
    }
}
