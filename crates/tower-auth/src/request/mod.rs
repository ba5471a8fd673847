//! What the layers of one request share: the private side of core's [`Auth`].
//!
//! The service that meets a request without a [`Context`] creates and owns it. The owner alone writes
//! headers, after all its layers have handled the response ([`RequestScope::finish`]).

mod cookie_guard;
#[cfg(feature = "session")]
pub(crate) mod current;
mod found;
mod scope;
#[cfg(test)]
mod tests;

use std::any::Any;
#[cfg(any(feature = "csrf", feature = "refresh", feature = "session"))]
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[cfg(any(feature = "csrf", feature = "refresh", feature = "session"))]
use cookie::Cookie;
use http::Extensions;
#[cfg(any(feature = "csrf", feature = "refresh", feature = "session"))]
use http::Uri;
use http::request::Parts;
use tower_auth_core::{Auth, AuthContext, AuthState, Dialect, Events, Identity, Rejection, Wiring};

use crate::jar::Jar;
#[cfg(any(feature = "csrf", feature = "refresh", feature = "session"))]
use crate::jar::elsewhere::Place;
pub(crate) use cookie_guard::CookieGuard;
use found::Found;
pub(crate) use found::Source;
pub(crate) use scope::{Mark, RequestScope};

/// Whether contexts keep their requests' URIs.
///
/// One for the process: the layer that asks for it is built apart from the one that sees the URI first,
/// and nothing leads from the one to the other. Where none asks, a request pays one look at this.
#[cfg(feature = "require")]
static KEEPS_URIS: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

/// Has every context that is made from now on keep its request's URI.
#[cfg(feature = "require")]
pub(crate) fn keep_uris() {
    KEEPS_URIS.store(true, Ordering::Relaxed);
}

/// One request's common knowledge.
pub(crate) struct Context {
    /// How this client wants to be refused.
    pub(crate) dialect: Dialect,
    /// The request's cookies and the response's.
    pub(crate) jar: Jar,
    /// What a layer of somebody else's had put in its place, which still counts.
    outer: Option<Auth>,
    /// The request's URI as the owner saw it, if a layer may ask for it.
    #[cfg(feature = "require")]
    uri: Option<Box<http::Uri>>,
    /// The owner's, for those who have none: extractors.
    events: Events,
    /// Where the request was sent to, noted by a layer whose cookie came and can lie in several
    /// scopes.
    #[cfg(any(feature = "csrf", feature = "refresh", feature = "session"))]
    place: OnceLock<Box<Place>>,
    /// The marks of the layers that are at work on this request just now, and the
    /// [answers](Source::found) of those that authenticate.
    marks: AtomicU32,
    shared: Mutex<Shared>,
}

#[derive(Default)]
struct Shared {
    found: Found,
    cookies: Option<Arc<crate::cookie::Config>>,
    #[cfg(feature = "session")]
    session: crate::session::Slot,
    #[cfg(feature = "csrf")]
    csrf: Option<Arc<crate::csrf::Config>>,
}

impl Context {
    #[inline(always)]
    fn new(head: &mut Parts, outer: Option<Auth>, events: &Events) -> Self {
        Self {
            dialect: Dialect::of(&head.method, &head.headers),
            jar: Jar::new(&mut head.headers),
            outer,
            #[cfg(feature = "require")]
            uri: KEEPS_URIS.load(Ordering::Relaxed).then(|| Box::new(head.uri.clone())),
            events: events.clone(),
            #[cfg(any(feature = "csrf", feature = "refresh", feature = "session"))]
            place: OnceLock::new(),
            marks: AtomicU32::new(0),
            shared: Mutex::default(),
        }
    }

    /// The context of a request, if one of our layers is outside.
    pub(crate) fn of(extensions: &Extensions) -> Option<Arc<Self>> {
        let auth: Arc<dyn Any + Send + Sync> = extensions.get::<Auth>()?.0.clone();
        auth.downcast().ok()
    }

