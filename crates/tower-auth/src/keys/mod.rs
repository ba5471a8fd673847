//! The keys from which every layer derives its own.
//!
//! One [`KeyRing`] serves the whole application: HKDF-SHA-256 derives a key for each purpose and for
//! each cookie's name, so that a value made for one purpose or one cookie never verifies for another. The newest key signs, all of them verify, and every value names its key, so that keys
//! rotate without logging anybody out: put the new key first, deploy everywhere, and drop the old
//! one after the longest lifetime of what it signed.
//!
//! ```
//! use tower_auth::KeyRing;
//!
//! // From a secret manager: 32 bytes or more each, the newest first.
//! let ring = KeyRing::new([[7_u8; 32], [6_u8; 32]])?;
//! // For a test, or for a process that may forget everybody when it ends:
//! let ring = KeyRing::random();
//! # Ok::<_, tower_auth::keys::KeyRingError>(())
//! ```

mod bound;
mod purpose;
mod ring;
#[cfg(test)]
mod tests;

#[cfg(feature = "refresh")]
#[allow(unused_imports, reason = "refresh tokens do not name their engine yet")]
pub(crate) use bound::Engine;
pub(crate) use bound::{Bound, Purpose};
pub(crate) use purpose::{KeyId, PurposeKeys};
pub use ring::{KeyRing, KeyRingError};

/// Random bytes from the operating system.
///
/// # Panics
/// Where the system has no random source: nothing that this crate does is safe then, and the
/// systems that Rust's standard library runs on have one.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has a random source");
    bytes
}
