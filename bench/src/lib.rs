//! The cost of tower-auth, piece by piece. Each [`Work`] is one call of a stack of layers around a
//! service that does next to nothing; the cost of that service alone is subtracted.
//!
//! `scripts/bench` runs the binaries: `call` under callgrind, `allocations`, `table`, which prints
//! the results of both beside their targets, `growth`, `http`, `stores`, `memory` and `kicks`.
//! `scripts/soak` runs `soak`.

#![allow(clippy::disallowed_methods, reason = "measures real time")]

mod call;
pub mod callgrind;
pub mod figures;
mod growth;
pub mod random;
pub mod redis_time;
pub mod served;
pub mod sizes;
mod work;
mod works;

pub use call::{Call, measured};
pub use growth::Growth;
pub use work::Work;
pub use works::growth::GROWTH;
pub use works::{all, find};
