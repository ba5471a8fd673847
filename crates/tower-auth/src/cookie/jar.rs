//! The cookies of one request and its response: what every room reads and writes through.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cookie::Cookie;
use cookie::time::OffsetDateTime;
use http::header::{CACHE_CONTROL, COOKIE, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderValue};

use super::pairs::pairs;
use super::{CookieError, check};

/// What common servers and proxies take as one header line, in octets. A client that was given more
/// is answered 400 or 431 from then on, and cannot even ask to have it taken back.
const MAX_HEADER: usize = 8192;

/// Nothing of the request is parsed until somebody asks; nothing of the response is written until
/// the context's owner flushes.
pub(crate) struct Jar {
    first: Option<HeaderValue>,
    /// HTTP/2 may send crumbs: one line for each cookie (CK-06).
    more: Vec<HeaderValue>,
    pending: Mutex<Pending>,
}

#[derive(Default)]
struct Pending {
    /// A log, so that a layer can take back what was written inside it. The last write of a name
    /// counts.
    writes: Vec<Write>,
    no_store: bool,
    /// As many as the rooms ever name.
    vary: [Option<&'static str>; 3],
    closed: bool,
}

impl Pending {
    /// The writes that count: the last of each name. In linear time, since who removes all cookies
    /// that came leaves their number to the client.
    fn effective(&self) -> Vec<&Write> {
        let mut names = HashSet::new();
        let latest = self.writes.iter().rev().filter(|write| !write.withdrawn);
        let mut last: Vec<_> = latest.filter(|write| names.insert(write.cookie.name())).collect();
        last.reverse();
        last
    }

    /// The last write of that name.
    fn written(&self, name: &str) -> Option<&Cookie<'static>> {
        let mut latest = self.writes.iter().rev().filter(|write| !write.withdrawn);
        latest.find(|write| write.cookie.name() == name).map(|write| &write.cookie)
    }

    fn octets_beside(&self, name: &str) -> usize {
        let others =
            self.effective().into_iter().map(|write| &write.cookie).filter(|it| it.name() != name);
        others.filter(|it| !is_removal(it)).map(octets).sum()
    }
}

/// What the cookie takes of a `Cookie` header: `name=value; `.
fn octets(cookie: &Cookie<'_>) -> usize {
    cookie.name().len() + cookie.value().len() + 3
}

struct Write {
    cookie: Cookie<'static>,
    /// A credential: the response must not be stored.
    credential: bool,
    /// As if it had never been.
    withdrawn: bool,
}

/// What a request holds under a credential cookie's name.
pub(crate) enum Found<'a> {
    Absent,
    One(&'a [u8]),
    /// A parent domain may be shadowing the host's own: neither is believed (CK-07).
    Twice,
}

/// How far a jar had been written; see [`Jar::roll_back`].
#[derive(Clone, Copy)]
pub(crate) struct Mark(usize);

impl Jar {
    pub(crate) fn new(headers: &HeaderMap) -> Self {
        let mut lines = headers.get_all(&COOKIE).iter();
        let first = lines.next().cloned();
        let second = lines.next();
        let more = match second {
            None => Vec::new(),
            Some(_) => second.into_iter().chain(lines).cloned().collect(),
        };
        Self { first, more, pending: Mutex::default() }
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The request's pairs, in order, over all its header lines.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.first.iter().chain(&self.more).flat_map(|line| pairs(line.as_bytes()))
    }

