//! Checks that ended sessions stay ended on both nodes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use http::StatusCode;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::sleep;

use crate::checker::{BOUND, What};
use crate::client::{Dead, Lane};
use crate::node::Does;

/// The time for which each session is checked: at least until after the next fail-over.
const WATCHED: Duration = Duration::from_secs(100);
/// The interval between two checks of all sessions.
const EACH: Duration = Duration::from_secs(4);

pub(crate) async fn watch(
    lane: Arc<Lane>,
    mut dead: UnboundedReceiver<Dead>,
    stop: Arc<AtomicBool>,
) {
    let mut all: VecDeque<Dead> = VecDeque::new();
    loop {
        let last = stop.load(Ordering::SeqCst);
        let round = Instant::now();
        let mut staying = VecDeque::new();
        while let Some(one) = all.pop_front() {
            if one.ended.elapsed() < WATCHED && !is_alive(&lane, &one).await {
                staying.push_back(one);
            }
        }
        all = staying;
        if last {
            return;
        }
        // New sessions are checked at once, while the other node may not know the end yet.
        while round.elapsed() < EACH && !stop.load(Ordering::SeqCst) {
            while let Ok(one) = dead.try_recv() {
                if !is_alive(&lane, &one).await {
                    all.push_back(one);
                }
            }
            sleep(Duration::from_millis(10)).await;
        }
    }
}

async fn is_alive(lane: &Lane, dead: &Dead) -> bool {
    for (by, node) in lane.nodes.iter().enumerate() {
        let begun = Instant::now();
        let reply = node.ask(Some(&dead.cookie), Does::Read).await;
        lane.checker.notes().probes += 1;
        if reply.status != StatusCode::OK {
            continue;
        }
        match reply.who {
            None => {}
            Some(who) if who != dead.subject => {
                let detail = format!("the ended session of {} is of {who}", dead.subject);
                lane.checker.event(What::Anothers, dead.ended, detail);
                return true;
            }
            Some(_) if by != dead.node && begun < dead.ended + BOUND => {
                lane.checker.notes().stale += 1;
            }
            Some(_) => {
                let what =
                    if dead.confirmed { What::ConfirmedAliveAgain } else { What::AliveAgain };
                let detail = format!("{} by node {}, seen on node {by}", dead.how, dead.node);
                lane.checker.event(what, dead.ended, detail);
                return true;
            }
        }
    }
    false
}
