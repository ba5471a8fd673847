//! The cookies of one request and its response. Every layer reads and writes cookies through the
//! jar.

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
use reading::Index;
pub(crate) use reading::Lookup;
use vary::Vary;

/// The cookies of a request and its response. The request is parsed only when a layer or handler
/// reads a cookie. The response is written only when the context's owner flushes.
pub(crate) struct Jar {
    first: Option<HeaderValue>,
    /// The other lines: HTTP/2 may send one line for each cookie (CK-06).
    more: Vec<HeaderValue>,
    index: Index,
    /// Other header fields for the response.
    notes: Notes,
    /// The length of the log, readable without the lock. Most logs are empty.
    length: AtomicUsize,
    /// The number of writers so far.
    writers: AtomicU32,
    pending: Mutex<Pending>,
}

/// A handle through which the application writes, with its clones. Numbered in order of creation,
/// so that an abandoned attempt can be distinguished from the next one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Writer(u32);

/// The length of a jar's log and its next writer; see [`Jar::roll_back`].
#[derive(Clone, Copy)]
pub(crate) struct JarCheckpoint {
    length: usize,
    next: Writer,
}

impl Jar {
    /// Creates the jar of the request with these headers. It marks the cookies as sensitive, so
    /// that code further inside that prints headers omits them (ASVS 16.2.5). Some are credentials,
    /// and the jar cannot know which.
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

    /// Changes the log, and stores its new length.
    fn change<R>(&self, change: impl FnOnce(&mut Pending) -> R) -> R {
        let mut pending = self.pending();
        let result = change(&mut pending);
        self.length.store(pending.len(), Ordering::Release);
        result
    }

    /// Returns the request's pairs, in order, from all its header lines.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.lines().flat_map(pairs)
    }

    /// Returns `true` if there is at most one `Cookie` line, as in nearly all requests.
    pub(super) fn is_one_line(&self) -> bool {
        self.more.is_empty()
    }

    /// Returns the request's `Cookie` lines.
    pub(super) fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.first.iter().chain(&self.more).map(HeaderValue::as_bytes)
    }

    /// Returns the cookie that this request's handlers have set under `name` so far. A removal has
    /// an empty value and a `Max-Age` of zero.
    pub(crate) fn written(&self, name: &str) -> Option<Cookie<'static>> {
        if self.length.load(Ordering::Acquire) == 0 {
            return None;
        }
        self.pending().written(name).cloned()
    }

    /// Registers a new id.
    pub(crate) fn writer(&self) -> Writer {
        Writer(self.writers.fetch_add(1, Ordering::Relaxed))
    }

    /// Sets a cookie, if a browser would keep it, and if the client could send all cookies of this
    /// response back in one header (CK-25).
    pub(crate) fn write(&self, by: Writer, cookie: Cookie<'static>) -> Result<(), CookieError> {
        self.push(Some(by), cookie, Role::Plain)
    }

    /// Sets a cookie of the application that must not be shared. The response then must not be
    /// stored.
    pub(crate) fn write_private(
        &self,
        by: Writer,
        cookie: Cookie<'static>,
    ) -> Result<(), CookieError> {
        self.push(Some(by), cookie, Role::Credential)
    }

    /// Sets a credential. The response then must not be stored (SE-13).
    pub(crate) fn write_credential(&self, cookie: Cookie<'static>) -> Result<(), CookieError> {
        self.push(None, cookie, Role::Credential)
    }

    /// Checks that this cookie fits beside those that the response already sets.
    #[cfg(feature = "refresh")]
    pub(crate) fn check_room(&self, cookie: &Cookie<'static>) -> Result<(), CookieError> {
        check(cookie)?;
        self.pending().check_room(cookie)
    }

    /// Sets a credential that has replaced the client's in the store, for which
    /// [`check_room`](Self::check_room) found space before. It is set in any case: otherwise the
    /// client would keep a credential that is used up.
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

    /// Sets a credential, or part of one, in the space that [`reserve`](Self::reserve) has
    /// reserved.
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

    /// Reserves `octets` for cookies of these names, which will be written when the head is ready.
    /// The total includes those that are already written. Replaces an earlier reservation: only the
    /// session reserves.
    #[cfg(feature = "session")]
    pub(crate) fn reserve<'n>(
        &self,
        names: impl Iterator<Item = &'n str>,
        octets: usize,
    ) -> Result<(), CookieError> {
        self.pending().reserve(names, octets)
    }

    /// Releases the reserved space.
    #[cfg(feature = "session")]
    pub(crate) fn release(&self) {
        self.pending().release();
    }

    /// Removes a cookie of the same name from another scope. `template` has its name, `Domain` and
    /// `Path`; see [`removal`] for the other attributes.
    ///
    /// Reads ignore the removal, so a cookie that was received or written in the configured scope
    /// stays readable. The budget does not count it. If the response sets that same cookie, the
    /// removal is left out.
    #[cfg(any(feature = "csrf", feature = "refresh", feature = "session"))]
    pub(crate) fn remove_elsewhere(&self, template: Cookie<'static>) -> Result<(), CookieError> {
        self.push(None, removal(template), Role::Elsewhere)
    }

    /// Sets a credential, unless one of its name is already pending. Then it sets nothing and
    /// returns the pending one. One step, so that all tasks of a request use one cookie.
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

    /// Adds a write by a handle or by a layer. A session itself checks that its attempt is not
    /// over; other layers write for the present owner of the request.
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

    /// Notes a part of the request that the response depends on.
    pub(crate) fn vary(&self, on: Vary) {
        self.notes.vary(on);
    }

    /// Notes that the response must not be stored, with or without a cookie.
    pub(crate) fn no_store(&self) {
        self.notes.no_store();
    }

    /// Notes that a handler got a known identity, so that the response is private.
    pub(crate) fn private(&self) {
        self.notes.private();
    }

    /// Leaves the caching of private responses to their handlers.
    pub(crate) fn allow_caching(&self) {
        self.notes.allow_caching();
    }

    /// Notes that the browser must clear its cache of this origin.
    #[cfg(feature = "session")]
    pub(crate) fn clear_cache(&self) {
        self.notes.clear_cache();
    }

    /// Withdraws every write of that name, because the change that it announced did not happen.
    #[cfg(feature = "session")]
    pub(crate) fn withdraw(&self, name: &str) {
        self.pending().withdraw(name);
    }

    pub(crate) fn mark(&self) -> JarCheckpoint {
        let length = self.length.load(Ordering::Acquire);
        if length > 0 {
            self.pending().mark();
        }
        JarCheckpoint { length, next: Writer(self.writers.load(Ordering::Relaxed)) }
    }

    /// Withdraws every write since the mark, and refuses further writes of the writers created
    /// since. Their response is dropped.
    pub(crate) fn roll_back(&self, mark: JarCheckpoint) {
        let since = mark.next..Writer(self.writers.load(Ordering::Relaxed));
        if self.length.load(Ordering::Acquire) > mark.length || !since.is_empty() {
            self.change(|pending| {
                pending.truncate(mark.length);
                pending.give_up(since);
            });
        }
    }

    /// Returns `true` if the response's head was sent, or will never be sent.
    pub(crate) fn is_closed(&self) -> bool {
        self.pending().closed
    }

    /// Refuses every write from now on, and drops writes that were not flushed.
    pub(crate) fn close(&self) {
        self.change(|pending| {
            pending.closed = true;
            pending.clear();
        });
    }

    /// Writes `Set-Cookie`, `Vary`, `Cache-Control` and `Clear-Site-Data`. No other code writes
    /// them. Called by the context's owner.
    pub(crate) fn flush(&self, status: StatusCode, headers: &mut HeaderMap) {
        let credential = self.change(|pending| {
            pending.closed = true;
            // Most responses set nothing.
            !pending.is_empty() && pending.flush(headers)
        });
        self.notes.write(credential, status, headers);
    }
}

