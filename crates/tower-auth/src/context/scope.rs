//! A layer's stay in a request: from its call to its response, or to its future's drop.

use std::sync::Arc;

use http::{Request, Response};
use tower_auth_core::{Auth, Dialect, Events, Rejection, Wiring, caching};

use super::Context;
use crate::inside::Stay;

/// The layers that must not be nested in themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Mark {
    Cookie = 1,
    Csrf = 2,
    Refresh = 4,
    Session = 8,
    Bearer = 16,
}

impl Mark {
    const fn layer(self) -> &'static str {
        match self {
            Self::Cookie => "CookieLayer",
            Self::Csrf => "CsrfLayer",
            Self::Refresh => "RefreshLayer",
            Self::Session => "SessionLayer",
            Self::Bearer => "BearerJwtLayer",
        }
    }
}

/// Held by a layer's future. Its drop clears the layer's mark and withdraws what the layer found,
/// so that a retry passes; the owner's drop without [`finish`](Self::finish) discards every cookie
/// that was not sent.
pub(crate) struct Scope {
    context: Arc<Context>,
    mark: Mark,
    owner: bool,
}

impl Scope {
    /// Enters a request, creating its context if there is none.
    fn open<B>(request: &mut Request<B>, mark: Mark, events: &Events) -> Result<Self, Wiring> {
        let (context, owner) = match Context::of(request.extensions()) {
            Some(context) => (context, false),
            None => {
                let outer = request.extensions().get().cloned();
                let context = Arc::new(Context::new(request, outer, events));
                request.extensions_mut().insert(Auth(context.clone()));
                (context, true)
            }
        };
        if !context.mark(mark) {
            return Err(Wiring {
                layer: mark.layer(),
                problem: "it is nested in itself: install it once around a route",
            });
        }
        Ok(Self { context, mark, owner })
    }

    /// Enters as a layer without a sink does.
    #[cfg(test)]
    pub(crate) fn enter<B>(request: &mut Request<B>, mark: Mark) -> Result<Self, Wiring> {
        Self::open(request, mark, &Events::none())
    }

    /// Enters, or tells of the mistake and refuses the request.
    #[inline]
    pub(crate) fn begin<ReqBody, B>(
        request: &mut Request<ReqBody>,
        mark: Mark,
        events: &Events,
        refuse: impl FnOnce(Rejection, Dialect, &Request<ReqBody>) -> Response<B>,
    ) -> Result<Self, Response<B>> {
        Self::open(request, mark, events).map_err(|wiring| {
            events.wiring(wiring);
            let dialect = Dialect::of(request.method(), request.headers());
            refuse(wiring.into(), dialect, request)
        })
    }

    pub(crate) fn context(&self) -> &Arc<Context> {
        &self.context
    }

    /// Leaves responses that needed an identity to what their handlers say of caching, if this
    /// layer is the context's owner.
    pub(crate) fn allow_caching(&self) {
        if self.owner {
            self.context.jar.allow_caching();
        }
    }

    /// The layer's work is done: the owner writes the headers that the layers asked for.
    pub(crate) fn finish<B>(mut self, response: &mut Response<B>) {
        if self.owner {
            let status = response.status();
            self.context.jar.flush(status, response.headers_mut());
            // Layers in between may have added a field that outranks a refusal's `no-store`.
            if response.extensions().get::<Rejection>().is_some() {
                caching::enforce(response.headers_mut());
            }
            // Flushed is closed.
            self.owner = false;
        }
    }
}

/// For a layer that has nothing to add.
impl<B> Stay<B> for Scope {
    fn finish(self, response: &mut Response<B>) {
        self.finish(response);
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        if matches!(self.mark, Mark::Session | Mark::Bearer) {
            let mut shared = self.context.shared();
            shared.found.clear(self.mark);
        }
        self.context.unmark(self.mark);
        if self.owner {
            self.context.jar.close();
        }
    }
}
