//! What keeps a read that is under way from landing over something newer.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tower_auth_core::store::Key;

/// How many groups of keys: a change to one key turns away the reads under way of its group, which
/// is a lost hit at worst. At 10,000 changes a second and a millisecond for a read that is one
/// read in a hundred.
const STRIPES: usize = 1024;

/// Everything that puts an entry in or takes one out does so under its key's stripe. Hits do not
/// come here.
pub(super) struct Stripes(Box<[Mutex<Stripe>]>);

#[derive(Default)]
pub(super) struct Stripe {
    /// Counts invalidations, whoever caused them.
    pub(super) changes: u64,
    /// How many writes of our own are under way.
    pub(super) writing: usize,
}

impl Stripes {
    pub(super) fn new() -> Self {
        Self((0..STRIPES).map(|_| Mutex::default()).collect())
    }

    pub(super) fn of(&self, key: &Key) -> MutexGuard<'_, Stripe> {
        let [a, b, ..] = *key.handle.as_bytes();
        let group = u16::from_le_bytes([a, b]) ^ (u16::from(key.kind as u8) << 8);
        lock(&self.0[usize::from(group) % STRIPES])
    }

    /// Turns away everything that is under way.
    pub(super) fn change_all(&self) {
        for stripe in &self.0 {
            lock(stripe).changes += 1;
        }
    }
}

/// Whatever happened to its last holder: a stripe is two numbers, and nothing panics between them.
fn lock(stripe: &Mutex<Stripe>) -> MutexGuard<'_, Stripe> {
    stripe.lock().unwrap_or_else(PoisonError::into_inner)
}
