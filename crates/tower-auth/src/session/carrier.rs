//! How a session's credential travels. The seam for sessions in a header and in cookies.

use std::time::Duration;

use cookie::Cookie;
use memchr::memmem::Finder;

use super::cell::Live;
use super::held::Held;
use crate::context::Context;
use crate::cookie::jar::{Found, max_age, removal};
use crate::credential::{Credential, Mint, Verified};

/// The one way there is so far: an opaque cookie.
pub(super) struct Carrier {
    mint: Mint,
    /// Name and attributes; the value is put in.
    template: Cookie<'static>,
    /// The name, ready to be searched for.
    sought: Finder<'static>,
    /// Where the client keeps the record too.
    pub(super) held: Option<Held>,
}

/// What a request brought.
pub(super) enum Presented {
    Nothing,
    /// Not made by this ring, or cut short: as good as nothing.
    Malformed,
    /// Two of them: neither is believed.
    Twice,
    Credential(Verified),
}

impl Carrier {
    pub(super) fn new(
        mint: Mint,
        mut template: Cookie<'static>,
        persistent: Option<Duration>,
        held: Option<Held>,
    ) -> Self {
        let sought = Finder::new(template.name()).into_owned();
        if let Some(age) = persistent {
            template.set_max_age(max_age(age));
        }
        Self { mint, template, sought, held }
    }

    pub(super) fn name(&self) -> &str {
        self.template.name()
    }

    /// Why a CSRF layer outside cannot bind its tokens to this credential.
    #[cfg(feature = "csrf")]
    pub(super) fn csrf_problem(&self, csrf: &crate::csrf::Config) -> Option<&'static str> {
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
            None
        }
    }

    pub(super) fn read(&self, context: &Context) -> Presented {
        match context.jar.seek(&self.sought) {
            Found::Absent => Presented::Nothing,
            Found::Twice => Presented::Twice,
            Found::One(value) => {
                self.mint.read(value).map_or(Presented::Malformed, Presented::Credential)
            }
        }
    }

    /// Gives the client this credential. False where the response's head is out.
    pub(super) fn write(&self, context: &Context, credential: &Credential) -> bool {
        let mut cookie = self.template.clone();
        cookie.set_value(self.mint.write(credential));
        context.jar.write_credential(cookie).is_ok()
    }

    /// Gives the client the record, where it is the one who keeps it.
    pub(super) fn write_record(&self, context: &Context, live: &Live) {
        let Some(held) = &self.held else { return };
        let handle = &live.credential.handle;
        for cookie in held.pieces(context, &self.template, handle, &live.stored) {
            // It fails only where the head is out: then the session stays what it was.
            let _ = context.jar.write_credential(cookie);
        }
    }

    /// Takes the credential from the client.
    pub(super) fn remove(&self, context: &Context) -> bool {
        if let Some(held) = &self.held {
            held.remove(context, &self.template);
        }
        context.jar.write_credential(removal(self.template.clone())).is_ok()
    }

    /// Whether the request brought one, whatever it is worth.
    pub(super) fn is_presented(&self, context: &Context) -> bool {
        !matches!(context.jar.find(self.name()), Found::Absent)
    }

    /// Takes back what was given in this response.
    pub(super) fn withdraw(&self, context: &Context) {
        context.jar.withdraw(self.name());
        if let Some(held) = &self.held {
            held.withdraw(context);
        }
    }
}
