//! The key ring, from which every layer derives its keys.
//!
//! One [`KeyRing`] serves the whole application. HKDF-SHA-256 derives a key for each purpose and
//! each cookie's name, so a value made for one purpose or one cookie never verifies for another.
//!
//! The newest key signs, all keys verify, and every value names its key. Keys therefore rotate
//! without logging users out: put the new key first, deploy it everywhere, and drop the old key
//! after the longest lifetime of the values that it signed.
//!
//! ```
//! use tower_auth::KeyRing;
//!
//! # let (new, old) = (KeyRing::generate_key(), KeyRing::generate_key());
//! # let (new, old) = (new.expose(), old.expose());
//! // From a secret manager: at least 32 random bytes each, the newest first.
//! let ring = KeyRing::new([new, old])?;
//! // For a process that may log all users out when it ends:
//! let ring = KeyRing::random();
//! // For a test that needs the same ring twice:
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
