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
//! # let (new, old) = (KeyRing::generate_key(), KeyRing::generate_key());
//! # let (new, old) = (new.expose(), old.expose());
//! // From a secret manager: 32 random bytes or more each, the newest first.
//! let ring = KeyRing::new([new, old])?;
//! // For a process that may forget everybody when it ends:
//! let ring = KeyRing::random();
//! // For a test that wants the same ring twice:
//! let ring = KeyRing::insecure_from_seed(1);
//! # Ok::<_, tower_auth::keys::KeyRingError>(())
//! ```

mod bound;
mod error;
#[cfg(any(feature = "refresh", feature = "session"))]
mod log_id;
mod purpose;
mod random;
mod ring;
#[cfg(test)]
mod tests;
mod text;

#[cfg(feature = "refresh")]
pub(crate) use bound::Engine;
pub(crate) use bound::{Bound, Purpose};
pub use error::KeyRingError;
#[cfg(any(feature = "refresh", feature = "session"))]
pub(crate) use log_id::LogIds;
pub(crate) use purpose::{KeyId, PurposeKeys};
pub(crate) use random::random;
pub use ring::KeyRing;
