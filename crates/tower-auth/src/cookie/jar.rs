//! The cookies of one request and its response: what every room reads and writes through.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cookie::Cookie;
use cookie::time::OffsetDateTime;
use http::header::{CACHE_CONTROL, COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use memchr::memmem::Finder;

use super::pairs::{pairs, values};
use super::vary::Vary;
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
    /// What else the response is to say, as bits of [`NO_STORE`] and [`Vary`].
    notes: AtomicU8,
    /// How long the log is, to be asked for without the lock: most are empty.
    length: AtomicUsize,
    /// How many writers there are.
    writers: AtomicU32,
    pending: Mutex<Pending>,
}

/// Who writes on the application's behalf: a handle, and its clones. Numbered in the order in which
/// they were made, so that an attempt that was given up can be told from the next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Writer(u32);

/// The response must not be stored; beside the bits of [`Vary`].
const NO_STORE: u8 = 1;

#[derive(Default)]
struct Pending {
    /// A log, so that a layer can take back what was written inside it. The last write of a name
    /// counts.
    writes: Vec<Write>,
    /// Of attempts that were given up. What they left running must not write: the cookies are the
    /// next attempt's by now.
    given_up: Vec<Range<Writer>>,
    closed: bool,
}

impl Pending {
    fn is_given_up(&self, writer: Writer) -> bool {
        self.given_up.iter().any(|attempt| attempt.contains(&writer))
    }

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

    /// Writes the cookies, and says whether one of them proves something.
    fn flush(&mut self, headers: &mut HeaderMap) -> bool {
        let writes = self.effective();
        let proves = writes.iter().any(|write| write.credential);
        drop_lines_named(headers, &writes);
        for write in writes {
            // What was checked holds only visible ASCII.
            if let Ok(mut line) = HeaderValue::try_from(write.cookie.to_string()) {
                line.set_sensitive(true);
                headers.append(SET_COOKIE, line);
            }
        }
        self.writes.clear();
        proves
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

impl<'a> Found<'a> {
    fn among(mut values: impl Iterator<Item = &'a [u8]>) -> Self {
        match (values.next(), values.next()) {
            (None, _) => Self::Absent,
            (Some(value), None) => Self::One(value),
            (Some(_), Some(_)) => Self::Twice,
        }
    }
}

/// How far a jar had been written, and by whom; see [`Jar::roll_back`].
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    length: usize,
    next: Writer,
}

impl Jar {
    /// Of the request with these headers. Its cookies are kept out of what prints headers further
    /// in (ASVS 16.2.5): some of them are credentials, and which is not known here.
    #[inline]
    pub(crate) fn new(headers: &mut HeaderMap) -> Self {
        let (first, more) = match headers.get_mut(&COOKIE) {
            None => (None, Vec::new()),
            Some(first) => {
                first.set_sensitive(true);
                (Some(first.clone()), crumbs(headers))
            }
        };
        Self {
            first,
            more,
            notes: AtomicU8::new(0),
            length: AtomicUsize::new(0),
            writers: AtomicU32::new(0),
            pending: Mutex::default(),
        }
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something to the log, and notes how long it is then.
    fn change<R>(&self, change: impl FnOnce(&mut Pending) -> R) -> R {
        let mut pending = self.pending();
        let result = change(&mut pending);
        self.length.store(pending.writes.len(), Ordering::Release);
        result
    }

    /// The request's pairs, in order, over all its header lines.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.lines().flat_map(pairs)
    }

    fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.first.iter().chain(&self.more).map(HeaderValue::as_bytes)
    }

