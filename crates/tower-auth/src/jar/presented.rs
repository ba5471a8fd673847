//! The credentials that a request presents under one cookie's name.
//!
//! A browser sends every cookie of a name, from any scope. Another host of the domain may have
//! planted one, and a changed `Domain` or `Path` leaves the old one behind. The rule for all
//! credential cookies (CK-07):
//!
//! - A value that does not verify is neither a credential nor a conflict, so a planted cookie locks
//!   no user out.
//! - The same credential several times counts once.
//! - Two different credentials are a conflict: neither is accepted.

use std::collections::HashSet;
use std::hash::Hash;

use memchr::memmem::Finder;

use super::Jar;
use super::pairs::values;

/// The number of credentials of one request that a logout or a revocation ends. Each costs store
/// commands, and the client chooses how many it sends; a browser sends one for each scope of the
/// cookie.
#[cfg(any(feature = "refresh", feature = "session"))]
pub(crate) const MOST_ENDED: usize = 64;

/// The values under one name, by the credentials that they contain.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Presented<T> {
    /// There is no cookie of this name.
    Absent,
    /// None of the values is a credential of this key ring.
    Foreign,
    One(T, Values),
    /// Different credentials: two or more.
    Conflict(Vec<T>, Values),
}

/// The makers of the values that the request presented beside a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    /// This key ring made every value.
    OnlyOwn,
    /// One or more values belong to another application or were planted.
    WithForeign,
}

impl<T> Presented<T> {
    /// Sorts the values; `key` distinguishes different credentials.
    pub(crate) fn among<V, K: Eq + Hash>(
        mut values: impl Iterator<Item = V>,
        verify: impl Fn(V) -> Option<T>,
        key: impl Fn(&T) -> K,
    ) -> Self {
        let Some(first) = values.next() else { return Self::Absent };
        let first = verify(first);
        // Nearly always there is no other value, and then nothing is allocated.
        let Some(second) = values.next() else {
            return first.map_or(Self::Foreign, |it| Self::One(it, Values::OnlyOwn));
        };
        let rest = std::iter::once(second).chain(values).map(&verify);
        let (mut credentials, mut keys, mut foreign) = (Vec::new(), HashSet::new(), false);
        for value in std::iter::once(first).chain(rest) {
            match value {
                None => foreign = true,
                Some(credential) => {
                    if keys.insert(key(&credential)) {
                        credentials.push(credential);
                    }
                }
            }
        }
        let values = if foreign { Values::WithForeign } else { Values::OnlyOwn };
        match credentials.len() {
            0 => Self::Foreign,
            1 => credentials.pop().map_or(Self::Foreign, |it| Self::One(it, values)),
            _ => Self::Conflict(credentials, values),
        }
    }

    /// Returns the credential that the request proves, if it proves one.
    #[cfg(feature = "csrf")]
    pub(crate) fn one(self) -> Option<T> {
        match self {
            Self::One(credential, _) => Some(credential),
            Self::Absent | Self::Foreign | Self::Conflict(..) => None,
        }
    }

    /// Returns `true` if the request presented a credential of this key ring.
    pub(crate) const fn is_own(&self) -> bool {
        matches!(self, Self::One(..) | Self::Conflict(..))
    }

    /// Returns `true` if the request presented only credentials of this key ring. Only then is the
    /// cookie removed from other scopes: otherwise a removal might hit a foreign cookie.
    pub(crate) const fn is_only_own(&self) -> bool {
        matches!(self, Self::One(_, Values::OnlyOwn) | Self::Conflict(_, Values::OnlyOwn))
    }
}

impl Jar {
    /// Returns the credentials under a name that is searched in every request.
    pub(crate) fn present<'a, T, K: Eq + Hash>(
        &'a self,
        name: &Finder<'_>,
        verify: impl Fn(&'a [u8]) -> Option<T>,
        key: impl Fn(&T) -> K,
    ) -> Presented<T> {
        let Some(first) = self.lines().next() else { return Presented::Absent };
        // A loop over one line is cheaper, and nearly all requests have one line.
        if self.is_one_line() {
            return Presented::among(values(first, name), verify, key);
        }
        let values = self.lines().flat_map(|line| values(line, name));
        Presented::among(values, verify, key)
    }
}

#[cfg(test)]
mod tests {
    use super::{Presented, Values};

    /// A value verifies if it begins with `ok`; the following byte is the credential.
    fn among(values: &[&str]) -> Presented<u8> {
        let verify = |value: &[u8]| value.strip_prefix(b"ok")?.first().copied();
        Presented::among(values.iter().map(|it| it.as_bytes()), verify, |it| *it)
    }

    #[test]
    fn ck_07_what_does_not_verify_is_neither_credential_nor_conflict() {
        assert_eq!(among(&[]), Presented::Absent);
        assert_eq!(among(&["junk"]), Presented::Foreign);
        assert_eq!(among(&["junk", "", "more"]), Presented::Foreign);
        for values in [&["ok1", "junk"][..], &["junk", "ok1"], &["a", "ok1", "b", "ok1"]] {
            assert_eq!(among(values), Presented::One(b'1', Values::WithForeign), "{values:?}");
        }
    }

    #[test]
    fn ck_07_the_same_credential_twice_is_one_and_two_are_a_conflict() {
        assert_eq!(among(&["ok1"]), Presented::One(b'1', Values::OnlyOwn));
        assert_eq!(among(&["ok1", "ok1"]), Presented::One(b'1', Values::OnlyOwn));
        // Another text of the same credential, as another key of the ring writes it.
        assert_eq!(among(&["ok1", "ok1 anew"]), Presented::One(b'1', Values::OnlyOwn));
        let conflict = |values| Presented::Conflict(vec![b'1', b'2'], values);
        assert_eq!(among(&["ok1", "ok2"]), conflict(Values::OnlyOwn));
        assert_eq!(among(&["ok1", "ok2", "ok1"]), conflict(Values::OnlyOwn));
        assert_eq!(among(&["ok1", "junk", "ok2"]), conflict(Values::WithForeign));
    }
}
