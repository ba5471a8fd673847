//! The manual: what the layers do about each attack, why each default is what it is, and where the
//! state lives.
//!
//! Nothing to call here.

pub mod attacks;
pub mod defaults;
pub mod events;
pub mod nodes;
pub mod order;
pub mod stores;
