//! The application's values: one JSON object. Reading one value does not parse the others.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Reads the value under `key` as a `T`, or returns an error if it is not a `T`. Stops at the first
/// hit.
pub(in crate::session) fn find<'a, T: Deserialize<'a>>(
    object: &'a [u8],
    key: &str,
) -> Option<Result<T, NotOne>> {
    let mut found = None;
    let mut json = serde_json::Deserializer::from_slice(object);
    // Stopping early leaves the object unread. Serde reports that as an error; here it is none.
    let _ = json.deserialize_map(Find { key, found: &mut found });
    found
}

/// The value is of another type.
pub(in crate::session) struct NotOne;

struct Find<'k, 'f, T> {
    key: &'k str,
    found: &'f mut Option<Result<T, NotOne>>,
}

impl<'a, T: Deserialize<'a>> Visitor<'a> for Find<'_, '_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(is_it) = map.next_key_seed(Is(self.key))? {
            if is_it {
                *self.found = Some(map.next_value().map_err(|_| NotOne));
                break;
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// Compares a key with this one, without storing it.
struct Is<'k>(&'k str);

impl<'a> DeserializeSeed<'a> for Is<'_> {
    type Value = bool;

    fn deserialize<D: serde::Deserializer<'a>>(self, json: D) -> Result<bool, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Is<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}

/// Orders a key relative to this one, without storing it.
struct Beside<'k>(&'k str);

impl<'a> DeserializeSeed<'a> for Beside<'_> {
    type Value = Ordering;

    fn deserialize<D: serde::Deserializer<'a>>(self, json: D) -> Result<Ordering, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Beside<'_> {
    type Value = Ordering;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Ordering, E> {
        Ok(key.cmp(self.0))
    }
}

/// All values by key, for a save.
pub(in crate::session) type Values<'a> = BTreeMap<Cow<'a, str>, Cow<'a, RawValue>>;

/// Reads all values. `None` if `object` is not a JSON object: do not overwrite it, because another
/// program wrote it, or the store lost a part of it. Empty input is an empty object.
pub(in crate::session) fn read(object: &[u8]) -> Option<Values<'_>> {
    if object.is_empty() {
        return Some(Values::new());
    }
    let mut json = serde_json::Deserializer::from_slice(object);
    let values = json.deserialize_map(All).ok()?;
    json.end().is_ok().then_some(values)
}

struct All;

impl<'a> Visitor<'a> for All {
    type Value = Values<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Values<'a>, A::Error> {
        let mut values = BTreeMap::new();
        while let Some(key) = map.next_key_seed(Key)? {
            let value: &'a RawValue = map.next_value()?;
            values.insert(key, Cow::Borrowed(value));
        }
        Ok(values)
    }
}

/// A key, borrowed if it has no escapes.
struct Key;

impl<'a> DeserializeSeed<'a> for Key {
    type Value = Cow<'a, str>;

    fn deserialize<D: serde::Deserializer<'a>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for Key {
    type Value = Cow<'a, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'a str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.into()))
    }
}

/// Returns the object with this value under `key`, without parsing the other values.
///
/// `None` if that is impossible: `object` is not a JSON object, it contains the key more than once,
/// or the key is new and sorts before another key. Keys are sorted, as [`write`] writes them.
pub(in crate::session) fn with(object: &[u8], key: &str, value: &RawValue) -> Option<Vec<u8>> {
    let value = value.get().as_bytes();
    let mut json = serde_json::Deserializer::from_slice(object);
    let places = json.deserialize_map(Places { key }).ok()?;
    json.end().ok()?;
    let mut written = Vec::with_capacity(object.len() + key.len() + value.len() + 16);
    match places {
        Found::Once(old) => {
            let start = (old.get().as_ptr() as usize).checked_sub(object.as_ptr() as usize)?;
            let end = start.checked_add(old.get().len())?;
            written.extend_from_slice(object.get(..start)?);
            written.extend_from_slice(value);
            written.extend_from_slice(object.get(end..)?);
        }
        Found::Nowhere { is_empty } => {
            written.extend_from_slice(object.trim_ascii_end().strip_suffix(b"}")?);
            if !is_empty {
                written.push(b',');
            }
            serde_json::to_writer(&mut written, key).ok()?;
            written.push(b':');
            written.extend_from_slice(value);
            written.push(b'}');
        }
        Found::Elsewhere => return None,
    }
    Some(written)
}

/// Searches one key in an object.
struct Places<'k> {
    key: &'k str,
}

enum Found<'a> {
    Nowhere {
        is_empty: bool,
    },
    Once(&'a RawValue),
    /// The key is repeated, or new and not the last in order.
    Elsewhere,
}

