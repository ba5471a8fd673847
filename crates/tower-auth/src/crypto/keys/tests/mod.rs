use std::error::Error as _;

use super::{Bound, KeyRing, KeyRingError, Purpose};

mod bound;
#[cfg(unix)]
mod exposure;
#[cfg(all(feature = "refresh", feature = "session"))]
mod places;

const ANY: Bound<'_> = Purpose::KeyId.anywhere();

/// A key that passes: 32 different bytes without a period.
const KEY: [u8; 32] = {
    let mut key = [0; 32];
    let mut at: u8 = 0;
    while at < 32 {
        key[at as usize] = at.wrapping_mul(73).wrapping_add(5);
        at += 1;
    }
    key
};

#[test]
fn xx_03_the_newest_key_signs_and_all_verify() {
    let old = KeyRing::insecure_from_seed(1).derive(ANY);
    let both = KeyRing::insecure_from_seeds([2, 1]).derive(ANY);
    let (old_id, old_key) = old.newest();
    assert_ne!(both.newest().0, old_id);
    assert_eq!(both.get(old_id), Some(old_key));
    assert_eq!(KeyRing::insecure_from_seed(2).derive(ANY).get(old_id), None);
}

#[test]
fn d12_a_ring_needs_real_keys() {
    let no_keys: [&[u8]; 0] = [];
    assert!(KeyRing::new(no_keys).is_err());
    assert!(KeyRing::new([&KEY[..31]]).is_err());
    assert!(KeyRing::new([KEY, KEY]).is_err());
    assert!(KeyRing::new([KEY]).is_ok());
}

fn position_of_not_random(keys: &[&[u8]]) -> Option<usize> {
    match KeyRing::new(keys) {
        Err(KeyRingError::NotRandom { position }) => Some(position),
        _ => None,
    }
}

#[test]
fn d12_a_key_that_cannot_be_random_is_refused() {
    let eight: Vec<u8> = KEY.iter().map(|byte| byte % 8).collect();
    let period = |len: usize, of: usize| -> Vec<u8> { (0..len).map(|at| KEY[at % of]).collect() };
    let weak: [&[u8]; 9] = [
        &[0; 32],
        &[7; 64],
        b"changemechangemechangemechangeme",
        b"correct horse battery, correct horse battery, correct horse",
        &eight,
        &period(32, 16),
        // The last repetition is cut off.
        &period(40, 17),
        &period(64, 32),
        b"0123456789abcdef0123456789abcdef",
    ];
    for key in weak {
        assert_eq!(position_of_not_random(&[key]), Some(1), "{key:?}");
        assert_eq!(position_of_not_random(&[&KEY, key]), Some(2), "{key:?}");
    }
}

#[test]
fn a_key_that_may_be_random_is_taken() {
    let nine: Vec<u8> = (0..32).map(|at| if at < 23 { KEY[at % 8] } else { KEY[8] }).collect();
    // Half of the key repeats, but enough of it is random.
    let once_and_a_bit: Vec<u8> = (0..63).map(|at| KEY[at % 32]).collect();
    let hex = b"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    for key in [&KEY[..], &nine, &once_and_a_bit, hex] {
        assert!(KeyRing::new([key]).is_ok(), "{key:?}");
    }
    for _ in 0..100 {
        assert!(KeyRing::parse(KeyRing::generate_key().expose()).is_ok());
    }
}

#[test]
fn d12_keys_as_text_and_in_files_are_looked_at_too() {
    let zeros = "A".repeat(43);
    assert!(matches!(KeyRing::parse(&zeros), Err(KeyRingError::NotRandom { position: 1 })));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &zeros).unwrap();
    let refused = KeyRing::from_file(file.path());
    assert!(matches!(refused, Err(KeyRingError::NotRandom { position: 1 })));
}

/// `openssl rand -base64 64` prints two lines.
#[test]
fn a_key_that_was_wrapped_is_refused_with_the_reason() {
    let text = super::text::encode(&[&KEY[..], &KEY.map(|byte| !byte)].concat());
    let (first, second) = text.split_at(64);
    let error = KeyRing::parse(&format!("{first}\n{second}\n")).err().unwrap().to_string();
    assert_eq!(
        error,
        "key 2 has 16 bytes: use at least 32 from a random source, such as `openssl rand -base64 32`. \
         In a text, each line is one key: `openssl` wraps lines after 48 bytes"
    );
}

#[test]
fn a_refused_key_is_said_with_the_way_out_and_not_shown() {
    let error = KeyRing::new([b"changemechangemechangemechangeme"]).err().unwrap().to_string();
    assert!(error.contains("key 1") && error.contains("openssl rand -base64 32"), "{error}");
    assert!(error.contains("insecure_from_seed") && !error.contains("changeme"), "{error}");
}

#[test]
fn a_seed_is_one_ring_and_another_seed_is_another() {
    let newest = |ring: KeyRing| *ring.derive(ANY).newest().1;
    let one = newest(KeyRing::insecure_from_seed(1));
    assert_eq!(one, newest(KeyRing::insecure_from_seed(1)));
    assert_eq!(one, newest(KeyRing::insecure_from_seeds([1, 2])));
    for seed in [0, 2, 257, u64::MAX] {
        assert_ne!(one, newest(KeyRing::insecure_from_seed(seed)), "{seed}");
    }
}

#[test]
fn keys_read_in_either_alphabet_and_behind_a_byte_order_mark() {
    let key: Vec<u8> = (0..33).map(|at| [0xfb, 0xf0, at][usize::from(at) % 3]).collect();
    let url_safe = "-_AC-_AF-_AI-_AL-_AO-_AR-_AU-_AX-_Aa-_Ad-_Ag";
    let standard =
        format!("\u{feff}# in 2026\r\n\r\n{}\r\n", url_safe.replace('-', "+").replace('_', "/"));
    let by_bytes = KeyRing::new([key]).unwrap();
    for text in [url_safe, &standard] {
        let ring = KeyRing::parse(text).unwrap();
        assert_eq!(ring.derive(ANY).newest(), by_bytes.derive(ANY).newest());
    }
    assert!(KeyRing::parse("not base64!").is_err());
}

#[test]
fn what_is_wrong_with_a_key_file_is_said_with_the_way_out() {
    let path = "a-directory-that-is-not-there/keys";
    let error = KeyRing::from_file(path).err().unwrap();
    // Programs print the chain of causes, or `Debug` if `main` returns the error.
    let source = error.source().unwrap().to_string();
    assert!(source.starts_with(path), "{source}");
    assert!(format!("{error:?}").contains(path), "{error:?}");

    let error = KeyRing::parse("hunter2!").err().unwrap().to_string();
    assert!(error.contains("line 1") && error.contains("openssl rand -base64 32"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn a_file_that_is_no_key_file_is_an_error() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let why = |bytes: &[u8]| {
        std::fs::write(file.path(), bytes).unwrap();
        match KeyRing::from_file(file.path()) {
            Err(KeyRingError::File(error)) => error.to_string(),
            _ => panic!("it was read"),
        }
    };
    assert!(why(&vec![b'#'; 64 * 1024 + 1]).ends_with("longer than 64 KiB"));
    assert!(why(b"\xff\xfe").ends_with("not UTF-8"));
    // A file of exactly the maximum size is read.
    let mut text = KeyRing::generate_key().expose().clone();
    text.push('\n');
    text.push_str(&"#".repeat(64 * 1024 - text.len()));
    std::fs::write(file.path(), text).unwrap();
    assert!(KeyRing::from_file(file.path()).is_ok());
}
