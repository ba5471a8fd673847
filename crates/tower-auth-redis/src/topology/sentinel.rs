//! The primary that the Sentinels name.

use std::sync::Arc;
use std::time::Duration;

use redis::{ConnectionAddr, ConnectionInfo};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::failover;
use super::seeker::Seeker;
use crate::runtime::{sleep, spawn, timeout};
use crate::server::{Server, Settings, Unavailable};

/// The interval between two queries while all is well, in case an announcement is lost. A replaced
/// primary may take writes until it is demoted, and these writes are lost, so the interval is
/// short.
const CALM: Duration = Duration::from_secs(1);
/// The time limit of a query whose caller can continue without an answer.
const SOON: Duration = Duration::from_millis(500);
/// The first and the longest pause between two queries while there is no primary.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(500));

/// Follows the primary through fail-overs.
pub(crate) struct Sentinel {
    primary: watch::Receiver<Primary>,
    seeker: Arc<Seeker>,
    /// One task finds the primary. The others listen to one Sentinel each.
    tasks: Vec<AbortHandle>,
}

#[derive(Clone)]
enum Primary {
    /// The Sentinels have not been asked yet.
    Sought,
    At(Arc<Server>),
    Down(Unavailable),
}

impl Sentinel {
    pub(super) fn start(
        sentinels: Vec<ConnectionInfo>,
        name: String,
        server: ConnectionInfo,
        settings: Settings,
    ) -> Self {
        let (sender, primary) = watch::channel(Primary::Sought);
        let seeker = Arc::new(Seeker::new(sentinels, name, server, settings));
        let finder = spawn(follow(seeker.clone(), sender)).abort_handle();
        let listen = |it: &ConnectionInfo| failover::listen(seeker.clone(), it.clone());
        let listeners = seeker.sentinels.iter().map(|it| spawn(listen(it)).abort_handle());
        let tasks = listeners.chain([finder]).collect();
        Self { primary, seeker, tasks }
    }

    /// Whether the Sentinels currently name `address`. Returns `true` if none of them answers in
    /// time.
    pub(super) async fn names(&self, address: &ConnectionAddr) -> bool {
        match timeout(SOON, self.seeker.ask()).await {
            Ok(Ok(info)) if info.addr() != address => {
                self.seeker.told.send_replace(None);
                false
            }
            _ => true,
        }
    }

    pub(super) async fn server(&self) -> Result<Arc<Server>, Unavailable> {
        let mut primary = self.primary.clone();
        loop {
            // The lock of the channel must not be held while waiting.
            let now = primary.borrow_and_update().clone();
            match now {
                Primary::At(server) => return Ok(server),
                Primary::Down(down) => return Err(down),
                Primary::Sought => primary.changed().await.map_err(Unavailable::new)?,
            }
        }
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

/// Finds the primary, and follows it until the task is aborted.
async fn follow(seeker: Arc<Seeker>, sender: watch::Sender<Primary>) {
    let mut current: Option<Arc<Server>> = None;
    let mut wait = BACKOFF.0;
    let mut told = seeker.told.subscribe();
    let mut news = None;
    loop {
        let is_news = news.is_some();
        let answer = match news.take() {
            Some(info) => Ok(info),
            None => seeker.ask().await,
        };
        match answer {
            Ok(info) => {
                let same = current.as_ref().is_some_and(|it| it.info().addr() == info.addr());
                if !same {
                    let is_well = !is_news && current.as_ref().is_some_and(|it| it.is_ready());
                    match Server::start(&info, &seeker.settings) {
                        // The Sentinel that names this server has not heard of the fail-over yet.
                        Ok(server) if is_well && denies(&server).await => {}
                        Ok(server) => {
                            let server = Arc::new(server);
                            sender.send_replace(Primary::At(server.clone()));
                            current = Some(server);
                            // The next Sentinel may not have heard of the fail-over yet.
                            wait = if is_news { CALM } else { BACKOFF.0 };
                        }
                        Err(down) => drop(sender.send_replace(Primary::Down(down))),
                    }
                }
            }
            // The last known primary may still be valid.
            Err(down) if current.is_none() => drop(sender.send_replace(Primary::Down(down))),
            Err(_) => {}
        }
        let pause = async {
            match &current {
                Some(server) if server.is_ready() => {
                    wait = BACKOFF.0;
                    until_gone(server).await;
                }
                _ => {
                    sleep(wait).await;
                    wait = (wait * 2).min(BACKOFF.1);
                }
            }
        };
        news = tokio::select! {
            () = pause => None,
            Ok(()) = told.changed() => told.borrow_and_update().clone(),
        };
    }
}

/// Whether the server reports that it is not a primary. A server that does not answer may be one.
async fn denies(server: &Server) -> bool {
    timeout(SOON, server.denies()).await.unwrap_or(false)
}

/// Returns after a pause, or as soon as no connection leads to a primary any more.
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
