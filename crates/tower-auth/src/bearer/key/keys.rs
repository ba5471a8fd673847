//! The selection of the key that a token's header names.

use std::sync::Arc;

use crate::bearer::Algorithm;
use crate::bearer::backend::Verify;

/// The maximum length of a `kid`, in bytes.
const MAX_KID: usize = 256;

/// A key that is ready for use.
#[derive(Clone)]
pub(in crate::bearer) struct Entry {
    pub(in crate::bearer) kid: Option<Box<str>>,
    pub(in crate::bearer) verifier: Arc<dyn Verify>,
}

/// The issuer's keys.
pub(in crate::bearer) struct Keys(Vec<Group>);

/// The keys for one algorithm, sorted by name, since sets may be long.
struct Group(Algorithm, Vec<Entry>);

impl Keys {
    /// Groups the keys and removes duplicates.
    ///
    /// Two different keys for one algorithm must not have the same name (RFC 7517, 4.5). Otherwise
    /// the error is that name.
    pub(in crate::bearer) fn new(entries: Vec<Entry>) -> Result<Self, String> {
        let mut groups: Vec<Group> = Vec::new();
        for entry in entries {
            let algorithm = entry.verifier.algorithm();
            match groups.iter_mut().find(|group| group.0 == algorithm) {
                Some(group) => group.1.push(entry),
                None => groups.push(Group(algorithm, vec![entry])),
            }
        }
        for Group(_, entries) in &mut groups {
            let name = |entry: &Entry| (entry.kid.clone(), entry.verifier.thumbprint());
            entries.sort_by_cached_key(name);
            entries.dedup_by_key(|entry| name(entry));
            let twice = |pair: &[Entry]| pair[0].kid.is_some() && pair[0].kid == pair[1].kid;
            if let Some(pair) = entries.windows(2).find(|pair| twice(pair)) {
                return Err(pair[0].kid.as_deref().unwrap_or_default().to_owned());
            }
        }
        Ok(Self(groups))
    }

    pub(in crate::bearer) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the only key that may have signed the token. Never chooses between several.
    pub(in crate::bearer) fn find(
        &self,
        algorithm: Algorithm,
        kid: Option<&str>,
    ) -> Option<&dyn Verify> {
        let Group(_, entries) = self.0.iter().find(|group| group.0 == algorithm)?;
        let entry = match (kid, &entries[..]) {
            (Some(kid), _) if kid.len() > MAX_KID => return None,
            // A key without a name cannot be requested by it, so the only key for an algorithm
            // serves any `kid` if it has no name.
            (None, [only]) | (Some(_), [only @ Entry { kid: None, .. }]) => only,
            (None, _) => return None,
            (Some(kid), entries) => {
                let order = |entry: &Entry| entry.kid.as_deref().cmp(&Some(kid));
                &entries[entries.binary_search_by(order).ok()?]
            }
        };
        Some(&*entry.verifier)
    }
}
