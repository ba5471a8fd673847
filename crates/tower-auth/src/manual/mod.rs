//! The manual: what the layers do about each attack, and why each default is what it is.
//!
//! Nothing to call here.

pub mod attacks;
pub mod defaults;
pub mod events;
pub mod nodes;
pub mod order;
