//! What happens when the response's head is ready.

use std::sync::Arc;

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue};
use tower_auth_core::Timestamp;
use tower_auth_core::store::{Key, Kind};

use super::Session;
use super::SessionError;
use super::cell::{Base, Cell};
use crate::store::BoxFuture;

impl Session {
    /// The one store command that the head needs, if it needs one: a save of what was changed,
    /// else a touch once more than a tenth of the idle timeout has passed since the last. From here
    /// on every write is refused: it would come too late for that command.
    pub(super) fn at_head(&mut self) -> Option<BoxFuture<Result<(), SessionError>>> {
        let cell = &self.0;
        let (changed, base) = {
            let mut inner = cell.lock();
            inner.closed = true;
            let due = match &inner.base {
                Base::Live(live) => {
                    let record = &live.stored.record;
                    let now = cell.config.clock.now();
                    (now.since(record.last) > record.idle / 10)
                        .then_some((live.credential.handle, now))
                }
                _ => None,
            };
            (inner.is_changed(), due)
        };
        // Another task of this request is with the store, with a commit or a logout: the response
        // must not say what did not come to be, and its cookie may yet be withdrawn. Asked after
        // writing was closed, so that none begins unseen. Nobody is where this is the last handle.
        let alone = Arc::get_mut(&mut self.0).is_some();
        let cell = &self.0;
        let busy = !alone && cell.turn.try_lock().is_err();
        if changed || busy {
            let cell = cell.clone();
            return Some(Box::pin(async move { cell.flush().await }));
        }
        let (handle, now) = base?;
        if cell.config.carrier.held.is_some() {
            cell.touch_held(now);
        }
        if cell.config.carrier.held.as_ref().is_some_and(|held| !held.guarded) {
            return None;
        }
        let cell = cell.clone();
        Some(Box::pin(async move {
            // One that fails is told of by the store's watch; the response goes out all the same.
            let _ = cell.config.store.touch(Key::new(Kind::Session, handle), now).await;
            Ok(())
        }))
    }
}

impl Cell {
    /// A touch where the client keeps the record: it is sent again.
    fn touch_held(&self, now: Timestamp) {
        let mut inner = self.lock();
        let context = inner.context(self);
        if let (Base::Live(live), Some(context)) = (&mut inner.base, context) {
            live.stored.record.last = now.max(live.stored.record.last);
            self.config.carrier.write(&context, &live.credential);
            self.config.carrier.write_record(&context, live);
        }
    }
}

/// Adds this layer's challenge to a 401 that has none of its scheme yet.
pub(super) fn challenge(headers: &mut HeaderMap, challenge: &HeaderValue) {
    let ours = |line: &HeaderValue| {
        line.as_bytes().get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"Session "))
    };
    if !headers.get_all(WWW_AUTHENTICATE).iter().any(ours) {
        headers.append(WWW_AUTHENTICATE, challenge.clone());
    }
}