/// Returns the lines after the first, and marks all lines as sensitive.
fn crumbs(headers: &mut HeaderMap) -> Vec<HeaderValue> {
    // With as many values as names, no header has several lines.
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

/// Rounds a lifetime up to whole seconds, as `Max-Age` needs. A lifetime below one second must not
/// become zero, which is a removal.
pub(super) fn whole_seconds(age: Lifetime) -> Lifetime {
    let rest = i64::from(age.subsec_nanoseconds() > 0);
    Lifetime::seconds(age.whole_seconds().saturating_add(rest))
}

/// Rounds a configured lifetime up to whole seconds.
#[cfg(any(feature = "refresh", feature = "session"))]
pub(crate) fn max_age(age: std::time::Duration) -> Lifetime {
    let rest = u64::from(age.subsec_nanos() > 0);
    let seconds = i64::try_from(age.as_secs().saturating_add(rest));
    Lifetime::seconds(seconds.unwrap_or(i64::MAX))
}

/// Turns a cookie into a removal that the browser matches to the stored cookie: same name, path,
/// domain and prefix rules, nothing else (CK-18).
pub(crate) fn removal(mut cookie: Cookie<'static>) -> Cookie<'static> {
    // An empty value, `Max-Age=0`, and an `Expires` one year ago for clients without `Max-Age`.
    cookie.make_removal();
    cookie
}

/// Returns `true` if a browser deletes the cookie when it receives this; `Max-Age` wins over
/// `Expires` (CK-17).
pub(crate) fn is_removal(cookie: &Cookie<'_>) -> bool {
    match (cookie.max_age(), cookie.expires_datetime()) {
        (Some(age), _) => !age.is_positive(),
        (None, Some(expires)) => expires <= OffsetDateTime::now_utc(),
        (None, None) => false,
    }
}
