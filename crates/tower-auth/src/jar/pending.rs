//! The cookies that a response will set or remove: a log that can be rolled back.
//!
//! The cost of every step is independent of the number of pending cookies. So the number of cookies
//! in the request, which the client chooses, cannot make a response expensive. Only the scopes of
//! one name are searched one by one, and the application chooses their number.

use std::collections::HashMap;
use std::ops::Range;

use cookie::Cookie;
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};

use super::pairs::pairs;
use super::{CookieError, scope};
use super::{Writer, is_removal};

/// The octets of cookies that one response may make the client send in its `Cookie` header (CK-25).
/// Common servers and proxies accept as much in one header line. A client with more cookies gets
/// 400 or 431 for every request, and cannot even ask to have them removed.
const BUDGET: usize = 8192;

/// The number of writes up to which a search is faster than an index. A search allocates nothing.
const SEARCHED: usize = 8;

#[derive(Default)]
pub(super) struct Pending {
    writes: Vec<Write>,
    /// The newest write of each name. `None` while there are few writes.
    #[allow(clippy::box_collection, reason = "rare, and every request carries its size")]
    index: Option<Box<HashMap<Box<str>, usize>>>,
    /// The octets that the active writes make the client send.
    octets: usize,
    /// The octets that the session will write at the head.
    reserved: usize,
    /// Marks a length to which the log may be rolled back: writes below it stay when they are
    /// replaced.
    marked: usize,
    /// The writers of abandoned attempts. Tasks that these left running must not write: the cookies
    /// belong to the next attempt.
    given_up: Vec<Range<Writer>>,
    pub(super) closed: bool,
}

/// The reason for which a cookie is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Plain,
    /// A credential: the response must not be stored.
    Credential,
    /// The removal of a cookie of the same name in another scope, which is invisible to reads.
    Elsewhere,
}

struct Write {
    cookie: Cookie<'static>,
    role: Role,
    /// The octets that the client will send for the cookie: none for a removal.
    octets: usize,
    state: State,
    /// The write of the same cookie that this write replaces.
    replaces: Option<usize>,
    /// The previous write of the same name.
    before: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    InForce,
    Replaced,
    /// Withdrawn, as if it had never been written.
    Withdrawn,
}

impl Write {
    const fn is_removal(&self) -> bool {
        self.octets == 0
    }

    fn is_in_force(&self) -> bool {
        self.state == State::InForce
    }
}

impl Pending {
    pub(super) const fn len(&self) -> usize {
        self.writes.len()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// Notes that the log may be rolled back to its present length.
    pub(super) const fn mark(&mut self) {
        self.marked = self.writes.len();
    }

    pub(super) fn is_given_up(&self, writer: Writer) -> bool {
        self.given_up.iter().any(|attempt| attempt.contains(&writer))
    }

    pub(super) fn give_up(&mut self, attempt: Range<Writer>) {
        self.given_up.push(attempt);
    }

    /// Returns the cookie that reads return for `name`: the newest that is set, in any scope;
    /// otherwise a removal.
    pub(super) fn written(&self, name: &str) -> Option<&Cookie<'static>> {
        let mut removal = None;
        for write in self.named(name).map(|at| &self.writes[at]) {
            if !write.is_in_force() || write.role == Role::Elsewhere {
                continue;
            }
            if !write.is_removal() {
                return Some(&write.cookie);
            }
            removal = removal.or(Some(&write.cookie));
        }
        removal
    }

    /// Adds a write, which replaces a write of the same cookie, if the cookies of this response
    /// then fit the budget. Removals always fit.
    pub(super) fn write(&mut self, cookie: Cookie<'static>, role: Role) -> Result<(), CookieError> {
        self.check_room(&cookie)?;
        self.put(cookie, role);
        Ok(())
    }

    /// Checks that the cookies of this response, with this cookie, fit the budget.
    pub(super) fn check_room(&self, cookie: &Cookie<'static>) -> Result<(), CookieError> {
        let octets = octets(cookie);
        if octets == 0 {
            return Ok(());
        }
        let same = self.same(cookie).map_or(0, |at| self.writes[at].octets);
        self.check_budget(self.octets - same + octets, self.reserved)
    }

