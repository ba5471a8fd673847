//! Tokens that were verified once, so that their signatures are not verified again.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use foldhash::SharedSeed;
use foldhash::fast::SeedableRandomState;
use quick_cache::Weighter;
use quick_cache::sync::{Cache, DefaultLifecycle};
use tower_auth_core::{Identity, Timestamp};

use super::claims::Kept;
use super::issuers::Issuers;
use super::key::Entry;
use super::token::{Accepted, Pins};

/// The tokens, found by a keyed hash and believed after a comparison of all their bytes.
///
/// The bound is in bytes, and the least recently used tokens give way. Refused tokens are not kept,
/// so only a client with a valid token can displace another.
pub(super) struct Remembered(Option<Tokens>);

type Tokens = Cache<Box<[u8]>, Arc<Remembrance>, Weight, TokenHasher>;

/// A token that was accepted, and everything that the decision depended on. The configuration is
/// the layer's own, since each layer has its own memory.
pub(super) struct Remembrance {
    pub(super) issuer: usize,
    key: Arc<Entry>,
    /// The newest snapshot of the issuer's keys that was seen to have the key.
    generation: AtomicU64,
    from: Timestamp,
    until: Timestamp,
    tenant_iss: Option<Box<str>>,
    pub(super) identity: Identity,
    pub(super) claims: Kept,
    /// Whether the claim that holds the roles is present.
    pub(super) has_roles: bool,
    /// The memory for the identity and the claims, in bytes.
    weight: u64,
}

/// The result of a look-up.
pub(super) enum Found {
    /// The token was accepted before, and nothing has changed.
    Token(Arc<Remembrance>),
    /// The issuer's keys may not be used now.
    NoKeys,
    /// The token must be verified.
    Nothing,
}

impl Remembered {
    /// Creates a memory of so many bytes.
    pub(super) fn new(bytes: usize) -> Self {
        if bytes == 0 {
            return Self(None);
        }
        // A token of a common provider takes about this much with its identity.
        let estimated = bytes / 1600 + 1;
        Self(Some(Cache::with(
            estimated,
            bytes as u64,
            Weight,
            TokenHasher::new(),
            DefaultLifecycle::default(),
        )))
    }

    /// Returns the token if all that it depended on still holds.
    pub(super) fn find(&self, token: &[u8], issuers: &Issuers, now: Timestamp) -> Found {
        let Some(found) = self.0.as_ref().and_then(|cache| cache.get(token)) else {
            return Found::Nothing;
        };
        let rules = issuers.get(found.issuer);
        let Some(current) = rules.keys.current(now) else { return Found::NoKeys };
        if now >= found.until || found.from > now + rules.leeway {
            return Found::Nothing;
        }
        if found.tenant_iss.as_deref().is_some_and(|iss| rules.name.principal(iss).is_none()) {
            return Found::Nothing;
        }
        let generation = current.generation();
        if found.generation.load(Ordering::Relaxed) != generation {
            let key = &found.key;
            let now = current.keys().find(key.verifier.algorithm(), key.kid.as_deref());
            if !now.is_ok_and(|now| Arc::ptr_eq(now, key)) {
                return Found::Nothing;
            }
            found.generation.store(generation, Ordering::Relaxed);
        }
        Found::Token(found)
    }

    /// Keeps a token that was accepted.
    pub(super) fn keep(&self, token: &[u8], issuer: usize, accepted: Accepted<'_>, claims: Kept) {
        let Some(cache) = &self.0 else { return };
        let Pins { key, generation, from, until, tenant_iss } = accepted.pins;
        let remembrance = Remembrance {
            issuer,
            key,
            generation: AtomicU64::new(generation),
            from,
            until,
            tenant_iss,
            identity: accepted.identity,
            claims,
            has_roles: accepted.has_roles,
            // The identity holds the claims as text; the typed claims are of about the same size.
            weight: 2 * accepted.claims.len() as u64,
        };
        cache.insert(token.into(), Arc::new(remembrance));
    }
}

#[cfg(test)]
impl Remembered {
    /// Returns the weight of all tokens that are kept.
    pub(super) fn weight(&self) -> u64 {
        self.0.as_ref().map_or(0, Cache::weight)
    }
}

#[derive(Clone)]
struct Weight;

impl Weighter<Box<[u8]>, Arc<Remembrance>> for Weight {
    fn weight(&self, token: &Box<[u8]>, found: &Arc<Remembrance>) -> u64 {
        // The table's entry, the two allocations' headers, and the identity's fields.
        const FIXED: u64 = 384;
        token.len() as u64 + found.weight + FIXED
    }
}

/// A hash of a token's bytes under a random key of this process. An outsider cannot choose tokens
/// that collide, and the time of the comparison after it shows nothing about other tokens.
#[derive(Clone)]
struct TokenHasher(SeedableRandomState);

/// The key of this process. The standard library takes its randomness from the operating system.
static KEY: OnceLock<SharedSeed> = OnceLock::new();

impl TokenHasher {
    fn new() -> Self {
        let key = KEY.get_or_init(|| SharedSeed::from_u64(RandomState::new().hash_one(0)));
        Self(SeedableRandomState::with_seed(RandomState::new().hash_one(1), key))
    }
}

impl BuildHasher for TokenHasher {
    type Hasher = <SeedableRandomState as BuildHasher>::Hasher;

    fn build_hasher(&self) -> Self::Hasher {
        self.0.build_hasher()
    }
}
