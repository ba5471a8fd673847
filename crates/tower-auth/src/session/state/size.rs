//! The size of the record that a request will save. It is updated with each change, so that the
//! call itself refuses a change that would not fit.

use std::collections::HashMap;
use std::sync::Arc;

use crate::session::SessionError;
use crate::session::record::meta;
use crate::session::state::view::Index;
use crate::session::state::{Inner, Loaded, SessionState};

/// The octets reserved for a later login: the secret's hash and the identity.
const META_ROOM: usize = 2048;

/// The octets of the application's values.
pub(in crate::session) struct Size {
    /// Never too small. It is the sum of the stored object and every change, so a replaced key
    /// counts twice until the entries are measured.
    total: usize,
    /// The octets of each entry, measured once the sum alone was too large.
    #[allow(clippy::box_collection, reason = "rare, and every request carries its size")]
    entries: Option<Box<HashMap<Arc<str>, usize>>>,
}

impl Size {
    /// Returns the size of an object without changes.
    pub(in crate::session) fn of(object: &[u8]) -> Self {
        Self { total: object.len().max(2), entries: None }
    }
}

impl Inner {
    /// Starts the count again, after the stored object changed or no longer counts.
    pub(in crate::session) fn measure_anew(&mut self) {
        let changes = self.layers().flat_map(|changes| changes.costs()).map(|(_, cost)| cost);
        let total = changes.sum::<usize>() + self.object().len().max(2);
        self.size = Size { total, entries: None };
    }

    /// Reserves space for an entry of `cost` octets under `key`, beside the layer's own part. If
    /// the entry does not fit into `max`, or its cookies do not fit into the response, nothing
    /// changes.
    pub(in crate::session) fn reserve(
        &mut self,
        cell: &SessionState,
        key: &Arc<str>,
        cost: usize,
        max: usize,
    ) -> Result<(), SessionError> {
        let room = max.saturating_sub(self.meta().max(META_ROOM));
        let grown = self.grown(key, cost);
        // The size of cookies must be exact: other cookies are refused because of it.
        let is_held = cell.config.transport.held.is_some();
        if (is_held || grown > room) && self.size.entries.is_none() {
            self.measure()?;
        }
        let grown = self.grown(key, cost);
        // A change that makes the record smaller is accepted at any size.
        if grown > room && grown > self.size.total {
            return Err(SessionError::TooLarge);
        }
        // With a store, only the credential of a new session is sent, and a login has sent its own.
        if is_held || self.is_new() {
            self.reserve_cookies(cell, self.meta(), grown)?;
        }
        self.size.total = grown;
        if let Some(entries) = &mut self.size.entries {
            entries.insert(key.clone(), cost);
        }
        Ok(())
    }

    /// Reserves space for the cookies of a save: the credential, and, if the client keeps the
    /// record, a record with `meta` octets of the layer's own part and `data` octets of values.
    pub(in crate::session) fn reserve_cookies(
        &self,
        cell: &SessionState,
        meta: usize,
        data: usize,
    ) -> Result<(), SessionError> {
        // Without a context the request is over, and no cookie will be sent.
        let Some(context) = self.context(cell) else { return Ok(()) };
        let reserved = cell.config.transport.reserve(&context, meta.max(meta::HEADER), data);
        reserved.map_err(|_| SessionError::TooLarge)
    }

    /// Reserves the space that this request's cookies still need, and releases the rest. Called
    /// after a save, successful or not.
    pub(in crate::session) fn reserve_anew(&mut self, cell: &SessionState) {
        let Some(context) = self.context(cell) else { return };
        let transport = &cell.config.transport;
        if self.is_changed() && (transport.held.is_some() || self.is_new()) {
            // The cookies fitted before. A record that cannot be read is not saved either.
            if let Ok(data) = self.octets() {
                let _ = self.reserve_cookies(cell, self.meta(), data);
                return;
            }
        }
        context.jar.release();
        let is_due = matches!(&self.loaded, Loaded::Live(live) if live.is_due);
        if is_due && transport.is_without_store() {
            transport.reserve_last_use(&context);
        }
    }

    /// Returns `true` if a save starts a session of which the client has no credential.
    const fn is_new(&self) -> bool {
        !matches!(self.loaded, Loaded::Live(_)) && self.login.is_none()
    }

    /// Returns the exact number of octets that the values will take.
    pub(in crate::session) fn octets(&mut self) -> Result<usize, SessionError> {
        if self.size.entries.is_none() {
            self.measure()?;
        }
        Ok(self.size.total)
    }

    /// Returns the total with this entry.
    fn grown(&self, key: &str, cost: usize) -> usize {
        let before = match &self.size.entries {
            Some(entries) => entries.get(key).copied(),
            None => self.changes.get(key).map(|step| step.cost()),
        };
        self.size.total - before.unwrap_or(0) + cost
    }

    /// Returns `true` if the values fit into `room` octets.
    pub(in crate::session) fn fits(&mut self, room: usize) -> Result<bool, SessionError> {
        if self.size.total > room && self.size.entries.is_none() {
            self.measure()?;
        }
        Ok(self.size.total <= room)
    }

    /// Measures each entry once for the stored version. Later changes update the entries.
    fn measure(&mut self) -> Result<(), SessionError> {
        if self.index.is_none() {
            let index = Index::of(self.object()).ok_or(SessionError::Unreadable)?;
            self.index = Some(Arc::new(index));
        }
        let stored = self.index.iter().flat_map(|index| index.costs());
        // An object that no longer counts has no entries.
        let stored = stored.filter(|_| !self.object().is_empty());
        let mut entries: HashMap<Arc<str>, usize> =
            stored.map(|(key, cost)| (key.into(), cost)).collect();
        let layers: Vec<_> = self.layers().collect();
        for (key, cost) in layers.into_iter().rev().flat_map(|changes| changes.costs()) {
            entries.insert(key.clone(), cost);
        }
        let total = (1 + entries.values().sum::<usize>()).max(2);
        self.size = Size { total, entries: Some(Box::new(entries)) };
        Ok(())
    }

    /// Returns the octets of the layer's own part of the record.
    fn meta(&self) -> usize {
        match (&self.login, &self.loaded) {
            (Some(login), _) => login.meta,
            (None, Loaded::Live(live)) => live.stored.record.meta.len(),
            (None, _) => 0,
        }
    }
}
