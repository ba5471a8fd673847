//! Claims that are a string or an array of strings.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};

use super::json::Text;

/// Returns the words of a space-separated list (RFC 6749, 3.3).
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|word| !word.is_empty())
}

/// Checks whether a string, or a member of an array of strings, is in this list. Keeps no value.
pub(super) struct OneOf<'s>(pub(super) &'s [String]);

impl<'de> DeserializeSeed<'de> for OneOf<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for OneOf<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or an array of strings")
    }

    fn visit_str<E>(self, text: &str) -> Result<bool, E> {
        Ok(self.0.iter().any(|it| it == text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<bool, A::Error> {
        let mut found = false;
        while let Some(text) = items.next_element_seed(Text)? {
            found |= self.0.iter().any(|it| *it == text);
        }
        Ok(found)
    }
}
