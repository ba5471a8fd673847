//! Starts real programs for our own tests, and runs the lines that documents and programs tell a
//! person to run. Not published.
//!
//! Nothing here waits for a while: a program is up when it has said so, or when it answers. What goes wrong here is the
//! failure of the test that asked for it, so it panics and says what it was.

#![allow(clippy::disallowed_methods, reason = "starts real servers and waits for them")]

mod lines;
mod program;
pub mod proxy;
pub mod server;

pub use lines::{Line, lines};
pub use program::Program;
