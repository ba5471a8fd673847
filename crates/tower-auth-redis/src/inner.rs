//! The state that all clones of a store share.

use std::time::Duration;

use tokio::runtime;
use tower_auth_core::Clock;
use tower_auth_core::store::{EndReason, Key, Limits, Owner, Tombstone, Version};

use crate::call::Call;
use crate::caller::Caller;
use crate::index_cache::IndexCache;
use crate::names::Names;
use crate::script::END;
use crate::value::number;

pub(crate) struct Inner {
    pub(crate) caller: Caller,
    pub(crate) names: Names,
    pub(crate) clock: Clock,
    pub(crate) limits: Limits,
    pub(crate) index_cache: IndexCache,
    /// The runtime that the store was built in; the store's tasks run there.
    pub(crate) runtime: runtime::Handle,
}

impl Inner {
    /// Returns the step that ends a record. If `owner` is given, it ends only a record of that
    /// owner.
    pub(crate) fn ending(
        &self,
        key: &Key,
        reason: EndReason,
        keep: Duration,
        owner: Option<&Owner>,
    ) -> Call {
        let now = self.clock.now();
        let until = now + keep;
        // The script fills in the version.
        let stone = Tombstone { reason, until, version: Version::from_raw(0) }.to_bytes();
        let owner = owner.map(|it| it.as_bytes().to_vec()).unwrap_or_default();
        let confirmed = u8::from(self.caller.confirms()).to_string().into_bytes();
        Call::step(&END, self.names.record(key), vec![number(now), stone, owner, confirmed])
    }
}