    /// What the request holds under that name, pending writes left aside.
    pub(crate) fn find(&self, name: &str) -> Found<'_> {
        let is_it = |(it, value)| (it == name.as_bytes()).then_some(value);
        Found::among(self.pairs().filter_map(is_it))
    }

    /// The same for a name that is sought in every request.
    pub(crate) fn seek(&self, name: &Finder<'_>) -> Found<'_> {
        let Some(first) = &self.first else { return Found::Absent };
        // Nearly all requests send one line.
        if self.more.is_empty() {
            return Found::among(values(first.as_bytes(), name));
        }
        Found::among(self.lines().flat_map(|line| values(line, name)))
    }

    /// The cookie that this request's handlers have set under that name so far; a removal has an
    /// empty value and a `Max-Age` of zero.
    pub(crate) fn written(&self, name: &str) -> Option<Cookie<'static>> {
        if self.length.load(Ordering::Acquire) == 0 {
            return None;
        }
        self.pending().written(name).cloned()
    }

    /// A handle is made.
    pub(crate) fn writer(&self) -> Writer {
        Writer(self.writers.fetch_add(1, Ordering::Relaxed))
    }

    /// Sets a cookie, if a browser would keep it.
    pub(crate) fn write(&self, by: Writer, cookie: Cookie<'static>) -> Result<(), CookieError> {
        self.push(Some(by), Write { cookie, credential: false, withdrawn: false }, usize::MAX)
    }

    /// Sets a cookie that proves something: the response then must not be stored (SE-13).
    pub(crate) fn write_credential(&self, cookie: Cookie<'static>) -> Result<(), CookieError> {
        self.push(None, Write { cookie, credential: true, withdrawn: false }, usize::MAX)
    }

    /// Sets such a cookie unless one of its name is about to be set; then it says which, and sets
    /// nothing. One step, so that all tasks of a request end up with one cookie.
    #[cfg(feature = "csrf")]
    pub(crate) fn write_credential_once(
        &self,
        cookie: Cookie<'static>,
    ) -> Result<Option<Cookie<'static>>, CookieError> {
        check(&cookie)?;
        self.change(|pending| {
            if pending.closed {
                return Err(CookieError::ResponseSent);
            }
            let there = pending.written(cookie.name()).filter(|it| !is_removal(it)).cloned();
            if there.is_none() {
                pending.writes.push(Write { cookie, credential: true, withdrawn: false });
            }
            Ok(there)
        })
    }

    /// Sets an application's cookie, if the client could still send all that this response sets
    /// back in one header (CK-25). What the rooms set themselves is small and goes first.
    pub(crate) fn write_within_budget(
        &self,
        by: Writer,
        cookie: Cookie<'static>,
        credential: bool,
    ) -> Result<(), CookieError> {
        self.push(Some(by), Write { cookie, credential, withdrawn: false }, MAX_HEADER)
    }

    /// By a handle, or by a room. A session sees to it itself that its attempt is not over; the others
    /// write for whoever has the request.
    fn push(&self, by: Option<Writer>, write: Write, budget: usize) -> Result<(), CookieError> {
        check(&write.cookie)?;
        self.change(|pending| {
            if pending.closed || by.is_some_and(|by| pending.is_given_up(by)) {
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
        })
    }

    /// Says what of the request the response depends on.
    pub(crate) fn vary(&self, on: Vary) {
        self.notes.fetch_or(on as u8, Ordering::Relaxed);
    }

    /// Says that the response must not be stored, cookie or not.
    pub(crate) fn no_store(&self) {
        self.notes.fetch_or(NO_STORE, Ordering::Relaxed);
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
        let length = self.length.load(Ordering::Acquire);
        Mark { length, next: Writer(self.writers.load(Ordering::Relaxed)) }
    }

    /// Takes back every write since the mark, and refuses all further ones of who came since: the
    /// response they belonged to is dropped.
    pub(crate) fn roll_back(&self, mark: Mark) {
        let since = mark.next..Writer(self.writers.load(Ordering::Relaxed));
        if self.length.load(Ordering::Acquire) > mark.length || !since.is_empty() {
            self.change(|pending| {
                pending.writes.truncate(mark.length);
                pending.given_up.push(since);
            });
        }
    }

    /// Whether the response's head is out, or will never be.
    pub(crate) fn is_closed(&self) -> bool {
        self.pending().closed
    }

    /// Refuses every write from now on, and forgets what was not flushed.
    pub(crate) fn close(&self) {
        self.change(|pending| {
            pending.closed = true;
            pending.writes.clear();
        });
    }

    /// Writes `Set-Cookie`, `Vary` and `Cache-Control`: the one place that does. Called by the
    /// context's owner.
    pub(crate) fn flush(&self, headers: &mut HeaderMap) {
        let proves = self.change(|pending| {
            pending.closed = true;
            // Most responses set nothing.
            !pending.writes.is_empty() && pending.flush(headers)
        });
        let notes = self.notes.load(Ordering::Relaxed);
        if !proves && notes == 0 {
            return;
        }
        if proves || notes & NO_STORE != 0 {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        Vary::write(notes, headers);
    }
}

/// The lines after the first.
fn crumbs(headers: &mut HeaderMap) -> Vec<HeaderValue> {
    // As many values as names: nothing comes in several lines.
    if headers.len() == headers.keys_len() {
        return Vec::new();
    }
    let lines = headers.iter_mut().filter(|(name, _)| **name == COOKIE);
    let lines = lines.map(|(_, line)| {
        line.set_sensitive(true);
        line.clone()
    });
    lines.skip(1).collect()
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
