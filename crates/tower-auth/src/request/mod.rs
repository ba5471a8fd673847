//! The state that the layers share during one request: the private type behind core's [`Auth`].
//!
//! The first service that receives a request without a [`Context`] creates and owns it. Only the
//! owner writes headers, after all its layers have handled the response ([`RequestScope::finish`]).

mod auth_results;
mod cookie_guard;
#[cfg(feature = "session")]
pub(crate) mod current;
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
use tower_auth_core::{
    Auth, AuthContext, AuthState, Dialect, Events, Identity, Misconfigured, Rejection,
};

use crate::jar::Jar;
#[cfg(any(feature = "csrf", feature = "refresh", feature = "session"))]
use crate::jar::elsewhere::RequestTarget;
use auth_results::AuthResults;
pub(crate) use auth_results::AuthSource;
pub(crate) use cookie_guard::CookieGuard;
pub(crate) use scope::{LayerFlag, RequestScope};

/// Whether contexts keep their requests' URIs.
///
/// One flag for the process: the layer that needs the URI is built separately from the layer that
/// sees it first, and they have no common state. If no layer needs URIs, a request pays one read of
/// this flag.
#[cfg(feature = "require")]
static KEEPS_URIS: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

/// Makes every context that is created from now on keep its request's URI.
#[cfg(feature = "require")]
pub(crate) fn keep_uris() {
    KEEPS_URIS.store(true, Ordering::Relaxed);
}

/// The shared state of one request.
pub(crate) struct Context {
    /// The format in which this client gets refusals.
    pub(crate) dialect: Dialect,
    /// The cookies of the request and of the response.
    pub(crate) jar: Jar,
    /// The `Auth` that a layer of another crate had inserted, and that this context replaced. Its
    /// state still counts.
    outer: Option<Auth>,
    /// The request's URI as the owner saw it, if a layer may need it.
    #[cfg(feature = "require")]
    uri: Option<Box<http::Uri>>,
    /// The owner's events, for extractors, which have no events of their own.
    events: Events,
    /// The host and path of the request. A layer notes them if the request has the layer's cookie,
    /// and if that cookie can exist in several scopes.
    #[cfg(any(feature = "csrf", feature = "refresh", feature = "session"))]
    place: OnceLock<Box<RequestTarget>>,
    /// The marks of the layers that are active on this request, and the [answers](AuthSource::found) of
    /// the layers that authenticate.
    marks: AtomicU32,
    shared: Mutex<Shared>,
}

#[derive(Default)]
struct Shared {
    found: AuthResults,
    cookies: Option<Arc<crate::cookie::Config>>,
    #[cfg(feature = "session")]
    session: crate::session::LazySession,
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

    /// Returns the context of a request, if the request has passed a layer of this crate.
    pub(crate) fn of(extensions: &Extensions) -> Option<Arc<Self>> {
        let auth: Arc<dyn Any + Send + Sync> = extensions.get::<Auth>()?.0.clone();
        auth.downcast().ok()
    }

