//! The transport of a session's credential. A transport in a header, or in cookies, would be added
//! here.

pub(super) mod cookie_record;
pub(super) mod cookie_store;
mod last_use;
pub(super) mod marker;
mod pieces;

#[cfg(feature = "csrf")]
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cookie::Cookie;
use memchr::memmem::Finder;
use tower_auth_core::Timestamp;
use tower_auth_core::store::RecordId;

use crate::crypto::credential::{Credential, Mint, Verified};
use crate::jar::CookieError;
use crate::jar::elsewhere::is_host_only;
use crate::jar::presented::Presented;
use crate::jar::{is_removal, max_age, removal};
use crate::request::Context;
use crate::session::state::loaded::Live;
use crate::session::transport::cookie_record::CookieRecord;
use crate::session::transport::pieces::{Own, SESSIONS};

/// The only transport so far: an opaque cookie.
pub(in crate::session) struct Transport {
    mint: Mint,
    /// Name and attributes. The value is set for each cookie.
    template: Cookie<'static>,
    /// The name, prepared for searching.
    sought: Finder<'static>,
    /// The octets that the client sends for a credential.
    octets: usize,
    /// Whether this cookie can exist in several scopes at once.
    is_scoped: bool,
    /// Present if the client also keeps the record.
    pub(in crate::session) held: Option<CookieRecord>,
    /// The CSRF layer that was found to read this credential.
    #[cfg(feature = "csrf")]
    fits: OnceLock<Arc<crate::csrf::Config>>,
}

impl Transport {
    pub(in crate::session) fn new(
        mint: Mint,
        mut template: Cookie<'static>,
        persistent: Option<Duration>,
        held: Option<CookieRecord>,
    ) -> Self {
        let sought = Finder::new(template.name()).into_owned();
        if let Some(age) = persistent {
            template.set_max_age(max_age(age));
        }
        let text = mint.write(&Credential::random()).len();
        let octets = template.name().len() + text + "=; ".len();
        let is_scoped = !is_host_only(template.name());
        Self {
            mint,
            template,
            sought,
            octets,
            is_scoped,
            held,
            #[cfg(feature = "csrf")]
            fits: OnceLock::new(),
        }
    }

    pub(in crate::session) fn name(&self) -> &str {
        self.template.name()
    }

