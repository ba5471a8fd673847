//! The cookies of this application beside the credential.
//!
//! Another application on this host, and other hosts under the same domain, may set cookies of
//! these names. A cookie that this key ring did not make is never removed. A single piece of a
//! record proves nothing. A piece is this application's if it is part of a record that decrypts,
//! and records decrypt only for a session whose credential the request presented.

use cookie::Cookie;
use tower_auth_core::store::RecordId;

use crate::jar::removal;
use crate::request::Context;
use crate::session::transport::cookie_record::{
    ATTEMPTS, CookieRecord, PIECES, bound_to, may_begin,
};

/// The number of sessions whose records are searched. Each session is tried with every piece.
pub(in crate::session) const SESSIONS: usize = 8;

/// The values under each piece's name that are part of a record of this application.
pub(in crate::session) struct Own<'a>([Vec<&'a [u8]>; PIECES]);

impl Own<'_> {
    /// Returns `true` if the request presented piece number `at`.
    pub(in crate::session) const fn has(&self, at: usize) -> bool {
        !self.0[at].is_empty()
    }
}

impl CookieRecord {
    /// Returns the pieces that the request presented of these sessions' records.
    pub(in crate::session) fn own<'a>(
        &'a self,
        context: &'a Context,
        sessions: &[RecordId],
    ) -> Own<'a> {
        let [name, second_name] = self.names();
        let mut own = Own(std::array::from_fn(|_| Vec::new()));
        let opens = |count: u8, text: &[u8]| {
            let mut sessions = sessions.iter().take(SESSIONS);
            sessions.any(|id| self.sealer.open(&bound_to(count, id), text).is_some())
        };
        for value in context.jar.values(name).filter(may_begin).take(ATTEMPTS[0]) {
            match value.split_first() {
                Some((count @ b'1', text)) if opens(*count, text) => own.0[0].push(value),
                Some((count @ b'2', text)) => {
                    let mut seconds = context.jar.values(second_name).take(ATTEMPTS[1]);
                    let second = seconds.find(|second| opens(*count, &[text, second].concat()));
                    if let Some(second) = second {
                        own.0[0].push(value);
                        own.0[1].push(second);
                    }
                }
                _ => {}
            }
        }
        own
    }

    /// Removes this application's cookies among those of the request, and the cookies that this
    /// response has set.
    pub(in crate::session) fn remove(
        &self,
        context: &Context,
        template: &Cookie<'static>,
        own: &Own<'_>,
    ) {
        for (at, name) in self.names().into_iter().enumerate() {
            if own.has(at) || context.jar.written(name).is_some() {
                // Fails only if the head was already sent, and then no cookie needs removing
                // either.
                let _ = context.jar.write_credential(removal_of(name, template));
            }
        }
        let name = self.last_use.name();
        let mut values = context.jar.values(name);
        if values.any(|value| self.last_use.is_own(value)) || context.jar.written(name).is_some() {
            let _ = context.jar.write_credential(removal_of(name, template));
        }
    }

    /// Returns removals of the cookies to be removed from other scopes with the credential, with
    /// the attributes of `template`. They are those cookies of which every presented value is this
    /// application's. A single value may exist in another scope too: as a piece of a record that
    /// was larger than the record in this scope.
    pub(in crate::session) fn removable(
        &self,
        context: &Context,
        template: &Cookie<'static>,
        own: &Own<'_>,
    ) -> Vec<Cookie<'static>> {
        let is_whole = |at: usize, name: &str| {
            own.has(at) && context.jar.values(name).all(|value| own.0[at].contains(&value))
        };
        let names = self.names().into_iter().enumerate();
        let pieces = names.filter(|(at, name)| is_whole(*at, name)).map(|(_, name)| name);
        let used = self.last_use.name();
        let mut uses = context.jar.values(used).peekable();
        let used = (uses.peek().is_some() && uses.all(|value| self.last_use.is_own(value)))
            .then_some(used);
        pieces.chain(used).map(|name| removal_of(name, template)).collect()
    }
}

fn removal_of(name: &str, template: &Cookie<'static>) -> Cookie<'static> {
    let mut cookie = template.clone();
    cookie.set_name(name.to_owned());
    removal(cookie)
}
