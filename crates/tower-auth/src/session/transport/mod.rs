//! The transport of a session's credential. The seam for sessions in a header and in cookies.

pub(super) mod client_record;
pub(super) mod client_store;
mod last_use;
pub(super) mod mark;
mod pieces;

#[cfg(feature = "csrf")]
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cookie::Cookie;
use memchr::memmem::Finder;
use tower_auth_core::Timestamp;
use tower_auth_core::store::Handle;

use crate::crypto::credential::{Credential, Mint, Verified};
use crate::jar::CookieError;
use crate::jar::elsewhere::is_host_only;
use crate::jar::presented::Presented;
use crate::jar::{is_removal, max_age, removal};
use crate::request::Context;
use crate::session::state::base::Live;
use crate::session::transport::client_record::Held;
use crate::session::transport::pieces::{Own, SESSIONS};

/// The one way there is so far: an opaque cookie.
pub(in crate::session) struct Carrier {
    mint: Mint,
    /// Name and attributes; the value is put in.
    template: Cookie<'static>,
    /// The name, ready to be searched for.
    sought: Finder<'static>,
    /// The octets that the client sends for a credential.
    octets: usize,
    /// Whether this cookie can be in several scopes at once.
    is_scoped: bool,
    /// Where the client keeps the record too.
    pub(in crate::session) held: Option<Held>,
    /// A CSRF layer that was found to read this credential.
    #[cfg(feature = "csrf")]
    fits: OnceLock<Arc<crate::csrf::Config>>,
}

impl Carrier {
    pub(in crate::session) fn new(
        mint: Mint,
        mut template: Cookie<'static>,
        persistent: Option<Duration>,
        held: Option<Held>,
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

    /// Why a CSRF layer outside cannot bind its tokens to this credential.
    #[cfg(feature = "csrf")]
    pub(in crate::session) fn csrf_problem(
        &self,
        csrf: &Arc<crate::csrf::Config>,
    ) -> Option<&'static str> {
        // Both are built once, so nearly every request meets the one that was compared first.
        if self.fits.get().is_some_and(|fits| Arc::ptr_eq(fits, csrf)) {
            return None;
        }
        if csrf.bound_to() != self.name() {
            Some(
                "the CsrfLayer outside binds its tokens to a cookie of another name: give CsrfLayer \
                 .session_cookie the name that .cookie_name was given",
            )
        } else if !csrf.reads(&self.mint) {
            Some(
                "the CsrfLayer outside has another KeyRing than this SessionLayer, so that its \
                 tokens cannot be bound to the session: build both from the same",
            )
        } else {
            let _ = self.fits.set(csrf.clone());
            None
        }
    }

    /// The credentials that the request brought.
    pub(in crate::session) fn read(&self, context: &Context) -> Presented<Verified> {
        let key = |it: &Verified| it.credential.hash();
        context.jar.present(&self.sought, |value| self.mint.read(value), key)
    }

    /// Whether this cookie can be in several scopes at once.
    pub(in crate::session) const fn is_scoped(&self) -> bool {
        self.is_scoped
    }

    /// Keeps room for the credential and, where the client keeps it, for a record with so many bytes
    /// of meta and data. Fails if the cookies of this response leave no room for them.
    pub(in crate::session) fn reserve(
        &self,
        context: &Context,
        meta: usize,
        data: usize,
    ) -> Result<(), CookieError> {
        let record = self.held.as_ref().map_or(0, |held| held.octets(meta, data));
        let names = self.held.iter().flat_map(Held::names);
        context.jar.reserve(names.chain([self.name()]), self.octets + record)
    }

    /// Keeps room for the moment of last use, which the response will set. Without room it is left
    /// out, and the session's idle deadline stays what it was.
    pub(in crate::session) fn reserve_last_use(&self, context: &Context) {
        if let Some(held) = &self.held {
            let name = std::iter::once(held.last_use.name());
            let _ = context.jar.reserve(name, held.last_use.octets());
        }
    }

    /// Gives the client this credential, for which there is room. False where the response's head is
    /// out.
    pub(in crate::session) fn write(&self, context: &Context, credential: &Credential) -> bool {
        let mut cookie = self.template.clone();
        cookie.set_value(self.mint.write(credential));
        context.jar.write_reserved(cookie).is_ok()
    }

    /// Gives the client the record, where it is the one who keeps it.
    pub(in crate::session) fn write_record(&self, context: &Context, live: &Live) {
        let Some(held) = &self.held else { return };
        let handle = &live.credential.handle;
        let own = || self.own(held, context);
        for cookie in held.pieces(context, &self.template, handle, &live.stored, own) {
            // It fails only where the head is out: then the session stays what it was.
            let _ = context.jar.write_reserved(cookie);
        }
    }

    /// The request's cookies beside the credential that are this application's.
    fn own<'a>(&self, held: &'a Held, context: &'a Context) -> Own<'a> {
        let sessions: Vec<Handle> = match self.read(context) {
            Presented::One(it, _) => vec![it.credential.handle],
            Presented::Conflict(all, _) => {
                all.iter().take(SESSIONS).map(|it| it.credential.handle).collect()
            }
            Presented::Absent | Presented::Foreign => Vec::new(),
        };
        held.own(context, &sessions)
    }

    /// Removes this cookie from every other scope, and those of its record, if the request brought
    /// any of them and all are this application's. One is enough: it may lie in the scope from before
    /// a change of `Domain` or `Path`, which the request does not say.
    pub(in crate::session) fn remove_elsewhere(&self, context: &Context) {
        // A cookie that can lie in one scope only is not even read again.
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

    /// Whether the client alone keeps the session, and no store is touched.
    pub(in crate::session) fn is_without_store(&self) -> bool {
        self.held.as_ref().is_some_and(|held| !held.guarded)
    }

    /// Tells the client, where it keeps the record, when the session was last used.
    pub(in crate::session) fn write_last_use(
        &self,
        context: &Context,
        handle: &Handle,
        moment: Timestamp,
    ) {
        if let Some(held) = &self.held {
            let cookie = held.last_use.cookie(&self.template, handle, moment);
            // Into the room that was kept on arrival. It may not fit if it became due only since.
            context.jar.release();
            let _ = context.jar.write_credential(cookie);
        }
    }

    /// Takes the credential from the client.
    pub(in crate::session) fn remove(&self, context: &Context) -> bool {
        if let Some(held) = &self.held {
            held.remove(context, &self.template, &self.own(held, context));
        }
        context.jar.write_credential(removal(self.template.clone())).is_ok()
    }

    /// Takes the credentials that the request brought from the client, in every scope; never a
    /// cookie that this key ring did not make.
    pub(in crate::session) fn remove_own(&self, context: &Context) {
        if self.read(context).is_own() {
            self.remove_elsewhere(context);
            self.remove(context);
        }
    }

    /// Whether the response removes the cookie, as things are.
    pub(in crate::session) fn is_removed(&self, context: &Context) -> bool {
        context.jar.written(self.name()).is_some_and(|it| is_removal(&it))
    }

    /// Takes back what this response has written so far.
    pub(in crate::session) fn withdraw(&self, context: &Context) {
        context.jar.withdraw(self.name());
        if let Some(held) = &self.held {
            held.withdraw(context);
        }
    }
}
