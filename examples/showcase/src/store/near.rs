//! The near-cache: recently read records, kept in this process.

use std::str::FromStr;

use tower_auth::store::{Feed, Store};
use tower_auth::{AnyStore, Clock, NearCache};

use super::{OpenError, UnknownStore};

/// The maximum size in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Near(usize);

impl FromStr for Near {
    type Err = UnknownStore;

    /// Parses a size such as `64MiB`; the units are `KiB`, `MiB` and `GiB`.
    fn from_str(text: &str) -> Result<Self, UnknownStore> {
        let units = [("KiB", 10), ("MiB", 20), ("GiB", 30)];
        let read = units.iter().find_map(|(unit, shift)| {
            let count: usize = text.strip_suffix(unit)?.parse().ok()?;
            count.checked_mul(1 << shift)
        });
        read.map(Self).ok_or(UnknownStore::Near)
    }
}

/// Returns the store with the requested near-cache in front. The store's feed reports the changes
/// of other nodes to the cache.
pub(super) fn cached<S: Store, F: Feed>(
    store: S,
    feed: impl FnOnce(&S) -> F,
    near: Option<&Near>,
    clock: Clock,
) -> Result<AnyStore, OpenError> {
    let Some(Near(bytes)) = near else { return Ok(AnyStore::new(store)) };
    let feed = feed(&store);
    let near = NearCache::builder(store).feed(feed).max_bytes(*bytes).clock(clock).build();
    near.map(AnyStore::new).map_err(OpenError::because)
}
