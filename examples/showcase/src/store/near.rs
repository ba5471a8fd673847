//! The near-cache: what was read a moment ago, kept in this process.

use std::str::FromStr;

use tower_auth::store::{Feed, Store};
use tower_auth::{AnyStore, Clock, NearCache};

use super::{OpenError, UnknownStore};

/// How many bytes it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Near(usize);

impl FromStr for Near {
    type Err = UnknownStore;

    /// `64MiB`; `KiB` and `GiB` are understood too, and nothing else.
    fn from_str(text: &str) -> Result<Self, UnknownStore> {
        let units = [("KiB", 10), ("MiB", 20), ("GiB", 30)];
        let read = units.iter().find_map(|(unit, shift)| {
            let count: usize = text.strip_suffix(unit)?.parse().ok()?;
            count.checked_mul(1 << shift)
        });
        read.map(Self).ok_or(UnknownStore::Near)
    }
}

/// The store, with the near-cache in front that was asked for. The store's feed tells the cache of
/// what other nodes change.
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
