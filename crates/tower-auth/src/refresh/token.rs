//! The format of refresh tokens: (family, generation, tag, engine, MAC) in a
//! [frame](crate::crypto::frame) of 92 characters.
//!
//! A token is bound to its issuer. The MAC covers the engine's mark, and the MAC's key is derived
//! for one place in a request: the body, or the cookie of one name. The token of another engine is
//! therefore forged, and so is a cookie's token in the body.
//!
//! The tag proves that the family's record was available when the token was made. The MAC proves
//! the same of the key ring. So neither a leaked ring nor a leaked store can mint a token. The
//! store contains no part of a token: a successor is derived, and each derivation gives the same
//! token.

use subtle::ConstantTimeEq as _;
use tower_auth_core::Secret;
use tower_auth_core::store::RecordId;

use crate::crypto::credential::Families;
use crate::crypto::frame::{self, Sealer};
use crate::crypto::keys::{self, Engine, KeyRing, Purpose};

/// The family, the generation (little endian), the tag, and the engine's mark.
const PAYLOAD: usize = frame::REFRESH;

/// The secret from which tags are derived. Only the family's record contains it.
#[derive(Clone)]
pub(super) struct Seed(Secret<[u8; 32]>);

impl Seed {
    pub(super) fn random() -> Self {
        Self::new(keys::random())
    }

    pub(super) const fn new(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes))
    }

    pub(super) const fn as_bytes(&self) -> &[u8; 32] {
        self.0.expose()
    }

    fn tag(&self, generation: u64) -> [u8; 16] {
        let hash = blake3::keyed_hash(self.as_bytes(), &generation.to_le_bytes());
        let mut tag = [0; 16];
        tag.copy_from_slice(&hash.as_bytes()[..16]);
        tag
    }
}

/// The place of a token in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    /// The body, or a token that the application passes itself.
    Body,
    /// The engine's cookie.
    Cookie,
}

/// A token with a valid MAC. No `Debug`.
pub(super) struct Token {
    pub(super) family: RecordId,
    pub(super) generation: u64,
    tag: [u8; 16],
}

impl Token {
    /// Returns `true` if the tag was derived from `seed`. Takes constant time.
    pub(super) fn matches(&self, seed: &Seed) -> bool {
        seed.tag(self.generation).ct_eq(&self.tag).into()
    }
}

/// A token that is not yet written for a transport.
#[derive(Clone)]
pub(super) struct Unsealed(Secret<[u8; PAYLOAD]>);

/// The result of reading a token's text.
pub(super) enum Read {
    Token(Token),
    /// Issued by another engine with the same ring.
    Elsewhere(RecordId),
    Forged,
}

/// Writes and verifies the refresh tokens of one engine.
pub(super) struct Mint {
    engine: [u8; 8],
    body: Sealer,
    cookie: Sealer,
}

impl Mint {
    pub(super) fn new(ring: &KeyRing, engine: Engine<'_>, cookie: &str) -> Self {
        Self {
            engine: engine.mark(),
            body: Sealer::new(ring, Purpose::RefreshToken.in_body()),
            cookie: Sealer::new(ring, Purpose::RefreshToken.in_cookie(cookie)),
        }
    }

    /// Returns `true` if both write the same tokens.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.engine == other.engine && self.cookie.is_same(&other.cookie)
    }

    /// Returns `true` if `families` reads families with this ring's keys; the cookie's name may
    /// differ.
    pub(super) fn is_of(&self, families: &Families) -> bool {
        self.body.is_same(&families.body)
    }

    fn sealer(&self, transport: Transport) -> &Sealer {
        match transport {
            Transport::Body => &self.body,
            Transport::Cookie => &self.cookie,
        }
    }

    /// Creates the token of a generation.
    pub(super) fn make(&self, family: RecordId, seed: &Seed, generation: u64) -> Unsealed {
        let mut payload = [0; PAYLOAD];
        payload[..16].copy_from_slice(family.as_bytes());
        payload[16..24].copy_from_slice(&generation.to_le_bytes());
        payload[24..40].copy_from_slice(&seed.tag(generation));
        payload[40..].copy_from_slice(&self.engine);
        Unsealed(Secret::new(payload))
    }

    /// Returns the text of a token for a transport, signed with the newest key of the ring.
    pub(super) fn write(&self, token: &Unsealed, transport: Transport) -> Secret<String> {
        Secret::new(self.sealer(transport).seal(token.0.expose()))
    }

    /// Reads a token's text from a request.
    pub(super) fn read(&self, text: &[u8], transport: Transport) -> Read {
        let Some(opened) = self.sealer(transport).open::<PAYLOAD>(text) else {
            return Read::Forged;
        };
        let payload = &*opened.payload;
        let mut family = [0; 16];
        let mut generation = [0; 8];
        let mut tag = [0; 16];
        family.copy_from_slice(&payload[..16]);
        generation.copy_from_slice(&payload[16..24]);
        tag.copy_from_slice(&payload[24..40]);
        let family = RecordId::new(family);
        // The MAC is verified and the mark is not secret, so the comparison need not be in constant
        // time.
        if payload[40..] != self.engine {
            return Read::Elsewhere(family);
        }
        Read::Token(Token { family, generation: u64::from_le_bytes(generation), tag })
    }
}