    /// Adds a write, which replaces a write of the same cookie, without checking the budget.
    pub(super) fn put(&mut self, cookie: Cookie<'static>, role: Role) {
        let octets = octets(&cookie);
        let same = self.same(&cookie);
        if role == Role::Elsewhere && same.is_some_and(|at| self.writes[at].role != role) {
            // The scope is not another one: this response sets that same cookie.
            return;
        }
        self.octets = self.octets - same.map_or(0, |at| self.writes[at].octets) + octets;
        if let Some(at) = same {
            self.replace(at);
        }
        self.push(Write {
            cookie,
            role,
            octets,
            state: State::InForce,
            replaces: same,
            before: None,
        });
    }

    const fn check_budget(&self, written: usize, reserved: usize) -> Result<(), CookieError> {
        let octets = written + reserved;
        if octets > BUDGET { Err(CookieError::TooMuch { octets }) } else { Ok(()) }
    }

    /// Reserves `octets` for cookies of these names, which will be written at the head. The total
    /// includes those that are already written. Replaces an earlier reservation.
    #[cfg(feature = "session")]
    pub(super) fn reserve<'n>(
        &mut self,
        names: impl Iterator<Item = &'n str>,
        octets: usize,
    ) -> Result<(), CookieError> {
        let named = names.flat_map(|name| self.named(name)).map(|at| &self.writes[at]);
        let written: usize = named.filter(|it| it.is_in_force()).map(|it| it.octets).sum();
        let reserved = octets.saturating_sub(written);
        self.check_budget(self.octets, reserved)?;
        self.reserved = reserved;
        Ok(())
    }

    /// Writes a cookie into the space that was reserved for it. It may take more: its record has
    /// been saved, and other requests may have made that record larger than it was at the call.
    #[cfg(feature = "session")]
    pub(super) fn write_reserved(&mut self, cookie: Cookie<'static>, role: Role) {
        let before = self.octets;
        self.put(cookie, role);
        self.reserved = self.reserved.saturating_sub(self.octets.saturating_sub(before));
    }

    /// Releases the reserved space.
    #[cfg(feature = "session")]
    pub(super) const fn release(&mut self) {
        self.reserved = 0;
    }

    /// Withdraws every write of that name.
    #[cfg(feature = "session")]
    pub(super) fn withdraw(&mut self, name: &str) {
        // Marked instead of removed, because marks count the writes.
        let mut next = self.newest(name);
        while let Some(at) = next {
            let write = &mut self.writes[at];
            if write.is_in_force() {
                self.octets -= write.octets;
            }
            write.state = State::Withdrawn;
            next = write.before;
        }
    }

    /// Withdraws every write except the oldest `length`.
    pub(super) fn truncate(&mut self, length: usize) {
        while self.writes.len() > length
            && let Some(write) = self.writes.pop()
        {
            if write.is_in_force() {
                self.octets -= write.octets;
            }
            if let Some(index) = &mut self.index {
                point(index, write.cookie.name(), write.before);
            }
            if let Some(replaced) = write.replaces.map(|at| &mut self.writes[at])
                && replaced.state == State::Replaced
            {
                replaced.state = State::InForce;
                self.octets += replaced.octets;
            }
        }
        self.marked = self.marked.min(length);
    }

    /// Drops every write.
    pub(super) fn clear(&mut self) {
        self.writes.clear();
        self.index = None;
        (self.octets, self.reserved, self.marked) = (0, 0, 0);
    }

    /// Writes the cookies into a response, and returns whether one of them is a credential.
    pub(super) fn flush(&mut self, headers: &mut HeaderMap) -> bool {
        debug_assert_eq!(
            self.octets,
            self.writes.iter().filter(|it| it.is_in_force()).map(|it| it.octets).sum::<usize>(),
            "the running count is the sum"
        );
        self.drop_lines_of_ours(headers);
        // Removals in other scopes come first. Old clients equate a `Domain` that equals the host
        // with the host itself, and would otherwise remove the cookie that was just set.
        for elsewhere in [true, false] {
            let lines = self.writes.iter().filter(|it| it.is_in_force());
            for write in lines.filter(|it| (it.role == Role::Elsewhere) == elsewhere) {
                // A checked cookie contains only visible ASCII.
                if let Ok(mut line) = HeaderValue::try_from(write.cookie.to_string()) {
                    line.set_sensitive(true);
                    headers.append(SET_COOKIE, line);
                }
            }
        }
        let is_credential = |it: &Write| it.is_in_force() && it.role != Role::Plain;
        let has_credential = self.writes.iter().any(is_credential);
        self.clear();
        has_credential
    }

    /// Drops a handler's own `Set-Cookie` lines for pending cookies: one response must not set one
    /// cookie twice (CK-03), and the pending cookie wins.
    fn drop_lines_of_ours(&self, headers: &mut HeaderMap) {
        let is_ours = |line: &HeaderValue| {
            // Only before the first semicolon, so that an attribute's name is not taken for the
            // cookie's.
            let line = line.as_bytes();
            let end = memchr::memchr(b';', line).unwrap_or(line.len());
            let name = pairs(&line[..end]).next().map(|(name, _)| name);
            let Some(Ok(name)) = name.map(std::str::from_utf8) else { return false };
            let attributes = line.get(end + 1..).unwrap_or_default();
            self.named(name)
                .map(|at| &self.writes[at])
                .any(|write| write.is_in_force() && scope::is_set_by(&write.cookie, attributes))
        };
        if !headers.get_all(SET_COOKIE).iter().any(is_ours) {
            return;
        }
        let lines: Vec<_> = headers.get_all(SET_COOKIE).iter().cloned().collect();
        headers.remove(SET_COOKIE);
        for line in lines.into_iter().filter(|line| !is_ours(line)) {
            headers.append(SET_COOKIE, line);
        }
    }

    /// Deactivates a write. Also removes it from its name's chain, unless a mark may restore it:
    /// otherwise a cookie that is set repeatedly would make the chain long.
    fn replace(&mut self, at: usize) {
        self.writes[at].state = State::Replaced;
        if at < self.marked {
            return;
        }
        let before = self.writes[at].before;
        let name = self.writes[at].cookie.name();
        if let Some(newer) = self.named(name).take_while(|it| *it != at).last() {
            self.writes[newer].before = before;
        } else if let Some(index) = &mut self.index {
            point(index, name, before);
        }
    }

    fn push(&mut self, mut write: Write) {
        write.before = self.newest(write.cookie.name());
        let at = self.writes.len();
        self.writes.push(write);
        match &mut self.index {
            None if at < SEARCHED => {}
            None => {
                let all = self.writes.iter().enumerate();
                // In order, so that the newest write of a name stays.
                let index = all.map(|(at, it)| (it.cookie.name().into(), at)).collect();
                self.index = Some(Box::new(index));
            }
            Some(index) => point(index, self.writes[at].cookie.name(), Some(at)),
        }
    }

    /// Returns the active write of the same cookie.
    fn same(&self, cookie: &Cookie<'_>) -> Option<usize> {
        self.named(cookie.name()).find(|at| {
            let write = &self.writes[*at];
            write.is_in_force() && scope::is_same(&write.cookie, cookie)
        })
    }

    /// Returns the writes of that name, newest first.
    fn named(&self, name: &str) -> impl Iterator<Item = usize> {
        std::iter::successors(self.newest(name), |at| self.writes[*at].before)
    }

    fn newest(&self, name: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(name).copied(),
            None => self.writes.iter().rposition(|it| it.cookie.name() == name),
        }
    }
}

/// Makes that write the newest of the name in the index. Copies the name only once.
fn point(index: &mut HashMap<Box<str>, usize>, name: &str, newest: Option<usize>) {
    match (newest, index.get_mut(name)) {
        (Some(newest), Some(there)) => *there = newest,
        (Some(newest), None) => drop(index.insert(name.into(), newest)),
        (None, _) => drop(index.remove(name)),
    }
}

/// Returns the octets of the cookie in a `Cookie` header, `name=value; `. A removal has none.
fn octets(cookie: &Cookie<'_>) -> usize {
    if is_removal(cookie) { 0 } else { cookie.name().len() + cookie.value().len() + 3 }
}
