//! The bounds of a near-cache's settings, which the builder checks and its errors name.

use std::time::Duration;

pub(super) const MIN_BYTES: usize = 1 << 20;
pub(super) const MAX_TOLERANCE: Duration = Duration::from_secs(30);
pub(super) const MAX_STALENESS: Duration = Duration::from_secs(300);
