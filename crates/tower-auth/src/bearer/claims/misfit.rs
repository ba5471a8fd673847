//! Describes which field of the application's type a token's claims do not fit. The description has
//! the field's name from the type, and never a value or a name from the token.
//!
//! Claims that did not fit are read a second time, by a deserializer whose errors hold nothing more
//! than that. Claims that fit never reach this code.

use std::fmt::{self, Display, Write as _};

use serde::de::value::StringDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer,
    MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::Value;

/// Returns the field that does not fit, and the position at which deserialization failed.
pub(super) fn describe<T: DeserializeOwned>(json: &str, error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    let misfit = serde_json::from_str::<Value>(json)
        .ok()
        .and_then(|claims| T::deserialize(Claims { value: claims, fields: &[] }).err());
    let misfit = misfit.unwrap_or_else(|| Misfit::new("cannot be read"));
    format!("{misfit} (line {line}, column {column} of the claims)")
}

/// A step from a value to one within it.
enum Step {
    /// A field of one of the application's types.
    Field(&'static str),
    /// A member of a map. Its name comes from the token, so it is not kept.
    Member,
    Item(usize),
}

struct Misfit {
    /// The steps, innermost first.
    path: Vec<Step>,
    problem: String,
}

impl Misfit {
    fn new(problem: impl Into<String>) -> Self {
        Self { path: Vec::new(), problem: problem.into() }
    }

    fn within(mut self, step: Step) -> Self {
        self.path.push(step);
        self
    }
}

impl Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut path = String::new();
        for step in self.path.iter().rev() {
            match step {
                Step::Field(name) if path.is_empty() => path.push_str(name),
                Step::Field(name) => write!(path, ".{name}")?,
                Step::Member => path.push_str("[…]"),
                Step::Item(at) => write!(path, "[{at}]")?,
            }
        }
        let path = if path.is_empty() { "the claims" } else { &path };
        write!(f, "{path}: {}", self.problem)
    }
}

impl fmt::Debug for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    /// Discards the application's own text, which may hold the value.
    fn custom<T: Display>(_: T) -> Self {
        Self::new("is not valid for its type")
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match found {
            Unexpected::Bool(_) => "a boolean",
            Unexpected::Unsigned(_) | Unexpected::Signed(_) => "an integer",
            Unexpected::Float(_) => "a fraction",
            Unexpected::Str(_) => "a string",
            Unexpected::Unit => "null",
            Unexpected::Seq => "an array",
            Unexpected::Map => "an object",
            _ => "another type",
        };
        Self::new(format!("is {found}, expected {expected}"))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("is out of range, expected {expected}"))
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::new(format!("has {length} items, expected {expected}"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("is not one of {expected:?}"))
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("has a member that is not one of {expected:?}"))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new("is missing").within(Step::Field(field))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new("appears twice, perhaps under an alias").within(Step::Field(field))
    }
}

/// A value, and the fields of the target type.
struct Claims {
    value: Value,
    fields: &'static [&'static str],
}

impl Claims {
    fn of(value: Value) -> Self {
        Self { value, fields: &[] }
    }
}

impl<'de> Deserializer<'de> for Claims {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Number(number) => {
                if let Some(number) = number.as_u64() {
                    visitor.visit_u64(number)
                } else if let Some(number) = number.as_i64() {
                    visitor.visit_i64(number)
                } else {
                    visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN))
                }
            }
            Value::String(text) => visitor.visit_string(text),
            Value::Array(items) => visitor.visit_seq(Items { items: items.into_iter(), at: 0 }),
            Value::Object(members) => visitor.visit_map(Members {
                members: members.into_iter(),
                fields: self.fields,
                value: None,
            }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        Self { fields, ..self }.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let (variant, content) = match self.value {
            Value::String(variant) => (variant, None),
            Value::Object(members) if members.len() == 1 => match members.into_iter().next() {
                Some((variant, content)) => (variant, Some(content)),
                None => return Err(Misfit::new("is not a variant")),
            },
            _ => return Err(Misfit::new("is not a variant")),
        };
        visitor.visit_enum(Variant { variant, content })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

struct Items {
    items: std::vec::IntoIter<Value>,
    at: usize,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Misfit;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Misfit> {
        let Some(value) = self.items.next() else { return Ok(None) };
        let at = self.at;
        self.at += 1;
        let item = seed.deserialize(Claims::of(value));
        item.map(Some).map_err(|misfit| misfit.within(Step::Item(at)))
    }
}

struct Members {
    members: serde_json::map::IntoIter,
    fields: &'static [&'static str],
    value: Option<(Step, Value)>,
}

impl<'de> MapAccess<'de> for Members {
    type Error = Misfit;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Misfit> {
        let Some((name, value)) = self.members.next() else { return Ok(None) };
        let field = self.fields.iter().find(|field| **field == name);
        self.value = Some((field.map_or(Step::Member, |field| Step::Field(field)), value));
        seed.deserialize::<StringDeserializer<Misfit>>(name.into_deserializer()).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Misfit> {
        let Some((step, value)) = self.value.take() else {
            return Err(Misfit::new("cannot be read"));
        };
        seed.deserialize(Claims::of(value)).map_err(|misfit| misfit.within(step))
    }
}

struct Variant {
    variant: String,
    content: Option<Value>,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Misfit;
    type Variant = Content;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Content), Misfit> {
        let name: StringDeserializer<Misfit> = self.variant.into_deserializer();
        Ok((seed.deserialize(name)?, Content(self.content)))
    }
}

struct Content(Option<Value>);

impl Content {
    fn take(self) -> Result<Claims, Misfit> {
        self.0
            .map(Claims::of)
            .ok_or_else(|| Misfit::new("is a variant without its required content"))
    }
}

impl<'de> VariantAccess<'de> for Content {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        match self.0 {
            None | Some(Value::Null) => Ok(()),
            Some(_) => Err(Misfit::new("is a unit variant with unexpected content")),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Misfit> {
        seed.deserialize(self.take()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Misfit> {
        self.take()?.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        Claims { fields, ..self.take()? }.deserialize_any(visitor)
    }
}
