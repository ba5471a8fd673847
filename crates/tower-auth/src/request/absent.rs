//! Replaces the shared context in builds without a layer that shares anything.

use http::Response;
use http::request::Parts;
use tower_auth_core::{Dialect, Events, Misconfigured};

/// No layer is marked.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_enums, reason = "it has no variant, and must never have one")]
pub enum LayerFlag {}

impl LayerFlag {
    pub(crate) const fn nested(self) -> Misconfigured {
        match self {}
    }
}

/// The scope of a service in a request.
#[derive(Debug)]
#[non_exhaustive]
pub struct RequestScope;

impl RequestScope {
    pub(crate) fn open(_: &mut Parts, _: &Events, _: bool) -> Self {
        Self
    }

    pub(crate) const fn without_context() -> Self {
        Self
    }

    pub(crate) fn mark(&mut self, mark: LayerFlag) -> bool {
        match mark {}
    }

    pub(crate) fn make_current(&mut self) -> Option<std::convert::Infallible> {
        None
    }

    pub(crate) fn dialect(&self, head: &Parts) -> Dialect {
        Dialect::of(&head.method, &head.headers)
    }

    pub(crate) fn finish<B>(&mut self, _: &mut Response<B>) {}
}
