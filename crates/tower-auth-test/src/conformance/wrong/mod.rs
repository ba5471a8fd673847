//! Stores that each break one promise. They prove that the suite can fail.

mod harness;
mod mutant;
mod server;
mod steps;
mod store;

pub(crate) use harness::Wrong;
pub(crate) use mutant::Mutant;
pub(crate) use server::{Fault, Server};
pub(crate) use store::WrongStore;
