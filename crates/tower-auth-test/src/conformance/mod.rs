//! The store contract, promise by promise.
//!
//! [`store_conformance!`](crate::store_conformance) creates one test for each promise. A failure
//! names the promise, and the promise's own documentation here describes the requirement.
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
//! A store with a server implements [`Harness`] to create a fresh store:
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
//!         // Connect, and choose a prefix or a table that no other test uses.
//!         MyStore::new(clock)
//!     }
//! }
//!
//! store_conformance!(on_server, OnServer);
//! # fn main() {}
//! ```
//!
//! A harness that can inspect the server, or break it, implements the other methods of [`Harness`]
//! too: [`clean_up`](Harness::clean_up), [`row`](Harness::row) and
//! [`break_list`](Harness::break_list). Without them, the promises that need them pass unchecked,
//! so implement each that applies to your store.
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
//!         // This store compares with its clock alone: call its clean-up until it finds nothing
//!         // more. For a server that expires keys by its own time, reduce the time to live of each
//!         // key by `_passed`.
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
//! [`restart_conformance!`] also checks the steps that were under way, if the tests can kill the
//! server and start it again: see [`Restart`].
//!
//! A store whose limits declare that it cannot list must answer [`StoreErrorKind::Unsupported`] to
//! the tests of lists. Values are tried up to the declared limit, or up to 16 MiB if the limit is
//! larger. Declare less for the tests if your server is slow, but at least 512 bytes.
//!
//! [`restart_conformance!`]: crate::restart_conformance
//! [`StoreErrorKind::Unsupported`]: tower_auth_core::store::StoreErrorKind::Unsupported

use std::future::{Future, ready};
use std::time::Duration;

use tower_auth_core::Clock;
use tower_auth_core::store::{Key, Owner, Store};

#[expect(clippy::disallowed_methods, reason = "a server answers in real time")]
mod answered;
pub mod cancelling;
pub mod cleaning;
pub mod creating;
pub mod ending;
pub mod expiring;
mod fixture;
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

use fixture::Fixture;
pub use restarting::Restart;

/// Creates the stores under test.
///
/// Any `Fn(Clock) -> impl Store` is a harness, so a store that needs nothing except a clock can be
/// named by its constructor.
pub trait Harness: Sync {
    /// The store under test.
    type Store: Store;

    /// Returns a fresh, empty store that uses only this clock.
    ///
    /// The clock stands still, at a moment other than the present, until the test moves it. A
    /// server may use its own time only for clean-up, with a deadline counted from the injected
    /// clock's time.
    fn store(&self, clock: Clock) -> impl Future<Output = Self::Store> + Send;

    /// Runs the clean-up to its end, as the server or a background task does some time later.
    ///
    /// The clock has already moved. A server that expires keys by its own time does not move with
    /// the clock: remove each key whose time to live is at most `passed`, and reduce that of each
    /// other key by `passed`. If `passed` is zero, this changes nothing.
    ///
    /// The default does nothing, which is right for a store that removes nothing, or removes
    /// records only within its steps.
    fn clean_up(&self, _store: &Self::Store, _passed: Duration) -> impl Future<Output = ()> + Send {
        ready(())
    }

    /// Returns all bytes that the server holds under `key`, whether the record is live, expired or
    /// ended: every column, one after the other. Returns no bytes if there is nothing.
    ///
    /// The default is `None`, for a server whose memory cannot be inspected, or which holds the
    /// values in another form (compressed, encrypted).
    fn row(
        &self,
        _store: &Self::Store,
        _key: &Key,
    ) -> impl Future<Output = Option<Vec<u8>>> + Send {
        ready(None)
    }

    /// Makes every write to the owner's list fail at the server or, if `broken` is false, succeed
    /// again. The existing entries of the list may be lost. Returns whether the server could be
    /// made to fail.
    ///
    /// The default is `false`, which is right for a store that writes the list together with the
    /// record.
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
