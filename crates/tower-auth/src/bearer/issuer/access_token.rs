//! The result of minting.

use std::fmt;
use std::time::Duration;

/// A minted token. `Debug` does not show it.
#[derive(Clone)]
#[non_exhaustive]
pub struct AccessToken {
    /// The token, in the compact serialisation.
    pub text: String,
    /// The time until the token expires (`expires_in`, in whole seconds).
    pub expires_in: Duration,
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}
