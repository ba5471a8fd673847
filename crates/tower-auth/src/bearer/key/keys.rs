//! The selection of the key that a token's header names.

use std::sync::Arc;

use crate::bearer::Algorithm;
use crate::bearer::backend::Verify;

/// The maximum length of a `kid`, in bytes.
const MAX_KID: usize = 256;

/// A key that is ready for use.
pub(in crate::bearer) struct Entry {
    pub(in crate::bearer) kid: Option<Box<str>>,
    /// The JWK's own member `issuer`, which providers with many tenants use.
    pub(in crate::bearer) issuer: Option<Box<str>>,
    pub(in crate::bearer) verifier: Arc<dyn Verify>,
}

impl Entry {
    /// Returns what identifies the key: everything that decides on a token.
    fn identity(&self) -> (Option<&str>, [u8; 32], Option<&str>) {
        (self.kid.as_deref(), self.verifier.thumbprint(), self.issuer.as_deref())
    }
}

/// The issuer's keys. Each has an allocation of its own, which is its identity: a refresh that
/// leaves a key unchanged keeps the allocation.
pub(in crate::bearer) struct Keys(Vec<Group>);

/// The keys for one algorithm, sorted by name, since sets may be long.
struct Group(Algorithm, Vec<Arc<Entry>>);

/// The reason why no key can be selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::bearer) enum NoKey {
    /// The token names a key that the set does not have.
    Unknown,
    /// The token names no key and several fit, or the name is too long.
    Ambiguous,
}

impl Keys {
    /// Groups the keys and removes duplicates.
    ///
    /// Two different keys for one algorithm must not have the same name (RFC 7517, 4.5). Otherwise
    /// the error is that name.
    pub(in crate::bearer) fn new(entries: Vec<Entry>) -> Result<Self, String> {
        let mut groups: Vec<Group> = Vec::new();
        for entry in entries {
            let algorithm = entry.verifier.algorithm();
            let entry = Arc::new(entry);
            match groups.iter_mut().find(|group| group.0 == algorithm) {
                Some(group) => group.1.push(entry),
                None => groups.push(Group(algorithm, vec![entry])),
            }
        }
        for Group(_, entries) in &mut groups {
            entries.sort_by(|one, other| one.identity().cmp(&other.identity()));
            entries.dedup_by(|one, other| one.identity() == other.identity());
            let twice = |pair: &[Arc<Entry>]| pair[0].kid.is_some() && pair[0].kid == pair[1].kid;
            if let Some(pair) = entries.windows(2).find(|pair| twice(pair)) {
                return Err(pair[0].kid.as_deref().unwrap_or_default().to_owned());
            }
        }
        Ok(Self(groups))
    }

    /// Returns a set without keys.
    pub(in crate::bearer) const fn none() -> Self {
        Self(Vec::new())
    }

    pub(in crate::bearer) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn all(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.0.iter().flat_map(|group| &group.1)
    }

    /// Keeps the allocation of each key that `old` has too. Returns `true` if both sets have the
    /// same keys.
    pub(in crate::bearer) fn keep_unchanged(&mut self, old: &Self) -> bool {
        let mut kept = 0;
        let mut count = 0;
        for Group(algorithm, entries) in &mut self.0 {
            for entry in entries {
                count += 1;
                let is_same = |it: &&Arc<Entry>| {
                    it.verifier.algorithm() == *algorithm && it.identity() == entry.identity()
                };
                if let Some(same) = old.all().find(is_same) {
                    *entry = same.clone();
                    kept += 1;
                }
            }
        }
        kept == count && count == old.all().count()
    }

    /// Returns the only key that may have signed the token. Never chooses between several.
    pub(in crate::bearer) fn find(
        &self,
        algorithm: Algorithm,
        kid: Option<&str>,
    ) -> Result<&Arc<Entry>, NoKey> {
        if kid.is_some_and(|kid| kid.len() > MAX_KID) {
            return Err(NoKey::Ambiguous);
        }
        let missing = if kid.is_some() { NoKey::Unknown } else { NoKey::Ambiguous };
        let Group(_, entries) = self.0.iter().find(|group| group.0 == algorithm).ok_or(missing)?;
        match (kid, &entries[..]) {
            (None, [only]) => Ok(only),
            // A key without a name cannot be requested by it, so the only key for an algorithm
            // serves any `kid` if it has no name.
            (Some(_), [only]) if only.kid.is_none() => Ok(only),
            (None, _) => Err(NoKey::Ambiguous),
            (Some(kid), entries) => {
                let order = |entry: &Arc<Entry>| entry.kid.as_deref().cmp(&Some(kid));
                let at = entries.binary_search_by(order).map_err(|_| NoKey::Unknown)?;
                Ok(&entries[at])
            }
        }
    }
}
