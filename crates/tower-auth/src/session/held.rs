//! Sessions that the client keeps: the whole record, sealed, in a few cookies.
//!
//! The credential travels as ever, in its own cookie; beside it, in `<name>-0` and so on, lies what
//! would otherwise lie in a store. The pieces are one sealed text: `count ‖ base64url(format 1 ‖
//! key id 4 ‖ nonce 12 ‖ AES-256-GCM-SIV(record format 1))`, bound to cookie name, count and handle. So
//! a piece of another session, or of another state of this one, opens nothing.

use std::time::Duration;

use cookie::Cookie;
use tower_auth_core::store::{
    Cursor, Handle, Key, Kinds, Limits, Load, Owner, Page, Reason, Record, Store, StoreError,
    Stored, Version, Write,
};
use tower_auth_core::{Clock, Timestamp};

use crate::context::Context;
use crate::cookie::Sealer;
use crate::cookie::jar::{Found, removal};
use crate::keys::KeyRing;

/// In how many pieces at most. A server commonly takes 8 KiB of `Cookie` header, for everything.
pub(super) const PIECES: usize = 2;

/// Octets of a piece's value; browsers take 4,096 with the name (RFC 6265bis, 5.6).
const PIECE: usize = 3500;

/// What sealing adds, before base64url: format, key id, nonce, tag.
const SEALED: usize = 1 + 4 + 12 + 16;

/// What record format 1 adds to meta and data, with an owner.
const RECORD: usize = 2 + 8 * 5 + 32 + 4;

/// How many bytes meta and data may have together.
const MAX_VALUE: usize = (PIECES * PIECE - 1) / 4 * 3 - SEALED - RECORD;

/// Puts records into cookies and takes them out.
pub(super) struct Held {
    sealer: Sealer,
    clock: Clock,
    name: String,
    names: [String; PIECES],
}

impl Held {
    pub(super) fn new(ring: &KeyRing, name: &str, clock: Clock) -> Self {
        let names = std::array::from_fn(|at| format!("{name}-{at}"));
        let sealer = Sealer::with_purpose(ring, "tower-auth session held by the client");
        Self { sealer, clock, name: name.to_owned(), names }
    }

    /// The record of that handle, if the request brought all of it and it lives.
    pub(super) fn read(&self, context: &Context, handle: &Handle) -> Load {
        let opened = self.open(context, handle).and_then(|it| Stored::from_bytes(it.into()));
        match opened {
            Some(stored) if stored.record.is_live(self.clock.now()) => Load::Found(stored),
            _ => Load::Absent,
        }
    }

    fn open(&self, context: &Context, handle: &Handle) -> Option<Vec<u8>> {
        let piece = |name: &String| match context.jar.find(name) {
            Found::One(value) => Some(value),
            Found::Absent | Found::Twice => None,
        };
        let first = piece(&self.names[0])?;
        let (count, first) = first.split_first()?;
        let pieces = usize::from(count.checked_sub(b'0')?);
        // More may be there, from when the record was larger: they are not asked for.
        let rest = self.names.get(1..pieces)?;
        let mut text = first.to_vec();
        for name in rest {
            text.extend_from_slice(piece(name)?);
        }
        self.sealer.open(&self.bound_to(pieces, handle), &text)
    }

    /// The cookies that hold the record, and those of the range that are no longer needed, by
    /// `template`, which has the attributes.
    pub(super) fn pieces(
        &self,
        context: &Context,
        template: &Cookie<'static>,
        handle: &Handle,
        stored: &Stored,
    ) -> Vec<Cookie<'static>> {
        let record = stored.to_bytes();
        let text = 1 + ((record.len() + SEALED) * 4).div_ceil(3);
        let count = text.div_ceil(PIECE);
        // It fits: the store beside this has refused what does not.
        debug_assert!(count <= PIECES, "{} octets", record.len());
        let text = format!("{count}{}", self.sealer.seal(&self.bound_to(count, handle), &record));
        let values = (0..PIECES).map(|at| text.get(at * PIECE..text.len().min((at + 1) * PIECE)));
        let cookies = self.names.iter().zip(values).filter_map(|(name, value)| {
            let mut cookie = template.clone();
            cookie.set_name(name.clone());
            match value {
                Some(value) if !value.is_empty() => cookie.set_value(value.to_owned()),
                _ if self.is_there(context, name) => cookie = removal(cookie),
                _ => return None,
            }
            Some(cookie)
        });
        cookies.collect()
    }

    /// Takes away what the request brought.
    pub(super) fn remove(&self, context: &Context, template: &Cookie<'static>) {
        for name in self.names.iter().filter(|name| self.is_there(context, name)) {
            let mut cookie = template.clone();
            cookie.set_name(name.clone());
            // It fails only where the head is out, and then nothing is to be taken away either.
            let _ = context.jar.write_credential(removal(cookie));
        }
    }

    pub(super) fn withdraw(&self, context: &Context) {
        self.names.iter().for_each(|name| context.jar.withdraw(name));
    }

    fn is_there(&self, context: &Context, name: &str) -> bool {
        !matches!(context.jar.find(name), Found::Absent) || context.jar.written(name).is_some()
    }

    /// No cookie has a space in its name, so this is none.
    fn bound_to(&self, count: usize, handle: &Handle) -> String {
        format!("{} {count} {handle}", self.name)
    }
}

/// The store of a layer that has none. The record comes with the request and leaves with the
/// response, so every save is of the newest that one knows of, and an end is the end of a cookie.
pub(super) struct Client(Clock);

impl Client {
    pub(super) const fn new(clock: Clock) -> Self {
        Self(clock)
    }
}

fn fits(record: &Record) -> Result<(), StoreError> {
    if record.meta.len() + record.data.len() > MAX_VALUE {
        return Err(StoreError::too_large());
    }
    Ok(())
}

impl Store for Client {
    fn limits(&self) -> Limits {
        Limits::new(MAX_VALUE).lists(false)
    }

    async fn create(&self, _: &Key, record: &Record) -> Result<Write, StoreError> {
        fits(record)?;
        Ok(Write::Done(Version::first(self.0.now())))
    }

    async fn load(&self, _: &Key) -> Result<Load, StoreError> {
        Ok(Load::Absent)
    }

    async fn save(&self, _: &Key, old: Version, record: &Record) -> Result<Write, StoreError> {
        fits(record)?;
        Ok(Write::Done(old.next(self.0.now())))
    }

    async fn touch(&self, _: &Key, _: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }

    async fn end(&self, _: &Key, _: Reason, _: Duration) -> Result<(), StoreError> {
        Ok(())
    }

    async fn list(
        &self,
        _: Kinds,
        _: &Owner,
        _: Option<&Cursor>,
        _: usize,
    ) -> Result<Page, StoreError> {
        Err(StoreError::unsupported())
    }

    async fn end_owned(
        &self,
        _: Kinds,
        _: &Owner,
        _: Option<&Handle>,
        _: Reason,
        _: Duration,
    ) -> Result<usize, StoreError> {
        Err(StoreError::unsupported())
    }
}