    /// What the request holds under that name, pending writes left aside.
    pub(crate) fn find(&self, name: &str) -> Found<'_> {
        let mut values = self.pairs().filter(|(it, _)| *it == name.as_bytes());
        match (values.next(), values.next()) {
            (None, _) => Found::Absent,
            (Some((_, value)), None) => Found::One(value),
            (Some(_), Some(_)) => Found::Twice,
        }
    }

    /// The cookie that this request's handlers have set under that name so far; a removal has an
    /// empty value and a `Max-Age` of zero.
    pub(crate) fn written(&self, name: &str) -> Option<Cookie<'static>> {
        self.pending().written(name).cloned()
    }

    /// Sets a cookie, if a browser would keep it.
    pub(crate) fn write(&self, cookie: Cookie<'static>) -> Result<(), CookieError> {
        self.push(Write { cookie, credential: false, withdrawn: false }, usize::MAX)
    }

    /// Sets a cookie that proves something: the response then must not be stored (SE-13).
    pub(crate) fn write_credential(&self, cookie: Cookie<'static>) -> Result<(), CookieError> {
        self.push(Write { cookie, credential: true, withdrawn: false }, usize::MAX)
    }

    /// Sets such a cookie unless one of its name is about to be set; then it says which, and sets
    /// nothing. One step, so that all tasks of a request end up with one cookie.
    #[cfg(feature = "csrf")]
    pub(crate) fn write_credential_once(
        &self,
        cookie: Cookie<'static>,
    ) -> Result<Option<Cookie<'static>>, CookieError> {
        check(&cookie)?;
        let mut pending = self.pending();
        if pending.closed {
            return Err(CookieError::ResponseSent);
        }
        let there = pending.written(cookie.name()).filter(|it| !is_removal(it)).cloned();
        if there.is_none() {
            pending.writes.push(Write { cookie, credential: true, withdrawn: false });
        }
        Ok(there)
    }

    /// Sets an application's cookie, if the client could still send all that this response sets
    /// back in one header (CK-25). What the rooms set themselves is small and goes first.
    pub(crate) fn write_within_budget(
        &self,
        cookie: Cookie<'static>,
        credential: bool,
    ) -> Result<(), CookieError> {
        self.push(Write { cookie, credential, withdrawn: false }, MAX_HEADER)
    }

    fn push(&self, write: Write, budget: usize) -> Result<(), CookieError> {
        check(&write.cookie)?;
        let mut pending = self.pending();
        if pending.closed {
            return Err(CookieError::ResponseSent);
        }
        if budget < usize::MAX {
            let octets = pending.octets_beside(write.cookie.name()) + octets(&write.cookie);
            if octets > budget {
                return Err(CookieError::TooMuch { octets });
            }
        }
        pending.writes.push(write);
        Ok(())
    }

    /// Names a request header on which the response depends.
    pub(crate) fn vary(&self, header: &'static str) {
        let mut pending = self.pending();
        let place = pending.vary.iter_mut().find(|it| it.is_none_or(|it| it == header));
        debug_assert!(place.is_some(), "one more place is needed");
        if let Some(place) = place {
            *place = Some(header);
        }
    }

    /// Says that the response must not be stored, cookie or not.
    pub(crate) fn no_store(&self) {
        self.pending().no_store = true;
    }

    /// Takes back every write of that name: what it proved did not come to be.
    #[cfg(feature = "session")]
    pub(crate) fn withdraw(&self, name: &str) {
        // Marked, not removed: a layer's mark counts them.
        let mut pending = self.pending();
        for write in pending.writes.iter_mut().filter(|write| write.cookie.name() == name) {
            write.withdrawn = true;
        }
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark(self.pending().writes.len())
    }

    /// Takes back every write since the mark: the response they belonged to is dropped.
    pub(crate) fn roll_back(&self, mark: Mark) {
        self.pending().writes.truncate(mark.0);
    }

    /// Whether the response's head is out, or will never be.
    pub(crate) fn is_closed(&self) -> bool {
        self.pending().closed
    }

    /// Refuses every write from now on, and forgets what was not flushed.
    pub(crate) fn close(&self) {
        let mut pending = self.pending();
        pending.closed = true;
        pending.writes.clear();
    }

    /// Writes `Set-Cookie`, `Vary` and `Cache-Control`: the one place that does. Called by the
    /// context's owner.
    pub(crate) fn flush(&self, headers: &mut HeaderMap) {
        let mut pending = self.pending();
        pending.closed = true;
        // Most responses set nothing.
        if pending.writes.is_empty() && !pending.no_store && pending.vary == [None; 3] {
            return;
        }
        let writes = pending.effective();
        let no_store = pending.no_store || writes.iter().any(|write| write.credential);
        drop_lines_named(headers, &writes);
        for write in writes {
            // What was checked holds only visible ASCII.
            if let Ok(mut line) = HeaderValue::try_from(write.cookie.to_string()) {
                line.set_sensitive(true);
                headers.append(SET_COOKIE, line);
            }
        }
        pending.writes.clear();
        if no_store {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        for name in std::mem::take(&mut pending.vary).into_iter().flatten() {
            add_vary(headers, name);
        }
    }
}

/// Keeps the request's cookies out of what prints headers further in (ASVS 16.2.5): some of them
/// are credentials, and which is not known here.
pub(crate) fn hide(headers: &mut HeaderMap) {
    let Some(first) = headers.get_mut(COOKIE) else { return };
    first.set_sensitive(true);
    if headers.get_all(COOKIE).iter().nth(1).is_some() {
        let crumbs = headers.iter_mut().filter(|(name, _)| **name == COOKIE);
        crumbs.for_each(|(_, crumb)| crumb.set_sensitive(true));
    }
}

/// Drops a handler's own `Set-Cookie` lines for names that the jar sets too: one response must
/// not set one name twice (CK-03), and the layers' word counts.
fn drop_lines_named(headers: &mut HeaderMap, writes: &[&Write]) {
    let names_it = |line: &HeaderValue| {
        // Before the first semicolon, or an attribute's name would pass for the cookie's.
        let pair = line.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
        let name = pairs(pair).next().map(|(name, _)| name);
        name.is_some_and(|it| writes.iter().any(|write| write.cookie.name().as_bytes() == it))
    };
    if !headers.get_all(SET_COOKIE).iter().any(names_it) {
        return;
    }
    let lines: Vec<_> = headers.get_all(SET_COOKIE).iter().cloned().collect();
    headers.remove(SET_COOKIE);
    for line in lines.into_iter().filter(|line| !names_it(line)) {
        headers.append(SET_COOKIE, line);
    }
}

fn add_vary(headers: &mut HeaderMap, name: &'static str) {
    let there = headers.get_all(VARY).iter().any(|line| {
        let fields = line.as_bytes().split(|byte| *byte == b',');
        fields
            .map(<[u8]>::trim_ascii)
            .any(|it| it == b"*" || it.eq_ignore_ascii_case(name.as_bytes()))
    });
    if !there {
        headers.append(VARY, HeaderValue::from_static(name));
    }
}

/// A removal that the browser will match to the cookie it has: same name, path, domain and
/// prefix rules, nothing else (CK-18).
pub(crate) fn removal(mut cookie: Cookie<'static>) -> Cookie<'static> {
    // An empty value, `Max-Age=0` and an `Expires` a year back, for what knows only that.
    cookie.make_removal();
    cookie
}

/// Whether a browser forgets the cookie when it gets this; `Max-Age` wins over `Expires` (CK-17).
pub(crate) fn is_removal(cookie: &Cookie<'_>) -> bool {
    match (cookie.max_age(), cookie.expires_datetime()) {
        (Some(age), _) => age.whole_seconds() <= 0,
        (None, Some(expires)) => expires <= OffsetDateTime::now_utc(),
        (None, None) => false,
    }
}
