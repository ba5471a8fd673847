//! The scope of a service in a request: the time for which it is active.

use std::sync::Arc;

use http::Response;
use http::request::Parts;
use tower_auth_core::{Auth, Dialect, Events, Misconfigured, Rejection, caching};

use super::Context;
#[cfg(feature = "session")]
use super::current::Entered;

/// A layer that must not be nested in itself, as a bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum LayerFlag {
    /// `CookieLayer`
    Cookie = 1,
    /// `CsrfLayer`
    Csrf = 2,
    /// `RefreshLayer`
    Refresh = 4,
    /// `SessionLayer`
    Session = 8,
    /// `BearerJwtLayer`
    Bearer = 16,
}

impl LayerFlag {
    /// The number of context bits for marks. The sources' answers have the others.
    pub(super) const BITS: u32 = 24;

    const fn layer(self) -> &'static str {
        match self {
            Self::Cookie => "CookieLayer",
            Self::Csrf => "CsrfLayer",
            Self::Refresh => "RefreshLayer",
            Self::Session => "SessionLayer",
            Self::Bearer => "BearerJwtLayer",
        }
    }

    /// Returns the misconfiguration of a layer that is nested in itself.
    pub(crate) const fn nested(self) -> Misconfigured {
        Misconfigured {
            layer: self.layer(),
            problem: match self {
                Self::Bearer => {
                    "it is nested in itself: install it once around a route; one layer accepts \
                     tokens of several issuers by BearerJwtLayer::any, in an AuthStack by \
                     .bearer_any"
                }
                _ => "it is nested in itself: install it once around a route",
            },
        }
    }
}

/// The scope of a combined service in a request, one for all its layers.
///
/// Its drop clears the layers' marks and withdraws their answers, so that a retry can enter them
/// again: after a response, an error, a panic, or an early drop. If the owner is dropped without
/// [`finish`](Self::finish), it discards every cookie that was not sent.
pub struct RequestScope {
    /// `None` for layers that share nothing.
    context: Option<Arc<Context>>,
    /// Whether the request is the thread's current one while its handler is polled.
    #[cfg(feature = "session")]
    is_current: bool,
    owner: bool,
    marks: u32,
}

impl RequestScope {
    /// Returns the scope of an outer service's context, or creates the context.
    #[inline]
    pub(crate) fn open(head: &mut Parts, events: &Events, allows_caching: bool) -> Self {
        if let Some(context) = Context::of(&head.extensions) {
            return Self::of(Some(context), false);
        }
        let outer = head.extensions.get().cloned();
        let context = Arc::new(Context::new(head, outer, events));
        if allows_caching {
            context.jar.allow_caching();
        }
        head.extensions.insert(Auth(context.clone()));
        Self::of(Some(context), true)
    }

    /// Creates the scope of layers that share nothing.
    #[inline]
    pub(crate) const fn without_context() -> Self {
        Self::of(None, false)
    }

    const fn of(context: Option<Arc<Context>>, owner: bool) -> Self {
        Self {
            context,
            #[cfg(feature = "session")]
            is_current: false,
            owner,
            marks: 0,
        }
    }

    /// Makes the request the thread's current one whenever its handler is polled.
    #[cfg(feature = "session")]
    pub(crate) fn keep_current(&mut self) {
        self.is_current = true;
    }

    /// Held while the handler is polled.
    #[cfg(feature = "session")]
    #[inline(always)]
    pub(crate) fn make_current(&mut self) -> Option<Entered<'_>> {
        if self.is_current { Entered::new(&mut self.context) } else { None }
    }

    /// No layer uses the current request.
    #[cfg(not(feature = "session"))]
    pub(crate) fn make_current(&mut self) -> Option<std::convert::Infallible> {
        None
    }

    /// Marks a layer as active. Returns `false` if it already is. Each layer is marked when it is
    /// entered, and not a whole stack at once: `CsrfLayer` checks whether a session is *outside*
    /// it.
    #[inline]
    pub(crate) fn mark(&mut self, mark: LayerFlag) -> bool {
        let fresh = self.context().mark(mark);
        if fresh {
            self.marks |= mark as u32;
        }
        fresh
    }

    /// The context, for a layer that shares something.
    #[inline]
    pub(crate) fn context(&self) -> &Arc<Context> {
        self.context.as_ref().expect("a layer that shares has a context")
    }

    /// The context, if this service has one.
    #[cfg(feature = "csrf")]
    pub(crate) fn shared(&self) -> Option<&Context> {
        self.context.as_deref()
    }

    /// Returns the format in which this client gets refusals.
    pub(crate) fn dialect(&self, head: &Parts) -> Dialect {
        match &self.context {
            Some(context) => context.dialect,
            None => Dialect::of(&head.method, &head.headers),
        }
    }

    /// Writes the headers that the layers asked for, if this scope created the context.
    #[inline]
    pub(crate) fn finish<B>(&mut self, response: &mut Response<B>) {
        if self.owner {
            let status = response.status();
            self.context().jar.flush(status, response.headers_mut());
            // Layers in between may have added a field that overrides a refusal's `no-store`.
            if response.extensions().get::<Rejection>().is_some() {
                caching::enforce(response.headers_mut());
            }
            // A flushed jar is closed.
            self.owner = false;
        }
    }
}

impl Drop for RequestScope {
    fn drop(&mut self) {
        let Some(context) = &self.context else { return };
        context.unmark(self.marks);
        if self.owner {
            context.jar.close();
        }
    }
}

#[cfg(test)]
impl RequestScope {
    /// Enters a request as a layer with this mark does.
    pub(crate) fn enter<B>(
        request: &mut http::Request<B>,
        mark: LayerFlag,
    ) -> Result<Self, Misconfigured> {
        let mut head = http::Request::new(()).into_parts().0;
        head.method = request.method().clone();
        std::mem::swap(&mut head.headers, request.headers_mut());
        std::mem::swap(&mut head.extensions, request.extensions_mut());
        let mut scope = Self::open(&mut head, &Events::none(), false);
        std::mem::swap(&mut head.headers, request.headers_mut());
        std::mem::swap(&mut head.extensions, request.extensions_mut());
        if scope.mark(mark) { Ok(scope) } else { Err(mark.nested()) }
    }
}

tower_auth_core::opaque_debug!(RequestScope, "RequestScope");
