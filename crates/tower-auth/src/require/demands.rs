//! What is asked of a request, and whether it meets it.

use std::borrow::Cow;
use std::time::Duration;

use http::Extensions;
use tower_auth_core::{AuthState, Clock, Identity, Rejection, Timestamp, Wiring};

use super::scopes::Scopes;

/// By how much another machine's clock may be ahead of ours.
const SKEW: Duration = Duration::from_secs(60);

/// All of these are needed.
#[derive(Debug, Default)]
pub(super) struct Demands {
    pub(super) scopes: Scopes,
    pub(super) roles: Vec<Cow<'static, str>>,
    /// Of each of these lists one.
    pub(super) any_roles: Vec<Vec<Cow<'static, str>>>,
    pub(super) max_age: Option<Duration>,
    pub(super) clock: Clock,
}

impl Demands {
    pub(super) fn check(&self, extensions: &Extensions) -> Result<(), Rejection> {
        match AuthState::used(extensions) {
            Ok(AuthState::Known(identity)) => self.check_identity(&identity),
            Ok(AuthState::Anonymous) => Err(Rejection::Anonymous),
            Ok(AuthState::Unknown) => Err(Rejection::Unavailable),
            Err(Wiring::NO_AUTHENTICATION) => {
                Err(Wiring { layer: "RequireLayer", ..Wiring::NO_AUTHENTICATION }.into())
            }
            Err(wiring) => Err(wiring.into()),
        }
    }

    /// The age comes last: nobody is made to log in anew only to learn that it was for nothing.
    fn check_identity(&self, identity: &Identity) -> Result<(), Rejection> {
        if !self.scopes.iter().all(|scope| identity.has_scope(scope)) {
            return Err(self.scopes.refusal(""));
        }
        if let Some(role) = self.roles.iter().find(|it| !identity.has_role(it)) {
            return Err(Rejection::Role { role: role.clone() });
        }
        for any in &self.any_roles {
            if !any.iter().any(|role| identity.has_role(role)) {
                // Built only with a first.
                let role = any.first().cloned().unwrap_or_default();
                return Err(Rejection::Role { role });
            }
        }
        match self.max_age {
            Some(max_age) if !is_recent(identity, max_age, self.clock.now()) => {
                Err(Rejection::TooOld { max_age })
            }
            _ => Ok(()),
        }
    }
}

/// Unknown is not recent, and neither is a moment that no skew of clocks explains.
fn is_recent(identity: &Identity, max_age: Duration, now: Timestamp) -> bool {
    identity.authenticated_at().is_some_and(|at| now.since(at) <= max_age && at.since(now) <= SKEW)
}
