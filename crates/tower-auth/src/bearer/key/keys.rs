//! Which key a token's header asks for.

use std::sync::Arc;

use jsonwebtoken::Algorithm;

use crate::bearer::verify::Verify;

/// The longest `kid` that is looked at, in bytes.
const MAX_KID: usize = 256;

/// One key, ready for use.
#[derive(Clone)]
pub(in crate::bearer) struct Entry {
    pub(in crate::bearer) kid: Option<Box<str>>,
    pub(in crate::bearer) verifier: Arc<dyn Verify>,
}

/// The issuer's keys.
pub(in crate::bearer) struct Keys(Vec<Entry>);

impl Keys {
    /// No two keys of one name (RFC 7517, 4.5), or the name that two have.
    pub(in crate::bearer) fn new(entries: Vec<Entry>) -> Result<Self, String> {
        for (at, entry) in entries.iter().enumerate() {
            if let Some(kid) = &entry.kid
                && entries[..at].iter().any(|other| other.kid.as_ref() == Some(kid))
            {
                return Err(kid.to_string());
            }
        }
        Ok(Self(entries))
    }

    pub(in crate::bearer) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The one key that may have signed; never a choice between several.
    pub(in crate::bearer) fn find(
        &self,
        algorithm: Algorithm,
        kid: Option<&str>,
    ) -> Option<&dyn Verify> {
        let mut fitting = self.0.iter().filter(|entry| entry.verifier.algorithm() == algorithm);
        let entry = match kid {
            Some(kid) if kid.len() > MAX_KID => return None,
            Some(kid) => {
                let named = |entry: &&Entry| entry.kid.as_deref() == Some(kid);
                fitting.clone().find(named).or_else(|| {
                    // A key that was given without a name cannot be asked for by it.
                    let only = fitting.next()?;
                    (only.kid.is_none() && fitting.next().is_none()).then_some(only)
                })?
            }
            None => {
                let only = fitting.next()?;
                if fitting.next().is_some() {
                    return None;
                }
                only
            }
        };
        Some(&*entry.verifier)
    }
}
