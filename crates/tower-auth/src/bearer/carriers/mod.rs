//! The parts of a request that may carry a token beside the `Authorization` header.
//!
//! A layer without such a setting has no [`Carriers`], and reads the `Authorization` header alone.

mod options;
mod read;
mod setters;

use http::HeaderMap;
use http::header::HeaderName;
use memchr::memmem::Finder;

pub(super) use options::CarrierOptions;
pub(super) use read::Carried;

use crate::jar::Jar;
use crate::jar::vary::{self, Vary};

/// The configured carriers. There is at least one.
pub(super) struct Carriers {
    headers: Vec<HeaderCarrier>,
    cookies: Vec<CookieCarrier>,
    /// The names of query parameters.
    query: Vec<String>,
}

/// A header other than `Authorization`.
struct HeaderCarrier {
    name: HeaderName,
    /// The text before the token; empty if there is none.
    prefix: String,
}

struct CookieCarrier {
    name: String,
    finder: Finder<'static>,
}

impl Carriers {
    /// Marks the headers as sensitive, like the `Authorization` header. The jar marks the cookies.
    pub(super) fn hide(&self, headers: &mut HeaderMap) {
        for carrier in &self.headers {
            if let http::header::Entry::Occupied(mut lines) = headers.entry(&carrier.name) {
                lines.iter_mut().for_each(|line| line.set_sensitive(true));
            }
        }
    }

    /// Notes the cookies that the response depends on. A cache's key contains the query anyway.
    pub(super) fn vary(&self, jar: &Jar) {
        if !self.cookies.is_empty() {
            jar.vary(Vary::Cookie);
        }
    }

    /// Names the headers in the response's `Vary`.
    pub(super) fn add_vary(&self, headers: &mut HeaderMap) {
        self.headers.iter().for_each(|carrier| vary::add_name(&carrier.name, headers));
    }

    /// Returns the names of the cookies.
    #[cfg(feature = "csrf")]
    pub(super) fn cookies(&self) -> impl Iterator<Item = &str> {
        self.cookies.iter().map(|carrier| carrier.name.as_str())
    }
}
