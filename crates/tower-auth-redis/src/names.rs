//! The names of keys in Redis.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tower_auth_core::store::{Key, Owner, RecordKind};

/// The number of characters of a record's id.
const ID: usize = 22;

/// The names of all keys that the store writes, which share a prefix.
#[derive(Clone)]
pub(crate) struct Names {
    prefix: String,
}

impl Names {
    pub(crate) const fn new(prefix: String) -> Self {
        Self { prefix }
    }

    /// Returns the name of a record.
    pub(crate) fn record(&self, key: &Key) -> String {
        // Equal to the `Display` output of `Key`, without the cost of a formatter: every request
        // names a record.
        let mut id = [0; ID];
        let written = URL_SAFE_NO_PAD.encode_slice(key.id.as_bytes(), &mut id);
        debug_assert_eq!(written, Ok(ID), "16 bytes are 22 characters");
        let mut name = String::with_capacity(self.prefix.len() + 2 + ID);
        name.push_str(&self.prefix);
        name.push(char::from(b'0' + key.kind as u8));
        name.push('.');
        // Base64 is ASCII.
        name.push_str(std::str::from_utf8(&id).unwrap_or_default());
        name
    }

    /// Returns the name of an owner's index.
    pub(crate) fn index(&self, owner: &Owner) -> String {
        format!("{}o.{}", self.prefix, URL_SAFE_NO_PAD.encode(owner.as_bytes()))
    }

    /// Returns the key of a record from its name; `None` for any other name.
    pub(crate) fn key(&self, name: &[u8]) -> Option<Key> {
        std::str::from_utf8(name.strip_prefix(self.prefix.as_bytes())?).ok()?.parse().ok()
    }

    /// Returns the prefixes of the records' names, one for each kind. No index's name has one of
    /// them.
    pub(crate) fn record_prefixes(&self) -> impl Iterator<Item = String> + '_ {
        RecordKind::ALL.iter().map(|kind| format!("{}{}.", self.prefix, *kind as u8))
    }
}

#[cfg(test)]
mod tests {
    use tower_auth_core::store::RecordId;

    use super::*;

    #[test]
    fn a_record_is_named_as_its_key_is_displayed() {
        let names = Names::new("shop:".to_owned());
        for kind in RecordKind::ALL {
            for byte in 0..=255 {
                let key = Key::new(kind, RecordId::new([byte; 16]));
                let name = names.record(&key);
                assert_eq!(name, format!("shop:{key}"));
                assert_eq!(names.key(name.as_bytes()), Some(key));
            }
        }
    }
}
