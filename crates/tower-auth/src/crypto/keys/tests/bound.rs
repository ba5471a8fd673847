//! Keys with different bindings are different.

use std::collections::HashSet;

use crate::crypto::keys::{KeyRing, Purpose};

#[test]
fn keys_share_nothing_unless_all_that_they_are_bound_to_is_equal() {
    let ring = KeyRing::insecure_from_seed(1);
    let bound = [
        Purpose::KeyId.anywhere(),
        Purpose::Seed.anywhere(),
        #[cfg(any(feature = "refresh", feature = "session"))]
        Purpose::LogId.anywhere(),
        #[cfg(feature = "cookie")]
        Purpose::SignedCookie.anywhere(),
        #[cfg(feature = "cookie")]
        Purpose::EncryptedCookie.anywhere(),
        #[cfg(feature = "session")]
        Purpose::Session.in_cookie("__Host-a"),
        #[cfg(feature = "session")]
        Purpose::Session.in_cookie("__Host-b"),
        #[cfg(feature = "session")]
        Purpose::Session.in_cookie(""),
        #[cfg(feature = "session")]
        Purpose::SessionRecord.in_cookie("__Host-a"),
        #[cfg(feature = "session")]
        Purpose::SessionLastUse.in_cookie("__Host-a"),
        #[cfg(feature = "csrf")]
        Purpose::CsrfToken.anywhere(),
        #[cfg(feature = "csrf")]
        Purpose::PreSession.in_cookie("__Host-csrf"),
        #[cfg(feature = "csrf")]
        Purpose::PreSession.in_cookie("csrf"),
        #[cfg(feature = "refresh")]
        Purpose::RefreshToken.in_body(),
        #[cfg(feature = "refresh")]
        Purpose::RefreshToken.in_cookie(""),
        #[cfg(feature = "refresh")]
        Purpose::RefreshToken.in_cookie("__Host-a"),
    ];
    let mut seen = HashSet::new();
    for bound in bound {
        let keys = ring.derive(bound);
        assert!(seen.insert(*keys.newest().1), "a key came twice");
        // The same binding gives the same key: on another node, and after a restart.
        assert_eq!(ring.derive(bound).newest(), keys.newest());
    }
}

#[cfg(feature = "refresh")]
#[test]
fn engines_of_one_mark_agree_in_every_field() {
    use crate::crypto::keys::Engine;
    let mut seen = HashSet::new();
    let optional = [None, Some(""), Some("b"), Some("none"), Some("some")];
    for issuer in ["", "a", "ab"] {
        for tokens_of in optional {
            for audience in optional {
                for name in optional {
                    let engine = Engine { issuer, tokens_of, audience, name };
                    let all = (issuer, tokens_of, audience, name);
                    assert!(seen.insert(engine.mark()), "{all:?}");
                    assert_eq!(engine.mark(), engine.mark());
                }
            }
        }
    }
}
