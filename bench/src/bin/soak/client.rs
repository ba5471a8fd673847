//! A client, and the answers that it received.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use http::StatusCode;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::sleep;
use tower_auth::store::RecordId;
use tower_auth_bench::random::Random;

use crate::checker::{BOUND, Checker, What};
use crate::node::{Does, Node, Reply};

/// The pause between two requests of a client.
const PAUSE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(300));

/// Two nodes over one Cluster.
pub(crate) struct Lane {
    pub(crate) nodes: [Node; 2],
    /// A replica confirms each end.
    pub(crate) confirms: bool,
    pub(crate) checker: Arc<Checker>,
    pub(crate) dead: UnboundedSender<Dead>,
}

/// A session whose end was acknowledged.
pub(crate) struct Dead {
    pub(crate) cookie: String,
    pub(crate) subject: String,
    pub(crate) ended: Instant,
    /// The node that acknowledged the end.
    pub(crate) node: usize,
    pub(crate) confirmed: bool,
    pub(crate) how: &'static str,
}

struct Life {
    cookie: String,
    name: Option<RecordId>,
    /// The greatest number that was ever sent.
    sent: u64,
    /// The number that the server last acknowledged, with its node and time.
    told: u64,
    at: Instant,
    by: usize,
}

pub(crate) async fn run(
    lane: Arc<Lane>,
    subject: String,
    mut random: Random,
    stop: Arc<AtomicBool>,
) {
    let mut life: Option<Life> = None;
    while !stop.load(Ordering::SeqCst) {
        sleep(random.between(PAUSE.0, PAUSE.1)).await;
        let by = random.below(2) as usize;
        life = match life {
            None => login(&lane, by, &subject).await,
            Some(life) => match random.below(100) {
                0..3 => logout(&lane, by, &subject, life).await,
                3..6 => kick(&lane, by, &subject, life, random.below(2) == 0).await,
                6..40 => count(&lane, by, &subject, life).await,
                _ => read(&lane, by, &subject, life, Does::Read).await.0,
            },
        };
    }
}

impl Lane {
    async fn ask(&self, by: usize, cookie: Option<&str>, does: Does) -> Reply {
        let begun = Instant::now();
        let reply = self.nodes[by].ask(cookie, does).await;
        let mut notes = self.checker.notes();
        notes.answers += 1;
        notes.took.push(begun.elapsed());
        drop(notes);
        if reply.status != StatusCode::OK {
            self.checker.refused();
        }
        reply
    }
}

async fn login(lane: &Lane, by: usize, subject: &str) -> Option<Life> {
    let reply = lane.ask(by, None, Does::Login(subject.to_owned())).await;
    if reply.status != StatusCode::OK {
        return None;
    }
    lane.checker.notes().logins += 1;
    let (cookie, name) = (reply.cookie?, reply.name);
    Some(Life { cookie, name, sent: 0, told: 0, at: Instant::now(), by })
}

/// Sends a request, and compares its result with the client's last acknowledged state. The session
/// is returned if it is still the client's.
async fn read(
    lane: &Lane,
    by: usize,
    subject: &str,
    mut life: Life,
    does: Does,
) -> (Option<Life>, Option<Reply>) {
    let begun = Instant::now();
    let before = life.sent;
    if let Does::Count(count) = does {
        life.sent = count;
    }
    let reply = lane.ask(by, Some(&life.cookie), does).await;
    if reply.status == StatusCode::SERVICE_UNAVAILABLE {
        return (Some(life), None);
    }
    let checker = &lane.checker;
    match &reply.who {
        Some(who) if who != subject => {
            checker.event(What::Anothers, life.at, format!("{subject} was told to be {who}"));
            (None, None)
        }
        Some(_) => {
            let count = reply.count.unwrap_or(0);
            if count > before {
                checker.event(
                    What::DeferredRefusal,
                    life.at,
                    format!("{count} after {before} were sent"),
                );
            } else if count < life.told {
                if by != life.by && begun < life.at + BOUND {
                    checker.notes().stale += 1;
                } else {
                    let detail = format!("{count} on node {by}, told {} by {}", life.told, life.by);
                    checker.event(What::UpdateLost, life.at, detail);
                    (life.told, life.by) = (count, by);
                }
            } else if count > life.told {
                // A write without an answer was done.
                (life.told, life.at, life.by) = (count, begun, by);
            }
            (Some(life), Some(reply))
        }
        None => {
            let detail =
                format!("status {} on node {by}, {} by {}", reply.status, life.told, life.by);
            checker.event(What::SessionLost, life.at, detail);
            (None, None)
        }
    }
}

async fn count(lane: &Lane, by: usize, subject: &str, life: Life) -> Option<Life> {
    let next = life.sent + 1;
    let (life, reply) = read(lane, by, subject, life, Does::Count(next)).await;
    let mut life = life?;
    if reply.is_some_and(|it| it.status == StatusCode::OK) {
        lane.checker.notes().updates += 1;
        (life.told, life.at, life.by) = (next, Instant::now(), by);
    }
    Some(life)
}

async fn logout(lane: &Lane, by: usize, subject: &str, life: Life) -> Option<Life> {
    let reply = lane.ask(by, Some(&life.cookie), Does::Logout).await;
    // If the session was gone already, the logout did nothing, and its answer says nothing about
    // the session.
    if reply.status == StatusCode::OK && reply.who.as_deref() == Some(subject) {
        lane.checker.notes().logouts += 1;
        buried(lane, by, subject, life, "logout");
    } else {
        lane.checker.notes().unsure += 1;
    }
    None
}

async fn kick(lane: &Lane, by: usize, subject: &str, life: Life, all: bool) -> Option<Life> {
    let Some(name) = life.name else { return Some(life) };
    if lane.nodes[by].kick(name, all).await.is_ok() {
        lane.checker.notes().kicks += 1;
        buried(lane, by, subject, life, if all { "kick of all" } else { "kick" });
    } else {
        lane.checker.refused();
        lane.checker.notes().unsure += 1;
    }
    None
}

fn buried(lane: &Lane, node: usize, subject: &str, life: Life, how: &'static str) {
    lane.checker.notes().confirmed += u64::from(lane.confirms);
    let dead = Dead {
        cookie: life.cookie,
        subject: subject.to_owned(),
        ended: Instant::now(),
        node,
        confirmed: lane.confirms,
        how,
    };
    // The receiver is gone only at the end of the run.
    let _ = lane.dead.send(dead);
}
