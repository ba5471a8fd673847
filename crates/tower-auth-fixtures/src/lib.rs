//! Starts real programs for our own tests, and runs the lines that documents and programs tell a
//! person to run. Not published.
//!
//! Nothing here waits for a while: a program is up when it has said so.

mod lines;
mod program;

pub use lines::{Line, lines};
pub use program::Program;
