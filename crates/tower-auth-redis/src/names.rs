//! What things are called in Redis.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tower_auth_core::store::{Key, Kind, Owner};

/// The prefix of everything that the store writes.
#[derive(Clone)]
pub(crate) struct Names {
    prefix: String,
}

impl Names {
    pub(crate) const fn new(prefix: String) -> Self {
        Self { prefix }
    }

    /// Where a record lies.
    pub(crate) fn record(&self, key: &Key) -> String {
        // 24 more: a digit, a point, and 22 of the handle.
        let mut name = String::with_capacity(self.prefix.len() + 24);
        name.push_str(&self.prefix);
        // A string takes everything.
        let _ = write!(name, "{key}");
        name
    }

    /// Where an owner's index lies.
    pub(crate) fn index(&self, owner: &Owner) -> String {
        format!("{}o.{}", self.prefix, URL_SAFE_NO_PAD.encode(owner.as_bytes()))
    }

    /// Which record a name is of, if it is of one.
    pub(crate) fn key(&self, name: &[u8]) -> Option<Key> {
        std::str::from_utf8(name.strip_prefix(self.prefix.as_bytes())?).ok()?.parse().ok()
    }

    /// What the names of records begin with, and those of indexes do not.
    pub(crate) fn record_prefixes(&self) -> impl Iterator<Item = String> + '_ {
        Kind::ALL.iter().map(|kind| format!("{}{}.", self.prefix, *kind as u8))
    }
}
