//! The store contract as the simplest program that keeps it, and ways to break it.
//!
//! [`ModelStore`] is one map under one lock: to compare with, and to read. It can be made to break
//! one promise at a time ([`Mutant`]); that is how the conformance suite shows that it can fail,
//! and how a test of yours shows that it needs the promise.
//!
//! ```
//! use tower_auth_test::model::{ModelStore, Mutant};
//! # use tower_auth_test::TestClock;
//!
//! let time = TestClock::new();
//! let right = ModelStore::new(time.clock());
//! let wrong = ModelStore::broken(time.clock(), Mutant::SaveIgnoresVersion);
//! ```

mod mutant;
mod store;

pub use mutant::Mutant;
pub use store::ModelStore;
