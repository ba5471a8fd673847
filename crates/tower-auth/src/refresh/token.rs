//! A refresh token is (family, generation, tag, engine, MAC): a [frame](crate::crypto::frame) of 92
//! characters.
//!
//! The token is bound to what issued it. The engine's mark stands under the MAC, and the MAC's key is
//! derived for one place in a request: the body, or the cookie of one name. So a token of another
//! engine is forged, and so is a cookie's token in the body. The tag proves that the family's record was at hand when the token was made, the MAC that the
//! ring was. So neither a leaked ring nor a leaked store mints one. Nothing of a token is stored:
//! the successor of a token is derived, the same one however often and wherever it is asked for.

use subtle::ConstantTimeEq as _;
use tower_auth_core::Secret;
use tower_auth_core::store::Handle;

use crate::crypto::credential::Families;
use crate::crypto::frame::{self, Sealer};
use crate::crypto::keys::{self, Engine, KeyRing, Purpose};

/// Family, generation (little endian), tag, the engine's mark.
const PAYLOAD: usize = frame::REFRESH;

/// What tags are derived from. Lies in the family's record and nowhere else.
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

/// The place in a request where a token comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carrier {
    /// The body, or whatever else an application hands over by itself.
    Body,
    /// The engine's cookie.
    Cookie,
}

/// A token whose MAC was right. No `Debug`.
pub(super) struct Token {
    pub(super) family: Handle,
    pub(super) generation: u64,
    tag: [u8; 16],
}

impl Token {
    /// Whether its tag is of that seed; in constant time.
    pub(super) fn matches(&self, seed: &Seed) -> bool {
        seed.tag(self.generation).ct_eq(&self.tag).into()
    }
}

/// A token before it is written for one carrier.
#[derive(Clone)]
pub(super) struct Unsealed(Secret<[u8; PAYLOAD]>);

/// The text of a token, read.
pub(super) enum Read {
    Token(Token),
    /// It was issued by another engine on the same ring.
    Elsewhere(Handle),
    Forged,
}

/// Writes one engine's refresh tokens and recognises them.
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

    /// Whether both write the same tokens.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.engine == other.engine && self.cookie.is_same(&other.cookie)
    }

    /// Whether the families are read with the keys of these tokens' ring; the cookie's name may
    /// differ.
    pub(super) fn is_of(&self, families: &Families) -> bool {
        self.body.is_same(&families.body)
    }

    fn sealer(&self, carrier: Carrier) -> &Sealer {
        match carrier {
            Carrier::Body => &self.body,
            Carrier::Cookie => &self.cookie,
        }
    }

    /// A generation's token.
    pub(super) fn make(&self, family: Handle, seed: &Seed, generation: u64) -> Unsealed {
        let mut payload = [0; PAYLOAD];
        payload[..16].copy_from_slice(family.as_bytes());
        payload[16..24].copy_from_slice(&generation.to_le_bytes());
        payload[24..40].copy_from_slice(&seed.tag(generation));
        payload[40..].copy_from_slice(&self.engine);
        Unsealed(Secret::new(payload))
    }

    /// The text of a token for one carrier, by the newest key of the ring.
    pub(super) fn write(&self, token: &Unsealed, carrier: Carrier) -> Secret<String> {
        Secret::new(self.sealer(carrier).seal(token.0.expose()))
    }

    /// Reads what a client sent.
    pub(super) fn read(&self, text: &[u8], carrier: Carrier) -> Read {
        let Some(opened) = self.sealer(carrier).open::<PAYLOAD>(text) else { return Read::Forged };
        let payload = &*opened.payload;
        let mut family = [0; 16];
        let mut generation = [0; 8];
        let mut tag = [0; 16];
        family.copy_from_slice(&payload[..16]);
        generation.copy_from_slice(&payload[16..24]);
        tag.copy_from_slice(&payload[24..40]);
        let family = Handle::new(family);
        // Behind the MAC: no secret, so nothing to compare in constant time.
        if payload[40..] != self.engine {
            return Read::Elsewhere(family);
        }
        Read::Token(Token { family, generation: u64::from_le_bytes(generation), tag })
    }
}
