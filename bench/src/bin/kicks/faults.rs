//! Random faults of the feed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tower_auth_bench::random::Random;
use tower_auth_fixtures::proxy::Proxy;

use crate::servers::Servers;

/// The duration of a stopped server or a silent network: from too short to notice to longer than
/// every timeout.
const SHORT: Duration = Duration::from_millis(100);
const LONG: Duration = Duration::from_secs(4);
/// The time between two faults, long enough at times for the feed to recover.
const CALM: (Duration, Duration) = (Duration::from_millis(300), Duration::from_millis(4000));

/// The number of times that each fault occurred.
#[derive(Default)]
pub(crate) struct Faults(BTreeMap<&'static str, u32>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, times)) in self.0.iter().enumerate() {
            write!(f, "{}{times} × {name}", if at > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

/// Causes faults until `stop` is set. Everything works again when it returns.
pub(crate) fn run(
    servers: &mut Servers,
    proxies: &[Proxy],
    random: &mut Random,
    stop: &AtomicBool,
) -> Faults {
    let mut faults = Faults::default();
    let start = Instant::now();
    while !stop.load(Ordering::SeqCst) {
        sleep(random.between(CALM.0, CALM.1));
        let name = one(servers, proxies, random);
        *faults.0.entry(name).or_default() += 1;
        if std::env::var_os("KICKS_TELL").is_some() {
            eprintln!("{:.1?}: {name}", start.elapsed());
        }
    }
    faults
}

fn one(servers: &mut Servers, proxies: &[Proxy], random: &mut Random) -> &'static str {
    let primaries = servers.primaries();
    let port = random.one_of(&primaries).copied().unwrap_or_default();
    match random.below(5) {
        0 | 1 => {
            kill_pushes(servers, port);
            "push connections killed"
        }
        2 => {
            servers.node(port).pause();
            sleep(random.between(SHORT, LONG));
            servers.node(port).resume();
            "a primary stopped"
        }
        3 => {
            // One primary or all of them: a broken cable, or a broken switch.
            let all = random.below(2) == 0;
            let at = random.below(proxies.len() as u64) as usize;
            let holes = || proxies.iter().enumerate().filter(|(it, _)| all || *it == at);
            holes().for_each(|(_, it)| it.black_hole(true));
            sleep(random.between(SHORT, LONG));
            holes().for_each(|(_, it)| it.black_hole(false));
            "black hole"
        }
        _ => {
            proxies.iter().for_each(Proxy::cut);
            "all connections of B cut"
        }
    }
}

/// Closes the connections on which the server pushes.
fn kill_pushes(servers: &mut Servers, port: u16) {
    let node = servers.node(port);
    for client in node.cli(&["CLIENT", "LIST"]).lines() {
        let word = |name: &str| client.split(' ').find_map(|it| it.strip_prefix(name));
        // `B`: a connection that tracks keys in broadcast mode.
        if let (Some(id), true) = (word("id="), word("flags=").is_some_and(|it| it.contains('B'))) {
            // Another fault may have closed it already.
            let _ = node.cli(&["CLIENT", "KILL", "ID", id]);
        }
    }
}
