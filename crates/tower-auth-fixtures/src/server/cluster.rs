//! A Redis Cluster.

use std::process::Command;
use std::time::Instant;

use super::process::{PATIENCE, free_port};
use super::redis::{Redis, cli};

/// A cluster of three primaries with one replica each.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<Redis>,
}

impl RedisCluster {
    /// Starts the cluster, and waits until every node reports it as complete.
    ///
    /// # Panics
    /// Panics if the cluster does not come up.
    #[must_use]
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Starts the cluster with further settings for every node.
    ///
    /// # Panics
    /// Panics if the cluster does not come up.
    #[must_use]
    pub fn with(settings: &[&str]) -> Self {
        let nodes: Vec<_> = (0..6).map(|_| node(settings)).collect();
        let addresses = nodes.iter().map(|it| format!("127.0.0.1:{}", it.port()));
        let output = Command::new("redis-cli")
            .args(["--cluster", "create"])
            .args(addresses)
            .args(["--cluster-replicas", "1", "--cluster-yes"])
            .output()
            .expect("redis-cli runs");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}");
        for node in &nodes {
            node.process().wait_for("Cluster state changed: ok");
        }
        let cluster = Self { nodes };
        for node in &cluster.nodes {
            if node.cli(&["ROLE"]).starts_with("slave") {
                node.process().wait_for("MASTER <-> REPLICA sync: Finished with success");
            }
        }
        cluster
    }

    /// Returns the nodes' addresses.
    #[must_use]
    pub fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(Redis::url).collect()
    }

    /// Returns the nodes' ports.
    #[must_use]
    pub fn ports(&self) -> Vec<u16> {
        self.nodes.iter().map(Redis::port).collect()
    }

    /// Returns the ports of the live nodes that report the role of a primary.
    #[must_use]
    pub fn primaries(&self) -> Vec<u16> {
        let lives = |port: &u16| std::net::TcpStream::connect(("127.0.0.1", *port)).is_ok();
        let ports = self.ports().into_iter().filter(lives);
        ports.filter(|port| cli(*port, &["ROLE"]).starts_with("master")).collect()
    }

    /// Returns the node on `port`.
    ///
    /// # Panics
    /// Panics if there is none.
    pub fn node(&mut self, port: u16) -> &mut Redis {
        self.nodes.iter_mut().find(|it| it.port() == port).expect("one of the nodes")
    }

    /// Sends a command to the node that has the key's slot, and returns the reply.
    #[must_use]
    pub fn cli(&self, command: &[&str]) -> String {
        let mut line = vec!["-c"];
        line.extend(command);
        let primary = self.primaries()[0];
        cli(primary, &line)
    }

    /// Sends a command to the node on `port`, and returns the reply.
    #[must_use]
    pub fn cli_on(&self, port: u16, command: &[&str]) -> String {
        cli(port, command)
    }

    /// Moves `slots` slots with their content from one primary to another, and waits until all
    /// nodes know it.
    ///
    /// # Panics
    /// Panics if the move fails.
    pub fn move_slots(&self, from: u16, to: u16, slots: u32) {
        let id = |port| cli(port, &["CLUSTER", "MYID"]);
        let output = Command::new("redis-cli")
            .args(["--cluster", "reshard", &format!("127.0.0.1:{from}")])
            .args(["--cluster-from", &id(from), "--cluster-to", &id(to)])
            .args(["--cluster-slots", &slots.to_string(), "--cluster-yes"])
            .output()
            .expect("redis-cli runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        // Until then, the cluster would refuse the next move.
        let start = Instant::now();
        while !agree(from) {
            assert!(start.elapsed() < PATIENCE, "the nodes do not agree");
        }
    }
}

/// Returns `true` if all nodes agree on the owners of the slots.
fn agree(asked: u16) -> bool {
    let check = ["--cluster", "check", &format!("127.0.0.1:{asked}")];
    let output = Command::new("redis-cli").args(check).output().expect("redis-cli runs");
    output.status.success()
}

fn node(settings: &[&str]) -> Redis {
    // The default bus port is the node's port plus 10000, which may exceed the last port.
    let bus = free_port().to_string();
    let mut all = vec!["--cluster-enabled", "yes", "--cluster-port", &bus];
    all.extend(["--cluster-node-timeout", "2000", "--cluster-config-file", "nodes.conf"]);
    all.extend(["--cluster-replica-validity-factor", "0"]);
    all.extend(settings);
    Redis::with(&all)
}
