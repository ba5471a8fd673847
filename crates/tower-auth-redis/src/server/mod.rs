//! One server, and the multiplexed connections that are held to it.
//!
//! `pool.get()` recycles by a round trip of its own; so a connection is taken from the pool once,
//! held, and used by everybody, until its keeper finds that it is broken or leads to no primary.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use deadpool_redis::{Connection, Manager, Pool, Runtime};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, ConnectionInfo, ProtocolVersion, PushInfo, PushKind};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::runtime::spawn;

mod down;
mod keeper;
mod place;
pub(crate) mod role;
mod settings;

pub(crate) use down::Down;
use down::NoPrimary;
use place::{Place, Signs, State};
pub(crate) use settings::Settings;

/// How many connections there are for steps that need one for themselves.
const EXCLUSIVE: usize = 8;

/// A server to which connections are held.
pub(crate) struct Server {
    info: ConnectionInfo,
    /// Where the held connections come from, and those that one step needs for itself.
    pool: Pool,
    places: Arc<[Place]>,
    next: AtomicUsize,
    signs: Arc<Signs>,
    keepers: Vec<AbortHandle>,
}

impl Server {
    /// Begins to connect.
    pub(crate) fn start(info: &ConnectionInfo, settings: &Settings) -> Result<Self, Down> {
        let info = resp3(info);
        let signs = Arc::new(Signs::new());
        let doubt = signs.clone();
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(settings.timeout))
            // Each step has a time-out of ours, around everything.
            .set_response_timeout(None)
            .set_push_sender(move |info: PushInfo| {
                if info.kind == PushKind::Disconnection {
                    doubt.doubt();
                }
                Ok::<_, Down>(())
            });
        let manager = Manager::new_with_config(info.clone(), config).map_err(Down::new)?;
        let most = settings.connections.saturating_add(EXCLUSIVE);
        let pool = Pool::builder(manager).max_size(most).runtime(Runtime::Tokio1);
        // What does not answer is not tried for longer than a step may take.
        let pool = pool.recycle_timeout(Some(settings.timeout));
        let pool = pool.build().map_err(Down::new)?;
        let places: Arc<[Place]> = (0..settings.connections).map(|_| Place::default()).collect();
        let keepers = (0..places.len()).map(|at| {
            let keeper =
                keeper::keep(at, places.clone(), pool.clone(), signs.clone(), settings.clone());
            spawn(keeper).abort_handle()
        });
        let keepers = keepers.collect();
        Ok(Self { info, pool, places, next: AtomicUsize::new(0), signs, keepers })
    }

    /// Where it is.
    pub(crate) const fn info(&self) -> &ConnectionInfo {
        &self.info
    }

    /// A connection, or why there is none. Waits only for one that is on its way.
    pub(crate) async fn connection(&self) -> Result<MultiplexedConnection, Down> {
        let mut changed = None;
        loop {
            match self.look() {
                State::Ready(connection) => return Ok(connection),
                State::Down(down) => return Err(down),
                State::Connecting => {}
            }
            match &mut changed {
                // Look once more: it may have changed in between.
                None => changed = Some(self.signs.changed.subscribe()),
                Some(changed) => changed.changed().await.map_err(Down::new)?,
            }
        }
    }

    /// A connection that nobody else uses, such as for a command that others must not wait behind.
    pub(crate) async fn exclusive(&self) -> Result<Connection, Down> {
        self.pool.get().await.map_err(Down::new)
    }

    fn look(&self) -> State {
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let mut on_the_way = false;
        let mut down = None;
        for at in 0..self.places.len() {
            match self.places[first.wrapping_add(at) % self.places.len()].get() {
                State::Ready(connection) => return State::Ready(connection),
                State::Connecting => on_the_way = true,
                State::Down(its) => down = Some(its),
            }
        }
        match down {
            Some(down) if !on_the_way => State::Down(down),
            _ => State::Connecting,
        }
    }

    /// Whether there is a connection just now.
    pub(crate) fn is_ready(&self) -> bool {
        matches!(self.look(), State::Ready(_))
    }

    /// Whether it says itself that it is no primary. Waits only for a connection that is on its way.
    pub(crate) async fn denies(&self) -> bool {
        self.connection().await.is_err_and(|down| down.is::<NoPrimary>())
    }

    /// Has the connections looked at: something went wrong on one.
    pub(crate) fn doubt(&self) {
        self.signs.doubt();
    }

    /// Tells when a connection comes or goes.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.signs.changed.subscribe()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.keepers.iter().for_each(AbortHandle::abort);
        // Whoever still waits is told at once.
        let down = Down::new("the server is not used any more");
        self.places.iter().for_each(|place| place.set(State::Down(down.clone())));
        self.signs.changed();
    }
}

/// The same server, spoken to so that it can push.
pub(crate) fn resp3(info: &ConnectionInfo) -> ConnectionInfo {
    let redis = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    info.clone().set_redis_settings(redis)
}
