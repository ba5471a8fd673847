//! The servers, and two ways to reach them: directly for node A, and through proxies for node B.

use tower_auth::Clock;
use tower_auth_fixtures::proxy::Proxy;
use tower_auth_fixtures::server::{Redis, RedisCluster, RedisSentinels};
use tower_auth_redis::{RedisStore, RedisStoreBuilder};

pub(crate) enum Servers {
    Node(Redis),
    Sentinels(RedisSentinels),
    Cluster(RedisCluster),
}

impl Servers {
    pub(crate) fn start(topology: &str) -> Option<Self> {
        match topology {
            "node" => Some(Self::Node(Redis::start())),
            "sentinel" => Some(Self::Sentinels(RedisSentinels::start())),
            "cluster" => Some(Self::Cluster(RedisCluster::start())),
            _ => None,
        }
    }

    /// Starts a proxy for each server.
    pub(crate) fn proxies(&self) -> Vec<Proxy> {
        match self {
            Self::Node(redis) => Proxy::in_front_of(&[redis.port()]),
            Self::Sentinels(all) => {
                let ports: Vec<_> = all.sentinels().into_iter().chain(all.ports()).collect();
                Proxy::in_front_of(&ports)
            }
            Self::Cluster(all) => Proxy::in_front_of(&all.ports()),
        }
    }

    /// Builds a store with direct connections.
    pub(crate) fn direct(&self) -> RedisStoreBuilder {
        match self {
            Self::Node(redis) => RedisStore::node(redis.url(), Clock::system()),
            Self::Sentinels(all) => sentinel(all.urls()),
            Self::Cluster(all) => RedisStore::cluster(all.urls(), Clock::system()),
        }
    }

    /// Builds a store with connections through the proxies.
    pub(crate) fn through(&self, proxies: &[Proxy]) -> RedisStoreBuilder {
        let url = |it: &Proxy| format!("redis://127.0.0.1:{}", it.port());
        let urls: Vec<_> = proxies.iter().map(url).collect();
        match self {
            Self::Node(_) => RedisStore::node(urls.concat(), Clock::system()),
            // The Sentinels come first.
            Self::Sentinels(all) => {
                sentinel(urls.into_iter().take(all.sentinels().len()).collect())
            }
            Self::Cluster(_) => RedisStore::cluster(urls, Clock::system()),
        }
    }

    /// Returns the number of replicas of a primary. Each may become the next primary, so each must
    /// confirm.
    pub(crate) const fn replicas(&self) -> u32 {
        match self {
            Self::Node(_) => 0,
            Self::Sentinels(_) => 2,
            Self::Cluster(_) => 1,
        }
    }

    /// Returns the ports of the servers that accept writes.
    pub(crate) fn primaries(&self) -> Vec<u16> {
        match self {
            Self::Node(redis) => vec![redis.port()],
            Self::Sentinels(all) => vec![all.primary()],
            Self::Cluster(all) => all.primaries(),
        }
    }

    pub(crate) fn node(&mut self, port: u16) -> &mut Redis {
        match self {
            Self::Node(redis) => redis,
            Self::Sentinels(all) => all.node(port),
            Self::Cluster(all) => all.node(port),
        }
    }
}

fn sentinel(urls: Vec<String>) -> RedisStoreBuilder {
    RedisStore::sentinel(urls, RedisSentinels::NAME, Clock::system())
}
