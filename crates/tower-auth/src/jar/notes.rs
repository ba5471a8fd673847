//! The fields of a response's head beside its cookies: caching, and dependence on the request.

use std::sync::atomic::{AtomicU8, Ordering};

use http::header::{CACHE_CONTROL, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};
use tower_auth_core::caching;

use super::vary::Vary;

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// The response must not be stored. The bits of [`Vary`] are beside this one.
const NO_STORE: u8 = 1;
/// A handler got a known identity, so the response is private.
const PRIVATE: u8 = 16;
/// The context's owner leaves the caching of private responses to the handler.
const CACHING_ALLOWED: u8 = 32;
/// The browser must clear its cache.
const CLEAR_CACHE: u8 = 64;

/// Notes that the layers of a request collect and the context's owner writes.
pub(super) struct Notes(AtomicU8);

impl Notes {
    #[inline]
    pub(super) const fn new() -> Self {
        Self(AtomicU8::new(0))
    }

    fn note(&self, bit: u8) {
        self.0.fetch_or(bit, Ordering::Relaxed);
    }

    pub(super) fn vary(&self, on: Vary) {
        self.note(on as u8);
    }

    pub(super) fn no_store(&self) {
        self.note(NO_STORE);
    }

    pub(super) fn private(&self) {
        self.note(PRIVATE);
    }

    pub(super) fn allow_caching(&self) {
        self.note(CACHING_ALLOWED);
    }

    #[cfg(feature = "session")]
    pub(super) fn clear_cache(&self) {
        self.note(CLEAR_CACHE);
    }

    /// Writes `Cache-Control`, `Vary` and `Clear-Site-Data`. `credential` is `true` if the response
    /// sets a credential.
    #[inline]
    pub(super) fn write(&self, credential: bool, status: StatusCode, headers: &mut HeaderMap) {
        let notes = self.0.load(Ordering::Relaxed);
        if !credential && notes & !CACHING_ALLOWED == 0 {
            return;
        }
        if credential || notes & NO_STORE != 0 || is_private(notes, status, headers) {
            caching::no_store(headers);
        }
        if notes & CLEAR_CACHE != 0 {
            clear_cache(headers);
        }
        // If a response is not stored, no cache selects it by its request's token. `Vary: Cookie`
        // stays: it costs nothing, and some caches store responses in spite of `no-store`.
        let is_no_store = || caching::is_no_store(headers);
        let vary = if Vary::Authorization.is_in(notes) && is_no_store() {
            notes & !(Vary::Authorization as u8)
        } else {
            notes
        };
        Vary::write(vary, headers);
    }
}

/// Returns `true` if the response is private and its handler set no `Cache-Control`. Caches do not
/// store a 101.
fn is_private(notes: u8, status: StatusCode, headers: &HeaderMap) -> bool {
    notes & (PRIVATE | CACHING_ALLOWED) == PRIVATE
        && status != StatusCode::SWITCHING_PROTOCOLS
        && !headers.contains_key(CACHE_CONTROL)
}

/// Adds `"cache"` to a handler's `Clear-Site-Data`. Never adds `"cookies"`, which clears the whole
/// registrable domain, with the cookies of other applications.
fn clear_cache(headers: &mut HeaderMap) {
    let lines = headers.get_all(&CLEAR_SITE_DATA).iter().map(HeaderValue::as_bytes);
    let mut types = lines.flat_map(|line| line.split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    if !types.any(|it| it == b"\"cache\"" || it == b"\"*\"") {
        headers.append(CLEAR_SITE_DATA, HeaderValue::from_static("\"cache\""));
    }
}
