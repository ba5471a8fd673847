//! What a record lies under, and whose it is.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What sort of record a key names. Two kinds never share a record, even under one handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum Kind {
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

impl Kind {
    /// Every kind there is.
    pub const ALL: [Self; 6] =
        [Self::Session, Self::Token, Self::Family, Self::OneShot, Self::Revocation, Self::Replay];
}

/// One kind, or all of them: what [`Store::list`](super::Store::list) looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "stores must match all")]
pub enum Kinds {
    /// Every kind.
    All,
    /// This one.
    Only(Kind),
}

impl Kinds {
    /// Whether that kind is meant.
    #[must_use]
    pub fn contains(self, kind: Kind) -> bool {
        match self {
            Self::All => true,
            Self::Only(only) => only == kind,
        }
    }
}

/// A record's name: 16 random bytes, the same for the record's whole life.
///
/// By it a session is listed and kicked. It is no credential: it proves nothing. Keep it out of logs
/// all the same; [`LogId`](crate::event::LogId) is the record's name there.
/// `Display` and `FromStr` speak base64url without padding, 22 characters.
///
/// ```
/// use tower_auth_core::store::Handle;
///
/// let handle = Handle::new([7; 16]);
/// assert_eq!(handle.to_string().parse::<Handle>().unwrap(), handle);
/// assert!("not a handle".parse::<Handle>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle([u8; 16]);

impl Handle {
    /// A handle of these bytes. Take them from the system's random source.
    #[must_use]
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for Handle {
    /// Without an allocation: it is said for each question to a store with text for keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 22];
        URL_SAFE_NO_PAD.encode_slice(self.0, &mut text).map_err(|_| fmt::Error)?;
        f.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Handle {
    /// Without the bytes: logs name records by a keyed hash only, their
    /// [`LogId`](crate::event::LogId) (ASVS 16.2.5).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handle(..)")
    }
}

impl FromStr for Handle {
    type Err = InvalidHandle;

    fn from_str(text: &str) -> Result<Self, InvalidHandle> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidHandle)?;
        bytes.try_into().map(Self).map_err(|_| InvalidHandle)
    }
}

/// The text is not a [`Handle`], 22 characters of base64url, or not a [`Key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidHandle;

impl fmt::Display for InvalidHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a handle: 22 characters of base64url are expected")
    }
}

impl std::error::Error for InvalidHandle {}

/// What a record lies under: its kind and its handle, 17 bytes of any value.
///
/// `Display` and `FromStr` speak `1.` and the handle, where 1 is the kind's number: what stores with
/// text for keys use.
///
/// ```
/// use tower_auth_core::store::{Handle, Key, Kind};
///
/// let key = Key::new(Kind::Family, Handle::new([7; 16]));
/// assert_eq!(key.to_string(), "3.BwcHBwcHBwcHBwcHBwcHBw");
/// assert_eq!(key.to_string().parse(), Ok(key));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The sort of record.
    pub kind: Kind,
    /// Its name.
    pub handle: Handle,
}

impl Key {
    /// The key of that kind and name.
    #[must_use]
    pub const fn new(kind: Kind, handle: Handle) -> Self {
        Self { kind, handle }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind as u8, self.handle)
    }
}

impl FromStr for Key {
    type Err = InvalidHandle;

    fn from_str(text: &str) -> Result<Self, InvalidHandle> {
        let (kind, handle) = text.split_once('.').ok_or(InvalidHandle)?;
        let is_it = |it: &Kind| kind.parse() == Ok(*it as u8);
        let kind = Kind::ALL.into_iter().find(is_it).ok_or(InvalidHandle)?;
        Ok(Self { kind, handle: handle.parse()? })
    }
}

/// Whose records they are: 32 bytes that tower-auth derives from issuer and subject.
///
/// A hash, so that a store's index holds no name and no address. Stores treat it as opaque.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner([u8; 32]);

impl Owner {
    /// An owner of these bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
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
