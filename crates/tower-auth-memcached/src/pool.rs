//! Connections that are kept.

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};

use crate::address::Address;
use crate::client::Client;
use crate::failure::Failure;

/// Makes connections to one server.
#[derive(Debug)]
pub(crate) struct Manager {
    pub(crate) address: Address,
    /// The longest value that is read.
    pub(crate) longest: u64,
}

pub(crate) type Pool = managed::Pool<Manager>;

impl managed::Manager for Manager {
    type Type = Client;
    type Error = Failure;

    async fn create(&self) -> Result<Client, Failure> {
        Client::connect(&self.address, self.longest).await
    }

    /// A connection whose step was dropped half way is not used again: its answer is still to come. One that
    /// the server has closed is found by the next step's first question.
    async fn recycle(&self, client: &mut Client, _: &Metrics) -> RecycleResult<Failure> {
        if client.is_in_step() { Ok(()) } else { Err(RecycleError::message("out of step")) }
    }
}
