//! The store contract: a versioned, expiring record under an opaque key, perhaps owned by a
//! principal.
//!
//! Sessions, opaque tokens, refresh families, one-shot tokens and revocations are all that same
//! thing, so there is one trait, [`Store`], with bytes in and bytes out. The comments on its
//! methods *are* the specification; the conformance suite in `tower-auth-test` holds every store
//! to them.
//!
//! Three rules are worth reading first:
//!
//! - **An error means that the system failed.** An unknown key, an expired record, a lost race
//!   are answers, not errors: a layer must be able to tell "nobody" from "cannot say".
//! - **Nothing is ever upserted.** [`Store::save`] needs the version that was read, so a write in
//!   flight cannot re-create what a logout ended.
//! - **Expiry is the record's, by the injected clock**: [`Record::expires_at`]. A server's own TTL
//!   is only the broom.

mod contract;
mod error;
mod feed;
mod format;
mod key;
mod params;
mod record;
#[cfg(test)]
mod tests;

pub use contract::{Cursor, Entry, Limits, Load, Page, Store, Write};
pub use error::{ErrorKind, StoreError};
pub use feed::{Asked, Feed, Listener};
pub use format::{Stored, Tombstone};
pub use key::{Handle, Key, Kind, Kinds, Owner};
pub use params::{EndOwnedParams, ListParams};
pub use record::{Reason, Record, Version};
