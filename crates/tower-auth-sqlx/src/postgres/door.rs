//! Whether anybody is there to let a connection in.

use std::future::{Future, poll_fn};
use std::io::ErrorKind;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use sqlx::postgres::PgPool;
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout};

use crate::table::failure::{Failure, within};

/// How long a step may take before anything is asked: most take much less.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long an answer counts, however many steps wait: a server that is merely slow must not be
/// bothered, and one that comes back is to be found.
const OPEN_COUNTS: Duration = Duration::from_secs(1);
const SHUT_COUNTS: Duration = Duration::from_millis(100);

/// Gives up where the server's address refuses connections.
///
/// A pool of sqlx's takes that for a server that is about to come up, and tries until its time is over:
/// each step of an outage would wait for the whole time-out. So a step that waits has somebody knock
/// beside it, by a connection outside of the pool.
pub(super) struct Door {
    pool: PgPool,
    /// What was found the last time, and when.
    found: Mutex<Option<(Instant, bool)>>,
    is_shut: AtomicBool,
}

impl Door {
    pub(super) fn new(pool: PgPool) -> Self {
        Self { pool, found: Mutex::new(None), is_shut: AtomicBool::new(false) }
    }

    /// Waits for the database for so long, and not longer; much shorter while nobody is there.
    pub(super) async fn within<T>(
        &self,
        limit: Duration,
        step: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, Failure> {
        let mut step = pin!(step);
        // Who was let in before may be served all the same, so an idle connection is tried.
        let is_shut = self.is_shut.load(Ordering::Relaxed) && self.pool.num_idle() == 0;
        // Such a step has no time to hear an answer.
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

    /// Comes back when the door is found shut.
    async fn refused(&self) -> std::io::Error {
        while !self.knock().await {
            sleep(PATIENCE).await;
        }
        ErrorKind::ConnectionRefused.into()
    }

    /// Says whether it is shut.
    async fn knock(&self) -> bool {
        // One at a time; the others wait for what it finds.
        let mut found = self.found.lock().await;
        if let Some((at, is_shut)) = *found
            && at.elapsed() < if is_shut { SHUT_COUNTS } else { OPEN_COUNTS }
        {
            return is_shut;
        }
        let is_shut = match self.pool.connect_options().connect().await {
            Ok(connection) => {
                // It has done what it was for.
                let _ = connection.close().await;
                false
            }
            // Any other answer is one: somebody is there.
            Err(sqlx::Error::Io(error)) => error.kind() == ErrorKind::ConnectionRefused,
            Err(_) => false,
        };
        *found = Some((Instant::now(), is_shut));
        self.is_shut.store(is_shut, Ordering::Relaxed);
        is_shut
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use sqlx::postgres::PgPoolOptions;

    use super::*;

    /// Else each step that is too slow would cost the server a connection, and it is slow already.
    #[tokio::test]
    async fn who_has_no_time_to_hear_an_answer_does_not_knock() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        server.set_nonblocking(true).unwrap();
        let url = format!("postgres://it@{}/it", server.local_addr().unwrap());
        let door = Door::new(PgPoolOptions::new().connect_lazy(&url).unwrap());
        let limit = PATIENCE / 5;
        for _ in 0..4 {
            let answer = door.within(limit, std::future::pending::<Result<(), _>>()).await;
            assert!(matches!(answer, Err(Failure::TimedOut(it)) if it == limit));
        }
        assert!(server.accept().is_err(), "somebody has knocked");
        // Who waits longer is told for how long.
        let answer = door.within(PATIENCE * 2, std::future::pending::<Result<(), _>>()).await;
        assert!(matches!(answer, Err(Failure::TimedOut(it)) if it == PATIENCE * 2));
        assert!(server.accept().is_ok(), "nobody has knocked");
    }
}
