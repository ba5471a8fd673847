//! The connection pool.

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};

use crate::address::Address;
use crate::client::Client;
use crate::failure::Failure;

/// Opens connections to one server.
#[derive(Debug)]
pub(crate) struct Manager {
    pub(crate) address: Address,
    /// The longest value that is read, in bytes.
    pub(crate) longest: u64,
}

pub(crate) type Pool = managed::Pool<Manager>;

impl managed::Manager for Manager {
    type Type = Client;
    type Error = Failure;

    async fn create(&self) -> Result<Client, Failure> {
        Client::connect(&self.address, self.longest).await
    }

    /// Discards a connection whose step was dropped midway, because its answer is still pending. A
    /// connection that the server closed is detected by the next step's first command.
    async fn recycle(&self, client: &mut Client, _: &Metrics) -> RecycleResult<Failure> {
        if client.is_in_step() { Ok(()) } else { Err(RecycleError::message("out of step")) }
    }
}
