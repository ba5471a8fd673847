//! The store contract: versioned, expiring records under opaque keys, with an optional owner.
//!
//! Sessions, opaque tokens, refresh token families, one-shot tokens and revocations all need the
//! same operations. So there is one trait, [`Store`], with bytes in and bytes out. The comments on
//! its methods *are* the specification, and the conformance suite in `tower-auth-test` checks every
//! store against them.
//!
//! Three rules apply to every method:
//!
//! - **An error means that the system failed.** An unknown key, an expired record and a lost race
//!   are results, not errors. A layer must be able to distinguish "anonymous" from "unknown".
//! - **Nothing is ever upserted.** [`Store::save`] needs the version that was read. A write in
//!   flight therefore cannot re-create a record that a logout ended.
//! - **A record expires by its own deadlines and the injected clock**: [`Record::expires_at`]. The
//!   TTL of a server only serves as cleanup.

mod contract;
mod error;
mod feed;
mod format;
mod key;
mod params;
mod record;
#[cfg(test)]
mod tests;

pub use contract::{Entry, Limits, Load, Page, Store, Write};
pub use error::{StoreError, StoreErrorKind};
pub use feed::{Asked, Feed, Listener};
pub use format::{Stored, Tombstone};
pub use key::{Key, Owner, RecordId, RecordKind, RecordKinds};
pub use params::{Cursor, EndOwnedParams, ListParams};
pub use record::{EndReason, Record, Version};
