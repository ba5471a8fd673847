//! Searches this process's memory, allocated or freed, for key text: `KeyRing` leaves no copy. The
//! test reads the memory through `/proc/self/mem`.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::process::Command;

use tower_auth::{KeyRing, Secret};

/// A key's text, in a form that the search does not find.
struct Hidden(Vec<u8>);

impl Hidden {
    fn of(text: &Secret<String>) -> Self {
        Self(text.expose().bytes().map(|byte| !byte).collect())
    }

    /// Returns the number of copies in writable memory outside the main thread's stack. The
    /// environment lies above that stack. Allocators overwrite the first 16 bytes of freed memory.
    fn copies(&self) -> usize {
        let wanted = &self.0[16..40];
        let is_here =
            |bytes: &[u8]| bytes.iter().zip(wanted).all(|(byte, hidden)| *byte == !*hidden);
        let memory = File::open("/proc/self/mem").unwrap();
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let writable = |line: &&str| line.contains(" rw") && !line.ends_with("[stack]");
        let mut copies = 0;
        for line in maps.lines().filter(writable) {
            let (from, to) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
            let at = |text| u64::from_str_radix(text, 16).unwrap();
            let mut bytes = vec![0; (at(to) - at(from)) as usize];
            // Memory that was unmapped meanwhile is not read.
            let read = memory.read_at(&mut bytes, at(from)).unwrap_or(0);
            copies += bytes[..read].windows(wanted.len()).filter(|it| is_here(it)).count();
            // Otherwise the search would next find the copies in this buffer.
            bytes.fill(0);
        }
        copies
    }
}

fn key_file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

#[test]
fn the_search_finds_what_was_given_back() {
    let text = KeyRing::generate_key();
    let hidden = Hidden::of(&text);
    drop(std::hint::black_box(text.expose().clone()));
    drop(text);
    assert_ne!(hidden.copies(), 0);
}

#[test]
fn d12_no_key_text_stays_in_memory_after_parse() {
    let text = KeyRing::generate_key();
    let hidden = Hidden::of(&text);
    let ring = KeyRing::parse(text.expose()).unwrap();
    drop(text);
    assert_eq!(hidden.copies(), 0);
    drop(ring);
    assert_eq!(hidden.copies(), 0);
}

#[test]
fn d12_no_key_text_stays_in_memory_after_from_file() {
    let (text, url_safe) = (KeyRing::generate_key(), KeyRing::generate_key());
    let (hidden, hidden_too) = (Hidden::of(&text), Hidden::of(&url_safe));
    // Long enough that a growing buffer would have moved several times.
    let remark = "#".repeat(40_000);
    let lines = Secret::new([text.expose(), "\n", &remark, "\n", url_safe.expose()].concat());
    let file = key_file(lines.expose());
    drop((text, url_safe, lines));
    let ring = KeyRing::from_file(file.path()).unwrap();
    assert_eq!((hidden.copies(), hidden_too.copies()), (0, 0));
    drop(ring);
}

#[test]
fn d12_no_key_text_stays_in_memory_where_the_ring_is_refused() {
    let text = KeyRing::generate_key();
    let hidden = Hidden::of(&text);
    let twice = Secret::new([text.expose(), "\n", text.expose()].concat());
    let broken = Secret::new([text.expose(), "!"].concat());
    let not_unicode = Secret::new([text.expose().as_bytes(), b"\xff"].concat());
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), not_unicode.expose()).unwrap();
    assert!(KeyRing::parse(twice.expose()).is_err());
    assert!(KeyRing::parse(broken.expose()).is_err());
    assert!(KeyRing::from_file(file.path()).is_err());
    drop((text, twice, broken, not_unicode));
    assert_eq!(hidden.copies(), 0);
}

/// Runs in a separate process: the environment of this one has no key.
#[test]
fn d12_from_env_leaves_no_key_text_but_the_environments() {
    let (one, other) = (KeyRing::generate_key(), KeyRing::generate_key());
    let text = Secret::new([one.expose(), ",", other.expose()].concat());
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "in_a_child_with_a_key_in_its_environment"])
        .env("KEY_TEXT_KEYS", text.expose())
        .env("KEY_TEXT_CHILD", "")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && printed.contains("1 passed"), "{printed}");
}

#[test]
fn in_a_child_with_a_key_in_its_environment() {
    if std::env::var_os("KEY_TEXT_CHILD").is_none() {
        return;
    }
    let _ring = KeyRing::from_env("KEY_TEXT_KEYS").unwrap();
    let text = Secret::new(std::env::var("KEY_TEXT_KEYS").unwrap());
    let hidden = Hidden(text.expose().bytes().take(44).map(|byte| !byte).collect());
    drop(text);
    assert_eq!(hidden.copies(), 0);
}
