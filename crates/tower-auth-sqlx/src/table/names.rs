//! What the tables are called.

use std::fmt;

/// The longest name of ours: with another's in front of it, it still is a channel's name.
const LONGEST: usize = 24;

/// A name for a schema or the beginning of a table's: lower-case letters, digits and underscores, of
/// at most 24 characters.
///
/// It is written into SQL as it stands, so nothing else is accepted.
pub(crate) fn checked(name: &str) -> Result<String, InvalidName> {
    let letters = |it: &u8| it.is_ascii_lowercase() || *it == b'_';
    let usual = |it: u8| letters(&it) || it.is_ascii_digit();
    if name.len() > LONGEST || !name.as_bytes().first().is_some_and(letters) {
        return Err(InvalidName);
    }
    if name.bytes().all(usual) { Ok(name.to_owned()) } else { Err(InvalidName) }
}

/// The name is no name for a table or a schema of ours: a lower-case letter or an underscore, then
/// lower-case letters, digits and underscores, 24 characters in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidName;

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a name: up to 24 of a-z, 0-9 and _ are expected, no digit first")
    }
}

impl std::error::Error for InvalidName {}

#[cfg(test)]
mod tests {
    use super::{InvalidName, checked};

    #[test]
    fn only_what_needs_no_quotes_is_a_name() {
        for name in ["a", "_", "tower_auth_", "public", "a1"] {
            assert_eq!(checked(name).as_deref(), Ok(name));
        }
        let long = "a".repeat(25);
        let names = ["", "1a", "A", "a b", "a;--", "a\"", "a'", "a.b", "é", "a\0", "a-b", &long];
        for name in names {
            assert_eq!(checked(name), Err(InvalidName), "{name:?}");
        }
    }
}
