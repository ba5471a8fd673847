//! Cookies that may bind a token.

use memchr::memmem::Finder;

/// The name of a cookie, prepared for the search in every request.
pub(super) struct Sought {
    name: String,
    finder: Finder<'static>,
}

impl Sought {
    pub(super) fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        let finder = Finder::new(&name).into_owned();
        Self { name, finder }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) const fn finder(&self) -> &Finder<'static> {
        &self.finder
    }
}
