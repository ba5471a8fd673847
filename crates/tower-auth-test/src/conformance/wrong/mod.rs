//! Stores that each break one promise: what shows that the suite can fail.

mod mutant;
mod steps;
mod store;

pub(crate) use mutant::Mutant;
pub(crate) use store::WrongStore;
