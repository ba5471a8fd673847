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
//! Where the tests can kill the server and start it again, they also show what becomes of the steps that
//! were under way: see [`Restart`].
//!
//! A store whose limits say that it cannot list is asked to say so ([`ErrorKind::Unsupported`])
//! where the others list. Values are tried up to the declared limit, or to 16 MiB where that is
//! more: declare less for the tests if your server is slow, but at least 512 bytes.
//!
//! [`ErrorKind::Unsupported`]: tower_auth_core::store::ErrorKind::Unsupported

use std::future::Future;

use tower_auth_core::Clock;
use tower_auth_core::store::Store;

mod bench;
pub mod cancelling;
pub mod creating;
pub mod ending;
pub mod expiring;
pub mod keys;
mod life;
pub mod listing;
mod promises;
pub mod racing;
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
