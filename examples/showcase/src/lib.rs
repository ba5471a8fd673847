//! Every layer of tower-auth in one running application; `main.rs` starts it.
//!
//! Begin with [`routes::table`]: every route, and who may use it. Then [`app()`]: the stack that a
//! request passes, readable aloud. Then one file of `routes/` at a time.

#![allow(clippy::disallowed_methods, reason = "an application has the system's clock, and tasks")]

mod accepts;
pub mod app;
pub mod args;
pub mod greeting;
mod headers;
pub mod keys;
mod problem;
pub mod routes;
mod run;
pub mod store;
pub mod tls;
pub mod tour;
pub mod users;

pub use app::{Config, app};
pub use run::run;
