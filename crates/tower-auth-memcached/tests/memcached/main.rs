//! The conformance suite on a real Memcached: one server for all tests, with a prefix for each.

#![allow(clippy::disallowed_methods, reason = "runs a real server")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use tower_auth_core::Clock;
use tower_auth_core::store::Key;
use tower_auth_fixtures::server::Memcached;
use tower_auth_memcached::MemcachedStore;
use tower_auth_test::conformance::{Harness, Restart};
use tower_auth_test::{restart_conformance, store_conformance};

mod faults;
mod raw;

// Enough memory: an eviction in these tests would not be a fault of the store.
static SERVER: LazyLock<Memcached> = LazyLock::new(|| Memcached::with(&["-m", "512"]));
static PREFIXES: AtomicU32 = AtomicU32::new(0);

fn address(server: &Memcached) -> String {
    format!("memcached://127.0.0.1:{}", server.port())
}

/// The prefix of the store that was created last.
#[derive(Default)]
struct Prefixes(Mutex<String>);

impl Harness for Prefixes {
    type Store = MemcachedStore;

    async fn store(&self, clock: Clock) -> MemcachedStore {
        let prefix = format!("test-{}:", PREFIXES.fetch_add(1, Ordering::SeqCst));
        // A long timeout: these tests do not measure time, and the machine may be under load.
        let builder = MemcachedStore::builder(&address(&SERVER), clock);
        let builder = builder.timeout(Duration::from_secs(30));
        let store = builder.key_prefix(&prefix).build().expect("an address");
        *self.0.lock().unwrap() = prefix;
        store
    }

    async fn clean_up(&self, _store: &MemcachedStore, passed: Duration) {
        if passed > Duration::ZERO {
            raw::grow_older(&SERVER, &self.0.lock().unwrap(), passed);
        }
    }

    async fn row(&self, _store: &MemcachedStore, key: &Key) -> Option<Vec<u8>> {
        Some(raw::get(&SERVER, &format!("{}{key}", self.0.lock().unwrap())))
    }
}

store_conformance!(conformance, Prefixes::default());

/// A server of its own, because the test kills it.
struct OwnServer(Mutex<Memcached>);

impl OwnServer {
    fn start() -> Self {
        Self(Mutex::new(Memcached::start()))
    }
}

impl Harness for OwnServer {
    type Store = MemcachedStore;

    async fn store(&self, clock: Clock) -> MemcachedStore {
        let address = address(&self.0.lock().unwrap());
        let builder = MemcachedStore::builder(&address, clock);
        builder.timeout(Duration::from_secs(30)).build().expect("an address")
    }
}

impl Restart for OwnServer {
    fn keeps(&self) -> bool {
        false
    }

    async fn kill(&self) {
        self.0.lock().unwrap().kill();
    }

    async fn start(&self) {
        self.0.lock().unwrap().restart();
    }
}

restart_conformance!(restarted, OwnServer::start());
