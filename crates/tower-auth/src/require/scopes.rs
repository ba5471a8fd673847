//! The scopes that a route needs, as a refusal names them.
//!
//! A client requests what a challenge names. If the challenge named the missing scope alone, a client
//! that gives one scope up for another would be sent back and forth between the two. So a refusal
//! names every scope that the route needs (RFC 6750, 3.1), those of the layers around it included.

use std::borrow::Cow;
use std::sync::Arc;

use http::Response;
use tower_auth_core::Rejection;

/// The scopes of one layer, in the order in which they were given, each of them once.
#[derive(Clone, Debug, Default)]
pub(super) struct Scopes(Option<Arc<[Cow<'static, str>]>>);

impl Scopes {
    pub(super) fn new(all: Vec<Cow<'static, str>>) -> Self {
        let mut distinct: Vec<Cow<'static, str>> = Vec::with_capacity(all.len());
        for scope in all {
            if !distinct.contains(&scope) {
                distinct.push(scope);
            }
        }
        Self((!distinct.is_empty()).then(|| distinct.into()))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|scopes| scopes.iter()).map(AsRef::as_ref)
    }

    /// The refusal that names these scopes, and after them others, separated by spaces.
    pub(super) fn refusal(&self, others: &str) -> Rejection {
        let mut named: Vec<&str> = self.iter().collect();
        for other in others.split(' ').filter(|other| !other.is_empty()) {
            if !named.contains(&other) {
                named.push(other);
            }
        }
        Rejection::Scope { scope: named.join(" ").into() }
    }

    /// Adds these scopes to a response that refuses for a scope.
    pub(super) fn add_to<B>(&self, response: &mut Response<B>) {
        if self.0.is_none() {
            return;
        }
        if let Some(Rejection::Scope { scope }) = response.extensions().get::<Rejection>() {
            let refusal = self.refusal(scope);
            response.extensions_mut().insert(refusal);
        }
    }
}
