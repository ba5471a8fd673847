//! The server that the Sentinels name.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::{at, switches};
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
        let (first, told) = (AtomicUsize::new(0), watch::Sender::new(None));
        let seeker = Arc::new(Seeker { sentinels, name, server, settings, first, told });
        let finder = spawn(seeker.clone().run(tell)).abort_handle();
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

pub(super) struct Seeker {
    sentinels: Vec<ConnectionInfo>,
    pub(super) name: String,
    /// How the servers are spoken to.
    pub(super) server: ConnectionInfo,
    pub(super) settings: Settings,
    /// Who is asked first: the next time another.
    first: AtomicUsize,
    /// Another is the primary: which one, by a Sentinel that told it without being asked. Where none is
    /// named they are to be asked again.
    pub(super) told: watch::Sender<Option<ConnectionInfo>>,
}

impl Seeker {
    async fn run(self: Arc<Self>, tell: watch::Sender<Primary>) {
        let mut current: Option<Arc<Server>> = None;
        let mut wait = BACKOFF.0;
        let mut told = self.told.subscribe();
        let mut news = None;
        loop {
            let is_news = news.is_some();
            let answer = match news.take() {
                Some(info) => Ok(info),
                None => self.ask().await,
            };
            match answer {
                Ok(info) => {
                    let same = current.as_ref().is_some_and(|it| it.info().addr() == info.addr());
                    if !same {
                        let is_well = !is_news && current.as_ref().is_some_and(|it| it.is_ready());
                        match Server::start(&info, &self.settings) {
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
        let mut connection = self.connect(sentinel, AsyncConnectionConfig::new()).await?;
        let mut ask = redis::cmd("SENTINEL");
        ask.arg("GET-MASTER-ADDR-BY-NAME").arg(&self.name);
        let answer: Option<(String, u16)> =
            ask.query_async(&mut connection).await.map_err(Down::new)?;
        let (host, port) = answer.ok_or_else(|| Down::new("the Sentinels know no such primary"))?;
        Ok(at(&self.server, &host, port))
    }

    pub(super) async fn connect(
        &self,
        sentinel: &ConnectionInfo,
        config: AsyncConnectionConfig,
    ) -> Result<MultiplexedConnection, Down> {
        // A Sentinel has no databases.
        let settings = sentinel.redis_settings().clone().set_db(0);
        let client = Client::open(sentinel.clone().set_redis_settings(settings));
        let client = client.map_err(Down::new)?;
        let config = config.set_connection_timeout(Some(self.settings.timeout));
        let connection = client.get_multiplexed_async_connection_with_config(&config);
        connection.await.map_err(Down::new)
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
