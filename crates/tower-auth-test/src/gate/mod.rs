//! Every possible order of the store steps of concurrent requests.
//!
//! A [`GateStore`] makes each store step wait until a schedule releases it. The explorers run a
//! [`TaskSet`] once per schedule: [`explore_all`] tries every possible order, [`explore_seeds`] as
//! many random ones as requested. There is no runtime, no sleep and no chance: the explorer returns
//! the schedule that fails, and [`replay`] runs it again.
//!
//! ```
//! use std::sync::{Arc, Mutex};
//! use tower_auth_core::store::{RecordId, Key, RecordKind, Store};
//! use tower_auth_test::gate::{GateStore, TaskSet, explore_all};
//! # use tower_auth_test::{TestClock, model::ModelStore};
//! # fn some_store() -> impl Store { ModelStore::new(TestClock::new().clock()) }
//!
//! let explored = explore_all(|| {
//!     let store = GateStore::new(some_store());
//!     let key = Key::new(RecordKind::Session, RecordId::new([1; 16]));
//!     let loads = Arc::new(Mutex::new(0));
//!     let mut task_set = TaskSet::new(store.gate());
//!     for name in ["one", "two"] {
//!         let (store, loads) = (store.clone(), loads.clone());
//!         task_set = task_set.task(name, async move {
//!             for _ in 0..2 {
//!                 store.load(&key).await.unwrap();
//!                 *loads.lock().unwrap() += 1;
//!             }
//!         });
//!     }
//!     task_set.check(move || assert_eq!(*loads.lock().unwrap(), 4))
//! })
//! .unwrap();
//! assert_eq!(explored.schedules, 6);
//! ```

mod explore;
mod run;
mod store;
#[cfg(test)]
mod tests;
mod waiting;

pub use explore::{Explored, Failure, explore_all, explore_seed, explore_seeds, replay};
pub use run::TaskSet;
pub use store::GateStore;
pub use waiting::{Gate, Waiting};
