//! Starts real programs for this project's tests, and runs the commands that documents and programs
//! show to users. Not published.
//!
//! Nothing here sleeps for a fixed time: a program is up when it prints a certain line, or when it
//! answers. A failure here is the failure of the calling test, so the functions panic with a
//! description.

#![allow(clippy::disallowed_methods, reason = "starts real servers and waits for them")]

mod http;
mod lines;
mod program;
pub mod proxy;
pub mod server;

pub use lines::{Line, lines};
pub use program::Program;
