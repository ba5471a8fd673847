//! Claims that the layer only passes on, in any shape. A claim of an unknown shape counts as absent
//! and never refuses the token.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use tower_auth_core::Timestamp;

use super::actors::{self, ActorClaim};
use super::claim_rules::{Items, ListClaim};
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
    /// The actors of a delegation, with the current one last.
    Actors(Vec<ActorClaim<'a>>),
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

    /// Returns the actors, with the current one last.
    pub(super) fn actors(self) -> Vec<ActorClaim<'a>> {
        match self {
            Self::Actors(actors) => actors,
            _ => Vec::new(),
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
    keeps: Keeps<'p>,
}

/// The part of an object or an array that is kept, besides the strings of an array.
#[derive(Clone, Copy)]
enum Keeps<'p> {
    /// Only the fact that an object is one.
    Nothing,
    /// The items of a list: members' names without members that are `false` or null, or a field of
    /// each object in an array.
    List(&'p Items),
    /// This member of an object, as an item of a list.
    Field(&'p str),
    /// The list at the end of this path.
    Path(&'p [String], &'p Items),
    /// An actor, and the actors within it.
    Actor,
}

impl<'p> Any<'p> {
    /// Reads a member of the outermost object.
    pub(super) const MEMBER: Self = Self::plain(Strict::MEMBER);
    /// Reads a member of the outermost object as actors.
    pub(super) const ACTORS: Self = Self::actor(Strict::MEMBER);

    pub(super) const fn plain(depth: Strict) -> Self {
        Self { depth, keeps: Keeps::Nothing }
    }

    pub(super) const fn actor(depth: Strict) -> Self {
        Self { depth, keeps: Keeps::Actor }
    }

    /// Reads a member of the outermost object as a list.
    pub(super) const fn items(items: &'p Items) -> Self {
        Self { depth: Strict::MEMBER, keeps: Keeps::List(items) }
    }

    /// Reads the list below a member of the outermost object.
    pub(super) fn list(list: &'p ListClaim) -> Self {
        Self { depth: Strict::MEMBER, keeps: Keeps::below(&list.below, &list.items) }
    }

    fn is_end(self) -> bool {
        !matches!(self.keeps, Keeps::Path(..))
    }

    fn or_nowhere<'de, E>(self, shape: impl FnOnce() -> Shape<'de>) -> Result<Shape<'de>, E> {
        Ok(if self.is_end() { shape() } else { Shape::Nowhere })
    }
}

impl<'p> Keeps<'p> {
    const fn below(path: &'p [String], items: &'p Items) -> Self {
        if path.is_empty() { Self::List(items) } else { Self::Path(path, items) }
    }

    /// Returns what is kept of an array's item.
    fn item(self) -> Self {
        match self {
            Self::List(Items { field: Some(field), .. }) => Self::Field(field),
            _ => Self::Nothing,
        }
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
        let inner = Any { depth: self.depth.deeper()?, keeps: self.keeps.item() };
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
        if matches!(self.keeps, Keeps::Actor) {
            return actors::read(members, depth);
        }
        let mut names = Names::empty();
        let mut found = if self.is_end() { Shape::Object } else { Shape::Nowhere };
        let mut listed = Vec::new();
        let mut number = None;
        while let Some(name) = members.next_key_seed(Text)? {
            match self.keeps {
                // With the feature `arbitrary_precision`, which another crate of the build may
                // enable, serde_json presents a number as a map with only this member.
                _ if name == "$serde_json::private::Number" => {
                    let digits = members.next_value_seed(Text)?;
                    number = digits.parse::<f64>().ok();
                }
                Keeps::List(Items { members: true, .. }) => {
                    let value = members.next_value_seed(Any::plain(depth))?;
                    if !matches!(value, Shape::Bool(false) | Shape::Null) {
                        listed.push(name.clone());
                    }
                }
                Keeps::Path([first, rest @ ..], items) if *first == *name => {
                    let keeps = Keeps::below(rest, items);
                    found = members.next_value_seed(Any { depth, keeps })?;
                }
                Keeps::Field(field) if *field == *name => {
                    found = members.next_value_seed(Any::plain(depth))?;
                }
                _ => members.next_value_seed(depth)?,
            }
            names.push(name);
        }
        if let Some(number) = number.filter(|_| names.len() == 1) {
            return self.visit_f64(number);
        }
        names.unique()?;
        let lists_members = matches!(self.keeps, Keeps::List(Items { members: true, .. }));
        Ok(if lists_members { Shape::List(listed) } else { found })
    }
}
