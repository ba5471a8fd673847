//! The store command and the challenge of a response, when its head is ready.

use std::sync::Arc;

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue};
use tower_auth_core::Timestamp;
use tower_auth_core::store::{Key, RecordId, RecordKind};

use crate::session::Session;
use crate::session::SessionError;
use crate::session::config::Config;
use crate::session::save::use_counts;
use crate::session::state::{Inner, Loaded};
use crate::store::BoxFuture;

impl Session {
    /// Returns the store command that the head needs, if any: a save of the changes. Without
    /// changes, a touch, if more than a tenth of the idle timeout has passed since the last one.
    /// From now on every write is refused, because it would come too late for that command.
    pub(super) fn at_head(&mut self) -> Option<BoxFuture<Result<(), SessionError>>> {
        let cell = &self.0;
        let (changed, due) = {
            let mut inner = cell.lock();
            inner.closed = true;
            let changed = inner.is_changed();
            // A save also records the use.
            (changed, if changed { None } else { inner.due(&cell.config) })
        };
        // Another task of this request may be at the store, with a commit or a logout. The response
        // must not describe a change that did not happen, and its cookie may yet be withdrawn.
        // Checked after writing was closed, so that no task starts unseen. If this is the last
        // handle, there is no such task.
        let alone = Arc::get_mut(&mut self.0).is_some();
        let cell = &self.0;
        let busy = !alone && cell.turn.try_lock().is_err();
        if changed || busy {
            let cell = cell.clone();
            return Some(Box::pin(async move { cell.flush().await }));
        }
        let (id, now) = due?;
        let transport = &cell.config.transport;
        if transport.is_without_store() {
            if let Some(context) = cell.lock().context(cell) {
                transport.write_last_use(&context, &id, now);
            }
            return None;
        }
        let cell = cell.clone();
        Some(Box::pin(async move {
            // `AnyStore` reports a failed touch; the response is sent anyway.
            let _ = cell.config.store.touch(Key::new(RecordKind::Session, id), now).await;
            Ok(())
        }))
    }
}

impl Inner {
    /// Returns the session whose use must still be recorded. If a store has the record, the use at
    /// arrival was recorded already.
    fn due(&self, config: &Config) -> Option<(RecordId, Timestamp)> {
        let Loaded::Live(live) = &self.loaded else { return None };
        let (record, now) = (&live.stored.record, config.clock.now());
        let is_due = live.is_due && config.transport.is_without_store() || use_counts(record, now);
        (is_due && now < record.absolute).then_some((live.credential.id, now))
    }
}

/// Adds this layer's challenge to a 401 that has no challenge of its scheme yet.
pub(super) fn challenge(headers: &mut HeaderMap, challenge: &HeaderValue) {
    let ours = |line: &HeaderValue| {
        line.as_bytes().get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"Session "))
    };
    if !headers.get_all(WWW_AUTHENTICATE).iter().any(ours) {
        headers.append(WWW_AUTHENTICATE, challenge.clone());
    }
}