    /// Returns the request's URI as the outermost layer of this crate saw it. `None` before a call
    /// of [`keep_uris`].
    #[cfg(feature = "require")]
    pub(crate) fn uri(&self) -> Option<&http::Uri> {
        self.uri.as_deref()
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes the host and path of the request. [`remove_elsewhere`](Self::remove_elsewhere) derives
    /// the other scopes of a cookie from them. An outer router may have removed its prefix from the
    /// URI in `head`, so the original URI is used if it was kept.
    #[cfg(any(feature = "csrf", feature = "refresh", feature = "session"))]
    pub(crate) fn note_place(&self, head: &Parts) {
        self.place.get_or_init(|| {
            let uri = self.original_uri(&head.extensions).unwrap_or(&head.uri);
            Box::new(RequestTarget::new(uri, &head.headers))
        });
    }

    /// Returns the URI before any router changed it, if it was kept.
    #[cfg(any(feature = "csrf", feature = "refresh", feature = "session"))]
    fn original_uri<'a>(&'a self, extensions: &'a Extensions) -> Option<&'a Uri> {
        let kept = axums_uri(extensions);
        #[cfg(feature = "require")]
        let kept = kept.or_else(|| self.uri());
        kept
    }

    /// Removes the cookies of `templates` from every other scope that may hold them, if a layer has
    /// noted the host and path of the request.
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

    /// Marks a layer as active. Returns `false` if the layer was active already. The mark publishes
    /// no data to other threads, so the relaxed order suffices.
    fn mark(&self, mark: LayerFlag) -> bool {
        self.marks.fetch_or(mark as u32, Ordering::Relaxed) & mark as u32 == 0
    }

    /// Clears `marks`, and withdraws the answers of their layers.
    fn unmark(&self, marks: u32) {
        let (mut found, mut nothing) = (0, 0);
        for by in AuthSource::among(marks) {
            found |= by.found();
            nothing |= by.nothing();
        }
        if self.marks.load(Ordering::Relaxed) & found != 0 {
            let mut shared = self.shared();
            AuthSource::among(marks).for_each(|by| shared.found.clear(by));
        }
        self.marks.fetch_and(!(marks | found | nothing), Ordering::Relaxed);
    }

    /// Returns `true` if the layer of `mark` is active on this request.
    pub(crate) fn is_marked(&self, mark: LayerFlag) -> bool {
        self.marks.load(Ordering::Relaxed) & mark as u32 != 0
    }

    /// Notes the answer of an authenticating layer, and inserts a known identity into the
    /// extensions. All layers of this crate that authenticate call this method.
    pub(crate) fn authenticate(
        &self,
        by: AuthSource,
        found: AuthState,
        extensions: &mut Extensions,
    ) -> Result<(), Rejection> {
        let answer = match found {
            // Nothing to store, so no lock is needed.
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
        by: AuthSource,
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

    /// Notes that an authenticating layer skips this route.
    #[cfg(feature = "session")]
    pub(crate) fn skip(&self, by: AuthSource, misconfigured: &'static Misconfigured) {
        self.shared().found.leave_out(by, misconfigured);
        self.marks.fetch_or(by.found(), Ordering::Relaxed);
    }

    pub(crate) fn cookies(&self) -> Option<Arc<crate::cookie::Config>> {
        self.shared().cookies.clone()
    }

    pub(crate) fn set_cookies(&self, config: Arc<crate::cookie::Config>) {
        self.shared().cookies = Some(config);
    }

    #[cfg(feature = "session")]
    pub(crate) fn session<R>(&self, with: impl FnOnce(&mut crate::session::LazySession) -> R) -> R {
        with(&mut self.shared().session)
    }

    #[cfg(feature = "csrf")]
    pub(crate) fn csrf(&self) -> Option<Arc<crate::csrf::Config>> {
        self.shared().csrf.clone()
    }

    /// Calls `ask` with the configuration of the outer CSRF layer, if there is one.
    #[cfg(all(feature = "csrf", any(feature = "_bearer", feature = "session")))]
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

/// Returns the URI as axum's outermost router saw it.
#[cfg(all(feature = "axum", any(feature = "csrf", feature = "refresh", feature = "session")))]
fn axums_uri(extensions: &Extensions) -> Option<&Uri> {
    extensions.get::<axum::extract::OriginalUri>().map(|it| &it.0)
}

#[cfg(all(not(feature = "axum"), any(feature = "csrf", feature = "refresh", feature = "session")))]
const fn axums_uri(_: &Extensions) -> Option<&Uri> {
    None
}

impl AuthContext for Context {
    fn state(&self) -> Result<AuthState, Misconfigured> {
        if self.is_unknown_outside() {
            return Ok(AuthState::Unknown);
        }
        let marks = self.marks.load(Ordering::Relaxed);
        let own = self.shared().found.state(AuthSource::answered(marks));
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
