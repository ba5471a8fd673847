use proptest::prelude::*;
use tower_auth_core::store::Handle;

use crate::KeyRing;
use crate::refresh::token::{Mint, Seed};

fn mint() -> Mint {
    Mint::new(&KeyRing::insecure_from_seed(7))
}

#[test]
fn rf_07_a_ring_without_the_record_and_a_record_without_the_ring_mint_nothing() {
    let (family, seed) = (Handle::new([1; 16]), Seed::new([2; 32]));
    let real = mint().write(family, &seed, 3);
    assert!(mint().read(real.expose().as_bytes()).unwrap().matches(&seed));
    // Who has the ring can write a MAC, and no tag.
    let by_ring = mint().write(family, &Seed::new([3; 32]), 3);
    assert!(!mint().read(by_ring.expose().as_bytes()).unwrap().matches(&seed));
    // Who has the record can write a tag, and no MAC.
    let by_store = Mint::new(&KeyRing::insecure_from_seed(8)).write(family, &seed, 3);
    assert!(mint().read(by_store.expose().as_bytes()).is_none());
}

#[test]
fn rf_07_no_other_purpose_and_no_other_length() {
    let ring = KeyRing::insecure_from_seed(7);
    let text = mint().write(Handle::new([1; 16]), &Seed::new([2; 32]), 0);
    let text = text.expose();
    assert_eq!(text.len(), 82);
    let other =
        crate::frame::Sealer::new(&ring, crate::keys::Purpose::RefreshToken.in_cookie("another"));
    assert!(other.open::<40>(text.as_bytes()).is_none());
    for wrong in [&text[..81], &format!("{text}A"), &format!("{text}=="), &format!(" {text}"), ""] {
        assert!(mint().read(wrong.as_bytes()).is_none(), "{wrong}");
    }
}

proptest! {
    #[test]
    fn rf_07_reads_back_what_it_wrote(family: [u8; 16], seed: [u8; 32], generation: u64) {
        let seed = Seed::new(seed);
        let text = mint().write(Handle::new(family), &seed, generation);
        let token = mint().read(text.expose().as_bytes()).unwrap();
        prop_assert_eq!(token.family.as_bytes(), &family);
        prop_assert_eq!(token.generation, generation);
        prop_assert!(token.matches(&seed));
        // The same one, however often it is derived.
        let again = mint().write(Handle::new(family), &seed, generation);
        prop_assert_eq!(again.expose(), text.expose());
    }

    #[test]
    fn rf_07_another_generation_has_another_tag(seed: [u8; 32], one: u64, other: u64) {
        prop_assume!(one != other);
        let text = |generation| {
            let text = mint().write(Handle::new([1; 16]), &Seed::new(seed), generation);
            // Behind format, key id, family and generation; before the MAC.
            text.expose()[39..60].to_owned()
        };
        prop_assert_ne!(text(one), text(other));
    }

    #[test]
    fn rf_07_every_changed_character_is_refused(at in 0_usize..82, other: u8) {
        let text = mint().write(Handle::new([1; 16]), &Seed::new([2; 32]), 5);
        let mut forged = text.expose().clone().into_bytes();
        prop_assume!(forged[at] != other);
        forged[at] = other;
        prop_assert!(mint().read(&forged).is_none());
    }

    #[test]
    fn rf_07_whatever_comes_is_read_without_a_panic(bytes: Vec<u8>) {
        prop_assert!(mint().read(&bytes).is_none());
    }
}
