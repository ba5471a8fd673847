//! The time of last use of a session that the client keeps, in a separate cookie.
//!
//! A response that only reads must not send the record again: it may arrive after the response to a
//! logout, a login or a write, and would undo it. This cookie holds the session's id and a
//! time, in a [frame](crate::crypto::frame), without data and without a secret. Whenever it
//! arrives, it can only move the idle deadline of that one session. For a session that no longer
//! exists it has no effect.

use cookie::Cookie;
use tower_auth_core::Timestamp;
use tower_auth_core::store::RecordId;

use crate::crypto::frame::Sealer;
use crate::crypto::keys::{KeyRing, Purpose};
use crate::request::Context;
use crate::skew::SKEW;

/// The octets of the id and of the time in microseconds, little endian.
const PAYLOAD: usize = 16 + 8;

/// Reads and writes the cookie.
pub(in crate::session) struct LastUse {
    sealer: Sealer,
    name: String,
    /// The octets that the client sends for the cookie.
    octets: usize,
}

impl LastUse {
    /// Creates the reader and writer for the session cookie named `session`.
    pub(in crate::session) fn new(ring: &KeyRing, session: &str) -> Self {
        let sealer = Sealer::new(ring, Purpose::SessionLastUse.in_cookie(session));
        let name = format!("{session}-used");
        let octets = name.len() + sealer.seal(&[0; PAYLOAD]).len() + "=; ".len();
        Self { sealer, name, octets }
    }

    pub(in crate::session) fn name(&self) -> &str {
        &self.name
    }

    pub(in crate::session) const fn octets(&self) -> usize {
        self.octets
    }

    /// Returns `true` if this key ring made the value, for any session.
    pub(in crate::session) fn is_own(&self, value: &[u8]) -> bool {
        self.sealer.open::<PAYLOAD>(value).is_some()
    }

    /// Returns the latest time that the request presented for this session. A time that is further
    /// in the future than the clocks of two nodes may differ is ignored.
    pub(in crate::session) fn read(
        &self,
        context: &Context,
        session: &RecordId,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let moment = |value: &[u8]| {
            let payload = self.sealer.open::<PAYLOAD>(value)?.payload;
            let (id, moment) = payload.split_at(16);
            let moment = u64::from_le_bytes(moment.try_into().ok()?);
            (id == session.as_bytes()).then_some(Timestamp::from_unix_micros(moment))
        };
        let values = context.jar.pairs().filter(|(name, _)| *name == self.name.as_bytes());
        let moments = values.filter_map(|(_, value)| moment(value));
        moments.filter(|moment| *moment <= now + SKEW).max().map(|moment| moment.min(now))
    }

    /// Returns the cookie for `moment`, with the attributes of `template`.
    pub(in crate::session) fn cookie(
        &self,
        template: &Cookie<'static>,
        session: &RecordId,
        moment: Timestamp,
    ) -> Cookie<'static> {
        let mut payload = [0; PAYLOAD];
        payload[..16].copy_from_slice(session.as_bytes());
        payload[16..].copy_from_slice(&moment.as_unix_micros().to_le_bytes());
        let mut cookie = template.clone();
        cookie.set_name(self.name.clone());
        cookie.set_value(self.sealer.seal(&payload));
        cookie
    }
}
