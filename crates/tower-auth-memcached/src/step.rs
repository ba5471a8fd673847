//! One step: look, decide, and put it there if nobody else was faster.

use std::time::{Duration, SystemTime};

use deadpool::managed::{Object, PoolError};
use tower_auth_core::store::{Key, StoreError};
use tower_auth_core::{Clock, Timestamp};

use crate::failure::Failure;
use crate::held::{Held, Next};
use crate::pool::{Manager, Pool};
use crate::ttl::expiration;

/// What the server answers with: the value, and the number of its last change, which is not zero.
type Found = Option<(Vec<u8>, u64)>;

/// Everything that a step needs. A clone uses the same connections.
#[derive(Clone)]
pub(crate) struct Steps {
    pub(crate) pool: Pool,
    pub(crate) clock: Clock,
    pub(crate) prefix: String,
    pub(crate) timeout: Duration,
    pub(crate) connections: usize,
}

impl Steps {
    /// Carries out a step within the store's time.
    ///
    /// What is put replaces exactly what was looked at. Where another was faster it is decided
    /// anew: of those who meet one always gets on.
    pub(crate) async fn run<T>(
        &self,
        key: &Key,
        decide: impl Fn(Held, Timestamp) -> Next<T>,
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
        decide: impl Fn(Held, Timestamp) -> Next<T>,
    ) -> Result<T, Failure> {
        let name = format!("{}{key}", self.prefix);
        let (mut client, mut found) = self.look(&name).await?;
        loop {
            let now = self.clock.now();
            let (held, change) = match found {
                None => (Held::Nothing, None),
                Some((_, 0)) => return Err(Failure::Unguarded),
                Some((bytes, change)) => (Held::read(bytes, now)?, Some(change)),
            };
            let (bytes, until, answer) = match decide(held, now) {
                Next::Stay(answer) => return Ok(answer),
                Next::Put(bytes, until, answer) => (bytes, until, answer),
            };
            #[expect(
                clippy::disallowed_methods,
                reason = "the server removes an entry by its own clock, which is the system's"
            )]
            let ttl = format!("T{}", expiration(until.since(now), SystemTime::now()));
            // Only over that very change; where nothing was, only if still nothing is.
            let only = change.map_or("ME".to_owned(), |change| format!("C{change}"));
            if client.set(&name, &bytes, [&*ttl, &*only]).await? {
                return Ok(answer);
            }
            // On the same connection: after a restart the server counts its changes anew.
            found = client.get(&name).await?;
        }
    }

    /// The first look, and a connection that is alive. Those that the pool kept may all be dead.
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
                    // Not given back to the pool.
                    drop(Object::take(client));
                    dead += 1;
                }
                Err(failure) => return Err(failure),
            }
        }
    }
}
