//! Reads the request's cookies by name.
//!
//! A search walks the header, which suits the few names that most requests need. The client chooses
//! the number of cookies, and a handler may read each of them by name: after some searches, the jar
//! indexes all names once.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

#[cfg(any(feature = "_bearer", feature = "csrf"))]
use memchr::memmem::Finder;

use super::Jar;

/// The number of searches in one request after which an index pays off.
const SEARCHES: u32 = 16;

/// The values under a credential cookie's name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Lookup<'a> {
    Absent,
    One(&'a [u8]),
    /// A parent domain may be shadowing the host's own cookie: neither is accepted (CK-07).
    Twice,
}

/// The positions of all values by name, once the index is built.
#[derive(Default)]
pub(super) struct Index {
    searches: AtomicU32,
    #[allow(clippy::box_collection, reason = "rare, and every request carries its size")]
    names: OnceLock<Box<HashMap<Box<[u8]>, Values>>>,
}

/// The values of one name.
struct Values {
    first: Position,
    /// The first value that is text.
    text: Option<Position>,
    is_single: bool,
}

/// The position of a value: the number of its line, and its place in the line.
#[derive(Clone, Copy)]
struct Position {
    line: usize,
    start: usize,
    length: usize,
}

impl Jar {
    /// Returns the request's value under `name`, without pending writes.
    pub(crate) fn find(&self, name: &str) -> Lookup<'_> {
        let Some(index) = self.index() else {
            let mut named = self.pairs().filter(|(it, _)| *it == name.as_bytes());
            return match (named.next(), named.next()) {
                (None, _) => Lookup::Absent,
                (Some((_, value)), None) => Lookup::One(value),
                (Some(_), Some(_)) => Lookup::Twice,
            };
        };
        match index.get(name.as_bytes()) {
            None => Lookup::Absent,
            Some(values) if values.is_single => Lookup::One(self.at(values.first)),
            Some(_) => Lookup::Twice,
        }
    }

    /// Returns the first pair of that name whose value is text, as received, without pending
    /// writes.
    pub(crate) fn first_text(&self, name: &str) -> Option<(&str, &str)> {
        let text = |it| std::str::from_utf8(it).ok();
        let Some(index) = self.index() else {
            let mut named = self.pairs().filter(|(it, _)| *it == name.as_bytes());
            return named.find_map(|(name, value)| Some((text(name)?, text(value)?)));
        };
        let (name, values) = index.get_key_value(name.as_bytes())?;
        Some((text(name)?, text(self.at(values.text?))?))
    }

    /// Returns all values of the request under `name`, in order, without pending writes.
    #[cfg(any(feature = "csrf", feature = "refresh", feature = "session"))]
    pub(crate) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.pairs().filter_map(move |(it, value)| (it == name.as_bytes()).then_some(value))
    }

    /// Returns all values under a name that is searched in every request, as received.
    #[cfg(any(feature = "_bearer", feature = "csrf"))]
    pub(crate) fn seek_all(&self, name: &Finder<'_>) -> impl Iterator<Item = &[u8]> {
        self.lines().flat_map(|line| super::pairs::values(line, name))
    }

    /// Returns the index, and builds it after enough searches.
    fn index(&self) -> Option<&HashMap<Box<[u8]>, Values>> {
        if let Some(names) = self.index.names.get() {
            return Some(names);
        }
        // Not an atomic addition: a lost update only builds the index a little later.
        let searches = self.index.searches.load(Ordering::Relaxed);
        if searches < SEARCHES {
            self.index.searches.store(searches + 1, Ordering::Relaxed);
            return None;
        }
        Some(self.index.names.get_or_init(|| Box::new(self.indexed())))
    }

    fn indexed(&self) -> HashMap<Box<[u8]>, Values> {
        let mut names: HashMap<Box<[u8]>, Values> = HashMap::new();
        for (line, bytes) in self.lines().enumerate() {
            for (name, value) in super::pairs::pairs(bytes) {
                let start = (value.as_ptr() as usize).wrapping_sub(bytes.as_ptr() as usize);
                let place = Position { line, start, length: value.len() };
                let text = std::str::from_utf8(value).is_ok().then_some(place);
                match names.get_mut(name) {
                    Some(there) => {
                        there.is_single = false;
                        there.text = there.text.or(text);
                    }
                    None => {
                        let values = Values { first: place, text, is_single: true };
                        names.insert(name.into(), values);
                    }
                }
            }
        }
        names
    }

    fn at(&self, place: Position) -> &[u8] {
        let Position { line, start, length } = place;
        let line = match line.checked_sub(1) {
            None => self.first.as_ref(),
            Some(at) => self.more.get(at),
        };
        let bytes = line.map(http::HeaderValue::as_bytes).unwrap_or_default();
        bytes.get(start..start.wrapping_add(length)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use http::header::COOKIE;
    use http::{HeaderMap, HeaderValue};

    use super::{Jar, Lookup, SEARCHES};

    fn jar(lines: &[&[u8]]) -> Jar {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, HeaderValue::from_bytes(line).unwrap());
        }
        Jar::new(&mut headers)
    }

    #[test]
    fn the_header_is_searched_a_few_times_and_no_more() {
        let names: Vec<_> = (0..16_000).map(|at| format!("c{at}")).collect();
        let line = names.iter().map(|name| format!("{name}=of-{name}")).collect::<Vec<_>>();
        let jar = jar(&[line.join("; ").as_bytes()]);
        for (at, name) in names.iter().enumerate() {
            let is_indexed = jar.index.names.get().is_some();
            assert_eq!(is_indexed, at > SEARCHES as usize, "{at}");
            // The views read by `find`, the plain cookies by `first_text`.
            match at % 2 {
                0 => assert_eq!(jar.find(name), Lookup::One(format!("of-{name}").as_bytes())),
                _ => assert_eq!(jar.first_text(name), Some((&**name, &*format!("of-{name}")))),
            }
        }
    }

    #[test]
    fn a_search_and_the_index_find_the_same() {
        let lines: [&[u8]; 4] =
            [b"a=1; b=2; A=upper;  t \t= x ", b"", b"b=3; bin=\xff; bin=text; e=", b"a=1; no; =x"];
        let (searched, indexed) = (jar(&lines), jar(&lines));
        for _ in 0..=SEARCHES {
            indexed.find("a");
        }
        assert!(indexed.index.names.get().is_some());
        for name in ["a", "A", "b", "t", "bin", "e", "no", "", "none"] {
            assert_eq!(searched.find(name), indexed.find(name), "{name}");
        }
        assert!(searched.index.names.get().is_none());
        let searched = jar(&lines);
        for name in ["a", "A", "b", "t", "bin", "e", "no", "", "none"] {
            assert_eq!(searched.first_text(name), indexed.first_text(name), "{name}");
        }
        assert_eq!(indexed.first_text("bin"), Some(("bin", "text")));
    }
}
