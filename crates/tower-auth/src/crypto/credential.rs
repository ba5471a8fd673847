//! Session credentials: (id, secret, MAC) in a [frame](crate::crypto::frame) of 71 characters.
//!
//! The store contains a hash of the secret, keyed by the id. A leaked store therefore mints no
//! credential, and a rotation of the ring changes no record.

#[cfg(feature = "session")]
pub(crate) use whole::{Credential, Mint, SecretHash, Verified};

/// Id and secret.
#[cfg(any(feature = "csrf", feature = "session"))]
const PAYLOAD: usize = 16 + 16;

/// Verifies the credentials of one session cookie, for code that needs only the secret.
#[cfg(feature = "csrf")]
pub(crate) struct Secrets(crate::crypto::frame::Sealer);

#[cfg(feature = "csrf")]
impl Secrets {
    /// Creates a verifier for the cookie `cookie`, as [`Mint::new`] does.
    pub(crate) fn new(ring: &crate::KeyRing, cookie: &str) -> Self {
        Self(crate::crypto::frame::Sealer::new(
            ring,
            crate::crypto::keys::Purpose::Session.in_cookie(cookie),
        ))
    }

    /// Returns the secret of a credential that this ring made. CSRF tokens are bound to it, because
    /// it stays the same when the ring rotates and changes when the session's secret does.
    pub(crate) fn of(&self, text: &[u8]) -> Option<[u8; 16]> {
        self.0.open::<PAYLOAD>(text)?.payload[16..].try_into().ok()
    }
}

/// Reads the family of a refresh token in a cookie.
#[cfg(feature = "refresh")]
pub(crate) struct Families {
    cookie: crate::crypto::frame::Sealer,
    /// Identifies the ring, to compare it with that of an engine whose cookie has another name.
    pub(crate) body: crate::crypto::frame::Sealer,
}

#[cfg(feature = "refresh")]
impl Families {
    pub(crate) fn new(ring: &crate::KeyRing, cookie: &str) -> Self {
        use crate::crypto::frame::Sealer;
        use crate::crypto::keys::Purpose;
        Self {
            cookie: Sealer::new(ring, Purpose::RefreshToken.in_cookie(cookie)),
            body: Sealer::new(ring, Purpose::RefreshToken.in_body()),
        }
    }

    /// Returns the id of the family, if the token's MAC is valid.
    ///
    /// Unlike a session's secret, the id of a family appears in logs and in access tokens. Because
    /// of the MAC, a client that knows only the id gets nothing that is bound to the family. The
    /// issuing engine is not checked: only the engine knows its own mark.
    pub(crate) fn of(&self, text: &[u8]) -> Option<[u8; 16]> {
        self.cookie.open::<{ crate::crypto::frame::REFRESH }>(text)?.payload[..16].try_into().ok()
    }
}

#[cfg(feature = "session")]
mod whole {
    use tower_auth_core::Secret;
    use tower_auth_core::store::RecordId;

    use super::PAYLOAD;
    use crate::crypto::frame::Sealer;
    use crate::crypto::keys::{self, KeyRing, Purpose};

    /// An id with its secret. No `Debug`.
    #[derive(Clone)]
    pub(crate) struct Credential {
        pub(crate) id: RecordId,
        secret: Secret<[u8; 16]>,
    }

    /// The hash of a secret, as a record stores it.
    pub(crate) type SecretHash = [u8; 32];

    impl Credential {
        /// Creates an id and a secret, 128 random bits each (ASVS 7.2.3).
        pub(crate) fn random() -> Self {
            Self::with_new_secret(RecordId::new(keys::random()))
        }

        /// Creates a new secret for the same record: rotation.
        pub(crate) fn with_new_secret(id: RecordId) -> Self {
            Self { id, secret: Secret::new(keys::random()) }
        }

        /// Keeps the secret for a new record.
        pub(crate) fn with_new_handle(&self) -> Self {
            Self { id: RecordId::new(keys::random()), secret: self.secret.clone() }
        }

        /// Returns the secret, for values that are bound to it.
        #[cfg(feature = "csrf")]
        pub(crate) fn secret(&self) -> [u8; 16] {
            *self.secret.expose()
        }

        /// Returns the hash that the record stores.
        pub(crate) fn hash(&self) -> SecretHash {
            *self.digest().as_bytes()
        }

