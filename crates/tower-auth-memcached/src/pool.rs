//! Connections that are kept.

use async_memcached::{Client, Error};
use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};

/// Makes connections to one server.
#[derive(Debug)]
pub(crate) struct Manager {
    pub(crate) address: String,
}

pub(crate) type Pool = managed::Pool<Manager>;

impl managed::Manager for Manager {
    type Type = Client;
    type Error = Error;

    async fn create(&self) -> Result<Client, Error> {
        Client::new(&self.address).await
    }

    /// A step that was dropped half way has closed its connection: the answer was still to come. One
    /// that the server has closed is found by the next step's first question.
    async fn recycle(&self, client: &mut Client, _: &Metrics) -> RecycleResult<Error> {
        if client.is_closed() { Err(RecycleError::message("closed")) } else { Ok(()) }
    }
}
