mod bound;
#[cfg(all(feature = "refresh", feature = "session"))]
mod places;

use super::{Bound, KeyRing, Purpose};

const ANY: Bound<'_> = Purpose::KeyId.anywhere();

const OLD: [u8; 32] = [1; 32];
const NEW: [u8; 32] = [2; 32];

#[test]
fn xx_03_the_newest_key_signs_and_all_verify() {
    let old = KeyRing::new([OLD]).unwrap().derive(ANY);
    let both = KeyRing::new([NEW, OLD]).unwrap().derive(ANY);
    let (old_id, old_key) = old.newest();
    assert_ne!(both.newest().0, old_id);
    assert_eq!(both.get(old_id), Some(old_key));
    assert_eq!(KeyRing::new([NEW]).unwrap().derive(ANY).get(old_id), None);
}

#[test]
fn d12_a_ring_needs_real_keys() {
    let no_keys: [&[u8]; 0] = [];
    assert!(KeyRing::new(no_keys).is_err());
    assert!(KeyRing::new([[0; 31]]).is_err());
    assert!(KeyRing::new([OLD, OLD]).is_err());
}

#[test]
fn keys_read_in_either_alphabet() {
    let standard = "+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/8=";
    let url_safe = "-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_8";
    let (a, b) = (KeyRing::parse(standard).unwrap(), KeyRing::parse(url_safe).unwrap());
    assert_eq!(a.derive(ANY).newest(), b.derive(ANY).newest());
    assert!(KeyRing::parse("not base64!").is_err());
}

#[test]
fn what_is_wrong_with_a_key_file_is_said_with_the_way_out() {
    let path = "a-directory-that-is-not-there/keys";
    let error = KeyRing::from_file(path).err().unwrap();
    // Both of what programs print: the chain, and `Debug` where `main` returns the error.
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.starts_with(path), "{source}");
    assert!(format!("{error:?}").contains(path), "{error:?}");

    let error = KeyRing::parse("hunter2!").err().unwrap().to_string();
    assert!(error.contains("line 1") && error.contains("openssl rand -base64 32"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}
