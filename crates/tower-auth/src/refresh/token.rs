//! A refresh token is (family, generation, tag, MAC): a [frame](crate::frame) of 82 characters.
//!
//! The tag proves that the family's record was at hand when the token was made, the MAC that the
//! ring was. So neither a leaked ring nor a leaked store mints one. Nothing of a token is stored:
//! the successor of a token is derived, the same one however often and wherever it is asked for.

use subtle::ConstantTimeEq as _;
use tower_auth_core::Secret;
use tower_auth_core::store::Handle;

use crate::credential::Families;
use crate::frame::{self, Sealer};
use crate::keys::{self, KeyRing, Purpose};

/// Family, generation (little endian), tag.
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

/// Writes refresh tokens and recognises them.
pub(super) struct Mint(Sealer);

impl Mint {
    pub(super) fn new(ring: &KeyRing) -> Self {
        Self(Sealer::new(ring, Purpose::RefreshToken.in_body()))
    }

    /// Whether who reads these families' names has the keys of these tokens.
    pub(super) fn is_of(&self, families: &Families) -> bool {
        self.0.is_same(&families.0)
    }

    /// A generation's token, by the newest key of the ring.
    pub(super) fn write(&self, family: Handle, seed: &Seed, generation: u64) -> Secret<String> {
        let mut payload = [0; PAYLOAD];
        payload[..16].copy_from_slice(family.as_bytes());
        payload[16..24].copy_from_slice(&generation.to_le_bytes());
        payload[24..].copy_from_slice(&seed.tag(generation));
        Secret::new(self.0.seal(&payload))
    }

    /// Reads what a client sent; `None` unless this ring made it.
    pub(super) fn read(&self, text: &[u8]) -> Option<Token> {
        let payload = self.0.open::<PAYLOAD>(text)?.payload;
        Some(Token {
            family: Handle::new(payload[..16].try_into().ok()?),
            generation: u64::from_le_bytes(payload[16..24].try_into().ok()?),
            tag: payload[24..].try_into().ok()?,
        })
    }
}
