//! A step: reads the value, decides, and writes if no other client was faster.

use std::time::{Duration, SystemTime};

use deadpool::managed::{Object, PoolError};
use tower_auth_core::store::{Key, StoreError};
use tower_auth_core::{Clock, Timestamp};

use crate::failure::Failure;
use crate::pool::{Manager, Pool};
use crate::stored_value::{Outcome, StoredValue};
use crate::ttl::expiration;

/// The value and its change number, which is never zero on a supported server.
type Found = Option<(Vec<u8>, u64)>;

/// The shared parts of every step. A clone uses the same connections.
#[derive(Clone)]
pub(crate) struct Steps {
    pub(crate) pool: Pool,
    pub(crate) clock: Clock,
    pub(crate) prefix: String,
    pub(crate) timeout: Duration,
    pub(crate) connections: usize,
}

impl Steps {
    /// Runs a step within the store's time limit.
    ///
    /// The write replaces exactly the value that was read. If another client was faster, the step
    /// reads and decides again. Of several competing steps, one always succeeds.
    pub(crate) async fn run<T>(
        &self,
        key: &Key,
        decide: impl Fn(StoredValue, Timestamp) -> Outcome<T>,
    ) -> Result<T, StoreError> {
        #[expect(clippy::disallowed_methods, reason = "limits I/O on tokio's own sockets")]
        let answer = tokio::time::timeout(self.timeout, self.try_step(key, decide)).await;
        match answer {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(Failure::TimedOut(self.timeout).into()),
        }
    }

    async fn try_step<T>(
        &self,
        key: &Key,
        decide: impl Fn(StoredValue, Timestamp) -> Outcome<T>,
    ) -> Result<T, Failure> {
        let name = format!("{}{key}", self.prefix);
        let (mut client, mut found) = self.look(&name).await?;
        loop {
            let now = self.clock.now();
            let (current, change) = match found {
                None => (StoredValue::Nothing, None),
                Some((_, 0)) => return Err(Failure::Unguarded),
                Some((bytes, change)) => (StoredValue::read(bytes, now)?, Some(change)),
            };
            let (bytes, until, answer) = match decide(current, now) {
                Outcome::Keep(answer) => return Ok(answer),
                Outcome::Put(bytes, until, answer) => (bytes, until, answer),
            };
            #[expect(
                clippy::disallowed_methods,
                reason = "the server removes an entry by its own clock, which is the system's"
            )]
            let ttl = format!("T{}", expiration(until.since(now), SystemTime::now()));
            // Replaces only the value that was read. If there was none, adds one only if there is
            // still none.
            let only = change.map_or("ME".to_owned(), |change| format!("C{change}"));
            if client.set(&name, &bytes, [&*ttl, &*only]).await? {
                return Ok(answer);
            }
            // Reuses the connection: after a restart, the server starts its change numbers again.
            found = client.get(&name).await?;
        }
    }

    /// Reads the value for the first time, over a live connection. All pooled connections may be
    /// dead, so each of them may fail once.
    async fn look(&self, name: &str) -> Result<(Object<Manager>, Found), Failure> {
        let mut dead = 0;
        loop {
            let mut client = self.pool.get().await.map_err(|error| match error {
                PoolError::Backend(failure) => failure,
                _ => Failure::Closed,
            })?;
            match client.get(name).await {
                Ok(found) => return Ok((client, found)),
                Err(Failure::Connection(_)) if dead < self.connections => {
                    // Taken out of the pool, so that it is not reused.
                    drop(Object::take(client));
                    dead += 1;
                }
                Err(failure) => return Err(failure),
            }
        }
    }
}
