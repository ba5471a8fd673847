//! How a session's credential travels. The seam for sessions in a header and in cookies.

use std::time::Duration;

use cookie::Cookie;
use memchr::memmem::Finder;

use crate::context::Context;
use crate::cookie::jar::{Found, removal};
use crate::credential::{Credential, Mint, Verified};

/// The one way there is so far: an opaque cookie.
pub(super) struct Carrier {
    mint: Mint,
    /// Name and attributes; the value is put in.
    template: Cookie<'static>,
    /// The name, ready to be searched for.
    sought: Finder<'static>,
    /// Whether the cookie outlives the browser, and then for how long.
    persistent: Option<Duration>,
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
    pub(super) fn new(mint: Mint, template: Cookie<'static>, persistent: Option<Duration>) -> Self {
        let sought = Finder::new(template.name()).into_owned();
        Self { mint, template, sought, persistent }
    }

    pub(super) fn name(&self) -> &str {
        self.template.name()
    }

    pub(super) fn read(&self, context: &Context) -> Presented {
        if !context.jar.may_hold(&self.sought) {
            return Presented::Nothing;
        }
        match context.jar.find(self.name()) {
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
        if let Some(age) = self.persistent {
            let seconds = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
            cookie.set_max_age(cookie::time::Duration::seconds(seconds));
        }
        context.jar.write_credential(cookie).is_ok()
    }

    /// Takes the credential from the client.
    pub(super) fn remove(&self, context: &Context) -> bool {
        context.jar.write_credential(removal(self.template.clone())).is_ok()
    }

    /// Whether the request brought one, whatever it is worth.
    pub(super) fn is_presented(&self, context: &Context) -> bool {
        !matches!(context.jar.find(self.name()), Found::Absent)
    }

    /// Takes back what was given in this response.
    pub(super) fn withdraw(&self, context: &Context) {
        context.jar.withdraw(self.name());
    }
}