    /// Returns the reason why an outer CSRF layer cannot bind its tokens to this credential.
    #[cfg(feature = "csrf")]
    pub(in crate::session) fn csrf_problem(
        &self,
        csrf: &Arc<crate::csrf::Config>,
    ) -> Option<&'static str> {
        // Both layers are built once, so nearly every request meets the layer that was compared
        // first.
        if self.fits.get().is_some_and(|fits| Arc::ptr_eq(fits, csrf)) {
            return None;
        }
        if csrf.bound_to() != self.name() {
            Some(
                "the outer CsrfLayer binds its tokens to a cookie of another name: set CsrfLayer's \
                 .session_cookie to the name of this layer's .cookie_name",
            )
        } else if !csrf.reads(&self.mint) {
            Some(
                "the outer CsrfLayer has another KeyRing than this SessionLayer, so its tokens \
                 cannot be bound to the session: build both from one KeyRing",
            )
        } else {
            let _ = self.fits.set(csrf.clone());
            None
        }
    }

    /// Returns the credentials that the request presented.
    pub(in crate::session) fn read(&self, context: &Context) -> Presented<Verified> {
        let key = |it: &Verified| it.credential.hash();
        context.jar.present(&self.sought, |value| self.mint.read(value), key)
    }

    /// Returns `true` if this cookie can exist in several scopes at once.
    pub(in crate::session) const fn is_scoped(&self) -> bool {
        self.is_scoped
    }

    /// Reserves space for the credential and, if the client keeps the record, for a record with
    /// `meta` and `data` bytes. Fails if the cookies of this response leave no space for them.
    pub(in crate::session) fn reserve(
        &self,
        context: &Context,
        meta: usize,
        data: usize,
    ) -> Result<(), CookieError> {
        let record = self.held.as_ref().map_or(0, |held| held.octets(meta, data));
        let names = self.held.iter().flat_map(CookieRecord::names);
        context.jar.reserve(names.chain([self.name()]), self.octets + record)
    }

    /// Reserves space for the time of last use, which the response will set. Without space, the
    /// response omits it, and the session's idle deadline does not move.
    pub(in crate::session) fn reserve_last_use(&self, context: &Context) {
        if let Some(held) = &self.held {
            let name = std::iter::once(held.last_use.name());
            let _ = context.jar.reserve(name, held.last_use.octets());
        }
    }

    /// Writes this credential, for which space was reserved. Returns `false` if the response's head
    /// was already sent.
    pub(in crate::session) fn write(&self, context: &Context, credential: &Credential) -> bool {
        let mut cookie = self.template.clone();
        cookie.set_value(self.mint.write(credential));
        context.jar.write_reserved(cookie).is_ok()
    }

    /// Writes the record, if the client keeps it.
    pub(in crate::session) fn write_record(&self, context: &Context, live: &Live) {
        let Some(held) = &self.held else { return };
        let id = &live.credential.id;
        let own = || self.own(held, context);
        for cookie in held.pieces(context, &self.template, id, &live.stored, own) {
            // Fails only if the head was already sent; the session then stays unchanged.
            let _ = context.jar.write_reserved(cookie);
        }
    }

    /// Returns the cookies of this application that the request presented beside the credential.
    fn own<'a>(&self, held: &'a CookieRecord, context: &'a Context) -> Own<'a> {
        let sessions: Vec<RecordId> = match self.read(context) {
            Presented::One(it, _) => vec![it.credential.id],
            Presented::Conflict(all, _) => {
                all.iter().take(SESSIONS).map(|it| it.credential.id).collect()
            }
            Presented::Absent | Presented::Foreign => Vec::new(),
        };
        held.own(context, &sessions)
    }

    /// Removes this cookie, and those of its record, from every other scope, if the request
    /// presented any and all of them are this application's. A single one suffices: its scope may
    /// date from before a change of `Domain` or `Path`, which the request does not show.
    pub(in crate::session) fn remove_elsewhere(&self, context: &Context) {
        // A cookie that can exist in one scope only need not be read again.
        if !self.is_scoped() || !self.read(context).is_only_own() {
            return;
        }
        let held = self.held.as_ref().map(|held| {
            let own = self.own(held, context);
            held.removable(context, &self.template, &own)
        });
        let templates = std::iter::once(self.template.clone()).chain(held.into_iter().flatten());
        context.remove_elsewhere(&templates.collect::<Vec<_>>());
    }

    /// Returns `true` if only the client keeps the session, and no store is used.
    pub(in crate::session) fn is_without_store(&self) -> bool {
        self.held.as_ref().is_some_and(|held| !held.guarded)
    }

    /// Writes the time of last use, if the client keeps the record.
    pub(in crate::session) fn write_last_use(
        &self,
        context: &Context,
        id: &RecordId,
        moment: Timestamp,
    ) {
        if let Some(held) = &self.held {
            let cookie = held.last_use.cookie(&self.template, id, moment);
            // Uses the space that was reserved on arrival. If the cookie became due later, it may
            // not fit.
            context.jar.release();
            let _ = context.jar.write_credential(cookie);
        }
    }

    /// Removes the credential from the client.
    pub(in crate::session) fn remove(&self, context: &Context) -> bool {
        if let Some(held) = &self.held {
            held.remove(context, &self.template, &self.own(held, context));
        }
        context.jar.write_credential(removal(self.template.clone())).is_ok()
    }

    /// Removes the credentials that the request presented, in every scope. Never removes a cookie
    /// that this key ring did not make.
    pub(in crate::session) fn remove_own(&self, context: &Context) {
        if self.read(context).is_own() {
            self.remove_elsewhere(context);
            self.remove(context);
        }
    }

    /// Returns `true` if the response, as it is now, removes the cookie.
    pub(in crate::session) fn is_removed(&self, context: &Context) -> bool {
        context.jar.written(self.name()).is_some_and(|it| is_removal(&it))
    }

    /// Withdraws the cookies that this response has written so far.
    pub(in crate::session) fn withdraw(&self, context: &Context) {
        context.jar.withdraw(self.name());
        if let Some(held) = &self.held {
            held.withdraw(context);
        }
    }
}
