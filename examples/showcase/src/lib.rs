//! Every layer of tower-auth in one running application; `main.rs` starts it.
//!
//! Begin with [`routes::table`], which lists every route and its users. Then read [`app()`], the
//! stack that a request passes. Then read the files of `routes/`, one at a time.

#![allow(clippy::disallowed_methods, reason = "an application uses the clock and spawns tasks")]

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
