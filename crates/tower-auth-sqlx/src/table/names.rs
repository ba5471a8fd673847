//! Checks of the settings: table names and sizes.

use std::time::Duration;

use crate::error::SqlxConfigError;

/// The longest name, in bytes. A schema and a prefix together must fit into a channel's name.
const LONGEST: usize = 24;

/// Checks that `name` is a valid schema or table prefix. The error names the setter.
///
/// The name becomes part of SQL statements, so it must contain nothing that needs escaping.
pub(crate) fn check(setter: &'static str, name: &str) -> Result<(), SqlxConfigError> {
    let letters = |it: &u8| it.is_ascii_lowercase() || *it == b'_';
    let usual = |it: u8| letters(&it) || it.is_ascii_digit();
    let begins = name.as_bytes().first().is_some_and(letters);
    if begins && name.len() <= LONGEST && name.bytes().all(usual) {
        Ok(())
    } else {
        Err(SqlxConfigError::Name(setter))
    }
}

/// Quotes a checked name, because it may be an SQL keyword such as `user`. A name that begins with
/// a prefix is never a keyword.
#[cfg(feature = "postgres")]
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// Refuses a time-out or a size of zero.
pub(crate) fn check_sizes(timeout: Duration, max_value: usize) -> Result<(), SqlxConfigError> {
    match (timeout.is_zero(), max_value) {
        (true, _) => Err(SqlxConfigError::Zero("timeout")),
        (_, 0) => Err(SqlxConfigError::Zero("max_value")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{SqlxConfigError, check};

    #[test]
    fn only_what_needs_no_quotes_is_a_name() {
        for name in ["a", "_", "tower_auth_", "public", "a1"] {
            assert!(check("schema", name).is_ok(), "{name:?}");
        }
        let long = "a".repeat(25);
        let names = ["", "1a", "A", "a b", "a;--", "a\"", "a'", "a.b", "é", "a\0", "a-b", &long];
        for name in names {
            assert!(
                matches!(check("schema", name), Err(SqlxConfigError::Name("schema"))),
                "{name:?}"
            );
        }
    }
}
