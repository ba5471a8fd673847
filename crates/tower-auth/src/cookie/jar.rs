//! The cookies of one request and its response: what every room reads and writes through.

use std::borrow::Cow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cookie::Cookie;
use http::header::{CACHE_CONTROL, COOKIE, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderValue};

use super::pairs::pairs;
use super::{CookieError, check};

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
    vary: Vec<&'static str>,
    closed: bool,
}

struct Write {
    cookie: Cookie<'static>,
    /// A credential: the response must not be stored.
    credential: bool,
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
        let mut lines = headers.get_all(COOKIE).iter().cloned();
        Self { first: lines.next(), more: lines.collect(), pending: Mutex::default() }
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The request's pairs, in order, over all its header lines.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.first.iter().chain(&self.more).flat_map(|line| pairs(line.as_bytes()))
    }

    /// Whether the request carries any cookie at all.
    #[allow(dead_code, reason = "the csrf room asks")]
    pub(crate) fn has_any(&self) -> bool {
        self.pairs().next().is_some()
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
        let pending = self.pending();
        let last = pending.writes.iter().rev().find(|write| write.cookie.name() == name);
        last.map(|write| write.cookie.clone())
    }

    /// Sets a cookie, if a browser would keep it.
    pub(crate) fn write(&self, cookie: Cookie<'static>) -> Result<(), CookieError> {
        self.push(Write { cookie, credential: false })
    }

    /// Sets a cookie that proves something: the response then must not be stored (SE-13).
    pub(crate) fn write_credential(&self, cookie: Cookie<'static>) -> Result<(), CookieError> {
        self.push(Write { cookie, credential: true })
    }

    fn push(&self, write: Write) -> Result<(), CookieError> {
        check(&write.cookie)?;
        let mut pending = self.pending();
        if pending.closed {
            return Err(CookieError::ResponseSent);
        }
        pending.writes.push(write);
        Ok(())
    }

    /// Names a request header on which the response depends.
    pub(crate) fn vary(&self, header: &'static str) {
        let mut pending = self.pending();
        if !pending.vary.contains(&header) {
            pending.vary.push(header);
        }
    }

    /// Says that the response must not be stored, cookie or not.
    #[allow(dead_code, reason = "the csrf room says so of a response with a token")]
    pub(crate) fn no_store(&self) {
        self.pending().no_store = true;
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark(self.pending().writes.len())
    }

    /// Takes back every write since the mark: the response they belonged to is dropped.
    pub(crate) fn roll_back(&self, mark: Mark) {
        self.pending().writes.truncate(mark.0);
    }

    /// Whether the response's head is out, or will never be.
    #[allow(dead_code, reason = "the csrf room asks")]
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
        let writes = std::mem::take(&mut pending.writes);
        let mut no_store = pending.no_store;
        for (at, write) in writes.iter().enumerate() {
            let name = write.cookie.name();
            no_store |= write.credential;
            if writes[at + 1..].iter().any(|later| later.cookie.name() == name) {
                continue;
            }
            drop_lines_named(headers, name);
            // What was checked holds only visible ASCII.
            if let Ok(mut line) = HeaderValue::try_from(write.cookie.to_string()) {
                line.set_sensitive(true);
                headers.append(SET_COOKIE, line);
            }
        }
        if no_store {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        for name in std::mem::take(&mut pending.vary) {
            add_vary(headers, name);
        }
    }
}

/// Drops a handler's own `Set-Cookie` lines for a name that the jar sets too: one response must
/// not set one name twice (CK-03), and the layers' word counts.
fn drop_lines_named(headers: &mut HeaderMap, name: &str) {
    let names_it = |line: &HeaderValue| {
        pairs(line.as_bytes()).next().is_some_and(|(it, _)| it == name.as_bytes())
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
        fields.map(<[u8]>::trim_ascii).any(|it| it == b"*" || it.eq_ignore_ascii_case(name.as_bytes()))
    });
    if !there {
        headers.append(VARY, HeaderValue::from_static(name));
    }
}

/// A removal that the browser will match to the cookie it has: same name, path, domain and
/// prefix rules, nothing else (CK-18).
pub(crate) fn removal(mut cookie: Cookie<'static>) -> Cookie<'static> {
    cookie.set_value(Cow::Borrowed(""));
    cookie.make_removal();
    // `make_removal` sets an `Expires` a year back and `Max-Age=0`; both are wanted.
    cookie
}
