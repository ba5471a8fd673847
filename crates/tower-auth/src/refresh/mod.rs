//! Refresh tokens.

mod access;
mod builder;
mod decide;
mod engine;
mod error;
mod family;
mod scope;
mod token;
mod tokens;

pub use access::{AccessToken, AccessTokens, MintError};
pub use builder::Builder;
pub use error::{ConfigError, RefreshError, Refusal};
pub use tokens::{Presented, Tokens};

use std::sync::Arc;

/// Gives refresh tokens, exchanges and revokes them. A clone is the same engine.
#[derive(Clone)]
pub struct Refresh(Arc<engine::Engine>);
