//! The server that the Sentinels name.

use std::sync::Arc;
use std::time::Duration;

use redis::{ConnectionAddr, ConnectionInfo};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::seeker::Seeker;
use super::switches;
use crate::runtime::{sleep, spawn, timeout};
use crate::server::{Down, Server, Settings};

/// How often they are asked while all is well, should none have told. A primary that they have replaced
/// may take writes, to lose them, until it is told; so it is not long.
const CALM: Duration = Duration::from_secs(1);
/// How long they may take where somebody waits for it who can do without.
const SOON: Duration = Duration::from_millis(500);
/// How soon they are asked again while there is no primary: at first, and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(500));

/// Follows the primary, wherever it goes.
pub(crate) struct Sentinel {
    primary: watch::Receiver<Primary>,
    seeker: Arc<Seeker>,
    /// One finds the primary, the others listen to a Sentinel each.
    tasks: Vec<AbortHandle>,
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
        let seeker = Arc::new(Seeker::new(sentinels, name, server, settings));
        let finder = spawn(follow(seeker.clone(), tell)).abort_handle();
        let listen = |it: &ConnectionInfo| switches::listen(seeker.clone(), it.clone());
        let listeners = seeker.sentinels.iter().map(|it| spawn(listen(it)).abort_handle());
        let tasks = listeners.chain([finder]).collect();
        Self { primary, seeker, tasks }
    }

    /// Whether the Sentinels name that address just now; it is believed as before where none of them
    /// says anything in time.
    pub(super) async fn names(&self, address: &ConnectionAddr) -> bool {
        match timeout(SOON, self.seeker.ask()).await {
            Ok(Ok(info)) if info.addr() != address => {
                self.seeker.told.send_replace(None);
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
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

/// Finds the primary, and follows it until it is aborted.
async fn follow(seeker: Arc<Seeker>, tell: watch::Sender<Primary>) {
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
                        // Who names it has not heard yet that another took its place.
                        Ok(server) if is_well && denies(&server).await => {}
                        Ok(server) => {
                            let server = Arc::new(server);
                            tell.send_replace(Primary::At(server.clone()));
                            current = Some(server);
                            // The next who is asked may not have heard of it yet.
                            wait = if is_news { CALM } else { BACKOFF.0 };
                        }
                        Err(down) => drop(tell.send_replace(Primary::Down(down))),
                    }
                }
            }
            // What was found may still be good.
            Err(down) if current.is_none() => drop(tell.send_replace(Primary::Down(down))),
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

/// Whether it says itself that it is no primary. One that says nothing may be one.
async fn denies(server: &Server) -> bool {
    timeout(SOON, server.denies()).await.unwrap_or(false)
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
