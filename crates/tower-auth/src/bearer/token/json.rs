//! JSON without duplicate members at any level, and with limited nesting (JW-10, JW-27).

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// The maximum nesting depth of a token's JSON.
const MAX_DEPTH: u8 = 16;

/// Checks that the text is one JSON value with nothing after it.
pub(in crate::bearer) fn check(text: &str) -> Result<(), serde_json::Error> {
    parse(text, Strict::TOP)
}

/// Reads one value with a seed. Text after the value is an error.
pub(super) fn parse<'de, S: DeserializeSeed<'de>>(
    text: &'de str,
    seed: S,
) -> Result<S::Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = seed.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// The members' names of one object.
pub(super) struct Names<'de>(Vec<Cow<'de, str>>);

impl<'de> Names<'de> {
    pub(super) fn new() -> Self {
        Self(Vec::with_capacity(16))
    }

    /// Creates a list that does not allocate before the first name: most nested objects are small.
    pub(super) fn empty() -> Self {
        Self(Vec::new())
    }

    pub(super) fn push(&mut self, name: Cow<'de, str>) {
        self.0.push(name);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Checks that no name appears twice. Sorts the names first, so that the cost for a long object
    /// is not quadratic.
    pub(super) fn unique<E: Error>(mut self) -> Result<(), E> {
        self.0.sort_unstable();
        match self.0.windows(2).any(|pair| pair[0] == pair[1]) {
            true => Err(E::custom("a duplicate member")),
            false => Ok(()),
        }
    }
}

/// Reads a string, borrowed if it has no escapes.
pub(super) struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// Checks any value, and does not keep it. Used for values that the layer does not need.
#[derive(Clone, Copy)]
pub(super) struct Strict(u8);

impl Strict {
    const TOP: Self = Self(MAX_DEPTH + 1);
    /// A member of the outermost object.
    pub(super) const MEMBER: Self = Self(MAX_DEPTH);

    /// Returns the seed for values one level deeper.
    pub(super) fn deeper<E: Error>(self) -> Result<Self, E> {
        self.0.checked_sub(1).map(Self).ok_or_else(|| E::custom("nested too deeply"))
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let deeper = self.deeper()?;
        while items.next_element_seed(deeper)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let deeper = self.deeper()?;
        let mut names = Names::empty();
        while let Some(name) = members.next_key_seed(Text)? {
            members.next_value_seed(deeper)?;
            names.push(name);
        }
        names.unique()
    }
}
