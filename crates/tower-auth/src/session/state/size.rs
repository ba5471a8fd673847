//! The size of what a request will save, kept as it changes, so that what would not fit is refused
//! at the call.

use std::collections::HashMap;
use std::sync::Arc;

use crate::session::SessionError;
use crate::session::record::meta;
use crate::session::state::view::Index;
use crate::session::state::{Base, Cell, Inner};

/// What is kept free for a login that comes later: the secret's hash and the identity.
const META_ROOM: usize = 2048;

/// Octets of the application's values.
pub(in crate::session) struct Size {
    /// Never too small. It adds up the stored object and every change, so a key that is written
    /// over counts twice until the whole is measured.
    total: usize,
    /// Each entry's octets, once the sum alone was too large.
    #[allow(clippy::box_collection, reason = "rare, and every request carries its size")]
    entries: Option<Box<HashMap<Arc<str>, usize>>>,
}

impl Size {
    /// With no changes.
    pub(in crate::session) fn of(object: &[u8]) -> Self {
        Self { total: object.len().max(2), entries: None }
    }
}

impl Inner {
    /// Starts counting anew: the stored object, or what of it counts, is another one.
    pub(in crate::session) fn measure_anew(&mut self) {
        let changes = self.layers().flat_map(|changes| changes.costs()).map(|(_, cost)| cost);
        let total = changes.sum::<usize>() + self.object().len().max(2);
        self.size = Size { total, entries: None };
    }

    /// Makes room for an entry of `cost` octets under `key`, next to what the layer keeps itself. If
    /// that does not fit into `max`, or its cookies not into the response, nothing has changed.
    pub(in crate::session) fn reserve(
        &mut self,
        cell: &Cell,
        key: &Arc<str>,
        cost: usize,
        max: usize,
    ) -> Result<(), SessionError> {
        let room = max.saturating_sub(self.meta().max(META_ROOM));
        let grown = self.grown(key, cost);
        // What goes into cookies must be known exactly: other cookies are refused for it.
        let is_held = cell.config.carrier.held.is_some();
        if (is_held || grown > room) && self.size.entries.is_none() {
            self.measure()?;
        }
        let grown = self.grown(key, cost);
        // What makes it smaller is let through, whatever it was.
        if grown > room && grown > self.size.total {
            return Err(SessionError::TooLarge);
        }
        // With a store only a new session's credential is sent, and a login has sent its own.
        if is_held || self.is_new() {
            self.reserve_cookies(cell, self.meta(), grown)?;
        }
        self.size.total = grown;
        if let Some(entries) = &mut self.size.entries {
            entries.insert(key.clone(), cost);
        }
        Ok(())
    }

    /// Keeps room for the cookies of a save: the credential's and, where the client keeps it, those
    /// of a record with so many octets of the layer's own and of values.
    pub(in crate::session) fn reserve_cookies(
        &self,
        cell: &Cell,
        meta: usize,
        data: usize,
    ) -> Result<(), SessionError> {
        // Without a context the request is over, and no cookie will be sent.
        let Some(context) = self.context(cell) else { return Ok(()) };
        let reserved = cell.config.carrier.reserve(&context, meta.max(meta::HEADER), data);
        reserved.map_err(|_| SessionError::TooLarge)
    }

    /// Keeps the room that this request's cookies still need, and gives the rest back: after a save,
    /// or after one that failed.
    pub(in crate::session) fn reserve_anew(&mut self, cell: &Cell) {
        let Some(context) = self.context(cell) else { return };
        let carrier = &cell.config.carrier;
        if self.is_changed() && (carrier.held.is_some() || self.is_new()) {
            // It had room before. What cannot be read is not saved either.
            if let Ok(data) = self.octets() {
                let _ = self.reserve_cookies(cell, self.meta(), data);
                return;
            }
        }
        context.jar.release();
        let is_due = matches!(&self.base, Base::Live(live) if live.is_due);
        if is_due && carrier.is_without_store() {
            carrier.reserve_last_use(&context);
        }
    }

    /// Whether a save starts a session that the client has no credential of.
    const fn is_new(&self) -> bool {
        !matches!(self.base, Base::Live(_)) && self.login.is_none()
    }

    /// Octets that the values will take, exactly.
    pub(in crate::session) fn octets(&mut self) -> Result<usize, SessionError> {
        if self.size.entries.is_none() {
            self.measure()?;
        }
        Ok(self.size.total)
    }

    /// The total with such an entry.
    fn grown(&self, key: &str, cost: usize) -> usize {
        let before = match &self.size.entries {
            Some(entries) => entries.get(key).copied(),
            None => self.changes.get(key).map(|step| step.cost()),
        };
        self.size.total - before.unwrap_or(0) + cost
    }

    /// Whether the values fit into `room` octets.
    pub(in crate::session) fn fits(&mut self, room: usize) -> Result<bool, SessionError> {
        if self.size.total > room && self.size.entries.is_none() {
            self.measure()?;
        }
        Ok(self.size.total <= room)
    }

    /// Measures each entry. Done once for what was read; from there on the entries are kept.
    fn measure(&mut self) -> Result<(), SessionError> {
        if self.index.is_none() {
            let index = Index::of(self.object()).ok_or(SessionError::Unreadable)?;
            self.index = Some(Arc::new(index));
        }
        let stored = self.index.iter().flat_map(|index| index.costs());
        // An object that does not count any more has no entries.
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

    /// Octets that the layer's own part of the record will take.
    fn meta(&self) -> usize {
        match (&self.login, &self.base) {
            (Some(login), _) => login.meta,
            (None, Base::Live(live)) => live.stored.record.meta.len(),
            (None, _) => 0,
        }
    }
}
