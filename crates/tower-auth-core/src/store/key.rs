//! Keys and owners of records.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The kind of a record. Records of different kinds are separate, even with the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum RecordKind {
    /// A session.
    Session = 1,
    /// An opaque token.
    Token = 2,
    /// A family of refresh tokens.
    Family = 3,
    /// A mark that a one-shot token was used.
    OneShot = 4,
    /// A revocation.
    Revocation = 5,
    /// The generation of a session that lives in a cookie.
    Replay = 6,
}

impl RecordKind {
    /// All kinds.
    pub const ALL: [Self; 6] =
        [Self::Session, Self::Token, Self::Family, Self::OneShot, Self::Revocation, Self::Replay];
}

/// One kind of records, or all kinds: a filter of [`Store::list`](super::Store::list).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "stores must match all")]
pub enum RecordKinds {
    /// All kinds.
    All,
    /// Only this kind.
    Only(RecordKind),
}

impl RecordKinds {
    /// Returns `true` if the filter includes `kind`.
    #[must_use]
    pub fn contains(self, kind: RecordKind) -> bool {
        match self {
            Self::All => true,
            Self::Only(only) => only == kind,
        }
    }
}

/// The id of a record: 16 random bytes that stay the same for the record's whole life.
///
/// Sessions are listed and ended by it. It is not a credential and proves nothing. Keep it out of
/// logs nevertheless, and use [`LogId`](crate::event::LogId) there. `Display` and `FromStr` use
/// base64url without padding, 22 characters.
///
/// ```
/// use tower_auth_core::store::RecordId;
///
/// let id = RecordId::new([7; 16]);
/// assert_eq!(id.to_string().parse::<RecordId>().unwrap(), id);
/// assert!("not an id".parse::<RecordId>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId([u8; 16]);

impl RecordId {
    /// Creates an id from `bytes`. Take them from the system's random source.
    #[must_use]
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for RecordId {
    /// Does not allocate: stores with text keys format it for every command.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 22];
        URL_SAFE_NO_PAD.encode_slice(self.0, &mut text).map_err(|_| fmt::Error)?;
        f.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for RecordId {
    /// Hides the bytes: logs identify records only by a keyed hash, their
    /// [`LogId`](crate::event::LogId) (ASVS 16.2.5).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordId(..)")
    }
}

impl FromStr for RecordId {
    type Err = InvalidRecordId;

    fn from_str(text: &str) -> Result<Self, InvalidRecordId> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidRecordId)?;
        bytes.try_into().map(Self).map_err(|_| InvalidRecordId)
    }
}

/// The text is not a [`RecordId`] (22 characters of base64url) or not a [`Key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidRecordId;

impl fmt::Display for InvalidRecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid id: expected 22 characters of base64url")
    }
}

impl std::error::Error for InvalidRecordId {}

/// The key of a record: its kind and its id, 17 bytes of any value.
///
/// `Display` and `FromStr` use the kind's number, a dot and the id, such as `1.` for a session.
/// Stores with text keys use this form.
///
/// ```
/// use tower_auth_core::store::{RecordId, Key, RecordKind};
///
/// let key = Key::new(RecordKind::Family, RecordId::new([7; 16]));
/// assert_eq!(key.to_string(), "3.BwcHBwcHBwcHBwcHBwcHBw");
/// assert_eq!(key.to_string().parse(), Ok(key));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The kind of the record.
    pub kind: RecordKind,
    /// The id of the record.
    pub id: RecordId,
}

impl Key {
    /// Creates the key of a kind and an id.
    #[must_use]
    pub const fn new(kind: RecordKind, id: RecordId) -> Self {
        Self { kind, id }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind as u8, self.id)
    }
}

impl FromStr for Key {
    type Err = InvalidRecordId;

    fn from_str(text: &str) -> Result<Self, InvalidRecordId> {
        let (kind, id) = text.split_once('.').ok_or(InvalidRecordId)?;
        let is_it = |it: &RecordKind| kind.parse() == Ok(*it as u8);
        let kind = RecordKind::ALL.into_iter().find(is_it).ok_or(InvalidRecordId)?;
        Ok(Self { kind, id: id.parse()? })
    }
}

/// The owner of records: 32 bytes that tower-auth derives from the principal.
///
/// It is a hash, so a store's index contains no names and no addresses. Stores treat it as opaque.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner([u8; 32]);

impl Owner {
    /// Creates an owner from `bytes`.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Owner(..)")
    }
}
