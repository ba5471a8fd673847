//! A primary, its replicas, and three Sentinels.

use std::fs;

use tempfile::TempDir;

use super::process::{Process, free_port};
use super::redis::{Redis, cli};

/// A primary with two replicas, watched by three Sentinels under the name [`NAME`](Self::NAME).
#[derive(Debug)]
pub struct RedisSentinels {
    nodes: Vec<Redis>,
    sentinels: Vec<Sentinel>,
}

#[derive(Debug)]
struct Sentinel {
    process: Process,
    port: u16,
    _directory: TempDir,
}

impl RedisSentinels {
    /// The Sentinels' name of the primary.
    pub const NAME: &'static str = "primary";

    /// Starts all servers, and waits until the Sentinels know each other and the replicas.
    ///
    /// # Panics
    /// Panics if the servers do not come up.
    #[must_use]
    pub fn start() -> Self {
        let primary = Redis::start();
        let port = primary.port().to_string();
        let mut nodes = vec![primary];
        for _ in 0..2 {
            let replica = Redis::with(&["--replicaof", "127.0.0.1", &port]);
            replica.process().wait_for("MASTER <-> REPLICA sync: Finished with success");
            nodes.push(replica);
        }
        let sentinels: Vec<_> = (0..3).map(|_| Sentinel::start(&port)).collect();
        for sentinel in &sentinels {
            for other in sentinels.iter().filter(|other| other.port != sentinel.port) {
                sentinel.process.wait_for(&format!(" 127.0.0.1 {} @ {}", other.port, Self::NAME));
            }
            for replica in &nodes[1..] {
                sentinel.process.wait_for(&format!("+slave slave 127.0.0.1:{}", replica.port()));
            }
        }
        Self { nodes, sentinels }
    }

    /// Returns the Sentinels' addresses.
    #[must_use]
    pub fn urls(&self) -> Vec<String> {
        self.sentinels.iter().map(|it| format!("redis://127.0.0.1:{}", it.port)).collect()
    }

    /// Returns the Sentinels' ports.
    #[must_use]
    pub fn sentinels(&self) -> Vec<u16> {
        self.sentinels.iter().map(|it| it.port).collect()
    }

    /// Returns the ports of the primary and its replicas.
    #[must_use]
    pub fn ports(&self) -> Vec<u16> {
        self.nodes.iter().map(Redis::port).collect()
    }

    /// Returns the port of the current primary, as the Sentinels report it.
    ///
    /// # Panics
    /// Panics if the Sentinels do not answer.
    #[must_use]
    pub fn primary(&self) -> u16 {
        let answer =
            cli(self.sentinels[0].port, &["SENTINEL", "GET-MASTER-ADDR-BY-NAME", Self::NAME]);
        answer.lines().nth(1).and_then(|port| port.parse().ok()).expect("a port")
    }

    /// Sends a command to the current primary, as the Sentinels report it.
    ///
    /// # Panics
    /// Panics if the servers do not answer.
    #[must_use]
    pub fn cli(&self, command: &[&str]) -> String {
        cli(self.primary(), command)
    }

    /// Returns the node on `port`.
    ///
    /// # Panics
    /// Panics if there is none.
    pub fn node(&mut self, port: u16) -> &mut Redis {
        self.nodes.iter_mut().find(|it| it.port() == port).expect("one of the nodes")
    }

    /// Requests a fail-over, and waits until a Sentinel has switched. Returns the port of the new
    /// primary.
    ///
    /// # Panics
    /// Panics if the fail-over fails.
    pub fn fail_over(&mut self) -> u16 {
        let old = self.primary();
        let answer = cli(self.sentinels[0].port, &["SENTINEL", "FAILOVER", Self::NAME]);
        assert_eq!(answer, "OK");
        self.wait_for_switch(old)
    }

    /// Waits until a Sentinel has switched away from `old`. Returns the port of the new primary.
    pub fn wait_for_switch(&mut self, old: u16) -> u16 {
        let line = format!("+switch-master {} 127.0.0.1 {old} ", Self::NAME);
        self.sentinels[0].process.wait_for(&line);
        self.primary()
    }
}

impl Sentinel {
    fn start(primary: &str) -> Self {
        let (name, port) = (RedisSentinels::NAME, free_port());
        let directory = TempDir::new().expect("a temporary directory");
        let file = directory.path().join("sentinel.conf");
        let settings = format!(
            "port {port}\nbind 127.0.0.1\ndir {}\nprotected-mode no\n\
             sentinel monitor {name} 127.0.0.1 {primary} 2\n\
             sentinel down-after-milliseconds {name} 1000\n\
             sentinel failover-timeout {name} 5000\n",
            directory.path().display()
        );
        // The Sentinel writes its knowledge into this file.
        fs::write(&file, settings).expect("the directory takes a file");
        let process =
            Process::start(&["redis-server", &file.to_string_lossy(), "--sentinel"], "+monitor");
        Self { process, port, _directory: directory }
    }
}
