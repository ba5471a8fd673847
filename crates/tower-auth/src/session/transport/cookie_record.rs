//! Sessions that the client keeps: the whole record, encrypted, in a few cookies.
//!
//! The credential has its own cookie, as always. The cookies beside it, `<name>-0` and so on, hold
//! the record that a store would otherwise hold. These pieces are one sealed text:
//! `count ‖ base64url(format 2 ‖ key id 4 ‖ nonce 12 ‖ AES-256-GCM-SIV(record format 1))`, under a
//! key of the cookie's name, bound to count and id. So a piece of another session, or of
//! another state of this session, does not decrypt.

use std::time::Duration;

use cookie::Cookie;
use tower_auth_core::Clock;
use tower_auth_core::store::{Load, RecordId, Stored};

use crate::crypto::aead::Sealer;
use crate::crypto::keys::{KeyRing, Purpose};
use crate::jar::removal;
use crate::request::Context;
use crate::session::record::meta::Meta;
use crate::session::transport::last_use::LastUse;
use crate::session::transport::marker::ReplayMarker;
use crate::session::transport::pieces::Own;
use crate::skew::Age;

/// The maximum number of pieces. A server commonly accepts 8 KiB of `Cookie` header in total.
pub(in crate::session) const PIECES: usize = 2;

/// The octets of a piece's value. Browsers accept 4,096 with the name (RFC 6265bis, 5.6).
const PIECE: usize = 3500;

/// The number of values that are tried as a first piece, and, for each of these, as a second piece.
/// Each attempt is a decryption, and another host under the same domain may set cookies of these
/// names.
pub(in crate::session) const ATTEMPTS: [usize; 2] = [64, 8];

/// The octets that sealing adds before base64url: format, key id, nonce, tag.
const SEALED: usize = 1 + 4 + 12 + 16;

/// The octets that record format 1 adds to meta and data, with an owner.
const RECORD: usize = 2 + 8 * 5 + 32 + 4;

/// The time in which the version before the newest can still be read, if its secret is the same. It
/// serves requests that were under way when the newest version was written. None of them can
/// overwrite a change that it has not seen.
const OVERLAP: Duration = Duration::from_secs(10);

/// Returns the octets of the text of a record of `record` bytes, with the count in front.
const fn text_octets(record: usize) -> usize {
    1 + ((record + SEALED) * 4).div_ceil(3)
}

/// The maximum size of meta and data together, in bytes.
pub(in crate::session) const MAX_VALUE: usize = (PIECES * PIECE - 1) / 4 * 3 - SEALED - RECORD;

/// Writes records to cookies and reads them back.
pub(in crate::session) struct CookieRecord {
    pub(in crate::session) sealer: Sealer,
    clock: Clock,
    names: [String; PIECES],
    pub(in crate::session) last_use: LastUse,
    /// Whether a store knows which version is the newest.
    pub(in crate::session) guarded: bool,
}

/// Returns `true` if the value is as long as a first piece. Other values do not count towards the
/// attempts.
pub(in crate::session) fn may_begin(value: &&[u8]) -> bool {
    match value.first() {
        Some(b'1') => value.len() > SEALED,
        Some(b'2') => value.len() == PIECE,
        _ => false,
    }
}

impl CookieRecord {
    pub(in crate::session) fn new(ring: &KeyRing, name: &str, clock: Clock, guarded: bool) -> Self {
        let names = std::array::from_fn(|at| format!("{name}-{at}"));
        let sealer = Sealer::new(ring, Purpose::SessionRecord.in_cookie(name));
        let last_use = LastUse::new(ring, name);
        Self { sealer, clock, names, last_use, guarded }
    }

    /// Returns the record of `id`, if the request presented all its pieces and it has not
    /// expired.
    pub(in crate::session) fn read(&self, context: &Context, id: &RecordId) -> Load {
        let Some(mut stored) = self.open(context, id) else { return Load::Absent };
        let now = self.clock.now();
        if let Some(moment) = self.last_use.read(context, id, now) {
            stored.record.last = stored.record.last.max(moment);
        }
        if stored.record.is_live(now) { Load::Found(stored) } else { Load::Absent }
    }

