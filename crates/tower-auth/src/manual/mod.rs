//! The manual: the protection against each attack, the reason for each default, and the places that
//! hold state.
//!
//! The crate `tower-auth-oidc` has the page `providers`, with the configuration for the tokens of
//! each provider.
//!
//! This module has no items to call.

pub mod attacks;
pub mod defaults;
pub mod events;
pub mod nodes;
pub mod order;
pub mod stores;