        /// Returns `true` if `hash` is the hash of this secret. `blake3::Hash` compares in constant
        /// time.
        pub(crate) fn matches(&self, hash: &SecretHash) -> bool {
            self.digest() == *hash
        }

        fn digest(&self) -> blake3::Hash {
            let mut key = [0; 32];
            key[..16].copy_from_slice(self.id.as_bytes());
            key[16..].copy_from_slice(b"secret at rest 1");
            blake3::keyed_hash(&key, self.secret.expose())
        }
    }

    /// Writes and verifies the credentials of one cookie.
    pub(crate) struct Mint(Sealer);

    /// A credential that this application made.
    pub(crate) struct Verified {
        pub(crate) credential: Credential,
    }

    impl Mint {
        /// Creates a mint for the cookie `cookie`. The credentials do not verify under another
        /// name.
        pub(crate) fn new(ring: &KeyRing, cookie: &str) -> Self {
            Self(Sealer::new(ring, Purpose::Session.in_cookie(cookie)))
        }

        /// Returns `true` if `secrets` has the keys that verify these credentials.
        #[cfg(feature = "csrf")]
        pub(crate) fn is_read_by(&self, secrets: &super::Secrets) -> bool {
            self.0.has_ids_of(&secrets.0)
        }

        /// Returns the text for the client.
        pub(crate) fn write(&self, credential: &Credential) -> String {
            let mut payload = [0; PAYLOAD];
            payload[..16].copy_from_slice(credential.id.as_bytes());
            payload[16..].copy_from_slice(credential.secret.expose());
            self.0.seal(&payload)
        }

        /// Reads a client's text. `None` unless this ring made it.
        pub(crate) fn read(&self, text: &[u8]) -> Option<Verified> {
            let opened = self.0.open::<PAYLOAD>(text)?;
            let id = RecordId::new(opened.payload[..16].try_into().ok()?);
            let secret = Secret::new(opened.payload[16..].try_into().ok()?);
            let credential = Credential { id, secret };
            Some(Verified { credential })
        }
    }
}

#[cfg(all(test, feature = "session"))]
mod tests {
    use super::{Credential, Mint, PAYLOAD};
    use crate::KeyRing;

    #[test]
    fn reads_back_and_refuses_every_flipped_bit() {
        let mint = Mint::new(&KeyRing::random(), "test");
        let credential = Credential::random();
        let text = mint.write(&credential);
        let read = mint.read(text.as_bytes()).unwrap();
        assert!(read.credential.matches(&credential.hash()));
        for at in 0..text.len() {
            for other in [b'A', b'B', b'_', b'=', b' ', 0xff] {
                let mut forged = text.clone().into_bytes();
                if forged[at] != other {
                    forged[at] = other;
                    assert!(mint.read(&forged).is_none(), "character {at} as {other}");
                }
            }
        }
    }

    #[test]
    fn xx_02_every_bit_of_the_stored_hash_counts() {
        let credential = Credential::random();
        for at in 0..32 {
            let mut other = credential.hash();
            other[at] ^= 0x80;
            assert!(!credential.matches(&other), "byte {at}");
        }
        // The hash of the same secret under another id is different too.
        assert!(!credential.matches(&credential.with_new_handle().hash()));
    }

    #[test]
    fn no_other_length_and_no_other_cookie() {
        let ring = KeyRing::random();
        let text = Mint::new(&ring, "one").write(&Credential::random());
        assert_eq!(text.len(), 71);
        assert_eq!(text.len(), crate::crypto::frame::characters(PAYLOAD));
        assert!(Mint::new(&ring, "two").read(text.as_bytes()).is_none());
        let mint = Mint::new(&ring, "one");
        assert!(mint.read(&text.as_bytes()[..70]).is_none());
        assert!(mint.read(format!("{text}A").as_bytes()).is_none());
        assert!(mint.read(format!("{text}=").as_bytes()).is_none());
        assert!(mint.read(b"").is_none());
    }

    #[test]
    fn xx_03_an_old_key_verifies() {
        let old = Mint::new(&KeyRing::insecure_from_seed(1), "test");
        let both = Mint::new(&KeyRing::insecure_from_seeds([2, 1]), "test");
        let credential = Credential::random();
        let read = both.read(old.write(&credential).as_bytes()).unwrap();
        assert!(read.credential.matches(&credential.hash()));
        assert!(old.read(both.write(&credential).as_bytes()).is_none());
    }
}
