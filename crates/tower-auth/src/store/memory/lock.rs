//! Locks whose last holder may have panicked.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Takes a lock even if it is poisoned. Each step leaves a shard consistent at every point where it
/// could panic, and a request must not fail because another one did.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
