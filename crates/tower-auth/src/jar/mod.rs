//! The cookies of one request and its response: what every room reads and writes through.

pub(crate) mod check;
#[cfg(any(feature = "csrf", feature = "refresh", feature = "session"))]
pub(crate) mod elsewhere;
mod error;
#[cfg(any(feature = "csrf", feature = "refresh", feature = "session"))]
mod hosts;
pub(crate) mod names;
mod notes;
pub(crate) mod pairs;
mod pending;
#[cfg(any(feature = "csrf", feature = "refresh", feature = "session"))]
pub(crate) mod presented;
mod reading;
mod scope;
#[cfg(any(feature = "csrf", feature = "session"))]
pub(crate) mod stale;
pub(crate) mod vary;

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cookie::Cookie;
use cookie::time::{Duration as Lifetime, OffsetDateTime};
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue, StatusCode};

pub use error::CookieError;

use check::check;
use notes::Notes;
use pairs::pairs;
use pending::{Pending, Role};
pub(crate) use reading::Found;
use reading::Index;
use vary::Vary;

/// Nothing of the request is parsed until somebody asks; nothing of the response is written until
/// the context's owner flushes.
pub(crate) struct Jar {
    first: Option<HeaderValue>,
    /// HTTP/2 may send crumbs: one line for each cookie (CK-06).
    more: Vec<HeaderValue>,
    index: Index,
    /// What else the response is to say.
    notes: Notes,
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
            index: Index::default(),
            notes: Notes::new(),
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
        self.length.store(pending.len(), Ordering::Release);
        result
    }

    /// The request's pairs, in order, over all its header lines.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.lines().flat_map(pairs)
    }

    /// Whether there is at most one `Cookie` line, as in nearly all requests.
    pub(super) fn is_one_line(&self) -> bool {
        self.more.is_empty()
    }

    /// The request's `Cookie` lines.
    pub(super) fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.first.iter().chain(&self.more).map(HeaderValue::as_bytes)
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

    /// Sets a cookie, if a browser would keep it, and if the client could still send all that this
    /// response sets back in one header (CK-25).
    pub(crate) fn write(&self, by: Writer, cookie: Cookie<'static>) -> Result<(), CookieError> {
        self.push(Some(by), cookie, Role::Plain)
    }

    /// Sets an application's cookie that must not be shared: the response then must not be stored.
    pub(crate) fn write_private(
        &self,
        by: Writer,
        cookie: Cookie<'static>,
    ) -> Result<(), CookieError> {
        self.push(Some(by), cookie, Role::Credential)
    }

    /// Sets a cookie that proves something: the response then must not be stored (SE-13).
    pub(crate) fn write_credential(&self, cookie: Cookie<'static>) -> Result<(), CookieError> {
        self.push(None, cookie, Role::Credential)
    }

    /// Whether there is room for this cookie beside what the response sets already.
    #[cfg(feature = "refresh")]
    pub(crate) fn check_room(&self, cookie: &Cookie<'static>) -> Result<(), CookieError> {
        check(cookie)?;
        self.pending().check_room(cookie)
    }

    /// Sets a credential that has replaced the client's in the store, for which
    /// [`check_room`](Self::check_room) has found room before. It is set in any case: without it the
    /// client would be left with one that is used up.
    #[cfg(feature = "refresh")]
    pub(crate) fn write_settled(&self, cookie: Cookie<'static>) -> Result<(), CookieError> {
        check(&cookie)?;
        self.change(|pending| {
            if pending.closed {
                return Err(CookieError::ResponseSent);
            }
            pending.put(cookie, Role::Credential);
            Ok(())
        })
    }

    /// Sets a credential, or part of one, into the room that [`reserve`](Self::reserve) has kept.
    #[cfg(feature = "session")]
    pub(crate) fn write_reserved(&self, cookie: Cookie<'static>) -> Result<(), CookieError> {
        check(&cookie)?;
        self.change(|pending| {
            if pending.closed {
                return Err(CookieError::ResponseSent);
            }
            pending.write_reserved(cookie, Role::Credential);
            Ok(())
        })
    }

    /// Keeps room for cookies of these names, `octets` together, that will be written when the head
    /// is ready, those included that are written already. Replaces what was reserved before: the
    /// session alone reserves.
    #[cfg(feature = "session")]
    pub(crate) fn reserve<'n>(
        &self,
        names: impl Iterator<Item = &'n str>,
        octets: usize,
    ) -> Result<(), CookieError> {
        self.pending().reserve(names, octets)
    }

    /// Gives the room back that was reserved.
    #[cfg(feature = "session")]
    pub(crate) fn release(&self) {
        self.pending().release();
    }

    /// Removes a cookie of the same name from another scope, by `template`, which has its name,
    /// `Domain` and `Path`; see [`removal`] for what else it must repeat.
    ///
    /// Reads do not see the removal, so what came or was written in the configured scope stays what
    /// it is; the budget does not count it; and where the response sets that very cookie, the
    /// removal is left out.
    #[cfg(any(feature = "csrf", feature = "refresh", feature = "session"))]
    pub(crate) fn remove_elsewhere(&self, template: Cookie<'static>) -> Result<(), CookieError> {
        self.push(None, removal(template), Role::Elsewhere)
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
                pending.write(cookie, Role::Credential)?;
            }
            Ok(there)
        })
    }

    /// By a handle, or by a room. A session sees to it itself that its attempt is not over; the others
    /// write for whoever has the request.
    fn push(
        &self,
        by: Option<Writer>,
        cookie: Cookie<'static>,
        role: Role,
    ) -> Result<(), CookieError> {
        check(&cookie)?;
        self.change(|pending| {
            if pending.closed || by.is_some_and(|by| pending.is_given_up(by)) {
                return Err(CookieError::ResponseSent);
            }
            pending.write(cookie, role)
        })
    }

    /// Says what of the request the response depends on.
    pub(crate) fn vary(&self, on: Vary) {
        self.notes.vary(on);
    }

    /// Says that the response must not be stored, cookie or not.
    pub(crate) fn no_store(&self) {
        self.notes.no_store();
    }

    /// Notes that a known identity was handed out, so that the response is private.
    pub(crate) fn private(&self) {
        self.notes.private();
    }

    /// Leaves private responses to what their handlers say of caching.
    pub(crate) fn allow_caching(&self) {
        self.notes.allow_caching();
    }

    /// Has the response tell the browser to clear what it cached of this origin.
    #[cfg(feature = "session")]
    pub(crate) fn clear_cache(&self) {
        self.notes.clear_cache();
    }

    /// Takes back every write of that name: what it proved did not come to be.
    #[cfg(feature = "session")]
    pub(crate) fn withdraw(&self, name: &str) {
        self.pending().withdraw(name);
    }

    pub(crate) fn mark(&self) -> Mark {
        let length = self.length.load(Ordering::Acquire);
        if length > 0 {
            self.pending().mark();
        }
        Mark { length, next: Writer(self.writers.load(Ordering::Relaxed)) }
    }

    /// Takes back every write since the mark, and refuses all further ones of who came since: the
    /// response they belonged to is dropped.
    pub(crate) fn roll_back(&self, mark: Mark) {
        let since = mark.next..Writer(self.writers.load(Ordering::Relaxed));
        if self.length.load(Ordering::Acquire) > mark.length || !since.is_empty() {
            self.change(|pending| {
                pending.truncate(mark.length);
                pending.give_up(since);
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
            pending.clear();
        });
    }

    /// Writes `Set-Cookie`, `Vary`, `Cache-Control` and `Clear-Site-Data`: the one place that does.
    /// Called by the context's owner.
    pub(crate) fn flush(&self, status: StatusCode, headers: &mut HeaderMap) {
        let credential = self.change(|pending| {
            pending.closed = true;
            // Most responses set nothing.
            !pending.is_empty() && pending.flush(headers)
        });
        self.notes.write(credential, status, headers);
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

/// A lifetime in the whole seconds that `Max-Age` can say, rounded up: a lifetime below one second
/// must not come out as zero, which is a removal.
pub(super) fn whole_seconds(age: Lifetime) -> Lifetime {
    let rest = i64::from(age.subsec_nanoseconds() > 0);
    Lifetime::seconds(age.whole_seconds().saturating_add(rest))
}

/// The same for a lifetime that was configured.
#[cfg(any(feature = "refresh", feature = "session"))]
pub(crate) fn max_age(age: std::time::Duration) -> Lifetime {
    let rest = u64::from(age.subsec_nanos() > 0);
    let seconds = i64::try_from(age.as_secs().saturating_add(rest));
    Lifetime::seconds(seconds.unwrap_or(i64::MAX))
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
        (Some(age), _) => !age.is_positive(),
        (None, Some(expires)) => expires <= OffsetDateTime::now_utc(),
        (None, None) => false,
    }
}
