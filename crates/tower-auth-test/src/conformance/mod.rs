//! What every store must do: the store contract, promise by promise.
//!
//! [`store_conformance!`](crate::store_conformance) makes one test of each. Each failure names the
//! promise; the promise's own documentation here says what is asked.
//!
//! ```
//! # #![allow(unused)]
//! use tower_auth_test::{ModelStore, store_conformance};
//!
//! // The store in this process's memory: a function of the clock is enough.
//! store_conformance!(in_memory, ModelStore::new);
//! # fn main() {}
//! ```
//!
//! A store with a server says how a fresh one is made:
//!
//! ```
//! # #![allow(unused)]
//! use tower_auth_core::Clock;
//! use tower_auth_test::conformance::Harness;
//! # use tower_auth_test::{ModelStore as MyStore, store_conformance};
//!
//! struct OnServer;
//!
//! impl Harness for OnServer {
//!     type Store = MyStore;
//!
//!     async fn store(&self, clock: Clock) -> MyStore {
//!         // Connect, and take a prefix or a table that nobody else has.
//!         MyStore::new(clock)
//!     }
//! }
//!
//! store_conformance!(on_server, OnServer);
//! # fn main() {}
//! ```
//!
//! A harness that can look into the server, or break it, implements the other methods of [`Harness`] too:
//! [`clean_up`](Harness::clean_up), [`row`](Harness::row) and [`break_list`](Harness::break_list). Without
//! them, the promises that need them pass without a look, so implement each that applies to your store.
//!
//! ```
//! # #![allow(unused)]
//! # use std::time::Duration;
//! # use tower_auth_core::Clock;
//! # use tower_auth_core::store::{Key, Load, Store};
//! use tower_auth_test::conformance::Harness;
//! # use tower_auth_test::{ModelStore as MyStore, store_conformance};
//!
//! struct OnServer;
//!
//! impl Harness for OnServer {
//!     type Store = MyStore;
//!
//!     async fn store(&self, clock: Clock) -> MyStore {
//!         MyStore::new(clock)
//!     }
//!
//!     async fn clean_up(&self, store: &MyStore, _passed: Duration) {
//!         // This store compares with its clock alone: call its clean-up until nothing is left to do.
//!         // For a server that expires keys by its own time, bring each expiry nearer by `_passed`.
//!     }
//!
//!     async fn row(&self, store: &MyStore, key: &Key) -> Option<Vec<u8>> {
//!         // Ask the server itself: `SELECT * … WHERE key = …`, every column, one after the other.
//! #       Some(match store.load(key).await {
//! #           Ok(Load::Found(stored)) => stored.to_bytes(),
//! #           _ => Vec::new(),
//! #       })
//!     }
//! }
//!
//! store_conformance!(on_server, OnServer);
//! # fn main() {}
//! ```
//!
//! Where the tests can kill the server and start it again, they also show what becomes of the steps that
//! were under way: see [`Restart`].
//!
//! A store whose limits say that it cannot list is asked to say so ([`ErrorKind::Unsupported`])
//! where the others list. Values are tried up to the declared limit, or to 16 MiB where that is
//! more: declare less for the tests if your server is slow, but at least 512 bytes.
//!
//! [`ErrorKind::Unsupported`]: tower_auth_core::store::ErrorKind::Unsupported

use std::future::{Future, ready};
use std::time::Duration;

use tower_auth_core::Clock;
use tower_auth_core::store::{Key, Owner, Store};

#[expect(clippy::disallowed_methods, reason = "a server answers in real time")]
mod answered;
mod bench;
pub mod cancelling;
pub mod cleaning;
pub mod creating;
pub mod ending;
pub mod expiring;
pub mod indexing;
pub mod keys;
mod life;
pub mod listing;
mod promises;
#[expect(clippy::disallowed_methods, reason = "races are between tasks")]
pub mod racing;
#[expect(clippy::disallowed_methods, reason = "a server restarts in real time")]
pub mod restarting;
pub mod saving;
pub mod sizes;
#[cfg(test)]
mod tests;
pub mod touching;
pub mod versions;
#[cfg(test)]
mod wrong;

use bench::Bench;
pub use restarting::Restart;

/// Makes the stores that are held to the contract.
///
/// Any `Fn(Clock) -> impl Store` is one, so a store that needs nothing else can be named by its
/// constructor.
pub trait Harness: Sync {
    /// The store.
    type Store: Store;

    /// A fresh, empty store that goes by this clock alone.
    ///
    /// The clock stands still, at a moment that is not now, until the test moves it: a server's
    /// own time must be the broom only, with a deadline counted from the injected clock's moment.
    fn store(&self, clock: Clock) -> impl Future<Output = Self::Store> + Send;

    /// Cleans up to the end, as the server or a background task does some time later.
    ///
    /// The clock has already moved. For a server that expires keys by its own time, which does not
    /// move with the clock, `passed` says by how much it has to be moved: remove each key that has at
    /// most that long to live, and bring the expiry of each other key nearer by it. If `passed` is
    /// zero, that is nothing.
    ///
    /// By default nothing is done: right for a store that removes nothing, or only within its steps.
    fn clean_up(&self, _store: &Self::Store, _passed: Duration) -> impl Future<Output = ()> + Send {
        ready(())
    }

    /// Returns all bytes that the server holds under `key`, whether the record lives, has expired or was
    /// ended: every column, one after the other; no bytes if there is nothing.
    ///
    /// By default `None`: the server's memory cannot be looked at, or holds the values in another form
    /// (compressed, encrypted).
    fn row(
        &self,
        _store: &Self::Store,
        _key: &Key,
    ) -> impl Future<Output = Option<Vec<u8>>> + Send {
        ready(None)
    }

    /// Makes every write to the list of that owner fail at the server, or, if not `broken`, lets it
    /// succeed again. What was on the list may be lost thereby. Returns whether it could.
    ///
    /// By default `false`: right for a store whose list is not written apart from the record.
    fn break_list(
        &self,
        _store: &Self::Store,
        _owner: &Owner,
        _broken: bool,
    ) -> impl Future<Output = bool> + Send {
        ready(false)
    }
}

impl<F, S> Harness for F
where
    F: Fn(Clock) -> S + Sync,
    S: Store,
{
    type Store = S;

    async fn store(&self, clock: Clock) -> S {
        self(clock)
    }
}
