//! The scopes that a route requires, as a refusal names them.
//!
//! A client requests the scopes that a challenge names. Suppose that the challenge named only the
//! missing scope. A client that gives up one scope for another would then alternate between the two
//! forever. So a refusal names every scope that the route requires (RFC 6750, 3.1), including those
//! of the layers around it.

use std::borrow::Cow;
use std::sync::Arc;

use http::{Response, StatusCode};
use tower_auth_core::{Rejection, RequiredScopes};

/// The distinct scopes of one layer, in the order of the setter calls.
#[derive(Clone, Debug, Default)]
pub(super) struct Scopes(Option<Arc<Named>>);

#[derive(Debug)]
struct Named {
    all: Vec<Cow<'static, str>>,
    /// All of them, separated by spaces.
    required: RequiredScopes,
}

impl Scopes {
    pub(super) fn new(all: Vec<Cow<'static, str>>) -> Self {
        let mut distinct: Vec<Cow<'static, str>> = Vec::with_capacity(all.len());
        for scope in all {
            if !distinct.contains(&scope) {
                distinct.push(scope);
            }
        }
        Self((!distinct.is_empty()).then(|| {
            let required = RequiredScopes::new(distinct.join(" "));
            Arc::new(Named { all: distinct, required })
        }))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|named| named.all.iter()).map(AsRef::as_ref)
    }

    /// Creates the refusal that names these scopes, then `others`, separated by spaces.
    pub(super) fn refusal(&self, others: &str) -> Rejection {
        Rejection::Scope { scope: self.and(others).into() }
    }

    fn and(&self, others: &str) -> String {
        let mut named: Vec<&str> = self.iter().collect();
        for other in others.split(' ').filter(|other| !other.is_empty()) {
            if !named.contains(&other) {
                named.push(other);
            }
        }
        named.join(" ")
    }

    /// Adds these scopes to a response that refuses for a scope, or because the client must first
    /// authenticate.
    pub(super) fn add_to<B>(&self, response: &mut Response<B>) {
        let Some(own) = &self.0 else { return };
        if response.status() == StatusCode::UNAUTHORIZED {
            let required = match response.extensions().get::<RequiredScopes>() {
                Some(inner) => RequiredScopes::new(self.and(inner.as_str())),
                None => own.required.clone(),
            };
            response.extensions_mut().insert(required);
        } else if let Some(Rejection::Scope { scope }) = response.extensions().get::<Rejection>() {
            let refusal = self.refusal(scope);
            response.extensions_mut().insert(refusal);
        }
    }
}
