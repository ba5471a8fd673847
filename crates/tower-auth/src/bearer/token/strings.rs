//! Claims that are one string or several.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};

use super::json::Text;

/// An array of strings; perhaps a single string too.
pub(super) enum Strings {
    Array,
    /// One string is an array of it.
    OrOne,
    /// One string is a list with spaces between.
    OrSpaced,
}

/// The words of a list with spaces between (RFC 6749, 3.3).
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|word| !word.is_empty())
}

impl<'de> DeserializeSeed<'de> for Strings {
    type Value = Vec<Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Strings {
    fn one<E: Error>(self, text: Cow<'de, str>) -> Result<Vec<Cow<'de, str>>, E> {
        match (self, text) {
            (Self::Array, _) => Err(E::custom("an array is needed")),
            (Self::OrOne, text) => Ok(vec![text]),
            (Self::OrSpaced, Cow::Borrowed(text)) => Ok(words(text).map(Cow::Borrowed).collect()),
            (Self::OrSpaced, Cow::Owned(text)) => {
                Ok(words(&text).map(|it| Cow::Owned(it.to_owned())).collect())
            }
        }
    }
}

impl<'de> Visitor<'de> for Strings {
    type Value = Vec<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("strings")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        self.one(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        self.one(Cow::Owned(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(text) = items.next_element_seed(Text)? {
            found.push(text);
        }
        Ok(found)
    }
}

/// Whether one string, or one of an array of strings, is one of these; kept nowhere.
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

    fn visit_str<E: Error>(self, text: &str) -> Result<bool, E> {
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
