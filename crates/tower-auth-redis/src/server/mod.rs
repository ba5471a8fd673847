//! A server and the multiplexed connections to it.
//!
//! `pool.get()` tests a connection with a round trip on each use. So each connection is taken from
//! the pool once, and all steps share it. Its supervisor replaces it when it is broken or no longer
//! leads to a primary.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use deadpool_redis::{Connection, Manager, Pool, Runtime};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, ConnectionInfo, ProtocolVersion, PushInfo, PushKind};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::runtime::spawn;

mod connection_slot;
pub(crate) mod role;
mod settings;
mod supervisor;
mod unavailable;

use connection_slot::{ConnectionSlot, ServerSignals, State};
pub(crate) use settings::Settings;
use unavailable::NoPrimary;
pub(crate) use unavailable::Unavailable;

/// The number of connections for steps that need one for themselves.
const EXCLUSIVE: usize = 8;

/// A server with its open connections.
pub(crate) struct Server {
    info: ConnectionInfo,
    /// The source of the shared connections and of exclusive ones.
    pool: Pool,
    slots: Arc<[ConnectionSlot]>,
    next: AtomicUsize,
    signals: Arc<ServerSignals>,
    supervisors: Vec<AbortHandle>,
}

impl Server {
    /// Starts to connect.
    pub(crate) fn start(info: &ConnectionInfo, settings: &Settings) -> Result<Self, Unavailable> {
        let info = resp3(info);
        let signals = Arc::new(ServerSignals::new());
        let doubt = signals.clone();
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(settings.timeout))
            // Each step has its own time limit, which covers the response.
            .set_response_timeout(None)
            .set_push_sender(move |info: PushInfo| {
                if info.kind == PushKind::Disconnection {
                    doubt.doubt();
                }
                Ok::<_, Unavailable>(())
            });
        let manager = Manager::new_with_config(info.clone(), config).map_err(Unavailable::new)?;
        let most = settings.connections.saturating_add(EXCLUSIVE);
        let pool = Pool::builder(manager).max_size(most).runtime(Runtime::Tokio1);
        // The test of a connection takes no longer than a step may.
        let pool = pool.recycle_timeout(Some(settings.timeout));
        let pool = pool.build().map_err(Unavailable::new)?;
        let slots: Arc<[ConnectionSlot]> =
            (0..settings.connections).map(|_| ConnectionSlot::default()).collect();
        let supervisors = (0..slots.len()).map(|at| {
            let supervisor = supervisor::supervise(
                at,
                slots.clone(),
                pool.clone(),
                signals.clone(),
                settings.clone(),
            );
            spawn(supervisor).abort_handle()
        });
        let supervisors = supervisors.collect();
        Ok(Self { info, pool, slots, next: AtomicUsize::new(0), signals, supervisors })
    }

    /// Returns the server's address and settings.
    pub(crate) const fn info(&self) -> &ConnectionInfo {
        &self.info
    }

    /// Returns a connection, or the reason why there is none. Waits only while one is being opened.
    pub(crate) async fn connection(&self) -> Result<MultiplexedConnection, Unavailable> {
        let mut changed = None;
        loop {
            match self.look() {
                State::Ready(connection) => return Ok(connection),
                State::Down(down) => return Err(down),
                State::Connecting => {}
            }
            match &mut changed {
                // Checks again, because the state may have changed in between.
                None => changed = Some(self.signals.changed.subscribe()),
                Some(changed) => changed.changed().await.map_err(Unavailable::new)?,
            }
        }
    }

    /// Returns a connection for exclusive use, for a command that would delay others.
    pub(crate) async fn exclusive(&self) -> Result<Connection, Unavailable> {
        self.pool.get().await.map_err(Unavailable::new)
    }

    fn look(&self) -> State {
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let mut on_the_way = false;
        let mut down = None;
        for at in 0..self.slots.len() {
            match self.slots[first.wrapping_add(at) % self.slots.len()].get() {
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

    /// Whether a connection is ready.
    pub(crate) fn is_ready(&self) -> bool {
        matches!(self.look(), State::Ready(_))
    }

    /// Whether the server reports that it is not a primary. Waits only while a connection is being
    /// opened.
    pub(crate) async fn denies(&self) -> bool {
        self.connection().await.is_err_and(|down| down.is::<NoPrimary>())
    }

    /// Has the connections checked, after an error on one of them.
    pub(crate) fn doubt(&self) {
        self.signals.doubt();
    }

    /// Returns a receiver that is notified when a connection opens or closes.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.signals.changed.subscribe()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.supervisors.iter().for_each(AbortHandle::abort);
        // Steps that still wait fail at once.
        let down = Unavailable::new("the server is no longer used");
        self.slots.iter().for_each(|slot| slot.set(State::Down(down.clone())));
        self.signals.changed();
    }
}

/// Returns the address with RESP3 as its protocol, so that the server can push.
pub(crate) fn resp3(info: &ConnectionInfo) -> ConnectionInfo {
    let redis = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    info.clone().set_redis_settings(redis)
}
