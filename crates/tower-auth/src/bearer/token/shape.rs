//! Claims that the layer only passes on, in any shape. A claim of an unknown shape counts as absent
//! and never refuses the token.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use tower_auth_core::Timestamp;

use super::date::Date;
use super::json::{Names, Strict, Text};

/// A value, classified by its shape.
pub(super) enum Shape<'a> {
    Null,
    Text(Cow<'a, str>),
    /// An array of strings only.
    List(Vec<Cow<'a, str>>),
    /// An array with other values than strings.
    Mixed,
    /// A number, read as a NumericDate.
    Number(Timestamp),
    Object,
    Bool(bool),
    /// The result for a path that does not exist.
    Nowhere,
}

impl<'a> Shape<'a> {
    pub(super) fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn list(self) -> Vec<Cow<'a, str>> {
        match self {
            Self::List(list) => list,
            _ => Vec::new(),
        }
    }

    pub(super) fn list_or_one(self) -> Vec<Cow<'a, str>> {
        match self {
            Self::Text(one) => vec![one],
            other => other.list(),
        }
    }

    pub(super) fn moment(self) -> Option<Timestamp> {
        match self {
            Self::Number(moment) => Some(moment),
            _ => None,
        }
    }
}

/// Reads a value of any shape. Duplicate members and too deep nesting within it are errors.
#[derive(Clone, Copy)]
pub(super) struct Any<'p> {
    depth: Strict,
    object: OfObject<'p>,
}

/// The part of an object that is kept.
#[derive(Clone, Copy)]
enum OfObject<'p> {
    /// Only the fact that the value is an object.
    Nothing,
    /// The members' names as a list, without members that are `false` or null.
    Names,
    /// The member at the end of this path, and its members' names if the flag is set.
    Path(&'p [String], bool),
}

impl<'p> Any<'p> {
    /// Reads a member of the outermost object.
    pub(super) const MEMBER: Self = Self { depth: Strict::MEMBER, object: OfObject::Nothing };

    /// Reads the value at the end of a path below this member; with `names`, the names of an
    /// object's members.
    pub(super) const fn at(path: &'p [String], names: bool) -> Self {
        Self { depth: Strict::MEMBER, object: OfObject::below(path, names) }
    }
}

impl<'p> OfObject<'p> {
    const fn below(path: &'p [String], names: bool) -> Self {
        match (path.is_empty(), names) {
            (false, _) => Self::Path(path, names),
            (true, true) => Self::Names,
            (true, false) => Self::Nothing,
        }
    }
}

impl Any<'_> {
    fn is_end(self) -> bool {
        !matches!(self.object, OfObject::Path(..))
    }

    fn or_nowhere<'de, E>(self, shape: impl FnOnce() -> Shape<'de>) -> Result<Shape<'de>, E> {
        Ok(if self.is_end() { shape() } else { Shape::Nowhere })
    }
}

impl<'de> DeserializeSeed<'de> for Any<'_> {
    type Value = Shape<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Shape<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Any<'_> {
    type Value = Shape<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Shape<'de>, E> {
        self.or_nowhere(|| Shape::Bool(value))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Shape<'de>, E> {
        let moment = Date.visit_u64(number)?;
        self.or_nowhere(|| Shape::Number(moment))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Shape<'de>, E> {
        let moment = Date.visit_i64(number)?;
        self.or_nowhere(|| Shape::Number(moment))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Shape<'de>, E> {
        let moment = Date.visit_f64(number)?;
        self.or_nowhere(|| Shape::Number(moment))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Shape<'de>, E> {
        self.or_nowhere(|| Shape::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Shape<'de>, E> {
        self.or_nowhere(|| Shape::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Shape<'de>, E> {
        self.or_nowhere(|| Shape::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape<'de>, A::Error> {
        let inner = Any { depth: self.depth.deeper()?, object: OfObject::Nothing };
        let mut texts = Some(Vec::new());
        while let Some(item) = items.next_element_seed(inner)? {
            texts = texts.zip(item.text()).map(|(mut texts, text)| {
                texts.push(text);
                texts
            });
        }
        self.or_nowhere(|| texts.map_or(Shape::Mixed, Shape::List))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Shape<'de>, A::Error> {
        let depth = self.depth.deeper()?;
        let mut names = Names::empty();
        let mut found = if self.is_end() { Shape::Object } else { Shape::Nowhere };
        let mut listed = Vec::new();
        let mut number = None;
        while let Some(name) = members.next_key_seed(Text)? {
            let inner = |object| Any { depth, object };
            match self.object {
                // With the feature `arbitrary_precision`, which another crate of the build may
                // enable, serde_json presents a number as a map with only this member.
                _ if name == "$serde_json::private::Number" => {
                    let digits = members.next_value_seed(Text)?;
                    number = digits.parse::<f64>().ok();
                }
                OfObject::Names => {
                    let value = members.next_value_seed(inner(OfObject::Nothing))?;
                    if !matches!(value, Shape::Bool(false) | Shape::Null) {
                        listed.push(name.clone());
                    }
                }
                OfObject::Path([first, rest @ ..], of_object) if *first == *name => {
                    found = members.next_value_seed(inner(OfObject::below(rest, of_object)))?;
                }
                OfObject::Nothing | OfObject::Path(..) => members.next_value_seed(depth)?,
            }
            names.push(name);
        }
        if let Some(number) = number.filter(|_| names.len() == 1) {
            return self.visit_f64(number);
        }
        names.unique()?;
        Ok(if matches!(self.object, OfObject::Names) { Shape::List(listed) } else { found })
    }
}