    /// Compares the request's record with the guard's answer, and returns the record that counts.
    /// Calls `on_skew` if the guard's mark is later than now.
    pub(in crate::session) fn checked(
        &self,
        context: &Context,
        id: &RecordId,
        guard: Load,
        on_skew: impl FnOnce(),
    ) -> Load {
        let Load::Found(stored_mark) = guard else { return guard };
        let Some(mark) = ReplayMarker::read(&stored_mark.record) else { return Load::Absent };
        let Some(mut stored) = self.open(context, id) else { return Load::Absent };
        let now = self.clock.now();
        // A use touches the guard, and does not send the record again.
        stored.record.last = stored.record.last.max(stored_mark.record.last);
        if !stored.record.is_live(now) {
            return Load::Absent;
        }
        let age = Meta::renewed_at(&stored_mark).map(|at| Age::of(at, now));
        if age.is_some_and(Age::shows_skew) {
            on_skew();
        }
        // Requests that were under way at a write presented the state before it. A login ends the
        // old secret's right to read, so it accepts none of these requests.
        let just_before = mark.previous_version == stored.version
            && Meta::hash_of(&stored.record) == Some(mark.secret)
            && age.is_some_and(|age| age.is_within(OVERLAP));
        if stored.version == stored_mark.version || just_before {
            return Load::Found(stored);
        }
        // An older state is treated as a renewed secret, as the mark records it.
        Load::Found(stored_mark)
    }

    /// Returns the newest record that the request presented for this id. An older record may
    /// have cookies in another scope. Pieces of different records do not decrypt together.
    fn open(&self, context: &Context, id: &RecordId) -> Option<Stored> {
        let firsts = context.jar.values(&self.names[0]).filter(may_begin).take(ATTEMPTS[0]);
        let records = firsts.flat_map(|first| self.beginning_with(first, context, id));
        records.max_by_key(|it| it.version)
    }

    fn beginning_with(&self, first: &[u8], context: &Context, id: &RecordId) -> Vec<Stored> {
        let Some((count, first)) = first.split_first() else { return Vec::new() };
        let texts: Vec<Vec<u8>> = match count {
            // More pieces may exist from a time when the record was larger. They are not needed.
            b'1' => vec![first.to_vec()],
            b'2' => {
                let seconds = context.jar.values(&self.names[1]).take(ATTEMPTS[1]);
                seconds.map(|second| [first, second].concat()).collect()
            }
            _ => Vec::new(),
        };
        let bound_to = bound_to(*count, id);
        let opened = texts.iter().filter_map(|text| self.sealer.open(&bound_to, text));
        opened.filter_map(|record| Stored::from_bytes(record.into())).collect()
    }

    /// Returns the cookies that hold the record, and removals of the pieces that are no longer
    /// needed. Their attributes are those of `template`. Calls `own` only if the request presented
    /// a cookie that is not needed.
    pub(in crate::session) fn pieces<'a>(
        &self,
        context: &Context,
        template: &Cookie<'static>,
        id: &RecordId,
        stored: &Stored,
        own: impl Fn() -> Own<'a>,
    ) -> Vec<Cookie<'static>> {
        let record = stored.to_bytes();
        // One digit that tells a reader the number of pieces.
        let count = text_octets(record.len()).div_ceil(PIECE);
        // The record fits: the store of the cookies has refused larger ones.
        debug_assert!(count <= PIECES, "{} octets", record.len());
        let digit = if count == 1 { b'1' } else { b'2' };
        let sealed = self.sealer.seal(&bound_to(digit, id), &record);
        let text = format!("{}{sealed}", char::from(digit));
        let values = (0..PIECES).map(|at| text.get(at * PIECE..text.len().min((at + 1) * PIECE)));
        let is_left = |at: usize, name: &str| {
            let came = context.jar.values(name).next().is_some();
            context.jar.written(name).is_some() || came && own().has(at)
        };
        let cookies =
            self.names.iter().zip(values).enumerate().filter_map(|(at, (name, value))| {
                let mut cookie = template.clone();
                cookie.set_name(name.clone());
                match value {
                    Some(value) if !value.is_empty() => cookie.set_value(value.to_owned()),
                    _ if is_left(at, name) => cookie = removal(cookie),
                    _ => return None,
                }
                Some(cookie)
            });
        cookies.collect()
    }

    /// Returns the octets that the client will send for a record with `meta` and `data` bytes.
    pub(in crate::session) fn octets(&self, meta: usize, data: usize) -> usize {
        let text = text_octets(RECORD + meta + data);
        let names = self.names.iter().take(text.div_ceil(PIECE));
        text + names.map(|name| name.len() + "=; ".len()).sum::<usize>()
    }

    pub(in crate::session) fn names(&self) -> [&str; PIECES] {
        self.names.each_ref().map(String::as_str)
    }

    pub(in crate::session) fn withdraw(&self, context: &Context) {
        self.names.iter().for_each(|name| context.jar.withdraw(name));
        context.jar.withdraw(self.last_use.name());
    }
}

/// Returns the context that the pieces are bound to, in place of a cookie's name.
pub(in crate::session) fn bound_to(count: u8, id: &RecordId) -> String {
    format!("{} {id}", char::from(count))
}