    /// The request's URI as the outermost of our layers saw it; `None` until
    /// [`keep_uris`] was called.
    #[cfg(feature = "require")]
    pub(crate) fn uri(&self) -> Option<&http::Uri> {
        self.uri.as_deref()
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes where the request was sent to: cookies in other scopes are removed by it. `head` is what
    /// the layer sees; a router may have stripped the prefix that it nests under from its URI.
    #[cfg(any(feature = "csrf", feature = "refresh", feature = "session"))]
    pub(crate) fn note_place(&self, head: &Parts) {
        self.place.get_or_init(|| {
            let uri = self.original_uri(&head.extensions).unwrap_or(&head.uri);
            Box::new(Place::new(uri, &head.headers))
        });
    }

    /// The URI before any router has changed it, as far as it was kept.
    #[cfg(any(feature = "csrf", feature = "refresh", feature = "session"))]
    fn original_uri<'a>(&'a self, extensions: &'a Extensions) -> Option<&'a Uri> {
        let kept = axums_uri(extensions);
        #[cfg(feature = "require")]
        let kept = kept.or_else(|| self.uri());
        kept
    }

    /// Removes these cookies from every other scope that they may lie in, if a layer has noted where
    /// the request was sent to.
    #[cfg(any(feature = "csrf", feature = "refresh", feature = "session"))]
    pub(crate) fn remove_elsewhere(&self, templates: &[Cookie<'static>]) {
        let Some(place) = self.place.get() else { return };
        #[cfg(feature = "csrf")]
        let csrf = self.csrf();
        #[cfg(feature = "csrf")]
        let public = csrf.as_ref().and_then(|it| it.public_host());
        #[cfg(not(feature = "csrf"))]
        let public = None;
        self.jar.remove_all_elsewhere(templates, place, public);
    }

    /// Marks a layer as at work; false where it is already. The mark carries no data from thread to
    /// thread, so no order is asked for.
    fn mark(&self, mark: Mark) -> bool {
        self.marks.fetch_or(mark as u32, Ordering::Relaxed) & mark as u32 == 0
    }

    /// Clears these layers' marks, and withdraws what they found.
    fn unmark(&self, marks: u32) {
        let (mut found, mut nothing) = (0, 0);
        for by in Source::among(marks) {
            found |= by.found();
            nothing |= by.nothing();
        }
        if self.marks.load(Ordering::Relaxed) & found != 0 {
            let mut shared = self.shared();
            Source::among(marks).for_each(|by| shared.found.clear(by));
        }
        self.marks.fetch_and(!(marks | found | nothing), Ordering::Relaxed);
    }

    /// Whether that layer is at work on this request.
    pub(crate) fn is_marked(&self, mark: Mark) -> bool {
        self.marks.load(Ordering::Relaxed) & mark as u32 != 0
    }

    /// Notes what an authenticating layer found, and puts a known identity into the extensions:
    /// the one way in which our layers do.
    pub(crate) fn authenticate(
        &self,
        by: Source,
        found: AuthState,
        extensions: &mut Extensions,
    ) -> Result<(), Rejection> {
        let answer = match found {
            // Nothing to keep, and so nothing to lock.
            AuthState::Anonymous => by.nothing(),
            found => {
                self.note(by, found, extensions)?;
                by.found()
            }
        };
        self.marks.fetch_or(answer, Ordering::Relaxed);
        Ok(())
    }

    fn note(
        &self,
        by: Source,
        found: AuthState,
        extensions: &mut Extensions,
    ) -> Result<(), Rejection> {
        let mut shared = self.shared();
        match &found {
            AuthState::Anonymous => {}
            AuthState::Unknown => {
                extensions.remove::<Identity>();
            }
            AuthState::Known(_) if shared.found.is_unknown() || self.is_unknown_outside() => {}
            AuthState::Known(identity) => identity.clone().insert_into(extensions)?,
        }
        shared.found.set(by, found);
        Ok(())
    }

    fn is_unknown_outside(&self) -> bool {
        let outer = self.outer.as_ref().map(|auth| auth.0.state());
        matches!(outer, Some(Ok(AuthState::Unknown)))
    }

    /// Notes that an authenticating layer was told to leave this route out.
    #[cfg(feature = "session")]
    pub(crate) fn skip(&self, by: Source, wiring: &'static Wiring) {
        self.shared().found.leave_out(by, wiring);
        self.marks.fetch_or(by.found(), Ordering::Relaxed);
    }

    pub(crate) fn cookies(&self) -> Option<Arc<crate::cookie::Config>> {
        self.shared().cookies.clone()
    }

    pub(crate) fn set_cookies(&self, config: Arc<crate::cookie::Config>) {
        self.shared().cookies = Some(config);
    }

    #[cfg(feature = "session")]
    pub(crate) fn session<R>(&self, with: impl FnOnce(&mut crate::session::Slot) -> R) -> R {
        with(&mut self.shared().session)
    }

    #[cfg(feature = "csrf")]
    pub(crate) fn csrf(&self) -> Option<Arc<crate::csrf::Config>> {
        self.shared().csrf.clone()
    }

    /// What the CSRF layer outside comes to, if there is one.
    #[cfg(all(feature = "csrf", feature = "session"))]
    pub(crate) fn with_csrf<T>(
        &self,
        ask: impl FnOnce(&Arc<crate::csrf::Config>) -> Option<T>,
    ) -> Option<T> {
        self.shared().csrf.as_ref().and_then(ask)
    }

    #[cfg(feature = "csrf")]
    pub(crate) fn set_csrf(&self, config: Arc<crate::csrf::Config>) {
        self.shared().csrf = Some(config);
    }
}

/// The URI as axum's outermost router saw it.
#[cfg(all(feature = "axum", any(feature = "csrf", feature = "refresh", feature = "session")))]
fn axums_uri(extensions: &Extensions) -> Option<&Uri> {
    extensions.get::<axum::extract::OriginalUri>().map(|it| &it.0)
}

#[cfg(all(not(feature = "axum"), any(feature = "csrf", feature = "refresh", feature = "session")))]
const fn axums_uri(_: &Extensions) -> Option<&Uri> {
    None
}

impl AuthContext for Context {
    fn state(&self) -> Result<AuthState, Wiring> {
        if self.is_unknown_outside() {
            return Ok(AuthState::Unknown);
        }
        let marks = self.marks.load(Ordering::Relaxed);
        let own = self.shared().found.state(Source::answered(marks));
        match &self.outer {
            Some(outer) => own.or_else(|_| outer.0.state()),
            None => own,
        }
    }

    fn events(&self) -> Events {
        self.events.clone()
    }

    fn identity_used(&self) {
        self.jar.private();
        if let Some(outer) = &self.outer {
            outer.0.identity_used();
        }
    }
}
