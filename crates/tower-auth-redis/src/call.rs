//! Commands to a server.

use std::borrow::Cow;

use redis::Cmd;

use crate::script::Step;

/// A command on one key.
pub(crate) struct Call {
    pub(crate) name: String,
    what: What,
}

enum What {
    Plain(Cmd),
    Step(&'static Step, Vec<Vec<u8>>),
}

impl Call {
    /// Reads the string `name`.
    pub(crate) fn get(name: String) -> Self {
        // Every request sends this command, so its buffer fits both words from the start.
        let mut command = Cmd::with_capacity(2, 3 + name.len());
        command.arg("GET").arg(&name);
        Self { name, what: What::Plain(command) }
    }

    /// Reads all members of the sorted set `name`.
    pub(crate) fn members(name: String) -> Self {
        let mut command = redis::cmd("ZRANGE");
        command.arg(&name).arg(0).arg(-1);
        Self { name, what: What::Plain(command) }
    }

    /// Reads the members of the sorted set `name` whose scores are zero or more.
    pub(crate) fn members_from_zero(name: String) -> Self {
        let mut command = redis::cmd("ZRANGE");
        command.arg(&name).arg(0).arg("+inf").arg("BYSCORE");
        Self { name, what: What::Plain(command) }
    }

    /// Runs `step` on the key `name`.
    pub(crate) const fn step(step: &'static Step, name: String, args: Vec<Vec<u8>>) -> Self {
        Self { name, what: What::Step(step, args) }
    }

    /// Returns the hash of the step; `None` for a plain command.
    pub(crate) fn step_name(&self) -> Option<&str> {
        match &self.what {
            What::Plain(_) => None,
            What::Step(step, _) => Some(step.hash()),
        }
    }

    /// Returns the command to send. A step is sent by its hash, or with its code if `whole`.
    pub(crate) fn command(&self, whole: bool) -> Cow<'_, Cmd> {
        match &self.what {
            What::Plain(command) => Cow::Borrowed(command),
            What::Step(step, args) => Cow::Owned(step.command(whole, &self.name, args)),
        }
    }
}
