//! The server that the Sentinels name.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use redis::{AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo};
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use super::at;
use crate::server::{Down, Server, Settings};

/// How often they are asked while all is well.
const CALM: Duration = Duration::from_secs(5);
/// How long they may take where somebody waits for it who can do without.
const SOON: Duration = Duration::from_millis(500);
/// How soon they are asked again while there is no primary: at first, and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(500));

/// Follows the primary, wherever it goes.
pub(crate) struct Sentinel {
    primary: watch::Receiver<Primary>,
    seeker: Arc<Seeker>,
    finder: AbortHandle,
}

#[derive(Clone)]
enum Primary {
    /// It was not asked for yet.
    Sought,
    At(Arc<Server>),
    Down(Down),
}

impl Sentinel {
    pub(super) fn start(
        sentinels: Vec<ConnectionInfo>,
        name: String,
        server: ConnectionInfo,
        settings: Settings,
    ) -> Self {
        let (tell, primary) = watch::channel(Primary::Sought);
        let (first, moved) = (AtomicUsize::new(0), Notify::new());
        let seeker = Arc::new(Seeker { sentinels, name, server, settings, first, moved });
        let finder = tokio::spawn(seeker.clone().run(tell)).abort_handle();
        Self { primary, seeker, finder }
    }

    /// Whether the Sentinels name that address just now; it is believed as before where none of them
    /// says anything in time.
    pub(super) async fn names(&self, address: &ConnectionAddr) -> bool {
        match timeout(SOON, self.seeker.ask()).await {
            Ok(Ok(info)) if info.addr() != address => {
                self.seeker.moved.notify_one();
                false
            }
            _ => true,
        }
    }

    pub(super) async fn server(&self) -> Result<Arc<Server>, Down> {
        let mut primary = self.primary.clone();
        loop {
            // The lock that it is looked at under must not be held while waiting.
            let now = primary.borrow_and_update().clone();
            match now {
                Primary::At(server) => return Ok(server),
                Primary::Down(down) => return Err(down),
                Primary::Sought => primary.changed().await.map_err(Down::new)?,
            }
        }
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        self.finder.abort();
    }
}

struct Seeker {
    sentinels: Vec<ConnectionInfo>,
    name: String,
    /// How the servers are spoken to.
    server: ConnectionInfo,
    settings: Settings,
    /// Who is asked first: the next time another.
    first: AtomicUsize,
    /// They name another than the one that was found.
    moved: Notify,
}

impl Seeker {
    async fn run(self: Arc<Self>, tell: watch::Sender<Primary>) {
        let mut current: Option<Arc<Server>> = None;
        let mut wait = BACKOFF.0;
        loop {
            match self.ask().await {
                Ok(info) => {
                    let same = current.as_ref().is_some_and(|it| it.info().addr() == info.addr());
                    if !same {
                        match Server::start(&info, &self.settings) {
                            Ok(server) => {
                                let server = Arc::new(server);
                                tell.send_replace(Primary::At(server.clone()));
                                current = Some(server);
                                wait = BACKOFF.0;
                            }
                            Err(down) => drop(tell.send_replace(Primary::Down(down))),
                        }
                    }
                }
                // What was found may still be good.
                Err(down) if current.is_none() => drop(tell.send_replace(Primary::Down(down))),
                Err(_) => {}
            }
            match &current {
                Some(server) if server.is_ready() => {
                    wait = BACKOFF.0;
                    tokio::select! {
                        () = until_gone(server) => {}
                        () = self.moved.notified() => {}
                    }
                }
                _ => {
                    sleep(wait).await;
                    wait = (wait * 2).min(BACKOFF.1);
                }
            }
        }
    }

    /// Where the primary is, by the first Sentinel that says so.
    async fn ask(&self) -> Result<ConnectionInfo, Down> {
        let mut why = Down::new("there is no Sentinel to ask");
        let first = self.first.fetch_add(1, Ordering::Relaxed);
        for at in 0..self.sentinels.len() {
            let sentinel = &self.sentinels[first.wrapping_add(at) % self.sentinels.len()];
            match timeout(self.settings.timeout, self.ask_one(sentinel)).await {
                Ok(Ok(info)) => return Ok(info),
                Ok(Err(down)) => why = down,
                Err(elapsed) => why = Down::new(elapsed),
            }
        }
        Err(why)
    }

    async fn ask_one(&self, sentinel: &ConnectionInfo) -> Result<ConnectionInfo, Down> {
        // A Sentinel has no databases.
        let settings = sentinel.redis_settings().clone().set_db(0);
        let client = Client::open(sentinel.clone().set_redis_settings(settings));
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(self.settings.timeout));
        let client = client.map_err(Down::new)?;
        let mut connection = client
            .get_multiplexed_async_connection_with_config(&config)
            .await
            .map_err(Down::new)?;
        let mut ask = redis::cmd("SENTINEL");
        ask.arg("GET-MASTER-ADDR-BY-NAME").arg(&self.name);
        let answer: Option<(String, u16)> =
            ask.query_async(&mut connection).await.map_err(Down::new)?;
        let (host, port) = answer.ok_or_else(|| Down::new("the Sentinels know no such primary"))?;
        Ok(at(&self.server, &host, port))
    }
}

/// Returns after a while, or at once when no connection leads to a primary any more.
async fn until_gone(server: &Server) {
    let mut changes = server.changes();
    let gone = async {
        while server.is_ready() {
            if changes.changed().await.is_err() {
                return;
            }
        }
    };
    let _ = timeout(CALM, gone).await;
}