impl<'a> Visitor<'a> for Places<'_> {
    type Value = Found<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Found<'a>, A::Error> {
        let mut found = Found::Nowhere { is_empty: true };
        let mut is_before_another = false;
        while let Some(order) = map.next_key_seed(Beside(self.key))? {
            if order.is_ne() {
                map.next_value::<IgnoredAny>()?;
                is_before_another |= order.is_gt();
                if let Found::Nowhere { is_empty } = &mut found {
                    *is_empty = false;
                }
                continue;
            }
            let value = map.next_value()?;
            found = match found {
                Found::Nowhere { .. } => Found::Once(value),
                Found::Once(_) | Found::Elsewhere => Found::Elsewhere,
            };
        }
        Ok(match found {
            Found::Nowhere { .. } if is_before_another => Found::Elsewhere,
            found => found,
        })
    }
}

/// Returns the octets that an entry takes in an object, with this key and a value of `value`
/// octets. Quotes, escapes, colon and comma are included.
pub(in crate::session) fn cost(key: &str, value: usize) -> usize {
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' | 8..=10 | 12 | 13 => 2,
        0..=0x1f => 6,
        _ => 1,
    };
    key.bytes().map(escaped).sum::<usize>() + value + 4
}

/// Writes all values. It cannot fail: keys are strings, and values are JSON already.
pub(in crate::session) fn write(values: &Values<'_>) -> Vec<u8> {
    let octets = values.iter().map(|(key, value)| cost(key, value.get().len())).sum::<usize>();
    let mut written = Vec::with_capacity(octets + 2);
    match serde_json::to_writer(&mut written, values) {
        Ok(()) => written,
        Err(_) => b"{}".to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use std::borrow::Cow;

    use super::{NotOne, cost, find, read, with, write};

    #[test]
    fn one_value_put_in_makes_the_object_that_all_values_make() {
        let objects = [
            "{}",
            " { } ",
            r#"{"a":1}"#,
            r#"{ "b" : [1, "}"] , "\u0061" : {"a":2} }"#,
            r#"{"é":""}"#,
        ];
        for object in objects {
            for key in ["a", "b", "é", "", "\"\\\n"] {
                let value = RawValue::from_string(r#"{"new":true}"#.into()).unwrap();
                let mut values = read(object.as_bytes()).unwrap();
                values.insert(Cow::Borrowed(key), Cow::Borrowed(&value));
                let is_new = !read(object.as_bytes()).unwrap().contains_key(key);
                let is_last = values.keys().next_back().is_some_and(|last| last == key);
                let Some(written) = with(object.as_bytes(), key, &value) else {
                    assert!(is_new && !is_last, "{object} {key}");
                    continue;
                };
                assert!(!is_new || is_last, "{object} {key}");
                assert_eq!(write(&read(&written).unwrap()), write(&values), "{object} {key}");
            }
        }
    }

    #[test]
    fn one_value_is_put_into_sound_objects_only() {
        let value = RawValue::from_string("1".into()).unwrap();
        for object in ["", "[]", "{", r#"{"a":1"#, r#"{"a":1}x"#, r#"{"a":1,"a":2}"#, r#"{"b":}"#] {
            assert!(with(object.as_bytes(), "a", &value).is_none(), "{object}");
        }
    }

    #[test]
    fn finds_one_value_among_many() {
        let object = br#"{"a":1,"b":{"c":[1,2]},"\u00e9":"x","last":null}"#;
        let get = |key| find::<&RawValue>(object, key)?.ok().map(RawValue::get);
        assert_eq!(get("b"), Some(r#"{"c":[1,2]}"#));
        assert_eq!(get("c"), None);
        assert_eq!(get("é"), Some(r#""x""#));
        assert_eq!(get("last"), Some("null"));
        assert_eq!(get(""), None);
        assert!(matches!(find::<u8>(object, "a"), Some(Ok(1))));
        assert!(matches!(find::<u8>(object, "b"), Some(Err(NotOne))));
        assert!(find::<u8>(object, "c").is_none());
    }

    #[test]
    fn nonsense_holds_nothing() {
        for object in [&b"[]"[..], b"{", b"{\"a\"", b"\xff", b"1", b"{}x"] {
            assert!(find::<&RawValue>(object, "a").and_then(Result::ok).is_none());
            assert!(read(object).is_none());
        }
        assert!(find::<&RawValue>(b"", "a").is_none());
        assert!(read(b"").is_some_and(|values| values.is_empty()));
    }

    #[test]
    fn the_cost_of_an_entry_is_what_it_takes() {
        for key in ["", "a", "é", "\"\\", "\u{0}\u{8}\t\n\u{b}\u{c}\r\u{1f}\u{7f}"] {
            let raw = RawValue::from_string("[1,2]".into()).unwrap();
            let values = [(key.into(), std::borrow::Cow::Owned(raw))].into_iter().collect();
            assert_eq!(write(&values).len(), 1 + cost(key, 5), "{key:?}");
        }
    }

    #[test]
    fn what_was_read_is_written_again() {
        let object = br#"{"a":1,"b\"":{"c":[1,2]}}"#;
        assert_eq!(write(&read(object).unwrap()), object);
    }
}
