use proptest::prelude::*;
use tower_auth_core::store::RecordId;

use crate::KeyRing;
use crate::crypto::keys::Engine;
use crate::refresh::token::{Mint, Read, Seed, Token, Transport};

const ENGINE: Engine<'_> = Engine {
    issuer: "https://app.example",
    tokens_of: Some("https://id.example"),
    audience: Some("https://api.example"),
    name: Some("web"),
};

const TRANSPORTS: [Transport; 2] = [Transport::Body, Transport::Cookie];

fn mint() -> Mint {
    of(KeyRing::insecure_from_seed(7))
}

fn of(ring: KeyRing) -> Mint {
    Mint::new(&ring, ENGINE, "__Host-refresh")
}

fn write(mint: &Mint, family: [u8; 16], seed: &Seed, generation: u64, by: Transport) -> String {
    mint.write(&mint.make(RecordId::new(family), seed, generation), by).expose().clone()
}

fn read(mint: &Mint, text: impl AsRef<[u8]>, by: Transport) -> Option<Token> {
    match mint.read(text.as_ref(), by) {
        Read::Token(token) => Some(token),
        Read::Elsewhere(_) | Read::Forged => None,
    }
}

#[test]
fn rf_07_a_ring_without_the_record_and_a_record_without_the_ring_mint_nothing() {
    let seed = Seed::new([2; 32]);
    for by in TRANSPORTS {
        let real = write(&mint(), [1; 16], &seed, 3, by);
        assert!(read(&mint(), real, by).unwrap().matches(&seed));
        // With only the ring, one can write a MAC but no tag.
        let by_ring = write(&mint(), [1; 16], &Seed::new([3; 32]), 3, by);
        assert!(!read(&mint(), by_ring, by).unwrap().matches(&seed));
        // With only the record, one can write a tag but no MAC.
        let by_store = write(&of(KeyRing::insecure_from_seed(8)), [1; 16], &seed, 3, by);
        assert!(read(&mint(), by_store, by).is_none());
    }
}

#[test]
fn rf_07_no_other_transport_and_no_other_length() {
    for by in TRANSPORTS {
        let text = write(&mint(), [1; 16], &Seed::new([2; 32]), 0, by);
        assert_eq!(text.len(), 92);
        for other in TRANSPORTS {
            assert_eq!(read(&mint(), &text, other).is_some(), other == by);
        }
        let ring = KeyRing::insecure_from_seed(7);
        let renamed = Mint::new(&ring, ENGINE, "__Host-renew");
        assert_eq!(read(&renamed, &text, by).is_some(), by == Transport::Body);
        for wrong in
            [&text[..91], &format!("{text}A"), &format!("{text}=="), &format!(" {text}"), ""]
        {
            assert!(read(&mint(), wrong, by).is_none(), "{wrong}");
        }
    }
}

#[test]
fn rf_07_a_token_of_another_engine_is_known_as_such_by_its_own_ring_alone() {
    let others = [
        Engine { issuer: "https://app2.example", ..ENGINE },
        Engine { tokens_of: None, ..ENGINE },
        Engine { audience: Some("https://admin.example"), ..ENGINE },
        Engine { audience: None, ..ENGINE },
        Engine { name: Some("admin"), ..ENGINE },
        Engine { name: None, ..ENGINE },
    ];
    let ring = KeyRing::insecure_from_seed(7);
    for by in TRANSPORTS {
        let text = write(&mint(), [1; 16], &Seed::new([2; 32]), 0, by);
        for other in others {
            let read = Mint::new(&ring, other, "__Host-refresh").read(text.as_bytes(), by);
            assert!(matches!(read, Read::Elsewhere(family) if family == RecordId::new([1; 16])));
        }
        let other = of(KeyRing::insecure_from_seed(8));
        assert!(matches!(other.read(text.as_bytes(), by), Read::Forged));
    }
}

proptest! {
    #[test]
    fn rf_07_reads_back_what_it_wrote(family: [u8; 16], seed: [u8; 32], generation: u64) {
        let seed = Seed::new(seed);
        for by in TRANSPORTS {
            let text = write(&mint(), family, &seed, generation, by);
            let token = read(&mint(), &text, by).unwrap();
            prop_assert_eq!(token.family.as_bytes(), &family);
            prop_assert_eq!(token.generation, generation);
            prop_assert!(token.matches(&seed));
            // Every derivation gives the same text.
            prop_assert_eq!(write(&mint(), family, &seed, generation, by), text);
        }
    }

    #[test]
    fn rf_07_another_generation_has_another_tag(seed: [u8; 32], one: u64, other: u64) {
        prop_assume!(one != other);
        let text = |generation| {
            let text = write(&mint(), [1; 16], &Seed::new(seed), generation, Transport::Body);
            // The tag is after format, key id, family and generation, and before the engine's mark.
            text[39..60].to_owned()
        };
        prop_assert_ne!(text(one), text(other));
    }

    #[test]
    fn rf_07_every_changed_character_is_refused(at in 0_usize..92, other: u8) {
        let text = write(&mint(), [1; 16], &Seed::new([2; 32]), 5, Transport::Body);
        let mut forged = text.into_bytes();
        prop_assume!(forged[at] != other);
        forged[at] = other;
        prop_assert!(read(&mint(), &forged, Transport::Body).is_none());
    }

    #[test]
    fn rf_07_whatever_comes_is_read_without_a_panic(bytes: Vec<u8>) {
        for by in TRANSPORTS {
            prop_assert!(read(&mint(), &bytes, by).is_none());
        }
    }
}
