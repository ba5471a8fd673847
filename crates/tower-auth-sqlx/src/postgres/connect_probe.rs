//! A probe that detects early that the server's address refuses connections.

use std::future::{Future, poll_fn};
use std::io::ErrorKind;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use sqlx::postgres::PgPool;
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::runtime::{now, sleep, timeout};
use crate::table::failure::{Failure, within};

/// The time that a step may take before the address is probed. Most steps take much less.
const PATIENCE: Duration = Duration::from_millis(250);
/// The time that a probe's result stays valid for all waiting steps. A server that is merely slow
/// must not get more load, and a server that has come back must be found soon.
const OPEN_COUNTS: Duration = Duration::from_secs(1);
const SHUT_COUNTS: Duration = Duration::from_millis(100);

/// Ends a step early if the server's address refuses connections.
///
/// A pool of sqlx treats a refused connection as a server that is starting, and retries until the
/// time-out. During an outage, each step would wait for the whole time-out. So a step that waits
/// also probes the address, with a connection outside of the pool.
pub(super) struct ConnectProbe<S = PgPool> {
    server: S,
    /// The time and result of the last probe: `true` if the address refused.
    found: Mutex<Option<(Instant, bool)>>,
    is_shut: AtomicBool,
}

/// The part of the server that the probe needs.
pub(super) trait Server {
    /// Whether an open connection is idle.
    fn has_idle(&self) -> bool;

    /// Opens one more connection, and returns whether the address refused it.
    fn refuses(&self) -> impl Future<Output = bool> + Send;
}

impl Server for PgPool {
    fn has_idle(&self) -> bool {
        self.num_idle() > 0
    }

    async fn refuses(&self) -> bool {
        match self.connect_options().connect().await {
            Ok(connection) => {
                // The connection was only needed for the probe.
                let _ = connection.close().await;
                false
            }
            // Any other error shows that a server is listening.
            Err(sqlx::Error::Io(error)) => error.kind() == ErrorKind::ConnectionRefused,
            Err(_) => false,
        }
    }
}

impl<S: Server> ConnectProbe<S> {
    pub(super) fn new(server: S) -> Self {
        Self { server, found: Mutex::new(None), is_shut: AtomicBool::new(false) }
    }

    /// Runs `step` within `limit`, and fails much sooner while the address refuses connections.
    pub(super) async fn within<T>(
        &self,
        limit: Duration,
        step: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, Failure> {
        let mut step = pin!(step);
        // An open connection may still be served, so the step uses an idle one if there is one.
        let is_shut = self.is_shut.load(Ordering::Relaxed) && !self.server.has_idle();
        // Such a short step would end before the probe answers.
        if !is_shut && limit <= PATIENCE {
            return within(limit, step).await;
        }
        within(limit, async {
            if !is_shut && let Ok(answer) = timeout(PATIENCE, step.as_mut()).await {
                return answer;
            }
            let mut refused = pin!(self.refused());
            poll_fn(|task| match step.as_mut().poll(task) {
                Poll::Pending => refused.as_mut().poll(task).map(|it| Err(sqlx::Error::Io(it))),
                answer => answer,
            })
            .await
        })
        .await
    }

    /// Returns once a probe finds that the address refuses connections.
    async fn refused(&self) -> std::io::Error {
        while !self.knock().await {
            sleep(PATIENCE).await;
        }
        ErrorKind::ConnectionRefused.into()
    }

    /// Returns whether the address refuses connections, from the last result or a new probe.
    async fn knock(&self) -> bool {
        // One probe at a time: other steps wait for its result.
        let mut found = self.found.lock().await;
        if let Some((at, is_shut)) = *found
            && now().duration_since(at) < if is_shut { SHUT_COUNTS } else { OPEN_COUNTS }
        {
            return is_shut;
        }
        let is_shut = self.server.refuses().await;
        *found = Some((now(), is_shut));
        self.is_shut.store(is_shut, Ordering::Relaxed);
        is_shut
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::atomic::AtomicUsize;

    use super::*;

    /// Longer than a test takes on any machine.
    const LONG: Duration = Duration::from_secs(600);

    /// A server that counts the probes.
    #[derive(Default)]
    struct Counted {
        refuses: AtomicBool,
        has_idle: AtomicBool,
        knocks: AtomicUsize,
    }

    impl Server for Counted {
        fn has_idle(&self) -> bool {
            self.has_idle.load(Ordering::SeqCst)
        }

        async fn refuses(&self) -> bool {
            self.knocks.fetch_add(1, Ordering::SeqCst);
            self.refuses.load(Ordering::SeqCst)
        }
    }

    impl ConnectProbe<Counted> {
        fn knocks(&self) -> usize {
            self.server.knocks.load(Ordering::SeqCst)
        }

        /// A step that is never answered.
        async fn wait(&self, limit: Duration) -> Failure {
            self.within(limit, pending::<Result<(), _>>()).await.unwrap_err()
        }
    }

    fn probe(refuses: bool) -> ConnectProbe<Counted> {
        ConnectProbe::new(Counted { refuses: refuses.into(), ..Counted::default() })
    }

    /// Otherwise each step that times out would open another connection to a server that is already
    /// slow.
    #[tokio::test]
    async fn a_step_that_has_no_time_to_hear_an_answer_does_not_knock() {
        let probe = probe(true);
        for limit in [Duration::ZERO, Duration::from_millis(1), PATIENCE] {
            assert!(matches!(probe.wait(limit).await, Failure::TimedOut(it) if it == limit));
        }
        assert_eq!(probe.knocks(), 0);
    }

    #[tokio::test]
    async fn a_step_that_waits_for_a_server_that_is_there_has_its_whole_time() {
        let (probe, limit) = (probe(false), PATIENCE * 2);
        assert!(matches!(probe.wait(limit).await, Failure::TimedOut(it) if it == limit));
        assert!(probe.knocks() > 0);
    }

    #[tokio::test]
    async fn a_step_that_waits_gives_up_once_the_server_refuses() {
        let refused = |it| matches!(it, Failure::Connection(ErrorKind::ConnectionRefused));
        let probe = probe(true);
        assert!(refused(probe.wait(LONG).await));
        // From then on every step probes at once, even with a short time limit.
        assert!(refused(probe.wait(PATIENCE / 2).await));
        assert!(probe.knocks() > 0);
        // If an open connection is idle, no probe is sent: the server may serve that connection.
        probe.server.has_idle.store(true, Ordering::SeqCst);
        let before = probe.knocks();
        let limit = Duration::from_millis(1);
        assert!(matches!(probe.wait(limit).await, Failure::TimedOut(it) if it == limit));
        assert_eq!(probe.knocks(), before);
    }

    #[tokio::test]
    async fn an_answer_counts_also_while_the_server_refuses() {
        let probe = probe(true);
        let _ = probe.wait(LONG).await;
        let answer = probe.within(LONG, std::future::ready(Ok(7))).await;
        assert!(matches!(answer, Ok(7)));
    }
}
